"""Lithium that runs along paths: where, from which current on, and what it has opened; flaws as geometry."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from mpi4py import MPI
from scipy.spatial import KDTree

from fem_model.base.constants import F
from fem_model.base.errors import InputError
from fem_model.case.flaws import Flaw
from fem_model.engine.model import Model
from fem_model.laws import kinetics
from fem_model.materials import V_m
from fem_model.mesh.domain import build_domain
from fem_model.mesh.grain_boundaries import GrainBoundaries
from fem_model.physics.flaws import flaw_points
from fem_model.physics.paths import SHARPNESS, Paths
from fem_model.simulation import Simulation
from fem_model.study.verification import intrusion, persistence
from fem_model.study.verification.finger import UM, Finger, by_stage, currents
from tests.fem.cases import NUCLEUS, case, column, finished

COMM = MPI.COMM_SELF
SMALL = Finger(width=5.0, depth=6.0, flaw=1.5)
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
    "intrusion": {"toughness": "0.2 MPa m^0.5", "scatter": 4.0, "seed": 3},
    "anode.initial": {"kind": "film", "thickness": "2 um"},
}


def model(changes: dict[str, Any]) -> Model:
    given = case(NUCLEUS, changes)
    return Model(build_domain(given, COMM), given)


def test_a_single_grain_has_no_boundaries() -> None:
    layers = [{"material": "LPSC1.0", "share": 1.0}]
    one = {"layout": "layers", "width": "5 um", "depth": "6 um", "layers": layers}
    fine = {"cell_size_front": "0.45 um", "cell_size_bulk": "0.45 um"}
    flaw = {"kind": "flaws", "flaws": [{"position": "2.5 um", "length": "2 um"}]}
    changes = GRAINS | {"microstructure": one, "mesh": fine, "anode.initial": flaw}
    found = model(changes).cracks.paths
    assert found is not None
    assert found.toughness_at(np.array([[0.0, 1e-6]])) == pytest.approx(20 * 0.2e6)
    along = {"kind": "flaws", "flaws": [{"position": "2.5 um", "direction": "boundary"}]}
    with pytest.raises(InputError, match="no boundary between grains meets the anode"):
        model(changes | {"anode.initial": along})


# Onset


def test_a_finger_rests_below_its_onset_and_runs_above(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intrusion, "LEVELS", (0.97, 1.03))
    climb = intrusion.climb(COMM, SMALL)
    assert len(climb.way) == 2
    assert all(entry.passed for entry in climb.entries())


@pytest.mark.parametrize(("factor", "runs"), [(0.95, True), (1.06, False)])
def test_a_resistance_that_is_off_is_seen(factor: float, runs: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The finger runs in the step below the onset, or in none."""
    monkeypatch.setattr(intrusion, "LEVELS", (0.97, 1.03))
    law = kinetics.affinity
    monkeypatch.setattr(
        kinetics, "affinity", lambda eta, kappa, resist, *rest: law(eta, kappa, factor * resist, *rest)
    )
    climb = intrusion.climb(COMM, SMALL)
    assert bool(climb.way[0] > intrusion.RUNS) is runs
    assert not all(entry.passed for entry in climb.entries())


def test_a_pair_has_a_toughness_of_its_own() -> None:
    """Boundaries between A and B are half as tough as that between B and B."""
    layers = [{"material": name, "share": 0.25} for name in "ABBA"]
    section = {"toughness": "0.4 MPa m^0.5", "pairs": [{"pair": "B|A", "toughness": "0.2 MPa m^0.5"}]}
    given = {
        "microstructure.layers": layers,
        "mesh": {"cell_size_front": "0.5 um", "cell_size_bulk": "0.5 um"},
        "intrusion": section,
    }
    paths = model(given).cracks.paths
    assert paths is not None
    places = np.array([[x * UM, 10 * UM] for x in (3.0, 6.0, 9.0, 1.0)])
    assert paths.toughness_at(places) == pytest.approx([0.2e6, 0.4e6, 0.2e6, 20 * 0.4e6], rel=1e-3)


