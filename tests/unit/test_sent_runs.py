"""The folder of a run that someone sent: what is in it is a run, or refused in one line."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from fem_model.base.errors import InputError
from fem_model.base.seal import sealed, unsealed
from fem_model.post import load_run
from fem_model.readers.files import table_of
from fem_model.record import checkpoint_files
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

PARTS = [{"nodal:xi": np.linspace(0.0, k, 30).reshape(10, 3), "number": np.arange(10)} for k in (1, 2)]
CONTENTS = {"numbers": {"case": "text", "clock": {"t": 2.0}}}


def write(folder: Path, step: int, kept: int = 2) -> None:
    aside = checkpoint_files.begin(folder)
    digests = [checkpoint_files.write_part(aside, number, part) for number, part in enumerate(PARTS)]
    checkpoint_files.finish(aside, CONTENTS | {"step": step}, digests, step, kept)


def newest(folder: Path) -> int | None:
    """The step of the checkpoint that is taken up; its arrays are those that were written."""
    found = checkpoint_files.newest(folder)
    if found is None:
        return None
    for part, expected in zip(found.parts(), PARTS, strict=True):
        assert set(part) == set(expected) and all(np.array_equal(part[name], expected[name]) for name in part)
    return int(found.contents["step"])


def files(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*"))]


@pytest.fixture
def checkpoints(tmp_path: Path) -> Path:
    for step in (1, 2, 3):
        write(tmp_path / "checkpoint", step)
    return tmp_path / "checkpoint"


def test_the_last_two_checkpoints_are_kept(checkpoints: Path) -> None:
    names = ["", "/index.json", "/part-00000.npz", "/part-00001.npz"]
    assert files(checkpoints) == [f"step-0000000{k}{name}" for k in (2, 3) for name in names]
    assert newest(checkpoints) == 3
    write(checkpoints, 4, kept=1)
    assert {name.split("/")[0] for name in files(checkpoints)} == {"step-00000004"}


def test_a_checkpoint_with_any_byte_changed_is_left_out(checkpoints: Path) -> None:
    for name in ("index.json", "part-00000.npz", "part-00001.npz"):
        path = checkpoints / "step-00000003" / name
        data = path.read_bytes()
        for place in range(0, len(data), 29):
            path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
            assert newest(checkpoints) == 2
            found = checkpoint_files.newest(checkpoints)
            assert found and f"step-00000003/{name} is damaged" in found.newer[0]
        path.write_bytes(data)
    assert newest(checkpoints) == 3


def test_a_kill_at_any_time_leaves_a_checkpoint(checkpoints: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At every call that changes something on disk, while step 3 is written again."""
    calls = [
        (os, "replace"),
        (os, "unlink"),
        (os, "rmdir"),
        (Path, "mkdir"),
        (checkpoint_files, "write_bytes"),
    ]
    for count in range(100):
        left = iter(range(count))

        def or_die(work: Callable[..., Any], left: Iterator[int] = left) -> Callable[..., Any]:
            def call(*args: Any, **options: Any) -> Any:
                if next(left, None) is None:
                    raise KeyboardInterrupt
                return work(*args, **options)

            return call

        with monkeypatch.context() as patch:
            for owner, name in calls:
                patch.setattr(owner, name, or_die(getattr(owner, name)))
            with suppress(KeyboardInterrupt):
                write(checkpoints, 3, kept=1)
        assert newest(checkpoints) == 3
        if next(left, None) is not None:  # it was not interrupted
            break
    assert count > 6 and {name.split("/")[0] for name in files(checkpoints)} == {"step-00000003"}


def as_part(change: Callable[[Path], object]) -> Callable[[Path], None]:
    """Something else in the place of a part, with an index that vouches for it."""

    def changed(step: Path) -> None:
        part = step / "part-00001.npz"
        change(part)
        index = json.loads(unsealed((step / "index.json").read_bytes()) or b"")
        index["parts"][1] = sha256(part.read_bytes()).hexdigest()
        (step / "index.json").write_bytes(sealed(json.dumps(index).encode()))

    return changed


def out_of_the_folder(path: Path) -> None:
    elsewhere = path.parents[len(path.parts) - path.parts.index("checkpoint") - 1] / path.name
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


@pytest.mark.parametrize(
    "change",
    [
        as_part(lambda path: np.savez_compressed(path, xi=np.zeros(2_500_000))),  # 20 kB hold 20 MB
        as_part(lambda path: np.savez(path, allow_pickle=True, xi=np.array([{}], dtype=object))),
        as_part(lambda path: path.write_bytes(b"nothing of the kind")),
        as_part(lambda path: np.savez(path, xi=np.array([0.0, np.nan]))),
        lambda step: (step / "index.json").write_bytes(sealed(b"[1, 2]")),
        lambda step: (step / "index.json").write_bytes(sealed(b"[" * 100_000)),
        lambda step: (step / "index.json").write_bytes(b""),
        lambda step: (step / "index.json").unlink(),
        lambda step: (step / "part-00001.npz").unlink(),
        lambda step: ((step / "part-00001.npz").unlink(), os.mkfifo(step / "part-00001.npz")),
        lambda step: out_of_the_folder(step / "part-00001.npz"),
        lambda step: out_of_the_folder(step / "index.json"),
        out_of_the_folder,
    ],
)
def test_what_is_no_checkpoint_is_left_out(checkpoints: Path, change: Callable[[Path], object]) -> None:
    change(checkpoints / "step-00000003")
    assert newest(checkpoints) == 2
    change(checkpoints / "step-00000002")
    left = files(checkpoints)
    with pytest.raises(InputError, match=r"not one of 2 checkpoints can be used .*--force.*--out DIR"):
        newest(checkpoints)
    assert files(checkpoints) == left


def test_checkpoints_of_an_earlier_version_are_refused(checkpoints: Path) -> None:
    (checkpoints / "step-00000004.npz").write_bytes(b"")
    with pytest.raises(InputError, match="of another version of the program; start with --force"):
        newest(checkpoints)
    checkpoint_files.drop_all(checkpoints)
    assert files(checkpoints) == []


def test_what_a_link_points_to_is_left_alone(checkpoints: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "index.json").write_bytes(b"mine")
    for name in (".step.part", "step-00000000", "step-00000004.old"):
        (checkpoints / name).symlink_to(elsewhere)
    write(checkpoints, 4)
    write(checkpoints, 4)
    checkpoint_files.drop_all(checkpoints)
    assert files(checkpoints) == [] and files(elsewhere) == ["index.json"]


# Other files of a run


@pytest.mark.parametrize("text", ["[", "[1]", "3", "[" * 100_000, "\udc80"])
def test_what_is_no_table_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "summary.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(InputError, match=r"summary\.json: cannot be read"):
        table_of(path)
