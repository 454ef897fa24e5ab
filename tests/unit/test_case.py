"""Reading, completing, overriding and writing cases."""

import math
import pickle
from pathlib import Path
from typing import Any

import pytest

from fem_model.base.constants import F, R
from fem_model.base.errors import InputError
from fem_model.case import Case, case_to_toml, json_schema, load_case

FULL = """
title = "Two electrolytes \\"side by side\\", \N{GREEK SMALL LETTER SIGMA} ratio 1.47"
[microstructure]
layout = "layers"
width = "50 um"
depth = "50 um"
bands = "horizontal"
[[microstructure.layers]]
material = "A"
share = 0.3
[[microstructure.layers]]
material = "LPSC1.0"
share = 0.4
[[microstructure.layers]]
material = "A"
share = 0.3
[materials.A]
like = "LGPS"
sigma = "5.5 mS/cm"
source = "measured here"
[materials."LPSC1.0"]
density = "1.8 g/cm^3"
[mesh]
cell_size_front = "0.25 um"
cell_size_bulk = "1 um"
front_height = "30 um"
degree = 2
[phase_field]
lam = "0.5 um"
mobility = "3e-15 m^2/s"
capillarity = "classical"
gamma = "0.4 J/m^2"
sigma_residual = 1e-3
[kinetics]
law = "linear"
alpha = 0.4
temperature = "333.15 K"
i0 = "100 A/m^2"
p_resist = "20 MPa"
reversible = true
[anode]
R_ct = "1 ohm cm^2"
foil_thickness = "9 mm"
[anode.initial]
kind = "film"
thickness = "5 um"
amplitude = "0.1 um"
wavelength = "20 um"
[counter]
kind = "fixed"
[drive]
mode = "potentiostatic"
voltage = "10 mV"
[time]
end = "2 h"
outputs = ["10 min", "1 h"]
step = "10 s"
front_step = 0.1
[solver]
direct_below = 10
tolerance = 1e-9
petsc = { ksp_rtol = 1e-9, ksp_type = "cg", ksp_lag_norm = true, ksp_max_it = 7 }
[output]
figures = false
"""