def test_the_scatter_of_the_toughness_knows_no_cells() -> None:
    """From boundary to boundary by the law of Weibull, and the same where cells are smaller."""
    coarse, fine = (model(GRAINS | {"mesh.refinement": factor}).cracks for factor in (1.0, 1.3))
    assert coarse.paths is not None and fine.paths is not None
    K = coarse.paths.toughness
    boundaries = coarse.boundaries
    values = np.unique(K)
    assert len(values) == boundaries.boundary.max() + 1 > 30
    assert values.mean() == pytest.approx(0.2e6, rel=0.1)
    assert values.std() / values.mean() == pytest.approx(0.28, rel=0.2)
    assert fine.paths.points.shape != coarse.paths.points.shape
    assert np.unique(fine.paths.toughness) == pytest.approx(values, rel=1e-12)
    middles = boundaries.corners.mean(axis=1)
    one, other = (p.toughness[KDTree(p.points).query(middles)[1]] for p in (coarse.paths, fine.paths))
    assert other == pytest.approx(one, rel=1e-12)
    reseeded = model(GRAINS | {"intrusion.seed": 4}).cracks.paths
    assert reseeded is not None and not np.isin(values, reseeded.toughness).any()


def test_a_path_has_the_directions_of_its_points() -> None:
    """A line in 2D, a plane in 3D; where two paths cross, all of space; off all paths, none."""
    s = np.arange(-40, 41) * 0.1
    up, across = (np.column_stack(pair) for pair in ((0 * s, s), (s, 0 * s)))
    cross = Paths(np.concatenate([up, across]), np.zeros(162), 1.0, 0.4)
    slanted = np.array([[0.6, 0.8]])
    for place, along in (((0.0, 3.0), 0.8), ((3.0, 0.0), 0.6), ((0.0, 0.0), 1.0)):
        assert cross.along(np.array([place]), slanted) == pytest.approx(np.array([[1.0], [along]]), abs=0.01)
    assert cross.along(np.array([[2.0, 2.0]]), slanted)[0] == pytest.approx([0.0])
    x, y = (axis.ravel() for axis in np.meshgrid(s[::4], s[::4]))
    plane = Paths(np.column_stack([x, y, 0 * x]), np.zeros(len(x)), 1.0, 1.0)
    found = plane.along(np.zeros((2, 3)), np.array([[0.0, 0.0, 1.0], [0.6, 0.0, 0.8]]))
    assert found == (pytest.approx([1.0, 1.0]), pytest.approx([0.0, 0.6]))


# What was opened


def stripped_and_plated(reversals: int, stays_open: bool) -> Simulation:
    """Reversals below the onset, to the plug and back."""
    steps = reversals * persistence._steps(SMALL)[:2]
    anode = {"foil_thickness": "1 mm", "initial": SMALL.initial()}
    section = {"toughness": "0.2 MPa m^0.5", "law": "fixed", "length": "10 um", "stays_open": stays_open}
    return finished(SMALL.case(currents(steps), {}, {"anode": anode, "intrusion": section}))


def test_what_was_opened_stays_open() -> None:
    simulation = stripped_and_plated(2, True)
    tip, lithium = by_stage(simulation, "tip_m") / (SMALL.lam * UM), by_stage(simulation, "charge_metal_C_m2")
    assert tip[[2, 4]] == pytest.approx(tip[0], abs=0.4)
    assert lithium[2] - lithium[3] == pytest.approx(lithium[4] - lithium[3], rel=0.01)
    assert simulation.clock.rejected == 0
    assert column(simulation, "faraday_error").max() < 1e-8


def test_unless_the_case_says_otherwise() -> None:
    """The flaw itself has no toughness, but it is less than half of that near its end."""
    tip = by_stage(stripped_and_plated(1, False), "tip_m") / (SMALL.lam * UM)
    assert tip[2] == pytest.approx(tip[0] - 0.9, abs=0.1)


def test_stripping_leaves_a_plug_which_the_foil_fills() -> None:
    """The sides of a crack do not dissolve, so all of the face reacts alike: its tip withdraws at V_m i/F."""
    i, way, plug = 0.5 * SMALL.onset(), 0.8, 1.0
    speed = V_m / F * i / UM
    steps = [(-i, way / speed), (-i, 2.0 / speed)]
    section = {"toughness": "0.2 MPa m^0.5", "law": "fixed", "length": "10 um", "plug": f"{plug} um"}
    simulation = finished(SMALL.case(currents(steps), {}, {"intrusion": section}))
    tip = by_stage(simulation, "tip_m") / UM
    assert tip[0] - tip[1] == pytest.approx(way, rel=0.05)
    assert plug - SMALL.half_width / 2 < tip[2] < plug
    given = by_stage(simulation, "charge_foil_C_m2")
    assert given[2] - given[1] < -0.9 * i * 2.0 / speed


