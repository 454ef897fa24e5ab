"""`fem-model materials`."""


def materials(name: str | None = None, *, temperature: str | None = None) -> None:
    """The library of materials: each value with its unit, source and confidence.

    Parameters
    ----------
    name
        Only this material.
    temperature
        Temperature of the conductivities, such as "60 degC" or "333 K"; by default 25 degC.
    """
    from rich.table import Table

    from fem_model.base.constants import T_DEFAULT
    from fem_model.base.terminal import PIPE_WIDTH, terminal
    from fem_model.materials import rows

    table = Table("material", "formula", "quantity", "value", "unit", "confidence", "source")
    for row in rows(name, T_DEFAULT if temperature is None else _kelvin(temperature)):
        table.add_row(*row)
    terminal(PIPE_WIDTH).print(table)


def _kelvin(text: str) -> float:
    from fem_model.base.errors import InputError
    from fem_model.case.base import TEMPERATURE

    try:
        return TEMPERATURE.parse(text)
    except ValueError as error:
        raise InputError(f"--temperature {text}: {error}") from None
