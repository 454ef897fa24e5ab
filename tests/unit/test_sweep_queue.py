"""The queue of a sweep with commands that only look like runs: room, ends, signals, and what is left."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from fem_model.case import case_to_toml
from fem_model.study.process import Children
from fem_model.sweep.cost import Cost
from fem_model.sweep.plan import Member, Plan, load_plan
from fem_model.sweep.queue import Job, Queue
from fem_model.sweep.status import State, place_of, state_of
from fem_model.tasks import sweep as tasks
from fem_model.tasks.sweep import Room, Sweep
from tests.fem.cases import NUCLEUS, toml

COMPLETE = """echo start >> "$out.starts"; date +%s.%N >> "$times"; sleep 0.3; date +-%s.%N >> "$times"
mkdir -p "$out"; cp "$out.toml" "$out/case.toml"
echo '{"status": "finished", "reason": "as asked"}' > "$out/summary.json"
"""
AT_ONCE = COMPLETE.replace("0.3", "0")
TEXT = 'case = "case.toml"\n[axes.current]\nkey = "drive.current"\n'


@pytest.fixture
def found(tmp_path: Path) -> Plan:
    """A plan of four members, in the folder of its sweep."""
    (tmp_path / "case.toml").write_text(toml(NUCLEUS))
    values = ", ".join(f'"{k} mA/cm^2"' for k in range(1, 5))
    (tmp_path / "sweep.toml").write_text(f"{TEXT}values = [{values}]\n")
    (tmp_path / "members").mkdir()
    return load_plan(tmp_path / "sweep.toml")


def fake(monkeypatch: pytest.MonkeyPatch, script: str, folder: Path) -> None:
    """Let members be this script of a shell, in which "$out" is the folder of a member."""

    def command(recipe: Path, out: Path, ranks: int) -> list[str]:
        times = shlex.quote(str(folder / "times"))
        return ["sh", "-c", f"out={shlex.quote(str(out))} times={times}\n{script}"]

    monkeypatch.setattr("fem_model.sweep.queue.command", command)


def jobs(found: Plan, ranks: int = 1, memory: int = 10) -> list[Job]:
    cost = Cost(1, (1, 1), (1.0, 1.0), ranks, memory, 1)
    return [Job(member, cost) for member in found.members]


def run(found: Plan, cores: int = 4, memory: float = 100, given: Sequence[Job] = ()) -> list[State]:
    folder = found.path.parent
    with Children() as children:
        Queue(folder, cores, memory, children, lambda *_: None).run(given or jobs(found))
    return [state_of(folder, member) for member in found.members]


def most_at_once(folder: Path) -> int:
    """The largest number of members that ran at a time."""
    stamps = [float(line) for line in (folder / "times").read_text().split()]
    running = most = 0
    for stamp in sorted(stamps, key=abs):
        running += 1 if stamp > 0 else -1
        most = max(most, running)
    return most


@pytest.mark.parametrize(
    ("cores", "memory", "ranks", "expected"), [(4, 100, 1, 4), (4, 100, 2, 2), (4, 15, 1, 1)]
)
def test_members_run_side_by_side_within_cores_and_memory(
    cores: int,
    memory: float,
    ranks: int,
    expected: int,
    found: Plan,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake(monkeypatch, COMPLETE, found.path.parent)
    states = run(found, cores, memory, jobs(found, ranks))
    assert [state.status for state in states] == 4 * ["finished"]
    assert most_at_once(found.path.parent) == expected


ENDS = {  # what a run does, and how it is reported
    'echo "fem-model: case.toml:3: wrong"; exit 2': State("failed", "case.toml:3: wrong"),
    'echo "fem-model: SIGTERM: stops after this step"; echo; kill -9 $$': State(
        "failed", "killed by SIGKILL"
    ),
    "kill -9 $$": State("failed", "killed by SIGKILL"),
    "exit 7": State("failed", "exit code 7"),
    'mkdir $out; echo \'{"status": "failed", "reason": "no solution"}\' > $out/summary.json; exit 3': State(
        "failed", "no solution"
    ),
    'mkdir $out; echo \'{"status": "stopped", "reason": "by hand"}\' > $out/summary.json; exit 75': State(
        "stopped", "by hand"
    ),
    'echo "fem-model: stopped by SIGINT"; exit 75': State("interrupted"),
}


@pytest.mark.parametrize("script", ENDS)
def test_an_end_is_reported_with_its_reason(
    script: str, found: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(monkeypatch, script, found.path.parent)
    first, *others = run(found, given=jobs(found)[:1])
    assert first.status == ENDS[script].status
    assert first.reason.startswith(ENDS[script].reason)
    assert others == 3 * [State("waiting")]


def test_a_signal_is_passed_on_and_no_other_member_is_started(
    found: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = found.path.parent
    late = "case $out in *_2_*) sleep 0.5;; esac"
    fake(monkeypatch, f"trap '{late}; exit 75' TERM; touch $out.ready; while :; do sleep 0.05; done", folder)

    def stop() -> None:
        while len(list(folder.glob("members/*.ready"))) < 2:
            time.sleep(0.02)
        os.kill(os.getpid(), 15)

    thread = threading.Thread(target=stop)
    thread.start()
    states = run(found, cores=2)
    thread.join()
    assert [state.status for state in states] == 2 * ["interrupted"] + 2 * ["waiting"]


def begin_elsewhere(found: Plan) -> Path:
    """Let another call, which ends, start the first member; the file for which this waits, then ends."""
    member = found.members[0]
    place = place_of(found.path.parent, member)
    place.recipe.write_text(case_to_toml(member.case))
    go = found.path.parent / "go"
    wait = f"0; while [ ! -e {go} ]; do sleep 0.05; done"
    script = f"out={place.folder} times=/dev/null; {COMPLETE.replace('0.3', wait)}"
    words = (
        "from pathlib import Path\nfrom fem_model.study.process import Children\n"
        f"Children().start(['sh', '-c', {script!r}], Path({str(place.log)!r}))\n"
    )
    subprocess.run([sys.executable, "-c", words], check=True)
    return go


def starts(folder: Path) -> list[int]:
    """Number of times that each member was started."""
    return [len(file.read_text().split()) for file in sorted(folder.glob("members/*.starts"))]


def test_a_member_of_another_call_is_waited_for_and_this_is_said(
    found: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, first = found.path.parent, found.members[0]
    fake(monkeypatch, AT_ONCE, folder)
    go, told = begin_elsewhere(found), list[str]()
    assert state_of(folder, first).status == "running"

    def tell(member: Member, state: State) -> None:
        if member.name == first.name:
            told.append(state.reason)
            go.touch()

    with Children() as children:
        Queue(folder, 4, 100, children, tell).run(jobs(found))
    assert [state_of(folder, member).status for member in found.members] == 4 * ["finished"]
    assert starts(folder) == [1, 1, 1, 1]
    assert told == ["started by another call, for which this one waits", "as asked"]


def test_a_member_that_another_call_has_brought_to_its_end_is_not_started(
    found: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(monkeypatch, AT_ONCE, found.path.parent)
    run(found, given=jobs(found)[:2])
    assert [state.status for state in run(found)] == 4 * ["finished"]
    assert starts(found.path.parent) == [1, 1, 1, 1]


def test_a_second_call_says_that_it_waits_and_slurm_gets_the_others(
    found: Plan, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder, sweep = found.path.parent, Sweep(found, found.path.parent)
    fake(monkeypatch, AT_ONCE, folder)
    monkeypatch.setattr(tasks, "conclude", lambda *_, **__: None)
    monkeypatch.setattr(shutil, "which", lambda *_: None)
    go = begin_elsewhere(found)
    monkeypatch.setattr(tasks, "tell", lambda *_: go.touch())
    tasks.to_slurm(sweep)
    told = capfd.readouterr().out
    assert "another call runs 1 of the members, which are left out" in told and "3 task(s)" in told
    assert not go.exists()
    assert tasks.run_sweep(sweep, Room(4, 1e12)) == 0
    told = capfd.readouterr().out
    assert "4 members, 3 of them to run; another call runs 1, for which this one waits\n" in told
    assert starts(folder) == [1, 1, 1, 1]


def test_a_call_that_is_told_to_stop_as_it_waits_for_another_can_go_on(
    found: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, first = found.path.parent, found.members[0]
    fake(monkeypatch, AT_ONCE, folder)
    run(found, given=jobs(found)[1:])
    go = begin_elsewhere(found)
    monkeypatch.setattr(tasks, "conclude", lambda *_, **__: None)
    monkeypatch.setattr(tasks, "tell", lambda *_: os.kill(os.getpid(), 15))
    assert tasks.run_sweep(Sweep(found, folder), Room(4, 1e12)) == 75
    assert state_of(folder, first).status == "running"
    go.touch()


def test_a_longer_case_is_not_complete(found: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, COMPLETE, found.path.parent)
    run(found)
    folder = found.path.parent
    (folder / "case.toml").write_text(toml(NUCLEUS, {"time.end": "40 min"}))
    later = load_plan(found.path)
    assert {state_of(folder, member).status for member in later.members} == {"interrupted"}


def test_progress_is_the_share_of_the_simulated_time(found: Plan) -> None:
    folder, member = found.path.parent, found.members[0]
    place = place_of(folder, member)
    place.folder.mkdir()
    (place.folder / "case.toml").write_text(case_to_toml(member.case))
    (place.folder / "series.csv").write_text("step,stage,t_s\n1,4,300.0\n2,4,600.0\n3,4,9")
    assert state_of(folder, member) == State("interrupted", "50%")
    (place.folder / "summary.json").write_text(json.dumps({"status": "stopped", "reason": "by hand"}))
    assert state_of(folder, member) == State("stopped", "by hand")
