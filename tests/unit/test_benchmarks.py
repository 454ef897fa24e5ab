"""The benchmarks that people run: their frozen cases, what they read off, and the page that shows it."""

from pathlib import Path

import pytest

from fem_model.case import derive, load_case
from tests.benchmarks import page
from tests.benchmarks.accuracy import WANTED, to_reach
from tests.benchmarks.child import CASES, Failed, Missing, run
from tests.benchmarks.parts import PARTS
from tests.benchmarks.result import Part, Table, result
from tests.benchmarks.steps import SERIES


@pytest.mark.parametrize("dim, sizes", {"2D": (20e3, 160e3, 500e3), "3D": (200e3, 500e3, 1e6)}.items())
def test_the_frozen_cases_have_the_sizes_they_are_for(dim: str, sizes: tuple[float, ...]) -> None:
    for levels in SERIES[dim].values():
        for level, wanted in zip(levels, sizes, strict=True):
            overrides = [f"{key}={value}" for key, value in level.settings().items()]
            case = load_case(CASES / f"{level.case}.toml", overrides)
            assert derive(case).num_dofs == pytest.approx(wanted, rel=0.2)


@pytest.mark.parametrize("path", sorted(CASES.glob("*.toml")), ids=lambda path: path.stem)
def test_a_frozen_case_takes_no_default_that_may_change(path: Path) -> None:
    assert "front_step" in load_case(path).time.model_fields_set


def test_the_cost_of_an_error_lies_between_two_runs_around_it() -> None:
    assert to_reach([(1.0, 4 * WANTED), (4.0, WANTED / 4)]) == pytest.approx(2.0)
    assert to_reach([(3.0, WANTED / 2)]) == 3.0
    assert to_reach([(1.0, 4 * WANTED), (4.0, 2 * WANTED)]) is None


def test_the_page_shows_what_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "RESULTS", tmp_path)
    monkeypatch.setattr(page, "PAGE", tmp_path / "page.md")
    table = Table(
        "Errors", ["code", "core-seconds", "error"], [["a", 1.0, 0.25], ["a", 4.0, 1 / 64], ["b", 2.0, 0.5]]
    )
    part = Part(
        "p", "A part", "Shows.", "Not shown: rest.", lambda: [table], ("code", "core-seconds", "error")
    )
    result([table], 60.0).write(tmp_path / "p.json")
    page.write_page([part, *PARTS[:1]])
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert "| a | 4 | 0.0156 |\n" in text and "Not shown: rest." in text and "1.0 min" in text
    assert PARTS[0].title not in text, "it has not been measured"
    assert (tmp_path / "p.csv").read_text(encoding="utf-8").splitlines()[2] == "a,4.0,0.015625"
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


def test_a_process_that_fails_is_not_measured() -> None:
    with pytest.raises(Missing, match="no_such_module"):
        run("-c", "import no_such_module")
    with pytest.raises(Failed, match="killed by the test"):
        run("-c", "raise SystemExit('killed by the test')")
    ended = run(
        "-c", "import time; t = time.process_time()\nwhile time.process_time() < t + 0.3: pass\nprint('[1]')"
    )
    assert ended.told == [1]
    assert 0.3 < ended.seconds < 3
