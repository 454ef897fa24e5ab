"""Fields for ParaView and PyVista: parallel HDF5 for the data, one small XDMF file that names it.

DOLFINx writes the data; its own XDMF description of several functions is not read everywhere, so
this module writes one: a temporal collection in which each output refers by name to its mesh, the static
fields of that, and its own fields. It is replaced as a whole after each output, so that a killed run stays
readable. Lengths in these files are micrometres.
"""

import fem_model._dolfinx_first  # noqa: F401

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from weakref import WeakKeyDictionary

import h5py
import numpy as np
import numpy.typing as npt
from dolfinx import fem
from dolfinx.common import IndexMap
from dolfinx.io import XDMFFile
from dolfinx.mesh import Mesh
from mpi4py import MPI

from fem_model.base.atomic import cleared, require_space, write_text, writing
from fem_model.base.errors import InputError
from fem_model.mesh.domain import MICROMETRE, Domain
from fem_model.mesh.parallel import from_root, on_root
from fem_model.readers.fields import require_fields
from fem_model.readers.files import text_of

DATA, DESCRIPTION = "fields.h5", "fields.xdmf"
SCRATCH = '<Xdmf><Domain><Grid Name="mesh" GridType="Uniform"/></Domain></Xdmf>'
STATIC = ("material", "grain")
GRID = re.compile(r'<Grid Name="t(\d+)".*?<Time Value="([^"]+)".*?</Grid>\n', re.DOTALL)
DATASET = re.compile(f">{re.escape(DATA)}:/([^<]+)<")


class Output(NamedTuple):
    """One output: its number in the data file, its time in s, and how it is described."""

    number: int
    t: float
    grid: str


@dataclass
class Outputs:
    """The outputs made, the number of the next one, and those of the meshes in the data file."""

    written: list[Output] = field(default_factory=list)
    next: int = 0
    meshes: list[int] = field(default_factory=list)

    def add(self, t: float, grid: str) -> None:
        """Enter the output just made."""
        self.written.append(Output(self.next, t, grid))
        self.next += 1

    def add_mesh(self) -> int:
        """Enter a mesh, and return its number."""
        self.meshes.append(max(self.meshes, default=-1) + 1)
        return self.meshes[-1]


def outputs_before(folder: Path, t: float) -> Outputs:
    """The outputs of an interrupted run before t; those after it stay in the data file, unnamed.

    There are none if the data file is damaged, as a kill in the middle of an output may leave it.
    """
    if not (folder / DESCRIPTION).exists():
        return Outputs()
    try:
        grids = GRID.finditer(text_of(folder / DESCRIPTION))
        named = [Output(int(found[1]), float(found[2]), found[0]) for found in grids]
        require_fields(folder / DATA)
        with h5py.File(folder / DATA, "r", locking=False) as file:
            written = [o for o in named if o.t < t and all(name in file for name in DATASET.findall(o.grid))]
            numbers = [int(number) for stored in file["Function"].values() for number in stored]
            return Outputs(written, max(numbers, default=-1) + 1, [int(number) for number in file["Mesh"]])
    except (InputError, OSError, ValueError, KeyError, AttributeError):
        return Outputs()


