"""What maps show of a polycrystal and its dendrites: grains, products, toughness, several runs at once."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from fem_model.base.arrays import Floats
from fem_model.plot.style import FIRST_LITHIUM, LITHIUM, typeset
from fem_model.post import Analysis, load_run
from fem_model.post.compare import draw_comparison
from fem_model.post.figures import applicable, draw_front, draw_toughness
from tests.unit.post_runs import Shape, finger, make_run, plane, write_run

INTRUSION = """
[intrusion]
toughness = "0.2 MPa m^0.5"
pairs = [{ pair = "LGPS|LPSC1.0", toughness = "0.5 MPa m^0.5" }]
"""
REACTION = """
[[reactions]]
material = "LGPS"
route = "chemical"
diffusivity = "1e-17 m^2/s"
"""


def analysis(folder: Path, *shapes: Shape, **options: object) -> Analysis:
    """The analysis of a run with these shapes, one for each output."""
    return Analysis(load_run(write_run(folder, shapes, **options)))  # type: ignore[arg-type]


def quarters(x: Floats, y: Floats) -> Floats:
    """Four grains, two of each electrolyte."""
    return np.array(1.0 + (x > 10) + 2.0 * (y > 15))


def part(axes: Axes, name: str) -> Any:
    """The one collection of this name."""
    [found] = [collection for collection in axes.collections if collection.get_gid() == name]
    return found


def tints(figure: Figure) -> Floats:
    """The colour (m, 3) of each cell of the ground."""
    return np.asarray(part(figure.axes[0], "materials").get_facecolor())[:, :3]


# Ground


def test_every_grain_has_its_tint(tmp_path: Path) -> None:
    """Grains of one electrolyte differ a little, those of two a lot."""
    run = analysis(tmp_path / "run", plane(2.0), grain=quarters)
    found = tints(draw_front(run))
    means = [found[run.run.mesh.grain == grain].mean(axis=0) for grain in (1, 2, 3, 4)]
    assert len(np.unique(found.round(6), axis=0)) == 4
    same = [np.linalg.norm(means[a] - means[b]) for a, b in ((0, 2), (1, 3))]
    other = [np.linalg.norm(means[a] - means[b]) for a, b in ((0, 1), (2, 3), (0, 3), (1, 2))]
    assert min(same) > 0.01 and 2 * max(same) < min(other)


def test_what_has_reacted_is_darker_and_explained(tmp_path: Path) -> None:
    def product(x: Floats, y: Floats) -> Floats:
        return np.where(np.hypot(x - 15, y - 15) < 3, 1.0, 0.0)

    run = analysis(tmp_path / "run", finger(5, 9), sections=REACTION, conversion=product)
    figure = draw_front(run)
    converted = run.run.field("conversion", -1) == 1
    found = tints(figure)
    assert found[converted].max() < 0.8 * found[~converted & (run.run.mesh.material == 1)].max()
    assert "LGPS that reacted" in [text.get_text() for text in figure.legends[0].get_texts()]


def test_lithium_is_filled_as_it_was_and_as_it_is(tmp_path: Path) -> None:
    axes = draw_front(analysis(tmp_path / "run", finger(5, 9), finger(5, 20))).axes[0]
    filled = {}
    for collection in axes.collections:
        corners = [path.vertices for path in collection.get_paths() if len(path.vertices)]
        shade = tuple(np.asarray(collection.get_facecolor()).ravel()[:3].round(4))
        filled[shade] = max((corner[:, 1].max() for corner in corners), default=0.0)
    assert filled[tuple(np.round(to_rgb(FIRST_LITHIUM), 4))] == pytest.approx(9.0)
    assert filled[tuple(np.round(to_rgb(LITHIUM), 4))] == pytest.approx(20.0)


@pytest.mark.parametrize(("height", "cut"), [(9.0, True), (25.0, False)])
def test_a_domain_without_lithium_above_is_cut(tmp_path: Path, height: float, cut: bool) -> None:
    """The picture then says how far away the counter electrode is."""
    axes = draw_front(analysis(tmp_path / "run", finger(5, 3), finger(5, height))).axes[0]
    shown = max(tick for tick in axes.get_yticks() if tick <= axes.get_ylim()[1])
    assert height < axes.get_ylim()[1] and (shown <= 15) == cut
    far = "counter electrode at 30 µm" if cut else "counter electrode"
    assert [text.get_text() for text in axes.texts] == ["anode (Li)", far]


# Toughness


def test_boundaries_are_coloured_by_their_toughness(tmp_path: Path) -> None:
    """The seam between the electrolytes is tougher than the boundaries within them."""
    run = analysis(tmp_path / "run", finger(5, 9), grain=quarters, sections=INTRUSION)
    without = load_run(make_run(tmp_path / "without"))
    assert "toughness" in applicable(run.run) and "toughness" not in applicable(without)
    axes, bar = draw_toughness(run).axes
    lines = part(axes, "toughness")
    values = np.asarray(lines.get_array())
    on_seam = (np.array(lines.get_segments())[:, :, 0] == 10).all(axis=1)
    np.testing.assert_allclose(values, np.where(on_seam, 0.5, 0.2))
    assert on_seam.sum() == 60 and bar.get_ylim()[1] == pytest.approx(0.5)


# Several runs


def titled(folder: Path, title: str) -> Analysis:
    made = make_run(folder)
    case = made / "case.toml"
    case.write_text(case.read_text().replace("Costs $1 and $2", title))
    return Analysis(load_run(made))


def test_a_comparison_says_what_differs_and_by_how_much(tmp_path: Path) -> None:
    """What stands in all titles is said once; tips and shares are those of the tables."""
    ratios = (1, 10)
    runs = [titled(tmp_path / str(k), f"sigma_A / sigma_B = {k}, R_ct = 0.1 ohm cm²") for k in ratios]
    figure = draw_comparison(runs)
    assert [text.get_text() for text in figure.texts] == ["$R_{ct}$ = 0.1 Ω cm²"]
    lines = [axes.get_title(loc="left").split("\n") for axes in figure.axes[:2]]
    assert [line[0] for line in lines] == [
        f"({k}) $σ_{{A}}$ / $σ_{{B}}$ = {r}" for k, r in zip("ab", ratios, strict=True)
    ]
    assert lines[0][1:] == [
        "LPSC1.0: tip at 11.0 µm, 70 % of the Li",
        "LGPS: tip at 6.0 µm, 30 % of the Li",
    ]


def test_runs_of_one_title_are_told_by_their_folders(tmp_path: Path) -> None:
    figure = draw_comparison([Analysis(load_run(make_run(tmp_path / name))) for name in ("first", "second")])
    assert [axes.get_title(loc="left").split("\n")[0] for axes in figure.axes[:2]] == [
        "(a) first",
        "(b) second",
    ]


@pytest.mark.parametrize(
    ("title", "drawn"),
    [
        ("sigma_A / sigma_B = 10, R_ct = 0.1 ohm cm²", "$σ_{A}$ / $σ_{B}$ = 10, $R_{ct}$ = 0.1 Ω cm²"),
        ("0.3 mA/cm2, K_IC by lambda", "0.3 mA/cm², $K_{IC}$ by λ"),
        ("2 um^2/s, cm^-3, MPa m^0.5, 10^15", "2 µm²/s, cm⁻³, MPa m^0.5, 10^15"),
        ("Costs $1, run_of_today in ohmic sigmas", r"Costs \$1, run_of_today in ohmic sigmas"),
    ],
)
def test_signs_in_titles_are_set_as_signs(title: str, drawn: str) -> None:
    assert typeset(title) == drawn
