"""Tables, pairs and figures of a sweep from numbers that are made here."""

from pathlib import Path

import pytest

from fem_model.sweep.figure import Picture
from fem_model.sweep.pairs import Comparison, comparisons
from fem_model.sweep.plan import Plan, load_plan
from fem_model.sweep.results import Result, key_column, table
from fem_model.sweep.status import State
from tests.fem.cases import NUCLEUS, toml

GRAINS = {
    "layout": "particles",
    "width": "12 um",
    "depth": "20 um",
    "grains": [{"material": "LPSC1.0", "mass_share": 1, "size": "4 um"}],
}
AXES = """case = "case.toml"
[axes.current]
key = "drive.current"
values = ["1 mA/cm^2", "2 mA/cm^2"]
[axes.contact.choices]
clean = []
worse = ["kinetics.R_ct=10 ohm cm^2"]
[axes.seed]
seeds = 3
"""
SAMPLES = """case = "case.toml"
[axes.sample]
count = 4
samples = { "drive.current" = ["1 mA/cm^2", "2 mA/cm^2"], "kinetics.R_ct" = ["1 ohm cm^2", "2 ohm cm^2"] }
"""
GRAIN = {1: 3.0, 2: 8.0, 3: 5.0}
"""Height of the tip by seed, µm: grains differ more than anything else."""
MORE = {1: 0.1, 2: 0.2, 3: 0.3}
"""What twice the current adds."""


def plan(folder: Path, text: str) -> Plan:
    (folder / "case.toml").write_text(toml(NUCLEUS, {"microstructure": GRAINS, "materials": {}}))
    (folder / "sweep.toml").write_text(text)
    return load_plan(folder / "sweep.toml")


def results(found: Plan) -> list[Result]:
    """Results in which the last member has failed."""
    made = []
    for member in found.members:
        seed = int(member.labels.get("seed", "1"))
        more = MORE[seed] if member.labels.get("current") == "2 mA/cm^2" else 0.0
        worse = 1.0 if member.labels.get("contact") == "worse" else 0.0
        tip = 1e-6 * (GRAIN[seed] + more + worse)
        made.append(Result(member, State("finished", "end"), {"tip_m": tip}, {"steps": 7}))
    made[-1] = Result(found.members[-1], State("failed", "no solution"), {}, {})
    return made


def of(compared: list[Comparison], axis: str, **others: str) -> Comparison:
    (found,) = [one for one in compared if one.axis == axis and one.others == others]
    return found


def test_pairs_on_the_same_grains_show_what_the_spread_hides(tmp_path: Path) -> None:
    found = plan(tmp_path, AXES)
    compared = comparisons(found, results(found))
    clean = of(compared, "current", contact="clean").difference
    assert (clean.count, clean.mean) == (3, pytest.approx(0.2e-6))
    assert clean.error == pytest.approx(0.1e-6 / 3**0.5)
    assert of(compared, "current", contact="worse").difference.count == 2  # without the one that failed
    contact = of(compared, "contact", current="1 mA/cm^2")
    assert (contact.difference.mean, contact.difference.error) == (
        pytest.approx(1e-6),
        pytest.approx(0, abs=1e-18),
    )
    assert contact.percent.mean == pytest.approx(100 * (1 / 3 + 1 / 8 + 1 / 5) / 3)
    assert len(compared) == 4


def test_the_table_has_a_row_for_each_member_with_status_and_reason(tmp_path: Path) -> None:
    found = plan(tmp_path, AXES)
    head, rows = table(found, results(found))
    assert head == [
        *("member", "current", "contact", "seed", "drive.current_mA_cm2", "microstructure.seed"),
        *("status", "reason", "tip_m", "steps"),
    ]
    first, last = rows[0], rows[-1]
    assert first[1:] == ["1 mA/cm^2", "clean", "1", 1.0, 1.0, "finished", "end", pytest.approx(3e-6), 7]
    assert last[1:] == ["2 mA/cm^2", "worse", "3", 2.0, 3.0, "failed", "no solution", None, None]


def test_numbers_of_different_units_stay_text() -> None:
    assert key_column("time.end", ["1 h", "2 h"]) == ("time.end_h", [1.0, 2.0])
    assert key_column("time.end", ["1 h", "90 min"]) == ("time.end", ["1 h", "90 min"])
    assert key_column("mesh.degree", [1, 2]) == ("mesh.degree", [1.0, 2.0])
    assert key_column("drive.mode", ["cycling", "steps"]) == ("drive.mode", ["cycling", "steps"])


def test_a_figure_has_members_with_means_and_differences(tmp_path: Path) -> None:
    found = plan(tmp_path, AXES)
    made = results(found)
    compared = [one for one in comparisons(found, made) if one.axis == "current"]
    values, differences = Picture(found, found.quantities[0], made, compared).draw().axes
    assert values.get_xlabel() == "drive.current (mA/cm^2)"
    assert values.get_ylabel() == "Height of the tip (µm)"
    dots = [line for line in values.lines if line.get_marker() == "o"]
    assert sorted(len(line.get_xdata()) for line in dots) == [2, 3, 3, 3]
    means = [list(line.get_ydata()) for line in differences.lines if line.get_marker() == "_"]
    assert means[0] == [pytest.approx(100 * (0.1 / 3 + 0.2 / 8 + 0.3 / 5) / 3)]


def test_samples_are_drawn_along_each_key_and_not_compared(tmp_path: Path) -> None:
    found = plan(tmp_path, SAMPLES)
    made = results(found)
    assert comparisons(found, made) == []
    panels = Picture(found, found.quantities[0], made, []).draw().axes
    assert [axes.get_xlabel() for axes in panels] == ["drive.current (mA/cm^2)", "kinetics.R_ct (ohm cm^2)"]
