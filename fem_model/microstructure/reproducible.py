"""Linear algebra that gives the same digits on every machine. Numpy only.

The grains and their mesh decide by comparisons, so one last digit changes all that follows. BLAS, LAPACK and
NumPy's transcendental functions choose their instructions, and with them their rounding, by the processor.
Here are only sums in a fixed order, products, quotients and square roots, which IEEE 754 rounds in one way.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from fem_model.base.arrays import Floats

RESIDUAL = 1e-13  # at which a solution is good, relative to the right side
DIGITS = 9  # of what comes from the C library, whose last digits differ from machine to machine


def dot(a: Floats, b: Floats) -> float:
    """Scalar product of two vectors."""
    return float((a * b).sum())


def norm(vector: Floats) -> float:
    """Euclidean norm of a vector."""
    return math.sqrt(dot(vector, vector))


def power(base: npt.ArrayLike, exponent: npt.ArrayLike) -> Floats:
    """base^exponent for positive bases, to nine significant digits."""
    pairs = np.broadcast(base, exponent)
    return np.array([float(f"{b**e:.{DIGITS - 1}e}") for b, e in pairs]).reshape(pairs.shape)


def turn(x: Floats, y: Floats) -> Floats:
    """A number that rises with the angle of (x, y) from the x axis as arctan2(y, x) does, from -2 to 2."""
    turned: Floats = np.copysign(1.0 - x / (np.abs(x) + np.abs(y)), y)
    return turned


def solve_up_to_a_constant(matrix: csr_array, right: Floats) -> Floats:
    """Solve a symmetric, positive system that is singular for constants alone; the first unknown becomes 0.

    Conjugate gradients with the diagonal as the preconditioner. Unknowns without a diagonal stay as they are.
    The best that double precision allows is returned where RESIDUAL is not reached.
    """
    diagonal = matrix.diagonal()
    inverse = np.divide(1.0, diagonal, out=np.zeros_like(diagonal), where=diagonal > 0.0)
    solution, residual = np.zeros_like(right), right - right.mean()
    best, least, allowed = solution, norm(residual), RESIDUAL * norm(right)
    direction, before = np.zeros_like(right), 1.0
    for _ in range(10 * len(right)):
        scaled = inverse * residual
        product = dot(residual, scaled)
        direction = scaled + (product / before) * direction
        image = matrix @ direction
        curvature = dot(direction, image)
        if least <= allowed or curvature <= 0.0:
            break
        solution = solution + (product / curvature) * direction
        residual, before = residual - (product / curvature) * image, product
        if (left := norm(residual)) < least:
            best, least = solution, left
    shifted: Floats = best - best[0]
    return shifted


def solve_small(matrices: Floats, right: Floats) -> Floats:
    """Solutions (n, d) of symmetric systems (n, d, d) of d = 2 or 3 unknowns, by Cramer's rule."""
    if right.shape[1] == 2:
        (a, b), (_, c) = matrices.transpose(1, 2, 0)
        x, y = right.T
        return np.asarray(np.column_stack([c * x - b * y, a * y - b * x]) / (a * c - b * b)[:, None])
    a, b, c = matrices.transpose(1, 0, 2)
    columns = np.stack([np.cross(b, c), np.cross(c, a), np.cross(a, b)], axis=1)
    return np.asarray((columns * right[:, :, None]).sum(axis=1) / (a * columns[:, 0]).sum(axis=1)[:, None])
