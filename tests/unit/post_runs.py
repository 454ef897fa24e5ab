"""Run folders made by hand, with fields whose measures are known."""

import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import h5py
import numpy as np

from fem_model.base.arrays import Floats, Ints

Shape = Callable[[Floats, Floats], Floats]
"""Depth inside the lithium at (x, y), µm: positive there, its slope 1 near the front."""

LAM = 0.5
"""λ, µm."""
NUCLEI = """kind = "nuclei"
nuclei = [{ position = "5 um", radius = "3 um" }, { position = "15 um", radius = "2 um" }]"""
FILM = """kind = "film"
thickness = "3 um"
amplitude = "0.5 um\""""
GALVANOSTATIC = 'mode = "galvanostatic"\ncurrent = "1 mA/cm^2"'
POTENTIOSTATIC = 'mode = "potentiostatic"\nvoltage = "20 mV"'
CASE = """title = "Costs $1 and $2"
[microstructure]
layout = "layers"
width = "{width} um"
depth = "{depth} um"
bands = "{bands}"
layers = [{{ material = "LPSC1.0", share = 0.5 }}, {{ material = "LGPS", share = 0.5 }}]
[mesh]
cell_size_front = "0.5 um"
cell_size_bulk = "0.5 um"
[phase_field]
lam = "0.5 um"
[kinetics]
R_ct = "0.8 ohm cm^2"
[anode]
R_ct = "2 ohm cm^2"
[anode.initial]
{start}
[drive]
{drive}
[time]
end = "2 h"
outputs = 4
"""
VOLTAGES = (0.02, 0.019, 0.018, 0.017, 0.016)
TIMES = (0.0, 1800.0, 3600.0, 5400.0, 7200.0)


def grid(width: float, depth: float, step: float = 0.5) -> tuple[Floats, Ints]:
    """Nodes and triangles of a rectangle."""
    x, y = np.meshgrid(np.arange(0, width + step / 2, step), np.arange(0, depth + step / 2, step))
    corner = (np.arange(len(x) - 1)[:, None] * x.shape[1] + np.arange(x.shape[1] - 1)).ravel()
    right, up, across = corner + 1, corner + x.shape[1], corner + x.shape[1] + 1
    cells = np.concatenate(
        [np.stack([corner, right, across], axis=1), np.stack([corner, across, up], axis=1)]
    )
    return np.stack([x.ravel(), y.ravel()], axis=1), cells


def write_run(
    folder: Path,
    shapes: Sequence[Shape],
    *,
    size: tuple[float, float] = (20.0, 30.0),
    bands: str = "vertical",
    grain: Shape | None = None,
    start: str = NUCLEI,
    drive: str = GALVANOSTATIC,
    step: float | Sequence[float] = 0.5,
    sections: str = "",
    conversion: Shape | None = None,
) -> Path:
    """A folder with one output for each shape, at `TIMES`; LPSC1.0 is on the left or below, LGPS beyond.

    ξ is linear in the depth inside the lithium, from 0 at −1 µm to 1 at 1 µm. Current flows straight
    down, 10 A/m², and φ falls with it by 1 mV/µm from −2 mV at the counter electrode. Tips of the series
    are the true heights, if the shapes have them as attribute `tips` (µm). `sections` are added to the case,
    `conversion` is that of the middle of each cell at every output. `step` is the size of the cells (µm), or
    that at each output.
    """
    width, depth = size
    text = CASE.format(width=width, depth=depth, bands=bands, start=start, drive=drive)
    steps = [float(step)] * len(shapes) if isinstance(step, int | float) else list(step)
    sizes = list(dict.fromkeys(steps))
    write_texts(folder, text + sections, shapes, [sizes.index(own) for own in steps])
    with h5py.File(folder / "fields.h5", "w") as file:
        for number, own in enumerate(sizes):
            _write_mesh(file, number, grid(*size, own), size, bands, grain)
        for k, (shape, own) in enumerate(zip(shapes, steps, strict=True)):
            points, cells = grid(*size, own)
            _write_fields(file, k, shape, points, len(cells), size[1])
            if conversion:
                file[f"/Function/conversion/{k}"] = conversion(*points[cells].mean(axis=1).T)[:, None]
    return folder


def write_texts(
    folder: Path, case: str, shapes: Sequence[object], meshes: Sequence[int] | None = None
) -> None:
    """All files of a run but its fields, into a new folder; `meshes` are the numbers of those of outputs."""
    folder.mkdir(parents=True)
    (folder / "case.toml").write_text(case)
    (folder / "manifest.json").write_text(json.dumps({"materials": {"LPSC1.0": 2, "LGPS": 1}}))
    times = TIMES[: len(shapes)]
    (folder / "summary.json").write_text(json.dumps({"status": "short_circuit", "t_end_s": times[-1]}))
    numbers = meshes or [0] * len(shapes)
    grids = "".join(described(k, t, number) for k, (t, number) in enumerate(zip(times, numbers, strict=True)))
    (folder / "fields.xdmf").write_text(f"<Xdmf><Domain><Grid>{grids}</Grid></Domain></Xdmf>")
    tips = [getattr(shape, "tips", (1.0, 1.0)) for shape in shapes]
    _write_series(folder / "series.csv", times, tips)


