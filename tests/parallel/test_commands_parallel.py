"""Commands that write without the solver do it once, however many ranks they were started on."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

from fem_model import __version__

Mpiexec = Callable[..., "CompletedProcess[str]"]


def test_what_a_command_prints_is_there_once(mpiexec: Mpiexec, tmp_path: Path) -> None:
    assert mpiexec(2, ["-m", "fem_model", "--version"], timeout=60).stdout == f"{__version__}\n"
    wrong = mpiexec(2, ["-m", "fem_model", "run", tmp_path / "none.toml", "--dry-run"], timeout=60)
    assert (wrong.returncode, wrong.stdout.count("fem-model: ")) == (2, 1), wrong.stdout


def test_a_new_case_is_written_by_one_rank_and_refused_with_one_message(
    mpiexec: Mpiexec, tmp_path: Path
) -> None:
    told = [mpiexec(3, ["-m", "fem_model", "new", "nuclei"], timeout=60, cwd=tmp_path) for _ in range(2)]
    assert [(one.returncode, one.stdout.count("nuclei/case.toml: is there already")) for one in told] == [
        (0, 0),
        (2, 1),
    ]
    assert told[0].stdout == "written nuclei/case.toml; next: fem-model run nuclei/case.toml\n"
