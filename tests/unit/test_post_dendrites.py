"""What is measured on dendrites: where their ways lead, what they enclose, and what has stopped them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fem_model.base.arrays import Floats
from fem_model.post import Analysis, load_run
from fem_model.post.tables import arm_rows, front_rows
from fem_model.tasks.post import dendrites
from tests.unit.post_runs import Shape, disc, finger, plane, track, union, without, write_run
from tests.unit.post_runs_3d import ball, less, level, write_solid_run

Measured = Callable[..., Analysis]
INTRUSION = """
[intrusion]
toughness = "0.2 MPa m^0.5"
"""
REACTION = """
[[reactions]]
material = "LGPS"
route = "chemical"
diffusivity = "1e-17 m^2/s"
"""


@pytest.fixture
def measured(tmp_path: Path) -> Measured:
    """`measured(shape, ..., **options)`: the analysis of a run with these shapes."""
    return lambda *shapes, **options: Analysis(load_run(write_run(tmp_path / "run", shapes, **options)))


def values(analysis: Analysis, quantity: str, output: int = -1) -> dict[str, float]:
    """What fronts.csv holds of a quantity at an output, by material."""
    key = analysis.run.times[output], quantity
    return {row.material: row.value for row in front_rows(analysis) if (row.time_s, row.quantity) == key}


def fates(analysis: Analysis) -> dict[float, str | None]:
    """The fates of the arms at the last output but one, by the column of 5 µm in which their ends are."""
    t = analysis.run.times[-2]
    return {int(1e6 * row.x_m // 5): row.fate for row in arm_rows(analysis) if row.time_s == t}


def quarters(x: Floats, y: Floats) -> Floats:
    """Four grains."""
    return np.array(1.0 + (x > 10) + 2.0 * (y > 15))


@pytest.mark.parametrize(
    "shapes",
    [
        [disc(5, 0, 0.2), disc(5, 0, 0.2)],
        [plane(0.0), plane(0.0)],
        [plane(-5.0), plane(3.0)],
        [plane(3.0), plane(-5.0)],
        [plane(3.0), plane(31.0)],
        [disc(10, 15, 3), disc(10, 15, 3)],
    ],
    ids=["a node", "none above the anode", "all new", "gone", "full", "cut off"],
)
def test_odd_lithium_has_numbers(measured: Measured, shapes: list[Shape]) -> None:
    analysis = measured(*shapes, sections=INTRUSION)
    assert all(np.isfinite(row.value) for row in front_rows(analysis))
    assert all(np.isfinite(row.way_m) for row in arm_rows(analysis))
    assert len(dendrites(analysis)) in (0, 2)


# Ways


def test_the_way_is_shared_by_the_contacts_that_it_follows(measured: Measured) -> None:
    """Up a contact with LGPS, along a boundary of LPSC1.0, and up through a grain."""
    analysis = measured(track((10, 0), (10, 15), (4, 15), (4, 26), half=1.0), grain=quarters)
    length = 15 + 6 + 11 + 1
    shares, slack = values(analysis, "way_share"), pytest.approx
    assert shares["LGPS|LPSC1.0"] == shares["LGPS"] == slack(15 / length, abs=0.04)
    assert shares["LPSC1.0|LPSC1.0"] == slack((6 + 1.5) / length, abs=0.04)
    assert shares["LGPS|LGPS"] == 0
    assert shares[""] == shares["LPSC1.0"] == slack((15 + 6 + 1.5) / length, abs=0.04)
    assert values(analysis, "way_m")[""] == slack(1e-6 * length, rel=0.05)
    assert values(analysis, "tortuosity")[""] == slack(length / 27, rel=0.05)


# Enclosed electrolyte


def test_what_lithium_encloses_is_cut_off_from_the_counter_electrode(measured: Measured) -> None:
    """A pore that is a grain, half of another one; a bay that is open above is not enclosed."""

    def grains(x: Floats, y: Floats) -> Floats:
        return np.where(np.hypot(x - 5, y - 5) < 3, 2.0, np.where(abs(x - 14) < 3, 3.0, 1.0))

    pores = union(disc(5, 5, 3), lambda x, y: np.minimum(2 - abs(x - 14), 2 - abs(y - 2)))
    open_above = lambda x, y: np.minimum(1 - abs(x - 9.5), y - 4)  # noqa: E731
    analysis = measured(without(plane(12.0), union(pores, open_above)), grain=grains, step=0.25)
    assert values(analysis, "enclosed_area_m2")[""] == pytest.approx((9 * np.pi + 16) * 1e-12, rel=5e-3)
    assert values(analysis, "enclosed_grains")[""] == 1


def test_in_3d_a_volume_is_enclosed(tmp_path: Path) -> None:
    pore = less(level(7.0), ball(4, 4, 4, 2))
    analysis = Analysis(load_run(write_solid_run(tmp_path / "run", [pore], size=(8, 8, 8), step=0.4)))
    assert values(analysis, "enclosed_volume_m3")[""] == pytest.approx(32 / 3 * np.pi * 1e-18, rel=0.03)


# Fates


def test_an_arm_that_gains_no_way_rests(measured: Measured) -> None:
    """In whatever direction it points; one that touches the counter electrode has made a short circuit."""
    still, stem = finger(15, 9), ((3, 0), (3, 9))
    lying = [track(*stem, (x, 9), half=1.0) for x in (6, 8, 8)]
    rising = [still, still, finger(15, 30)]
    analysis = measured(*(union(*arms) for arms in zip(lying, rising, strict=True)))
    assert analysis.fates[0].by_arm == [None, None]
    assert fates(analysis) == {1: "moving", 3: "rest"}
    assert [row.advance_m for row in arm_rows(analysis)][2:4] == pytest.approx([2e-6, 0.0], abs=2e-7)
    assert values(analysis, "arms_moving", 1)[""] == 1 and values(analysis, "dendrites_rest", 1)[""] == 1
    assert [row.dendrite for row in arm_rows(analysis)] == [1, 2, 1, 2, 2, 1]
    assert dendrites(analysis)[0] == "dendrites: 1 at the counter electrode, 1 at rest, too weakly driven"


def test_an_arm_that_loses_way_recedes(measured: Measured) -> None:
    assert fates(measured(finger(5, 12), finger(5, 9), finger(5, 9))) == {1: "receding"}


@pytest.mark.parametrize(("height", "fate"), [(10.0, "shadow"), (17.5, "tough")])
def test_an_arm_far_below_its_neighbour_stands_in_its_shadow(
    measured: Measured, height: float, fate: str
) -> None:
    """The neighbour relieves the stress up to π Y² times its height to both sides, here down to 17.5 µm."""
    shapes = [union(finger(5, 17 + k), finger(15, height)) for k in range(4)]
    found = fates(measured(*shapes, sections=INTRUSION, grain=lambda x, y: np.ones_like(x)))
    assert found == {1: "moving", 3: fate}


@pytest.mark.parametrize(("ahead", "fate"), [(0.3, "tough"), (0.2, "rest")])
def test_an_arm_rests_before_tougher_boundaries(measured: Measured, ahead: float, fate: str) -> None:
    """It came up a boundary of LPSC1.0 and stands where this meets those with LGPS."""
    pairs = ", ".join(
        f'{{ pair = "{pair}", toughness = "{ahead} MPa m^0.5" }}' for pair in ("LGPS|LPSC1.0", "LGPS|LGPS")
    )
    sections = f"{INTRUSION}pairs = [{pairs}]\n"
    shapes = [finger(10, 3), finger(10, 15), finger(10, 15), finger(10, 15)]
    analysis = measured(*shapes, sections=sections, grain=quarters, bands="horizontal")
    assert set(fates(analysis).values()) == {fate}


@pytest.mark.parametrize(("radius", "fate"), [(3.0, "product"), (0.6, "rest")])
def test_an_arm_rests_in_a_product(measured: Measured, radius: float, fate: str) -> None:
    """What has been converted is within a radius of the tip."""

    def product(x: Floats, y: Floats) -> Floats:
        return np.where((x > 10) & (np.hypot(x - 15, y - 9) < radius), 1.0, 0.0)

    analysis = measured(*[finger(15, 9, half=1.0)] * 3, sections=REACTION, conversion=product)
    assert set(fates(analysis).values()) == {fate}


@pytest.mark.parametrize(("reacted", "fate"), [(3.0, "starved"), (1.0, "rest")])
def test_an_arm_rests_as_reactions_take_the_charge(tmp_path: Path, reacted: float, fate: str) -> None:
    """2 C/m² go into metal between outputs, and more or less of it into products elsewhere."""
    shapes = [finger(15, 9)] * 3
    folder = write_run(tmp_path / "run", shapes, sections=REACTION, conversion=lambda x, y: np.zeros_like(x))
    head, *rows = (folder / "series.csv").read_text().splitlines()
    lines = [f"{row},{2.0 * k},{reacted * k}" for k, row in enumerate(rows)]
    text = "\n".join([f"{head},charge_metal_C_m2,charge_reacted_C_m2", *lines]) + "\n"
    (folder / "series.csv").write_text(text)
    analysis = Analysis(load_run(folder))
    assert set(fates(analysis).values()) == {fate}
    assert values(analysis, "charge_share_product")[""] == pytest.approx(reacted / (reacted + 2))