def test_without_a_foil_the_plug_is_stripped_as_well() -> None:
    anode = {"foil_thickness": "0.3 um", "initial": SMALL.initial()}
    drive = {"mode": "galvanostatic", "current": f"-{SMALL.onset()!r} A/m^2"}
    simulation = Simulation(SMALL.case(drive, {}, {"anode": anode}), COMM)
    assert simulation.run()["status"] == "exhausted"
    assert column(simulation, "tip_m")[-1] == 0.0
    assert column(simulation, "faraday_error").max() < 1e-8


def test_an_empty_flaw_is_filled_below_the_onset() -> None:
    """It has no toughness: lithium runs to its end, and rests where K is half of that of its path.

    The front arrives at full speed, and K goes from 0 to 20 times that of the path within 0.3 µm.
    """
    [filled] = SMALL.initial()["flaws"]
    empty = filled | {"length": "3 um", "filled": False}
    anode = {"initial": {"kind": "flaws", "flaws": [filled, empty]}}
    steps = [(0.5 * SMALL.onset(), SMALL.step_time() / 4)] * 3
    tip = by_stage(finished(SMALL.case(currents(steps), {}, {"anode": anode})), "tip_m") / UM
    assert tip[0] == pytest.approx(1.5 + SMALL.half_width, abs=0.05)
    half = SMALL.half_width * (-np.log1p(-0.5 / 20)) ** (1 / SHARPNESS)
    assert tip[2:] == pytest.approx(3.0 + half, abs=0.1 * SMALL.lam)


def test_the_voltage_does_not_alternate_while_a_reaction_eats_the_sides_of_a_crack() -> None:
    """They are pushed back against the grains, whose toughness rises within less than a step."""
    reaction = {"material": "B", "diffusivity": "1e-18 m^2/s", "start_thickness": "20 nm"}
    material = {"like": "LGPS", "sigma": "5000 S/m"}
    changes = {"materials": {"B": material}, "reactions": [reaction], "phase_field.room": 0.1}
    drive = currents([(3 * SMALL.onset(), 500.0)])
    finger = replace(SMALL, depth=8.0)
    simulation = finished(finger.case(drive, {}, changes))
    voltage, tip = (column(simulation, name)[30:] for name in ("voltage_V", "tip_m"))
    assert (np.diff(tip) > 0.1 * SMALL.lam * UM).all() and len(tip) > 15
    middle = 0.5 * (voltage[2:] + voltage[:-2])
    assert abs(voltage[1:-1] - middle).max() < 2e-5


# Flaws


def flaws(changes: dict[str, Any], flaw: dict[str, Any]) -> Model:
    initial = {"kind": "flaws", "flaws": [{"width": "2 um", **flaw}]}
    return model(changes | {"anode.initial": initial})


def test_the_lithium_of_a_flaw_is_a_strip_with_a_round_end() -> None:
    made = flaws({}, {"position": "6 um", "length": "4 um"})
    x, y = made.spaces.V.tabulate_dof_coordinates().T[:2] / UM
    distance = np.hypot(x - 6, y - np.clip(y, 0, 4))
    clear = np.abs(distance - 1) > 0.01
    assert (made.front.xi.x.array >= 0.5)[clear].tolist() == (distance < 1)[clear].tolist()
    assert (distance < 1).sum() > 50


