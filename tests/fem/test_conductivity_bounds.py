"""The effective conductivity of generated grains lies within the bounds.

Wiener's bounds hold for any arrangement, and are tested with the uncertainty that the mesh leaves. Those of
Hashin and Shtrikman are for isotropic mixtures, and a sample of a few hundred grains is not quite one: at a
contrast of 1.47 and 9:1 by mass they are 0.1 % apart, as much as the two directions of one sample. But a
rectangle with insulating sides is one cell of the periodic medium that mirrors it, and the eigenvalues λ
of such a medium, isotropic or not, obey

    Σ 1/(λ − σ₁) ≤ 1/(h − σ₁) + 1/(m − σ₁),   Σ 1/(σ₂ − λ) ≤ 1/(σ₂ − h) + 1/(σ₂ − m),

h and m being Wiener's bounds and σ₁ < σ₂ (Lurie and Cherkaev, Proc. R. Soc. Edinburgh A 99 (1984) 71). With
two equal λ this is the result of Hashin and Shtrikman. So both directions together are tested, without an
allowance for scatter; that the mean of both lies within their bounds follows. One direction alone may lie
outside, and a few do at a contrast of 1.47. Compared are the conductivities as reported: their uncertainty,
up to 0.08 % at that contrast, can exceed their distance to these bounds.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from mpi4py import MPI

from fem_model.mesh.cache import cached_mesh
from fem_model.mesh.domain import read_domain
from fem_model.study.bounds import hashin_shtrikman, wiener
from fem_model.study.conductivity import Conductivity, ConductivityStudy
from tests.fem.particles import AREA_SHARE, SEEDS, load

CONTRASTS = (1.47, 10.0, 1000.0)
FEW_GRAINS = (
    "microstructure.width=24 um",
    "microstructure.depth=24 um",
    "mesh.cell_size_front=0.5 um",
    "mesh.cell_size_bulk=1 um",
    "mesh.front_height=1 um",
)


def isotropic(values: npt.NDArray[np.float64], low: float, high: float) -> tuple[float, float]:
    """Conductivities of isotropic mixtures with the same Σ 1/(λ − σ₁), and with the same Σ 1/(σ₂ − λ)."""
    return low + 1 / np.mean(1 / (values - low)), high - 1 / np.mean(1 / (high - values))


def check(path: Path, filler: float) -> None:
    """One microstructure at every contrast."""
    domain = read_domain(path, MPI.COMM_SELF)
    for contrast in CONTRASTS:
        result = ConductivityStudy(domain, {"LPSC1.0": 1.0, "LGPS": contrast}).run()
        assert result.fractions["LGPS"] == pytest.approx(AREA_SHARE[filler], abs=1e-4)
        check_bounds(result, contrast)


def check_bounds(result: Conductivity, contrast: float) -> None:
    """Wiener's for each direction and all its uncertainty, Hashin's and Shtrikman's for both together."""
    low, high = result.wiener
    for direction in result.directions.values():
        assert direction.uncertainty is not None
        assert low < direction.sigma_eff - direction.uncertainty
        assert direction.sigma_eff + direction.uncertainty < high
    inner_low, inner_high = result.hashin_shtrikman
    below, above = isotropic(np.array([d.sigma_eff for d in result.directions.values()]), 1.0, contrast)
    assert inner_low < below <= above < inner_high


@pytest.mark.parametrize("contrast", CONTRASTS)
@pytest.mark.parametrize("share", AREA_SHARE.values())
def test_layers_reach_the_bounds_for_both_directions(contrast: float, share: float) -> None:
    """Their λ are h and m, as anisotropic as can be: what is checked has no slack."""
    sigma, fraction = [1.0, contrast], [1 - share, share]
    combined = isotropic(np.array(wiener(sigma, fraction)), 1.0, contrast)
    assert combined == pytest.approx(hashin_shtrikman(sigma, fraction, 2), rel=1e-9)


@pytest.mark.parametrize("filler", AREA_SHARE)
def test_few_grains_conduct_within_the_bounds(tmp_path: Path, filler: float) -> None:
    check(cached_mesh(load(tmp_path, 1, filler, *FEW_GRAINS)), filler)


@pytest.mark.slow
@pytest.mark.parametrize("filler", AREA_SHARE)
@pytest.mark.parametrize("seed", SEEDS)
def test_ten_seeds_conduct_within_the_bounds(tmp_path: Path, seed: int, filler: float) -> None:
    check(cached_mesh(load(tmp_path, seed, filler)), filler)
