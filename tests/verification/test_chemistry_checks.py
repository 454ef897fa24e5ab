"""The checks of the chemistry and of the protocols pass, and see what they are there to see."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.laws import kinetics
from fem_model.laws.reaction import ReactionTerm
from fem_model.processes import reaction as process
from fem_model.processes.unknown_potentials import UnknownPotentials
from fem_model.study.verification import growth, isolated, reaction, reaction_balance, round_trip, staircase
from tests.conftest import Mpiexec
from tests.verification.checks import assert_passes, assert_two_ranks_agree, failures

pytestmark = pytest.mark.verification
COMM = MPI.COMM_SELF


@pytest.mark.parametrize(
    "name", ["reaction", "staircase", "round_trip", pytest.param("isolated", marks=pytest.mark.slow)]
)
def test_the_check_passes(name: str) -> None:
    assert_passes(name)


@pytest.mark.slow
def test_two_ranks_find_what_one_finds(mpiexec: Mpiexec, tmp_path: Path) -> None:
    assert_two_ranks_agree(mpiexec, tmp_path, ["reaction", "isolated", "staircase", "round_trip"])


# Reaction


def test_closed_forms_of_growth_have_their_limits() -> None:
    t = np.array([1e-3, 1e6])
    linear, parabolic = 1e-16 / 1e-8 * t[0], np.sqrt(2e-16 * t[1])
    assert growth.parabolic_thickness(t, 1e-16, 1e-8) == pytest.approx([linear, parabolic - 1e-8], rel=1e-3)
    charge, fast = reaction.CHARGE, 1e9
    assert growth.reduction_speed(1e-9, charge, fast, 0.3, 1e-4) == pytest.approx(1e-9, rel=1e-6)
    slow = growth.reduction_speed(1e-9, charge, 1e-6, 0.0, 1e-4)
    assert slow * charge == pytest.approx(1e-6, rel=1e-6)


@pytest.mark.parametrize(
    ("route", "quantity"), [("chemical", "lithium_per_volume"), ("electrochemical", "charge_density")]
)
def test_a_wrong_nu_is_seen(route: str, quantity: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lithium that a reaction takes is a millionth more than 23.75 for each formula unit."""
    right = getattr(ReactionTerm, quantity).fget
    monkeypatch.setattr(ReactionTerm, quantity, property(lambda term: (1 + 1e-6) * right(term)))
    found = failures(reaction_balance.balance(COMM, route).entries("reaction"))
    assert [text.split(": ")[1] for text in found] == [
        "Li in − Li metal − ν converted Ge, over ∫|i| dt",
        "the same within a step, over its charge",
    ]


def test_a_wrong_growth_law_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """w₀ counted twice."""
    law = process.parabolic_speed

    def slower(diffusivity: Any, thickness: Any, start: Any) -> Any:
        return law(diffusivity, thickness, 2 * start)

    monkeypatch.setattr(process, "parabolic_speed", slower)
    _, *parabolic = reaction.interphases()[: 1 + len(reaction.STARTS)]
    courses = [(interphase, *interphase.course(COMM)) for interphase in parabolic]
    assert len({text.split(": ")[0] for text in failures(reaction.growth_entries(courses))}) == len(parabolic)


# Lithium that is cut off


def test_an_island_floats_as_its_closed_form_says() -> None:
    assert not failures(isolated.at_rest(COMM, 1.0)[0])


def test_an_island_pinned_to_the_anode_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is 1 mV off, and takes a net current."""
    take = UnknownPotentials.set_islands
    monkeypatch.setattr(
        UnknownPotentials, "set_islands", lambda unknowns, labels, count: take(unknowns, labels, 0)
    )
    found = failures(isolated.at_rest(COMM, 3.0)[0])
    assert {text.split(": ")[1].split(" ")[0] for text in found} >= {"net", "potential"}


def test_a_wrong_resistance_of_the_island_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    law = kinetics.LAWS["linear"]
    off = law._replace(current=lambda A, i0, **rest: law.current(A, 1.1 * i0, **rest))
    monkeypatch.setitem(kinetics.LAWS, "linear", off)
    found = failures(isolated.at_rest(COMM, 3.0)[0])
    assert sum("amplitude" in text for text in found) == 2


# Staircase


@pytest.mark.parametrize(("factor", "off"), [(0.98, -1), (1.02, 1)])
def test_a_staircase_sees_a_pressure_that_is_off_by_one_step(
    factor: float, off: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    law = kinetics.affinity
    monkeypatch.setattr(
        kinetics, "affinity", lambda eta, kappa, resist, *rest: law(eta, kappa, factor * resist, *rest)
    )
    step, told, _ = staircase.climb(COMM, staircase.Threshold()).entries()
    assert not step.passed and not told.passed
    assert step.measured == step.expected + off


def test_a_staircase_that_ends_below_the_threshold_has_no_critical_current(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(staircase, "LEVELS", (0.95, 0.97, 1.01))
    law = kinetics.affinity
    monkeypatch.setattr(
        kinetics, "affinity", lambda eta, kappa, resist, *rest: law(eta, kappa, 2 * resist, *rest)
    )
    climb = staircase.climb(COMM, staircase.Threshold())
    assert not climb.shorted and np.isnan(climb.critical)
    assert not any(entry.passed for entry in climb.entries()[:2])


# Round trip


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"phase_field": {"lam": "0.18 um", "capillarity": "classical"}}, marks=pytest.mark.slow),
        {
            "materials": {"A": {"sigma": "0.526 S/m"}, "B": {"like": "LGPS"}},
            "reactions": [{"material": "B", "rate": "0.05 nm/s"}],
        },
    ],
    ids=["motion by curvature", "a reaction"],
)
def test_what_has_no_way_back_is_seen(more: dict[str, Any]) -> None:
    found = failures(round_trip.trip(COMM, "nuclei", 1, more).entries())
    assert len(found) >= 2
