"""The folder of a run that someone sent: what is in it is a run, or refused in one line."""

import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from fem_model.base.errors import InputError
from fem_model.base.seal import sealed
from fem_model.foreign.files import table_of
from fem_model.post import load_run
from fem_model.record import checkpoint_files
from fem_model.record.series import Series
from tests.unit.post_runs import described, plane, write_run

XI, MESH = "/Function/xi/0", "/Mesh/0"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", [plane(4.0), plane(6.0)], step=5.0)


def replaced(name: str, value: Any, **options: Any) -> Callable[[Path], None]:
    """Another dataset in the place of one."""

    def change(folder: Path) -> None:
        with h5py.File(folder / "fields.h5", "r+") as file:
            if name in file:
                del file[name]
            if isinstance(value, h5py.ExternalLink):
                file[name] = value
            else:
                file.create_dataset(name, data=value, **options)

    return change


def linked_beside(folder: Path) -> None:
    with h5py.File(folder / "other.h5", "w") as file:
        file[XI] = np.zeros((4, 1))
    replaced(XI, h5py.ExternalLink("other.h5", XI))(folder)


def out_over_a_link(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).rename(folder.parent / name)
        (folder / name).symlink_to(f"../{name}")

    return change


def written(name: str, text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_text(text) and None


def pipe(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).unlink()
        os.mkfifo(folder / name)

    return change


BAD: dict[str, tuple[Callable[[Path], None], str]] = {
    **{
        f"{name} elsewhere": (out_over_a_link(name), f"{name} leads out of")
        for name in ("fields.h5", "case.toml")
    },
    "series elsewhere": (out_over_a_link("series.csv"), "series.csv leads out of"),
    "a pipe": (pipe("summary.json"), "summary.json is a pipe"),
    "a link": (linked_beside, "fields.h5 refers to other.h5; a run keeps its fields in one file"),
    "a link out": (
        replaced(XI, h5py.ExternalLink("../out.h5", XI)),
        "fields.h5 refers to .*not in its folder",
    ),
    "compressed": (
        replaced(XI, np.zeros((10**6, 1)), compression="gzip", chunks=(1000, 1)),
        "not as a run writes it",
    ),
    "text": (replaced(XI, np.array([[b"a"]])), "not as a run writes it"),
    "other nodes": (replaced(XI, np.zeros((3, 1))), r"has \(3, 1\) values of xi, number 0"),
    "cells of points that are not there": (
        replaced(f"{MESH}/topology", np.array([[0, 1, 10**6]])),
        "not there",
    ),
    "cells of a point before the first": (replaced(f"{MESH}/topology", np.array([[0, 1, -1]])), "not there"),
    "points nowhere": (replaced(f"{MESH}/geometry", np.full((3, 2), np.nan)), "not there, or nowhere"),
    "squares": (replaced(f"{MESH}/topology", np.array([[0, 1, 2, 3]])), "not of simplices"),
    "deep brackets": (written("summary.json", "[" * 100_000), "summary.json: cannot be read"),
    "no table": (written("summary.json", "[1]"), "summary.json: cannot be read"),
    "materials of another kind": (
        written("manifest.json", '{"materials": [1]}'),
        "manifest.json: cannot be read",
    ),
    "no column of times": (written("series.csv", "step,tip_m\n0,1\n"), "it has no column t_s"),
    "a field of text without end": (
        written("series.csv", f'a\n"{"b" * 200_000}\n'),
        "series.csv: cannot be read",
    ),
    "no time": (
        written("fields.xdmf", f"<Xdmf>{described(0, 'nan', 0)}</Xdmf>"),
        "not finite",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_folder_that_is_no_run_is_refused(folder: Path, name: str) -> None:
    change, words = BAD[name]
    change(folder)
    with pytest.raises(InputError, match=words) as told:
        load_run(folder)
    assert "\n" not in str(told.value) and str(folder) in str(told.value)


def test_values_are_checked_where_they_are_read(folder: Path) -> None:
    run = load_run(folder)
    replaced(XI, np.full(run.field("xi", 0).shape, np.inf)[:, None])(folder)
    with pytest.raises(InputError, match=r"values of /Function/xi/0 that are not finite"):
        run.field("xi", 0)
    (folder / "manifest.json").write_text(json.dumps({"materials": {"LPSC1.0": 2}}))
    with pytest.raises(InputError, match=r"materials in fields\.h5 that are not in manifest\.json"):
        _ = load_run(folder).mesh


# Checkpoints

ARRAYS = {"xi": np.linspace(0.0, 1.0, 30).reshape(10, 3), "cell:place": np.arange(10.0)[:, None]}
NUMBERS = {"case": "text", "clock": {"t": 2.0}}


def newest(folder: Path) -> int | None:
    """The step of the checkpoint that is taken up; its arrays are those that were written."""
    found = checkpoint_files.newest(folder)
    if found is None:
        return None
    numbers, arrays = found
    assert set(arrays) == set(ARRAYS) and all(np.array_equal(arrays[name], ARRAYS[name]) for name in ARRAYS)
    return int(numbers["step"])


@pytest.fixture
def checkpoints(tmp_path: Path) -> Path:
    for step in (1, 2, 3):
        checkpoint_files.write(tmp_path / "checkpoint", NUMBERS | {"step": step}, ARRAYS, step)
    return tmp_path / "checkpoint"


def test_the_last_two_checkpoints_are_kept(checkpoints: Path) -> None:
    assert [path.name for path in sorted(checkpoints.iterdir())] == ["step-00000002.npz", "step-00000003.npz"]
    assert newest(checkpoints) == 3
    with np.load(checkpoints / "step-00000003.npz") as file:  # the checksum is in no one's way
        assert np.array_equal(file["xi"], ARRAYS["xi"])


def test_a_checkpoint_with_any_byte_changed_is_left_out(
    checkpoints: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = checkpoints / "step-00000003.npz"
    data = path.read_bytes()
    for place in range(0, len(data), 29):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        with caplog.at_level(logging.WARNING):
            assert newest(checkpoints) == 2
        assert "step-00000003.npz is damaged" in caplog.messages[-1]


def compressed(path: Path) -> None:
    """20 kB that unpack to 20 MB."""
    np.savez_compressed(path, numbers=np.array("{}"), xi=np.zeros(2_500_000))
    path.write_bytes(sealed(path.read_bytes()))


def pickled(path: Path) -> None:
    np.savez(path, allow_pickle=True, numbers=np.array([{}], dtype=object))
    path.write_bytes(sealed(path.read_bytes()))


@pytest.mark.parametrize(
    "change",
    [
        compressed,
        pickled,
        lambda path: path.write_bytes(sealed(b"nothing of the kind")),
        lambda path: path.write_bytes(b""),
        lambda path: (path.unlink(), os.mkfifo(path)),
        lambda path: (path.rename(path.parents[1] / "out.npz"), path.symlink_to("../out.npz")),
    ],
)
def test_what_is_no_checkpoint_is_left_out(checkpoints: Path, change: Callable[[Path], object]) -> None:
    change(checkpoints / "step-00000003.npz")
    assert newest(checkpoints) == 2
    change(checkpoints / "step-00000002.npz")
    assert newest(checkpoints) is None


# Other files of a run


def test_a_damaged_series_is_not_cut(tmp_path: Path) -> None:
    path = tmp_path / "series.csv"
    for content in (b"step,t_s\nx,0.0\n", b"step,t_s\n\xff,0.0\n"):
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"series\.csv: cannot be read"):
            Series.cut(path, 5)
        assert path.read_bytes() == content


@pytest.mark.parametrize("text", ["[", "[1]", "3", "[" * 100_000, "\udc80"])
def test_what_is_no_table_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "summary.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(InputError, match=r"summary\.json: cannot be read"):
        table_of(path)
