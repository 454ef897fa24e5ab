"""Tables, pairs and figures of a sweep from numbers that are made here."""

from pathlib import Path

import pytest

from fem_model.record.landmarks import LANDMARKS, Landmarks
from fem_model.sweep.figure import Picture
from fem_model.sweep.pairs import Comparison, comparisons
from fem_model.sweep.plan import Plan, load_plan
from fem_model.sweep.report import Report
from fem_model.sweep.results import Result, key_column, table
from fem_model.sweep.status import State
from tests.fem.cases import NUCLEUS, toml

GRAINS = {
    "layout": "particles",
    "width": "12 um",
    "depth": "20 um",
    "grains": [{"material": "LPSC1.0", "mass_share": 1, "size": "4 um"}],
}
CURRENTS = '[axes.current]\nkey = "drive.current"\nvalues = ["1 mA/cm^2", "2 mA/cm^2"]\n'
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
RANGE = """case = "case.toml"
quantities = ["time_to_short_s"]
[axes.applied_current]
key = "drive.current"
range = ["0.1 mA/cm^2", "10 mA/cm^2"]
count = 3
spacing = "log"
[axes.seed]
seeds = 3
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


def shorts(found: Plan) -> list[Result]:
    """Results in which few members short at the lowest current, more at a higher one, and one fails."""
    made = []
    for member in found.members:
        seed, current = int(member.labels["seed"]), member.case.nominal_current() / 10
        short = {"time_to_short_s": 3600.0 * GRAIN[seed] / current} if seed * current >= 0.2 else {}
        made.append(Result(member, State("short_circuit" if short else "finished", "end"), short, {}))
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
    worse = of(compared, "current", contact="worse").difference
    assert (worse.count, worse.of) == (2, 3)  # without the one that failed
    assert worse.mean == pytest.approx(0.15e-6)
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
    assert first[1:] == ["1 mA/cm^2", "clean", "1", 1.0, 1, "finished", "end", pytest.approx(3e-6), 7]
    assert last[1:] == ["2 mA/cm^2", "worse", "3", 2.0, 3, "failed", "no solution", None, None]
    assert isinstance(first[5], int), "a seed is no 1.0"


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
    assert values.get_xlabel() == differences.get_xlabel() == "Current (mA/cm²)"
    assert values.get_xlim() == differences.get_xlim()
    assert values.get_ylabel() == "Height of the tip (µm)"
    dots = [line for line in values.lines if line.get_marker() == "o"]
    assert sorted(len(line.get_xdata()) for line in dots) == [2, 3, 3, 3]
    means = [list(line.get_ydata()) for line in differences.lines if line.get_marker() == "_"]
    assert means[0] == [pytest.approx(100 * (0.1 / 3 + 0.2 / 8 + 0.3 / 5) / 3)]
    assert differences.get_title().startswith("against current 1 mA/cm² (diamond)")
    assert [list(line.get_xdata()) for line in differences.lines if line.get_marker() == "D"] == [[1.0]]


def test_samples_are_drawn_along_each_key_and_not_compared(tmp_path: Path) -> None:
    found = plan(tmp_path, SAMPLES)
    made = results(found)
    assert comparisons(found, made) == []
    panels = Picture(found, found.quantities[0], made, []).draw().axes
    assert [axes.get_xlabel() for axes in panels] == ["Drive current (mA/cm²)", "Kinetics $R_{ct}$ (Ω cm²)"]
    assert [axes.get_xscale() for axes in panels] == ["linear", "linear"]
    assert [axes.get_title() for axes in panels] == 2 * ["3 of 4 members have it (× none)"]
    failed = found.members[-1].case.nominal_current() / 10
    assert [(text.get_text(), text.get_position()[0]) for text in panels[0].texts] == [
        ("×", pytest.approx(failed, rel=1e-5))
    ]


def test_a_mean_of_those_that_have_it_says_how_many_these_are(tmp_path: Path) -> None:
    found = plan(tmp_path, RANGE)
    report = Report(found, shorts(found))
    (sentence,) = report.missing()
    told = "time_to_short_s: 7 of 9 members have it, 3 of 6 pairs; without it: 1 finished, 1 failed"
    assert sentence == told
    pairs = [(row[2], row[5], row[6]) for row in (one.row for one in report.compared)]
    assert pairs == [("1 mA/cm^2", 2, 3), ("10 mA/cm^2", 1, 3)]


def test_a_figure_says_how_many_have_it_at_each_place(tmp_path: Path) -> None:
    found = plan(tmp_path, RANGE)
    report = Report(found, shorts(found))
    values, pairs = report.picture(found.quantities[0]).draw().axes
    assert values.get_title() == "mean and standard deviation\n7 of 9 members have it"
    assert {text.get_position()[0]: text.get_text() for text in values.texts} == {0.1: "2/3", 10: "2/3"}
    assert pairs.get_title().endswith("standard error; 3 of 6 pairs")
    assert {text.get_position()[0]: text.get_text() for text in pairs.texts} == {1: "2/3", 10: "1/3"}
    assert (values.get_xscale(), values.get_xlabel()) == ("log", "Applied current (mA/cm²)")
    assert values.get_ylabel() == "Time to the short circuit (h)"
    (low, high), ends = values.get_xlim(), (0.1, 10)
    assert low < ends[0] and ends[1] < high, "also places at which nothing is drawn"


def test_a_ratio_has_panels_side_by_side_with_a_curve_that_stands_out_and_marks(tmp_path: Path) -> None:
    text = AXES.replace(
        "[axes.seed]\nseeds = 3", "[axes.law]\nkey = 'kinetics.law'\nvalues = ['linear', 'butler-volmer']"
    )
    layout = "[figure]\npanels = 'contact'\ncurve = 'linear'\nmarks = { paper = '1.5 mA/cm^2' }\n"
    found = plan(tmp_path, f"quantities = ['tip_m/tip_LPSC10_m']\n{text}{layout}")
    ratios = {member.name: 1.0 + k for k, member in enumerate(found.members)}
    (quantity,) = found.quantities
    made = [Result(m, State("finished", ""), {quantity.label: ratios[m.name]}, {}) for m in found.members]
    figure = Report(found, made).picture(quantity).draw()
    assert [axes.get_title() for axes in figure.axes] == ["clean", "worse"]
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    assert {axes.get_yscale() for axes in figure.axes} == {"log"}
    assert [axes.get_ylabel() != "" for axes in figure.axes] == [True, False]
    joined = [line for line in figure.axes[1].lines if line.get_linestyle() == "-"]
    assert [list(line.get_ydata()) for line in joined] == [[3, 7], [4, 8]]
    assert joined[0].get_linewidth() > joined[1].get_linewidth()
    assert [(text.get_text(), text.get_position()[0]) for text in figure.axes[0].texts] == [("paper", 1.5)]
    (legend,) = figure.legends
    assert (legend.get_title().get_text(), len(legend.get_texts())) == ("law", 2)


def test_seeds_along_an_axis_have_whole_numbers(tmp_path: Path) -> None:
    text = 'case = "case.toml"\n[axes.grain]\nkey = "microstructure.seed"\nvalues = [1, 2, 3]\n'
    found = plan(tmp_path, text)
    made = [Result(member, State("finished", ""), {"tip_m": 1e-6}, {}) for member in found.members]
    (axes, _) = Report(found, made).picture(found.quantities[0]).draw().axes
    low, high = axes.get_xlim()
    ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
    assert ticks == [1, 2, 3]


def test_a_figure_without_a_single_pair_has_no_panel_of_pairs(tmp_path: Path) -> None:
    found = plan(tmp_path, RANGE)
    made = [
        one if one.member.labels["applied_current"][0] != "0" else Result(one.member, one.state, {}, {})
        for one in shorts(found)
    ]
    report = Report(found, made)
    assert "5 of 9 members have it, 0 of 6 pairs" in report.missing()[0]
    assert report.compared[0].row[5:] == [0, 3, None, None, None, None]
    assert len(report.picture(found.quantities[0]).draw().axes) == 1


def test_long_names_stay_within_the_figure(tmp_path: Path) -> None:
    choices = [
        f'"number {k} of the contacts, as polished" = ["kinetics.R_ct={k} ohm cm^2"]' for k in (1, 2, 3)
    ]
    text = "\n".join(["[axes.contact.choices]", *choices])
    for axes in (f"{text}\n{CURRENTS}", f"{CURRENTS}{text}"):
        found = plan(tmp_path, f'case = "case.toml"\n{axes}\n')
        figure = Report(found, results(found)).picture(found.quantities[0]).draw()
        figure.draw_without_rendering()
        texts = [
            *figure.legends,
            *(text for panel in figure.axes for text in (panel.title, panel.xaxis.label)),
        ]
        named = [panel for panel in figure.axes if panel.get_xlabel() == "Contact"]
        names = [text for panel in named for text in panel.get_xticklabels()]
        for box in (text.get_window_extent() for text in (*texts, *names)):
            assert 0 <= box.x0 <= box.x1 <= figure.bbox.x1 and 0 <= box.y0 <= box.y1 <= figure.bbox.y1


def test_all_landmarks_of_a_summary_have_a_label() -> None:
    assert tuple(LANDMARKS) == tuple(Landmarks(1.0, 1.0).summary(False, None, None))
