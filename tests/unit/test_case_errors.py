"""Each bad input gives one message that names place, key, what is allowed and the nearest match."""

from pathlib import Path

import pytest

from fem_model.base.errors import InputError
from fem_model.case import load_case

CASE = """\
[microstructure]
layout = "layers"
width = "50 um"
depth = "50 um"
layers = [ { material = "A", share = 0.5 }, { material = "LGPS", share = 0.5 } ]
[materials.A]
sigma = "0.5 S/m"
[mesh]
cell_size_front = "0.25 um"
cell_size_bulk = "1 um"
[phase_field]
lam = "0.5 um"
[anode.initial]
kind = "nuclei"
nuclei = [
  { position = "6 um", radius = "3 um" },
]
[drive]
mode = "galvanostatic"
current = "1 mA/cm^2"
[time]
end = "2 h"
"""

BAD = {  # what is replaced, by what: line of the message, and what it says
    "unknown key": (
        'lam = "0.5 um"',
        'lamda = "0.5 um"',
        12,
        ["[phase_field] lamda is not a key", "Allowed: lam, ", "Did you mean lam?"],
    ),
    "unknown section": ("[time]", "[tiem]", 21, ["tiem is not a key", "Did you mean time?"]),
    "missing key": ('lam = "0.5 um"\n', "", 11, ["[phase_field] lam is missing", 'Example: "50 um"']),
    "missing section": ('[time]\nend = "2 h"\n', "", None, ["time is missing"]),
    "bare number": (
        'lam = "0.5 um"',
        "lam = 0.5",
        12,
        ["[phase_field] lam = 0.5", "needs a unit", '"0.5 um"'],
    ),
    "number as text": ('lam = "0.5 um"', 'lam = "0.5"', 12, ["lam", "needs a unit"]),
    "wrong unit": ('end = "2 h"', 'end = "2 um"', 22, ["[time] end", "does not convert to s"]),
    "unknown unit": (
        '"1 um"',
        '"1 umm"',
        10,
        ["cell_size_bulk", 'converts to m. Did you mean "um"? Example: "50 um"'],
    ),
    "zero conductivity": ('"0.5 S/m"', '"0 S/m"', 7, ["[materials.A] sigma", "must be positive"]),
    "negative conductivity": ('"0.5 S/m"', '"-0.5 S/m"', 7, ["[materials.A] sigma", "must be positive"]),
    "unknown material": ('"LGPS"', '"LPGS"', 5, ["layers[1].material", "LPSC1.5", "Did you mean LGPS?"]),
    "unknown material of no library": ('"LGPS"', '"LLZO"', 5, ["define [materials.LLZO] with sigma = "]),
    "key given twice": (
        'lam = "0.5 um"',
        'lam = "0.5 um"\ngamma = "0 J/m^2"\nlam = "1 um"',
        14,
        ["phase_field.lam is given twice, first in line 12"],
    ),
    "section given twice": ("[time]", "[mesh]\n[time]", 21, ["mesh is given twice, first in line 8"]),
    "unknown like": (
        'sigma = "0.5 S/m"',
        'like = "LPSC10"',
        7,
        ["[materials.A] like", "Did you mean LPSC1.0?"],
    ),
    "beginning of a name as like": (
        'sigma = "0.5 S/m"',
        'like = "lpsc"',
        7,
        ["[materials.A] like", "Did you mean LPSC1.0?"],
    ),
    "metal as electrolyte": ('"LGPS"', '"Li"', 5, ["layers[1].material", "not a known material"]),
    "no conductivity": ('sigma = "0.5 S/m"', 'source = "x"', 6, ["[materials.A] sigma is missing"]),
    "same column": ('"LGPS"', '"A."', 5, ["layers[1].material"]),
    "wrong layout": (
        '"layers"',
        '"layer"',
        2,
        ["[microstructure] layout", "Allowed: layers", "Did you mean layers?"],
    ),
    "wrong mode": (
        '"galvanostatic"',
        '"galvanic"',
        19,
        ["[drive] mode", "potentiostatic", "mean galvanostatic?"],
    ),
    "no mode": (
        'mode = "galvanostatic"\n',
        "",
        18,
        ["[drive] mode is missing", "galvanostatic, potentiostatic"],
    ),
    "wrong kind": (
        'kind = "nuclei"',
        'kind = "nucleus"',
        14,
        ["[anode.initial] kind", "Did you mean nuclei?"],
    ),
    "key of another kind": (
        'kind = "nuclei"',
        'kind = "nuclei"\nthickness = "1 um"',
        15,
        ["[anode.initial] thickness is not a key"],
    ),
    "shares": (
        "share = 0.5 }, {",
        "share = 0.6 }, {",
        5,
        ["[microstructure] layers", "sum to 1.1", "must sum to 1"],
    ),
    "share as text": ("share = 0.5 }, {", 'share = "half" }, {', 5, ["layers[0].share", '"half"', "number"]),
    "too few cells": (
        '"0.25 um"',
        '"0.6 um"',
        9,
        ["[mesh] cell_size_front", "3.7 cells", "at most 0.549 µm gives 4"],
    ),
    "fine coarser than bulk": ('"1 um"', '"0.1 um"', 9, ["[mesh] cell_size_front", "cell_size_bulk"]),
    "front too wide": ('"0.5 um"', '"6 um"', 12, ["[phase_field] lam", "at most 5.69 µm"]),
    "nucleus outside": (
        '"6 um"',
        '"-1 um"',
        15,
        ["[anode.initial] nuclei[0].position", "outside the domain"],
    ),
    "nucleus too small": ('"3 um"', '"0.9 um"', 15, ["nuclei[0].radius", "at least 2 lam = 1 µm"]),
    "nucleus too tall": ('"3 um"', '"49 um"', 15, ["[anode.initial] nuclei", "reaches 49 µm"]),
    "zero current": ('"1 mA/cm^2"', '"0 A/m^2"', 20, ["[drive] current", "must not be zero"]),
    "table expected": ('[time]\nend = "2 h"\n', "", None, ["time is missing"]),
}


