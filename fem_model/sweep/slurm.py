"""A Slurm job array of the members of a sweep, by the template runs/slurm/array.sh."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path

from fem_model.base.atomic import write_text
from fem_model.base.errors import InputError
from fem_model.base.machine import cache_folder
from fem_model.base.surroundings import python_module
from fem_model.case import case_to_toml
from fem_model.case.shipped import SHIPPED
from fem_model.readers.files import text_of
from fem_model.study.process import environment_of_its_own, launcher
from fem_model.sweep.queue import Job
from fem_model.sweep.spacing import as_file_name
from fem_model.sweep.status import MEMBERS, place_of

TEMPLATE = SHIPPED / "slurm" / "array.sh"
SCRIPT, LIST, SUBMITTED = "slurm.sh", "slurm.list", "slurm.job"
"""Files in the folder of a sweep: the script, the names of the members by task, the number of the job."""
SHORTEST = 600.0
"""Least time limit, s."""
RESERVE = 1.5
"""Factor from the estimated memory to what is asked for."""


def write_script(sweep: Path, name: str, jobs: Sequence[Job]) -> Path:
    """Write the cases of the jobs, their list and the script of the array, one task for each; its path."""
    home = (sweep / MEMBERS).resolve()
    for job in jobs:
        write_text(place_of(sweep, job.member).recipe, case_to_toml(job.member.case))
    write_text(sweep / LIST, "".join(f"{job.member.name}\n" for job in jobs))
    program = [*launcher(_ranks(jobs)), *python_module("fem_model")]
    variables = {
        "export FEM_MODEL_MESHES": str(cache_folder().resolve()),
        "members": str(home),
        "list": str((sweep / LIST).resolve()),
        "program": shlex.join(program),
    }
    script = filled(TEMPLATE.read_text(encoding="utf-8"), _options(sweep, name, jobs), variables)
    write_text(sweep / SCRIPT, script)
    return sweep / SCRIPT


def _ranks(jobs: Sequence[Job]) -> int:
    return max(job.cost.ranks for job in jobs)


def _options(sweep: Path, name: str, jobs: Sequence[Job]) -> dict[str, str]:
    """Options of sbatch, from the largest of the estimates."""
    memory = RESERVE * max(job.cost.memory for job in jobs)
    minutes = ceil(max(SHORTEST, *(job.cost.wall[1] for job in jobs)) / 60)
    return {
        "job-name": as_file_name(name),
        "array": f"1-{len(jobs)}",
        "ntasks": str(_ranks(jobs)),
        "mem": f"{ceil(memory / 1e6)}M",
        "time": f"{minutes // 60:02}:{minutes % 60:02}:00",
        "output": f"{(sweep / MEMBERS).resolve()}".replace("%", "%%") + "/slurm-%A_%a.log",
    }


def filled(template: str, options: Mapping[str, str], variables: Mapping[str, str]) -> str:
    """A script with other values of its options and variables, each of which it has once."""
    values = {f"#SBATCH --{key}": f'"{v}"' if re.search(r"\s", v) else v for key, v in options.items()}
    values |= {key: shlex.quote(value) for key, value in variables.items()}
    for key, value in values.items():
        line = re.compile(rf"^{re.escape(key)}=.*$", re.MULTILINE)
        template, count = line.subn(f"{key}={value}".replace("\\", r"\\"), template)
        assert count == 1, key
    return template


def submit(sweep: Path) -> str | None:
    """Submit the script and keep the number of the job, which is returned; None where there is no sbatch.

    InputError with the words of sbatch if it refuses.
    """
    if not shutil.which("sbatch"):
        return None
    done = _run(["sbatch", "--parsable", str((sweep / SCRIPT).resolve())])
    if done.returncode:
        raise InputError(f"{sweep / SCRIPT} is ready, but sbatch refused it: {' '.join(done.stderr.split())}")
    job = done.stdout.strip().split(";")[0]
    write_text(sweep / SUBMITTED, f"{job}\n")
    return job


def require_not_queued(sweep: Path) -> None:
    """InputError if tasks of an array that was submitted before are still queued or running."""
    try:
        job = text_of(sweep / SUBMITTED).strip()
    except InputError:
        return
    if shutil.which("squeue") and _run(["squeue", "--noheader", "--jobs", job]).stdout.strip():
        raise InputError(f"{sweep}: job {job} of this sweep is still queued or running; squeue shows it")


def _run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    environment = environment_of_its_own()
    return subprocess.run(command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
