"""Time: order of convergence, wanted times, fixed and rejected steps, and the ways a run ends."""

from typing import Any

import numpy as np
import pytest
import ufl
from mpi4py import MPI

from fem_model.base.errors import SolverError
from fem_model.numerics.algebra import AssembledVector
from fem_model.simulation import Simulation
from tests.fem.cases import NUCLEUS, case, column, finished


def in_steps(count: int) -> Simulation:
    time = {"end": "1200 s", "step": f"{1200 / count} s", "outputs": 1}
    return finished(case(NUCLEUS, {"time": time}))


@pytest.fixture(scope="module")
def by_steps() -> dict[int, Simulation]:
    return {count: in_steps(count) for count in (12, 24, 48, 384)}


@pytest.mark.parametrize("quantity", ["xi", "li_volume_m3", "charge_foil_C_m2"])
def test_results_converge_with_the_square_of_the_step(by_steps: dict[int, Simulation], quantity: str) -> None:
    def error(count: int) -> float:
        now, fine = by_steps[count], by_steps[384]
        if quantity == "xi":
            return float(np.linalg.norm(now.model.front.xi.x.array - fine.model.front.xi.x.array))
        return abs(float(now.recorder.last[quantity] - fine.recorder.last[quantity]))

    errors = [error(count) for count in (12, 24, 48)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders == pytest.approx(2.0, abs=0.15), errors


def test_the_adaptive_run_is_as_exact_as_its_steps(by_steps: dict[int, Simulation]) -> None:
    tip = finished(case(NUCLEUS)).recorder.last["tip_m"]
    assert tip == pytest.approx(by_steps[384].recorder.last["tip_m"], abs=5e-3 * 0.5e-6)


def test_a_fixed_step_is_kept(by_steps: dict[int, Simulation]) -> None:
    assert by_steps[24].clock.step == 24
    assert column(by_steps[24], "dt_s")[1:] == pytest.approx(50.0, rel=1e-9)
    assert column(by_steps[24], "t_s")[-1] == 1200.0


@pytest.mark.parametrize("step", [None, "70 s"])
def test_output_times_are_hit_exactly(step: str | None) -> None:
    outputs = ["7 s", "333.3 s", "20 min"]
    time: dict[str, Any] = {"end": "20 min", "outputs": outputs} | ({"step": step} if step else {})
    t = column(finished(case(NUCLEUS, {"time": time})), "t_s")
    assert {0.0, 7.0, 333.3, 1200.0} <= set(t.tolist())
    assert (np.diff(t) > 0).all()


def test_steps_follow_the_front(by_steps: dict[int, Simulation]) -> None:
    """Half the allowed motion takes about twice the steps; adaptive steps stay on the ladder."""
    coarse, fine = (
        finished(case(NUCLEUS, {"time.front_step": share, "time.outputs": 1})) for share in (0.2, 0.1)
    )
    assert fine.clock.step / coarse.clock.step == pytest.approx(2.0, abs=0.35)
    motion = np.diff(column(coarse, "tip_m"))
    assert motion.max() < 0.25 * 0.5e-6


def test_rejected_steps_recover() -> None:
    """Proposals eight times too long: they are refused, halved until they fit, and the run goes on."""
    simulation = Simulation(case(NUCLEUS), MPI.COMM_SELF)
    limit = simulation.engine.limit
    simulation.engine.limit = lambda: 8 * limit()  # type: ignore[method-assign]
    summary = simulation.run()
    assert summary["status"] == "finished"
    assert summary["rejected"] == column(simulation, "rejected")[-1] > 0
    assert summary["faraday_error"] < 1e-8
    assert summary["tip_m"] == pytest.approx(finished(case(NUCLEUS)).recorder.last["tip_m"], rel=0.02)


def test_a_step_that_follows_a_far_faster_one_is_solved() -> None:
    """Its first guess is the rate before, which PETSc takes for divergence."""
    simulation = Simulation(case(NUCLEUS), MPI.COMM_SELF)
    model, phase = simulation.model, simulation.engine.phase
    volumes = AssembledVector(ufl.TestFunction(model.spaces.V) * model.spaces.dx).assemble()
    model.front.reach.update()
    assert model.front.reach.is_whole
    for rate in (1e-2, 1e-12):
        model.front.xi.x.array[:] = 0.0
        phase.advance(rate * volumes, 1.0)
        assert model.front.xi.x.array == pytest.approx(rate, rel=1e-9)


def test_a_rejected_step_leaves_the_state_as_it_was() -> None:
    simulation = Simulation(case(NUCLEUS), MPI.COMM_SELF)
    simulation.instant()
    simulation.step()
    simulation.instant()
    model = simulation.model
    before = [f.x.array.copy() for f in (model.front.xi, model.charge.phi, model.front.distance)]
    with pytest.raises(SolverError, match="order parameter changed"):
        simulation.engine.advance(4000.0)
    after = [f.x.array for f in (model.front.xi, model.charge.phi, model.front.distance)]
    for a, b in zip(before, after, strict=True):
        assert b == pytest.approx(a, rel=1e-9, abs=1e-9 * abs(a).max())


def test_a_fixed_step_that_is_too_long_fails_with_its_reason() -> None:
    summary = Simulation(case(NUCLEUS, {"time.step": "20 min"}), MPI.COMM_SELF).run()
    assert (summary["status"], summary["steps"], summary["rejected"]) == ("failed", 0, 1)
    assert "order parameter changed by" in summary["reason"]
    assert summary["t_end_s"] == 0.0


def test_a_short_circuit_ends_the_run() -> None:
    changes = {"microstructure.depth": "8 um", "time": {"end": "5 h", "outputs": 1}}
    simulation = Simulation(case(NUCLEUS, changes), MPI.COMM_SELF)
    summary = simulation.run()
    tip = column(simulation, "tip_m")
    gap = 4.39 * 0.5e-6
    assert summary["status"] == "short_circuit"
    assert "counter electrode" in summary["reason"]
    assert tip[-2] < 8e-6 - gap <= tip[-1] < 8e-6 - gap + 0.2e-6
    assert summary["t_end_s"] == column(simulation, "t_s")[-1] < 18000


def test_an_interruption_stops_the_run_between_steps() -> None:
    simulation = Simulation(case(NUCLEUS), MPI.COMM_SELF)
    summary = simulation.run(lambda: "enough" if simulation.clock.step >= 3 else None)
    assert (summary["status"], summary["steps"]) == ("stopped", 3)
    assert "enough" in summary["reason"]
