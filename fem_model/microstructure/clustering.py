"""First seeds of grains: at random, or so that those of one material lie apart or together."""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse import csr_array, diags_array

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.microstructure.reproducible import power
from fem_model.microstructure.transport import relaxed_diagram

AGGLOMERATE = 8  # number of grains in an agglomerate of clustered grains, about
CANDIDATES = 50  # grains with the most contacts of their kind, of which the best exchange is made


def first_seeds(
    volumes: Floats, minor: Bools, clustering: str, box: tuple[float, ...], random: np.random.Generator
) -> Floats:
    """Seeds (n, d) of grains with these volumes, from which a diagram is relaxed.

    random: each anywhere. dispersed: all grains are relaxed once, then `minor` grains change places with
    others, the best exchange first, as long as that lessens the contacts of minor grains with one another.
    clustered: the minor grains are put together into agglomerates of about eight; each of these is packed
    with the other grains as if it were one grain, and its members start near its centroid.
    """
    dim = len(box)
    if clustering == "clustered":
        return _clustered(volumes, minor, box, random)
    seeds = random.random((len(volumes), dim)) * box
    if clustering == "random":
        return seeds
    diagram = relaxed_diagram(seeds, volumes, box)
    seeds[_exchanged(diagram.coupling, minor)] = diagram.centroids
    return seeds


def _exchanged(coupling: csr_array, minor: Bools) -> Ints:
    """The grain at every place, after exchanges that keep the minor grains apart."""
    contact = (diags_array(coupling.diagonal()) - coupling).tocsr()
    grain, minor = np.arange(len(minor)), minor.copy()
    like = contact @ minor.astype(np.float64)  # contact of a place with minor grains
    for _ in minor:
        own, other = np.flatnonzero(minor), np.flatnonzero(~minor)
        worst = own[np.argsort(-like[own], kind="stable")[:CANDIDATES]]
        gain = like[worst][:, None] - like[other] + contact[worst].toarray()[:, other]
        row, column = np.unravel_index(gain.argmax(), gain.shape)
        if gain[row, column] <= 0.0:
            break
        leaves, comes = worst[row], other[column]
        grain[[leaves, comes]] = grain[[comes, leaves]]
        minor[[leaves, comes]] = False, True
        like += (contact[[comes]] - contact[[leaves]]).toarray()[0]
    return grain


def _clustered(volumes: Floats, minor: Bools, box: tuple[float, ...], random: np.random.Generator) -> Floats:
    dim, grains = len(box), int(minor.sum())
    count = max(1, round(grains / AGGLOMERATE))
    member = random.permutation(np.arange(grains) % count)  # the agglomerate of each minor grain
    packed = np.concatenate([np.bincount(member, volumes[minor], count), volumes[~minor]])
    places = relaxed_diagram(random.random((len(packed), dim)) * box, packed, box).centroids
    radius = power(2 * dim / math.pi * packed[:count], 1 / dim) / 2.0
    around = random.standard_normal((grains, dim))
    within_ball = power(random.random(grains), 1 / dim) / np.linalg.norm(around, axis=1)
    around *= within_ball[:, None]
    seeds = np.empty((len(volumes), dim))
    seeds[~minor] = places[count:]
    seeds[minor] = places[member] + 0.8 * radius[member, None] * around
    return np.clip(seeds, 1e-6, np.array(box) - 1e-6)
