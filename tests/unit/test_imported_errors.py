"""Bad images and bad meshes, from the command line: one sentence on stderr, code 2, nothing written."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import meshio
import numpy as np
import pytest
from tifffile import imwrite

from fem_model.base import machine
from fem_model.base.errors import InputError
from fem_model.case import derive, load_case
from fem_model.cli import main
from fem_model.mesh.cache import require_room
from fem_model.mesh.memory import BYTES_PER_CELL
from fem_model.readers.images import BYTES_PER_VOXEL
from tests.unit.test_imported_cases import IMAGE, MESH, POINTS, REGION, REST, STACK, TRIANGLES, write_mesh

Bad = tuple[Callable[[Path], Any], str, str, list[str]]
"""What is done in the folder; what is replaced in the case and by what; words of the message."""


def saved(labels: Any) -> Callable[[Path], None]:
    return lambda folder: np.save(folder / "stack.npy", labels)


def cut_off(folder: Path) -> None:
    data = (folder / "stack.npy").read_bytes()
    (folder / "stack.npy").write_bytes(data[: len(data) // 2])


def huge(folder: Path) -> None:
    """The header of an array of a thousand gigabytes, as a file without its data."""
    with (folder / "stack.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(
            file, {"descr": "|u1", "fortran_order": False, "shape": (10_000,) * 3}
        )


def meshed(points: Any, cells: Any, kind: str = "triangle", **arrays: Any) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        data = {name: [values] for name, values in arrays.items()}
        flat = np.column_stack([points, np.zeros(len(points))])
        meshio.Mesh(flat, [(kind, cells)], cell_data=data).write(folder / "foreign.vtu")

    return write


def named(folder: Path) -> None:
    groups = {"matrix": np.array([4, 2]), "inclusion": np.array([7, 2])}
    in_gmsh(folder, {"gmsh:physical": [REGION], "gmsh:geometrical": [REGION]}, groups)


def twice(folder: Path) -> None:
    """Cells of a group are in another one as well, as Gmsh writes them in MSH 2."""
    cells, number = np.vstack([TRIANGLES, TRIANGLES[2:4]]), np.append(REGION, [9, 9])
    groups = {"matrix": np.array([4, 2]), "inclusion": np.array([7, 2]), "other": np.array([9, 2])}
    in_gmsh(
        folder, {"gmsh:physical": [number], "gmsh:geometrical": [np.append(REGION, [7, 7])]}, groups, cells
    )


def bare(folder: Path) -> None:
    none = np.zeros_like(REGION)
    in_gmsh(folder, {"gmsh:physical": [none], "gmsh:geometrical": [none + 1]}, {})


def in_gmsh(folder: Path, arrays: dict[str, Any], groups: dict[str, Any], cells: Any = TRIANGLES) -> None:
    flat = np.column_stack([POINTS, np.zeros(len(POINTS))])
    mesh = meshio.Mesh(flat, [("triangle", cells)], cell_data=arrays, field_data=groups)
    meshio.gmsh.write(folder / "foreign.msh", mesh, "2.2", binary=False)


def frames(folder: Path) -> None:
    imwrite(folder / "frames.tif", np.stack([STACK] * 3), imagej=True, metadata={"axes": "TZYX"})


def calibrated(folder: Path) -> None:
    facts = {"axes": "ZYX", "spacing": 3.0, "unit": "um"}
    imwrite(folder / "scaled.tif", STACK, imagej=True, metadata=facts, resolution=(2.0, 1.0))


def nothing(folder: Path) -> None:
    pass


ONE_SPECK = np.zeros((12, 12, 12), dtype=np.uint8)
ONE_SPECK[6, 6, 6] = 1
SLOPING = POINTS + np.outer([0, 0, 0, 0, 0, 0, 0, 1], [0, 1e-3])
TORN = np.where((TRIANGLES == 5) & (np.arange(7)[:, None] == 6), 8, TRIANGLES)  # a point of its own
BETWEEN = np.vstack([POINTS, [[5e-3, 10e-3]]])  # on the edge between two triangles

BAD_IMAGES: dict[str, Bad] = {
    "no such file": (nothing, "stack.npy", "stak.npy", ["there is no file", "Did you mean stack.npy?"]),
    "no folder": (nothing, "stack.npy", "images/stack.npy", ["there is no file"]),
    "cut off": (cut_off, "", "", ["stack.npy cannot be read"]),
    "empty file": (lambda f: (f / "stack.npy").write_bytes(b""), "", "", ["stack.npy cannot be read"]),
    "unread format": (nothing, "stack.npy", "stack.png", ["there is no file"]),
    "not whole": (saved(STACK + 0.25), "", "", ["not whole"]),
    "four axes": (saved(np.zeros((2, 2, 2, 2), int)), "", "", ["4 axes"]),
    "one voxel thick": (saved(STACK[:, :1]), "", "", ["voxel", "3 sizes", "2 axes"]),
    "huge": (huge, "", "", ["1e+12 voxels", "GB", "this machine has"]),
    "label without a material": (saved(STACK + 1), "", "", ["not found in the image", "holds 1, 2"]),
    "forgotten label": (nothing, ', 1 = "LGPS"', "", ["no material for label 1, 50.00% of the image"]),
    "empty phase": (nothing, "0 =", '3 = "LPSC1.5", 0 =', ["3 is not found in the image"]),
    "label by name": (nothing, "0 =", "LPSC =", ["LPSC is not found in the image"]),
    "no voxel size": (nothing, 'voxel = ["2 um", "1 um", "0.5 um"]\n', "", ["voxel is missing"]),
    "no unit": (nothing, '"1 um"', "1.0", ["voxel[1]", "needs a unit"]),
    "zero": (nothing, '"1 um"', '"0 um"', ["voxel[1]", "must be positive"]),
    "negative": (nothing, '"1 um"', '"-1 um"', ["voxel[1]", "must be positive"]),
    "no length": (nothing, '"1 um"', '"1 s"', ["voxel[1]", "does not convert to m"]),
    "several frames": (frames, "stack.npy", "frames.tif", ["frames.tif has 3 frames", "frame = 0", "ImageJ"]),
    "other sizes in the file": (
        calibrated,
        "stack.npy",
        "scaled.tif",
        ["voxel is 2 µm", "scaled.tif says 3.0 um"],
    ),
    "no sizes in the file": (nothing, '["2 um", "1 um", "0.5 um"]', '"file"', ["stack.npy says nothing"]),
    "a speck": (saved(ONE_SPECK), "", "", ["label 1 is nowhere thick enough", "Make them smaller"]),
    "too many cells": (
        nothing,
        'cell_size_bulk = "1 um"',
        'cell_size_bulk = "1 um"\nrefinement = 30',
        ["cells from 1.7e+03 voxels", "GB", "Larger cells"],
    ),
}

BAD_MESHES: dict[str, Bad] = {
    "no such file": (nothing, "foreign.vtu", "foreing.vtu", ["Did you mean foreign.vtu?"]),
    "cut off": (lambda f: (f / "foreign.vtu").write_bytes(b"<VTKFile ty"), "", "", ["cannot be read"]),
    "no regions": (meshed(POINTS, TRIANGLES), "", "", ["has no regions"]),
    "unknown region": (nothing, "7 =", "8 =", ["8 is not a region of the file. Allowed: 4, 7"]),
    "no material": (nothing, '4 = "LGPS", ', "", ['"4" is not a known material']),
    "no unit": (nothing, 'unit = "mm"\n', "", ["unit is missing"]),
    "other array": (nothing, "unit", 'region_data = "regoin"\nunit', ['no cell array "regoin"', "region"]),
    "quadrangles": (meshed(POINTS, np.array([[0, 1, 4, 3]]), "quad", region=[4]), "", "", ["holds quad"]),
    "curved sides": (
        meshed(POINTS, np.array([[0, 1, 3, 4, 6, 7]]), "triangle6", region=[4]),
        "",
        "",
        ["holds triangle6", "straight-sided"],
    ),
    "hexahedra": (
        meshed(POINTS, np.array([[0, 1, 2, 3, 4, 5, 6, 7]]), "hexahedron", region=[4]),
        "",
        "",
        ["holds hexahedron"],
    ),
    "mistyped region": (
        named,
        'file = "foreign.vtu"\nunit = "mm"\nregions = { 4 = "LGPS", 7 = "LPSC1.0" }',
        'file = "foreign.msh"\nunit = "mm"\nregions = { matrx = "LGPS" }',
        ["matrx is not a region of the file. Allowed: inclusion, matrix.", "Did you mean matrix?"],
    ),
    "no named groups": (
        bare,
        "foreign.vtu",
        "foreign.msh",
        ["foreign.msh has no cells in a physical group: in Gmsh, put every surface into one"],
    ),
    "no flat end": (
        meshed(SLOPING, TRIANGLES, region=REGION),
        "",
        "",
        ["foreign.vtu", '"counter"', "none lies flat"],
    ),
    "no area": (
        meshed(BETWEEN, np.vstack([TRIANGLES, [0, 8, 4]]), region=[*REGION, 4]),
        "",
        "",
        ["without any area"],
    ),
    "miles long": (
        meshed(POINTS * 1e9, TRIANGLES, region=REGION),
        "",
        "",
        ["file cannot be used: its extent.0 must be from 1 pm to 10 m"],
    ),
    "overlapping": (
        meshed(POINTS, np.vstack([TRIANGLES, [1, 5, 3]]), region=[*REGION, 4]),
        "",
        "",
        ["does not conform"],
    ),
    "torn": (
        meshed(
            np.vstack([POINTS, POINTS[5] + [1e-5, 0]]),
            np.where(TRIANGLES == 5, TORN, TRIANGLES),
            region=REGION,
        ),
        "",
        "",
        ["is torn: 2 sides of cells face others", "first at (15, 20) µm", "merge the nodes"],
    ),
    "in two groups": (
        twice,
        'file = "foreign.vtu"',
        'file = "foreign.msh"',
        [
            'has 2 cells in several physical groups, "inclusion" and "other" (surface 7, first at (1',
            "in Gmsh, put",
        ],
    ),
    "legacy DOLFIN": (
        lambda f: (f / "foreign.xml").write_text("<dolfin/>"),
        "foreign.vtu",
        "foreign.xml",
        ["foreign.xml is DOLFIN XML", "XDMFFile"],
    ),
    "two parts": (
        meshed(BETWEEN, np.vstack([TRIANGLES[2:], [[0, 8, 3]]]), region=[*REGION[2:], 4]),
        "",
        "",
        ["2 parts that share no side"],
    ),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    np.save(tmp_path / "stack.npy", STACK)
    write_mesh(tmp_path / "foreign.vtu", region=REGION)
    monkeypatch.setenv("FEM_MODEL_MESHES", str(tmp_path / "meshes"))
    return tmp_path


def check(folder: Path, text: str, bad: Bad, command: str, monkeypatch: Any, capfd: Any) -> None:
    act, old, new, words = bad
    assert old in text
    act(folder)
    (folder / "case.toml").write_text(text.replace(old, new, 1))
    before = sorted(folder.rglob("*"))
    monkeypatch.setattr(sys, "argv", ["fem-model", command, str(folder / "case.toml")])
    with pytest.raises(SystemExit) as end:
        main()
    message = capfd.readouterr().err
    assert (end.value.code, message.count("\n")) == (2, 1), message
    assert all(word in message for word in words), message
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("command", ["run", "mesh", "conductivity"])
@pytest.mark.parametrize("name", BAD_IMAGES)
def test_bad_images(folder: Path, name: str, command: str, monkeypatch: Any, capfd: Any) -> None:
    check(folder, IMAGE + REST, BAD_IMAGES[name], command, monkeypatch, capfd)


@pytest.mark.parametrize("command", ["run", "mesh", "conductivity"])
@pytest.mark.parametrize("name", BAD_MESHES)
def test_bad_meshes(folder: Path, name: str, command: str, monkeypatch: Any, capfd: Any) -> None:
    check(folder, MESH + REST, BAD_MESHES[name], command, monkeypatch, capfd)


def test_the_memory_for_a_mesh_is_refused_before_gmsh(folder: Path, monkeypatch: Any, capfd: Any) -> None:
    """Also on a machine that has little of it."""
    monkeypatch.setattr(machine, "CONTAINER_LIMIT", folder / "limit")
    (folder / "limit").write_text("1000000\n")
    bad: Bad = (nothing, "", "", ["would have about", "0.001 GB"])
    check(folder, IMAGE + REST, bad, "mesh", monkeypatch, capfd)


def test_many_labels_need_memory_of_their_own(folder: Path, monkeypatch: Any) -> None:
    """100 smooth fields at the 13440 points of a lattice with steps of 0.5 um: 10.75 MB."""
    np.save(folder / "stack.npy", np.arange(STACK.size).reshape(STACK.shape) % 100)
    labels = ", ".join(f'{k} = "LGPS"' for k in range(100))
    text = IMAGE.replace('0 = "LPSC1.0", 1 = "LGPS"', labels)
    (folder / "case.toml").write_text(text + REST)
    case = load_case(folder / "case.toml")
    others = BYTES_PER_CELL * derive(case).num_cells + BYTES_PER_VOXEL * STACK.size
    monkeypatch.setattr(machine, "CONTAINER_LIMIT", folder / "limit")
    (folder / "limit").write_text(str(others + 10_800_000))
    require_room(case)
    (folder / "limit").write_text(str(others + 10_700_000))
    with pytest.raises(InputError, match="this machine has"):
        require_room(case)


@pytest.mark.parametrize("command", ["conductivity", "mesh"])
def test_commands_tell_how_other_meshes_are_read(
    folder: Path, command: str, monkeypatch: Any, capfd: Any
) -> None:
    monkeypatch.setattr(sys, "argv", ["fem-model", command, str(folder / "foreign.vtu")])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert 'layout = "mesh"' in capfd.readouterr().err
