"""Cracks among grains of scattered toughness give the same numbers on one rank and on more."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fem.cases import NUCLEUS, case, column, finished, toml
from tests.parallel.test_run_parallel import check_same_numbers, numbers

Mpiexec = Callable[..., "subprocess.CompletedProcess[str]"]

CHANGES: dict[str, Any] = {
    "microstructure": {
        "layout": "particles",
        "width": "9 um",
        "depth": "8 um",
        "grains": [
            {"material": "LPSC1.0", "mass_share": 0.7, "size": "3 um"},
            {"material": "LGPS", "mass_share": 0.3, "size": "2 um"},
        ],
    },
    "materials": {"LGPS": {"room": 0.3}},
    "mesh": {"cell_size_front": "0.45 um", "cell_size_bulk": "0.45 um"},
    "phase_field": {"lam": "0.45 um", "room": 0.2},
    "intrusion": {"toughness": "0.05 MPa m^0.5", "scatter": 4.0},
    "anode": {
        "initial": {
            "kind": "flaws",
            "flaws": [{"position": "3 um", "length": "2 um", "width": "2 um", "direction": "boundary"}],
            "random": {"spacing": "6 um", "length": "1.5 um", "width": "2 um", "seed": 2},
        },
        "foil_thickness": "1 mm",
    },
    "kinetics": {"R_ct": "10 ohm cm^2"},
    "drive": {
        "mode": "steps",
        "steps": [
            {"current": "1 mA/cm^2", "time": "2 min"},
            {"current": "-1 mA/cm^2", "time": "1 min"},
            {"current": "1 mA/cm^2", "time": "1 min"},
        ],
    },
    "time": {"end": "1 h", "outputs": 1, "front_step": 0.4},
}


def test_ranks_do_not_change_a_crack_among_grains(mpiexec: Mpiexec, tmp_path: Path) -> None:
    alone = finished(case(NUCLEUS, CHANGES))
    one = {name: column(alone, name) for name in alone.recorder.rows[0]}
    assert one["tip_m"].max() > one["tip_m"][0] + 0.3e-6
    assert one["step"][-1] >= 6
    (tmp_path / "case.toml").write_text(toml(NUCLEUS, CHANGES))
    done = mpiexec(3, ["-m", "fem_model", "run", tmp_path / "case.toml"], timeout=140)
    assert done.returncode == 0, done.stdout
    check_same_numbers(one, numbers(tmp_path / "out"))


REVERSALS = CHANGES | {
    "intrusion": {"toughness": "0.23 MPa m^0.5", "scatter": 4.0},
    "anode": CHANGES["anode"] | {"islands": "floating"},
    "counter": {"kind": "lithium"},
    "stack": {"pressure": "3 MPa"},
    "voids": {"thickness": "15 um"},
    "reactions": [{"material": "LGPS", "diffusivity": "1e-17 m^2/s", "toughness_factor": 4.0}],
    "drive": {
        "mode": "steps",
        "repeat": 4,
        "steps": ["strip at 0.5 mA/cm^2 for 12 min", "plate at 0.5 mA/cm^2 for 20 min"],
    },
    "time": {"end": "10 h", "outputs": 1, "front_step": 0.4},
}


@pytest.mark.slow
def test_reversals_with_voids_and_a_reaction_leave_the_flaws(mpiexec: Mpiexec, tmp_path: Path) -> None:
    """On two ranks as on one; the product of LGPS takes some of the lithium."""
    (tmp_path / "case.toml").write_text(toml(NUCLEUS, REVERSALS))
    for n in (1, 2):
        command = ["-m", "fem_model", "run", tmp_path / "case.toml", "--out", tmp_path / str(n)]
        done = mpiexec(n, command, timeout=300)
        assert done.returncode == 0, done.stdout
    one, two = (numbers(tmp_path / str(n)) for n in (1, 2))
    assert max(rows.pop("void_error").max() for rows in (one, two)) < 1e-8
    check_same_numbers(one, two)
    tips = [one["tip_m"][one["stage"] == stage][-1] for stage in range(8)]
    plug = 3 * 0.45e-6
    assert max(tips[::2]) < plug < min(tips[1::2]) - 0.45e-6
    assert tips[7] == pytest.approx(tips[1], abs=0.45e-6)
    assert one["contact_share_anode"].min() < 1.0 and one["charge_reacted_C_m2"][-1] > 0
