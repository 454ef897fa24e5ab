"""`fem-model mesh`: from a case or a mesh file to tables, pictures, descriptors and other formats."""

from collections.abc import Sequence
from pathlib import Path

from fem_model.base.atomic import make_folder_of, write_json
from fem_model.base.errors import InputError
from fem_model.base.terminal import terminal
from fem_model.case import Case, load_case
from fem_model.mesh.cache import build_mesh, cached_mesh, require_room
from fem_model.mesh.descriptors import Descriptors
from fem_model.mesh.descriptors import descriptors as descriptors_of
from fem_model.mesh.export import FORMATS, export_mesh, require_no_export
from fem_model.mesh.statistics import mesh_statistics
from fem_model.tasks.mesh_tables import correlation_table, mesh_table
from fem_model.tasks.taken import show_mesh_taken, show_taken

MSH = ".msh"


def mesh(
    path: Path, out: Path | None, overrides: Sequence[str], *, plot: Path | None, descriptors: Path | None
) -> None:
    """Describe the mesh of a case, or a .msh file, and write what is wanted.

    InputError, before anything is written, if the case, the mesh or the name of a file is wrong.
    """
    require_no_export(path)
    case = None if path.suffix == MSH else load_case(path, overrides)
    if case is None and overrides:
        raise InputError(f"--set {overrides[0]}: {path} is a mesh and has no keys to set")
    if case:
        require_room(case)
    formats = (MSH, *FORMATS) if case else FORMATS
    for file, suffixes in ((out, formats), (plot, (".png",)), (descriptors, (".json",))):
        if file:
            make_folder_of(file, *suffixes)
    msh = _mesh_of(case, out) if case else path
    if case:
        show_taken(case)
    found = descriptors_of(msh) if descriptors else None
    statistics = found.statistics if found else mesh_statistics(msh)
    if case is None:
        show_mesh_taken(path, statistics.cells, statistics.extent, statistics.notes)
    mesh_table(msh, statistics, case)
    if out and out.suffix in FORMATS:
        numbers = export_mesh(msh, out)
        _tell(f"written {out}; material: {', '.join(f'{k} = {name}' for name, k in numbers.items())}")
    if plot:
        from fem_model.mesh.picture import plot_mesh

        plot_mesh(msh, plot)
        _tell(f"picture in {plot}")
    if descriptors and found:
        _write(found, descriptors)


def _mesh_of(case: Case, out: Path | None) -> Path:
    return build_mesh(case, out) if out and out.suffix == MSH else cached_mesh(case)


def _write(found: Descriptors, file: Path) -> None:
    from fem_model.mesh.correlation_picture import plot_correlation

    png = file.with_suffix(".png")
    write_json(file, found.as_json())
    plot_correlation(found, png)
    terminal().print(correlation_table(found))
    _tell(f"written {file}, picture in {png}")


def _tell(text: str) -> None:
    terminal().print(text, soft_wrap=True)
