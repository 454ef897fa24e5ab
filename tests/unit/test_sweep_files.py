"""Files of sweeps: their members and names, and what is refused before anything is written."""

import re
from pathlib import Path

import numpy as np
import pytest

from fem_model.base.errors import InputError
from fem_model.case import load_case
from fem_model.sweep.cost import cost_of
from fem_model.sweep.plan import Plan, load_plan
from fem_model.sweep.spacing import between
from tests.fem.cases import NUCLEUS, toml

RUNS = Path(__file__).parents[2] / "runs"
CURRENT = '[axes.i]\nkey = "drive.current"\n'
BASE = 'case = "case.toml"\n'
TWO_AXES = f"""{CURRENT}values = ["1 mA/cm^2"]
[axes.contact.choices]
clean = []
worse = ["kinetics.R_ct=1 ohm m^2"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "case.toml").write_text(toml(NUCLEUS))
    return tmp_path


def plan(folder: Path, text: str) -> Plan:
    (folder / "sweep.toml").write_text(BASE + text, encoding="utf-8")
    return load_plan(folder / "sweep.toml")


def currents(found: Plan) -> list[float]:
    return [member.case.nominal_current() / 10 for member in found.members]


def test_axes_are_crossed_and_members_named_after_their_points(folder: Path) -> None:
    found = plan(
        folder,
        '[axes.current]\nkey = "drive.current"\nvalues = ["1 mA/cm^2", "2 mA/cm^2"]\n'
        '[axes.radius]\nkey = "anode.initial.nuclei[0].radius"\nvalues = ["2.5 um", "3 um", "3.5 um"]\n',
    )
    assert [member.name for member in found.members[:4]] == [
        "current_1_mA_cm2-radius_2.5_um",
        "current_1_mA_cm2-radius_3_um",
        "current_1_mA_cm2-radius_3.5_um",
        "current_2_mA_cm2-radius_2.5_um",
    ]
    assert currents(found) == [1, 1, 1, 2, 2, 2]
    radii = [member.case.anode.initial.nuclei[0].radius for member in found.members]
    assert radii == pytest.approx(2 * [2.5e-6, 3e-6, 3.5e-6])


def test_zipped_keys_change_together(folder: Path) -> None:
    lists = '"drive.current" = ["1 mA/cm^2", "2 mA/cm^2"]\n"time.end" = ["20 min", "10 min"]\n'
    found = plan(folder, f"[axes.rate.zip]\n{lists}")
    assert currents(found) == [1, 2]
    assert [member.case.time.end for member in found.members] == [1200, 600]
    assert found.members[1].name == "rate_2_mA_cm2_10_min"


@pytest.mark.parametrize(("spacing", "expected"), [("linear", [1, 2.5, 4]), ("log", [1, 2, 4])])
def test_a_range_is_even_in_numbers_or_in_ratios(folder: Path, spacing: str, expected: list[float]) -> None:
    text = f'range = ["1 mA/cm^2", "4 mA/cm^2"]\ncount = 3\nspacing = "{spacing}"\n'
    assert currents(plan(folder, CURRENT + text)) == pytest.approx(expected)


def test_a_latin_hypercube_has_one_sample_in_every_interval_of_each_key(folder: Path) -> None:
    text = (
        "[axes.sample]\ncount = 8\nseed = 3\n[axes.sample.samples]\n"
        '"drive.current" = ["1 mA/cm^2", "2 mA/cm^2"]\n'
        '"kinetics.R_ct" = ["0.8 ohm cm^2", "1.6 ohm cm^2"]\n'
    )
    found = plan(folder, text)
    resistances = [member.case.kinetics.R_ct / 0.8e-4 for member in found.members]
    for shares in (currents(found), resistances):
        assert sorted(int(8 * (share - 1)) for share in shares) == list(range(8))
    assert currents(plan(folder, text)) == currents(found)
    assert currents(plan(folder, text.replace("seed = 3", "seed = 4"))) != currents(found)


def test_seeds_repeat_and_named_choices_change_several_keys(folder: Path) -> None:
    layout = (
        "microstructure={layout='particles', width='12 um', depth='20 um', "
        "grains=[{material='LPSC1.0', mass_share=1, size='4 um'}]}"
    )
    found = plan(
        folder,
        f'set = ["{layout}"]\n[axes.contact.choices]\nclean = []\n'
        '"of a cell" = ["kinetics.R_ct=10 ohm cm^2", "anode.R_ct=10 ohm cm^2"]\n'
        "[axes.seed]\nseeds = [4, 7]\n",
    )
    assert [member.case.microstructure.seed for member in found.members] == [4, 7, 4, 7]
    assert [round(1e4 * member.case.kinetics.R_ct, 9) for member in found.members] == [0.8, 0.8, 10, 10]
    assert found.members[-1].name == "contact_of_a_cell-seed_7"
    assert (found.varied, found.seeds) == (("contact",), ("seed",))


def test_whole_numbers_stay_whole() -> None:
    assert between((1, 4), np.array([0.0, 0.4, 1.0]), "linear", "range") == [1, 2, 4]
    assert between((0, 0.5), np.array([0.0, 0.5, 1.0]), "linear", "range") == [0.0, 0.25, 0.5]


def test_the_files_of_the_page_are_read(folder: Path) -> None:
    page = (RUNS.parent / "docs" / "sweeps.md").read_text(encoding="utf-8")
    grains = [{"material": "LPSC1.0", "mass_share": 1, "size": "4 um"}]
    layout = {"layout": "particles", "width": "12 um", "depth": "20 um", "grains": grains}
    changes = {"microstructure": layout, "materials": {}, "mesh.cell_size_bulk": "1 um", "time.end": "2 h"}
    (folder / "case.toml").write_text(toml(NUCLEUS, changes))
    counts = []
    for text in re.findall(r"```toml\n(.*?)```", page, re.DOTALL):
        (folder / "sweep.toml").write_text(text, encoding="utf-8")
        counts.append(len(load_plan(folder / "sweep.toml").members))
    assert counts == [20, 30]


@pytest.mark.parametrize("file", sorted(RUNS.glob("*/sweep.toml")), ids=lambda file: file.parent.name)
def test_shipped_sweeps_have_members_whose_keys_are_those_of_a_case(file: Path) -> None:
    assert len(load_plan(file).members) > 1


REFUSED = {  # the rest of the file, the line that is named, what the message says
    "unknown key of the case": (
        '[axes.i]\nkey = "drive.curent"\nvalues = ["1 mA/cm^2"]',
        3,
        ["[axes.i] drive.curent", "Did you mean current?", "(member i_1_mA_cm2"],
    ),
    "value without a unit": (f"{CURRENT}values = [1]", 3, ["[axes.i] drive.current", "needs a unit"]),
    "beyond its bounds": (f'{CURRENT}values = ["1 mA/cm^2", "0 mA/cm^2"]', 3, ["must not be zero"]),
    "no such entry of a list": (
        '[axes.r]\nkey = "anode.initial.nuclei[1].radius"\nvalues = ["3 um"]',
        3,
        ["nuclei has only [0]"],
    ),
    "one of several keys": (
        '[axes.z.zip]\n"drive.current" = ["1 mA/cm^2"]\n"time.ending" = ["1 h"]',
        4,
        ["[axes.z] time.ending", "Did you mean end?"],
    ),
    "a sampled key": (
        '[axes.s]\ncount = 2\n[axes.s.samples]\n"drive.current" = ["1 mA/cm^2", "2 mA/cm^2"]\n'
        '"time.end" = ["1 V", "2 V"]',
        6,
        ["[axes.s] time.end", "does not convert to s"],
    ),
    "a key for the seeds": ('[axes.a]\nseeds = 2\nkeys = ["mesh.seed"]', 4, ["[axes.a] mesh.seed"]),
    "a change of all": (
        'set = ["time.end=1 V"]\n[axes.a.choices]\nplain = []',
        2,
        [": time.end", "does not convert"],
    ),
    "unknown kind of axis": (f"{CURRENT}value = [1]", 2, ["values is missing", "zip, range, seeds"]),
    "no seeds": ("[axes.again]\nseeds = []", 3, ["seeds = []: must have 1 or more entries"]),
    "zero seeds": ("[axes.again]\nseeds = 0", 3, ["seeds = 0: must be greater than or equal to 1"]),
    "a seed that is none": ("[axes.again]\nseeds = [1, 2.5]", 3, ["seeds[1] = 2.5: must be a whole number"]),
    "a bound that is none": (f'{CURRENT}range = [[1], "2 A/m^2"]\ncount = 2', 4, ["range has the bound [1]"]),
    "a bound of true": (f"{CURRENT}range = [true, 2]\ncount = 2", 4, ["range has the bound True"]),
    "two kinds of axis": (f"{CURRENT}values = [1]\nseeds = 3", 5, ["seeds and values exclude each other"]),
    "unknown key of an axis": (
        f"{CURRENT}values = [1]\ncuont = 3",
        5,
        ["cuont is not a key of this section"],
    ),
    "unknown key of the file": ("axis = 1", 2, ["axis is not a key", "Did you mean axes?"]),
    "no axes": ("ranks = 2", None, ["axes is missing"]),
    "no key": ('[axes.i]\nkey = "drive current"\nvalues = [1]', 3, ["is not a key of a case"]),
    "two units": (f'{CURRENT}range = ["1 mA/cm^2", "2 A/m^2"]\ncount = 2', 4, ["mA/cm^2 and A/m^2"]),
    "a range the wrong way": (f'{CURRENT}range = ["2 A/m^2", "1 A/m^2"]\ncount = 2', 4, ["the smaller one"]),
    "one bound": (f'{CURRENT}range = ["1 A/m^2"]\ncount = 2', 4, ["range", "must have 2 or more entries"]),
    "logarithm of nothing": (
        f'{CURRENT}range = ["0 A/m^2", "1 A/m^2"]\ncount = 2\nspacing = "log"',
        4,
        ["must be positive"],
    ),
    "lists of two lengths": (
        '[axes.z.zip]\n"drive.current" = ["1 mA/cm^2"]\n"time.end" = ["1 h", "2 h"]',
        4,
        ['"time.end" has 2 values; drive.current has 1'],
    ),
    "names that are alike": (f'{CURRENT}values = ["1 mA/cm^2", "1 mA / cm^2"]', None, ["one name"]),
    "no change": ('[axes.c.choices]\na = ["drive.current"]', 3, ["write it as section.key=value"]),
    "a key along two axes": (
        f'{CURRENT}values = ["1 mA/cm^2"]\n[axes.j.choices]\na = ["drive.current=2 mA/cm^2"]',
        6,
        ["[axes.j] drive.current: undoes the earlier drive.current"],
    ),
    "a name with a space": ('[axes."my axis"]\nseeds = 2', None, ["letters, digits and _"]),
    "the name of a result": (
        '[axes.tip_m]\nkey = "drive.current"\nvalues = ["1 A/m^2"]',
        None,
        ["[axes.tip_m] tip_m is a column of the results"],
    ),
    "unknown quantity": (
        f'quantities = ["tip_n"]\n{CURRENT}values = ["1 mA/cm^2"]',
        2,
        ["quantities: tip_n", "Did you mean tip_m?"],
    ),
    "quantity too late": (f'quantities = ["tip_m@1 h"]\n{CURRENT}values = ["1 mA/cm^2"]', 2, ["0 to 1200 s"]),
    "a ratio to nothing": (
        f'quantities = ["tip_m/tip_n"]\n{CURRENT}values = ["1 mA/cm^2"]',
        2,
        ["quantities: tip_m/tip_n", "unknown name tip_n", "Did you mean tip_m?"],
    ),
    "a ratio of two units": (
        f'quantities = ["tip_m/voltage_V"]\n{CURRENT}values = ["1 mA/cm^2"]',
        2,
        ["quantities: tip_m/voltage_V", "of one unit"],
    ),
    "no axis of panels": (
        f'{CURRENT}values = ["1 mA/cm^2"]\n[axes.contact]\nseeds = 2\n[figure]\npanels = "i"',
        8,
        ["panels i: there is nothing beside the first axis"],
    ),
    "no curve of this name": (f"{TWO_AXES}[figure]\ncurve = 'clear'", 9, ["curve clear", "mean clean?"]),
    "a mark in another unit": (
        f"{TWO_AXES}[figure]\nmarks = {{ paper = '1 V' }}",
        9,
        ["paper", "1 V: must be a number as along the first axis, in mA/cm^2"],
    ),
    "a mark on names": (
        "[axes.c.choices]\na = ['drive.current=1 A/m^2']\n[figure]\nmarks = { paper = '1 A/m^2' }",
        5,
        ["marks needs a first axis of one key"],
    ),
    "too many": ("[axes.a]\nseeds = 1000\n[axes.b]\nseeds = 1000", None, ["1000000 members"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_told_with_file_line_and_key(name: str, folder: Path) -> None:
    text, line, words = REFUSED[name]
    with pytest.raises(InputError) as error:
        plan(folder, text)
    message = str(error.value)
    assert f"{folder / 'sweep.toml'}:{line}: " in message if line else "sweep.toml" in message, message
    for word in words:
        assert word in message
    assert "more)" not in message, "one mistake is one problem"


def test_what_is_wrong_with_the_base_case_names_its_file(folder: Path) -> None:
    (folder / "case.toml").write_text(toml(NUCLEUS).replace("lam =", "lamda ="))
    with pytest.raises(InputError, match=r"case\.toml:\d+: \[phase_field\] lamda.*member i_1_mA_cm2 of"):
        plan(folder, f'{CURRENT}values = ["1 mA/cm^2"]')


def test_a_base_case_that_is_not_there_is_blamed_on_its_line(folder: Path) -> None:
    (folder / "case.toml").unlink()
    with pytest.raises(InputError, match=r"sweep\.toml:1: case: .*case\.toml: no such file"):
        plan(folder, f'{CURRENT}values = ["1 mA/cm^2"]')


def test_large_members_have_several_ranks_unless_the_file_says_so() -> None:
    case = load_case(RUNS / "particles_82_3d" / "case.toml")
    assert (cost_of(case).ranks, cost_of(case, most=2).ranks, cost_of(case, 8).ranks) == (4, 2, 8)
    assert cost_of(case, 8).wall[1] == pytest.approx(cost_of(case, 1).wall[1] / 8)
    assert cost_of(load_case(RUNS / "quickstart" / "case.toml")).ranks == 1
