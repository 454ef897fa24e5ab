"""Checkpoints: the whole state of a run with its mesh, which any number of ranks can write and take up.

Every rank writes its own cells: their numbers in the mesh file, corners, material, grain, tagged facets, and
each field by cell: its degrees of freedom there in the order of the corners. None of it depends on how the
mesh is distributed. Where a mesh comes from no file, the numbers are those of its making.
"""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from dolfinx import fem
from dolfinx.mesh import Mesh, entities_to_geometry
from mpi4py import MPI

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.base.errors import InputError, OutputError, SolverError
from fem_model.case.extension import require_same
from fem_model.mesh.domain import Domain, Labels, MeshArrays, assembled
from fem_model.mesh.parallel import from_root, on_each, on_root
from fem_model.record.checkpoint_files import (
    Arrays,
    Saved,
    begin,
    finish,
    newest,
    not_finite,
    understood,
    write_part,
)

FORMAT = 6
"""Format of the files; others cannot be taken up."""
NODAL, CELL = "nodal", "cell"
"""Kinds of fields; in a part a field is called <kind>:<name>."""
APART = 1e-12
"""Distance of the middles of cells above which they are not the same, m."""


@dataclass(frozen=True)
class State:
    """Numbers, nodal and cell fields, by name, as arrays over the local degrees of freedom."""

    numbers: Mapping[str, Any]
    fields: Mapping[str, Floats]
    cells: Mapping[str, Floats]


class Spaces(NamedTuple):
    """Spaces of nodal and cell fields on one mesh."""

    nodal: fem.FunctionSpace
    cell: fem.FunctionSpace


def save(folder: Path, state: State, domain: Domain, spaces: Spaces, step: int, kept: int) -> None:
    """Write checkpoint/step-<step> and drop all but the last `kept`. Collective.

    The ones before stay if it fails: SolverError on every rank if a value is not a finite number, OutputError
    if it cannot be written.
    """
    comm = domain.mesh.comm
    part = _mesh_part(domain)
    for kind, space, fields in zip((NODAL, CELL), spaces, (state.fields, state.cells), strict=True):
        rows = space.dofmap.list[: len(part["number"])]
        part |= {f"{kind}:{name}": values[rows] for name, values in fields.items()}
    if name := next(filter(None, comm.allgather(not_finite(part))), None):
        raise SolverError(f"{name} has values that are not finite numbers")
    aside = from_root(comm, lambda: begin(folder / "checkpoint"))
    contents = {"format": FORMAT, "mesh": _mesh_contents(domain), "numbers": dict(state.numbers)}
    try:
        digests = on_each(comm, lambda: write_part(aside, comm.rank, part))
        on_root(comm, lambda: finish(aside, contents, digests, step, kept))
    except OutputError:  # of all ranks
        if comm.rank == 0:
            rmtree(aside, ignore_errors=True)
        raise


def find(folder: Path, case_text: str, comm: MPI.Comm) -> Saved | None:
    """The newest intact checkpoint of a run, or None. Collective; InputError if it is of another case."""
    saved = from_root(comm, lambda: newest(folder / "checkpoint"))
    if saved is None:
        return None
    if saved.contents.get("format") != FORMAT:
        raise InputError(
            f"{folder}: its checkpoints are of another version of the program; start with --force"
        )
    with understood(saved):
        require_same(folder, saved.contents["numbers"]["case"], case_text)
    return saved


def domain_of(saved: Saved, comm: MPI.Comm) -> Domain:
    """The domain that a checkpoint was written on, from the checkpoint alone. Collective.

    InputError on every rank if its parts do not make up a mesh.
    """
    with understood(saved):
        contents: dict[str, Any] = saved.contents["mesh"]
        lists = {name: tuple(contents[name]) for name in ("extent", "notes")}
        labels = Labels(**{name: contents[name] for name in Labels._fields} | lists)
        block = _Block(labels.dim, *(_share(contents[count], comm) for count in ("cells", "points")))

    def read() -> None:
        with understood(saved):
            for number, part in enumerate(saved.parts()):
                block.take(part, with_facets=number % comm.size == comm.rank)
        if not block.is_whole():
            raise InputError(f"{saved.folder}: its parts do not make up a mesh")

    on_each(comm, read)
    return assembled(comm, block.arrays(), labels)


def state_of(saved: Saved, spaces: Spaces) -> State:
    """The state in a checkpoint, on this mesh. Collective; InputError if it was on another one."""
    mesh = spaces.nodal.mesh
    numbers = mesh.topology.original_cell_index
    count = mesh.topology.index_map(mesh.topology.dim).size_global
    other = InputError(f"the checkpoint is of another mesh than this one of {count} cells")
    found: dict[str, dict[str, Floats]] = {kind: {} for kind in (NODAL, CELL)}

    def read() -> None:
        seen = 0
        with understood(saved):
            for part in saved.parts():
                _, here, there = np.intersect1d(numbers, part["number"], return_indices=True)
                if not _same_places(mesh, here, part, there):
                    raise other
                seen += len(here)
                _take_fields(found, spaces, part, here, there)
        if seen != len(numbers) or saved.contents["mesh"]["cells"] != count:
            raise other

    on_each(mesh.comm, read)
    return State(saved.contents["numbers"], found[NODAL], found[CELL])


