"""The JSON schema of a case, for editors."""

from typing import Any

from fem_model.case.case import Case


def json_schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of case.toml: keys with descriptions, quantities with an example."""
    schema: dict[str, Any] = _for_toml(Case.model_json_schema())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _for_toml(node: Any) -> Any:
    """Without null, which TOML does not have, and with the unit in the description of each quantity."""
    if isinstance(node, list):
        return [_for_toml(item) for item in node]
    if not isinstance(node, dict):
        return node
    if {"type": "null"} in node.get("anyOf", ()):
        [option] = [option for option in node["anyOf"] if option != {"type": "null"}]
        rest = {name: item for name, item in node.items() if name != "anyOf" and item is not None}
        node = {**option, **rest}
    if "x-unit" in node:
        unit = f"Text with a unit that converts to {node['x-unit']}, {node['x-range']}."
        node = {**node, "description": f"{node.get('description', '')} {unit}".strip()}
    return {name: _for_toml(item) for name, item in node.items()}
