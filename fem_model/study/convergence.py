"""Extrapolation of values on ever finer levels to size zero.

Values f_k at sizes h_k (cell size, profile length or step), the finest last, are taken to follow f₀ + C h^p.
Observed order, Richardson extrapolation and grid convergence index after Roache, J. Fluids Eng. 116 (1994)
405, and Celik et al., J. Fluids Eng. 130 (2008) 078001; least squares where there are more than three
levels, and what is done when the order cannot be trusted, after Eça and Hoekstra, J. Comput. Phys. 262
(2014) 104.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import minimize_scalar

from fem_model.base.arrays import Floats

Kind = Literal["monotone", "oscillating", "constant", "diverging", "undetermined"]

SAFETY, UNSURE = 1.25, 3.0
"""Safety factors: of an observed order that is credible, and of any other statement."""
LOWEST_ORDER = 0.5
EXCESS = 0.5
"""Observed orders from LOWEST_ORDER up to EXCESS above the formal one are credible."""
ORDERS = np.geomspace(0.01, 20.0, 300)
"""Range in which the observed order is looked for."""
ROUND_OFF = 1e-9
"""Share of the values below which their differences are those of the linear solver."""


@dataclass(frozen=True)
class Estimate:
    """Extrapolation of one quantity. The interval is `extrapolated` ± `uncertainty`."""

    convergence: Kind
    """Kind of convergence of the last three levels; "undetermined" with fewer than three."""
    observed_order: float | None
    """p of the fit; None unless the convergence is monotone."""
    order: float | None
    """The p behind the extrapolation: the observed one, clipped, or for two levels the formal one."""
    extrapolated: float | None
    uncertainty: float | None
    gci_percent: float | None
    """Uncertainty over the finest value, in per cent: the grid convergence index."""


def estimate(sizes: Sequence[float], values: Sequence[float], formal_order: float) -> Estimate:
    """Order, extrapolation and uncertainty from values at decreasing sizes.

    constant      the last three (or two, of two) differ by round-off: the finest value ± the range of all
    two levels    Richardson with the formal order, uncertainty 3 |f₀ − f_fine|
    monotone      Richardson with the observed order, clipped to 0.5 … formal_order; uncertainty
                  1.25 |f₀ − f_fine| and the misfit; if the observed order is not credible, 3 |f₀ − f_fine|
                  or the range of the last three, whichever is larger
    oscillating   the finest value ± the range of the last three
    diverging     (differences do not shrink) the finest value ± 3 times that range

    With no value at all, or one, nothing is said.
    """
    h, f = np.array(sizes, dtype=float), np.array(values, dtype=float)
    if len(f) < 2:
        return Estimate("undetermined", None, None, None, None, None)
    if np.ptp(f[-3:]) <= ROUND_OFF * np.abs(f).max():
        return _about("constant", f, float(f[-1]), float(np.ptp(f)))
    if len(f) == 2:
        error = _richardson(h, f, formal_order)
        return _about("undetermined", f, f[-1] - error, UNSURE * abs(error), order=formal_order)
    kind, spread = _kind(h, f), float(np.ptp(f[-3:]))
    if kind == "monotone":
        return _monotone(h, f, formal_order, spread)
    return _about(kind, f, f[-1], spread if kind == "oscillating" else UNSURE * spread)


def coarsest_within(values: Sequence[float | None], truth: float, tolerance: float) -> int | None:
    """The first value from which on all (None is passed over) lie within a share `tolerance` of the truth."""
    found = None
    for k in reversed(range(len(values))):
        value = values[k]
        if value is None:
            continue
        if abs(value - truth) > tolerance * abs(truth):
            break
        found = k
    return found


def _kind(h: Floats, f: Floats) -> Kind:
    """Kind by the last three: the change per log of the size shrinks for any p > 0, and keeps its sign."""
    before, last = np.diff(f[-3:]) / np.diff(np.log(h[-3:]))
    if abs(last) >= abs(before):
        return "diverging"
    return "oscillating" if last * before < 0 else "monotone"


def _monotone(h: Floats, f: Floats, formal_order: float, spread: float) -> Estimate:
    observed, limit, misfit = fit(h, f)
    order = min(max(observed, LOWEST_ORDER), formal_order)
    error = f[-1] - limit if order == observed else _richardson(h, f, order)
    credible = LOWEST_ORDER <= observed <= formal_order + EXCESS
    uncertainty = SAFETY * abs(error) + misfit if credible else max(UNSURE * abs(error), spread)
    return _about("monotone", f, f[-1] - error, uncertainty, observed, order)


def _richardson(h: Floats, f: Floats, order: float) -> float:
    """f_fine − f₀ from the last two values."""
    return float((f[-2] - f[-1]) / ((h[-2] / h[-1]) ** order - 1))


def fit(sizes: Floats, values: Floats) -> tuple[float, float, float]:
    """p, f₀ and the misfit of f₀ + C h^p to three or more values; exact for three.

    Least squares with weights 1/h. The misfit is the standard deviation of the residuals, with three
    parameters taken off, and the residual of the finest value.
    """
    x = sizes / sizes[-1]
    weight = np.sqrt(1 / x / np.sum(1 / x))

    def solve(order: float) -> tuple[float, Floats]:
        columns = np.column_stack([np.ones_like(x), x**order]) * weight[:, None]
        (limit, factor), *_ = np.linalg.lstsq(columns, values * weight)
        return float(limit), values - limit - factor * x**order

    def squares(order: float) -> float:
        return float(np.sum((weight * solve(order)[1]) ** 2))

    best = int(np.argmin([squares(order) for order in ORDERS]))
    bounds = ORDERS[max(best - 1, 0)], ORDERS[min(best + 1, len(ORDERS) - 1)]
    order = float(minimize_scalar(squares, bounds=bounds, method="bounded", options={"xatol": 1e-10}).x)
    limit, residual = solve(order)
    free = len(x) - 3
    deviation = math.sqrt(squares(order) * len(x) / free) if free else 0.0
    return order, limit, deviation + abs(float(residual[-1]))


def _about(
    kind: Kind,
    values: Floats,
    extrapolated: float,
    uncertainty: float,
    observed: float | None = None,
    order: float | None = None,
) -> Estimate:
    index = 100 * uncertainty / abs(values[-1]) if values[-1] else None
    return Estimate(kind, observed, order, float(extrapolated), float(uncertainty), index)
