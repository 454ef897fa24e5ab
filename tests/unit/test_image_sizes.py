"""Images in a case: the sizes of their voxels, the order of their axes, and what is printed of them."""

from pathlib import Path
from typing import Any

import nrrd
import numpy as np
import pytest
from pydantic import ValidationError
from tifffile import imwrite

from fem_model.case import case_to_toml, load_case
from fem_model.case.image import Image
from fem_model.case.imported import FOLDER
from tests.command import call
from tests.unit.test_images_of_others import PAGE, STACK
from tests.unit.test_imported_cases import REST

pytestmark = pytest.mark.filterwarnings("ignore:.*utcnow")  # pynrrd, when it writes

SIZES = (2.0, 0.5, 0.25)
"""Of voxels along the axes of STACK."""


def of_imagej(path: Path, unit: str) -> None:
    facts = {"axes": "ZYX", "spacing": SIZES[0], "unit": unit.replace("µ", "\\u00B5")}
    imwrite(path, STACK, imagej=True, metadata=facts, resolution=(1 / SIZES[2], 1 / SIZES[1]))


def of_ome(path: Path, unit: str) -> None:
    facts = {f"PhysicalSize{axis}": size for axis, size in zip("ZYX", SIZES, strict=True)}
    imwrite(path, STACK, ome=True, metadata={"axes": "ZYX", **facts, **{f"{key}Unit": unit for key in facts}})


def in_nrrd(path: Path, fields: dict[str, Any], key: str, unit: str) -> None:
    """A file with a unit that pynrrd, which keeps to ASCII, may not write."""
    units = {key: ["um"] * 3} if unit else {}
    nrrd.write(str(path), STACK.T, fields | units | {"encoding": "raw"})
    path.write_bytes(path.read_bytes().replace(b'"um"', f'"{unit}"'.encode()))


def of_spacings(path: Path, unit: str) -> None:
    in_nrrd(path, {"spacings": SIZES[::-1]}, "units", unit)


EYE = np.eye(3)


def of_directions(path: Path, unit: str, ways: Any = EYE) -> None:
    fields = {"space dimension": 3, "space directions": np.diag(SIZES[::-1]) @ ways}
    in_nrrd(path, fields, "space units", unit)


WRITERS = {"a.tif": of_imagej, "a.ome.tif": of_ome, "a.nrrd": of_spacings, "b.nrrd": of_directions}
UM, MM, NM = ([f"{size} {unit}" for size in SIZES] for unit in ("um", "mm", "nm"))


def load(folder: Path, file: str, voxel: Any, **keys: Any) -> Image:
    """The section of a case with this file."""
    names = {"0": "LPSC1.0", "1": "LGPS"}
    section = {"layout": "image", "file": file, "voxel": voxel, "labels": names, **keys}
    return Image.model_validate(section, context={FOLDER: folder})


@pytest.mark.parametrize(
    ("unit", "same", "other"), [("um", UM, MM), ("mm", MM, UM), ("nm", NM, UM), ("µm", UM, NM)]
)
@pytest.mark.parametrize("file", WRITERS)
def test_sizes_of_voxels_agree_or_are_taken_from_the_file(
    tmp_path: Path, file: str, unit: str, same: list[str], other: list[str]
) -> None:
    WRITERS[file](tmp_path / file, unit)
    expected = load(tmp_path, file, same).extent
    assert load(tmp_path, file, "file").extent == pytest.approx(expected, rel=1e-12)
    with pytest.raises(ValidationError, match=rf"is .* but {file} says 2\.?0? .*m, .*Image > Properties"):
        load(tmp_path, file, other)


@pytest.mark.parametrize("file", ["a.nrrd", "b.nrrd"])
def test_sizes_without_a_unit_may_be_in_any(tmp_path: Path, file: str) -> None:
    WRITERS[file](tmp_path / file, "")
    assert load(tmp_path, file, UM).extent == pytest.approx((1.5e-6, 2.5e-6, 14e-6), rel=1e-12)
    assert load(tmp_path, file, MM).extent == pytest.approx((1.5e-3, 2.5e-3, 14e-3), rel=1e-12)
    for voxel in ("1 um", ["2.001 um", "0.5 um", "0.25 um"]):
        with pytest.raises(ValidationError, match=r"says 2.0, 0.5, 0.25"):
            load(tmp_path, file, voxel)
    with pytest.raises(
        ValidationError, match=r'"file", but along the axes .* says 2.0, .*Image > Properties'
    ):
        load(tmp_path, file, "file")


