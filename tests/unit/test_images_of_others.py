"""Images as other programs write them: the numbers that are stored, or one line that names what is wrong."""

import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nrrd
import numpy as np
import pytest
from PIL import Image as Picture
from tifffile import TiffWriter, imwrite

from fem_model.base.errors import InputError
from fem_model.readers.image_formats import FORMATS
from fem_model.readers.images import labels, surveyed
from tests.conftest import ROOT

pytestmark = pytest.mark.filterwarnings("ignore:.*utcnow")  # pynrrd, when it writes

STACK = (np.random.default_rng(7).random((7, 5, 6)) < 0.3).astype(np.uint8)
PAGE = STACK[0]
LARGE = np.kron(PAGE, np.ones((16, 16), np.uint8))
TIMES = np.stack([STACK, 1 - STACK, 0 * STACK])
MACHINE: Any = SimpleNamespace(machine=1e9, set=lambda memory, seconds: None)
"""Stands for the limits of the process that reads: the files are read in this one, as that one does it."""


def read(path: Path, frame: int | None = None, channel: int | None = None) -> Any:
    return labels(path, MACHINE, frame, channel)["labels"]


def require(path: Path, expected: Any, *choice: int | None) -> None:
    found = read(path, *choice)
    assert found.dtype.kind in "iu" and found.shape == expected.shape
    assert np.array_equal(found, expected)


# The table of the documentation


def table() -> dict[str, list[str]]:
    """The rows of the table of formats: numbers and encodings of each."""
    text = (ROOT / "docs" / "imported.md").read_text(encoding="utf-8").split("## Meshes")[0]
    rows = re.findall(r"^\| (\.\w+|folder) \| (.*?) \| (.*?) \|", text, flags=re.MULTILINE)
    return {suffix: [numbers, encodings] for suffix, numbers, encodings in rows}


def write(path: Path, array: Any, encoding: str) -> None:
    """A file of a format, in an encoding of the table."""
    match path.suffix:
        case ".tif" | ".tiff":
            imwrite(
                path, array, photometric="minisblack", compression=None if encoding == "none" else encoding
            )
        case ".npy":
            np.save(path, array)
        case ".nrrd":
            nrrd.write(str(path), array.T, {"encoding": encoding})
        case ".png":
            Picture.fromarray(array[0]).save(path)


def test_the_documentation_has_a_row_for_every_format() -> None:
    assert set(table()) == {*FORMATS, "folder"}


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_number_and_encoding_of_the_documentation_is_read(tmp_path: Path, suffix: str) -> None:
    numbers, encodings = (entry.split(", ") for entry in table()[suffix])
    path = tmp_path / f"image{suffix}"
    for kind in numbers:
        for encoding in encodings:
            write(path, STACK.astype(kind), encoding)
            require(path, PAGE if suffix == ".png" else STACK)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("int64", 2**62), ("uint64", 2**63 + 1), ("float16", 65504), ("float32", 3e9), ("int8", -128)],
)
@pytest.mark.parametrize("suffix", [".tif", ".npy"])
def test_large_and_negative_numbers_are_kept(tmp_path: Path, kind: str, value: float, suffix: str) -> None:
    array = np.where(STACK, np.array(value, kind), np.array(0, kind))
    write(tmp_path / f"a{suffix}", array, "none")
    found = read(tmp_path / f"a{suffix}")
    assert {int(number) for number in np.unique(found)} == {0, int(np.array(value, kind))}


# Polarities, axes and ways to keep pages


def imagej(path: Path, array: Any, axes: str, **facts: Any) -> None:
    imwrite(path, array, imagej=True, metadata={"axes": axes, **facts})


def pyramid(path: Path) -> None:
    with TiffWriter(path) as file:
        file.write(LARGE, tile=(16, 16), subifds=1)
        file.write(LARGE[::2, ::2], tile=(16, 16), subfiletype=1)


def one_by_one(path: Path, **options: Any) -> None:
    with TiffWriter(path) as file:
        for page in STACK:
            file.write(page, **options)


