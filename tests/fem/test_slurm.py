"""Sweeps and single runs through a Slurm of one node, which the tests start; skipped where it is missing."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fem_model.sweep.plan import load_plan
from fem_model.sweep.status import state_of
from tests.fem.cases import NUCLEUS, toml
from tests.fem.test_sweep import TWELVE, complete, rows

DAEMONS = ("munged", "slurmctld", "slurmd")
PLACES = f"{os.environ['PATH']}{os.pathsep}/usr/sbin"
MISSING = [name for name in (*DAEMONS, "sbatch") if not shutil.which(name, path=PLACES)]
SLURM = Path(__file__).parents[2] / "runs" / "slurm"
CONFIGURATION = """
ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
MpiDefault=none
KillWait=10
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=4000
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}"),
    pytest.mark.skipif(os.geteuid() != 0, reason="Slurm's daemons are started as root"),
]


def free_ports() -> list[int]:
    """Two ports that nobody listens on."""
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return [one.getsockname()[1], other.getsockname()[1]]


def until(happens: Callable[[], object], seconds: float = 240.0) -> None:
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.2)


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A Slurm of one node, which `sbatch` of this process and its children finds."""
    folder = tmp_path_factory.mktemp("slurm")
    for name in ("state", "spool"):
        (folder / name).mkdir()
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o600)
    host = socket.gethostname().split(".")[0]
    configuration = folder / "slurm.conf"
    configuration.write_text(CONFIGURATION.format(host=host, folder=folder, ports=free_ports()))
    files = {"key-file": "munge.key", "socket": "munge.socket", "pid-file": "munged.pid"}
    files |= {"log-file": "munged.log", "seed-file": "munged.seed"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", PLACES)
        patch.setenv("SLURM_CONF", str(configuration))
        words = [f"--{option}={folder / name}" for option, name in files.items()]
        try:
            subprocess.run(["munged", "--force", *words], check=True)
            for daemon in ("slurmctld", "slurmd"):
                subprocess.run([daemon, "-f", str(configuration)], check=True)
            until(lambda: "idle" in output("sinfo", "--noheader"))
            yield
            output("scancel", "--user", "root")
            until(lambda: not queue())
        finally:
            for name in ("slurmd.pid", "slurmctld.pid", "munged.pid"):
                if (folder / name).exists():
                    os.kill(int((folder / name).read_text()), signal.SIGTERM)


def output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def queue() -> str:
    return output("squeue", "--noheader").strip()


def to_slurm(file: Path) -> None:
    command = [sys.executable, "-m", "fem_model", "sweep", str(file), "--slurm"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "submitted as job" in done.stdout, done.stdout + done.stderr


def statuses(file: Path) -> set[str]:
    members = load_plan(file).members
    return {state_of(file.parent / "out" / "sweep", member).status for member in members}


def test_a_sweep_cancelled_twice_runs_each_member_once_to_its_end(slurm: None, tmp_path: Path) -> None:
    changes = {"time": {"end": "20 min", "outputs": 1}, "output": {"figures": False, "checkpoint": "1 ms"}}
    (tmp_path / "case.toml").write_text(toml(NUCLEUS, changes))
    file, before = tmp_path / "sweep.toml", dict[str, float]()
    file.write_text(TWELVE)
    for wanted in (3, 7):
        to_slurm(file)
        until(lambda: "running" in statuses(file))
        until(lambda wanted=wanted: len(complete(file)) >= wanted)
        output("scancel", "--user", "root")
        until(lambda: not queue())
        now = complete(file)
        assert {name: now[name] for name in before} == before
        before = now
    to_slurm(file)
    until(lambda: len(complete(file)) == 12)
    until(lambda: not queue())
    now = complete(file)
    assert {name: now[name] for name in before} == before
    command = [sys.executable, "-m", "fem_model", "sweep", str(file), "--results"]
    assert subprocess.run(command, check=False).returncode == 0
    told = rows(tmp_path / "out" / "sweep" / "sweep.csv")
    assert [row["status"] for row in told] == 12 * ["finished"]


def test_a_job_on_two_ranks_goes_back_to_the_queue_before_its_end_and_on_from_there(
    slurm: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signal by hand stands for the one at the time limit, which is a minute at least."""
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    changes = {"time": {"end": "60 min", "outputs": 1}, "mesh.cell_size_front": "0.25 um"}
    (tmp_path / "case.toml").write_text(toml(NUCLEUS, changes))
    script = tmp_path / "job.sh"
    script.write_text((SLURM / "job.sh").read_text().replace(". .venv/bin/activate", "true"))
    words = ["--ntasks=2", "--mem=1500M", f"--output={tmp_path}/log", f"--chdir={tmp_path}"]
    job = output("sbatch", "--parsable", *words, str(script), "case.toml", "out").strip()
    series, summary = tmp_path / "out" / "series.csv", tmp_path / "out" / "summary.json"
    until(lambda: series.exists() and len(rows(series)) > 3)
    output("scancel", "--batch", "--signal=USR1", job)
    until(lambda: "Restarts=1" in output("scontrol", "show", "job", job))
    stopped = json.loads(summary.read_text())
    assert stopped["reason"].startswith("stopped by SIGUSR1")
    until(lambda: not queue())
    finished = json.loads(summary.read_text())
    assert (finished["status"], finished["ranks"]) == ("finished", 2)
    assert finished["steps"] > stopped["steps"] > 3
    assert [int(row["step"]) for row in rows(series)] == list(range(finished["steps"] + 1))