def _take_fields(
    found: Mapping[str, dict[str, Floats]],
    spaces: Spaces,
    part: Arrays,
    here: npt.NDArray[np.intp],
    there: npt.NDArray[np.intp],
) -> None:
    """Values of the local cells `here` from the rows `there` of a part."""
    for key in part:
        kind, _, name = key.partition(":")
        if name:
            dofs = getattr(spaces, kind).dofmap
            size = dofs.index_map.size_local + dofs.index_map.num_ghosts
            values = found[kind].setdefault(name, np.empty(size))
            values[dofs.list[here]] = part[key][there]


def _same_places(mesh: Mesh, here: npt.NDArray[np.intp], part: Arrays, there: npt.NDArray[np.intp]) -> bool:
    """True if the local cells `here` have their middles where those of the rows `there` of a part do."""
    x = mesh.geometry.x[:, : mesh.geometry.dim]
    middles = x[mesh.geometry.dofmaps[0][here]].mean(axis=1)
    saved = part["points"][part["corners"][there]].mean(axis=1)
    return saved.shape == middles.shape and np.allclose(saved, middles, rtol=0, atol=APART)


def _mesh_contents(domain: Domain) -> dict[str, Any]:
    """Entries of the index about a mesh."""
    topology, labels = domain.mesh.topology, domain.labels
    cells, points = topology.index_map(topology.dim), domain.mesh.geometry.index_map()
    return {**labels._asdict(), "cells": cells.size_global, "points": points.size_global}


def _mesh_part(domain: Domain) -> dict[str, npt.NDArray[Any]]:
    """The cells that this rank owns, and the tagged facets.

    `corners` count into `points`, which are numbered by `point` in the mesh, as the corners of `facets` are.
    """
    mesh, dim = domain.mesh, domain.mesh.topology.dim
    mesh.topology.create_connectivity(dim - 1, dim)
    owned = mesh.topology.index_map(dim).size_local
    numbers = mesh.geometry.input_global_indices
    used, corners = np.unique(mesh.geometry.dofmaps[0][:owned], return_inverse=True)
    tags = domain.facet_tags
    own = tags.indices < mesh.topology.index_map(dim - 1).size_local
    return {
        "number": mesh.topology.original_cell_index[:owned],
        "corners": corners.reshape(owned, dim + 1),
        "point": numbers[used],
        "points": mesh.geometry.x[used, :dim],
        "material": domain.cell_tags.values[:owned],
        "grain": domain.grain[:owned],
        "facets": numbers[entities_to_geometry(mesh, dim - 1, tags.indices[own])],
        "facet": tags.values[own],
    }


def _share(count: int, comm: MPI.Comm) -> range:
    """The numbers of `count` that this rank has, when they are dealt out in blocks."""
    return range(comm.rank * count // comm.size, (comm.rank + 1) * count // comm.size)


class _Block:
    """The cells and points of some numbers, and some facets, put together from parts."""

    def __init__(self, dim: int, cells: range, points: range) -> None:
        self.cells, self.points = cells, points
        self.corners = np.full((len(cells), dim + 1), -1, dtype=np.int64)
        self.material, self.grain = (np.zeros(len(cells), dtype=np.int32) for _ in range(2))
        self.places = np.full((len(points), dim), np.nan)
        self.facets = [np.empty((0, dim), dtype=np.int64)]
        self.facet = [np.empty(0, dtype=np.int32)]

    def take(self, part: Arrays, with_facets: bool) -> None:
        """Take from a part what belongs to the block."""
        own, rows = _within(self.cells, part["number"])
        self.corners[rows] = part["point"][part["corners"][own]]
        self.material[rows], self.grain[rows] = part["material"][own], part["grain"][own]
        own, rows = _within(self.points, part["point"])
        self.places[rows] = part["points"][own]
        if with_facets:
            self.facets.append(part["facets"])
            self.facet.append(part["facet"])

    def is_whole(self) -> bool:
        """True if nothing is missing."""
        return bool((self.corners >= 0).all() and np.isfinite(self.places).all())

    def arrays(self) -> MeshArrays:
        """All of it."""
        facets, facet = np.concatenate(self.facets), np.concatenate(self.facet)
        return MeshArrays(self.places, self.corners, self.material, self.grain, facets, facet)


def _within(block: range, numbers: Ints) -> tuple[Bools, Ints]:
    """Flags of the numbers that are in a block, and their places there."""
    own = (numbers >= block.start) & (numbers < block.stop)
    return own, numbers[own] - block.start
