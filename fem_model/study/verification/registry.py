"""All checks, in the order in which they run."""

from collections.abc import Sequence

from fem_model.base.errors import InputError
from fem_model.base.suggestion import nearest
from fem_model.study.verification import (
    allen_cahn,
    bulk,
    conductivity,
    contact,
    curvature,
    dispersion,
    flat_front,
    foil_reaction,
    front_speed,
    intrusion,
    isolated,
    ledger,
    manufactured,
    neck,
    onset,
    particles,
    partition,
    persistence,
    reaction,
    relaxation,
    rod,
    room,
    round_trip,
    spheres,
    staircase,
    temperature,
)
from fem_model.study.verification.entry import Check

CHECKS: tuple[Check, ...] = (
    flat_front.CHECK,
    front_speed.CHECK,
    bulk.CHECK,
    dispersion.CHECK,
    *curvature.CHECKS,
    conductivity.CHECK,
    manufactured.CHECK,
    allen_cahn.CHECK,
    ledger.CHECK,
    partition.CHECK,
    relaxation.CHECK,
    rod.CHECK,
    spheres.CHECK,
    particles.CHECK,
    reaction.CHECK,
    isolated.CHECK,
    staircase.CHECK,
    intrusion.CHECK,
    onset.CHECK,
    persistence.CHECK,
    neck.CHECK,
    room.CHECK,
    round_trip.CHECK,
    contact.CHECK,
    foil_reaction.CHECK,
    temperature.CHECK,
)


def chosen(names: Sequence[str]) -> list[Check]:
    """The checks of these names, all without any. InputError for a name that is none of a check."""
    known = [check.name for check in CHECKS]
    for name in names:
        if name not in known:
            hint = nearest(name, known)
            raise InputError(f"verify {name}: there is no such check. Allowed: {', '.join(known)}.{hint}")
    return [check for check in CHECKS if check.name in names or not names]
