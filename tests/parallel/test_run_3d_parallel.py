"""A run in 3D gives the same numbers on one and on two ranks, by multigrid as by a factorisation."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.fem.cases import NUCLEUS, toml
from tests.parallel.test_run_parallel import check_same_numbers, numbers

Mpiexec = Callable[..., "CompletedProcess[str]"]


@pytest.mark.parametrize("direct_below", [0, 5000])
def test_ranks_do_not_change_a_run_in_3d(mpiexec: Mpiexec, tmp_path: Path, direct_below: int) -> None:
    changes = {
        "microstructure.breadth": "6 um",
        "anode.initial.nuclei": [{"position": "5 um", "across": "2 um", "radius": "2.5 um"}],
        "mesh.front_height": "5 um",
        "solver.direct_below": direct_below,
        "time": {"end": "4 min", "outputs": 1},
    }
    (tmp_path / "case.toml").write_text(toml(NUCLEUS, changes))
    for n in (1, 2):
        done = mpiexec(
            n, ["-m", "fem_model", "run", tmp_path / "case.toml", "--out", tmp_path / str(n)], timeout=300
        )
        assert done.returncode == 0, done.stdout
    one, two = numbers(tmp_path / "1"), numbers(tmp_path / "2")
    check_same_numbers(one, two)
    peaks = [json.loads((tmp_path / n / "summary.json").read_text())["peak_memory_B"] for n in "12"]
    assert 1.6 * peaks[0] < peaks[1] < 2.4 * peaks[0]  # mostly libraries, once for each rank
    assert one["tip_m"][-1] > 1.02 * one["tip_m"][0]
