"""Meshes are built once and kept: ./meshes (or $FEM_MODEL_MESHES) holds <layout>-<hash>.msh."""

from __future__ import annotations

import json
import math
import os
import re
from errno import ENOSPC
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from fem_model.base.atomic import writing
from fem_model.base.drafts import draft
from fem_model.base.errors import FemModelError, InputError
from fem_model.base.machine import MESHES, cache_folder
from fem_model.base.seal import comment, sealed, unsealed
from fem_model.case.cells import estimated_cells
from fem_model.case.image import Image
from fem_model.case.imported_mesh import ImportedMesh
from fem_model.mesh.builder import BUILDER_VERSION, AnyMicrostructure, write_mesh
from fem_model.mesh.gmsh_session import import_gmsh
from fem_model.mesh.imported import lattice_step, regions_of_image, write_imported_mesh
from fem_model.mesh.memory import require_memory
from fem_model.mesh.sizes import size_at_boundaries
from fem_model.microstructure import Polyhedra, build_microstructure, merge_short_edges
from fem_model.microstructure.fingerprint import fingerprint

if TYPE_CHECKING:
    from fem_model.case import Case

SHORTEST_EDGE = 0.5  # of a microstructure that is meshed, in units of the cell size there
LAST_LINE = re.compile(rb"\n\$End\w+\s*\Z")
GRAINS, TAIL = "grains", 400  # the comment with the fingerprint, within so many bytes of the end


def cached_mesh(case: Case, fallback_dir: Path | None = None) -> Path:
    """Path of the mesh of a case, taken from the cache or built into it.

    A file that is damaged is built again. Where the cache cannot be written the mesh goes to `fallback_dir`.
    Errors: InputError if neither can be written, and as `build_mesh`. Nothing is written if this machine
    cannot hold the mesh.
    """
    folders = [cache_folder(), *([fallback_dir] if fallback_dir else [])]
    name = mesh_name(case)
    for folder in folders:
        if is_intact(folder / name):
            return folder / name
    require_room(case)
    for folder in folders:
        is_new = not folder.exists()
        if _writable(folder):
            try:
                return build_mesh(case, folder / name)
            except FemModelError:
                if is_new:
                    folder.rmdir()
                raise
    tried = " or ".join(str(folder) for folder in folders)
    raise InputError(f"cannot write a mesh to {tried}: set {MESHES} to a folder that can be written")


def build_mesh(case: Case, path: Path) -> Path:
    """Build the mesh of a case into `path`, which is never seen half written, and return it.

    Errors: InputError if this machine cannot hold it, FemModelError if Gmsh fails, OutputError if the disk
    does not hold it.
    """
    require_room(case)
    with draft(path) as aside:
        grains = _write(case, aside)
        named = comment(f"{GRAINS} {grains}") if grains else b""
        with writing(path):
            aside.write_bytes(sealed(_whole(aside.read_bytes()) + named))
            os.replace(aside, path)
    return path


def _whole(data: bytes) -> bytes:
    """Contents of a file from Gmsh, which says nothing if the disk is full. OSError if the end is missing."""
    if not LAST_LINE.search(data[-TAIL:]):
        raise OSError(ENOSPC, os.strerror(ENOSPC))
    return data


def require_room(case: Case) -> None:
    """InputError if this machine cannot hold the mesh of a case, by its estimated number of cells."""
    section = case.microstructure
    voxels, values = 0, 0
    if isinstance(section, Image):
        voxels = math.prod(section.found.shape)
        nodes = math.prod(section.extent) / lattice_step(section, case.mesh) ** section.dim
        values = math.ceil(nodes * len(section.labels))
    require_memory(estimated_cells(section, case.mesh), voxels, values)


def _write(case: Case, path: Path) -> str | None:
    """Write the mesh of a case; the fingerprint of its microstructure, if it was built here."""
    if isinstance(case.microstructure, ImportedMesh):
        write_imported_mesh(case.microstructure, path)
        return None
    microstructure = meshable_microstructure(case)
    write_mesh(microstructure, case.mesh, path)
    return fingerprint(microstructure)


def meshable_microstructure(case: Case) -> AnyMicrostructure:
    """The microstructure of a case, in 2D with edges below half an unrefined cell merged.

    Of ten 2D samples of 250 to 300 grains, with two or more cells across the median one, the worst cell has a
    quality (SICN) of 0.56 to 0.7; without merging it is 0.001 to 0.1. In 3D the mesh is repaired instead.
    """
    section = case.microstructure
    assert not isinstance(section, ImportedMesh)  # that is a mesh already
    if isinstance(section, Image):
        return regions_of_image(section, case.mesh)
    ideal = build_microstructure(section, case.part_shares())
    if isinstance(ideal, Polyhedra):
        return ideal
    return merge_short_edges(ideal, lambda points: SHORTEST_EDGE * size_at_boundaries(points, case.mesh))


def mesh_name(case: Case) -> str:
    """<layout>-<hash>.msh, where the hash covers all that the mesh depends on; of a file, its contents."""
    recipe = {
        "microstructure": case.microstructure.model_dump(mode="json", exclude={"file"}),
        "shares": case.part_shares(),
        "sizes": case.mesh.model_dump(mode="json", exclude={"degree"}),
        "builder": BUILDER_VERSION,
        "gmsh": import_gmsh().__version__,
    }
    digest = sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()
    return f"{case.microstructure.layout}-{digest[:12]}.msh"


def is_intact(path: Path) -> bool:
    """True if this mesh was written by `build_mesh` and is complete and unchanged."""
    return path.is_file() and unsealed(path.read_bytes()) is not None


def fingerprints(path: Path) -> dict[str, str]:
    """SHA-256 of a mesh file ("mesh"), and the fingerprint of the grains it was built from ("grains")."""
    data = path.read_bytes()
    grains = re.search(rf"^{GRAINS} (\w+)$".encode(), data[-TAIL:], re.MULTILINE)
    return {"mesh": sha256(data).hexdigest()} | ({"grains": grains[1].decode()} if grains else {})


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)