def test_a_flat_image_in_space_and_mixed_units(tmp_path: Path) -> None:
    plane = {
        "space dimension": 3,
        "space directions": np.diag([2.0, 3.0, 1.0])[:2],
        "space units": ["um", "nm", "m"],
    }
    nrrd.write(str(tmp_path / "a.nrrd"), PAGE.T, plane)
    assert load(tmp_path, "a.nrrd", "file").extent == pytest.approx((6 * 2e-6, 5 * 3e-9), rel=1e-12)


def test_a_file_that_says_nothing_takes_any_size(tmp_path: Path) -> None:
    nrrd.write(str(tmp_path / "a.nrrd"), STACK.T, {"spacings": [1.0, 1.0, 1.0]})
    of_imagej(tmp_path / "a.tif", "pixel")
    for file in ("a.nrrd", "a.tif"):
        assert load(tmp_path, file, "0.3 um").extent == pytest.approx((1.8e-6, 1.5e-6, 2.1e-6), rel=1e-12)
    with pytest.raises(ValidationError, match="says nothing"):
        load(tmp_path, "a.tif", "file")


@pytest.mark.parametrize("ways", [np.diag([-1.0, 1.0, 1.0]), EYE[[1, 0, 2]]])
def test_directions_that_turn_axes_ask_for_the_key(tmp_path: Path, ways: Any) -> None:
    of_directions(tmp_path / "a.nrrd", "um", ways)
    with pytest.raises(
        ValidationError, match=r"is needed.*space directions.*\[\] keeps them as they are stored"
    ):
        load(tmp_path, "a.nrrd", "file")
    section = load(tmp_path, "a.nrrd", "file", flip=[])
    assert np.array_equal(section.read(), STACK.transpose(2, 1, 0))


@pytest.mark.parametrize(("flip", "depth"), [([0], 0), ([2], 2), ([0, 1], 1), ([], 0), (None, 2)])
def test_axes_are_turned_round(tmp_path: Path, flip: list[int] | None, depth: int) -> None:
    np.save(tmp_path / "a.npy", STACK)
    section = load(tmp_path, "a.npy", "1 um", flip=flip, depth_axis=depth)
    others = [axis for axis in (2, 1, 0) if axis != depth]
    assert np.array_equal(section.read(), np.flip(STACK, flip or []).transpose(*others, depth))
    end = "last" if depth in (flip or []) else "first"
    assert section.current.startswith(
        f"axis {depth} of the file, its {end} voxels at the anode; x is axis {others[0]}"
    )


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"flip": [3]}, "flip"),
        ({"depth_axis": 3}, "depth_axis"),
        ({"frame": -1}, "frame"),
        ({"frame": 4}, "no frame 4"),
    ],
)
def test_wrong_axes_and_frames_name_their_key(tmp_path: Path, keys: dict[str, Any], words: str) -> None:
    np.save(tmp_path / "a.npy", STACK)
    with pytest.raises(ValidationError, match=words):
        load(tmp_path, "a.npy", "1 um", **keys)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case with one of three frames of ImageJ, and sizes of voxels from there."""
    facts = {"axes": "TZYX", "spacing": 2.0, "unit": "um"}
    frames = np.stack([STACK, np.indices(STACK.shape)[0] > 2, STACK]).astype(np.uint8)
    imwrite(tmp_path / "a.tif", frames, imagej=True, metadata=facts, resolution=(1.0, 2.0))
    keys = 'file = "a.tif"\nvoxel = "file"\nframe = 1\nflip = [0]\nlabels = { 0 = "LPSC1.0", 1 = "LGPS" }'
    (tmp_path / "case.toml").write_text(f'[microstructure]\nlayout = "image"\n{keys}\n{REST}')
    return tmp_path / "case.toml"


def test_a_resolved_case_has_what_was_taken_and_is_read_without_the_file(case: Path) -> None:
    taken = load_case(case)
    case.write_text(case_to_toml(taken))
    (case.parent / "a.tif").unlink()
    assert load_case(case) == taken


@pytest.mark.parametrize("command", ["mesh", "run --dry-run"])
def test_commands_print_what_was_taken(case: Path, command: str, monkeypatch: Any, capfd: Any) -> None:
    monkeypatch.setenv("FEM_MODEL_MESHES", str(case.parent / "meshes"))
    assert call([*command.split(), case], monkeypatch) == 0
    out = capfd.readouterr().out
    for line in (
        "a.tif: 7 × 5 × 6 voxels of 2 × 0.5 × 1 µm",
        f"labels: 0 = LPSC1.0 {3 / 7:.4%}, 1 = LGPS {4 / 7:.4%}",
        "box: x 6 µm, y 2.5 µm, z 14 µm",
        "current: along z, axis 0 of the file, its last voxels at the anode; x is axis 2, y is axis 1",
    ):
        assert line in out, line
