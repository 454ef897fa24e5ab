"""The network of a case on its mesh: against the closed form of a finger, and against full runs."""

from typing import Any

import numpy as np
import pytest
from mpi4py import MPI

from fem_model import load_case
from fem_model.base.errors import InputError
from fem_model.case import Case
from fem_model.ccd.invasion import Way, from_anode, from_flaw
from fem_model.ccd.network import Network, network
from fem_model.ccd.passage import growth_of
from fem_model.mesh.domain import build_domain
from fem_model.physics.cracks import Cracks
from fem_model.simulation import Simulation
from fem_model.study.verification.finger import UM, Finger
from tests.conftest import ROOT
from tests.fem.cases import NUCLEUS, case, column

COMM = MPI.COMM_SELF
GRAINS: dict[str, Any] = {
    "microstructure": {
        "layout": "particles",
        "width": "12 um",
        "depth": "10 um",
        "grains": [
            {"material": "LPSC1.0", "mass_share": 0.7, "size": "3 um"},
            {"material": "LGPS", "mass_share": 0.3, "size": "2 um"},
        ],
    },
    "materials": {},
    "mesh": {"cell_size_front": "0.45 um", "cell_size_bulk": "0.45 um"},
    "phase_field": {"lam": "0.45 um"},
    "intrusion": {"toughness": "0.2 MPa m^0.5", "scatter": 4.0, "law": "height"},
    "anode.initial": {"kind": "film", "thickness": "2 um"},
}


def cracks(given: Case) -> Cracks:
    return Cracks(build_domain(given, COMM), given)


def way_of(found: Cracks, grains: Network, depth: float) -> Way:
    ((flaw, points),) = found.flaws
    way = from_flaw(grains, points, flaw.radius, depth)
    assert way is not None
    return way


FINGERS = (
    Finger(a=0.5, length="height"),
    Finger(a=0.5, length="relief", width=40.0, flaw=1.5, bulk=1.5),
)


@pytest.mark.parametrize("finger", FINGERS)
def test_the_flaw_of_a_finger_decides_as_theory_says(finger: Finger) -> None:
    found = cracks(finger.case({"mode": "galvanostatic", "current": "1 mA/cm^2"}, {}, {}))
    way = way_of(found, network(found), finger.depth * UM)
    top = way.heights[-1] / UM
    assert top == pytest.approx(finger.flaw + finger.half_width, abs=finger.lam)
    assert way.resistance == pytest.approx(finger.resistance(finger.crack_length(top)), rel=0.02)
    assert way.profile.length.sum() == pytest.approx(finger.depth * UM - way.heights[-1], rel=0.02)


def test_wide_boundaries_pass_a_tough_one_where_it_meets_weak_ones() -> None:
    found = cracks(case(NUCLEUS, GRAINS))
    sharp, wide = network(found), network(found, wide=True)
    assert (wide.toughness <= sharp.toughness * 1.01).all()
    assert 0.1 < np.mean(wide.toughness < 0.99 * sharp.toughness) < 0.9
    ways = [from_anode(grains, 10 * UM) for grains in (sharp, wide)]
    assert ways[0] is not None
    assert ways[1] is not None
    assert ways[1].resistance <= ways[0].resistance * 1.01


def test_without_intrusion_there_is_no_network() -> None:
    with pytest.raises(InputError, match=r"\[intrusion\] is missing"):
        network(cracks(case(NUCLEUS, {key: GRAINS[key] for key in GRAINS if key != "intrusion"})))


LPSC_ALONE: dict[str, Any] = {
    "materials": {"LGPS": {"like": "LPSC1.0"}},
    "reactions": [],
    "phase_field.lam": "0.25 um",
    "mesh.cell_size_front": "0.25 um",
    "mesh.cell_size_boundary": "0.25 um",
    "time.end": "3 h",
}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 3])
def test_a_full_run_comes_as_high_as_the_network_says(seed: int) -> None:
    """The quickstart: one seed comes through at 1.5 mA/cm², the other rests at a tough boundary."""
    seeds = {"microstructure.seed": seed, "intrusion.seed": seed}
    given = load_case(ROOT / "runs/quickstart/case.toml", LPSC_ALONE | seeds)
    found = cracks(given)
    flaw, _ = found.flaws[0]
    way = way_of(found, network(found, wide=True), 18.9 * UM)
    covered = given.phase_field.room * 2 * flaw.radius / found.domain.width
    growth = growth_of(given, 1 - covered)
    run = Simulation(given, COMM)
    run.run()
    expected = way.height_at(growth.overpotential(15.0))
    assert column(run, "tip_m")[-1] == pytest.approx(expected, abs=0.25 * UM)
    assert (expected == 18.9 * UM) == (seed == 1)
