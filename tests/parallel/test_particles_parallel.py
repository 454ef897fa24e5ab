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


@pytest.mark.parametrize(
    ("command", "override", "words"),
    [
        ("run", "mesh.refinement=1000", "cells and need"),
        ("mesh", "mesh.refinement=1000", "cells and need"),
        ("conductivity", "microstructure.depth=5 um", "grains[0].size and spread make grains of up to"),
    ],
)
def test_all_ranks_refuse_bad_grains_together(
    mpiexec: Mpiexec,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    override: str,
    words: str,
) -> None:
    """One message, exit code 2, nothing written."""
    monkeypatch.setenv("FEM_MODEL_MESHES", str(tmp_path / "meshes"))
    (tmp_path / "case.toml").write_text(CASE)
    done = mpiexec(2, ["-m", "fem_model", command, "case.toml", "--set", override], cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout.startswith("fem-model: ")
    assert done.stdout.count("\n") == 1
    assert words in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["case.toml"]
