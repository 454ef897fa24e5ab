"""What is printed ends no command: poor terminals, full disks, closed files, readers that leave."""

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from fem_model.base.output import SPELLED, lenient_output
from tests.command import call
from tests.fem.cases import NUCLEUS, toml

Into = Callable[[str | None, int], None]


@pytest.fixture
def into() -> Iterator[Into]:
    """`into(path, 1)` opens descriptor 1 on a file, or closes it for None, until the test is over."""
    kept: dict[int, int] = {}

    def send(path: str | None, descriptor: int) -> None:
        kept[descriptor] = os.dup(descriptor)
        os.close(descriptor)
        if path is not None:
            assert os.open(path, os.O_WRONLY) == descriptor

    yield send
    for descriptor, before in kept.items():
        os.dup2(before, descriptor)
        os.close(before)


@pytest.mark.parametrize(
    ("launcher", "words"),
    [
        ("PMI_RANK", ["--help"]),
        ("PMI_RANK", ["run", "case.toml", "--dry-run"]),
        ("PMIX_RANK", ["schema"]),
        ("OMPI_COMM_WORLD_RANK", ["materials"]),
    ],
    ids=["help", "dry run", "schema", "materials"],
)
def test_of_all_ranks_the_first_prints(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    launcher: str,
    words: list[str],
) -> None:
    """Also where a command needs no MPI."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "case.toml").write_text(toml(NUCLEUS))
    told = []
    for rank in ("0", "1"):
        monkeypatch.setenv(launcher, rank)
        assert call(words, monkeypatch) == 0
        told.append(capfd.readouterr().out)
    assert told[0] and not told[1]


def test_programs_side_by_side_print_each_for_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """As under `srun sh -c "fem-model new …"`: each task has a rank, and does work of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PMIX_RANK", "1")
    assert call(["new"], monkeypatch) == 0
    assert "quickstart" in capfd.readouterr().out


def test_letters_are_spelled() -> None:
    assert "5 µm ± 1 Ω, σ²".encode("ascii", SPELLED) == b"5 um +- 1 ohm, sigma2"
    assert "5 µm, ξ".encode("latin-1", SPELLED) == b"5 \xb5m, xi"
    assert "a\udce4b 汉".encode("utf-8", SPELLED) == "a?b 汉".encode()


def test_a_terminal_without_letters_gets_all_the_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (tmp_path / "case.toml").write_text(toml(NUCLEUS))
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), "ascii"))
    assert call(["run", tmp_path / "case.toml", "--dry-run"], monkeypatch) == 0
    told = capfdbinary.readouterr().out.decode("ascii")
    assert "10-90 % width of the front, 4.39 lambda" in told
    assert "ohm cm2" in told


@pytest.mark.parametrize("arguments", [["materials"], ["schema"]])
def test_a_full_disk_is_reported_once(
    arguments: Sequence[str], into: Into, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    into("/dev/full", 1)
    assert call(arguments, monkeypatch) == 2
    told = capfd.readouterr().err
    assert told == "fem-model: standard output: No space left on device: not all is there\n"


def test_an_error_has_its_code_where_nobody_can_read_it(into: Into, monkeypatch: pytest.MonkeyPatch) -> None:
    into("/dev/full", 2)
    assert call(["materials", "LPGS"], monkeypatch) == 2


@pytest.mark.parametrize("descriptors", [(1,), (0, 1, 2)])
def test_closed_files_harm_nothing(
    descriptors: Sequence[int], into: Into, monkeypatch: pytest.MonkeyPatch
) -> None:
    for descriptor in descriptors:
        into(None, descriptor)
    assert call(["materials"], monkeypatch) == 0


def test_what_is_opened_does_not_take_the_place_of_a_closed_file(into: Into, tmp_path: Path) -> None:
    into(None, 1)
    with lenient_output(), (tmp_path / "data").open("w"):
        os.write(1, b"some library prints")
    assert (tmp_path / "data").read_text() == ""


@pytest.mark.slow
def test_a_reader_may_leave(tmp_path: Path) -> None:
    """Gmsh and PETSc would have the process end by a signal."""
    (tmp_path / "case.toml").write_text(toml(NUCLEUS))
    command = [sys.executable, "-m", "fem_model", "mesh", "case.toml"]
    reads, writes = os.pipe()
    os.close(reads)
    done = subprocess.run(command, cwd=tmp_path, stdout=writes, stderr=subprocess.PIPE, timeout=60)
    os.close(writes)
    assert (done.returncode, done.stderr) == (0, b"")