def described(output: int, t: float | str, mesh: int) -> str:
    """An output as fields.xdmf describes it, as far as it is read."""
    topology = f"<Topology><DataItem>fields.h5:/Mesh/{mesh}/topology</DataItem></Topology>"
    return f'<Grid Name="t{output}"><Time Value="{t!s}"/>{topology}</Grid>'


def _write_series(path: Path, times: Sequence[float], tips: Sequence[tuple[float, float]]) -> None:
    shares = "li_share_LPSC10,li_share_LGPS,current_share_LPSC10,current_share_LGPS"
    parts = "ohmic_V,overpotential_anode_V,overpotential_counter_V"
    rows = [f"step,t_s,current_density_A_m2,voltage_V,{parts},tip_m,tip_LPSC10_m,tip_LGPS_m,{shares}"]
    for k, t in enumerate(times):
        a, b = (1e-6 * height for height in tips[k])
        share = 0.5 + 0.05 * k
        split = 0.5 * VOLTAGES[k], 0.3 * VOLTAGES[k], 0.2 * VOLTAGES[k]
        row = [k, t, 10.0 + k, VOLTAGES[k], *split, max(a, b), a, b, share, 1 - share, 1 - share, share]
        rows.append(",".join(map(repr, row)))
    path.write_text("\n".join(rows) + "\n")


def _write_mesh(
    file: h5py.File,
    number: int,
    mesh: tuple[Floats, Ints],
    size: tuple[float, float],
    bands: str,
    grain: Shape | None,
) -> None:
    points, cells = mesh
    middle = points[cells].mean(axis=1)
    axis = 0 if bands == "vertical" else 1
    first = middle[:, axis] < size[axis] / 2
    file[f"/Mesh/{number}/geometry"] = points
    file[f"/Mesh/{number}/topology"] = cells
    file[f"/Function/material/{number}"] = np.where(first, 2.0, 1.0)[:, None]
    numbers = np.where(first, 1.0, 2.0) if grain is None else grain(*middle.T)
    file[f"/Function/grain/{number}"] = numbers[:, None]


def _write_fields(file: h5py.File, k: int, shape: Shape, points: Floats, cells: int, depth: float) -> None:
    x, y = points.T
    file[f"/Function/xi/{k}"] = np.clip(0.5 + shape(x, y) / 2, 0.0, 1.0)[:, None]
    file[f"/Function/phi/{k}"] = (-2e-3 - 1e-3 * (depth - y))[:, None]
    file[f"/Function/current_density/{k}"] = np.tile([0.0, -10.0, 0.0], (cells, 1))


def plane(height: float) -> Shape:
    """A flat film."""
    return lambda x, y: height - y


def disc(x0: float, y0: float, radius: float) -> Shape:
    """A disc, or what of it is in the domain."""
    return lambda x, y: radius - np.hypot(x - x0, y - y0)


def finger(x0: float, height: float, half: float = 2.0) -> Shape:
    """A straight filament from the anode up, with a flat end."""
    return lambda x, y: np.minimum(half - abs(x - x0), height - y)


def track(*corners: tuple[float, float], half: float = 1.5) -> Shape:
    """What is within a distance of the straight lines from corner to corner."""

    def depth(x: Floats, y: Floats) -> Floats:
        points = np.stack([x, y], axis=-1)
        found = []
        for start, end in pairwise(corners):
            along = np.subtract(end, start)
            share = np.clip((points - start) @ along / (along @ along), 0, 1)
            found.append(np.linalg.norm(points - start - share[..., None] * along, axis=-1))
        return np.asarray(half - np.min(found, axis=0))

    return depth


def cone(x0: float, height: float, slope: float) -> Shape:
    """A triangle on the anode; its height falls by `slope` for each µm along x."""
    return lambda x, y: (height - slope * abs(x - x0) - y) / np.hypot(1.0, slope)


def union(*shapes: Shape) -> Shape:
    """Lithium where any of the shapes has it."""

    def together(x: Floats, y: Floats) -> Floats:
        return np.max([shape(x, y) for shape in shapes], axis=0)

    return together


def without(shape: Shape, hole: Shape) -> Shape:
    """The shape with a hole in it."""
    return lambda x, y: np.minimum(shape(x, y), -hole(x, y))


def heights(output: int) -> tuple[float, float]:
    """Heights in µm of the fingers in LPSC1.0 and LGPS at an output of `make_run`."""
    return 3.0 + 2.0 * output, 2.0 + 1.0 * output


def make_run(
    folder: Path, width: float = 20.0, depth: float = 30.0, start: str = NUCLEI, drive: str = GALVANOSTATIC
) -> Path:
    """A run with two fingers that grow, and an island from the third output on."""
    shapes = []
    for k in range(len(TIMES)):
        a, b = heights(k)
        parts = [finger(width / 4, a), finger(0.75 * width, b)]
        if k >= 3:
            parts.append(disc(width / 2, 0.8 * depth, 1.6))
        shape = union(*parts)
        shape.tips = (a, b)  # type: ignore[attr-defined]
        shapes.append(shape)
    return write_run(folder, shapes, size=(width, depth), start=start, drive=drive)
