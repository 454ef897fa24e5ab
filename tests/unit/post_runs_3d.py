"""Run folders in 3D made by hand, with fields whose measures are known."""

from collections.abc import Callable, Sequence
from itertools import pairwise, permutations
from pathlib import Path

import h5py
import numpy as np

from fem_model.base.arrays import Floats, Ints
from tests.unit.post_runs import CASE, GALVANOSTATIC, write_texts

Solid = Callable[[Floats, Floats, Floats], Floats]
"""Depth inside the lithium at (x, y, z), µm: positive there, its slope 1 near the front."""
SIZE = (12.0, 10.0, 14.0)
NUCLEI = """kind = "nuclei"
nuclei = [{ position = "3 um", across = "5 um", radius = "2 um" }]"""


def box_grid(size: Sequence[float], step: float) -> tuple[Floats, Ints]:
    """Nodes and tetrahedra of a box, six to a cube (Kuhn)."""
    axes = [np.arange(0, length + step / 2, step) for length in size]
    counts = [len(axis) for axis in axes]
    number = np.arange(np.prod(counts)).reshape(counts)
    strides = number[1, 0, 0], number[0, 1, 0], number[0, 0, 1]
    corner = number[:-1, :-1, :-1].ravel()
    cells = []
    for i, j, _ in permutations(range(3)):
        far = corner + sum(strides)
        cells.append(np.stack([corner, corner + strides[i], corner + strides[i] + strides[j], far], axis=1))
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    return points, np.concatenate(cells)


def write_solid_run(
    folder: Path,
    shapes: Sequence[Solid],
    *,
    size: tuple[float, float, float] = SIZE,
    grain: Solid | None = None,
    start: str = NUCLEI,
    step: float = 0.5,
    reactions: str = "",
    conversion: Solid | None = None,
) -> Path:
    """A folder with one output for each shape; LPSC1.0 is at x < width/2, LGPS beyond.

    Fields are as in `write_run`; `conversion` is that of the middle of each cell at the last output.
    """
    width, breadth, depth = size
    text = CASE.format(width=width, depth=depth, bands="vertical", start=start, drive=GALVANOSTATIC)
    text = text.replace("depth =", f'breadth = "{breadth} um"\ndepth =', 1)
    write_texts(folder, text + reactions, shapes)
    points, cells = box_grid(size, step)
    middle = points[cells].mean(axis=1).T
    first = middle[0] < width / 2
    numbers = np.where(first, 1.0, 2.0) if grain is None else grain(*middle)
    with h5py.File(folder / "fields.h5", "w") as file:
        file["/Mesh/0/geometry"], file["/Mesh/0/topology"] = points, cells
        file["/Function/material/0"] = np.where(first, 2.0, 1.0)[:, None]
        file["/Function/grain/0"] = numbers[:, None]
        for k, shape in enumerate(shapes):
            file[f"/Function/xi/{k}"] = np.clip(0.5 + shape(*points.T) / 2, 0.0, 1.0)[:, None]
            file[f"/Function/phi/{k}"] = (-2e-3 - 1e-3 * (depth - points[:, 2]))[:, None]
            file[f"/Function/current_density/{k}"] = np.tile([0.0, 0.0, -10.0], (len(cells), 1))
            if conversion:
                share = k / max(len(shapes) - 1, 1)
                file[f"/Function/conversion/{k}"] = share * conversion(*middle)[:, None]
    return folder


def eighths(x: Floats, y: Floats, z: Floats) -> Floats:
    """Eight grains, four of each electrolyte."""
    return np.array(1.0 + (x > SIZE[0] / 2) + 2.0 * (y > SIZE[1] / 2) + 4.0 * (z > SIZE[2] / 2))


def level(height: float) -> Solid:
    """A flat film."""
    return lambda x, y, z: height - z


def ball(x0: float, y0: float, z0: float, radius: float) -> Solid:
    """A ball, or what of it is in the domain."""
    return lambda x, y, z: radius - np.sqrt((x - x0) ** 2 + (y - y0) ** 2 + (z - z0) ** 2)


def rod(x0: float, y0: float, height: float, radius: float = 2.0) -> Solid:
    """A filament of circular section from the anode up, with a flat end."""
    return lambda x, y, z: np.minimum(radius - np.hypot(x - x0, y - y0), height - z)


def needle(*corners: tuple[float, float, float], radius: float = 1.5) -> Solid:
    """What is within a radius of the straight lines from corner to corner."""

    def depth(x: Floats, y: Floats, z: Floats) -> Floats:
        points = np.stack([x, y, z], axis=-1)
        found = []
        for start, end in pairwise(corners):
            along = np.subtract(end, start)
            share = np.clip((points - start) @ along / (along @ along), 0, 1)
            found.append(np.linalg.norm(points - start - share[:, None] * along, axis=1))
        return np.asarray(radius - np.min(found, axis=0))

    return depth


def pyramid(x0: float, y0: float, height: float, slope: float) -> Solid:
    """A cone on the anode, its height falls by `slope` for each µm off its axis."""
    return lambda x, y, z: (height - slope * np.hypot(x - x0, y - y0) - z) / np.hypot(1.0, slope)


def both(*shapes: Solid) -> Solid:
    """Lithium where any of the shapes has it."""

    def together(x: Floats, y: Floats, z: Floats) -> Floats:
        return np.max([shape(x, y, z) for shape in shapes], axis=0)

    return together


def less(shape: Solid, hole: Solid) -> Solid:
    """The shape with a hole in it."""
    return lambda x, y, z: np.minimum(shape(x, y, z), -hole(x, y, z))


def grow(output: int) -> tuple[float, float]:
    """Heights in µm of the filaments in LPSC1.0 and LGPS at an output of `make_solid_run`."""
    return 3.0 + 2.0 * output, 3.0 + 1.0 * output


def make_solid_run(folder: Path, **options: object) -> Path:
    """A run with two filaments that grow, and from the third output on a ball above them."""
    shapes = []
    for k in range(4):
        a, b = grow(k)
        parts = [rod(3, 5, a), rod(9, 5, b)]
        if k >= 2:
            parts.append(ball(6, 5, 11.3, 1.6))
        shape = both(*parts)
        shape.tips = (a, b)  # type: ignore[attr-defined]
        shapes.append(shape)
    return write_solid_run(folder, shapes, **options)  # type: ignore[arg-type]
