"""Grains of LPSC1.0 and LGPS, as the tests of their meshes and of their conductivity take them."""

from pathlib import Path

from fem_model.case import Case, load_case

CASE = """
[microstructure]
layout = "particles"
width = "66 um"
depth = "60 um"
seed = {seed}
[[microstructure.grains]]
material = "LPSC1.0"
mass_share = {host}
size = "5 um"
[[microstructure.grains]]
material = "LGPS"
mass_share = {filler}
size = "3 um"
[mesh]
cell_size_front = "0.4 um"
cell_size_bulk = "1.5 um"
front_height = "12 um"
[phase_field]
lam = "0.5 um"
[anode.initial]
kind = "film"
thickness = "2 um"
[drive]
mode = "galvanostatic"
current = "1 mA/cm^2"
[time]
end = "1 h"
"""
AREA_SHARE = {0.1: 0.0922, 0.2: 0.1859, 0.3: 0.2814}
"""Of LGPS, by its mass share."""
SEEDS = range(1, 11)
BOX = (25.0, 24.0, 23.0)
"""Of the 3D samples, µm: 200 to 300 grains."""
AXES = ("width", "breadth", "depth")
COARSE = ("mesh.cell_size_front=0.9 um", "mesh.cell_size_bulk=1.5 um", "mesh.front_height=5 um")
SMALL = (13.0, 12.0, 14.0)
"""Of the fast 3D samples: 30 to 60 grains."""


def load(folder: Path, seed: int = 1, filler: float = 0.2, *overrides: str) -> Case:
    """The case of one sample, `filler` being the mass share of LGPS; it is left in folder/case.toml."""
    path = folder / "case.toml"
    path.write_text(CASE.format(seed=seed, host=1 - filler, filler=filler))
    return load_case(path, overrides)


def load_3d(
    folder: Path, seed: int = 1, filler: float = 0.2, *overrides: str, box: tuple[float, ...] = BOX
) -> Case:
    """The same grains in a box (µm), with coarse cells."""
    sides = [f"microstructure.{key}={side} um" for key, side in zip(AXES, box, strict=True)]
    return load(folder, seed, filler, *sides, *COARSE, "phase_field.lam=0.85 um", *overrides)