@pytest.mark.parametrize("length", ["1.5 um", None])
def test_a_flaw_follows_the_boundary_next_to_it(length: str | None) -> None:
    place = {"position": "5 um", "direction": "boundary", **({"length": length} if length else {})}
    made = flaws(GRAINS, place)
    [(flaw, points)] = made.cracks.flaws
    sampled, facets = made.cracks.boundaries.sampled(0.05 * UM)
    numbers = made.cracks.boundaries.boundary[facets]
    foot = points[points[:, 1].argmin()]
    at_face = sampled[sampled[:, 1] < 0.06 * UM]
    assert foot[1] < 0.01 * UM
    assert abs(foot[0] - 5 * UM) == pytest.approx(abs(at_face[:, 0] - 5 * UM).min(), abs=0.1 * UM)
    distance, nearest = KDTree(sampled).query(points)
    assert distance.max() < 0.05 * UM
    inner = points[:, 1] > 0.1 * UM
    [number] = set(numbers[nearest[inner & (points[:, 1] < points[:, 1].max() - 0.1 * UM)]])
    own = sampled[numbers == number]
    reach, whole = (np.linalg.norm(x - foot, axis=1).max() for x in (points, own))
    assert reach == pytest.approx(whole if flaw.length is None else min(whole, flaw.length), abs=0.2 * UM)


def test_a_flaw_goes_on_along_boundaries_to_its_height() -> None:
    made = flaws(GRAINS, {"position": "5 um", "direction": "boundaries", "length": "6 um"})
    [(_, points)] = made.cracks.flaws
    sampled, facets = made.cracks.boundaries.sampled(0.05 * UM)
    distance, nearest = KDTree(sampled).query(points)
    assert distance.max() < 0.05 * UM
    assert len(set(made.cracks.boundaries.boundary[facets][nearest])) > 1
    assert (points[0, 1], points[-1, 1]) == pytest.approx((0.0, 6 * UM), abs=1e-12)
    assert points[:, 1].max() == points[-1, 1]
    way = np.linalg.norm(np.diff(points, axis=0), axis=1).sum()
    assert 6 * UM < way < 2 * 6 * UM


def test_a_flaw_along_boundaries_that_lead_nowhere_is_refused() -> None:
    """A grain at the face whose boundary is an arch."""
    arch = np.array([[1.0, 0.0], [2.0, 2.0], [3.0, 0.0]]) * UM
    corners = np.stack([arch[:-1], arch[1:]], axis=1)
    boundaries = GrainBoundaries(corners, np.array([[0, 1], [0, 1]]), np.array([1, 1]))
    given = {"position": "1 um", "direction": "boundaries", "width": "1 um"}
    short, long = (Flaw.model_validate(given | {"length": length}) for length in ("1 um", "3 um"))
    with pytest.raises(InputError, match="from 1 µm no way along boundaries leads up to 3 µm"):
        flaw_points(long, boundaries)
    assert flaw_points(short, boundaries)[-1] == pytest.approx([1.5 * UM, 1 * UM])


def test_in_3d_a_flaw_is_a_thread_or_a_part_of_a_boundary() -> None:
    mesh = {"cell_size_front": "0.5 um", "cell_size_bulk": "1 um", "front_height": "4 um"}
    box = {"microstructure.breadth": "6 um", "microstructure.depth": "8 um", "mesh": mesh}
    place = {"position": "5 um", "across": "2 um", "length": "3 um"}
    [(_, thread)] = flaws(box, place).cracks.flaws
    assert thread[:, :2] == pytest.approx(np.tile([5 * UM, 2 * UM], (len(thread), 1)))
    assert (thread[:, 2].min(), thread[:, 2].max()) == pytest.approx((0.0, 3 * UM))
    [(_, part)] = flaws(box, place | {"direction": "boundary"}).cracks.flaws
    assert part[:, 0] == pytest.approx(np.full(len(part), 6 * UM))
    distance = np.linalg.norm(part - part[0], axis=1)
    assert part[0, 2] == pytest.approx(0.0, abs=1e-9) and distance.max() == pytest.approx(3 * UM, rel=0.1)
    assert np.ptp(part[:, 1]) > 3 * UM


def test_a_flaw_that_reaches_the_counter_electrode_is_refused() -> None:
    with pytest.raises(InputError, match=r"the flaw at 5 µm reaches 20\.9 µm; at most 17\.8 µm is possible"):
        flaws({}, {"position": "5 um", "direction": "boundary"})


def test_a_flaw_along_a_boundary_needs_one() -> None:
    layers = [{"material": "A", "share": 0.5}, {"material": "B", "share": 0.5}]
    changes = {"microstructure.layers": layers, "microstructure.bands": "horizontal"}
    with pytest.raises(InputError, match="no boundary between grains meets the anode"):
        flaws(changes, {"position": "5 um", "direction": "boundary"})
