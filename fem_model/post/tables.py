"""The measures of a run as tidy tables, in SI units."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from fem_model.base.arrays import Floats
from fem_model.post.alloy import AlloyRow, alloy_rows, converted_by_grain
from fem_model.post.analysis import Analysis
from fem_model.post.fates import FATES
from fem_model.post.fronts import highest, sizes
from fem_model.post.grains import HALF, REACHED, crossing_times
from fem_model.post.writing import Table
from fem_model.record.observables import charges, reactions
from fem_model.record.observables.lithium import LI_SHARE
from fem_model.record.observables.observable import CANCELLED
from fem_model.record.observables.plating import CURRENT_SHARE
from fem_model.record.observables.voltage import FRONT_PARTS, PARTS, VOLTAGE

MICROMETRE = 1e-6
FRONT = {2: "front_length{}_m", 3: "front_area{}_m2"}
"""The size of the front as a quantity, by dimension; its attribute goes in between."""
ENCLOSED = {2: "enclosed_area_m2", 3: "enclosed_volume_m3"}
"""The size of the electrolyte that lithium encloses as a quantity, by dimension."""
CHARGES = {"metal": charges.METAL, "product": reactions.CHARGE, "foil": charges.FOIL}
"""Columns of the series that sum up to the charge that has passed, by where it went."""
ONLY_IN = {2: ("area_m2",), 3: ("z_m", "volume_m3", "centre_z_m")}
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
    way_m: float
    """Length of the way from the anode along the skeleton."""
    tortuosity: float
    """Length over height."""


class ArmRow(NamedTuple):
    """One arm of a dendrite at one instant. Its end is a node of the mesh next to the front."""

    time_s: float
    dendrite: int
    """A piece of lithium on the anode; numbered along x at each instant."""
    x_m: float
    y_m: float
    z_m: float | None
    material: str
    """Material at the end."""
    way_m: float
    """Length of the way from the anode along the skeleton."""
    advance_m: float | None
    """Advance of the front at the end since the output before."""
    fate: str | None
    """Fate of the arm since then, one of `FATES`."""


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
    for output, t in enumerate(analysis.run.times.tolist()):
        for measure in (_sizes, _heights, _tips, _skeleton, _way, _pieces, _fates, _charges, _series):
            entries = measure(analysis, output)
            rows += [FrontRow(t, quantity, material, None, value) for quantity, material, value in entries]
        rows += [FrontRow(t, *row) for row in _grains(analysis, output)]
    return rows


def tip_rows(analysis: Analysis) -> list[TipRow]:
    """tips.csv: every tip at every output."""
    return [row for output in range(len(analysis.run.times)) for row in _tip_rows(analysis, output)]


def _tip_rows(analysis: Analysis, output: int) -> Iterator[TipRow]:
    run, tips = analysis.run, analysis.tips_at(output)
    skeleton = analysis.skeletons[output]
    ways = (skeleton.way[skeleton.tips] * MICROMETRE).tolist()
    for tip, way, tortuosity in zip(tips, ways, skeleton.tortuosities().tolist(), strict=True):
        yield TipRow(
            time_s=float(run.times[output]),
            tip=tip.number,
            x_m=tip.x * MICROMETRE,
            y_m=tip.y * MICROMETRE,
            z_m=tip.height * MICROMETRE if run.dim == 3 else None,
            prominence_m=tip.prominence * MICROMETRE,
            speed_m_s=None if tip.speed is None else tip.speed * MICROMETRE,
            material=analysis.material_of(tip),
            grain=int(run.mesh_at(output).grain[tip.cell]),
            way_m=way,
            tortuosity=tortuosity,
        )


def arm_rows(analysis: Analysis) -> list[ArmRow]:
    """dendrites.csv: every arm of every dendrite at every output, farthest first."""
    return [row for output in range(len(analysis.run.times)) for row in _arm_rows(analysis, output)]


def _arm_rows(analysis: Analysis, output: int) -> Iterator[ArmRow]:
    run, fates, skeleton = analysis.run, analysis.fates[output], analysis.skeletons[output]
    places = fates.places * MICROMETRE
    for k, arm in enumerate(skeleton.arms):
        yield ArmRow(
            time_s=float(run.times[output]),
            dendrite=fates.dendrites[k],
            x_m=float(places[k, 0]),
            y_m=float(places[k, 1]),
            z_m=float(places[k, 2]) if run.dim == 3 else None,
            material=fates.materials[k],
            way_m=MICROMETRE * float(skeleton.way[arm.node]),
            advance_m=_known(MICROMETRE * float(fates.advances[k])),
            fate=fates.by_arm[k],
        )


def grain_rows(analysis: Analysis) -> list[GrainRow]:
    """grains.csv: every grain."""
    run, grains, shares = analysis.run, analysis.run.mesh.grains, analysis.grain_shares
    reached, half = (crossing_times(run.times, shares, level) for level in (REACHED, HALF))
    converted = converted_by_grain(run)
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
    name, unit, material = FRONT[run.dim], MICROMETRE ** (run.dim - 1), run.mesh_at(output).material
    yield name.format(""), "", float(front.size.sum()) * unit
    yield from _each(name.format(""), run.names, sizes(front, material, len(run.names)) * unit)
    near = analysis.near_boundaries(output)
    yield name.format("_at_boundaries"), "", sum(near.values()) * unit
    yield from _each(name.format("_at_boundaries"), near, np.array(list(near.values())) * unit)
    yield name.format("_cut_off"), "", float(analysis.cut_off[output].size.sum()) * unit


def _heights(analysis: Analysis, output: int) -> Iterator[Entry]:
    run, front = analysis.run, analysis.attached[output]
    profile = analysis.heights(output) * MICROMETRE
    yield "mean_height_m", "", float(profile.mean())
    yield "roughness_m", "", float(profile.std())
    top = highest(front, run.mesh_at(output).material, len(run.names)) * MICROMETRE
    yield "tip_m", "", float(top.max())
    yield from _each("tip_m", run.names, top)


def _skeleton(analysis: Analysis, output: int) -> Iterator[Entry]:
    """Length of the centre lines of lithium, and where they part."""
    skeleton = analysis.skeletons[output]
    yield "skeleton_length_m", "", float(skeleton.lengths.sum()) * MICROMETRE
    yield "skeleton_branchings", "", float(skeleton.branchings)


def _way(analysis: Analysis, output: int) -> Iterator[Entry]:
    """The way to the highest tip; its share along boundaries, by pair, and by electrolyte on either side."""
    skeleton, names = analysis.skeletons[output], analysis.run.names
    way = float(skeleton.way[skeleton.tips[:1]].sum())
    if way == 0:
        return
    yield "way_m", "", way * MICROMETRE
    yield "tortuosity", "", float(skeleton.tortuosities()[0])
    shares = analysis.way_shares(output)
    yield "way_share", "", sum(shares.values())
    yield from (("way_share", pair, share) for pair, share in shares.items())
    for name in names:
        yield "way_share", name, sum(share for pair, share in shares.items() if name in pair.split("|"))


def _pieces(analysis: Analysis, output: int) -> Iterator[Entry]:
    """Pieces of lithium in 3D, and the isolated ones; the electrolyte that lithium encloses."""
    run, enclosed = analysis.run, analysis.enclosed(output)
    if run.dim == 3:
        yield "pieces", "", float(run.surfaces[output].count(attached=True))
        yield "pieces_cut_off", "", float(run.surfaces[output].count(attached=False))
    yield ENCLOSED[run.dim], "", enclosed.size * MICROMETRE**run.dim
    yield "enclosed_grains", "", float(enclosed.grains)


def _fates(analysis: Analysis, output: int) -> Iterator[Entry]:
    """Dendrites, their arms, and what has become of them since the output before."""
    fates = analysis.fates[output]
    for which, found in (("dendrites", fates.by_dendrite), ("arms", fates.by_arm)):
        yield which, "", float(len(found))
        if output:
            yield from ((f"{which}_{fate}", "", float(found.count(fate))) for fate in FATES)


def _charges(analysis: Analysis, output: int) -> Iterator[Entry]:
    """Charge that has passed, by where it went: into metal, into products of reactions, onto the foil.

    Nothing where as much has come back.
    """
    known = {part: analysis.series(column.name) for part, column in CHARGES.items()}
    found = {part: float(values[output]) for part, values in known.items() if values is not None}
    passed = sum(found.values())
    if passed > CANCELLED * sum(map(abs, found.values())):
        yield from ((f"charge_share_{part}", "", charge / passed) for part, charge in found.items())


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
    """Values of the series, for all and by electrolyte."""
    for column in (VOLTAGE, *PARTS, *FRONT_PARTS):
        values = analysis.series(column.name)
        if values is not None:
            yield column.name, "", float(values[output])
    for column in (LI_SHARE, CURRENT_SHARE):
        for name in analysis.run.names:
            values = analysis.series(column.of(name).name)
            if values is not None:
                yield column.stem, name, float(values[output])


def _grains(analysis: Analysis, output: int) -> Iterator[tuple[str, str, int, float]]:
    """Lithium in each grain that has some."""
    grains, shares, names = analysis.run.mesh.grains, analysis.grain_shares[output], analysis.run.names
    for k in np.flatnonzero(shares).tolist():
        yield "grain_li_share", names[grains.material[k]], int(grains.number[k]), float(shares[k])


def _each(quantity: str, materials: Iterable[str], values: Floats) -> Iterator[Entry]:
    for material, value in zip(materials, values.tolist(), strict=True):
        yield quantity, material, value


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


TABLES: Mapping[str, Callable[[Analysis], Table]] = {
    "fronts": lambda analysis: Table(FrontRow, front_rows(analysis)),
    "tips": lambda analysis: Table(TipRow, tip_rows(analysis), left_out(analysis)),
    "dendrites": lambda analysis: Table(ArmRow, arm_rows(analysis), left_out(analysis)),
    "grains": lambda analysis: Table(GrainRow, grain_rows(analysis), left_out(analysis)),
    "alloy": lambda analysis: Table(AlloyRow, alloy_rows(analysis.run)),
}
"""The measures of a run by the name of their table; that of the alloy is empty where nothing reacts."""
