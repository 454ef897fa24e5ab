"""Steps in words, nested repeats, and the sections of contact and temperature: read, refused, written."""

import re
from pathlib import Path
from typing import Any

import pytest

from fem_model.base.errors import InputError
from fem_model.case import case_to_toml, load_case
from fem_model.case.base import FOR_PEOPLE
from fem_model.case.drives import MOST_STAGES, Stage
from fem_model.study.verification.cases import FILM, Tables, case
from tests.fem.cases import toml

WORDS: dict[str, Tables] = {
    "plate at 0.5 mA/cm^2 for 1 h or until 50 mV": {
        "current": "0.5 mA/cm^2",
        "time": "1 h",
        "voltage_limit": "50 mV",
    },
    "strip at 0.5 mA/cm^2 until 0.3 mAh/cm^2": {"current": "-0.5 mA/cm^2", "capacity": "0.3 mAh/cm^2"},
    "strip at 20 mV for 10 min": {"voltage": "-20 mV", "time": "10 min"},
    "hold at -20 mV for 10 min": {"voltage": "-20 mV", "time": "10 min"},
    "hold at 50 mV until 0.05 mA/cm^2, or for 2 h": {
        "voltage": "50 mV",
        "time": "2 h",
        "current_limit": "0.05 mA/cm^2",
    },
    "  plate at 1 mA/cm^2   for 0.1 mAh/cm^2 until 0.2 V or for 3 h": {
        "current": "1 mA/cm^2",
        "capacity": "0.1 mAh/cm^2",
        "voltage_limit": "0.2 V",
        "time": "3 h",
    },
    "rest for 10 min": {"current": "0 A/m^2", "time": "10 min"},
}


def steps(*entries: object, **more: object) -> Tables:
    """Changes to a case that make it go through a list of steps."""
    return {"drive": {"mode": "steps", "steps": list(entries), **more}}


@pytest.mark.parametrize("words", WORDS)
def test_steps_in_words_are_the_same_as_tables(words: str) -> None:
    assert case(FILM, steps(words)) == case(FILM, steps(WORDS[words]))


def test_repeats_within_repeats_are_gone_through_in_order() -> None:
    inner = {"steps": ["plate at 1 A/m^2 for 1 s", "rest for 2 s"], "repeat": 2}
    outer = {"steps": [inner, {"current": "-1 A/m^2", "time": "3 s"}], "repeat": 2}
    stages = case(FILM, steps("rest for 9 s", outer)).drive.stages()
    pair = [Stage(current=1.0, duration=1.0), Stage(current=0.0, duration=2.0)]
    once = [*pair, *pair, Stage(current=-1.0, duration=3.0)]
    assert list(stages) == [Stage(current=0.0, duration=9.0), *once, *once]