SMALL = """
[microstructure]
layout = "layers"
width = "60 um"
depth = "50 um"
layers = [ { material = "LPSC1.0", share = 1.0 } ]
[mesh]
cell_size_front = "0.25 um"
cell_size_bulk = "1 um"
[phase_field]
lam = "0.5 um"
[anode.initial]
kind = "film"
thickness = "5 um"
[drive]
mode = "galvanostatic"
current = "1 mA/cm^2"
[time]
end = "2 h"
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "case.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.fixture
def full(tmp_path: Path) -> Path:
    path = tmp_path / "full.toml"
    path.write_text(FULL, encoding="utf-8")
    return path


def test_values_are_si(full: Path) -> None:
    case = load_case(full)
    assert case.microstructure.width == 5e-5
    assert case.materials["A"].sigma == 0.55
    assert case.time.outputs == (600.0, 3600.0)
    assert case.kinetics.p_resist == 2e7
    assert case.time.output_times() == (600.0, 3600.0)


def test_defaults_from_another_section_are_filled_in(small: Path) -> None:
    case = load_case(small)
    assert case.mesh.front_height == case.microstructure.depth == 5e-5
    assert case.anode.initial.kind == "film"
    assert case.anode.initial.wavelength == case.microstructure.width == 6e-5
    assert case.counter.kind == "lithium"
    assert case.kinetics.R_ct == case.anode.R_ct == case.counter.R_ct == 8e-5
    assert case.phase_field.peclet == 0.4
    assert case.time.output_times()[-1] == case.time.end == 7200.0
    assert len(case.time.output_times()) == 10


def test_contacts_follow_the_front_unless_they_have_kinetics_of_their_own(small: Path) -> None:
    case = load_case(small, ["kinetics.i0=30 A/m^2", "counter.R_ct=2 ohm cm^2"])
    assert case.kinetics.R_ct is None
    assert case.anode.exchange(300.0) == 30.0
    assert case.counter.kind == "lithium"
    assert case.counter.exchange(300.0) == pytest.approx(R * 300 / (F * 2e-4))
    assert case.charge_transfer(case.anode) == pytest.approx(R * case.kinetics.temperature / (F * 30))


def test_boundaries_name_their_pair_in_any_order(full: Path) -> None:
    case = load_case(full, ['boundaries=[{pair = "LPSC1.0|A", width = "0.5 um", sigma_factor = 0.1}]'])
    assert case.boundaries[0].sorted_pair == "A|LPSC1.0"
    assert (case.boundaries[0].p_factor, case.boundaries[0].i0_factor) == (1.0, 1.0)
    assert load_case(full).boundaries == ()


@pytest.mark.parametrize("pair", ["A", "A|C", "A|LPSC1.0|A"])
def test_a_boundary_needs_two_materials_of_the_case(full: Path, pair: str) -> None:
    with pytest.raises(InputError, match="pair"):
        load_case(full, [f'boundaries=[{{pair = "{pair}", width = "1 um"}}]'])


def test_materials_of_the_case_go_over_the_library(full: Path) -> None:
    table = load_case(full).material_table()
    assert list(table) == ["A", "LPSC1.0"]
    assert (table["A"].sigma, table["A"].density) == (0.55, 2036.0)
    assert table["LPSC1.0"].sigma == pytest.approx(
        0.357 * math.exp(-0.36 * F / R * (1 / 333.15 - 1 / 298.15))
    )
    assert table["LPSC1.0"].density == 1800.0


def test_shares_of_a_material_add_up_over_its_bands(full: Path) -> None:
    assert load_case(full).area_shares() == pytest.approx({"A": 0.6, "LPSC1.0": 0.4})


@pytest.mark.parametrize("text", [FULL, SMALL])
def test_resolved_case_reads_back_equal(text: str, tmp_path: Path) -> None:
    first, second = tmp_path / "a.toml", tmp_path / "b.toml"
    first.write_text(text, encoding="utf-8")
    case = load_case(first)
    second.write_text(case_to_toml(case), encoding="utf-8")
    assert load_case(second) == case
    assert case_to_toml(load_case(second)) == case_to_toml(case)


def test_resolved_case_has_every_default(small: Path) -> None:
    text = case_to_toml(load_case(small))
    for line in (
        'front_height = "5e-05 m"',
        "peclet = 0.4",
        'R_ct = "8e-05 ohm m^2"',
        'kind = "lithium"',
        "figures = true",
        'wavelength = "6e-05 m"',
    ):
        assert line in text.splitlines()


@pytest.mark.parametrize("title", ['a "b" \\ c', "tab\there", "line\nbreak", "\N{SNOWMAN}", "\x7f\x01"])
def test_any_title_survives_writing(title: str, small: Path, tmp_path: Path) -> None:
    case = Case.model_validate({**load_case(small).model_dump(exclude_none=True), "title": title})
    copy = tmp_path / "copy.toml"
    copy.write_text(case_to_toml(case), encoding="utf-8")
    assert load_case(copy).title == title


def test_case_is_frozen_and_travels_between_processes(full: Path) -> None:
    case = load_case(full)
    with pytest.raises(ValueError, match="frozen"):
        case.title = "other"  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        case.time.end = 1.0  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(case)) == case


def test_overrides(small: Path) -> None:
    case = load_case(
        small,
        [
            "drive.current=2 mA/cm^2",
            'materials."LPSC1.0".sigma=0.4 S/m',
            "anode.initial={kind='nuclei', nuclei=[{position='6 um', radius='3 um'}]}",
            "mesh.degree=2",
            "title=a = b",
            "solver.petsc.ksp_rtol=1e-9",
            "mesh.degree = 1",
        ],
    )
    assert case.drive.mode == "galvanostatic"
    assert case.drive.current == 20.0
    assert case.material_table()["LPSC1.0"].sigma == 0.4
    assert case.anode.initial.kind == "nuclei"
    assert case.anode.initial.nuclei[0].radius == 3e-6
    assert case.mesh.degree == 1
    assert case.title == "a = b"
    assert case.solver.petsc == {"ksp_rtol": 1e-9}


def test_override_may_quote_its_text_as_toml(small: Path) -> None:
    assert load_case(small, ['drive.current="2 mA/cm^2"']) == load_case(small, ["drive.current=2 mA/cm^2"])


def test_petsc_options_keep_their_types(full: Path) -> None:
    petsc = load_case(full).solver.petsc
    assert petsc == {"ksp_rtol": 1e-9, "ksp_type": "cg", "ksp_lag_norm": True, "ksp_max_it": 7}
    assert isinstance(petsc["ksp_lag_norm"], bool)
    assert isinstance(petsc["ksp_max_it"], int)


def test_schema_describes_every_key() -> None:
    schema = json_schema()
    sections = [schema, *schema["$defs"].values()]
    for section in sections:
        assert section["additionalProperties"] is False
        assert section["description"]
        for key, entry in section["properties"].items():
            assert "description" in entry or "$ref" in entry, f"{section['title']}.{key} has no description"
    lam = schema["$defs"]["PhaseField"]["properties"]["lam"]
    assert lam["type"] == "string"
    assert lam["examples"] == ["50 um"]
    assert lam["description"].endswith("Text with a unit that converts to m, from 1 pm to 10 m.")
    assert "null" not in str(schema)


def test_schema_has_the_keys_of_a_case(full: Path) -> None:
    schema = json_schema()
    defs: dict[str, Any] = schema["$defs"]
    case = load_case(full).model_dump(exclude_none=True)
    assert set(schema["properties"]) == {*case, "intrusion", "stack", "voids"}  # which it does without
    for name, section in (
        ("Layers", case["microstructure"]),
        ("MaterialEntry", case["materials"]["A"]),
        ("PhaseField", case["phase_field"]),
        ("Film", case["anode"]["initial"]),
        ("Potentiostatic", case["drive"]),
        ("Time", case["time"]),
    ):
        assert set(section) <= set(defs[name]["properties"])
        assert set(defs[name].get("required", ())) <= set(section)
    drive = schema["properties"]["drive"]
    modes = {"galvanostatic", "potentiostatic", "steps", "cycling", "staircase"}
    assert set(drive["discriminator"]["mapping"]) == modes


DRIVES = [
    "{mode='steps', repeat=2, steps=[{current='1 mA/cm^2', time='1 h'}, {current='0 A/m^2', time='1 min'}]}",
    "{mode='cycling', current='0.3 mA/cm^2', capacity='0.3 mAh/cm^2', cycles=10, voltage_limit='1 V'}",
    "{mode='staircase', start='0.1 mA/cm^2', step='0.2 mA/cm^2', largest='2.1 mA/cm^2', half_cycle='1 h'}",
]


@pytest.mark.parametrize("drive", DRIVES)
def test_protocols_and_reactions_survive_being_written(drive: str, tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(FULL)
    reaction = (
        "reactions=[{material='A', route='electrochemical', diffusivity='1e-17 m^2/s', sigma='1 mS/cm'}]"
    )
    read = load_case(path, [f"drive={drive}", reaction, "counter.series_resistance=20 ohm cm^2"])
    path.write_text(case_to_toml(read))
    assert load_case(path) == read
    assert read.reaction_table()[0].nu == 23.75


def test_a_staircase_goes_both_ways_up_to_its_largest_current(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(FULL)
    currents = [stage.current for stage in load_case(path, [f"drive={DRIVES[2]}"]).drive.stages()]
    assert len(currents) == 22
    assert currents[:4] == pytest.approx([1.0, -1.0, 3.0, -3.0])
    assert currents[-2:] == pytest.approx([21.0, -21.0])
