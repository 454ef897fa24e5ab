"""Meshes of arrangements whose effective conductivity is known, drawn with Gmsh's CAD. Lengths in µm."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

from mpi4py import MPI

from fem_model.base.scratch import scratch
from fem_model.mesh.domain import Domain, read_domain
from fem_model.mesh.gmsh_session import gmsh_session
from fem_model.mesh.parallel import on_root

Draw = Callable[[ModuleType], dict[str, list[int]]]
"""Makes the geometry in a Gmsh session; returns the entities of each named region."""


def write_sample(path: Path, draw: Draw, h: float, dim: int = 2) -> Path:
    """Mesh what `draw` makes with cells of size `h` into a .msh file and return its path."""
    with gmsh_session() as gmsh:
        gmsh.option.setNumber("Mesh.MeshSizeMax", h)
        for name, entities in draw(gmsh).items():
            gmsh.model.addPhysicalGroup(dim, entities, name=name)
        gmsh.model.mesh.generate(dim)
        gmsh.write(str(path))
    return path


def sample(comm: MPI.Comm, draw: Draw, h: float, dim: int = 2) -> Domain:
    """The domain of a sample (collective); its file is gone afterwards."""
    with scratch() as folder:
        path = folder / "sample.msh"
        on_root(comm, lambda: write_sample(path, draw, h, dim))
        return read_domain(path, comm)


def tiles(rows: Sequence[str], size: float) -> Draw:
    """Square tiles, row by row from below; each row holds a letter, the tile's region, for each tile."""

    def draw(gmsh: ModuleType) -> dict[str, list[int]]:
        occ = gmsh.model.occ
        made = [
            (name, occ.addRectangle(size * i, size * j, 0, size, size))
            for j, row in enumerate(rows)
            for i, name in enumerate(row)
        ]
        occ.fragment([(2, tag) for _, tag in made], [])
        occ.synchronize()
        names = sorted({name for name, _ in made})
        return {name: [tag for other, tag in made if other == name] for name in names}

    return draw


def disc(radius: float, size: float) -> Draw:
    """A disc "b" in the middle of a square "a"."""

    def draw(gmsh: ModuleType) -> dict[str, list[int]]:
        occ = gmsh.model.occ
        square = occ.addRectangle(0, 0, 0, size, size)
        inner = occ.addDisk(size / 2, size / 2, 0, radius, radius)
        occ.fragment([(2, square)], [(2, inner)])
        occ.synchronize()
        areas = {tag: occ.getMass(2, tag) for _, tag in gmsh.model.getEntities(2)}
        smallest = min(areas, key=lambda tag: areas[tag])
        return {"b": [smallest], "a": [tag for tag in areas if tag != smallest]}

    return draw


def octant(radius: float, size: float) -> Draw:
    """An eighth of a ball "b" in the corner of a cube "a": an eighth of a cell of their cubic array."""

    def draw(gmsh: ModuleType) -> dict[str, list[int]]:
        occ = gmsh.model.occ
        cube, ball = occ.addBox(0, 0, 0, size, size, size), occ.addSphere(0, 0, 0, radius)
        whole = occ.intersect([(3, ball)], [(3, cube)], removeTool=False)[0]
        occ.fragment([(3, cube)], whole)
        occ.synchronize()
        inner = [tag for _, tag in gmsh.model.getEntitiesInBoundingBox(*[-1e-3] * 3, *[radius + 1e-3] * 3, 3)]
        return {"b": inner, "a": [tag for _, tag in gmsh.model.getEntities(3) if tag not in inner]}

    return draw
