"""Checkpoints of a domain: python same_domain.py (coarse | fine | read) FOLDER CASE.toml REPORT.json

Writes the state of fields that are easily told on a mesh of a case or on a finer one, or goes on from it:
domain and fields from the checkpoint alone. The report says what is integrated over each part of the domain.
"""

import fem_model._dolfinx_first  # noqa: F401  isort: skip

import json
import sys
from pathlib import Path

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.mesh import entities_to_geometry
from mpi4py import MPI

from fem_model.case import load_case
from fem_model.mesh.domain import Domain, build_domain
from fem_model.record.checkpoint import Spaces, State, domain_of, find, save, state_of
from tests.fem.refined import refined

COMM = MPI.COMM_WORLD
CASE, UM = 'title = "a case"', 1e-6


def spaces_on(domain: Domain) -> Spaces:
    return Spaces(*(fem.functionspace(domain.mesh, kind) for kind in (("Lagrange", 2), ("DG", 0))))


def write(folder: Path, case: Path, fine: bool) -> tuple[Domain, fem.Function, fem.Function]:
    domain = build_domain(load_case(case), COMM)
    domain = refined(domain) if fine else domain
    spaces = spaces_on(domain)
    xi, z = fem.Function(spaces.nodal), fem.Function(spaces.cell)
    xi.interpolate(lambda x: np.sin(x[0] / UM) * x[1] / UM)
    z.interpolate(lambda x: np.cos(x[1] / UM) + x[0] / UM)
    state = State({"case": CASE}, {"xi": xi.x.array}, {"z": z.x.array})
    save(folder, state, domain, spaces, 7, 2)
    return domain, xi, z


def read(folder: Path) -> tuple[Domain, fem.Function, fem.Function]:
    """From the checkpoint, which is then written anew by these ranks."""
    saved = find(folder, CASE, COMM)
    assert saved is not None
    domain = domain_of(saved, COMM)
    spaces = spaces_on(domain)
    state = state_of(saved, spaces)
    xi, z = fem.Function(spaces.nodal), fem.Function(spaces.cell)
    xi.x.array[:], z.x.array[:] = state.fields["xi"], state.cells["z"]
    save(folder, state, domain, spaces, 7, 2)
    return domain, xi, z


def report(domain: Domain, xi: fem.Function, z: fem.Function) -> dict[str, object]:
    """Integrals over the parts, from which a wrong cell, facet or value would show."""
    x = ufl.SpatialCoordinate(domain.mesh)
    weight = fem.Constant(domain.mesh, 1.0) + (x[0] + 2 * x[1]) / domain.depth
    grain = fem.Function(z.function_space)
    grain.x.array[z.function_space.dofmap.list[:, 0]] = domain.grain

    def total(form: ufl.Form) -> float:
        return float(COMM.allreduce(fem.assemble_scalar(fem.form(form))))

    inside = {
        f"{name}: {what}": total(value * domain.dx(tag))
        for name, tag in domain.materials.items()
        for what, value in {"size": weight, "xi": xi * weight, "z": z * weight, "grain": grain}.items()
    }
    faces = {name: total(weight * domain.ds(tag)) for name, tag in domain.faces.items()}
    pairs = {name: COMM.allreduce(length(domain, tag)) for name, tag in domain.pairs.items()}
    counts = [domain.mesh.topology.index_map(dim).size_global for dim in (0, 2)]
    return {"sizes": inside | faces | pairs, "counts": counts, "labels": domain.labels._asdict()}


def length(domain: Domain, tag: int) -> float:
    """Length of the facets of this tag that the rank owns, weighted with their height."""
    tagged = domain.facet_tags.find(tag)
    own = tagged[tagged < domain.mesh.topology.index_map(1).size_local]
    domain.mesh.topology.create_connectivity(1, 2)
    ends = domain.mesh.geometry.x[entities_to_geometry(domain.mesh, 1, own)]
    return float((np.linalg.norm(np.diff(ends, axis=1), axis=2)[:, 0] * ends[:, :, 1].mean(axis=1)).sum())


if __name__ == "__main__":
    do, folder, case, target = sys.argv[1], *map(Path, sys.argv[2:])
    found = report(*(read(folder) if do == "read" else write(folder, case, do == "fine")))
    if COMM.rank == 0:
        target.write_text(json.dumps(found))
