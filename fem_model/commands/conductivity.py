"""`fem-model conductivity`."""

from pathlib import Path

from fem_model.commands._options import Flag, Pdf, Set
from fem_model.commands._solver import solver


def conductivity(
    path: Path, *, out: Path | None = None, set_: Set = None, tortuosity: Flag = False, pdf: Pdf = False
) -> None:
    """Effective conductivity in every direction, of a case's microstructure or of a mesh with named regions.

    Parameters
    ----------
    path
        A case file, or a .msh file with lengths in micrometres whose regions are named as the materials.
    out
        Folder for conductivity.json and the figures; by default out/conductivity beside the case file.
    set_
        Override a key of the case; for a mesh, say --set materials.A.sigma="0.5 S/m". May be repeated.
    tortuosity
        Also the tortuosity factor of each material, the others insulating: one more solution each.
    """
    comm = solver()
    from fem_model.tasks.conductivity import conductivity as solve

    solve(path, out, set_ or [], comm, tortuosity, pdf)
