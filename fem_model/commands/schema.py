"""`fem-model schema`."""


def schema() -> None:
    """The JSON schema of a case file, for editors."""
    import json

    from fem_model.case import json_schema

    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
