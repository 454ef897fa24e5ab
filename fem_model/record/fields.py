"""Fields for ParaView and PyVista: parallel HDF5 for the data, one small XDMF file that names it.

DOLFINx writes the data; its own XDMF description of several functions is not read everywhere, so
this module writes one: a temporal collection that refers to the mesh and the static fields by
name. It is replaced as a whole after each output, so that a killed run stays readable. Lengths in
these files are micrometres.
"""

import fem_model._dolfinx_first  # noqa: F401

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from dolfinx.io import XDMFFile
from scipy.spatial import cKDTree

from fem_model.base.atomic import cleared, write_text
from fem_model.base.errors import InputError
from fem_model.base.log import logger
from fem_model.engine.model import Model
from fem_model.foreign.fields import require_fields
from fem_model.foreign.files import text_of
from fem_model.mesh.domain import MICROMETRE, Domain
from fem_model.mesh.parallel import from_root, on_root

DATA, RESUMED = "fields.h5", "fields.resumed"
SCRATCH = '<Xdmf><Domain><Grid Name="mesh" GridType="Uniform"/></Domain></Xdmf>'
NODE_FIELDS, CELL_VECTORS, STATIC = ("xi", "phi"), ("current_density",), ("material", "grain")
NODAL = (*NODE_FIELDS, "phi_metal")
Array = npt.NDArray[np.float64]


@dataclass
class Outputs:
    """Time and number of each output in the data file, and the number of the next one."""

    written: list[tuple[float, int]]
    next: int

    def add(self, t: float) -> None:
        """Enter the output just made."""
        self.written.append((t, self.next))
        self.next += 1


def outputs_before(folder: Path, t: float) -> Outputs:
    """The outputs of an interrupted run before t; those after it stay in the data file, unnamed.

    None, with a warning, if the data file is damaged, as a kill in the middle of an output may leave it.
    """
    try:
        text = text_of(folder / "fields.xdmf") if (folder / "fields.xdmf").exists() else ""
        named = [(float(time), int(k)) for k, time in re.findall(r'Name="t(\d+)".*?Value="([^"]+)"', text)]
        require_fields(folder / DATA)
        with h5py.File(folder / DATA, "r", locking=False) as file:
            stored = [int(k) for k in file.get("Function/xi", {})]
    except (InputError, OSError, ValueError):
        logger.warning("%s cannot be read: the fields up to t = %g s are lost", folder / DATA, t)
        return Outputs([], 0)
    return Outputs([(time, k) for time, k in named if time < t and k in stored], max(stored, default=-1) + 1)


def take_over(old: Path, new: Path, numbers: Sequence[int]) -> None:
    """Put the outputs of these `numbers` into a file with the same mesh, and that in place of the old one.

    The order of nodes and cells in a file is that of the ranks that wrote it, which a resumed run may have
    fewer or more of. Where it is the same, the old file stays.
    """
    if not numbers:
        new.replace(old)
        return
    with h5py.File(old, "r", locking=False) as source, h5py.File(new, "r+", locking=False) as target:
        points, cells = zip(*(_mesh(file) for file in (source, target)), strict=True)
        same = np.array_equal(*points) and np.array_equal(*cells)
        if not same:
            nodes, centres = (
                _places(*points),
                _places(*(x[c].mean(axis=1) for x, c in zip(points, cells, strict=True))),
            )
            for name, stored in source["Function"].items():
                order = nodes if name in NODAL else centres
                for number in map(str, numbers if name not in STATIC else ()):
                    target[f"Function/{name}/{number}"] = stored[number][()][order]
    if same:
        new.unlink()
    else:
        new.replace(old)


def _mesh(file: h5py.File) -> tuple[Array, npt.NDArray[np.int64]]:
    mesh = file["Mesh/mesh"]
    return mesh["geometry"][()], mesh["topology"][()]


def _places(old: Array, new: Array) -> npt.NDArray[np.int64]:
    """For each of the new points (µm) its number among the old ones."""
    places: npt.NDArray[np.int64] = cKDTree(old).query(new)[1]
    return places


