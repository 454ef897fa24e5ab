"""An error of one rank, wherever it comes: all ranks end soon, with its message, once, and its exit code."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.fem.cases import NUCLEUS, toml
from tests.parallel.fault import find

Mpiexec = Callable[..., "CompletedProcess[str]"]

FAULT = Path(__file__).with_name("fault.py")
LIMIT = 10.0
"""Seconds from the error to the end."""

KINDS = {  # exit code and message
    "InputError": (2, "fem-model: injected\n"),
    "SolverError": (3, "fem-model: injected\n"),
    "OSError": (1, "OSError: injected\n"),
    "KeyboardInterrupt": (75, "fem-model: stopped by SIGINT\n"),
    "SystemExit": (7, "fem-model: sys.exit(7) was called\n"),
    "MemoryError": (1, "MemoryError: injected\n"),
    "ValueError": (1, "ValueError: injected\n"),
}

PLACES = (  # a function that each rank calls, and the call that fails
    ("fem_model.commands._solver:import_module", 1),  # the solver, MPI with it, is loaded
    ("fem_model.mesh.domain:create_mesh", 1),
    ("fem_model.mesh.domain:per_cell", 2),
    ("fem_model.mesh.domain:distribute_entity_data", 1),
    ("fem_model.processes.spaces:Spaces.integrate", 1),
    ("fem_model.processes.potential:fill", 1),
    ("fem_model.numerics.linear:LinearSolver.solve", 9),
    ("fem_model.processes.potential:PotentialSolver._residual", 4),
    ("fem_model.engine.engine:Engine.settle", 3),
    ("fem_model.processes.phase:PhaseSolver.advance", 2),
    ("fem_model.record.measures:Measures.tips", 2),
    ("fem_model.engine.ledger:Ledger.measure", 2),
    ("fem_model.record.fields:FieldWriter.write", 1),
    ("fem_model.record.fields:XDMFFile.write_function", 4),  # with the file open on all ranks
    ("fem_model.record.checkpoint:write_part", 1),
    ("fem_model.record.recorder:Recorder.finish", 1),
)
PLACES_OF_ROOT = (
    ("fem_model.tasks.run:load_case", 1),
    ("fem_model.tasks.run:check_folder", 1),
    ("fem_model.mesh.domain:cached_mesh", 1),
    ("fem_model.mesh.cache:write_mesh", 1),
    ("fem_model.mesh.domain:_load", 1),
    ("fem_model.record.series:Series.add", 2),
    ("fem_model.record.checkpoint:finish", 1),
    ("fem_model.tasks.run:draw_figures", 1),
    ("fem_model.tasks.run:tell", 1),
)


def all_faults() -> Iterator[tuple[str, int, str, int, int]]:
    """Place and number of the call, kind, rank and number of ranks: the kinds in turn."""
    where = [(place, rank) for place in PLACES for rank in (0, -1)] + [(place, 0) for place in PLACES_OF_ROOT]
    cases = [(*place, rank % ranks, ranks) for place, rank in where for ranks in (2, 3)]
    for k, (place, call, rank, ranks) in enumerate(cases):
        yield place, call, list(KINDS)[k % len(KINDS)], rank, ranks


@pytest.mark.parametrize("place", [place for place, _ in PLACES + PLACES_OF_ROOT])
def test_the_places_of_the_slow_tests_are_there(place: str) -> None:
    assert callable(find(place)[2])


@pytest.fixture
def case_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A case with figures and a checkpoint after every step, with a cache of meshes that is empty."""
    monkeypatch.setenv("FEM_MODEL_MESHES", str(tmp_path / "meshes"))
    changes = {"time": {"end": "4 min", "outputs": 2}, "output": {"checkpoint": "1 ms"}}
    (tmp_path / "case.toml").write_text(toml(NUCLEUS, changes))
    return tmp_path / "case.toml"


def check(
    mpiexec: Mpiexec, fault: tuple[str, int, str, int, int], folder: Path, arguments: list[str | Path]
) -> None:
    place, call, kind, rank, ranks = fault
    code, message = KINDS[kind]
    mark = folder / "mark"
    done = mpiexec(ranks, [FAULT, place, kind, str(rank), str(call), mark, *arguments], timeout=240)
    assert time.time() - float(mark.read_text()) < LIMIT
    assert done.returncode == code, done.stdout
    assert done.stdout.count(message) == 1, done.stdout
    assert "Abort(" not in done.stdout, "MPI has added lines of its own"
    assert done.stdout.count("Traceback") <= (code == 1), done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("fault", list(all_faults()), ids=lambda fault: "-".join(map(str, fault)))
def test_an_error_of_one_rank_ends_all(
    mpiexec: Mpiexec, fault: tuple[str, int, str, int, int], case_file: Path
) -> None:
    check(mpiexec, fault, case_file.parent, ["run", case_file])


@pytest.mark.parametrize(
    "fault",
    [
        ("fem_model.tasks.mesh:load_case", 1, "KeyboardInterrupt", 0, 2),
        (
            "fem_model.commands._solver:on_root",
            1,
            "InputError",
            0,
            3,
        ),
    ],
    ids=["rank 0 of 2", "rank 0 of 3"],
)
def test_an_error_of_one_rank_ends_the_making_of_a_mesh(
    mpiexec: Mpiexec, fault: tuple[str, int, str, int, int], case_file: Path
) -> None:
    check(mpiexec, fault, case_file.parent, ["mesh", case_file])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "kind", "arguments"),
    [
        ("fem_model.processes.spaces:Spaces.integrate", "InputError", ["verify", "ledger"]),
        ("fem_model.numerics.linear:LinearSolver.solve", "SolverError", ["verify", "bulk"]),
        ("fem_model.numerics.linear:LinearSolver.solve", "OSError", ["conductivity", "case.toml"]),
    ],
)
def test_an_error_of_one_rank_ends_a_study(
    mpiexec: Mpiexec,
    place: str,
    kind: str,
    arguments: list[str | Path],
    case_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(case_file.parent)
    check(mpiexec, (place, 2, kind, 1, 2), case_file.parent, arguments)


@pytest.mark.slow
def test_a_step_that_fails_on_all_ranks_is_tried_again(mpiexec: Mpiexec, case_file: Path) -> None:
    place, mark = "fem_model.processes.phase:PhaseSolver.advance", case_file.with_name("mark")
    done = mpiexec(2, [FAULT, place, "SolverError", "all", "2", mark, "run", case_file], timeout=240)
    assert done.returncode == 0, done.stdout
    assert json.loads((case_file.parent / "out" / "summary.json").read_text())["rejected"] == 1
