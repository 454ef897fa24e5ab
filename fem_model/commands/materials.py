"""`fem-model materials`."""


def materials(name: str | None = None) -> None:
    """The library of materials: each value with its unit, source and confidence.

    Parameters
    ----------
    name
        Only this material.
    """
    from rich.table import Table

    from fem_model.base.terminal import PIPE_WIDTH, terminal
    from fem_model.materials import rows

    table = Table("material", "formula", "quantity", "value", "unit", "confidence", "source")
    for row in rows(name):
        table.add_row(*row)
    terminal(PIPE_WIDTH).print(table)