def palette(path: Path, **options: Any) -> None:
    picture = Picture.fromarray(PAGE * 3).convert("P")
    picture.putpalette([200, 0, 0, 0, 200, 0] * 128)
    picture.save(path, **options)


def few_bits(path: Path) -> None:
    """A picture with two bits of grey for each pixel, as libpng and ImageMagick write it."""
    bits = np.unpackbits(3 * PAGE[:, :, None], axis=2)[:, :, -2:].reshape(len(PAGE), -1)
    rows = b"".join(b"\0" + np.packbits(row).tobytes() for row in bits)
    height, width = PAGE.shape
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 2, 0, 0, 0, 0),
        b"IDAT": zlib.compress(rows),
        b"IEND": b"",
    }
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts.items()
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


TIFFS: dict[str, tuple[Callable[[Path], Any], Any]] = {
    "0 is white": (lambda path: imwrite(path, 255 * STACK, photometric="miniswhite"), 255 * STACK),
    "0 is white, LZW": (
        lambda path: imwrite(path, 255 * STACK, photometric="miniswhite", compression="lzw"),
        255 * STACK,
    ),
    "0 is white, one bit": (
        lambda path: imwrite(path, STACK.astype(bool), photometric="miniswhite", compression="packbits"),
        STACK,
    ),
    "fax": (
        lambda path: Picture.fromarray(PAGE.astype(bool)).save(path, compression="group4"),
        PAGE,
    ),
    "a palette": (
        lambda path: imwrite(path, PAGE, photometric="palette", colormap=np.full((3, 256), 40000, np.uint16)),
        PAGE,
    ),
    "Pillow's palette": (lambda path: palette(path, compression="tiff_lzw"), 3 * PAGE),
    "Pillow's LZW": (lambda path: Picture.fromarray(PAGE).save(path, compression="tiff_lzw"), PAGE),
    "differences": (
        lambda path: imwrite(path, STACK.astype(np.uint16), compression="lzw", predictor=True),
        STACK,
    ),
    "tiles": (lambda path: imwrite(path, STACK, tile=(16, 16), compression="zlib"), STACK),
    "strips": (lambda path: imwrite(path, STACK, rowsperstrip=2), STACK),
    "big": (lambda path: imwrite(path, STACK, bigtiff=True), STACK),
    "big-endian": (lambda path: imwrite(path, STACK.astype(np.int32), byteorder=">"), STACK),
    "big-endian, packed": (
        lambda path: imwrite(path, STACK.astype(np.uint16), byteorder=">", compression="zlib"),
        STACK,
    ),
    "one page": (lambda path: imwrite(path, PAGE), PAGE),
    "pages one by one": (one_by_one, STACK),
    "pages one by one, bare": (lambda path: one_by_one(path, metadata=None), STACK),
    "a single directory": (lambda path: imwrite(path, STACK, truncate=True), STACK),
    "ImageJ's slices": (lambda path: imagej(path, STACK, "ZYX"), STACK),
    "ImageJ's page": (lambda path: imagej(path, PAGE, "YX"), PAGE),
    "ImageJ's floats": (lambda path: imagej(path, STACK.astype(np.float32), "ZYX"), STACK),
    "ImageJ's single directory": (
        lambda path: imwrite(path, STACK, imagej=True, metadata={"axes": "ZYX"}, truncate=True),
        STACK,
    ),
    "ImageJ's only time": (lambda path: imagej(path, TIMES[:1], "TZYX"), STACK),
    "OME": (lambda path: imwrite(path, STACK, ome=True, metadata={"axes": "ZYX"}), STACK),
    "axes by other names": (lambda path: imwrite(path, STACK, metadata={"axes": "XYZ"}), STACK),
    "a pyramid": (pyramid, LARGE),
}


@pytest.mark.parametrize("name", TIFFS)
def test_tiff_files_give_the_numbers_that_are_stored(tmp_path: Path, name: str) -> None:
    make, expected = TIFFS[name]
    make(tmp_path / "a.tif")
    require(tmp_path / "a.tif", expected)


