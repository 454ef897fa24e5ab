"""The rules between [intrusion], flaws and room: one line each; and what is left out in them."""

from pathlib import Path

import pytest

from fem_model.base.errors import InputError
from fem_model.case import case_to_toml, load_case

INTRUSION = '[intrusion]\ntoughness = "0.2 MPa m^0.5"\n'
CASE = """\
[microstructure]
layout = "layers"
width = "12 um"
depth = "16 um"
layers = [ { material = "LPSC1.0", share = 0.5 }, { material = "LGPS", share = 0.5 } ]
[mesh]
cell_size_front = "0.25 um"
cell_size_bulk = "1 um"
cell_size_boundary = "0.25 um"
front_height = "4 um"
[phase_field]
lam = "0.25 um"
[anode.initial]
kind = "flaws"
flaws = [ { position = "6 um", length = "3 um" } ]
[drive]
mode = "galvanostatic"
current = "1 mA/cm^2"
[time]
end = "2 h"
"""
REACTION = "reactions=[{material='LGPS', rate='1 nm/s', toughness_factor=4.0}]"
FLAWS = "anode.initial={{kind='flaws', {}}}".format


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "case.toml"
    file.write_text(INTRUSION + CASE, encoding="utf-8")
    return file


def message(path: Path, *overrides: str) -> str:
    with pytest.raises(InputError) as error:
        load_case(path, overrides)
    return str(error.value)


def test_what_is_left_out_goes_by_lam_dimension_and_toughness(path: Path) -> None:
    section = load_case(path).intrusion
    assert section is not None
    assert (section.half_width, section.length, section.plug) == pytest.approx((0.75e-6,) * 3)
    assert section.grain_toughness == pytest.approx(20 * 0.2e6)
    assert section.geometry_factor == 1.12
    in_3d = ("microstructure.breadth=6 um", FLAWS("flaws=[{position='6 um', across='3 um', length='3 um'}]"))
    section = load_case(path, in_3d).intrusion
    assert section is not None and section.geometry_factor == 0.71


def test_cracks_survive_being_written(path: Path) -> None:
    pairs = "intrusion.pairs=[{pair='LPSC1.0|LGPS', toughness='0.1 MPa m^0.5'}]"
    random = FLAWS("random={spacing='3 um', length='2 um', spread=1.5, direction='boundary'}")
    read = load_case(path, [pairs, "intrusion.scatter=4", "phase_field.room=0.1", REACTION, random])
    path.write_text(case_to_toml(read))
    assert load_case(path) == read
    assert read.room_table() == {"LPSC1.0": 0.1, "LGPS": 0.1}


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("intrusion.half_width=0.7 um", ["[intrusion] half_width must be at least 3 lam = 0.75 µm"]),
        ("intrusion.plug=0.5 um", ["[intrusion] plug must be at least half_width = 0.75 µm"]),
        ("intrusion.law=fixed", ["[intrusion] length is missing", 'Example: "14 um"']),
        ("intrusion.law=height_of_it", ["[intrusion] law", "Allowed: relief, height, fixed."]),
        ("intrusion.toughness=0.2 MPa", ["[intrusion] toughness", "does not convert to Pa m^0.5"]),
        ("intrusion.scatter=0.4", ["[intrusion] scatter = 0.4", "greater than or equal to 0.5"]),
        (
            "intrusion.pairs=[{pair='LPSC1.0|LPGS', toughness='1 MPa m^0.5'}]",
            ["pairs[0].pair", "Materials: LPSC1.0, LGPS.", "Did you mean LGPS?"],
        ),
        (
            "intrusion.pairs=[{pair='LPSC1.0|LGPS', toughness='1 MPa m^0.5'}, "
            "{pair='LGPS|LPSC1.0', toughness='2 MPa m^0.5'}]",
            ["pairs[1].pair is already given"],
        ),
        ("intrusion.grain_toughness=0.1 MPa m^0.5", ["[intrusion] toughness is above that of the grains"]),
        (FLAWS("flaws=[{position='6 um', length='3 um', filled=false}]"), ["flaws are all empty"]),
        (FLAWS("flaws=[{position='6 um', length='30 um'}]"), ["[anode.initial] flaws reaches 30 µm"]),
        (FLAWS("random={spacing='1 nm', length='2 um'}"), ["spacing makes 12000 flaws; at most 1000"]),
        ("mesh.degree=2", ["[mesh] degree must be 1 with [intrusion]"]),
        ("kinetics.p_resist=1 MPa", ["[kinetics] p_resist and [intrusion] exclude each other"]),
        ("boundaries=[{width='1 um', p_factor=0.5}]", ["p_resist and [intrusion] exclude each other"]),
        ("mesh.cell_size_boundary=0.3 um", ["[mesh] cell_size_boundary must be at most 0.275 µm"]),
        (FLAWS("flaws=[{position='6 um'}]"), ["flaws[0].length is missing", '"4 um"']),
        (FLAWS("flaws=[{position='13 um', length='3 um'}]"), ["flaws[0].position lies outside", "12 µm"]),
        (
            FLAWS("flaws=[{position='6 um', across='1 um', length='3 um'}]"),
            ["flaws[0].across has no meaning in 2D"],
        ),
        (
            FLAWS("flaws=[{position='6 um', length='3 um', width='0.9 um'}]"),
            ["flaws[0].width must be at least 4 lam = 1 µm"],
        ),
        (FLAWS("random={spacing='3 um'}"), ["random] length is missing", '"4 um"']),
        (
            FLAWS("random={spacing='3 um', length='2 um', lengths=['1 um']}"),
            ["random] lengths and length with spread exclude each other"],
        ),
        (FLAWS("random={spacing='3 um', length='2 um', width='0.9 um'}"), ["random] width must be at least"]),
        ("anode.initial={kind='flaws'}", ["flaws are missing: give one at least, or random ones"]),
        ("phase_field.room=1.1", ["[phase_field] room = 1.1", "less than or equal to 1"]),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(path: Path, override: str, words: list[str]) -> None:
    text = message(path, override)
    assert "\n" not in text
    for word in words:
        assert word in text