def test_a_list_may_have_as_many_steps_as_it_says_and_no_more() -> None:
    deep: Any = {"steps": [{"steps": ["rest for 1 s"], "repeat": MOST_STAGES // 100}], "repeat": 100}
    assert len(case(FILM, steps(deep)).drive.stages()) == MOST_STAGES


EVERYTHING: Tables = {
    "materials": {
        "E": {
            "sigma": "2 mS/cm",
            "activation_energy": "0.36 eV",
            "reference_temperature": "303.15 K",
            "arrhenius": "sigma T",
            "kinetics": {"R_ct": "20 ohm cm^2", "alpha": 0.3},
        }
    },
    "kinetics": {"i0": "30 A/m^2", "activation_energy": "50 kJ/mol", "temperature": "333.15 K"},
    "anode": {"initial": {"kind": "bare"}, "alpha": 0.4, "R_ct": "5 ohm cm^2", "activation_energy": "0.5 eV"},
    "counter": {"kind": "lithium"},
    "stack": {"pressure": "10 MPa", "measured_at": "5 MPa"},
    "voids": {"thickness": "12 um", "healing_exponent": 2.5, "activation_energy": "0.4 eV"},
    "reactions": [
        {
            "material": "E",
            "diffusivity": "1e-17 m^2/s",
            "lithium": 8,
            "molar_volume": "140 cm^3/mol",
            "activation_energy": "0.4 eV",
        }
    ],
    **steps(
        "plate at 0.5 mA/cm^2 for 1 h or until 50 mV",
        {"steps": [{"steps": ["rest for 1 min", *WORDS], "repeat": 3}, {"voltage": "-1 mV", "time": "1 s"}]}
        | {"repeat": 2},
        repeat=2,
    ),
}


def test_a_resolved_case_with_all_of_it_reads_back_equal(tmp_path: Path) -> None:
    path, again = tmp_path / "case.toml", tmp_path / "again.toml"
    path.write_text(toml(FILM, EVERYTHING))
    first = load_case(path)
    again.write_text(case_to_toml(first))
    assert load_case(again) == first
    assert case_to_toml(load_case(again)) == case_to_toml(first)


def test_energies_are_printed_in_the_unit_they_were_given_in(tmp_path: Path) -> None:
    path, again = tmp_path / "case.toml", tmp_path / "again.toml"
    path.write_text(toml(FILM, EVERYTHING))
    text = case_to_toml(load_case(path), FOR_PEOPLE)
    energies = re.findall(r'activation_energy = "(.*?)"', text)
    assert energies == ["0.4 eV", "0.36 eV", "50 kJ/mol", "0.4 eV", "0.5 eV", "50 kJ/mol"]
    again.write_text(text)
    assert load_case(again) == load_case(path)


E = {"sigma": "1 S/m"}
ONE = {"current": "1 A/m^2", "time": "1 h"}
BAD: dict[str, tuple[Tables, str, list[str]]] = {  # changes, key, what the line says of it
    "an energy without R_ct": (
        {"anode.activation_energy": "0.3 eV"},
        "[anode] activation_energy",
        ["goes with i0 or R_ct, which is missing"],
    ),
    "a reference temperature alone": (
        {"kinetics.reference_temperature": "300 K"},
        "[kinetics] reference_temperature",
        ["goes with activation_energy, which is missing"],
    ),
    "a reference temperature alone, of a reaction": (
        {"reactions": [{"material": "E", "rate": "1 nm/s", "reference_temperature": "300 K"}]},
        "reactions[0].reference_temperature",
        ["goes with activation_energy, which is missing"],
    ),
    "arrhenius alone": (
        {"materials": {"E": {**E, "arrhenius": "sigma T"}}},
        "[materials.E] arrhenius",
        ["goes with activation_energy, which is missing"],
    ),
    "a wrong arrhenius": (
        {"materials": {"E": {**E, "activation_energy": "0.3 eV", "arrhenius": "sigmaT"}}},
        "[materials.E] arrhenius",
        ["Allowed: sigma, sigma T", "Did you mean sigma T?"],
    ),
    "another temperature of the library": (
        {
            "materials": {
                "E": {"like": "LGPS", "activation_energy": "0.3 eV", "reference_temperature": "60 degC"}
            }
        },
        "[materials.E] reference_temperature",
        ["goes with sigma, which is missing: that of the library is at 298.15 K"],
    ),
    "both of a material": (
        {"materials": {"E": {**E, "kinetics": {"i0": "1 A/m^2", "R_ct": "1 ohm cm^2"}}}},
        "[materials.E.kinetics] i0",
        ["and R_ct exclude each other"],
    ),
    "an energy without unit": ({"kinetics.activation_energy": 0.3}, "activation_energy", ['"0.3 eV"']),
    "an energy of another kind": (
        {"kinetics.activation_energy": "0.3 V"},
        "activation_energy",
        ["does not convert to J/mol", "0.36 eV"],
    ),
    "a negative energy": (
        {"kinetics.activation_energy": "-0.3 eV"},
        "[kinetics] activation_energy",
        ["must be not negative"],
    ),
    "too large an energy": (
        {"kinetics.activation_energy": "36 eV"},
        "[kinetics] activation_energy",
        ["from 1 J/mol to 1000 kJ/mol"],
    ),
    "no pressure": ({"stack": {"pressure": "0 MPa"}}, "[stack] pressure", ["must be greater than 0"]),
    "measured at no pressure": (
        {"stack": {"pressure": "1 MPa", "measured_at": "0 MPa"}},
        "[stack] measured_at",
        ["must be greater than 0"],
    ),
    "a stack without pressure": ({"stack": {"measured_at": "1 MPa"}}, "[stack] pressure is missing", []),
    "a mistyped key of voids": (
        {"voids": {"thicknes": "1 um"}},
        "[voids] thicknes is not a key",
        ["Did you mean thickness?"],
    ),
    "healing without pressure": (
        {"voids": {"healing_pressure": "0 MPa"}},
        "[voids] healing_pressure",
        ["must be greater than 0"],
    ),
    "a current limit with a current": (
        steps({**ONE, "current_limit": "0.1 A/m^2"}),
        "steps[0].current_limit",
        ["has no meaning where the current is given"],
    ),
    "a voltage limit with a voltage": (
        steps("hold at 5 mV until 6 mV"),
        "steps[0].voltage_limit",
        ["has no meaning where the voltage is given"],
    ),
    "no repeats": (
        steps({"steps": [ONE], "repeat": 0}),
        "steps[0].repeat = 0",
        ["greater than or equal to 1"],
    ),
    "a repeat without number": (steps({"steps": [ONE]}), "steps[0].repeat is missing", []),
    "a repeat of nothing": (steps({"steps": [], "repeat": 2}), "steps[0].steps", ["1 or more entries"]),
    "too many by one": (
        steps(ONE, {"steps": [{"steps": [ONE], "repeat": 1000}], "repeat": 100}),
        "[drive] steps make 100001 steps",
        ["at most 100000 are possible"],
    ),
    "far too many": (
        steps({"steps": [{"steps": [ONE], "repeat": MOST_STAGES}], "repeat": MOST_STAGES}, repeat=7),
        "[drive] steps make 70000000000 steps",
        ["at most 100000 are possible"],
    ),
    "within a repeat": (
        steps({"steps": [ONE, "rest for 5 mV"], "repeat": 2}),
        "steps[0].steps[1]",
        ['"for 5 mV"', "a time goes with"],
    ),
    "a step that is a number": (steps(5), "steps[0] = 5", ["must be a table of keys"]),
    "plate with a sign": (
        steps("plate at -1 mA/cm^2 for 1 h"),
        "steps[0]",
        ["plate is at a current or a voltage without a sign", 'write e.g. "plate at 0.5 mA/cm^2'],
    ),
    "strip with a sign": (steps("strip at +1 mA/cm^2 for 1 h"), "steps[0]", ["without a sign"]),
    "hold a current": (steps("hold at 1 mA/cm^2 for 1 h"), "steps[0]", ["hold is at a voltage"]),
    "two ends of one kind": (
        steps("plate at 1 mA/cm^2 for 1 h or for 2 h"),
        "steps[0]",
        ["has two ends of one kind"],
    ),
    "until a time": (steps("plate at 1 mA/cm^2 until 1 h"), "steps[0]", ['"until 1 h": a time goes with']),
    "an unknown word": (steps("charge at 1 mA/cm^2 for 1 h"), "steps[0]", ["is not a step; write e.g."]),
    "no end": (steps("plate at 1 mA/cm^2"), "steps[0].time is missing", []),
    "a rest that a voltage ends": (steps("rest until 50 mV"), "steps[0].time is missing", []),
    "a rest at something": (steps("rest at 1 mV for 1 h"), "steps[0]", ["is not a step"]),
    "an unknown unit": (steps("plate at 1 mA/cm^2 for 1 hx"), "steps[0]", ['"1 hx" is neither a current']),
    "a hanging or": (steps("plate at 1 mA/cm^2 for 1 h or"), "steps[0]", ['"1 h or" is neither']),
    "a negative time": (steps("rest for -1 h"), "steps[0]", ['"-1 h": must be positive']),
    "too long": (steps("rest for 1 h" + " " * 200), "steps[0]", ["is not a step"]),
    "nothing": (steps(""), "steps[0]", ['"" is not a step']),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gives_one_line(name: str, tmp_path: Path) -> None:
    changes, key, words = BAD[name]
    path = tmp_path / "case.toml"
    path.write_text(toml(FILM, changes))
    with pytest.raises(InputError) as error:
        load_case(path)
    text = str(error.value)
    assert text.startswith(f"{path}:")
    assert "\n" not in text
    assert error.value.exit_code == 2
    for word in (key, *words):
        assert word in text, text
