"""Series and tables of a run as DataFrames of pandas, which the extra `analysis` brings."""

from typing import TYPE_CHECKING

from fem_model.base.errors import InputError
from fem_model.base.suggestion import nearest
from fem_model.post.analysis import Analysis
from fem_model.post.load import Run
from fem_model.post.tables import TABLES

if TYPE_CHECKING:
    from pandas import DataFrame

SERIES = "series"


def frame_of(run: Run, name: str) -> "DataFrame":
    """The series of a run or one of TABLES. InputError for another name, and where there is no pandas."""
    try:
        from pandas import DataFrame
    except ImportError:
        ways = 'pip install "fem-model[analysis]"'
        raise InputError(f"tables need pandas, which is not installed: {ways}") from None
    if name == SERIES:
        return DataFrame(dict(run.series))
    if name not in TABLES:
        names = [SERIES, *TABLES]
        raise InputError(f"{name}: no table of a run. Allowed: {', '.join(names)}.{nearest(name, names)}")
    table = TABLES[name](Analysis(run))
    return DataFrame(table.values, columns=table.columns)
