"""`fem-model mesh`."""

from pathlib import Path

from fem_model.commands._options import Set
from fem_model.commands._solver import once


def mesh(
    path: Path,
    *,
    out: Path | None = None,
    set_: Set = None,
    plot: Path | None = None,
    descriptors: Path | None = None,
) -> None:
    """Build the mesh of a case, describe it and its microstructure, and draw it.

    Parameters
    ----------
    path
        A case file; or a .msh file, with lengths in micrometres and named regions, that is only looked at.
    out
        A .msh, .vtu, .xdmf or .vtk file; by default the mesh goes only to the cache, ./meshes or
        $FEM_MODEL_MESHES.
    set_
        Override a key of the case. May be repeated.
    plot
        A .png file for a picture of the mesh.
    descriptors
        A .json file for shares, areas of interfaces, contacts, percolation and two-point probabilities; these
        are also drawn, into a .png file of the same name.
    """
    from fem_model.tasks.mesh import mesh as build_and_describe

    once(lambda: build_and_describe(path, out, set_ or [], plot=plot, descriptors=descriptors))
