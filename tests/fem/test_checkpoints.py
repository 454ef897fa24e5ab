"""A state goes back onto the mesh that it was saved on, and onto no other; in 3D as in 2D."""

import fem_model._dolfinx_first  # noqa: F401

from pathlib import Path

import numpy as np
import pytest
from dolfinx import fem
from mpi4py import MPI

from fem_model.base.errors import InputError
from fem_model.mesh.domain import Domain, build_domain
from fem_model.record.checkpoint import Spaces, State, domain_of, find, save, state_of
from fem_model.record.checkpoint_files import Saved
from tests.fem.cases import NUCLEUS, case

COMM = MPI.COMM_SELF
TEXT = 'title = "a case"'
SOLID = {
    "microstructure.breadth": "4 um",
    "mesh": {"cell_size_front": "2 um", "cell_size_bulk": "2 um"},
    "phase_field.lam": "2 um",
    "anode.initial": {"kind": "film", "thickness": "4 um"},
}


def spaces_on(domain: Domain) -> Spaces:
    return Spaces(*(fem.functionspace(domain.mesh, kind) for kind in (("Lagrange", 1), ("DG", 0))))


def saved_on(domain: Domain, folder: Path) -> Saved:
    """A checkpoint of the height of nodes and cells."""
    nodes, cells = (space.tabulate_dof_coordinates()[:, 1] for space in spaces_on(domain))
    state = State({"case": TEXT}, {"height": nodes}, {"height": cells})
    save(folder, state, domain, spaces_on(domain), 1, 2)
    saved = find(folder, TEXT, COMM)
    assert saved is not None
    return saved


@pytest.mark.parametrize("changes", [{}, SOLID], ids=["2D", "3D"])
def test_domain_and_state_come_back(changes: dict[str, object], tmp_path: Path) -> None:
    domain = build_domain(case(NUCLEUS, changes), COMM)
    saved = saved_on(domain, tmp_path)
    again = domain_of(saved, COMM)
    assert again.labels == domain.labels
    for tags in ("cell_tags", "facet_tags"):
        one, other = (np.unique(getattr(d, tags).values, return_counts=True) for d in (domain, again))
        assert np.array_equal(one, other)
    for mesh in (domain, again):
        spaces, state = spaces_on(mesh), state_of(saved, spaces_on(mesh))
        for space, found in zip(spaces, (state.fields, state.cells), strict=True):
            assert found["height"] == pytest.approx(space.tabulate_dof_coordinates()[:, 1], abs=1e-18)


def test_a_state_of_another_mesh_is_refused(tmp_path: Path) -> None:
    """Of cells that are more, and of as many elsewhere."""
    domain = build_domain(case(NUCLEUS), COMM)
    saved = saved_on(domain, tmp_path)
    finer = build_domain(case(NUCLEUS, {"mesh.cell_size_bulk": "0.8 um"}), COMM)
    moved = domain_of(saved, COMM)
    moved.mesh.geometry.x[:, 0] *= 1.001
    for other in (finer, moved):
        with pytest.raises(InputError, match="the checkpoint is of another mesh than this one of"):
            state_of(saved, spaces_on(other))
