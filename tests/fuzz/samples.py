"""Small undamaged files of every format that is read."""

import gzip
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stderr
from io import StringIO
from itertools import permutations, product
from pathlib import Path
from typing import Any

import gmsh
import meshio
import nrrd
import numpy as np
from PIL import Image
from tifffile import imwrite

from fem_model.readers.mesh_files import FORMATS, MODULES
from fem_model.record.checkpoint_files import begin, finish, write_part

LABELS = np.random.default_rng(3).integers(0, 3, (4, 9, 10)).astype(np.uint8)


def images(folder: Path) -> None:
    """TIFF, PNG, NumPy and NRRD files, in 2D and 3D, of several types and encodings."""
    for name, options in {
        "raw": {},
        "lzw": {"compression": "tiff_lzw"},
        "zip": {"compression": "tiff_deflate"},
    }.items():
        first, *others = (Image.fromarray(page) for page in LABELS)
        first.save(folder / f"stack_{name}.tif", save_all=True, append_images=others, **options)
    Image.fromarray(LABELS[0].astype(np.uint16)).save(folder / "page.tiff")
    Image.fromarray(LABELS[0]).save(folder / "page.png")
    facts = {"axes": "ZYX", "unit": "um", "spacing": 2.0}
    imwrite(folder / "imagej.tif", LABELS, imagej=True, metadata=facts)
    imwrite(folder / "single.tif", LABELS, imagej=True, metadata=facts, truncate=True)
    imwrite(folder / "ome.tif", LABELS, ome=True, metadata={"axes": "ZYX", "PhysicalSizeX": 0.5})
    imwrite(folder / "big.tif", LABELS.astype(np.int64), bigtiff=True, tile=(16, 16), compression="zlib")
    directions = {"space": "left-posterior-superior", "space directions": np.diag([0.5, 0.5, 2.0])}
    nrrd.write(str(folder / "slicer.nrrd"), LABELS.T, directions)
    for name, array in {
        "bytes": LABELS,
        "wide": LABELS.astype(">i8"),
        "columns": np.asfortranarray(LABELS[0]),
        "floats": LABELS.astype(np.float32),
        "flags": LABELS > 0,
    }.items():
        np.save(folder / f"{name}.npy", array)
    for name, (kind, data) in {
        "raw": ("uint8", LABELS.tobytes()),
        "gzip": ("short", gzip.compress(LABELS.astype(np.int16).tobytes())),
        "text": ("int", " ".join(map(str, LABELS.ravel())).encode()),
    }.items():
        head = f"NRRD0004\n# labels\ntype: {kind}\ndimension: 3\nsizes: 10 9 4\nencoding: {name}\n"
        (folder / f"{name}.nrrd").write_bytes(f"{head}endian: little\n\n".encode() + data)


def cube(*arrays: str) -> meshio.Mesh:
    """A cube of 27 points, six tetrahedra in each of its eight parts, in two regions by these arrays."""
    steps = np.arange(3)
    number = steps.size**2 * steps[:, None, None] + steps.size * steps[:, None] + steps
    cells = []
    for corner in product(range(2), repeat=3):
        for order in permutations(range(3)):
            walk = [np.array(corner)]
            for axis in order:
                walk.append(walk[-1] + np.eye(3, dtype=int)[axis])
            cells.append([number[tuple(place)] for place in walk])
    points = np.array(list(product(steps, repeat=3)), dtype=float)
    region = (points[np.array(cells)].mean(axis=1)[:, 0] > 1) + 1
    return meshio.Mesh(points, [("tetra", np.array(cells))], cell_data={name: [region] for name in arrays})


def square() -> meshio.Mesh:
    """Two triangles, for formats that hold nothing else."""
    points = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], dtype=float)
    return meshio.Mesh(points, [("triangle", np.array([[0, 1, 2], [0, 2, 3]]))])


VARIANTS: tuple[Mapping[str, Any], ...] = (
    {},
    {"binary": False},
    {"binary": True},
    {"data_format": "XML"},
    {"compression": "lzma"},
    {"fmt_version": "2.2", "binary": True},
    {"fmt_version": "2.2", "binary": False},
    {"fmt_version": "4.0", "binary": True},
)


def meshes(folder: Path) -> None:
    """A file of every format and variant that meshio writes."""
    kinds = [(module, suffix) for module, suffixes in MODULES.items() for suffix in suffixes.split()[:1]]
    for (module, suffix), (number, options) in product(kinds, enumerate(VARIANTS)):
        for mesh in (
            cube("gmsh:physical", "gmsh:geometrical") if module == "gmsh" else cube("region"),
            square(),
        ):
            if _written(getattr(meshio, module), folder / f"{module}_{number}{suffix}", mesh, options):
                break


def _written(module: Any, path: Path, mesh: meshio.Mesh, options: Mapping[str, Any]) -> bool:
    """Whether a module of meshio can write a mesh with these options; otherwise there is no file."""
    try:
        with redirect_stderr(StringIO()):
            module.write(str(path), mesh, **options)
        return True
    except Exception:
        path.unlink(missing_ok=True)
        return False


def msh(folder: Path) -> None:
    """Files of Gmsh, in 2D and 3D, as text and binary, of two versions."""
    gmsh.initialize([], readConfigFiles=False, interruptible=False)
    gmsh.option.setNumber("General.Terminal", 0)
    for dim in (2, 3):
        gmsh.clear()
        (gmsh.model.occ.addRectangle if dim == 2 else gmsh.model.occ.addBox)(0, 0, 0, *(2.0,) * dim)
        gmsh.model.occ.synchronize()
        gmsh.model.addPhysicalGroup(dim, [1], name="LGPS")
        gmsh.model.addPhysicalGroup(dim - 1, [1], name="anode")
        gmsh.option.setNumber("Mesh.MeshSizeMax", 1.0)
        gmsh.model.mesh.generate(dim)
        for version, binary in product((2.2, 4.1), (0, 1)):
            gmsh.option.setNumber("Mesh.MshFileVersion", version)
            gmsh.option.setNumber("Mesh.Binary", binary)
            gmsh.write(str(folder / f"{dim}d_{version}_{binary}.msh"))
    gmsh.finalize()


def checkpoints(folder: Path) -> None:
    """A checkpoint as a run leaves it."""
    random = np.random.default_rng(5)
    aside = begin(folder)
    parts = [{name: random.random((40, 3)) for name in ("points", "nodal:xi", "nodal:phi")} for _ in range(2)]
    digests = [write_part(aside, number, part) for number, part in enumerate(parts)]
    finish(aside, {"format": 6, "numbers": {"case": "text", "clock": {"t": 1.0}}}, digests, 7, 2)


def runs(folder: Path) -> None:
    """The folder of a run."""
    from tests.unit.post_runs import cone, plane, write_run

    write_run(folder / "run", [plane(4.0), cone(10.0, 12.0, 2.0)], step=2.0)


SAMPLES: Mapping[str, Callable[[Path], None]] = {
    "images": images,
    "meshes": meshes,
    "msh": msh,
    "checkpoints": checkpoints,
    "runs": runs,
}


def made(kind: str, folder: Path) -> list[Path]:
    """The files of a kind, made in a folder of its own."""
    own = folder / kind
    own.mkdir()
    SAMPLES[kind](own)
    return sorted(_read(own))


def _read(folder: Path) -> Iterator[Path]:
    """All files but those that a mesh keeps its arrays in, and cases, which are text."""
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".toml" and (folder.name != "meshes" or path.suffix in FORMATS):
            yield path
