"""`fem-model verify`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from fem_model.commands._options import Flag, Pdf
from fem_model.commands._solver import solver


def verify(
    *names: str,
    list_: Annotated[Flag, Parameter(name="--list")] = False,
    full: Flag = False,
    out: Path = Path("out/verify"),
    pdf: Pdf = False,
) -> int:
    """Compare with closed forms, exact bounds and published results; exit code 4 if an entry fails.

    Also mpiexec -n N fem-model verify

    Parameters
    ----------
    names
        The checks to run; all without any.
    list_
        List the checks and stop.
    full
        Run the sweeps as well: minutes become tens of minutes.
    out
        Folder for verify.json and the figures.
    """
    comm = solver()
    from fem_model.tasks.verify import list_checks
    from fem_model.tasks.verify import verify as run_checks

    if list_:
        if comm.rank == 0:
            list_checks()
        return 0
    return run_checks(names, full, out, comm, pdf)
