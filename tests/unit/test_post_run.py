"""What post measures on a simulated run, against what the run itself recorded."""

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import KDTree

from fem_model.materials import column_name
from fem_model.post import Analysis, load_run
from fem_model.post.tables import front_rows, grain_rows
from tests.fem.cases import NUCLEUS, case, finished

PARTICLES = {
    "layout": "particles",
    "width": "12 um",
    "depth": "20 um",
    "grains": [
        {"material": "LPSC1.0", "mass_share": 0.6, "size": "4 um"},
        {"material": "LGPS", "mass_share": 0.4, "size": "4 um"},
    ],
}


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """Lithium that grows from one nucleus into particles."""
    folder = tmp_path_factory.mktemp("post") / "run"
    changes = {"microstructure": PARTICLES, "materials": None, "kinetics.R_ct": "0.1 ohm cm^2"}
    finished(case(NUCLEUS, changes), folder=folder)
    return Analysis(load_run(folder))


def test_tips_are_those_of_the_series(analysis: Analysis) -> None:
    run = analysis.run
    rows = {(r.time_s, r.material): r.value for r in front_rows(analysis) if r.quantity == "tip_m"}
    recorded = np.searchsorted(run.series["t_s"], run.times)
    np.testing.assert_array_equal(run.series["t_s"][recorded], run.times)
    for k, t in zip(recorded, run.times, strict=True):
        assert rows[t, ""] == pytest.approx(run.series["tip_m"][k], rel=1e-9)
        for name in run.names:
            column = run.series[f"tip_{column_name(name)}_m"]
            assert rows[t, name] == pytest.approx(column[k], rel=1e-9, abs=1e-18)
    assert rows[run.times[-1], ""] > rows[0.0, ""]


def test_the_highest_tip_is_the_tip(analysis: Analysis) -> None:
    for k in range(len(analysis.run.times)):
        highest = max(tip.y for tip in analysis.tips if tip.output == k)
        assert highest == pytest.approx(1e6 * analysis.series("tip_m")[k], rel=1e-9)  # type: ignore[index]


def test_grains_fill_the_domain(analysis: Analysis) -> None:
    rows = grain_rows(analysis)
    assert len(rows) > 5 and {row.material for row in rows} == {"LPSC1.0", "LGPS"}
    areas = [row.area_m2 or 0.0 for row in rows]
    assert sum(areas) == pytest.approx(12e-6 * 20e-6)
    lithium = sum(area * row.li_share for area, row in zip(areas, rows, strict=True))
    outside = np.pi**3 / 6 * (0.5e-6) ** 2  # of a half disc, ∫ξ exceeds the area within ξ = ½ by (π³/6) λ²
    volume = analysis.series("li_volume_m3")[-1]  # type: ignore[index]
    assert lithium == pytest.approx(volume - outside, rel=0.01)
    reached = {row.grain for row in rows if row.reached_s is not None}
    assert {int(analysis.run.mesh.grain[tip.cell]) for tip in analysis.tips} <= reached


def test_boundaries_have_the_toughness_with_which_the_run_was_made(tmp_path: Path) -> None:
    """By pair and with scatter, which goes by the numbers of the grains."""
    pairs = [{"pair": "LGPS|LPSC1.0", "toughness": "0.4 MPa m^0.5"}]
    changes = {
        "microstructure": PARTICLES,
        "materials": None,
        "intrusion": {"toughness": "0.2 MPa m^0.5", "scatter": 4.0, "pairs": pairs},
        "mesh.cell_size_boundary": "0.5 um",
        "time.end": "1 s",
    }
    simulation = finished(case(NUCLEUS, changes), folder=tmp_path / "run")
    measured, paths = Analysis(load_run(tmp_path / "run")), simulation.model.cracks.paths
    assert paths is not None
    middles = 1e-6 * measured.run.mesh.boundaries.corners.mean(axis=1)
    nearest = KDTree(paths.points).query(middles)[1]
    np.testing.assert_allclose(measured.toughness_at(-1), paths.toughness[nearest])
    assert len(np.unique(measured.toughness_at(-1).round(3))) > 10


def test_the_charge_is_shared_by_metal_and_foil(analysis: Analysis) -> None:
    shares = {
        row.quantity.removeprefix("charge_share_"): row.value
        for row in front_rows(analysis)
        if row.quantity.startswith("charge_share_") and row.time_s == analysis.run.times[-1]
    }
    metal, passed = (analysis.series(f"charge{part}_C_m2") for part in ("_metal", ""))
    assert metal is not None and passed is not None
    assert shares == pytest.approx({"metal": metal[-1] / passed[-1], "foil": 1 - metal[-1] / passed[-1]})


def test_the_ohmic_part_of_the_voltage_is_that_of_the_fields(analysis: Analysis) -> None:
    """−∫ j·∇φ dV / I from what is saved, against the series; j comes by cell, so not to the last digit."""
    run, areas = analysis.run, analysis.run.mesh.sizes
    (x, y), width = run.mesh.points[run.mesh.cells].transpose(2, 0, 1), 12.0
    turned = (1, 2, 0), (2, 0, 1)
    slopes = np.stack(
        [(along[:, turned[0]] - along[:, turned[1]]) * sign for along, sign in ((y, 1), (x, -1))]
    )
    double = (x[:, [1]] - x[:, [0]]) * (y[:, [2]] - y[:, [0]]) - (x[:, [2]] - x[:, [0]]) * (
        y[:, [1]] - y[:, [0]]
    )
    ohmic = analysis.series("ohmic_V")
    assert ohmic is not None
    for k in range(len(run.times)):
        gradient = (slopes * run.field("phi", k)[run.mesh.cells]).sum(axis=2) / double.T
        power = -(areas * (run.field("current_density", k)[:, :2].T * gradient).sum(axis=0)).sum()
        assert power / (10.0 * width) == pytest.approx(ohmic[k], rel=0.01)
