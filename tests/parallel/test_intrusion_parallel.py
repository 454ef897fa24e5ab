"""A crack among grains of scattered toughness gives the same numbers on one rank and on three."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.fem.cases import NUCLEUS, case, column, finished, toml
from tests.parallel.test_run_parallel import check_same_numbers, numbers

Mpiexec = Callable[..., "subprocess.CompletedProcess[str]"]

CHANGES = {
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
