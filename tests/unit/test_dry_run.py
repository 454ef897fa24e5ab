"""The dry run of the shipped cases against what their runs took."""

import json
from pathlib import Path

import pytest

from fem_model.base.machine import MESHES
from fem_model.case import case_to_toml, derive, load_case
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
    "particles_73": (62166, 89, 330),
    "particles_82": (61976, 88, 355),
    "particles_82_3d": (192766, 67, 1146),
    "particles_91": (61604, 88, 359),
    "quickstart": (5544, 381, 259),
    "dendrite_lpsc": (15928, 739, 290),
    "dendrite_82": (15928, 798, 294),
    "dendrite_3d": (24642, 183, 438),
    "nuclei": (13620, 66, 283),
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
