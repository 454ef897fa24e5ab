"""Cases from images and imported meshes: what is refused, and with which words."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import meshio
import numpy as np
import pytest

from fem_model.base.errors import InputError
from fem_model.case import case_to_toml, derive, load_case
from fem_model.case.image import Image
from fem_model.case.imported_mesh import ImportedMesh
from fem_model.cli import main
from fem_model.mesh.cache import mesh_name
from fem_model.mesh.imported import write_imported_mesh
from fem_model.mesh.msh import read_msh

REST = """\
[mesh]
cell_size_front = "0.5 um"
cell_size_bulk = "1 um"
[phase_field]
lam = "0.5 um"
[anode.initial]
kind = "film"
thickness = "2 um"
[drive]
mode = "galvanostatic"
current = "1 mA/cm^2"
[time]
end = "2 h"
"""
IMAGE = """\
[microstructure]
layout = "image"
file = "stack.npy"
voxel = ["2 um", "1 um", "0.5 um"]
labels = { 0 = "LPSC1.0", 1 = "LGPS" }
"""
MESH = """\
[microstructure]
layout = "mesh"
file = "foreign.vtu"
unit = "mm"
regions = { 4 = "LGPS", 7 = "LPSC1.0" }
"""

STACK = np.zeros((10, 12, 14), dtype=np.uint8)  # 20 um deep, 12 um broad, 7 um wide
STACK[5:] = 1

# 20 x 30 um: two squares of one region each and a strip above
POINTS = np.array([[0, 0], [10, 0], [20, 0], [0, 20], [10, 20], [20, 20], [0, 30], [20, 30]]) * 1e-3
TRIANGLES = np.array([[0, 1, 4], [0, 3, 4], [1, 2, 5], [1, 5, 4], [3, 4, 6], [4, 7, 6], [4, 5, 7]])
REGION = np.array([4, 4, 7, 7, 4, 4, 4])


def write_mesh(path: Path, **arrays: Any) -> None:
    points = np.column_stack([POINTS, np.zeros(len(POINTS))])
    data = {name: [values] for name, values in arrays.items()}
    meshio.Mesh(points, [("triangle", TRIANGLES)], cell_data=data).write(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    np.save(tmp_path / "stack.npy", STACK)
    write_mesh(tmp_path / "foreign.vtu", region=REGION)
    (tmp_path / "image.toml").write_text(IMAGE + REST)
    (tmp_path / "mesh.toml").write_text(MESH + REST)
    return tmp_path


def test_an_image_gives_sizes_and_shares(folder: Path) -> None:
    """The file is found beside the case, wherever the process is; the last axis of the array is x."""
    section = load_case(folder / "image.toml").microstructure
    assert isinstance(section, Image)
    assert section.extent == pytest.approx((7e-6, 12e-6, 20e-6))
    assert section.part_shares(lambda _: 1.0) == (0.5, 0.5)
    assert section.read().shape == (14, 12, 10)
    faces = 7 * 12 + 12 * 20 + 20 * 7  # one of each two; the boundary counts as if it were rough
    assert section.spacing == pytest.approx(7 * 12 * 20e-6 / (faces + 7 * 12 / 1.5))


def test_a_lattice_coarser_than_the_voxels_is_told(folder: Path) -> None:
    """The coarsest cells of these are 1 um, the voxels 0.5 um in one direction."""
    case = load_case(folder / "image.toml", ["mesh.front_height=4 um"])
    [warning] = [text for text in derive(case).warnings if "lattice" in text]
    assert "mesh.cell_size_bulk = 1 µm, 2 of its voxels" in warning
    fine = load_case(folder / "image.toml", ["mesh.front_height=4 um", "mesh.cell_size_boundary=0.5 um"])
    assert not any("lattice" in text for text in derive(fine).warnings)


def test_any_axis_may_be_the_depth(folder: Path) -> None:
    section = load_case(folder / "image.toml", ["microstructure.depth_axis=2"]).microstructure
    assert isinstance(section, Image)
    assert section.extent == pytest.approx((12e-6, 20e-6, 7e-6))
    assert section.read().shape == (12, 10, 14)


def test_labels_may_share_a_material(folder: Path) -> None:
    case = load_case(folder / "image.toml", ['microstructure.labels={0 = "LGPS", 1 = "LGPS"}'])
    assert case.area_shares() == {"LGPS": 1.0}


def test_a_mesh_gives_sizes_and_shares(folder: Path) -> None:
    case = load_case(folder / "mesh.toml")
    section = case.microstructure
    assert isinstance(section, ImportedMesh)
    assert section.extent == pytest.approx((20e-6, 30e-6))
    assert case.area_shares() == pytest.approx({"LGPS": 2 / 3, "LPSC1.0": 1 / 3})
    assert derive(case).num_cells == len(TRIANGLES)
    assert any("cell_size_front" in warning and "foreign.vtu" in warning for warning in derive(case).warnings)


@pytest.mark.parametrize(
    ("entity", "grains"),
    [(REGION, 2), (1 + np.arange(7) // 2, 4), (0 * REGION, 2), (0 * REGION + 5, 2), (REGION - 4, 2)],
)
def test_grains_are_the_entities_of_the_file_if_these_are_of_the_regions(
    folder: Path, entity: np.ndarray, grains: int
) -> None:
    """Converters fill them with zeros, or with one number for all."""
    write_mesh(folder / "foreign.vtu", region=REGION, **{"gmsh:geometrical": entity})
    section = load_case(folder / "mesh.toml", ['microstructure.region_data="region"']).microstructure
    assert isinstance(section, ImportedMesh)
    write_imported_mesh(section, folder / "written.msh")
    mesh = read_msh(folder / "written.msh")
    assert len(np.unique(mesh.grain)) == grains
    assert mesh.cell_sizes().sum() == pytest.approx(600.0)


def test_other_grains_are_another_mesh(folder: Path) -> None:
    names = []
    for entity in (REGION, 1 + np.arange(7) // 2):
        write_mesh(folder / "foreign.vtu", region=REGION, **{"gmsh:geometrical": entity})
        names.append(mesh_name(load_case(folder / "mesh.toml", ['microstructure.region_data="region"'])))
    assert names[0] != names[1]


@pytest.mark.parametrize("name", ["image", "mesh"])
def test_a_resolved_case_is_read_without_the_file(folder: Path, name: str) -> None:
    case = load_case(folder / f"{name}.toml")
    elsewhere = folder / "out" / "case.toml"
    elsewhere.parent.mkdir()
    elsewhere.write_text(case_to_toml(case))
    assert load_case(elsewhere) == case
    for file in ("stack.npy", "foreign.vtu"):
        (folder / file).unlink()
    again = load_case(elsewhere)
    assert again == case
    assert isinstance(again.microstructure, Image | ImportedMesh)
    with pytest.raises(InputError, match="there is no file"):
        again.microstructure.read()


def test_a_file_that_has_changed_is_refused(folder: Path) -> None:
    sections = [load_case(folder / f"{name}.toml").microstructure for name in ("image", "mesh")]
    np.save(folder / "stack.npy", STACK[::-1])
    write_mesh(folder / "foreign.vtu", region=REGION[::-1])
    for section in sections:
        assert isinstance(section, Image | ImportedMesh)
        with pytest.raises(InputError, match="has changed"):
            section.read()


BAD_IMAGES: dict[str, tuple[str, str, list[str]]] = {
    "missing file": ('"stack.npy"', '"stak.npy"', [":3: [microstructure] file", "Did you mean stack.npy?"]),
    "zero voxel": ('"1 um"', '"0 um"', [":4: [microstructure] voxel[1]", "must be positive"]),
    "voxel without a unit": ('["2 um", "1 um", "0.5 um"]', "2", [":4:", "voxel = 2", "needs a unit"]),
    "two voxel sizes": ('"2 um", "1 um"', '"2 um"', [":4:", "has 2 sizes; the image has 3 axes"]),
    "unknown label": (', 1 = "LGPS"', "", [":5:", "no material for label 1, 50.00% of the image"]),
    "empty phase": (
        "0 =",
        '2 = "LPSC1.5", 0 =',
        [":5:", "[microstructure.labels] 2 is not found in the image", "holds 0, 1"],
    ),
    "unknown material": ('"LGPS"', '"LPGS"', [":5:", "[microstructure.labels] 1", "Did you mean LGPS?"]),
    "no such axis": ("labels", "depth_axis = 3\nlabels", [":5:", "depth_axis"]),
    "unknown layout": (
        '"image"',
        '"imgae"',
        ["layout", "layers, particles, image, mesh", "Did you mean image?"],
    ),
    "smoothing": ("labels", "smoothing = 0\nlabels", [":5:", "smoothing"]),
}


@pytest.mark.parametrize("name", BAD_IMAGES)
def test_bad_image_cases(folder: Path, name: str) -> None:
    old, new, words = BAD_IMAGES[name]
    assert old in IMAGE
    (folder / "image.toml").write_text(IMAGE.replace(old, new) + REST)
    with pytest.raises(InputError) as told:
        load_case(folder / "image.toml")
    assert all(word in str(told.value) for word in words), told.value
    assert "\n" not in str(told.value)


def other_cells(path: Path) -> None:
    quads = np.array([[0, 1, 4, 3]])
    meshio.Mesh(np.column_stack([POINTS, np.zeros(8)]), [("quad", quads)], cell_data={"r": [[1]]}).write(path)


def tilted(path: Path) -> None:
    points = np.column_stack([POINTS, POINTS[:, 0]])
    meshio.Mesh(points, [("triangle", TRIANGLES)], cell_data={"r": [REGION]}).write(path)


BAD_FILES: dict[str, tuple[Callable[[Path], Any], list[str]]] = {
    "no regions": (
        lambda path: write_mesh(path, heat=REGION + 0.5),
        ["has no regions", "other cell arrays: heat", "point arrays: none"],
    ),
    "several arrays": (
        lambda path: write_mesh(path, region=REGION, grain=REGION),
        ["several arrays", "region_data", "region, grain"],
    ),
    "quadrangles": (other_cells, ["holds quad", "triangles or tetrahedra"]),
    "no plane": (tilted, ["x-y plane"]),
    "damaged": (lambda path: path.write_bytes(b"<VTKFile"), ["cannot be read", "vtu"]),
    "missing": (lambda path: path.rename(path.with_name("foreing.vtu")), ["Did you mean foreing.vtu?"]),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_mesh_files(folder: Path, name: str) -> None:
    write, words = BAD_FILES[name]
    write(folder / "foreign.vtu")
    with pytest.raises(InputError) as told:
        load_case(folder / "mesh.toml")
    assert all(word in str(told.value) for word in [":3: [microstructure] file", *words]), told.value
    assert "\n" not in str(told.value)


BAD_MESHES: dict[str, tuple[str, str, list[str]]] = {
    "unknown region": (
        "4 =",
        "5 =",
        [":5:", "[microstructure.regions] 5 is not a region of the file. Allowed: 4, 7"],
    ),
    "region without a material": ('4 = "LGPS", ', "", [":5:", '= "4" is not a known material']),
    "unknown unit": ('"mm"', '"mn"', [":4: [microstructure] unit", "Example"]),
    "no length": ('"mm"', '"s"', [":4:", "unit", "does not convert to m"]),
    "no such array": (
        "unit",
        'region_data = "phase"\nunit',
        ['no cell array "phase"', "whole numbers: region"],
    ),
}


@pytest.mark.parametrize("name", BAD_MESHES)
def test_bad_mesh_cases(folder: Path, name: str) -> None:
    old, new, words = BAD_MESHES[name]
    (folder / "mesh.toml").write_text(MESH.replace(old, new) + REST)
    with pytest.raises(InputError) as told:
        load_case(folder / "mesh.toml")
    assert all(word in str(told.value) for word in words), told.value


def test_a_mesh_in_a_file_cannot_be_refined(folder: Path) -> None:
    with pytest.raises(InputError, match="refinement must be 1"):
        load_case(folder / "mesh.toml", ["mesh.refinement=2"])


@pytest.mark.parametrize("command", ["run", "mesh", "conductivity"])
def test_wrong_input_ends_with_code_2_and_writes_nothing(
    folder: Path, command: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "image.toml").write_text(IMAGE.replace(', 1 = "LGPS"', "") + REST)
    before = sorted(folder.rglob("*"))
    monkeypatch.setattr(sys, "argv", ["fem-model", command, str(folder / "image.toml")])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert capfd.readouterr().err.count("\n") == 1
    assert sorted(folder.rglob("*")) == before
