"""Cases made and changed in Python: what was given stays, defaults follow, messages name the key."""

from pathlib import Path

import pytest

from fem_model import Case, InputError, change_case, load_case, make_case
from fem_model.case.read import parse_toml

RUNS = Path(__file__).resolve().parents[2] / "runs"
FILES = sorted(RUNS.glob("*/case.toml"))


@pytest.fixture
def case() -> Case:
    return load_case(RUNS / "quickstart" / "case.toml")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_a_case_is_the_same_from_its_file_its_tables_and_itself(file: Path) -> None:
    loaded = load_case(file)
    assert make_case(parse_toml(file.read_text(encoding="utf-8"))) == loaded
    assert change_case(loaded, {}) == loaded


def test_a_change_is_that_of_the_command_line(case: Case) -> None:
    by_key = {"drive.current": "2 mA/cm^2", "microstructure.grains[1].size": "2.5 um", "time.outputs": 3}
    texts = ["drive.current=2 mA/cm^2", "microstructure.grains[1].size=2.5 um", "time.outputs=3"]
    changed = load_case(RUNS / "quickstart" / "case.toml", texts)
    assert changed.drive != case.drive
    assert change_case(case, by_key) == changed
    assert load_case(RUNS / "quickstart" / "case.toml", by_key) == changed


def test_defaults_follow_what_they_are_made_from(case: Case) -> None:
    changed = change_case(case, {"kinetics.R_ct": "5 ohm cm^2"})
    assert case.anode.R_ct == pytest.approx(10e-4)
    assert changed.anode.R_ct == pytest.approx(5e-4)
    film = make_case(
        {
            "microstructure": {
                "layout": "layers",
                "width": "10 um",
                "depth": "20 um",
                "layers": [{"material": "LGPS", "share": 1.0}],
            },
            "mesh": {"cell_size_front": "0.5 um", "cell_size_bulk": "1 um"},
            "phase_field": {"lam": "0.5 um"},
            "anode": {"initial": {"kind": "film", "thickness": "3 um"}},
            "drive": {"mode": "galvanostatic", "current": "1 mA/cm^2"},
            "time": {"end": "1 h"},
        }
    )
    assert film.mesh.front_height == pytest.approx(20e-6)
    assert change_case(film, {"microstructure.depth": "30 um"}).mesh.front_height == pytest.approx(30e-6)


def test_tables_that_are_given_stay_as_they_are(case: Case) -> None:
    tables = parse_toml((RUNS / "quickstart" / "case.toml").read_text(encoding="utf-8"))
    new = {"mode": "galvanostatic", "current": "1 mA/cm^2"}
    make_case(tables, {"drive": new, "drive.current": "2 mA/cm^2"})
    assert new["current"] == "1 mA/cm^2"
    assert tables["drive"]["current"] == "1.5 mA/cm^2"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"drive.curent": "1 mA/cm^2"}, "drive.curent: [drive] curent is not a key"),
        ({"drive.current": 2}, 'drive.current: [drive] current = 2: needs a unit: write it as text, e.g. "2'),
        ({"drive": {"mode": "galvanostat"}}, "Did you mean galvanostatic?"),
        ({"": 1}, "is not a key of a case"),
        ({"microstructure.grains[7].size": "3 um"}, "microstructure.grains has only [0] to [1]"),
        ({"drive.mode": "potentiostatic"}, "left over from [drive]"),
    ],
)
def test_a_wrong_change_is_named_without_a_flag(case: Case, changes: dict[str, object], told: str) -> None:
    with pytest.raises(InputError) as raised:
        change_case(case, changes)
    assert told in str(raised.value)
    assert "--set" not in str(raised.value)


def test_a_step_in_words_is_read_whatever_its_capitals(case: Case) -> None:
    steps = ["Plate at 0.5 mA/cm^2 for 10 min Or Until 50 mV", "REST for 1 min"]
    first, second = change_case(case, {"drive": {"mode": "steps", "steps": steps}}).drive.stages()
    assert (first.current, first.limit, first.time) == (5.0, 0.05, 600.0)
    assert (second.current, second.time) == (0.0, 60.0)
