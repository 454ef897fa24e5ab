"""Changes by --set: into lists, and from one kind of a section to another."""

from pathlib import Path

import pytest

from fem_model.base.errors import InputError
from fem_model.case import load_case
from fem_model.case.sections import Nuclei

CASE = """\
[microstructure]
layout = "layers"
width = "50 um"
depth = "50 um"
layers = [ { material = "LPSC1.0", share = 0.5 }, { material = "LGPS", share = 0.5 } ]
[mesh]
cell_size_front = "0.25 um"
cell_size_bulk = "1 um"
[phase_field]
lam = "0.5 um"
[anode.initial]
kind = "nuclei"
[[anode.initial.nuclei]]
position = "6 um"
radius = "3 um"
[[anode.initial.nuclei]]
position = "16 um"
radius = "3 um"
[drive]
mode = "galvanostatic"
current = "1 mA/cm^2"
[time]
end = "2 h"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "case.toml").write_text(CASE, encoding="utf-8")
    return tmp_path / "case.toml"


def message(path: Path, *overrides: str) -> str:
    with pytest.raises(InputError) as caught:
        load_case(path, overrides)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_an_override_reaches_into_lists(path: Path) -> None:
    layers = "microstructure.layers[0].share=0.9", "microstructure.layers[1].share=0.1"
    case = load_case(path, [*layers, "anode.initial.nuclei[1].radius=4 um"])
    assert list(case.area_shares().values()) == [0.9, 0.1]
    assert isinstance(case.anode.initial, Nuclei)
    assert [nucleus.radius for nucleus in case.anode.initial.nuclei] == [3e-6, 4e-6]
    steps = "drive={mode='steps', steps=[{current='1 A/m^2', time='1 h'}, {voltage='1 mV', time='1 h'}]}"
    both = load_case(path, [steps, "drive.steps[0].current=2 A/m^2"]).drive.stages()
    assert [(stage.current, stage.voltage) for stage in both] == [(2.0, None), (None, 1e-3)]


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("microstructure.layers[2].share=1", "microstructure.layers has only [0] to [1]"),
        ("anode.initial.nuclei[1].radius=0.1 um", "[anode.initial] nuclei[1].radius must be at least 2 lam"),
        ("anode.initial.nuclei.radius=3 um", "is a list; write anode.initial.nuclei[0].radius for its first"),
        ("drive.steps[2].current=0 A/m^2", "drive.steps is not given: there is no list to reach into"),
        ("drive.current[0]=1 A/m^2", "drive.current is not a list"),
        ("drive[0].current=1 A/m^2", "drive is not a list"),
        ("microstructure.layers[0][1].share=1", "microstructure.layers[0] is not a list"),
        ("microstructure.layers[0].share.x=1", "microstructure.layers[0].share is a value, not a section"),
        ("microstructure.layers[-1].share=1", "write it as section.key=value, e.g. --set microstructure.g"),
        (
            "microstructure.layers[0]share=1",
            "write it as section.key=value, e.g. --set microstructure.grains[0]",
        ),
        ("[0].share=1", "write it as section.key=value"),
    ],
)
def test_a_wrong_index_is_one_clear_line(override: str, words: str, path: Path) -> None:
    text = message(path, override)
    assert text.startswith(f"--set {override.split('=')[0]}")
    assert words in text


@pytest.mark.parametrize(
    ("override", "left", "way"),
    [
        ("drive.mode=potentiostatic", "[drive] of {}: current", "drive={mode='potentiostatic', voltage=…}"),
        ("drive.mode=staircase", "current", "drive={mode='staircase', start=…, step=…, largest=…}"),
        (
            "anode.initial.kind=film",
            "[anode.initial] of {}: nuclei",
            "anode.initial={kind='film', thickness=…}",
        ),
    ],
)
def test_another_kind_of_section_names_the_keys_left_over(
    override: str, left: str, way: str, path: Path
) -> None:
    text = message(path, override)
    assert text.startswith(f"--set {override.split('=')[0]}: left over from ")
    assert left.format(path) in text
    assert f'Replace the section as a whole: --set "{way}"' in text


def test_keys_that_fit_another_kind_as_well_stay(path: Path) -> None:
    case = load_case(path, ["drive.mode=cycling", "drive.capacity=1 mAh/cm^2", "drive.cycles=2"])
    assert [stage.current for stage in case.drive.stages()] == [10.0, -10.0, 10.0, -10.0]


def test_a_wrong_key_of_the_command_line_is_not_left_over_from_the_file(path: Path) -> None:
    for before in ([], ["drive={mode='cycling'}"]):
        text = message(path, *before, "drive.mode=potentiostatic", "drive.current=1 A/m^2")
        assert text.startswith("--set drive.current: [drive] current is not a key of this section")
