"""The main job on several ranks: the same files and numbers, and no rank left waiting when one fails."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.fem.cases import NUCLEUS, toml
from tests.parallel.test_faults import check

Mpiexec = Callable[..., "CompletedProcess[str]"]
RANKS = (1, 3)
"""Two are compared with one in the tests of other files."""

# The command line, with all ranks but the first in another, empty folder
AWAY = """
import os, sys
import fem_model.cli
from mpi4py import MPI

away = sys.argv.pop(1)
if MPI.COMM_WORLD.rank:
    os.chdir(away)
fem_model.cli.main()
"""


@pytest.fixture(scope="module")
def runs(mpiexec: Mpiexec, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("ranks")
    (folder / "case.toml").write_text(
        toml(NUCLEUS, {"output.figures": True, "time": {"end": "4 min", "outputs": 1}})
    )
    (folder / "away.py").write_text(AWAY)
    (folder / "away").mkdir()
    for n in RANKS:
        arguments = [folder / "away.py", folder / "away", "run", "case.toml", "--out", str(n)]
        done = mpiexec(n, [*arguments, "--profile", "--petsc", "-log_view ::ascii_csv"], cwd=folder)
        assert done.returncode == 0, done.stdout
        assert done.stdout.count("finished: reached the end time") == 1
        assert f"on {n} rank(s)" in done.stdout
        assert [f"rank {k}" in done.stdout for k in range(4)] == [k < n for k in range(4)], "the profile"
        solves = re.findall(r"^Main Stage,KSPSolve,(\d+),[1-9]", done.stdout, re.MULTILINE)
        assert solves == [str(rank) for rank in range(n)], "PETSc's flag counts on every rank"
    return {n: folder / str(n) for n in RANKS}


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def numbers(folder: Path) -> dict[str, np.ndarray]:
    with (folder / "series.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def check_same_numbers(one: dict[str, np.ndarray], many: dict[str, np.ndarray]) -> None:
    """Each value of physics to 1e-8, and the same steps; errors and iterations are round-off."""
    assert list(one) == list(many)
    assert (one["t_s"] == many["t_s"]).all()
    for name in sorted(set(one) - {"faraday_error", "linear_iterations"}):
        assert many[name] == pytest.approx(one[name], rel=1e-8, abs=1e-12 * abs(one[name]).max()), name
    assert max(one["faraday_error"].max(), many["faraday_error"].max()) < 1e-8


@pytest.mark.parametrize("ranks", RANKS[1:])
def test_ranks_leave_the_same_files(runs: dict[int, Path], ranks: int) -> None:
    """But for the parts of a checkpoint, of which each rank writes one."""
    more = files(runs[ranks]) - files(runs[1])
    assert {name.rpartition("/")[2] for name in more} == {f"part-{k:05d}.npz" for k in range(1, ranks)}
    assert files(runs[1]) <= files(runs[ranks])
    assert (runs[ranks] / "case.toml").read_bytes() == (runs[1] / "case.toml").read_bytes()
    assert not [name for name in files(runs[ranks]) if ".part" in name]


def test_only_rank_0_looks_for_files(runs: dict[int, Path]) -> None:
    """The others have worked in a folder where there are none."""
    assert files(runs[1].parent / "away") == set()


@pytest.mark.parametrize("ranks", RANKS[1:])
def test_ranks_do_not_change_the_numbers(runs: dict[int, Path], ranks: int) -> None:
    check_same_numbers(numbers(runs[1]), numbers(runs[ranks]))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_ranks_do_not_change_a_run_among_grains(mpiexec: Mpiexec, tmp_path: Path) -> None:
    """The first 70 minutes of runs/particles_82: filaments in two electrolytes, more than 50 steps."""
    case = ROOT / "runs" / "particles_82" / "case.toml"
    short = ["--set", "time.end=70 min", "--set", "time.outputs=1", "--set", "output.figures=false"]
    for n in (1, 2):
        done = mpiexec(n, ["-m", "fem_model", "run", case, "--out", tmp_path / str(n), *short], timeout=400)
        assert done.returncode == 0, done.stdout
    one, many = numbers(tmp_path / "1"), numbers(tmp_path / "2")
    check_same_numbers(one, many)
    assert one["step"][-1] >= 50
    assert one["tip_m"][-1] > 2 * one["tip_m"][0]
    assert 0.1 < one["li_share_LGPS"][-1] < 0.9


@pytest.mark.parametrize("ranks", RANKS)
def test_the_summary_knows_its_ranks(runs: dict[int, Path], ranks: int) -> None:
    summary = json.loads((runs[ranks] / "summary.json").read_text())
    manifest = json.loads((runs[ranks] / "manifest.json").read_text())
    assert summary["ranks"] == manifest["ranks"] == ranks
    alone = json.loads((runs[1] / "summary.json").read_text())
    for key in ("status", "steps", "rejected", "num_dofs", "num_cells", "t_end_s"):
        assert summary[key] == alone[key]


@pytest.mark.parametrize("ranks", RANKS)
def test_the_profile_has_the_stages_of_every_rank(runs: dict[int, Path], ranks: int) -> None:
    spent = json.loads((runs[ranks] / "summary.json").read_text())["profile_s"]
    of_each = {"start-up", "mesh", "forms", "assembly", "normal", "solve", "set-up", "measures", "output"}
    assert set(spent) >= of_each | {"other", "figures"}
    assert all(len(seconds) == ranks for seconds in spent.values())
    assert all(min(spent[name]) > 0 for name in of_each)
    assert spent["figures"][0] > 0.1
    assert spent["figures"][1:] == [0.0] * (ranks - 1)


def test_an_exception_on_one_rank_ends_all(mpiexec: Mpiexec, runs: dict[int, Path], tmp_path: Path) -> None:
    arguments = ["run", runs[1].parent / "case.toml", "--out", tmp_path / "out"]
    check(mpiexec, ("fem_model.engine.engine:Engine.settle", 3, "ValueError", 1, 2), tmp_path, arguments)
    assert not (tmp_path / "out" / "summary.json").exists()


def test_wrong_input_is_told_once_and_nothing_is_written(mpiexec: Mpiexec, tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(toml(NUCLEUS, {"phase_field.lamda": "1 um"}))
    done = mpiexec(2, ["-m", "fem_model", "run", tmp_path / "case.toml"])
    assert done.returncode == 2
    assert done.stdout.count("Did you mean lam?") == 1
    assert len(done.stdout.strip().splitlines()) == 1
    assert files(tmp_path) == {"case.toml"}


def test_a_wrong_option_of_the_solver_is_told_once(mpiexec: Mpiexec, tmp_path: Path) -> None:
    """Found by PETSc on all ranks, after the mesh has been distributed."""
    (tmp_path / "case.toml").write_text(toml(NUCLEUS, {"solver": {"petsc": {"pc_gamg_threshold": 0.1}}}))
    done = mpiexec(2, ["-m", "fem_model", "run", tmp_path / "case.toml"])
    assert done.returncode == 2
    assert done.stdout.count("pc_gamg_threshold") == 1
    assert files(tmp_path) == {"case.toml"}


SCRIPT = """
from fem_model import Simulation, load_case
from mpi4py import MPI

case = load_case("case.toml", {"time.end": "1 s", "output.figures": False})
simulation = Simulation(case, MPI.COMM_WORLD, "out")
summary = simulation.run()
print(f"rank {simulation.comm.rank}: {summary['ranks']} ranks", flush=True)
"""


@pytest.mark.slow
def test_a_script_works_on_all_ranks_that_were_started(mpiexec: Mpiexec, tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(toml(NUCLEUS))
    (tmp_path / "script.py").write_text(SCRIPT)
    done = mpiexec(2, ["-m", "mpi4py", "script.py"], cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert sorted(re.findall(r"rank \d: \d ranks", done.stdout)) == ["rank 0: 2 ranks", "rank 1: 2 ranks"]
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["ranks"] == 2
