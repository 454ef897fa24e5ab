"""A study of the critical current density: its patches, its fits, and the electrode that follows."""

import csv
import json
import math
from pathlib import Path

import pytest
from mpi4py import MPI

from fem_model.base.constants import F
from fem_model.base.errors import InputError
from fem_model.case.overrides import overrides
from fem_model.ccd import report
from fem_model.ccd import study as module
from fem_model.ccd.patches import Failure, Patch, measure
from fem_model.ccd.relation import LogLinear
from fem_model.ccd.strength import SingleCrack
from fem_model.ccd.study import Study
from fem_model.ccd.study_file import load_study
from fem_model.materials import V_m
from fem_model.tasks.ccd import study_ccd

COMM, UM = MPI.COMM_SELF, 1e-6
PATCH = Path("runs/ccd/patch.toml")
SMALL = overrides(
    {
        "microstructure.width": "16 um",
        "microstructure.depth": "20 um",
        "anode.initial.flaws[0].position": "8 um",
    }
)
FILE = """\
case = "{case}"
definition = "through"
depth = "56 um"
set = ["kinetics.R_ct=$interface", "anode.R_ct=$interface"]
varied = ["A"]
[pellet]
thickness = "1 mm"
diameter = "9 mm"
flaw_spacing = "5 um"
[flaws]
median = "5 um"
spread = 1.3
[patches]
number = 12
shortest = "6 um"
longest = "20 um"
[fits.interface]
between = ["1 ohm cm^2", "30 ohm cm^2"]
to = "A"
[mechanisms.stack]
off = ["stack.pressure=1 Pa"]
electrolytes = ["B"]
[inputs.toughness]
low = ["intrusion.toughness=0.115 MPa m^0.5"]
high = ["intrusion.toughness=0.345 MPa m^0.5"]
[[electrolytes]]
name = "A"
measured = "0.5 mA/cm^2"
[[electrolytes]]
name = "B"
measured = "0.7 mA/cm^2"
set = ["intrusion.toughness=0.46 MPa m^0.5"]
[[electrolytes]]
name = "C"
measured = "0.9 mA/cm^2"
set = ["intrusion.toughness=0.92 MPa m^0.5"]
[[electrolytes]]
name = "D"
measured = "1.1 mA/cm^2"
set = ["intrusion.toughness=1.38 MPa m^0.5"]
"""


@pytest.mark.parametrize("seed", [1, 2])
def test_a_patch_of_one_electrolyte_fails_as_a_single_crack(seed: int) -> None:
    """P falls with the height, so that the crack that begins to run comes through."""
    patch = Patch(PATCH, tuple(SMALL), seed, 6 * UM, 16 * UM)
    found = measure(patch)
    expected = float(SingleCrack.of(patch.load()).current(found.length_m))
    assert 6 * UM < found.length_m < 7.7 * UM
    assert found.onset_A_m2 == pytest.approx(expected, rel=0.03)
    assert found.through_A_m2 == pytest.approx(found.onset_A_m2, rel=0.03)


def test_tough_boundaries_round_the_flaw_hold_it() -> None:
    grains = [{"material": name, "mass_share": 0.5, "size": "4 um"} for name in ("LPSC1.0", "LGPS")]
    pairs = [{"pair": pair, "toughness": "0.92 MPa m^0.5"} for pair in ("LGPS|LPSC1.0", "LGPS|LGPS")]
    changes = (*SMALL, *overrides({"microstructure.grains": grains, "intrusion.pairs": pairs}))
    patch = Patch(PATCH, changes, 1, 6 * UM, 16 * UM)
    found = measure(patch)
    assert found.through_A_m2 > 1.5 * float(SingleCrack.of(patch.load()).current(found.length_m))
    assert "LGPS" in found.materials


def test_a_passage_takes_the_charge_of_a_half_cycle() -> None:
    """Half an hour at i takes a crack V_m i t/(Fρf) far at most; the first step that can is the least."""
    patch = Patch(PATCH, tuple(SMALL), 1, 6 * UM, 16 * UM)
    found, case = measure(patch), patch.load()
    way = 16 * UM - found.length_m
    least = way * F * case.phase_field.room / (V_m * 1800)
    assert found.passage_A_m2 is not None
    assert found.onset_A_m2 + 0.8 * least < found.passage_A_m2 < found.onset_A_m2 + 2 * least + 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"microstructure.seed": 3}, "microstructure.seed: the study sets it"),
        ({"drive": {"mode": "galvanostatic", "current": "1 mA/cm^2"}}, 'mode must be "staircase"'),
        ({"microstructure.depth": "15 um"}, "depth must lie above the flaws and below the counter electrode"),
    ],
    ids=["seed", "drive", "depth"],
)
def test_a_patch_that_cannot_be_is_refused_before_a_mesh_is_made(
    changes: dict[str, object], message: str
) -> None:
    own = [change for change in SMALL if change.name not in changes]
    with pytest.raises(InputError, match=message):
        Patch(PATCH, (*own, *overrides(changes)), 1, 6 * UM, 16 * UM).load()


