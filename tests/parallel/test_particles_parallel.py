"""A run in a microstructure of particles gives the same on any number of ranks."""

import csv
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Mpiexec = Callable[..., "CompletedProcess[str]"]

CASE = """
[microstructure]
layout = "particles"
width = "20 um"
depth = "20 um"
grains = [
  { material = "LPSC1.0", mass_share = 0.7, size = "4 um" },
  { material = "LGPS", mass_share = 0.3, size = "3 um" },
]
[mesh]
cell_size_front = "0.5 um"
cell_size_bulk = "1.5 um"
front_height = "8 um"
[phase_field]
lam = "0.5 um"
[anode.initial]
kind = "nuclei"
nuclei = [ { position = "7 um", radius = "3 um" } ]
[drive]
mode = "galvanostatic"
current = "1 mA/cm^2"
[time]
end = "5 min"
outputs = 1
[output]
figures = false
"""
COMPARED = ["voltage_V", "tip_m", "charge_metal_C_m2", "li_share_LGPS", "current_share_LGPS"]


def run(mpiexec: Mpiexec, folder: Path, ranks: int) -> list[dict[str, str]]:
    (folder / "case.toml").write_text(CASE)
    out = folder / str(ranks)
    done = mpiexec(ranks, ["-m", "fem_model", "run", folder / "case.toml", "--out", out])
    assert done.returncode == 0, done.stdout
    with (out / "series.csv").open() as file:
        return list(csv.DictReader(file))


def test_ranks_do_not_change_the_results(
    mpiexec: Mpiexec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run builds its own mesh."""
    rows, meshes = [], []
    for ranks in (1, 3):
        monkeypatch.setenv("FEM_MODEL_MESHES", str(tmp_path / f"meshes{ranks}"))
        rows.append(run(mpiexec, tmp_path, ranks))
        (mesh,) = (tmp_path / f"meshes{ranks}").iterdir()
        meshes.append((mesh.name, mesh.read_bytes()))
    assert meshes[0] == meshes[1]
    assert len(rows[0]) == len(rows[1]) > 3
    for one, other in zip(*rows, strict=True):
        for name in COMPARED:
            assert float(other[name]) == pytest.approx(float(one[name]), rel=1e-6, abs=1e-15)
