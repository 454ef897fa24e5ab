"""Checkpoints: the whole state of a run in one file that any number of ranks can take up.

Fields are stored by the cells of the mesh file: row = number of the cell there, columns = its
degrees of freedom in the order of its vertices. Neither depends on how the mesh is distributed.
"""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from dolfinx import fem
from mpi4py import MPI

from fem_model.case.extension import require_same
from fem_model.errors import InputError
from fem_model.mesh.parallel import from_root, on_root
from fem_model.record.checkpoint_files import newest, write

Array = npt.NDArray[np.float64]
FORMAT = 4
"""Of the file; others cannot be taken up."""
PLACE = "cell:place"
"""Where the cells are, so that a state is not taken up on another mesh."""
CELL = "cell:"
"""What names of cell fields begin with in the file."""


@dataclass(frozen=True)
class State:
    """Numbers, nodal and cell fields, by name, as arrays over the local degrees of freedom."""

    numbers: Mapping[str, Any]
    fields: Mapping[str, Array]
    cells: Mapping[str, Array]


def save(
    folder: Path, state: State, space: fem.FunctionSpace, cells: fem.FunctionSpace, step: int, kept: int
) -> None:
    """Write checkpoint/step-<step>.npz and drop all but the last `kept`. Collective."""
    arrays = {name: _to_file(space, values) for name, values in state.fields.items()}
    arrays |= {f"{CELL}{name}": _to_file(cells, values) for name, values in state.cells.items()}
    arrays[PLACE] = _to_file(cells, _places(cells))
    numbers = {**state.numbers, "format": FORMAT}
    on_root(space.mesh.comm, lambda: write(folder / "checkpoint", numbers, arrays, step, kept))


def load(folder: Path, space: fem.FunctionSpace, cells: fem.FunctionSpace, case_text: str) -> State | None:
    """The newest intact checkpoint of a run, or None. Collective; InputError if it is of another case."""
    found = from_root(space.mesh.comm, lambda: newest(folder / "checkpoint"))
    if found is None:
        return None
    numbers, arrays = found
    require_same(folder, str(numbers.get("case")), case_text)
    if numbers.get("format") != FORMAT:
        raise InputError(
            f"{folder}: its checkpoints are of another version of the program; start with --force"
        )
    _check_place(cells, arrays.pop(PLACE))
    fields = {name: _from_file(space, a) for name, a in arrays.items() if not name.startswith(CELL)}
    by_cell = {name: _from_file(cells, a) for name, a in arrays.items() if name.startswith(CELL)}
    return State(numbers, fields, {name.removeprefix(CELL): values for name, values in by_cell.items()})


def _to_file(space: fem.FunctionSpace, values: Array) -> Array:
    """Values of the owned cells of all ranks in the order of the mesh file, on rank 0."""
    topology, comm = space.mesh.topology, space.mesh.comm
    owned = topology.index_map(topology.dim).size_local
    rows = values[space.dofmap.list[:owned]]
    parts = comm.gather((topology.original_cell_index[:owned], rows))
    if parts is None:
        return np.empty(0)
    result = np.empty((topology.index_map(topology.dim).size_global, rows.shape[1]))
    for cells, part in parts:
        result[cells] = part
    return result


def _from_file(space: fem.FunctionSpace, rows: Array) -> Array:
    """Local values, ghosts included, from values in the order of the mesh file."""
    dofs, topology = space.dofmap.list, space.mesh.topology
    values = np.empty(space.dofmap.index_map.size_local + space.dofmap.index_map.num_ghosts)
    values[dofs] = rows[topology.original_cell_index[: len(dofs)]]
    return values


def _places(cells: fem.FunctionSpace) -> Array:
    """A number for each cell that tells where its middle is, µm."""
    places: Array = cells.tabulate_dof_coordinates() @ [1e6, np.pi * 1e6, np.e * 1e6]
    return places


def _check_place(cells: fem.FunctionSpace, rows: Array) -> None:
    """InputError if the cells of the file are not those of the mesh."""
    topology, comm = cells.mesh.topology, cells.mesh.comm
    count = topology.index_map(topology.dim).size_global
    same = len(rows) == count and np.allclose(_from_file(cells, rows), _places(cells), rtol=0, atol=1e-6)
    if not comm.allreduce(bool(same), op=MPI.LAND):
        raise InputError(f"the checkpoint is of another mesh than this one of {count} cells")
