"""The measures of a run as tidy tables, in SI units."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from fem_model.materials import column_name
from fem_model.post.alloy import converted_by_grain
from fem_model.post.analysis import Analysis
from fem_model.post.fronts import highest, sizes
from fem_model.post.grains import HALF, REACHED, crossing_times
from fem_model.post.lithium import Array

MICROMETRE = 1e-6
VOLTAGE_PARTS = {
    "ohmic_V": "ohmic, electrolyte",
    "overpotential_anode_V": "overpotential, front and anode",
    "overpotential_counter_V": "overpotential, counter electrode",
    "series_V": "ohmic, pellet beyond the domain",
}
"""Columns of the series that sum up to the voltage, in words."""
FRONT_PARTS = {"capillary_V": "of the front's, capillary", "pressure_V": "of the front's, pressure"}
"""Columns of the series that are within the overpotential of front and anode, in words."""
FRONT = {2: "front_length{}_m", 3: "front_area{}_m2"}
"""The size of the front as a quantity, by dimension; what is told of it goes in between."""
ONLY_IN = {2: ("area_m2",), 3: ("z_m", "way_m", "tortuosity", "volume_m3", "centre_z_m")}
"""Columns that tables have in 2D, and in 3D."""
Entry = tuple[str, str, float]
"""Quantity, material, value."""


class FrontRow(NamedTuple):
    """One number of one instant, its unit in the name of the quantity."""

    time_s: float
    quantity: str
    material: str
    """An electrolyte, at boundaries a pair "A|B" of them; empty for all."""
    grain: int | None
    value: float


class TipRow(NamedTuple):
    """One tip at one instant."""

    time_s: float
    tip: int
    x_m: float
    y_m: float
    z_m: float | None
    prominence_m: float
    speed_m_s: float | None
    material: str
    grain: int
    way_m: float | None
    """Length of the way from the anode along the skeleton."""
    tortuosity: float | None
    """That over the height."""


class GrainRow(NamedTuple):
    """One grain; a time is None where lithium never covered as much of it."""

    grain: int
    material: str
    area_m2: float | None
    volume_m3: float | None
    centre_x_m: float
    centre_y_m: float
    centre_z_m: float | None
    reached_s: float | None
    half_s: float | None
    li_share: float
    converted_share: float | None
    """Converted by a reaction with lithium, at the last output; None where the material does not react."""


def left_out(analysis: Analysis) -> set[str]:
    """Columns that do not apply to a run."""
    columns = set(ONLY_IN[5 - analysis.run.dim])
    return columns if analysis.run.case.reactions else columns | {"converted_share"}


def front_rows(analysis: Analysis) -> list[FrontRow]:
    """fronts.csv: sizes, heights, tips, shares and parts of the voltage at every output."""
    rows = []
    solid = (_shape,) if analysis.run.dim == 3 else ()
    for output, t in enumerate(analysis.run.times.tolist()):
        for measure in (_sizes, _heights, _tips, *solid, _series):
            entries = measure(analysis, output)
            rows += [FrontRow(t, quantity, material, None, value) for quantity, material, value in entries]
        rows += [FrontRow(t, *row) for row in _grains(analysis, output)]
    return rows


def tip_rows(analysis: Analysis) -> list[TipRow]:
    """tips.csv: every tip at every output."""
    return [row for output in range(len(analysis.run.times)) for row in _tip_rows(analysis, output)]


def _tip_rows(analysis: Analysis, output: int) -> Iterator[TipRow]:
    run, tips = analysis.run, analysis.tips_at(output)
    ways: list[tuple[float | None, float | None]] = [(None, None)] * len(tips)
    if run.dim == 3:
        skeleton = analysis.skeletons[output]
        lengths = (skeleton.way[skeleton.tips] * MICROMETRE).tolist()
        ways = list(zip(lengths, skeleton.tortuosities().tolist(), strict=True))
    for tip, (way, tortuosity) in zip(tips, ways, strict=True):
        yield TipRow(
            time_s=float(run.times[output]),
            tip=tip.number,
            x_m=tip.x * MICROMETRE,
            y_m=tip.y * MICROMETRE,
            z_m=tip.height * MICROMETRE if run.dim == 3 else None,
            prominence_m=tip.prominence * MICROMETRE,
            speed_m_s=None if tip.speed is None else tip.speed * MICROMETRE,
            material=analysis.material_of(tip),
            grain=int(run.grain[tip.cell]),
            way_m=way,
            tortuosity=tortuosity,
        )


def grain_rows(analysis: Analysis) -> list[GrainRow]:
    """grains.csv: every grain."""
    run, grains, shares = analysis.run, analysis.grains, analysis.grain_shares
    reached, half = (crossing_times(run.times, shares, level) for level in (REACHED, HALF))
    converted = converted_by_grain(run, grains)
    size, solid = grains.size * MICROMETRE**run.dim, run.dim == 3
    centre = np.column_stack([grains.centre * MICROMETRE, np.full(len(size), np.nan)])
    return [
        GrainRow(
            grain=int(grains.number[k]),
            material=run.names[grains.material[k]],
            area_m2=None if solid else float(size[k]),
            volume_m3=float(size[k]) if solid else None,
            centre_x_m=float(centre[k, 0]),
            centre_y_m=float(centre[k, 1]),
            centre_z_m=_known(float(centre[k, 2])),
            reached_s=_known(float(reached[k])),
            half_s=_known(float(half[k])),
            li_share=float(shares[-1, k]),
            converted_share=_known(float(converted[k])),
        )
        for k in range(len(size))
    ]


def _sizes(analysis: Analysis, output: int) -> Iterator[Entry]:
    run, front = analysis.run, analysis.attached[output]
    name, unit = FRONT[run.dim], MICROMETRE ** (run.dim - 1)
    yield name.format(""), "", float(front.size.sum()) * unit
    yield from _each(name.format(""), run.names, sizes(front, run.material, len(run.names)) * unit)
    near = analysis.near_boundaries(output)
    yield name.format("_at_boundaries"), "", sum(near.values()) * unit
    yield from _each(name.format("_at_boundaries"), near, np.array(list(near.values())) * unit)
    yield name.format("_cut_off"), "", float(analysis.cut_off[output].size.sum()) * unit


def _heights(analysis: Analysis, output: int) -> Iterator[Entry]:
    run, front = analysis.run, analysis.attached[output]
    profile = analysis.heights(output) * MICROMETRE
    yield "mean_height_m", "", float(profile.mean())
    yield "roughness_m", "", float(profile.std())
    top = highest(front, run.material, len(run.names)) * MICROMETRE
    yield "tip_m", "", float(top.max())
    yield from _each("tip_m", run.names, top)


def _shape(analysis: Analysis, output: int) -> Iterator[Entry]:
    """In 3D: pieces of lithium, those cut off from the anode, and the skeleton of the others."""
    surface, skeleton = analysis.run.surfaces[output], analysis.skeletons[output]
    yield "pieces", "", float(surface.count(attached=True))
    yield "pieces_cut_off", "", float(surface.count(attached=False))
    yield "skeleton_length_m", "", float(skeleton.lengths.sum()) * MICROMETRE
    yield "skeleton_branchings", "", float(skeleton.branchings)
    if len(skeleton.tips):
        yield "tortuosity", "", float(skeleton.tortuosities()[0])


def _tips(analysis: Analysis, output: int) -> Iterator[Entry]:
    """Number of tips, and the height of the highest of those that stand in an electrolyte."""
    tips = analysis.tips_at(output)
    homes = [analysis.material_of(tip) for tip in tips]
    yield "tips", "", float(len(tips))
    for name in analysis.run.names:
        heights = [tip.height for tip, home in zip(tips, homes, strict=True) if home == name]
        yield "tips", name, float(len(heights))
        if heights:
            yield "own_tip_m", name, max(heights) * MICROMETRE


def _series(analysis: Analysis, output: int) -> Iterator[Entry]:
    """What the series holds, for all and by electrolyte."""
    for quantity in ("voltage_V", *VOLTAGE_PARTS, *FRONT_PARTS):
        values = analysis.series(quantity)
        if values is not None:
            yield quantity, "", float(values[output])
    for quantity in ("li_share", "current_share"):
        for name in analysis.run.names:
            values = analysis.series(f"{quantity}_{column_name(name)}")
            if values is not None:
                yield quantity, name, float(values[output])


def _grains(analysis: Analysis, output: int) -> Iterator[tuple[str, str, int, float]]:
    """Lithium in each grain that has some."""
    grains, shares, names = analysis.grains, analysis.grain_shares[output], analysis.run.names
    for k in np.flatnonzero(shares).tolist():
        yield "grain_li_share", names[grains.material[k]], int(grains.number[k]), float(shares[k])


def _each(quantity: str, materials: Iterable[str], values: Array) -> Iterator[Entry]:
    for material, value in zip(materials, values.tolist(), strict=True):
        yield quantity, material, value


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