@pytest.mark.parametrize("axes", ["TZYX", "ZTYX", "CZYX", "ZCYX"])
def test_frames_and_channels_are_chosen(tmp_path: Path, axes: str) -> None:
    path = tmp_path / "a.tif"
    array = TIMES if axes[0] in "TC" else TIMES.swapaxes(0, 1)
    imwrite(path, array, photometric="minisblack", metadata={"axes": axes}, imagej=axes in ("TZYX", "ZCYX"))
    key = "frame" if "T" in axes else "channel"
    with pytest.raises(InputError, match=rf"has 3 {key}s .*{key} = 0, or up to 2.*Image > Properties"):
        read(path)
    for number, expected in enumerate(TIMES):
        require(path, expected, *((number, None) if key == "frame" else (None, number)))
    with pytest.raises(InputError, match=f"no {key} 3"):
        read(path, *((3, None) if key == "frame" else (None, 3)))


@pytest.mark.parametrize("kind", ["time", "list"])
def test_kinds_of_axes_in_nrrd(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.nrrd"
    nrrd.write(str(path), TIMES.T, {"kinds": ["domain"] * 3 + [kind]})
    with pytest.raises(InputError, match=f"3 {'frames' if kind == 'time' else 'channels'}"):
        read(path)
    require(path, 1 - STACK, *((1, None) if kind == "time" else (None, 1)))


def test_pictures_give_the_indices_of_a_palette_and_grey_values_of_few_bits(tmp_path: Path) -> None:
    palette(tmp_path / "a.png")
    require(tmp_path / "a.png", 3 * PAGE)
    few_bits(tmp_path / "b.png")
    require(tmp_path / "b.png", 3 * PAGE)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_slices_of_a_folder_are_in_the_order_of_their_numbers(tmp_path: Path, suffix: str) -> None:
    pages = np.concatenate([STACK, 1 - STACK, STACK])
    for number, page in enumerate(pages):
        Picture.fromarray(page).save(tmp_path / f"s2_{number}.{suffix}")
    (tmp_path / ".hidden.png").touch()
    (tmp_path / "notes.txt").touch()
    require(tmp_path, pages)


# What is refused


def described(path: Path, text: str, pages: Any = STACK) -> None:
    with TiffWriter(path) as file:
        for number, page in enumerate(pages):
            file.write(page, metadata=None, description=None if number else text)


def edited(path: Path, tag: int, value: int) -> None:
    """Another value of a tag of a page."""
    from tifffile import TiffFile

    imwrite(path, PAGE, extratags=[(274, 3, 1, 1, True)])
    with TiffFile(path, mode="r+") as file:
        file.pages[0].tags[tag].overwrite(value)


def series(folder: Path, **pages: Any) -> None:
    folder.mkdir()
    for name, page in pages.items():
        Picture.fromarray(page).save(folder / f"{name}.png")


def linked(folder: Path) -> None:
    series(folder, s1=PAGE)
    (folder / "s2.png").symlink_to("../other.png")
    Picture.fromarray(PAGE).save(folder.parent / "other.png")


def sheared(path: Path) -> None:
    directions = np.array([[1, 0.5, 0], [0, 1, 0], [0, 0, 1]])
    nrrd.write(str(path), STACK.T, {"space dimension": 3, "space directions": directions})


REFUSED: dict[str, tuple[str, Callable[[Path], Any], str]] = {
    "RGB": (
        "a.tif",
        lambda p: imwrite(p, np.zeros((5, 6, 3), np.uint8), photometric="rgb"),
        "in colour.*Image > Type",
    ),
    "RGB planes": (
        "a.tif",
        lambda p: imwrite(p, np.zeros((3, 5, 6), np.uint8), photometric="rgb", planarconfig="separate"),
        "in colour",
    ),
    "transparent": (
        "a.tif",
        lambda p: imwrite(
            p, np.zeros((5, 6, 2), np.uint8), photometric="minisblack", extrasamples=["unassalpha"]
        ),
        "transparency",
    ),
    "complex": ("a.tif", lambda p: imwrite(p, PAGE.astype(np.complex64)), "complex64; labels are whole"),
    "not whole": ("a.tif", lambda p: imwrite(p, PAGE.astype(np.float16) + 0.5), "not whole"),
    "JPEG": (
        "a.tif",
        lambda p: Picture.fromarray(PAGE).save(p, compression="jpeg"),
        "JPEG, which changes labels",
    ),
    "another photometry": ("a.tif", lambda p: edited(p, 262, 8), "CIELAB.*ImageJ or Fiji"),
    "turned": ("a.tif", lambda p: edited(p, 274, 6), "Orientation.*ImageJ or Fiji"),
    "several images": (
        "a.tif",
        lambda p: [imwrite(p, x, append=x is not PAGE) for x in (PAGE, PAGE[1:])],
        "2 images",
    ),
    "several stacks": (
        "a.tif",
        lambda p: [imwrite(p, x, append=x is not STACK) for x in (STACK, TIMES[1])],
        "2 images",
    ),
    "fewer slices than pages": (
        "a.tif",
        lambda p: described(p, "ImageJ=1.53t\nimages=2\nslices=2\n"),
        "7 pages, and its description reports 2",
    ),
    "more slices than pages": (
        "a.tif",
        lambda p: described(p, "ImageJ=1.53t\nimages=9\nslices=9\n"),
        "7 pages, and its description reports 9",
    ),
    "images without slices": (
        "a.tif",
        lambda p: described(p, "ImageJ=1.53t\nimages=4\n", [PAGE]),
        "1 page, and its description reports 4",
    ),
    "five axes": ("a.tif", lambda p: imwrite(p, np.zeros((2, 2, 2, 5, 6), np.uint16)), "5 axes"),
    "sheared": ("a.nrrd", sheared, "right angles.*Slicer"),
    "vectors": (
        "a.nrrd",
        lambda p: nrrd.write(str(p), STACK.T, {"kinds": ["vector", "domain", "domain"]}),
        "colour",
    ),
    "a picture in colour": ("a.png", lambda p: Picture.fromarray(PAGE).convert("RGB").save(p), "in colour"),
    "a picture with transparency": (
        "a.png",
        lambda p: Picture.fromarray(PAGE).convert("LA").save(p),
        "transparency",
    ),
    "an animation": (
        "a.png",
        lambda p: Picture.fromarray(PAGE).save(p, save_all=True, append_images=[Picture.fromarray(1 - PAGE)]),
        "animated.*TIFF stack",
    ),
    "slices of several sizes": (
        "a",
        lambda p: series(p, s1=PAGE, s2=PAGE[1:]),
        "s1.png .5 × 6.*s2.png .4 × 6",
    ),
    "slices of several types": ("a", lambda p: series(p, s1=PAGE, s2=PAGE.astype(np.uint16)), "uint16"),
    "several series": ("a", lambda p: series(p, s1=PAGE, t1=PAGE), "several series, s1.png and t1.png"),
    "a gap": ("a", lambda p: series(p, s1=PAGE, s2=PAGE, s4=PAGE), "lacks slices between s2.png and s4.png"),
    "a slice in colour": (
        "a",
        lambda p: series(p, s1=np.zeros((5, 6, 3), np.uint8)),
        "s1.png, which is in colour",
    ),
    "no slices": ("a", lambda p: series(p), "folder without slices; .*png"),
    "a link out of the folder": ("a", linked, "leads out of"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_labels_is_refused_by_name(tmp_path: Path, name: str) -> None:
    file, make, words = REFUSED[name]
    make(tmp_path / file)
    with pytest.raises((InputError, ValueError)) as told:
        surveyed(tmp_path / file, MACHINE, None, None)
    assert re.search(words, str(told.value)), told.value
    assert "\n" not in str(told.value)
