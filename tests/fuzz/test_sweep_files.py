"""Mutated files of sweeps are refused in one line that names the file, or have members."""

import random
from pathlib import Path

import pytest

from fem_model.base.errors import InputError
from fem_model.sweep.plan import load_plan
from tests.fem.cases import NUCLEUS, toml
from tests.fuzz.toml_mutants import mutant

SWEEP = """title = "all kinds of axes"
case = "base.toml"
ranks = 2
set = ["output.figures=false", "anode.initial.nuclei[0].radius=2.6 um"]
quantities = ["tip_m", "voltage_V@1 min", "time_to_short_s"]

[axes.bulk]
key = "mesh.cell_size_bulk"
values = ["2 um", "1.9 um"]

[axes.current]
key = "drive.current"
range = ["1 mA/cm^2", "2 mA/cm^2"]
count = 2
spacing = "log"

[axes.pair.zip]
"kinetics.R_ct" = ["0.8 ohm cm^2", "0.9 ohm cm^2"]
"time.end" = ["2 min", "3 min"]

[axes.sample]
samples = { "phase_field.gamma" = ["0.4 J/m^2", "0.5 J/m^2"], "time.front_step" = [0.1, 0.2] }
count = 2
seed = 3

[axes.output.choices]
often = ["output.checkpoint=1 min"]
"as it is" = []
"""


def outcome(path: Path) -> str:
    """ "accepted" or "refused"; the failure of the test for all else."""
    try:
        assert load_plan(path).members
    except InputError as error:
        assert path.name in str(error) and ":None" not in str(error)
        return "refused"
    return "accepted"


@pytest.mark.parametrize(
    "count", [80, pytest.param(5000, marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
)
def test_mutated_sweeps(count: int, tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(toml(NUCLEUS))
    outcomes = []
    for number in range(count):
        path = tmp_path / f"sweep_{number}.toml"  # which a failure leaves there
        path.write_bytes(mutant(random.Random(f"sweep {number}"), [SWEEP]))
        outcomes.append(outcome(path))
    assert outcomes.count("refused") > count / 2
    assert outcomes.count("accepted") > count / 50
