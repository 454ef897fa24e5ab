"""`fem-model conductivity`: from a case or a mesh file to conductivity.json and its figures."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from mpi4py import MPI
from rich.table import Table

from fem_model.base.atomic import make_folder, write_json
from fem_model.base.terminal import terminal
from fem_model.case import load_case, load_conductivities
from fem_model.mesh.domain import MICROMETRE, Domain, mesh_of, read_domain
from fem_model.mesh.export import require_no_export
from fem_model.mesh.parallel import from_root, on_root
from fem_model.mesh.spanning import spanning_in
from fem_model.physics.boundaries import boundary_factor
from fem_model.plot.saving import save_figure
from fem_model.post.flux import draw_flux
from fem_model.study.conductivity import Conductivity, ConductivityStudy
from fem_model.study.tortuosity import tortuosity_factors
from fem_model.tasks.taken import show_mesh_taken, show_taken


def conductivity(
    path: Path,
    out: Path | None,
    overrides: Sequence[str],
    comm: MPI.Comm,
    tortuosity: bool = False,
    pdf: bool = False,
) -> None:
    """Effective conductivity of a case's microstructure, or of a mesh with named regions.

    With `tortuosity` also the tortuosity factor of each material, which takes one more solution each.
    InputError, before anything is solved or written, if the case, the mesh or the folder is wrong.
    """
    require_no_export(path)
    if path.suffix == ".msh":
        msh, domain, factor, wants_figures = path, read_domain(path, comm), 1.0, True
        sigma = load_conductivities(list(domain.materials), overrides)
        folder = out or path.with_name(f"{path.stem}-conductivity")
        cells = domain.mesh.topology.index_map(domain.mesh.topology.dim).size_global
        extent = [length / MICROMETRE for length in domain.extent]
        on_root(comm, lambda: show_mesh_taken(path, cells, extent, domain.notes))
    else:
        case = from_root(comm, lambda: load_case(path, overrides))
        folder = out or path.parent / "out" / "conductivity"
        msh = mesh_of(case, comm)
        on_root(comm, lambda: show_taken(case))
        domain = read_domain(msh, comm)
        sigma = {name: material.sigma for name, material in case.material_table().items()}
        factor = boundary_factor(domain, case.boundaries, lambda b: b.sigma_factor)
        wants_figures = case.output.figures
    on_root(comm, lambda: make_folder(folder))
    study = ConductivityStudy(domain, sigma, factor)
    result = study.run()
    if tortuosity:
        result = replace(result, tortuosity=tortuosity_factors(study, spanning_in(domain, msh)))
    drawn = result.directions.values() if wants_figures and domain.mesh.geometry.dim == 2 else ()
    pictures = [_gather(study, direction.flux) for direction in drawn]
    if comm.rank == 0:
        write_json(folder / "conductivity.json", result.as_json())
        _tell(result, folder, _draw(result, pictures, folder, pdf) if pictures else [])


Picture = tuple[np.ndarray, np.ndarray, np.ndarray]


def _gather(study: ConductivityStudy, flux: np.ndarray) -> Picture:
    """Corners (µm), flux and volume of all cells on rank 0; nothing elsewhere."""
    parts = study.comm.gather((_corners(study.domain), flux, study.volumes))
    if parts is None:
        return np.empty(0), np.empty(0), np.empty(0)
    corners, values, volumes = (np.concatenate(column) for column in zip(*parts, strict=True))
    return corners, values, volumes


def _corners(domain: Domain) -> np.ndarray:
    mesh = domain.mesh
    owned = mesh.topology.index_map(mesh.topology.dim).size_local
    corners: np.ndarray = mesh.geometry.x[mesh.geometry.dofmaps[0][:owned], : mesh.geometry.dim] / MICROMETRE
    return corners


def _draw(result: Conductivity, pictures: Sequence[Picture], folder: Path, pdf: bool) -> list[Path]:
    paths = []
    for (axis, direction), picture in zip(result.directions.items(), pictures, strict=True):
        title = f"Along {axis}: effective conductivity {10 * direction.sigma_eff:.4g} mS/cm"
        paths += save_figure(draw_flux(*picture, title), folder / f"flux_{axis}", pdf=pdf)
    return paths


def _tell(result: Conductivity, folder: Path, figures: Sequence[Path]) -> None:
    table = Table("direction", "σ_eff, mS/cm", "±", *(f"current in {name}" for name in result.fractions))
    for axis, d in result.directions.items():
        spread = "" if d.uncertainty is None else f"{10 * d.uncertainty:.1g}"
        shares = [f"{share:.4f}" for share in d.shares.values()]
        table.add_row(axis, f"{10 * d.sigma_eff:.5g}", spread, *shares)
    console = terminal()
    console.print(table)
    if result.tortuosity:
        console.print(_tortuosity_table(result))
    fractions = ", ".join(f"{name} {fraction:.4f}" for name, fraction in result.fractions.items())
    console.print(f"fractions: {fractions}")
    for name, bounds in (("Wiener", result.wiener), ("Hashin–Shtrikman", result.hashin_shtrikman)):
        if bounds:
            low, high = bounds
            console.print(f"{name} bounds: {10 * low:.5g} to {10 * high:.5g} mS/cm")
    for note in result.notes:
        console.print(note)
    for path in [folder / "conductivity.json", *figures]:
        console.print(f"written {path}", soft_wrap=True)


def _tortuosity_table(result: Conductivity) -> Table:
    table = Table("tortuosity factor", *result.fractions)
    for axis, factors in (result.tortuosity or {}).items():
        table.add_row(axis, *("-" if factor is None else f"{factor:.4g}" for factor in factors.values()))
    return table
