"""Different properties near the boundaries between grains: factors that fade with the distance from them."""

from collections.abc import Callable, Sequence
from typing import Any

import ufl

from fem_model.case.sections import Boundary
from fem_model.mesh.distance import boundary_distance
from fem_model.mesh.domain import Domain


def boundary_factor(
    domain: Domain, boundaries: Sequence[Boundary], factor: Callable[[Boundary], float]
) -> Any:
    """Π_k [1 + (f_k − 1) exp(−(d_k/w_k)²)], with d_k the distance (m) from the boundaries of entry k.

    The distance is exact at the nodes and linear between them: w must be at least two cells. 1.0 where no
    entry has a factor other than 1, and for pairs that do not touch in the mesh.
    """
    product: Any = 1.0
    for boundary in boundaries:
        pair = boundary.sorted_pair
        if factor(boundary) != 1.0 and (pair is None or pair in domain.pairs):
            distance = boundary_distance(domain, None if pair is None else [pair])
            product *= 1 + (factor(boundary) - 1) * ufl.exp(-((distance / boundary.width) ** 2))
    return product
