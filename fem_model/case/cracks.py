"""The rules between [intrusion], flaws and the other sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fem_model.base.suggestion import nearest
from fem_model.base.units import length
from fem_model.case.base import Key, KeyProblem, completed
from fem_model.case.flaws import MOST_FLAWS, Flaw, Flaws, FlawShape
from fem_model.case.imported_mesh import ImportedMesh
from fem_model.case.intrusion import Intrusion

if TYPE_CHECKING:
    from fem_model.case.case import Case

PATH = 3.0
"""Least half-width of a path over λ: narrower ones slow a finger down."""
COARSEST = 1.1
"""Largest cell on a path over λ."""
INTACT = 20.0
"""Toughness of grains over that of their boundaries: they are not entered. A choice, no datum."""
EDGE_CRACK, HALF_PENNY = 1.12, 0.71
"""Y of an edge crack (Tada, Paris and Irwin) and, in 3D, of a half penny: 2/π times 1.12."""


def complete_intrusion(section: Intrusion, case: Case) -> Intrusion:
    """The section with the defaults that go by λ, the dimension and the toughness of the boundaries."""
    width = section.half_width or PATH * case.phase_field.lam
    defaults: dict[str, float] = {
        "half_width": width,
        "length": width,
        "plug": width,
        "grain_toughness": INTACT * max(_toughnesses(section).values()),
        "closing_stress": case.stack.pressure if case.stack else 0.0,
        "geometry_factor": EDGE_CRACK if case.microstructure.dim == 2 else HALF_PENNY,
    }
    missing = {key: value for key, value in defaults.items() if getattr(section, key) is None}
    if section.law == "fixed" and "length" in missing:
        text = 'is missing: law = "fixed" takes a crack length. Example: "14 um"'
        raise KeyProblem(("intrusion", "length"), text)
    return completed(section, missing)


def _toughnesses(section: Intrusion) -> dict[Key, float]:
    """The mean toughness of all kinds of boundaries, by key."""
    return {("toughness",): section.toughness} | {
        ("pairs", k, "toughness"): entry.toughness for k, entry in enumerate(section.pairs)
    }


def complete_flaws(flaws: Flaws, lam: float) -> Flaws:
    """The flaws with the widths that go by λ."""
    width = {"width": 2 * PATH * lam}
    each = tuple(flaw if flaw.width else completed(flaw, width) for flaw in flaws.flaws)
    drawn = flaws.random
    if drawn and not drawn.width:
        drawn = completed(drawn, width)
    return completed(flaws, {"flaws": each, "random": drawn})


def check_cracks(case: Case) -> None:
    """KeyProblem unless [intrusion], flaws and room fit the rest of the case."""
    if case.intrusion:
        _check_intrusion(case.intrusion, case)
        _check_cells(case)
    else:
        _check_idle(case)
    if isinstance(case.anode.initial, Flaws):
        for index, flaw in enumerate(case.anode.initial.flaws):
            _check_flaw(flaw, ("anode", "initial", "flaws", index), case)
        _check_random(case.anode.initial, case)
    if case.phase_field.capillarity == "classical" and set(case.room_table().values()) != {1.0}:
        raise KeyProblem(("phase_field", "room"), 'must be 1 with capillarity = "classical"')


def _check_intrusion(section: Intrusion, case: Case) -> None:
    lam, names = case.phase_field.lam, list(case.area_shares())
    assert section.half_width is not None
    if section.half_width < PATH * lam * (1 - 1e-12):
        text = f"must be at least {PATH:g} lam = {length(PATH * lam)}: narrower paths slow lithium down"
        raise KeyProblem(("intrusion", "half_width"), text)
    assert section.plug is not None
    if section.plug < section.half_width * (1 - 1e-12):
        text = f"must be at least half_width = {length(section.half_width)}: a front needs that to start from"
        raise KeyProblem(("intrusion", "plug"), text)
    assert section.grain_toughness is not None
    for key, toughness in _toughnesses(section).items():
        if toughness > section.grain_toughness:
            text = (
                "is above that of the grains (grain_toughness): lithium would go through the grains instead"
            )
            raise KeyProblem(("intrusion", *key), text)
    for index, entry in enumerate(section.pairs):
        if entry.sorted_pair in [other.sorted_pair for other in section.pairs[:index]]:
            raise KeyProblem(("intrusion", "pairs", index, "pair"), "is already given by an earlier entry")
        for name in entry.pair.split("|"):
            if name not in names:
                text = f'= "{entry.pair}" must be two materials of the case with a | between them. '
                known = f"Materials: {', '.join(names)}." + nearest(name, names)
                raise KeyProblem(("intrusion", "pairs", index, "pair"), text + known)
    if case.mesh.degree != 1:
        raise KeyProblem(("mesh", "degree"), "must be 1 with [intrusion]")
    if case.kinetics.p_resist > 0 or any(entry.p_factor != 1.0 for entry in case.boundaries):
        text = "and [intrusion] exclude each other: a stress that closes cracks is intrusion.closing_stress"
        raise KeyProblem(("kinetics", "p_resist"), text)


def _check_cells(case: Case) -> None:
    """The cells on paths see the front."""
    if isinstance(case.microstructure, ImportedMesh):
        return
    key, size = case.mesh.coarsest(case.microstructure.depth)
    largest = COARSEST * case.phase_field.lam * case.mesh.refinement
    if size > largest * (1 + 1e-12):
        key = "cell_size_boundary" if key == "cell_size_bulk" else key
        text = f"must be at most {length(largest)} with [intrusion]: lithium runs along boundaries everywhere"
        raise KeyProblem(("mesh", key), text)


def _check_idle(case: Case) -> None:
    """Nothing is given that counts with [intrusion] only."""
    for index, reaction in enumerate(case.reactions):
        if reaction.toughness_factor != 1.0:
            raise KeyProblem(("reactions", index, "toughness_factor"), "has no effect without [intrusion]")
    initial = case.anode.initial
    if not isinstance(initial, Flaws):
        return
    shapes: list[tuple[Key, FlawShape]] = [(("flaws", k), flaw) for k, flaw in enumerate(initial.flaws)]
    shapes += [(("random",), initial.random)] if initial.random else []
    for key, shape in shapes:
        if not shape.filled:
            text = "= false has no effect without [intrusion]"
            raise KeyProblem(("anode", "initial", *key, "filled"), text)


def _check_flaw(flaw: Flaw, key: Key, case: Case) -> None:
    box = case.microstructure
    if box.dim == 3 and flaw.across is None:
        raise KeyProblem((*key, "across"), "is missing: in 3D a flaw has a position along the breadth")
    if box.dim == 2 and flaw.across is not None:
        raise KeyProblem((*key, "across"), "has no meaning in 2D: it is a position along the breadth")
    for name, place, extent in zip(("position", "across"), flaw.along_the_anode, box.extent, strict=False):
        if not 0 <= place <= extent:
            raise KeyProblem((*key, name), f"lies outside the domain, 0 to {length(extent)}")
    _check_shape(flaw, key, case)


def _check_random(flaws: Flaws, case: Case) -> None:
    drawn, key = flaws.random, ("anode", "initial", "random")
    filled = [flaw.filled for flaw in flaws.flaws] + ([drawn.filled] if drawn else [])
    if not any(filled):
        text = "are all empty: at least one must be filled with lithium"
        raise KeyProblem(("anode", "initial", "flaws"), text)
    if drawn is None:
        return
    _check_shape(drawn, key, case)
    count = drawn.count(case.microstructure.extent[:-1])
    if count > MOST_FLAWS:
        raise KeyProblem((*key, "spacing"), f"makes {count} flaws; at most {MOST_FLAWS} are possible")


def _check_shape(shape: FlawShape, key: Key, case: Case) -> None:
    if shape.direction == "boundaries" and case.microstructure.dim == 3:
        raise KeyProblem((*key, "direction"), '= "boundaries" is for 2D; in 3D "boundary" takes one of them')
    least = 4 * case.phase_field.lam
    if 2 * shape.radius < least * (1 - 1e-12):
        raise KeyProblem((*key, "width"), f"must be at least 4 lam = {length(least)}")
