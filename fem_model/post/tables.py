"""The measures of a run as tidy tables, in SI units."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from fem_model.materials import column_name
from fem_model.post.analysis import Analysis
from fem_model.post.fronts import height_profile, highest, lengths, lengths_near, pieces
from fem_model.post.grains import HALF, REACHED, crossing_times
from fem_model.post.load import Array

MICROMETRE = 1e-6
VOLTAGE_PARTS = {
    "ohmic_V": "ohmic, electrolyte",
    "overpotential_anode_V": "overpotential, front and anode",
    "overpotential_counter_V": "overpotential, counter electrode",
}
"""Columns of the series that sum up to the voltage, in words."""
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
    prominence_m: float
    speed_m_s: float | None
    material: str
    grain: int


class GrainRow(NamedTuple):
    """One grain; a time is None where lithium never covered as much of it."""

    grain: int
    material: str
    area_m2: float
    centre_x_m: float
    centre_y_m: float
    reached_s: float | None
    half_s: float | None
    li_share: float


def front_rows(analysis: Analysis) -> list[FrontRow]:
    """fronts.csv: lengths, heights, tips, shares and parts of the voltage at every output."""
    rows = []
    for output, t in enumerate(analysis.run.times.tolist()):
        for measure in (_lengths, _heights, _tips, _series):
            entries = measure(analysis, output)
            rows += [FrontRow(t, quantity, material, None, value) for quantity, material, value in entries]
        rows += [FrontRow(t, *row) for row in _grains(analysis, output)]
    return rows


def tip_rows(analysis: Analysis) -> list[TipRow]:
    """tips.csv: every tip at every output."""
    run = analysis.run
    return [
        TipRow(
            time_s=float(run.times[tip.output]),
            tip=tip.number,
            x_m=tip.x * MICROMETRE,
            y_m=tip.y * MICROMETRE,
            prominence_m=tip.prominence * MICROMETRE,
            speed_m_s=None if tip.speed is None else tip.speed * MICROMETRE,
            material=analysis.material_of(tip),
            grain=int(run.grain[tip.cell]),
        )
        for tip in analysis.tips
    ]


def grain_rows(analysis: Analysis) -> list[GrainRow]:
    """grains.csv: every grain."""
    run, grains, shares = analysis.run, analysis.grains, analysis.grain_shares
    reached, half = (crossing_times(run.times, shares, level) for level in (REACHED, HALF))
    x, y = (grains.centre * MICROMETRE).T.tolist()
    columns = (
        grains.number.tolist(),
        [run.names[k] for k in grains.material],
        (grains.area * MICROMETRE**2).tolist(),
        x,
        y,
        [_known(t) for t in reached.tolist()],
        [_known(t) for t in half.tolist()],
        shares[-1].tolist(),
    )
    return [GrainRow(*row) for row in zip(*columns, strict=True)]


def _lengths(analysis: Analysis, output: int) -> Iterator[Entry]:
    run, front = analysis.run, analysis.attached[output]
    yield "front_length_m", "", float(front.length.sum()) * MICROMETRE
    within = lengths(front, run.material, len(run.names)) * MICROMETRE
    yield from _each("front_length_m", run.names, within)
    near = lengths_near(front, analysis.boundaries, run.case.phase_field.lam / MICROMETRE)
    yield "front_length_at_boundaries_m", "", sum(near.values()) * MICROMETRE
    yield from _each("front_length_at_boundaries_m", near, np.array(list(near.values())) * MICROMETRE)
    cut_off = pieces(run.fronts[output], attached=False)
    yield "front_length_cut_off_m", "", float(cut_off.length.sum()) * MICROMETRE


def _heights(analysis: Analysis, output: int) -> Iterator[Entry]:
    run, front = analysis.run, analysis.attached[output]
    x = run.points[:, 0]
    profile = height_profile(front, x.min(), x.max()) * MICROMETRE
    yield "mean_height_m", "", float(profile.mean())
    yield "roughness_m", "", float(profile.std())
    top = highest(front, run.material, len(run.names)) * MICROMETRE
    yield "tip_m", "", float(top.max())
    yield from _each("tip_m", run.names, top)


def _tips(analysis: Analysis, output: int) -> Iterator[Entry]:
    """Number of tips, and the height of the highest of those that stand in an electrolyte."""
    tips = [tip for tip in analysis.tips if tip.output == output]
    homes = [analysis.material_of(tip) for tip in tips]
    yield "tips", "", float(len(tips))
    for name in analysis.run.names:
        heights = [tip.y for tip, home in zip(tips, homes, strict=True) if home == name]
        yield "tips", name, float(len(heights))
        if heights:
            yield "own_tip_m", name, max(heights) * MICROMETRE


def _series(analysis: Analysis, output: int) -> Iterator[Entry]:
    """What the series holds, for all and by electrolyte."""
    for quantity in ("voltage_V", *VOLTAGE_PARTS):
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