def message(path: Path, overrides: list[str] | None = None) -> str:
    with pytest.raises(InputError) as error:
        load_case(path, overrides or [])
    assert error.value.exit_code == 2
    text = str(error.value)
    assert "\n" not in text
    return text


@pytest.mark.parametrize("name", BAD)
def test_bad_file(name: str, tmp_path: Path) -> None:
    old, new, line, words = BAD[name]
    assert old in CASE
    path = tmp_path / "case.toml"
    path.write_text(CASE.replace(old, new, 1), encoding="utf-8")
    text = message(path)
    assert text.startswith(f"{path}:{line}: " if line else f"{path}: ")
    for word in words:
        assert word in text


@pytest.mark.parametrize(
    ("override", "words"),
    [
        (
            "phase_field.lamda=1 um",
            ["--set phase_field.lamda: [phase_field] lamda is not a key", "Did you mean lam?"],
        ),
        ("phase_field.peclet=1.0", ["[phase_field] peclet = 1.0", "less than 1"]),
        (
            "phase_field.mobility=1e-16 m^2/s",
            ["[phase_field] mobility gives Pe = V_m i lam / (F mu) = 6.72", "6.72e-16"],
        ),
        (
            "phase_field={lam='0.5 um', peclet=0.5, mobility='1e-14 m^2/s'}",
            ["[phase_field] mobility", "exclude"],
        ),
        ("kinetics={R_ct='1 ohm cm^2', i0='3 A/m^2'}", ["[kinetics] i0 and R_ct exclude each other"]),
        (
            "kinetics.law=buttler",
            ["[kinetics] law", "Allowed: butler-volmer, linear.", "Did you mean butler-volmer?"],
        ),
        ("drive={mode='steps', steps=[{current='1 A/m^2'}]}", ["time is missing", "steps[0]"]),
        (
            "drive={mode='steps', steps=[{time='1 h'}]}",
            ["steps[0].current or voltage: give exactly one"],
        ),
        (
            "drive={mode='staircase', start='1 A/m^2', step='1 A/m^2', largest='9 A/m^2'}",
            ["[drive] half_cycle or capacity: give exactly one"],
        ),
        ("drive={mode='steps', steps=[]}", ["[drive] steps = []: must have 1 or more entries"]),
        (
            "drive={mode='steps', steps=[{current='1 A/m^2', voltage='1 V', time='1 h'}]}",
            ["steps[0].current or voltage: give exactly one"],
        ),
        (
            "drive={mode='steps', steps=[{current='0 A/m^2', capacity='1 mAh/cm^2'}]}",
            ["steps[0].time is missing", "unless it rests"],
        ),
        (
            "drive={mode='steps', steps=[{curent='1 A/m^2', time='1 h'}]}",
            ["steps[0].curent is not a key", "Did you mean current?"],
        ),
        (
            "drive={mode='steps', steps=[{current='1 A/m^2', time='1 h', voltage_limit='0 V'}]}",
            ["steps[0].voltage_limit", "must be positive"],
        ),
        (
            "drive={mode='steps', steps=[{voltage='5 mV', time='1 h', voltage_limit='1 mV'}]}",
            ["steps[0].voltage_limit has no meaning where the voltage is given"],
        ),
        (
            "drive={mode='steps', steps=[{current='1 A/m^2', capacity='1 mAh'}]}",
            ["steps[0].capacity", "does not convert to C/m^2", '"0.3 mAh/cm^2"'],
        ),
        (
            "drive={mode='steps', steps=['plate at 1 mA/cm2 for 1 h']}",
            ["steps[0]", '"1 mA/cm2" is neither a current density', 'did you mean "1 mA/cm^2"?'],
        ),
        ("drive={mode='steps', steps=['hold at 50 mv for 1 h']}", ["steps[0]", 'did you mean "mV"?']),
        (
            "drive={mode='steps', steps=['plate at 1 mA/cm^2 during 1 h']}",
            ["steps[0]", "neither a current density", 'write e.g. "plate at 0.5 mA/cm^2 for 1 h'],
        ),
        (
            "drive={mode='steps', steps=[{current='1 A/m^2', time='1 h'}], repeat=0}",
            ["[drive] repeat = 0", "greater than or equal to 1"],
        ),
        (
            "drive={mode='cycling', current='-1 A/m^2', capacity='1 mAh/cm^2', cycles=1}",
            ["[drive] current", "must be positive"],
        ),
        (
            "drive={mode='cycling', current='1 A/m^2', cycles=1}",
            ["[drive] capacity is missing", '"0.3 mAh/cm^2"'],
        ),
        (
            "drive={mode='staircase', start='9 A/m^2', step='1 A/m^2', largest='8 A/m^2', half_cycle='1 h'}",
            ["[drive] largest must not be smaller than start"],
        ),
        (
            "drive={mode='staircase', start='1 A/m^2', step='1 nA/m^2', largest='9 A/m^2', half_cycle='1 h'}",
            ["[drive] step is so small", "50000"],
        ),
        (
            "drive={mode='staircase', start='1 A/m^2', step='1 A/m^2', largets='9 A/m^2', half_cycle='1 h'}",
            ["[drive] largets is not a key", "Did you mean largest?"],
        ),
        ("reactions={material='LGPS', rate='1 nm/s'}", ["reactions = a table: must be a list"]),
        (
            "reactions=[{material='LGPS', rate='1 nm/s', diffusivity='1e-17 m^2/s'}]",
            ["reactions[0].rate or diffusivity: give exactly one"],
        ),
        (
            "reactions=[{material='LGPS', rate='1 nm/s', start_thickness='10 nm'}]",
            ["reactions[0].start_thickness goes with diffusivity"],
        ),
        (
            "reactions=[{material='LGPS', rate='1 nm/s', E_eq='0.3 V'}]",
            ['reactions[0].E_eq goes with route = "electrochemical"'],
        ),
        (
            "reactions=[{material='LGPS', rate='1 nm/s', product='Ge', lithium=20.0}]",
            ["reactions[0].product and lithium exclude each other"],
        ),
        (
            "reactions=[{material='LGPS', rate='1 nm/s', product_conducts_electrons=true}]",
            ['product_conducts_electrons = true needs anode.islands = "floating"'],
        ),
        (
            "reactions=[{material='LGPS', rate='1 nm'}]",
            ["reactions[0].rate", "does not convert to m/s", '"1 um/h"'],
        ),
        (
            "reactions=[{material='LGPS', rate='1 nm/s', route='chemcal'}]",
            ["reactions[0].route", "Allowed: chemical, electrochemical.", "Did you mean chemical?"],
        ),
        (
            "reactions=[{material='LGPS', rate='1 nm/s'}, {material='LGPS', rate='1 nm/s'}]",
            ["reactions[1].material already reacts by an earlier entry"],
        ),
        (
            "reactions=[{material='A', rate='1 nm/s', lithium=8.0}]",
            ["reactions[0].molar_volume is missing"],
        ),
        ("anode.islands=float", ["[anode] islands", "Allowed: connected, floating.", "mean floating?"]),
        ("counter.series_resistance=-1 ohm cm^2", ["[counter] series_resistance", "must be not negative"]),
        ("reactions=[{material='A', rate='1 nm/s'}]", ["reactions[0].lithium is missing"]),
        (
            "reactions=[{material='LGSP', rate='1 nm/s'}]",
            ["reactions[0].material is not in the microstructure"],
        ),
        (
            "reactions=[{material='LPSC1.0', lithium=8.0}]",
            ["reactions[0].rate or diffusivity: give exactly one"],
        ),
        ("counter.kind=litium", ["[counter] kind", "Allowed: lithium, fixed.", "Did you mean lithium?"]),
        (
            "counter={kind='fixed', R_ct='1 ohm cm^2'}",
            ["[counter] R_ct is not a key", "Allowed: series_resistance, kind."],
        ),
        ("mesh.degree=3", ["[mesh] degree = 3 is not allowed. Allowed: 1, 2."]),
        ("mesh.degree=1.5", ["[mesh] degree = 1.5: must be a whole number"]),
        ("mesh=3", ["mesh = 3: must be a table of keys"]),
        ("microstructure.layers=[]", ["[microstructure] layers = []: must have 1 or more entries"]),
        ("microstructure.layers=3", ["[microstructure] layers = 3: must be a list"]),
        ("kinetics.reversible=yes", ["[kinetics] reversible", "must be true or false"]),
        ("time.outputs=['1 h', '3 h']", ["[time] outputs has a time after end = 2 h"]),
        ("time.outputs=['1 h', '1 h']", ["[time] outputs", "increasing"]),
        ("time.outputs=['1 h', 60]", ["[time] outputs[1] = 60", "needs a unit"]),
        ("time.outputs=0", ["[time] outputs = 0", "greater than or equal to 1"]),
        ("time.step=3 h", ["[time] step", "longer than end"]),
        (
            "solver.petsc={ksp_rtol=[1]}",
            ["[solver.petsc] ksp_rtol must be a number from 0 to 0.1"],
        ),
        ("solver.petsc.pc_tpye=lu", ["[solver.petsc] pc_tpye is not an option", "Did you mean pc_type?"]),
        ("solver.reproducible=true", ["[solver] reproducible = true needs output.checkpoint_steps"]),
        ("solver.petsc=3", ["[solver] petsc = 3: must be a table of keys"]),
        ("anode.initial={kind='film'}", ["[anode.initial] thickness is missing"]),
        ("anode.initial={kind='film', thickness='60 um'}", ["[anode.initial] thickness reaches 60 µm"]),
        (
            "anode.initial={kind='film', thickness='2 um', amplitude='3 um'}",
            ["[anode.initial] amplitude must be smaller than the thickness"],
        ),
        ("anode.initial={kind='film', thickness='0.5 um'}", ["[anode.initial] thickness", "2 lam = 1 µm"]),
        (
            "anode.initial={kind='film', thickness='3 um', amplitude='2.5 um'}",
            ["[anode.initial] thickness", "amplitude and 2 lam = 3.5 µm"],
        ),
        ('materials."LPSC1.0".sigma=0 S/m', ['[materials."LPSC1.0"] sigma', "must be positive"]),
        ("materials.LPSC1.0.like=LGPS", ["in quotes", """--set 'materials."LPSC1.0".like=LGPS'"""]),
        ("drive.current.x=3", ["drive.current is a value, not a section"]),
        ("drive.current", ["write it as section.key=value"]),
        ("drive current=3", ["write it as section.key=value"]),
        ("=3", ["write it as section.key=value"]),
    ],
)
def test_bad_override(override: str, words: list[str], tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(CASE, encoding="utf-8")
    text = message(path, [override])
    assert text.startswith(f"--set {override.split('=')[0]}")
    for word in words:
        assert word in text


def test_further_problems_are_counted_not_told(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(CASE.replace('"1 um"', "1").replace('"2 h"', "2"), encoding="utf-8")
    assert message(path).endswith("(and 1 more)")
    assert "more)" not in message(path, ["mesh.cell_size_bulk=1 um", "time.end=2 h", "phase_field.lam=1"])
    assert "more)" not in message(
        path, ["mesh.cell_size_bulk=1 um", "time.end=2 h", "microstructure.layers=[{}]"]
    )


def test_missing_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(CASE, encoding="utf-8")
    assert "no such file. Did you mean" in message(tmp_path / "csae.toml")
    assert "is a directory, not a case file. Did you mean" in message(tmp_path)


def test_syntax_error_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(CASE.replace("[phase_field]", "[phase_field"), encoding="utf-8")
    assert message(path).startswith(f"{path}:11: not valid TOML")
    path.write_text(CASE + "x = [\n", encoding="utf-8")
    assert message(path).startswith(f"{path}:23: not valid TOML")
    path.write_bytes(b"title = '\xff'")
    assert "UTF-8" in message(path)


def test_line_of_an_array_of_tables(tmp_path: Path) -> None:
    layer = '[[microstructure.layers]]\nmaterial = "{}"\nshare = 0.5\n'
    old = 'layers = [ { material = "A", share = 0.5 }, { material = "LGPS", share = 0.5 } ]\n'
    path = tmp_path / "case.toml"
    path.write_text(CASE.replace(old, layer.format("A") + layer.format("B")), encoding="utf-8")
    assert message(path).startswith(f"{path}:9: [microstructure] layers[1].material")


def test_text_over_several_lines_does_not_confuse_the_search_for_a_line(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    title = 'title = """\n[see the note]\n= 3\n"""\n'
    path.write_text(title + CASE.replace('"2 h"', "2"), encoding="utf-8")
    assert message(path).startswith(f"{path}:26: [time] end = 2")
