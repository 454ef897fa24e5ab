"""The dry run of the shipped cases against what their runs took."""

import json
from pathlib import Path

import pytest

from fem_model.base.machine import MESHES
from fem_model.case import case_to_toml, derive, load_case
from fem_model.case.balance import Resolution, balance
from fem_model.case.base import FOR_PEOPLE
from fem_model.record.pace import keep_pace, pace
from fem_model.tasks.dry_run import numbers

RUNS = Path(__file__).parents[2] / "runs"

TRUTH = {  # unknowns, steps, peak memory in MB, when the run was last repeated
    "attraction": (4902, 522, 243),
    "contact": (5114, 96, 240),
    "cycling": (14652, 146, 290),
    "fig3h": (48018, 136, 362),
    "fig3i": (48018, 146, 361),
    "fig3j": (48018, 185, 359),
    "fig3j_clean_contact": (48018, 115, 361),
    "cycling_lpsc": (14326, 125, 277),
    "particles_73": (62166, 88, 340),
    "particles_82": (61976, 88, 340),
    "particles_82_3d": (192766, 67, 1146),
    "particles_91": (61604, 87, 340),
    "quickstart": (5544, 381, 259),
    "dendrite_lpsc": (15928, 739, 290),
    "dendrite_82": (15928, 798, 294),
    "dendrite_3d": (24642, 183, 438),
    "nuclei": (13620, 50, 267),
    "staircase": (15928, 988, 280),
}


@pytest.mark.parametrize("name", TRUTH)
def test_the_estimates_hold_for_the_shipped_runs(name: str) -> None:
    case, (unknowns, steps, memory) = load_case(RUNS / name / "case.toml"), TRUTH[name]
    derived = derive(case)
    assert derived.num_dofs == pytest.approx(unknowns, rel=0.3)
    assert derived.memory_bytes == pytest.approx(memory * 1e6, rel=0.3)
    least, most = derived.steps
    assert least <= steps <= most
    may_be_stopped = name in ("attraction", "contact") or case.intrusion is not None
    assert most < 9 * least or may_be_stopped  # by a short circuit, lost contact, or by what resists


def test_the_printed_case_is_readable_and_the_same_case(tmp_path: Path) -> None:
    case = load_case(RUNS / "staircase" / "case.toml")
    text = case_to_toml(case, FOR_PEOPLE)
    for line in ('depth = "32 µm"', 'largest = "2.9 mA/cm²"', 'half_cycle = "30 min"', 'R_ct = "10 Ω cm²"'):
        assert line in text
    (tmp_path / "case.toml").write_text(text, encoding="utf-8")
    assert load_case(tmp_path / "case.toml") == case


def test_the_pace_of_a_run_is_kept_for_the_next_dry_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MESHES, str(tmp_path))
    case = load_case(RUNS / "quickstart" / "case.toml")
    summary = {"steps": 100, "num_dofs": 10_000, "wall_s": 21.0, "ranks": 2, "time_by_stage_s": {"mesh": 1.0}}
    assert any(name == "wall time on one core, a guess" for name, _ in numbers(case))
    keep_pace({**summary, "steps": 3}, 2)
    assert not pace(2).is_measured
    keep_pace(summary, 2)
    assert pace(2).seconds == pytest.approx(4e-5)
    assert not pace(3).is_measured
    least, most = pace(2).wall((100, 200), 10_000)
    assert least < 40 < 80 < most
    assert any(name == "wall time on one core, as measured here" for name, _ in numbers(case))
    (tmp_path / "pace.json").write_text(json.dumps([1]), encoding="utf-8")
    assert not pace(2).is_measured


def test_a_cache_that_cannot_be_written_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MESHES, str(tmp_path / "missing"))
    keep_pace({"steps": 100, "num_dofs": 10_000, "wall_s": 9.0, "ranks": 1, "time_by_stage_s": {}}, 2)
    assert not pace(2).is_measured


NUCLEI = RUNS / "nuclei" / "case.toml"
GROWTH, TOO_MUCH = 8.195 - 2.5, 8.278 - 8.195
"""Growth of the tip for λ → 0, and what the case adds to it, µm: docs/convergence.md."""


def test_the_expected_error_is_that_of_a_study_to_a_factor_of_three() -> None:
    found = balance(load_case(NUCLEI))
    assert found is not None and found.dominant == "λ"
    assert 1 / 3 < sum(found.errors.values()) / (TOO_MUCH / GROWTH) < 3


@pytest.mark.parametrize("dim", [2, 3])
def test_a_balanced_choice_is_better_and_costs_the_same(dim: int) -> None:
    """Unknowns grow as 1/h^dim, steps as 1/d."""
    now = Resolution(lam=0.5, cell=0.25, way=0.1)
    better = now.balanced(dim)
    assert better.cell**dim * better.way == pytest.approx(now.cell**dim * now.way)
    assert sum(better.errors(2.5).values()) < 0.6 * sum(now.errors(2.5).values())
    assert better.balanced(dim).lam == pytest.approx(better.lam)


def test_a_dry_run_says_what_dominates_and_what_is_balanced() -> None:
    before = ["phase_field.lam=0.5 um", "time.front_step=0.2"]
    for overrides, dominant, choice in (
        (before, "mostly λ:", "lam 0.31 µm, cell_size_front 0.31 µm, front_step 0.4: 1.7 %"),
        (["time.step=30 min"], "mostly steps:", ", time.step "),
        ([], "mostly λ:", "as it is"),
    ):
        told = dict(numbers(load_case(NUCLEI, overrides)))
        assert told["error of the growth, to a factor of 3"].startswith(dominant)
        assert choice in told["balanced at this cost"]
    rest = ["drive={mode='steps', steps=[{current='0 A/m^2', time='1 h'}]}", "time.step=10 min"]
    for path, overrides in ((RUNS / "quickstart" / "case.toml", []), (NUCLEI, rest)):
        said = dict(numbers(load_case(path, overrides)))
        assert not [name for name in said if name.startswith(("error", "balanced"))]
