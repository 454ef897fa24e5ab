"""Files of studies: what they mean, and one clear message for what is wrong."""

import math
from itertools import pairwise
from pathlib import Path
from string import Template

import numpy as np
import pytest

from fem_model.base.errors import InputError
from fem_model.case.overrides import overrides
from fem_model.ccd.flaw_law import LogNormal
from fem_model.ccd.patches import Patch
from fem_model.ccd.strength import SingleCrack
from fem_model.ccd.study_file import load_study

SHIPPED = Path("runs/ccd/study.toml")
STUDY = """\
case = "patch.toml"
definition = "through"
depth = "20 um"
[pellet]
thickness = "1 mm"
diameter = "9 mm"
flaw_spacing = "5 um"
[flaws]
median = "5 um"
spread = 1.3
[patches]
number = 12
shortest = "4 um"
longest = "16 um"
[[electrolytes]]
name = "A"
measured = "0.5 mA/cm^2"
[[electrolytes]]
name = "B"
"""


def message(tmp_path: Path, text: str) -> str:
    path = tmp_path / "study.toml"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        load_study(path)
    return str(error.value)


def test_the_shipped_study_has_the_eight_electrolytes_and_two_fits() -> None:
    file = load_study(SHIPPED)
    assert len(file.electrolytes) == 8 and len(file.fits) == 2
    assert [each.measured for each in file.electrolytes] == pytest.approx([5, 7, 21, 29, 7, 9, 15, 11])


def test_lengths_of_patches_are_spread_evenly_in_their_logarithm() -> None:
    patches = load_study(SHIPPED).patches
    logs = sorted(math.log(a / patches.shortest) for a in patches.lengths(55))
    gaps = [b - a for a, b in pairwise(logs)]
    assert logs[0] >= 0 and logs[-1] < math.log(patches.longest / patches.shortest)
    assert max(gaps) < 3 * min(gaps)


def test_a_law_is_fitted_to_measured_lengths(tmp_path: Path) -> None:
    known = LogNormal(5e-6, math.log(1.3)).isf((np.arange(300) + 0.5) / 300)
    lengths = ", ".join(f'"{length * 1e6:.6g} um"' for length in known)
    path = tmp_path / "study.toml"
    path.write_text(STUDY.replace('median = "5 um"\nspread = 1.3', f"lengths = [{lengths}]"))
    law = load_study(path).flaws.draws(np.random.default_rng(1)).held()
    assert isinstance(law, LogNormal)
    assert (law.median, law.spread) == pytest.approx((5e-6, math.log(1.3)), rel=0.03)


def test_the_example_of_the_page_is_a_study(tmp_path: Path) -> None:
    (example,) = (part for part in Path("docs/ccd.md").read_text().split("```") if part.startswith("toml"))
    path = tmp_path / "study.toml"
    path.write_text(example.removeprefix("toml"))
    file = load_study(path)
    changes = [Template(text).substitute(interface="10 ohm cm^2") for text in file.set]
    patch = Patch(Path("runs/ccd/patch.toml"), tuple(overrides(changes)), 1, file.patches.longest, file.depth)
    assert SingleCrack.of(patch.load()).toughness == 0.23e6


FIT = '[fits.x]\nbetween = ["1 um", "2 um"]\nto = "{}"\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (STUDY.replace('name = "B"', 'name = "A"'), 'electrolytes has two of the name "A"'),
        (STUDY + FIT.format("AA"), '[fits.x] to = "AA": no such electrolyte. There are A, B.'),
        (STUDY + FIT.format("B"), '[fits.x] to = "B": nothing was measured of it'),
        (STUDY + FIT.format("A"), "[fits] x is used by no change of A: write $x in a set"),
        (STUDY + '[inputs.i]\nlow = []\nhigh = []\n', "inputs have no effect without varied"),
        (STUDY + FIT.format("A").replace("2 um", "2 mm"), "[fits.x] between has bounds in um and mm"),
        (STUDY.replace("spread = 1.3", ""), "[flaws] median with spread, or lengths: give exactly one"),
        (STUDY.replace("16 um", "4 um"), "[patches] longest must be larger than shortest"),
        (STUDY + '[mechanisms.m]\noff = ["a"]\n', "write it as section.key=value"),
        ("varied = [\"C\"]\n" + STUDY, 'varied = "C": no such electrolyte'),
    ],
    ids=["twice", "unknown", "not measured", "unused", "not varied", "units", "flaws", "order", "change",
         "varied"],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in message(tmp_path, text)