class FieldWriter:
    """Appends functions to FOLDER/fields.h5 by their names, and the mesh that they live on if it is new."""

    def __init__(self, folder: Path, comm: MPI.Comm, before: Outputs | None = None) -> None:
        self.comm, self.outputs = comm, before or Outputs()
        self.folder = from_root(comm, folder.absolute)  # the others may work in another
        self._meshes: WeakKeyDictionary[Domain, int] = WeakKeyDictionary()
        self._before = self.outputs.meshes.copy()
        on_root(comm, self._begin)

    def _begin(self) -> None:
        if self.outputs.written:
            write_text(self.folder / DESCRIPTION, self._description())
        else:
            cleared(self.folder / DATA)
            self.outputs.meshes.clear()
            self._before.clear()

    def has(self, t: float) -> bool:
        """True if there is an output for this time."""
        return any(output.t == t for output in self.outputs.written)

    def write(self, t: float, domain: Domain, functions: Sequence[fem.Function]) -> None:
        """Add functions on the mesh of `domain` at time t (s): P1, or constant in each cell. Collective."""
        mesh = self._number(domain)
        self._append(functions, self.outputs.next)
        self.outputs.add(t, _grid(self.outputs.next, t, domain.mesh, mesh, functions))
        if self.comm.rank == 0:
            write_text(self.folder / DESCRIPTION, self._description())

    def _number(self, domain: Domain) -> int:
        """The number of a mesh in the data file, to which it is added if it is not there yet."""
        if domain not in self._meshes:
            same = (number for number in self._before if self._is_stored(domain.mesh, number))
            number = next(same, None)
            if number is None:
                number = self.outputs.add_mesh()
                self._write_mesh(domain, number)
            self._meshes[domain] = number
        return self._meshes[domain]

    def _is_stored(self, mesh: Mesh, number: int) -> bool:
        """True if this mesh of the data file is `mesh`, its nodes and cells in the order of these ranks."""
        nodes, cells = mesh.geometry.index_map(), mesh.topology.index_map(mesh.topology.dim)
        points = mesh.geometry.x[: nodes.size_local, : mesh.geometry.dim] / MICROMETRE
        corners = nodes.local_to_global(mesh.geometry.dofmaps[0][: cells.size_local].ravel())
        with h5py.File(self.folder / DATA, "r", locking=False) as file:
            stored = file[f"Mesh/{number}"]
            same = _has_rows(stored["geometry"], nodes, points)
            same &= _has_rows(stored["topology"], cells, corners.reshape(cells.size_local, -1))
        return bool(self.comm.allreduce(same, op=MPI.LAND))

    def _write_mesh(self, domain: Domain, number: int) -> None:
        """Add a mesh and its static fields."""
        mesh, name = domain.mesh, domain.mesh.name
        nodes, cells = mesh.geometry.index_map(), mesh.topology.index_map(mesh.topology.dim)
        values = 3 * nodes.size_global + (mesh.topology.dim + 1) * cells.size_global
        metres = mesh.geometry.x.copy()
        mesh.geometry.x[:], mesh.name = metres / MICROMETRE, str(number)
        with self._file(values) as file:
            file.write_mesh(mesh)
        mesh.geometry.x[:], mesh.name = metres, name
        constants = fem.functionspace(mesh, ("DG", 0))
        functions = [fem.Function(constants, name=static) for static in STATIC]
        for function, labels in zip(functions, (domain.cell_tags.values, domain.grain), strict=True):
            function.x.array[constants.dofmap.list[:, 0]] = labels
        self._append(functions, number)

    def _append(self, functions: Sequence[fem.Function], number: int) -> None:
        with self._file(sum(_values(function) for function in functions)) as file:
            for function in functions:
                file.write_function(function, float(number))

    @contextmanager
    def _file(self, values: int) -> Iterator[XDMFFile]:
        """DOLFINx's writer onto fields.h5, for so many values. OutputError, before it opens, without space.

        The description that it makes beside the data is of no use here.
        """
        scratch = self.folder / "fields.part"
        on_root(self.comm, lambda: require_space(self.folder / DATA, 8 * values))
        on_root(self.comm, lambda: write_text(scratch, SCRATCH))
        with writing(self.folder / DATA):
            try:
                file = XDMFFile(self.comm, scratch, "a")
                yield file
                file.close()  # with the other ranks: one that has failed must not wait for them here
                self.comm.barrier()
            finally:
                if self.comm.rank == 0:
                    scratch.unlink(missing_ok=True)

    def _description(self) -> str:
        """The XDMF text: one grid per output time, data by reference into fields.h5."""
        grids = "".join(output.grid for output in self.outputs.written)
        return (
            '<?xml version="1.0"?>\n<Xdmf Version="3.0"><Domain>\n'
            f'<Grid Name="run" GridType="Collection" CollectionType="Temporal">\n{grids}</Grid>\n'
            "</Domain></Xdmf>\n"
        )


def _values(function: fem.Function) -> int:
    """Values of a function in the file, in which vectors have three components."""
    count: int = function.function_space.dofmap.index_map.size_global
    return count * (3 if function.ufl_shape else 1)


def _has_rows(dataset: h5py.Dataset, index_map: IndexMap, rows: npt.NDArray[np.generic]) -> bool:
    """True if a dataset has as many rows as an index map, and on this rank these."""
    start, end = index_map.local_range
    return len(dataset) == index_map.size_global and np.array_equal(dataset[start:end], rows)


def _item(path: str, shape: str, number: str = "Float") -> str:
    kind = f'NumberType="{number}" Precision="8"'
    return f'<DataItem Dimensions="{shape}" {kind} Format="HDF">{DATA}:{path}</DataItem>'


def _attribute(name: str, center: str, kind: str, number: int, shape: str) -> str:
    head = f'<Attribute Name="{name}" AttributeType="{kind}" Center="{center}">'
    return f"{head}{_item(f'/Function/{name}/{number}', shape)}</Attribute>\n"


def _grid(number: int, t: float, mesh: Mesh, mesh_number: int, functions: Sequence[fem.Function]) -> str:
    """One time of the collection; t in s, the mesh and its static fields by reference."""
    dim = mesh.topology.dim
    nodes, cells = mesh.geometry.index_map().size_global, mesh.topology.index_map(dim).size_global
    shape, space = ("Triangle", "XY") if dim == 2 else ("Tetrahedron", "XYZ")
    topology = _item(f"/Mesh/{mesh_number}/topology", f"{cells} {dim + 1}", "Int")
    points = _item(f"/Mesh/{mesh_number}/geometry", f"{nodes} {dim}")
    return "".join(
        [
            f'<Grid Name="t{number}" GridType="Uniform"><Time Value="{t!r}"/>\n',
            f'<Topology TopologyType="{shape}" NumberOfElements="{cells}">{topology}</Topology>\n',
            f'<Geometry GeometryType="{space}">{points}</Geometry>\n',
            *(_attribute_of(function, number, nodes, cells) for function in functions),
            *(_attribute(name, "Cell", "Scalar", mesh_number, f"{cells} 1") for name in STATIC),
            "</Grid>\n",
        ]
    )


def _attribute_of(function: fem.Function, number: int, nodes: int, cells: int) -> str:
    """The kind of a function follows from its element; vectors have three components in the file."""
    constant = function.function_space.ufl_element().embedded_superdegree == 0
    center, count = ("Cell", cells) if constant else ("Node", nodes)
    kind, width = ("Vector", 3) if function.ufl_shape else ("Scalar", 1)
    return _attribute(function.name, center, kind, number, f"{count} {width}")