class FieldWriter:
    """Appends ξ, φ, the current density j = −σ_eff ∇φ (A/m²) and z to RUN_DIR/fields.h5.

    Where lithium floats, also φ_M (V), at nodes off the lithium that of the lithium nearest to them.
    """

    def __init__(self, model: Model, folder: Path, before: Outputs | None = None) -> None:
        self.model, domain = model, model.domain
        self.outputs = before or Outputs([], 0)
        self.mesh, self.comm = domain.mesh, domain.mesh.comm
        self.folder = from_root(self.comm, folder.absolute)  # the others may work in another
        linear = fem.functionspace(self.mesh, ("Lagrange", 1))
        self.nodal = {name: fem.Function(linear, name=name) for name in NODE_FIELDS}
        self.metal = [fem.Function(linear, name="phi_metal")] if model.metal.floats else []
        vectors = fem.functionspace(self.mesh, ("DG", 0, (self.mesh.geometry.dim,)))
        self.current = fem.Function(vectors, name="current_density")
        j = -model.charge.sigma_eff * ufl.grad(model.charge.phi)
        self.current_expression = fem.Expression(j, vectors.element.interpolation_points)
        self.by_cell = [model.conversion] if model.case.reactions else []
        if before is None:
            self._write_static(domain, "fields")
        else:
            self._write_static(domain, RESUMED)
            on_root(self.comm, self._resume)

    def has(self, t: float) -> bool:
        """Whether there is an output for this time."""
        return any(time == t for time, _ in self.outputs.written)

    def write(self, t: float) -> None:
        """Add the fields of the model at time t (s). Collective."""
        own = self.model.front.xi, self.model.charge.phi
        for function, values in zip(self.nodal.values(), own, strict=True):
            function.interpolate(values)
        self.current.interpolate(self.current_expression)
        for metal in self.metal:
            metal.x.array[:] = self.model.metal.phi.value + self.model.metal.offset.x.array
        nodal = *self.nodal.values(), *self.metal
        self._append([*nodal, self.current, *self.by_cell], self.outputs.next)
        self.outputs.add(t)
        if self.comm.rank == 0:
            write_text(self.folder / "fields.xdmf", self._description())

    def _resume(self) -> None:
        """The file with the outputs so far, in the order of these ranks."""
        write_text(self.folder / "fields.xdmf", self._description())
        numbers = [number for _, number in self.outputs.written]
        take_over(self.folder / DATA, self.folder / f"{RESUMED}.h5", numbers)

    def _write_static(self, domain: Domain, stem: str) -> None:
        if self.comm.rank == 0:
            cleared(self.folder / f"{stem}.h5")
        self.comm.barrier()
        coordinates = self.mesh.geometry.x
        coordinates /= MICROMETRE
        with self._file(stem) as file:
            file.write_mesh(self.mesh)
        coordinates *= MICROMETRE
        cells = fem.functionspace(self.mesh, ("DG", 0))
        order = cells.dofmap.list[:, 0]
        functions = [fem.Function(cells, name=name) for name in STATIC]
        for function, values in zip(functions, (domain.cell_tags.values, domain.grain), strict=True):
            function.x.array[order] = values
        self._append(functions, 0, stem)

    def _append(self, functions: Sequence[fem.Function], number: int, stem: str = "fields") -> None:
        with self._file(stem) as file:
            for function in functions:
                file.write_function(function, float(number))

    @contextmanager
    def _file(self, stem: str) -> Iterator[XDMFFile]:
        """DOLFINx's writer onto <stem>.h5; the description it makes beside it is of no use here."""
        scratch = self.folder / f"{stem}.part"
        if self.comm.rank == 0:
            with cleared(scratch).open("x") as file:
                file.write(SCRATCH)
        self.comm.barrier()
        file = XDMFFile(self.comm, scratch, "a")
        yield file
        file.close()  # with the other ranks: one that has failed must not wait for them here
        self.comm.barrier()
        if self.comm.rank == 0:
            scratch.unlink()

    def _description(self) -> str:
        """The XDMF text: one grid per output time, data by reference into fields.h5."""
        topology = self.mesh.topology
        cells = topology.index_map(topology.dim).size_global
        nodes = self.mesh.geometry.index_map().size_global
        names = [[f.name for f in own] for own in ((*self.nodal.values(), *self.metal), self.by_cell)]
        grids = "".join(_grid(k, t, nodes, cells, topology.dim, *names) for t, k in self.outputs.written)
        return (
            '<?xml version="1.0"?>\n<Xdmf Version="3.0"><Domain>\n'
            f'<Grid Name="run" GridType="Collection" CollectionType="Temporal">\n{grids}</Grid>\n'
            "</Domain></Xdmf>\n"
        )


def _item(path: str, shape: str, number: str = "Float") -> str:
    kind = f'NumberType="{number}" Precision="8"'
    return f'<DataItem Dimensions="{shape}" {kind} Format="HDF">{DATA}:{path}</DataItem>'


def _attribute(name: str, center: str, kind: str, number: int, shape: str) -> str:
    head = f'<Attribute Name="{name}" AttributeType="{kind}" Center="{center}">'
    return f"{head}{_item(f'/Function/{name}/{number}', shape)}</Attribute>\n"


def _grid(
    number: int, t: float, nodes: int, cells: int, dim: int, nodal: Sequence[str], scalars: Sequence[str]
) -> str:
    """One time of the collection; t in s, the mesh by reference and the same for all."""
    shape, space = ("Triangle", "XY") if dim == 2 else ("Tetrahedron", "XYZ")
    mesh = _item("/Mesh/mesh/topology", f"{cells} {dim + 1}", "Int")
    points = _item("/Mesh/mesh/geometry", f"{nodes} {dim}")
    return "".join(
        [
            f'<Grid Name="t{number}" GridType="Uniform"><Time Value="{t!r}"/>\n',
            f'<Topology TopologyType="{shape}" NumberOfElements="{cells}">{mesh}</Topology>\n',
            f'<Geometry GeometryType="{space}">{points}</Geometry>\n',
            *(_attribute(name, "Node", "Scalar", number, f"{nodes} 1") for name in nodal),
            *(_attribute(name, "Cell", "Vector", number, f"{cells} 3") for name in CELL_VECTORS),
            *(_attribute(name, "Cell", "Scalar", number, f"{cells} 1") for name in scalars),
            *(_attribute(name, "Cell", "Scalar", 0, f"{cells} 1") for name in STATIC),
            "</Grid>\n",
        ]
    )
