"""Commands that write without the solver do it once, however many ranks they were started on."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

Mpiexec = Callable[..., "CompletedProcess[str]"]


def test_a_new_case_is_written_by_one_rank_and_refused_with_one_message(
    mpiexec: Mpiexec, tmp_path: Path
) -> None:
    told = [mpiexec(3, ["-m", "fem_model", "new", "nuclei"], timeout=60, cwd=tmp_path) for _ in range(2)]
    assert [(one.returncode, one.stdout.count("nuclei/case.toml: is there already")) for one in told] == [
        (0, 0),
        (2, 1),
    ]
    assert told[0].stdout == "written nuclei/case.toml; next: fem-model run nuclei/case.toml\n"
