"""All forms of a run are compiled before its first step: later nothing waits for a compiler, or lacks one."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ffcx.codegeneration import jit
from mpi4py import MPI

from tests.fem.test_resume import CYCLING, RUNS, THERE_AND_BACK, started

CHEMICAL, ELECTROCHEMICAL, STAIRCASE, CRACK = RUNS
COARSE = {"mesh.cell_size_front": "1 um", "phase_field.lam": "1 um", "time.front_step": 0.4}
FINE = {"mesh.cell_size_front": "0.5 um", "phase_field.lam": "0.5 um"}
CASES: dict[str, dict[str, Any]] = {
    "cycling, chemical, voids, an island, solvers that begin anew": {
        **RUNS[CHEMICAL],
        "drive": CYCLING | {"capacity": "0.01 mAh/cm^2"},
        "solver.reproducible": True,
        "output.checkpoint_steps": 20,
    },
    ELECTROCHEMICAL: RUNS[ELECTROCHEMICAL],
    STAIRCASE: {**RUNS[STAIRCASE], "drive": RUNS[STAIRCASE]["drive"] | {"half_cycle": "20 s"}},
    CRACK: RUNS[CRACK] | FINE,
    "classical": {"phase_field.capillarity": "classical", "drive": THERE_AND_BACK},
    "a dead zone, no counter electrode": {
        "counter": {"kind": "fixed"},
        "kinetics": {"p_resist": "5 MPa"},
        "drive": THERE_AND_BACK,
    },
    "degree 2, a voltage": {
        "mesh.degree": 2,
        "drive": {"mode": "potentiostatic", "voltage": "5 mV"},
        "time.end": "1 min",
    },
}


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Sequence[str]:
    """Compiled modules that are asked for from now on: those that the cache lacks are compiled."""
    found, look_up = list[str](), jit.get_cached_module

    def noted(name: str, *rest: Any) -> Any:
        found.append(name)
        return look_up(name, *rest)

    monkeypatch.setattr(jit, "get_cached_module", noted)
    return found


@pytest.mark.parametrize("name", CASES)
def test_no_form_is_compiled_after_the_first_step(name: str, modules: Sequence[str], tmp_path: Path) -> None:
    run = started(COARSE | CASES[name], tmp_path, MPI.COMM_SELF)
    assert run.instant() is None
    before = set(modules)
    assert before and run.step() is None
    assert run.run()["status"] == "finished"
    assert set(modules) == before
