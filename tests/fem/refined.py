"""A domain on a finer mesh that no file holds, as an adaptive run may come to it."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from dolfinx import mesh

from fem_model.base.arrays import Bools, Floats
from fem_model.mesh.domain import Domain

Place = Callable[[Floats], Bools]


def refined(domain: Domain) -> Domain:
    """Every cell of two upright bands of equal width in 2D divided; names and numbers stay."""
    domain.mesh.topology.create_entities(1)
    fine = mesh.refine(domain.mesh)[0]
    cells = fine.topology.index_map(2)
    own = np.arange(cells.size_local + cells.num_ghosts, dtype=np.int32)
    left = mesh.compute_midpoints(fine, 2, own)[:, 0] < domain.width / 2
    tags = domain.faces | domain.pairs
    found = {tags[name]: mesh.locate_entities(fine, 1, place) for name, place in places(domain).items()}
    facets = np.concatenate(list(found.values()))
    values = np.repeat(np.array(list(found), dtype=np.int32), [len(part) for part in found.values()])
    order = np.argsort(facets)
    return replace(
        domain,
        mesh=fine,
        cell_tags=mesh.meshtags(
            fine, 2, own, np.where(left, *sorted(domain.materials.values())).astype(np.int32)
        ),
        facet_tags=mesh.meshtags(fine, 1, facets[order], values[order]),
        grain=np.where(left, 1, 2).astype(np.int32),
    )


def places(domain: Domain) -> dict[str, Place]:
    """Where the facets of each name are."""
    (pair,) = domain.pairs
    levels = {
        "anode": (1, 0.0),
        "counter": (1, domain.depth),
        "left": (0, 0.0),
        "right": (0, domain.width),
        pair: (0, domain.width / 2),
    }
    return {name: _at(axis, level) for name, (axis, level) in levels.items()}


def _at(axis: int, level: float) -> Place:
    return lambda x: np.isclose(x[axis], level, rtol=0, atol=1e-12)
