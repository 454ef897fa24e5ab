"""Converts imported images and meshes to a mesh file of this project."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from fem_model.base.arrays import Ints
from fem_model.base.errors import InputError
from fem_model.base.simplices import sides
from fem_model.base.units import length
from fem_model.mesh.boundaries import at_level, find_boundaries
from fem_model.mesh.gmsh_session import gmsh_session
from fem_model.mesh.msh import SIMPLEX, NamedMesh, named_mesh
from fem_model.mesh.sizes import MICROMETRES
from fem_model.mesh.surfaces import fitted
from fem_model.microstructure import Microstructure, Surfaces
from fem_model.microstructure.images import UnfitLabel, from_image
from fem_model.microstructure.polyhedra import WALLS
from fem_model.microstructure.voxels import Voxels

if TYPE_CHECKING:
    from fem_model.case.image import Image
    from fem_model.case.imported_mesh import ImportedMesh
    from fem_model.case.sections import Mesh as MeshSection
    from fem_model.readers.meshes import RegionMesh


def regions_of_image(section: Image, sizes: MeshSection) -> Microstructure | Surfaces:
    """The regions of an image, with boundaries as fine as its voxels, or as the cells where these are larger.

    In 3D, where the triangles on the boundaries are those of the mesh, they are cut to the cell sizes.
    Errors: InputError if the file is not as it was, or a label is too thin or rough for the cells.
    """
    image = Voxels(section.read(), np.array(section.voxel_size))
    key, cell = sizes.coarsest(section.depth)
    materials = [(int(label), material) for label, material in section.labels.items()]
    try:
        regions = from_image(image, materials, lattice_step(section, sizes), section.smoothing)
    except UnfitLabel as error:
        how = f"with cells of {length(cell)} (mesh.{key}) and a smoothing of {section.smoothing:g}"
        advice = "Make them smaller, or give its voxels to another label"
        raise InputError(f"{section.file}: {error} {how}. {advice}.") from None
    return fitted(regions, sizes) if isinstance(regions, Surfaces) else regions


def lattice_step(section: Image, sizes: MeshSection) -> float:
    """Step in m of the lattice on which the boundaries of an image are found."""
    return max(sizes.coarsest(section.depth)[1], min(section.voxel_size))


def write_imported_mesh(section: ImportedMesh, path: Path) -> None:
    """Write an imported mesh as the .msh file `path`, in micrometres: cells in groups by material, facets in
    groups by outer face and by pair of materials, as `write_mesh` does.

    Outer faces are the flat ends of the axes. Grains are Gmsh's surfaces (volumes) if the file has them, each
    in one region, else the connected parts of a region.
    Errors: InputError if the file is not as it was, the mesh does not conform, is in several parts, or has no
    flat electrodes.
    """
    mesh = section.read()
    try:
        named = _named(mesh, section)
        boundaries = find_boundaries(named)
    except InputError as error:
        raise InputError(f"{section.file}: {error}") from None
    points = np.zeros((len(named.points), 3))
    points[:, : named.dim] = named.points * MICROMETRES
    with gmsh_session() as gmsh:
        gmsh.option.setNumber("Mesh.Binary", 1)
        grains = np.unique(named.grain).tolist()
        for grain in grains:
            gmsh.model.addDiscreteEntity(named.dim, grain)
        gmsh.model.mesh.addNodes(named.dim, grains[0], np.arange(1, len(points) + 1), points.ravel())
        for grain in grains:
            _add_cells(gmsh, named.dim, grain, named.cells[named.grain == grain])
        for number, name in enumerate(boundaries.names):
            gmsh.model.addDiscreteEntity(named.dim - 1, number + 1)
            _add_cells(gmsh, named.dim - 1, number + 1, boundaries.facets[boundaries.name == number])
            gmsh.model.addPhysicalGroup(named.dim - 1, [number + 1], name=name)
        for number, material in enumerate(named.materials):
            own = np.unique(named.grain[named.material == number]).tolist()
            gmsh.model.addPhysicalGroup(named.dim, own, name=material)
        gmsh.write(str(path))


def _add_cells(gmsh: ModuleType, dim: int, entity: int, cells: Ints) -> None:
    gmsh.model.mesh.addElementsByType(entity, SIMPLEX[dim][0], [], (cells + 1).ravel())


def _named(mesh: RegionMesh, section: ImportedMesh) -> NamedMesh:
    """The mesh with the materials of its regions, grains, and the flat outer facets in groups."""
    found = sides(mesh.cells)
    outer = found.facets[found.times == 1]
    walls = WALLS if len(mesh.extent) == 3 else (WALLS[0], WALLS[2])
    groups: list[str] = []
    flat, group = [], []
    for height, pair in zip(mesh.points.T, walls, strict=True):
        for name, level in zip(pair, (height.min(), height.max()), strict=True):
            flat.append(outer[at_level(height, outer, level)])
            group += [len(groups)] * len(flat[-1])
            groups.append(name)
    names = [section.regions[region] for region in mesh.names]
    return named_mesh(mesh, names, np.concatenate(flat), np.array(group, dtype=np.int64), groups)
