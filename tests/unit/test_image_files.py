"""Labelled images as files: what is read, and what is refused in one sentence."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fem_model.base.errors import InputError
from fem_model.readers.images import read_labels, survey

STACK = np.random.default_rng(3).integers(0, 4, (5, 6, 7)).astype(np.uint8)


def write_tiff(path: Path, pages: Any, **options: Any) -> None:
    first, *others = (Image.fromarray(page) for page in pages)
    first.save(path, save_all=True, append_images=others, **options)


def nrrd(data: bytes, kind: str = "uint8", sizes: str = "7 6 5", **fields: str) -> bytes:
    lines = ["NRRD0004", "# a comment", f"type: {kind}", "dimension: 3", f"sizes: {sizes}"]
    return (
        "\n".join([*lines, *(f"{key}: {value}" for key, value in fields.items())]).encode() + b"\n\n" + data
    )


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int32])
@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_deflate"])
def test_tiff_stacks_of_all_depths(tmp_path: Path, kind: type, compression: str | None) -> None:
    write_tiff(tmp_path / "s.tif", STACK.astype(kind), compression=compression)
    assert np.array_equal(read_labels(tmp_path / "s.tif"), STACK)


def test_a_single_page_is_an_image_in_2d(tmp_path: Path) -> None:
    write_tiff(tmp_path / "s.tiff", STACK[:1])
    assert np.array_equal(read_labels(tmp_path / "s.tiff"), STACK[0])


@pytest.mark.parametrize("kind", [np.uint16, np.int64, np.float32, bool])
def test_numpy_arrays_of_whole_numbers(tmp_path: Path, kind: type) -> None:
    np.save(tmp_path / "s.npy", STACK.astype(kind))
    found = read_labels(tmp_path / "s.npy")
    assert found.dtype.kind in "iu"
    assert np.array_equal(found, STACK.astype(kind))


NRRD = {
    "raw": nrrd(STACK.tobytes(), encoding="raw"),
    "gzip": nrrd(gzip.compress(STACK.tobytes()), encoding="gzip"),
    "big endian": nrrd(STACK.astype(">i2").tobytes(), "short", encoding="raw", endian="big"),
    "text": nrrd(" ".join(map(str, STACK.ravel())).encode(), "int", encoding="ascii"),
    "with carriage returns": nrrd(b"", encoding="raw").replace(b"\n", b"\r\n") + STACK.tobytes(),
}


@pytest.mark.parametrize("name", NRRD)
def test_nrrd_has_its_first_axis_last(tmp_path: Path, name: str) -> None:
    (tmp_path / "s.nrrd").write_bytes(NRRD[name])
    assert np.array_equal(read_labels(tmp_path / "s.nrrd"), STACK)


def test_survey_counts_voxels_and_sides() -> None:
    found = survey(np.array([[1, 1, 3], [1, 3, 3]]))
    assert (found["shape"], found["voxels"], found["sides"]) == ((2, 3), {"1": 3, "3": 3}, [1, 2])
    assert found["sha256"] != survey(np.array([[1, 1, 3], [1, 3, 1]]))["sha256"]


def pickled(path: Path) -> None:
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)


def truncated(path: Path) -> None:
    write_tiff(path, STACK)
    path.write_bytes(path.read_bytes()[:300])


BAD: dict[str, tuple[str, Callable[[Path], Any], list[str]]] = {
    "not whole": ("a.npy", lambda path: np.save(path, STACK + 0.5), ["not whole"]),
    "not finite": ("a.npy", lambda path: np.save(path, np.full((3, 3), np.nan)), ["not whole"]),
    "infinite": ("a.npy", lambda path: np.save(path, np.full((3, 3), np.inf)), ["not whole"]),
    "complex": ("a.npy", lambda path: np.save(path, STACK + 1j), ["complex128", "whole numbers"]),
    "one axis": ("a.npy", lambda path: np.save(path, np.arange(5)), ["1 axes", "2 or 3"]),
    "four axes": ("a.npy", lambda path: np.save(path, np.zeros((2, 2, 2, 2), int)), ["4 axes", "2 or 3"]),
    "code in it": ("a.npy", pickled, ["cannot be read"]),
    "no TIFF": ("a.tif", lambda path: path.write_bytes(b"nothing"), ["cannot be read"]),
    "cut off": ("a.tif", truncated, ["cannot be read"]),
    "colour": ("a.tif", lambda path: write_tiff(path, np.zeros((1, 4, 4, 3), np.uint8)), ["in colour"]),
    "pages differ": (
        "a.tif",
        lambda path: write_tiff(path, [np.zeros((4, 4), np.uint8), np.zeros((4, 5), np.uint8)]),
        ["different sizes"],
    ),
    "no NRRD": ("a.nrrd", lambda path: path.write_bytes(b"type: uint8\n\n12"), ["not a NRRD file"]),
    "too little data": (
        "a.nrrd",
        lambda path: path.write_bytes(nrrd(b"12", encoding="raw")),
        ["cannot be read"],
    ),
    "data elsewhere": (
        "a.nrrd",
        lambda path: path.write_bytes(nrrd(b"", encoding="raw", datafile="a.raw")),
        ["in another file"],
    ),
    "skipped bytes": (
        "a.nrrd",
        lambda path: path.write_bytes(nrrd(STACK.tobytes(), encoding="raw", **{"byte skip": "-1"})),
        ["byte skip"],
    ),
    "other encoding": (
        "a.nrrd",
        lambda path: path.write_bytes(nrrd(b"", encoding="hex")),
        ["hex", "raw, gzip, bzip2 or text"],
    ),
    "other format": ("a.bmp", lambda path: path.write_bytes(b""), ['".bmp"', "Allowed", ".nrrd"]),
    "a folder": ("a.tif", lambda path: path.mkdir(), ["is a folder"]),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_told_in_one_sentence(
    tmp_path: Path, name: str, recwarn: pytest.WarningsRecorder
) -> None:
    file, write, words = BAD[name]
    write(tmp_path / file)
    with pytest.raises(InputError) as told:
        read_labels(tmp_path / file)
    assert all(word in str(told.value) for word in ["a.", *words]), told.value
    assert "\n" not in str(told.value)
    assert not recwarn.list


def test_a_missing_file_is_told_with_the_nearest_one(tmp_path: Path) -> None:
    np.save(tmp_path / "sample_2.npy", STACK)
    (tmp_path / "sample_3.txt").touch()
    with pytest.raises(InputError, match=r"there is no file .*sample3\.npy\. Did you mean sample_2\.npy\?"):
        read_labels(tmp_path / "sample3.npy")
