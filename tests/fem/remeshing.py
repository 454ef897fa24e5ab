"""Runs that go on on another mesh, for the tests on one rank and on several; each checks what must hold."""

from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.mesh.domain import Domain
from fem_model.mesh.refinement import refined
from fem_model.simulation import Simulation
from tests.fem.test_resume import NOT_COMPARED, RUNS, series, started

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
    "a crack": RUNS["steps, a crack that opened"] | GROWING,
}
"""Runs with an island and a reaction, and one whose crack has withdrawn and goes on against a resistance."""
BEFORE, AFTER = 4, 2
"""Steps before and after a change of the mesh."""


def steps(run: Simulation, count: int) -> None:
    for _ in range(count):
        assert run.instant() is None and run.step() is None


def held(run: Simulation) -> list[float]:
    """∫ξ, ∫z, the charge in products, ∫v dA of both faces and ∫w dA."""
    model, dx = run.model, run.model.spaces.dx
    forms = [model.front.room * model.front.xi * dx]
    if model.reactions:
        forms.append(model.conversion * dx)
    at_faces = [face.volume() for face in model.voids.faces] if model.voids else []
    film = [model.interphase.volume()] if model.interphase else []
    return [*map(model.spaces.integrate, forms), run.engine.stored(), *at_faces, *film]


def begun(name: str, folder: Path, comm: MPI.Comm) -> Simulation:
    """The run of this name after its first steps."""
    run = started(CHANGES[name], folder, comm)
    steps(run, BEFORE)
    return run


def with_and_without_a_break(name: str, folder: Path, comm: MPI.Comm) -> tuple[Simulation, float]:
    """A run that has gone on on the same mesh, and how far its series is `apart` from the unbroken one's."""
    whole, broken = (begun(name, folder / part, comm) for part in ("whole", "broken"))
    broken.remesh(broken.domain)
    for run in (whole, broken):
        steps(run, AFTER)
    return broken, apart(folder / "whole", folder / "broken")


def apart(whole: Path, broken: Path) -> float:
    """Largest difference of two series, each column over its largest value."""
    one, other = series(whole), series(broken)
    assert len(one) == len(other) >= BEFORE + AFTER
    found = []
    for key in set(one[0]) - NOT_COMPARED:
        values, others = (np.array([row[key] for row in rows]) for rows in (one, other))
        off, scale = np.abs(others - values).max(), np.abs(values).max()
        found.append(off / scale if scale else off)
    return float(max(found))


def goes_there_and_back(run: Simulation) -> None:
    """On a mesh refined everywhere and back on the one before; on each the run goes on.

    What is `held` and the ledger are kept to 1e-10.
    """
    coarse = run.domain
    for domain in (refined(coarse), coarse):
        _goes_on(run, domain)
    assert run.recorder.ledger.worst < 1e-8
    assert run.recorder.last.get("pressure_V", 1.0) > 0  # a crack is still resisted


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
