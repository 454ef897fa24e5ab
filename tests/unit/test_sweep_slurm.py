"""Scripts for Slurm: what they ask for, and how they pass signals on; sbatch and scontrol are stand-ins."""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from fem_model.base.errors import InputError
from fem_model.case.derived import BYTES_AT_START, BYTES_PER_UNKNOWN
from fem_model.record.pace import EITHER_WAY
from fem_model.sweep.cost import BYTES_PER_RANK, UNKNOWNS_PER_RANK, Cost
from fem_model.sweep.plan import load_plan
from fem_model.sweep.queue import Job
from fem_model.sweep.slurm import RESERVE, SHORTEST, require_not_queued, submit, write_script
from tests.fem.cases import NUCLEUS, toml

SCRIPTS = Path(__file__).parents[2] / "runs" / "slurm"
SWEEP = 'case = "case.toml"\n[axes.current]\nkey = "drive.current"\nvalues = ["1 mA/cm^2", "2 mA/cm^2"]\n'


def stand_in(folder: Path, name: str, script: str) -> None:
    """A program of this name, before all others on the PATH of the test."""
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    return tmp_path


@pytest.fixture
def jobs(folder: Path) -> list[Job]:
    (folder / "case.toml").write_text(toml(NUCLEUS))
    (folder / "sweep.toml").write_text(SWEEP)
    (folder / "members").mkdir()
    costs = Cost(1, (1, 2), (1.0, 30000.0), 2, 2 * 10**9, 1), Cost(1, (1, 2), (1.0, 10.0), 2, 10**9, 1)
    return [Job(m, cost) for m, cost in zip(load_plan(folder / "sweep.toml").members, costs, strict=True)]


def test_the_array_asks_for_what_the_largest_member_needs(folder: Path, jobs: list[Job]) -> None:
    text = write_script(folder, "a name", jobs).read_text()
    for line in ("job-name=a_name", "array=1-2", "ntasks=2", "mem=3000M", "time=04:10:00"):
        assert f"#SBATCH --{line}\n" in text
    assert (folder / "slurm.list").read_text() == "current_1_mA_cm2\ncurrent_2_mA_cm2\n"
    assert (folder / "members" / "current_2_mA_cm2.toml").exists()
    assert subprocess.run(["bash", "-n", folder / "slurm.sh"], check=False).returncode == 0


def test_a_folder_may_have_blanks_and_percent_signs_in_its_name(folder: Path, jobs: list[Job]) -> None:
    home = folder / "5 % LGPS"
    (home / "members").mkdir(parents=True)
    text = write_script(home, "sweep", jobs).read_text()
    assert f'#SBATCH --output="{folder.resolve()}/5 %% LGPS/members/slurm-%A_%a.log"\n' in text


def test_a_job_is_submitted_once(folder: Path, jobs: list[Job]) -> None:
    write_script(folder, "sweep", jobs)
    stand_in(folder, "sbatch", f'echo "$@" > {folder}/given; echo 17')
    stand_in(folder, "squeue", "echo 17_1 main sweep")
    require_not_queued(folder)
    assert submit(folder) == "17"
    assert (folder / "given").read_text() == f"--parsable {folder}/slurm.sh\n"
    with pytest.raises(InputError, match="job 17 of this sweep is still queued"):
        require_not_queued(folder)
    stand_in(folder, "squeue", "exit 1")  # as Slurm answers once it has forgotten the job
    require_not_queued(folder)


def test_a_refusal_of_sbatch_is_told(folder: Path, jobs: list[Job]) -> None:
    write_script(folder, "sweep", jobs)
    stand_in(folder, "sbatch", "echo 'sbatch: error: invalid partition' >&2; exit 1")
    with pytest.raises(InputError) as error:
        submit(folder)
    refusal = f"{folder / 'slurm.sh'} is ready, but sbatch refused it: sbatch: error: invalid partition"
    assert str(error.value) == refusal


def test_without_sbatch_nothing_is_submitted(
    folder: Path, jobs: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_script(folder, "sweep", jobs)
    monkeypatch.setattr(shutil, "which", lambda *_: None)
    assert submit(folder) is None


def test_the_page_gives_the_margins_that_are_asked_for() -> None:
    text = (SCRIPTS.parents[1] / "docs" / "slurm.md").read_text(encoding="utf-8")
    assert f"pace {EITHER_WAY:g} times, at least {SHORTEST / 60:g} min |" in text
    assert f"| {RESERVE:g} times |" in text
    first, plane, solid = BYTES_AT_START / 1e6, BYTES_PER_UNKNOWN[2] / 1e3, BYTES_PER_UNKNOWN[3] / 1e3
    memory = f"{first:g} MB, {plane:g} kB for each unknown ({solid:g} kB in 3D)"
    assert f"{memory}, {BYTES_PER_RANK / 1e6:g} MB for each further rank" in text
    assert f"one for every {UNKNOWNS_PER_RANK:,} unknowns" in text
    for script in SCRIPTS.glob("*.sh"):
        seconds = re.findall("--signal=B:USR1@([0-9]+)", script.read_text(encoding="utf-8"))
        assert [f"| {number} s before the end |" in text for number in seconds] == [True]


def test_all_scripts_treat_signals_alike() -> None:
    ends = {
        path.name: path.read_text().partition("\n# Before the time is over")[2]
        for path in SCRIPTS.glob("*.sh")
    }
    assert len(ends) == 3
    assert len(set(ends.values())) == 1 and all(ends.values())


RUN = "trap 'exit 75' USR1 TERM; touch ready; for n in $(seq 200); do sleep 0.05; done; exit 9"


@pytest.mark.parametrize(
    ("run", "number", "code", "requeued"),
    [
        (RUN, signal.SIGUSR1, 75, "requeue 5\n"),
        (RUN, signal.SIGTERM, 75, ""),
        ("touch ready; exit 3", None, 3, ""),
    ],
)
def test_a_job_goes_back_to_the_queue_before_its_time_is_over_only(
    run: str, number: int | None, code: int, requeued: str, folder: Path
) -> None:
    stand_in(folder, "mpiexec", run)
    stand_in(folder, "scontrol", f'echo "$@" >> {folder}/requeued')
    script = folder / "job.sh"
    script.write_text((SCRIPTS / "job.sh").read_text().replace(". .venv/bin/activate", ":"))
    environment = os.environ | {"SLURM_JOB_ID": "5", "SLURM_NTASKS": "2"}
    with subprocess.Popen(["bash", script, "case.toml", "out"], cwd=folder, env=environment) as process:
        while not (folder / "ready").exists():
            time.sleep(0.02)
        if number:
            process.send_signal(number)
        assert process.wait(20) == code
    found = folder / "requeued"
    assert (found.read_text() if found.exists() else "") == requeued
