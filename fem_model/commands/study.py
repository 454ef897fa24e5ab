"""`fem-model study`."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from fem_model.commands._options import Flag, Force, Pdf
from fem_model.commands._solver import solver

Small = Annotated[Flag, Parameter(help="Take few patches: the number that the file calls small.")]


def study(
    kind: Literal["ccd"],
    file: Path,
    *,
    small: Small = False,
    out: Path | None = None,
    force: Force = False,
    pdf: Pdf = False,
) -> int:
    """Predict the critical current density of electrolytes from flaws in patches of their electrode.

    Also mpiexec -n N fem-model study ccd STUDY.toml: the ranks share the patches.

    Parameters
    ----------
    kind
        ccd: critical current density.
    file
        A TOML file with a case of a patch, flaws, and electrolytes (docs/ccd.md).
    out
        Folder for tables and figures; by default out/NAME beside the file NAME.toml.
    """
    comm = solver()
    from fem_model.tasks.ccd import study_ccd

    return study_ccd(file, out, comm, small=small, force=force, pdf=pdf)