@pytest.mark.parametrize(
    ("override", "words"),
    [
        (REACTION, ["reactions[0].toughness_factor has no effect without [intrusion]"]),
        (
            FLAWS("flaws=[{position='6 um', length='3 um', filled=false}]"),
            ["flaws[0].filled = false has no effect without [intrusion]"],
        ),
        (
            FLAWS("random={spacing='3 um', length='2 um', filled=false}"),
            ["random] filled = false has no effect"],
        ),
    ],
)
def test_what_needs_intrusion_is_told_without_it(path: Path, override: str, words: list[str]) -> None:
    path.write_text(CASE, encoding="utf-8")
    text = message(path, override)
    assert "\n" not in text
    for word in words:
        assert word in text


def test_the_file_and_the_line_are_named(path: Path) -> None:
    path.write_text(CASE.replace('position = "6 um"', 'position = "13 um"') + INTRUSION, encoding="utf-8")
    text = message(path)
    assert text.startswith(f"{path}:15: [anode.initial] flaws[0].position lies outside the domain")


def test_the_bracket_of_allen_and_cahn_has_no_room(path: Path) -> None:
    path.write_text(CASE, encoding="utf-8")
    text = message(path, "phase_field.capillarity=classical", "materials.LGPS.room=0.5")
    assert '[phase_field] room must be 1 with capillarity = "classical"' in text


def test_flaws_along_several_boundaries_are_for_2d_and_need_a_height(path: Path) -> None:
    flaw = "flaws=[{{position='6 um', direction='boundaries'{}}}]".format
    assert "only a flaw along one boundary can do without it" in message(path, FLAWS(flaw("")))
    in_3d = "microstructure.breadth=6 um", FLAWS(flaw(", length='3 um', across='3 um'"))
    assert 'flaws[0].direction = "boundaries" is for 2D' in message(path, *in_3d)


def test_random_flaws_are_drawn_by_their_seed(path: Path) -> None:
    def drawn(seed: int, spread: float = 1.5) -> list[tuple[float, float]]:
        random = f"random={{spacing='1 um', length='2 um', spread={spread}, seed={seed}}}"
        initial = load_case(path, [FLAWS(random)]).anode.initial
        assert initial.kind == "flaws"
        return [(flaw.position, flaw.length or 0.0) for flaw in initial.all((12e-6,))]

    first = drawn(1)
    assert len(first) == 12 and first == drawn(1) != drawn(2)
    assert all(0 <= position <= 12e-6 for position, _ in first)
    assert len({length for _, length in first}) == 12
    assert {length for _, length in drawn(1, spread=1.0)} == {2e-6}
