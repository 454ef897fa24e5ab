"""A complete run goes on from its end with a longer case; a run of another case says which keys differ."""

import re
from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.base.errors import InputError
from fem_model.case import load_case
from fem_model.cli import app
from fem_model.simulation import Simulation
from tests.fem.cases import NUCLEUS, case, column, toml

CYCLES = {"drive": {"mode": "cycling", "current": "1 mA/cm^2", "capacity": "0.05 mAh/cm^2", "cycles": 1}}


def command(*words: str) -> int:
    return app(["run", *words], exit_on_error=False, print_error=False, result_action="return_value") or 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 4 minutes, figures apart."""
    where = tmp_path_factory.mktemp("extension")
    (where / "case.toml").write_text(toml(NUCLEUS, {"time": {"end": "4 min", "outputs": 1}}))
    assert command(str(where / "case.toml")) == 0
    return where


def test_a_complete_run_keeps_its_last_checkpoint_and_goes_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder / "out"
    assert len(list((out / "checkpoint").glob("step-*"))) == 1
    assert command("--resume", "--out", str(out)) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert command("--resume", "--out", str(out), "--set", "time.end=10 min") == 0
    rows = np.genfromtxt(out / "series.csv", delimiter=",", names=True)
    assert rows["t_s"][-1] == 600.0 and (np.diff(rows["step"]) == 1).all()
    straight = Simulation(
        case(NUCLEUS, {"time": {"end": "10 min", "outputs": 2, "step": None}}), MPI.COMM_SELF
    )
    straight.run()
    assert rows["tip_m"][-1] == pytest.approx(column(straight, "tip_m")[-1], rel=2e-3)
    assert rows["charge_C_m2"][-1] == pytest.approx(6000.0, rel=1e-9)
    assert load_case(out / "case.toml").time.end == 600.0


def test_a_run_of_another_case_is_told_by_its_keys(folder: Path) -> None:
    with pytest.raises(
        InputError, match=re.escape("differs in phase_field.gamma, drive.current; --resume allows only")
    ):
        command(
            "--resume",
            "--out",
            str(folder / "out"),
            "--set",
            "phase_field.gamma=1 J/m^2",
            "--set",
            "drive.current=2 mA/cm^2",
        )


def test_a_run_does_not_go_back(folder: Path) -> None:
    with pytest.raises(InputError, match="the run has already reached"):
        command("--resume", "--out", str(folder / "out"), "--set", "time.end=1 min")


def test_a_protocol_gets_more_cycles(tmp_path: Path) -> None:
    simulation = Simulation(
        case(NUCLEUS, CYCLES | {"time": {"end": "5 h", "outputs": 1}}), MPI.COMM_SELF, tmp_path
    )
    assert len(simulation.run()["stages"]) == 2
    longer = case(NUCLEUS, CYCLES | {"drive.cycles": 2, "time": {"end": "5 h", "outputs": 1}})
    summary = Simulation(longer, MPI.COMM_SELF, tmp_path, resume=True).run()
    assert [stage["ended_by"] for stage in summary["stages"]] == ["its capacity"] * 4
    assert summary["charge_throughput_C_m2"] == pytest.approx(4 * 1800.0, rel=1e-6)
