"""`fem-model converge`."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from fem_model.base.errors import InputError
from fem_model.commands._options import Flag, Force, Pdf, Set, Texts
from fem_model.commands._solver import solver

Quantities = Annotated[
    Texts,
    Parameter(
        help="A column of the series, t_short_s, or sigma_eff_S_m (also sigma_eff_x_S_m), which needs no "
        'run. May be repeated. Columns are taken at the end, or at a time: "tip_m@1 h". By default tip, '
        "voltage and shares."
    ),
]
Times = Annotated[
    Texts,
    Parameter(help='A time for all columns without one of their own, say "30 min". May be repeated.'),
]
Refine = Annotated[
    Literal["mesh", "all", "time"],
    Parameter(
        help="Refined: the cells (mesh), the steps (time), or cells, steps and lam together (all), "
        "with values for lam -> 0; the grains stay."
    ),
]
Resume = Annotated[
    Flag,
    Parameter(help="Keep the levels that are finished, and continue the others from their checkpoints."),
]
Ranks = Annotated[
    int, Parameter(help="Number of MPI ranks for each level; this command itself runs without mpiexec.")
]
Out = Annotated[
    Path | None,
    Parameter(
        help="Folder for the levels and converge.json, .md, .png; by default out/converge_REFINE beside the "
        "case."
    ),
]


def converge(
    case: Path,
    *,
    levels: int = 3,
    ratio: float = 2**0.5,
    refine: Refine = "mesh",
    quantity: Quantities = None,
    at: Times = None,
    ranks: Ranks = 1,
    out: Out = None,
    set_: Set = None,
    force: Force = False,
    resume: Resume = False,
    pdf: Pdf = False,
) -> int:
    """Run a case on ever finer levels: observed order, extrapolated values and their uncertainty.

    Parameters
    ----------
    case
        The case file; as it is, it is the coarsest level.
    levels
        Number of levels.
    ratio
        Factor from each level to the next finer one.
    set_
        Override a key of the case on all levels. May be repeated.
    """
    if solver().size > 1:
        text = "converge starts the ranks of its levels itself: leave out mpiexec, and use --ranks N"
        raise InputError(text)
    from fem_model.tasks.converge import Plan
    from fem_model.tasks.converge import converge as study

    plan = Plan(levels, ratio, refine, quantity or (), at or (), ranks, force, resume, pdf)
    return study(case, out, set_ or [], plan)
