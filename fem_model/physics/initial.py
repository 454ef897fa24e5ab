"""Lithium at the start: signed distances of nuclei, flaws and films, positive outside."""

from collections.abc import Callable, Sequence

import numpy as np

from fem_model.base.arrays import Floats
from fem_model.case import Case
from fem_model.case.flaws import Flaw
from fem_model.case.sections import Bare, Film, Nuclei
from fem_model.physics.flaws import flaws_distance

FAR = 40.0
"""Distance over λ of lithium that is not there: ξ is 4e-18."""


def nuclei_distance(nuclei: Nuclei, x: Floats) -> Floats:
    """Distance (m) to the nearest of the discs (balls) centred on the anode; x has shape (3, n)."""
    centres = [((*n.along_the_anode, 0.0, 0.0)[:3], n.radius) for n in nuclei.nuclei]
    distances: list[Floats] = [np.linalg.norm(x.T - c, axis=1) - r for c, r in centres]
    nearest: Floats = np.minimum.reduce(distances)
    return nearest


def film_distance(film: Film, x: Floats, axis: int) -> Floats:
    """Height (m) above the perturbed front h(x) = thickness + amplitude cos(2πx/wavelength)."""
    ripple = film.amplitude * np.cos(2 * np.pi * x[0] / film.wavelength) if film.amplitude else 0.0
    height: Floats = x[axis] - film.thickness - ripple
    return height


def initial_distance(
    case: Case, flaws: Sequence[tuple[Flaw, Floats]], axis: int
) -> Callable[[Floats], Floats]:
    """Signed distance (m) at places (3, n) from the lithium the case starts with, given its flaws."""
    initial = case.anode.initial
    if isinstance(initial, Film):
        return lambda x: film_distance(initial, x, axis)
    if isinstance(initial, Bare):
        return lambda x: x[axis] + FAR * case.phase_field.lam
    if isinstance(initial, Nuclei):
        return lambda x: nuclei_distance(initial, x)
    return lambda x: flaws_distance(flaws, x, case.phase_field.lam)
