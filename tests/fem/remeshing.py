"""Runs that go on on another mesh, for the tests on one rank and on several; each checks what must hold."""

from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.mesh.domain import Domain
from fem_model.mesh.refinement import refined
from fem_model.simulation import Simulation
from tests.fem.test_resume import NOT_COMPARED, RUNS, series, started

CRACK = "a crack"
GROWING = {
    "drive": {
        "mode": "steps",
        "steps": [{"current": "-1 mA/cm^2", "time": "40 s"}, {"current": "2 mA/cm^2", "time": "10 min"}],
    },
    "intrusion": {"toughness": "0.005 MPa m^0.5", "scatter": 4.0},
    "time": {"end": "1 h", "outputs": 1, "front_step": 0.2},
}
CHANGES = {
    "cycling": RUNS["cycling, chemical, parabolic"],
    "steps": RUNS["steps, electrochemical, linear"],
    CRACK: RUNS["steps, a crack that opened"] | GROWING,
}
"""Runs with an island and a reaction, and one whose crack has withdrawn and goes on against a resistance."""
BEFORE, AFTER = 4, 2
"""Steps before and after a change of the mesh."""


def steps(run: Simulation, count: int) -> None:
    for _ in range(count):
        assert run.instant() is None and run.step() is None


def held(run: Simulation) -> list[float]:
    """∫ξ, ∫z and the charge in products."""
    model, dx = run.model, run.model.spaces.dx
    forms = [model.front.room * model.front.xi * dx]
    if model.reactions:
        forms.append(model.conversion * dx)
    return [*map(model.spaces.integrate, forms), run.engine.stored()]


def stays_what_it_would_have_been(name: str, folder: Path, comm: MPI.Comm) -> None:
    """On the same mesh each column is that of the run without a break, to 1e-10 of its largest value."""
    whole, broken = (started(CHANGES[name], folder / part, comm) for part in ("whole", "broken"))
    for run in (whole, broken):
        steps(run, BEFORE)
    broken.remesh(broken.domain)
    for run in (whole, broken):
        steps(run, AFTER)
    one, other = series(folder / "whole"), series(folder / "broken")
    assert len(one) == len(other) >= BEFORE + AFTER
    for key in set(one[0]) - NOT_COMPARED:
        values = np.array([row[key] for row in one])
        found = np.array([row[key] for row in other])
        np.testing.assert_allclose(found, values, rtol=0, atol=1e-10 * np.abs(values).max(), err_msg=key)


def goes_there_and_back(name: str, folder: Path, comm: MPI.Comm) -> None:
    """∫ξ, ∫z and the ledger to 1e-10, and the run goes on; then to the mesh before, and on again."""
    run = started(CHANGES[name], folder, comm)
    steps(run, BEFORE)
    coarse = run.domain
    for domain in (refined(coarse), coarse):
        _goes_on(run, domain)
    assert run.recorder.ledger.worst < 1e-8
    assert (run.recorder.last.get("pressure_V", 0.0) > 0) == (name == CRACK)


def _goes_on(run: Simulation, domain: Domain) -> None:
    """The run takes `domain` and makes some steps on it."""
    before, islands = held(run), run.recorder.last.get("islands")
    run.remesh(domain)
    assert held(run) == pytest.approx(before, rel=1e-10)
    assert run.instant() is None
    assert run.recorder.ledger.error < 1e-10
    assert run.recorder.last.get("islands") == islands
    assert run.step() is None
    steps(run, AFTER)
