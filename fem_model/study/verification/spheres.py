"""Effective conductivity of spheres, for which there are closed forms. σ_a = 1 S/m, σ_b = k σ_a.

By symmetry an eighth of a cell of the array does.
"""

from math import pi

from mpi4py import MPI

from fem_model.study.verification.conductivity import (
    CONTRASTS,
    INSIDE,
    TOLERANCE,
    Found,
    array,
    sigma_of,
    study,
)
from fem_model.study.verification.entry import Check, Entry, Report, relative
from fem_model.study.verification.orders import Panel, draw_orders
from fem_model.study.verification.samples import octant

NAME = "sphere_conductivity"
RADIUS, HALF = 4.5, 6.0
"""Radius of the spheres and half their distance, µm: touching spheres would have 6."""
ALONE, FAR, CELL = 3.0, 12.0, 0.75
"""Radius of the sphere that is far from others, half their distance, and the size of its cells, µm."""
SIZES = (0.75, 0.5, 0.35, 0.25)
"""Cell sizes, µm; the last only in full."""


def simple_cubic(k: float, f: float) -> float:
    """σ_eff/σ_a of spheres (σ_b = k σ_a, volume share f) in a simple cubic array.

    McPhedran and McKenzie, Proc. R. Soc. Lond. A 359 (1978) 45, with the coefficients of Sangani and Acrivos,
    Proc. R. Soc. Lond. A 386 (1983) 263: 1 − 3f/(−1/L₁ + f + …), L_n = (k − 1)/[k + 2n/(2n − 1)].
    """
    L1, L2, L3, L4, L5 = ((k - 1) / (k + 2 * n / (2 * n - 1)) for n in range(1, 6))
    near = 1.305 * L2 * f ** (10 / 3) * (1 + 0.231 * L3 * f ** (11 / 3)) / (1 - 0.405 * L2 * f ** (7 / 3))
    far = 0.0723 * L3 * f ** (14 / 3) + 0.153 * L4 * f**6 + 0.0105 * L5 * f ** (22 / 3)
    return float(1 - 3 * f / (-1 / L1 + f + near + far))


def current_in_one(k: float) -> float:
    """Current density in a single sphere over the mean one, 3k/(2 + k)."""
    return 3 * k / (2 + k)


def spheres(comm: MPI.Comm, sizes: tuple[float, ...], k: float) -> Found:
    """A simple cubic array."""
    share = pi * RADIUS**3 / (6 * HALF**3)
    levels = study(comm, octant(RADIUS, HALF), sizes, k, dim=3)
    return array(f"{NAME}/array {k:g}", levels, k, share, simple_cubic(k, share))


def dilute(comm: MPI.Comm) -> Entry:
    """A sphere of LGPS far from others in LPSC1.0."""
    k = sigma_of("LGPS") / sigma_of("LPSC1.0")
    result = study(comm, octant(ALONE, FAR), [CELL], k, dim=3).finest
    inside = result.directions["x"].shares["b"] / result.fractions["b"]
    return relative(f"{NAME}/LGPS in LPSC1.0", INSIDE, current_in_one(k), inside, TOLERANCE)


def run(comm: MPI.Comm, full: bool) -> Report:
    """The array at all contrasts, and the sphere alone."""
    arrays = [spheres(comm, SIZES if full else SIZES[:3], k) for k in CONTRASTS]
    entries = [entry for found, _ in arrays for entry in found]
    panel = Panel(
        "Simple cubic array of spheres", "Cell size (µm)", "Error of σ_eff / σ_eff", [c for _, c in arrays]
    )
    return Report((*entries, dilute(comm)), draw_orders([panel]) if comm.rank == 0 else None)


CHECK = Check(
    NAME,
    "Simple cubic array of spheres (McPhedran and McKenzie 1978) at contrasts 1.47, 10 and 1000, and a "
    "single sphere of LGPS in LPSC1.0.",
    run,
)
