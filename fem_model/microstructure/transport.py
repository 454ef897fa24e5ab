"""Weights that give every cell of a power diagram its volume: semi-discrete optimal transport."""

from __future__ import annotations

import math

import numpy as np

from fem_model.base.arrays import Floats
from fem_model.base.errors import InputError
from fem_model.microstructure.power_diagram import PowerDiagram
from fem_model.microstructure.reproducible import norm, solve_up_to_a_constant

RELAXATIONS = 8  # times the seeds go to the centroids of their cells
LOOSE, TIGHT = 0.05, 1e-10  # largest relative error of a volume, between relaxations and at the end
ROUND_OFF = 1e-14  # of the box: what is left of the error of a volume, however many steps are made
LARGEST_NUMBER_OF_STEPS = 100


def relaxed_diagram(seeds: Floats, volumes: Floats, box: tuple[float, ...]) -> PowerDiagram:
    """A diagram whose cell i has the volume (in 2D the area) `volumes[i]`, with rounded cells.

    The seeds are moved to the centroids of their cells a few times (Lloyd), with the weights fitted in
    between (Bourne et al. 2020, arXiv:1912.07188). `volumes` sum to that of the box.
    """
    weights = np.zeros(len(seeds))
    for _ in range(RELAXATIONS):
        weights, diagram = fit_weights(seeds, weights, volumes, box, LOOSE)
        seeds = diagram.centroids
    return fit_weights(seeds, weights, volumes, box, TIGHT)[1]


def fit_weights(
    seeds: Floats, weights: Floats, volumes: Floats, box: tuple[float, ...], tolerance: float
) -> tuple[Floats, PowerDiagram]:
    """Weights, and their diagram, whose cells have `volumes` within the relative `tolerance`, or ROUND_OFF.

    Newton's method, each step halved until no cell falls below half of the smallest volume at the start or
    wanted, and the error shrinks (Kitagawa, Mérigot and Thibert 2019). It starts from zero weights, where no
    cell is empty, if the given ones leave one empty.
    Errors: InputError if it does not get there.
    """
    diagram = PowerDiagram.of(seeds, weights, box)
    if diagram.volumes.min() <= 0.0:
        weights = np.zeros(len(seeds))
        diagram = PowerDiagram.of(seeds, weights, box)
    floor = 0.5 * min(diagram.volumes.min(), volumes.min())
    allowed = np.maximum(tolerance * volumes, ROUND_OFF * math.prod(box))
    for _ in range(LARGEST_NUMBER_OF_STEPS):
        missing = volumes - diagram.volumes
        if (np.abs(missing) <= allowed).all():
            return weights, diagram
        weights, diagram = _damped_step(diagram, weights, missing, floor)
    raise InputError(
        "the volumes of the grains cannot be met: another microstructure.seed or a smaller spread is needed"
    )


def _damped_step(
    diagram: PowerDiagram, weights: Floats, missing: Floats, floor: float
) -> tuple[Floats, PowerDiagram]:
    step = solve_up_to_a_constant(diagram.coupling, missing)
    error = norm(missing)
    share = 1.0
    while True:
        trial = PowerDiagram.of(diagram.seeds, weights + share * step, diagram.box)
        volumes = trial.volumes
        left = norm(diagram.volumes + missing - volumes)
        if (volumes.min() >= floor and left <= (1.0 - share / 2.0) * error) or share < 1e-6:
            return weights + share * step, trial
        share /= 2.0
