"""Tortuosity factors: how much worse a material conducts than straight channels of its volume would."""

import numpy as np

from fem_model.base.arrays import Bools
from fem_model.study.conductivity import AXES, ConductivityStudy

Factors = dict[str, float | None]


def tortuosity_factors(study: ConductivityStudy, spanning: Bools) -> dict[str, Factors]:
    """τ_i = φ_i σ_i/σ_eff,i by axis and material, where material i alone conducts (collective).

    `spanning` (d, owned cells) is true for cells in parts of their material that reach across along each
    axis; only these are solved for, and a material without any has None. The conductivity σ_i drops out. As
    cells become smaller σ_eff,i is approached from above, and τ_i from below.
    Source: Cooper et al., SoftwareX 5 (2016) 203.
    """
    fraction = study.by_material / study.by_material.sum()
    factors: dict[str, Factors] = {}
    for axis, spans in enumerate(spanning):
        conducting = [np.where((study.material == k) & spans, 1.0, 0.0) for k in range(len(study.names))]
        connects = study.sums(np.where(spans, study.volumes, 0.0)) > 0.0
        factors[AXES[axis]] = {
            name: float(fraction[k] / study.upper(conducting[k], axis)) if connects[k] else None
            for k, name in enumerate(study.names)
        }
    return factors