def as_single_cracks(patch: Patch) -> Failure:
    """A patch that is as strong as a single crack, without a mesh."""
    current = float(SingleCrack.of(patch.load()).current(patch.length))
    return Failure(patch.length, current, current, current, (0.0, patch.depth), ("LPSC1.0", "LPSC1.0"))


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study whose patches cost nothing."""
    monkeypatch.setattr(module, "measure", as_single_cracks)
    monkeypatch.setattr(report, "conductivity", lambda case: 0.357)
    file = tmp_path / "study.toml"
    file.write_text(FILE.format(case=PATCH.resolve()))
    return file


def test_the_fitted_number_puts_the_median_in_the_middle_of_the_step(path: Path) -> None:
    """The longest of 2.5 million flaws has P = 5.0 mV at 0.4 mA/cm²: 12.5 Ω cm²."""
    study = Study(path, load_study(path), 12, COMM, print)
    study.fit()
    found = study.predict(study.file.electrolytes[0])
    assert found.electrode("through").median().value == pytest.approx(4.0, rel=0.02)
    longest = float(found.law.isf(1 - 0.5 ** (1 / found.count)))
    P = V_m / F * (0.23e6 / (1.12 * math.sqrt(math.pi * longest)) + 10e6)
    assert float(str(study.fitted["interface"]).split()[0]) == pytest.approx(P / 4.0 * 1e4, rel=0.03)


def test_toughness_that_scatters_has_a_law_that_goes_on_below_the_weakest_patch(path: Path) -> None:
    study = Study(path, load_study(path), 12, COMM, print)
    sharp, scattered = (
        study.predict(study.file.electrolytes[0], changes=changes).electrode("through")
        for changes in ((), ("intrusion.scatter=4",))
    )
    assert scattered.median().value == pytest.approx(sharp.median().value, rel=0.03)
    assert isinstance(scattered.relation, LogLinear) and not isinstance(sharp.relation, LogLinear)


def test_a_study_writes_tables_summary_and_figures(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = path.parent / "results"
    assert study_ccd(path, out, COMM) == 0
    rows = list(csv.DictReader((out / "ccd.csv").open()))
    by_variant = {(row["electrolyte"], row["variant"]): float(row["ccd_mA_cm2"]) for row in rows}
    whole = {name: value for (name, variant), value in by_variant.items() if variant == "all mechanisms"}
    assert list(whole) == ["A", "B", "C", "D"] and sorted(whole.values()) == list(whole.values())
    assert by_variant["B", "without stack"] < whole["B"] and ("A", "without stack") not in by_variant
    assert by_variant["A", "toughness -"] < whole["A"] < by_variant["A", "toughness +"]
    assert by_variant["A", "interface (fitted) -"] == pytest.approx(2 * whole["A"], rel=0.02)
    assert by_variant["A", "length of flaws +"] < whole["A"] < by_variant["A", "number of flaws -"]
    summary = json.loads((out / "ccd.json").read_text())
    assert summary["prediction"]["kendall_tau"]["value"] == 1.0
    assert summary["null_model"]["kendall_tau"]["value"] == 0.0
    assert len(list(csv.DictReader((out / "patches.csv").open()))) == 12 * len(rows)
    assert (out / "ccd.png").stat().st_size > 10_000 and (out / "inputs.png").stat().st_size > 10_000
    printed = capsys.readouterr().out
    assert "fitted: interface = " in printed and "(fitted)" in printed and "null model" in printed


def test_what_no_value_within_the_bounds_fits_has_the_nearest_and_is_named(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_text(path.read_text().replace("30 ohm", "2 ohm"))
    assert study_ccd(path, path.parent / "results", COMM) == 0
    found = json.loads((path.parent / "results" / "ccd.json").read_text())
    assert found["fitted"] == {"interface": "2 ohm cm^2"} and found["not_reached"] == ["interface"]
    assert "no value within its bounds gives that of A" in capsys.readouterr().out


def test_results_are_replaced_by_force_only(path: Path) -> None:
    out = path.parent / "results"
    out.mkdir()
    (out / "ccd.csv").write_text("mine")
    with pytest.raises(InputError, match=r"has the results of a study\. --force replaces them"):
        study_ccd(path, out, COMM)
    assert (out / "ccd.csv").read_text() == "mine"
    assert study_ccd(path, out, COMM, force=True) == 0 and (out / "ccd.csv").read_text() != "mine"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("intrusion.toughness=0.345", "intrusion.toughnes=0.345", r"toughnes.*\(A, toughness \+, of "),
        ('flaw_spacing = "5 um"', 'flaw_spacing = "50 mm"', "electrode of .*study.toml with 0.02"),
        ("set = [", 'set = ["intrusion.law=relief", ', r'law must be "height".*\(A, all mechanisms'),
    ],
    ids=["key of an input", "no flaw", "law"],
)  # fmt: skip
def test_all_cases_are_checked_before_the_first_patch(
    path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, message: str
) -> None:
    monkeypatch.setattr(module, "measure", lambda patch: pytest.fail("a patch was measured"))
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(InputError, match=message):
        study_ccd(path, path.parent / "results", COMM)
    assert not (path.parent / "results").exists()


def test_a_name_after_a_dollar_that_is_no_fit_is_refused(path: Path) -> None:
    path.write_text(path.read_text().replace("anode.R_ct=$interface", "anode.R_ct=$contact"))
    study = Study(path, load_study(path), 12, COMM, print)
    with pytest.raises(InputError, match=r"anode.R_ct=\$contact: .* there are \$interface"):
        study.predict(study.file.electrolytes[0])
