"""The effective conductivity of a sample in space scatters less the larger the sample is."""

from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.mesh.cache import cached_mesh
from fem_model.mesh.domain import read_domain
from fem_model.study.conductivity import ConductivityStudy
from tests.fem.particles import SEEDS, load_3d

SIDES = (10.0, 14.0, 20.0)
"""Of cubes, µm, each with 2.7 to 2.9 times the volume of the one before: about 20, 55 and 155 grains."""
CONTRAST = 10.0


def scatter(folder: Path, side: float) -> float:
    """Standard deviation over mean of the conductivities of ten cubes along all axes."""
    found = []
    for seed in SEEDS:
        domain = read_domain(cached_mesh(load_3d(folder, seed, 0.2, box=(side,) * 3)), MPI.COMM_SELF)
        result = ConductivityStudy(domain, {"LPSC1.0": 1.0, "LGPS": CONTRAST}).run()
        found += [direction.sigma_eff for direction in result.directions.values()]
    return float(np.std(found, ddof=1) / np.mean(found))


@pytest.mark.slow
def test_scatter_shrinks_as_independent_parts_would(tmp_path: Path) -> None:
    """By the root of the volume ratio or more; 30 values give a scatter to about 15 %."""
    found = np.array([scatter(tmp_path, side) for side in SIDES])
    expected = (SIDES[0] / np.array(SIDES)) ** 1.5
    assert (found[1:] < found[:-1]).all()
    assert (found / found[0] < 1.2 * expected)[1:].all()
    assert found[-1] < 0.05
