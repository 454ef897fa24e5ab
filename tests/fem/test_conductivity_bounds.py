"""The effective conductivity of generated grains lies within the bounds.

Wiener's bounds hold for any arrangement, and are tested with the uncertainty that the mesh leaves. Those of
Hashin and Shtrikman are for isotropic mixtures, and a sample of a few hundred grains is not quite one: at a
contrast of 1.47 and 9:1 by mass they are 0.1 % apart, as much as the directions of one sample. But all
directions together obey the bounds of `isotropic_equivalents`, and are tested without an allowance for
scatter; that their mean lies within Hashin's and Shtrikman's bounds follows. One direction alone may lie
outside, and a few do at a contrast of 1.47. Compared are the conductivities as reported: in 2D their
uncertainty, up to 0.08 % at that contrast, can exceed their distance to these bounds, and in 3D, where they
are from above, so can their error (`verify particle_conductivity` extrapolates them).
"""

from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.case import Case
from fem_model.mesh.cache import cached_mesh
from fem_model.mesh.domain import read_domain
from fem_model.study.bounds import hashin_shtrikman, isotropic_equivalents, wiener
from fem_model.study.conductivity import Conductivity, ConductivityStudy
from tests.fem.particles import AREA_SHARE, SEEDS, SMALL, load, load_3d

CONTRASTS = (1.47, 10.0, 1000.0)
PORE_SIGMA = 1e-6
"""Over that of LPSC1.0."""
FEW_GRAINS = (
    "microstructure.width=24 um",
    "microstructure.depth=24 um",
    "mesh.cell_size_front=0.5 um",
    "mesh.cell_size_bulk=1 um",
    "mesh.front_height=1 um",
)


def check(case: Case) -> None:
    """One microstructure at every contrast; pores, if it has any, hardly conduct."""
    domain = read_domain(cached_mesh(case), MPI.COMM_SELF)
    for contrast in CONTRASTS:
        sigma = {"LPSC1.0": 1.0, "LGPS": contrast, "pore": PORE_SIGMA}
        result = ConductivityStudy(domain, sigma).run()
        assert result.fractions == pytest.approx(case.area_shares(), abs=1e-7)
        check_bounds(result)


def check_bounds(result: Conductivity) -> None:
    """Wiener's for each direction and all its uncertainty, Hashin's and Shtrikman's for all together."""
    low, high = result.wiener
    for direction in result.directions.values():
        assert (direction.uncertainty is None) == (len(result.directions) == 3)
        uncertainty = direction.uncertainty or 0.0
        assert low < direction.sigma_eff - uncertainty
        assert direction.sigma_eff + uncertainty < high
    assert result.hashin_shtrikman is not None
    inner_low, inner_high = result.hashin_shtrikman
    found = [direction.sigma_eff for direction in result.directions.values()]
    below, above = isotropic_equivalents(found, list(result.sigma.values()))
    assert inner_low < below <= above < inner_high
    assert inner_low < np.mean(found) < inner_high


@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("contrast", CONTRASTS)
@pytest.mark.parametrize("share", AREA_SHARE.values())
def test_layers_reach_the_bounds_for_all_directions(contrast: float, share: float, dim: int) -> None:
    """Their λ are h and m, as anisotropic as can be: what is checked has no slack."""
    sigma, fraction = [1.0, contrast], [1 - share, share]
    across, along = wiener(sigma, fraction)
    combined = isotropic_equivalents([across, *[along] * (dim - 1)], sigma)
    assert combined == pytest.approx(hashin_shtrikman(sigma, fraction, dim), rel=1e-9)


@pytest.mark.parametrize("filler", AREA_SHARE)
def test_few_grains_conduct_within_the_bounds(tmp_path: Path, filler: float) -> None:
    check(load(tmp_path, 1, filler, *FEW_GRAINS))


@pytest.mark.parametrize("density", [1.0, 0.8])
def test_few_grains_in_space_conduct_within_the_bounds(tmp_path: Path, density: float) -> None:
    check(load_3d(tmp_path, 1, 0.2, f"microstructure.relative_density={density}", box=SMALL))


@pytest.mark.slow
@pytest.mark.parametrize("filler", AREA_SHARE)
@pytest.mark.parametrize("seed", SEEDS)
def test_ten_seeds_conduct_within_the_bounds(tmp_path: Path, seed: int, filler: float) -> None:
    check(load(tmp_path, seed, filler))


@pytest.mark.slow
@pytest.mark.parametrize("density", [1.0, 0.8])
@pytest.mark.parametrize("filler", AREA_SHARE)
@pytest.mark.parametrize("seed", SEEDS)
def test_ten_seeds_in_space_conduct_within_the_bounds(
    tmp_path: Path, seed: int, filler: float, density: float
) -> None:
    check(load_3d(tmp_path, seed, filler, f"microstructure.relative_density={density}"))
