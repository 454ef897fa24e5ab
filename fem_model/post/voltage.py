"""What the voltage is spent on, from the saved fields."""

from dataclasses import dataclass

import numpy as np

from fem_model.case.sections import FixedCounter
from fem_model.post.grains import cell_areas
from fem_model.post.load import Array, Integers, Run


@dataclass(frozen=True)
class VoltageSplit:
    """Parts of the voltage at the output times, V; NaN where no current flows."""

    voltage: Array
    """φ_M of the counter electrode minus φ_M of the anode, from the series."""
    electrolyte: Array
    """Ohmic: −∫ j·∇φ dV / I."""
    counter: Array
    """Charge transfer at the counter electrode: mean of −φ weighted with the current; 0 where φ is fixed."""
    anode: Array
    """What is left: charge transfer, capillarity and resistance to intrusion, at front and anode contact."""


def split_voltage(run: Run) -> VoltageSplit:
    """The power I V over the current I, part by part.

    Multiplying charge conservation by φ and integrating gives I V = ∫ σ_eff |∇φ|² dV + ∮ i η dA (counter) +
    ∫ i η (front and anode contact), exactly, with no model of the kinetics. The first two integrals come
    from φ and j as saved (j by its value in the middle of each cell), the third is the difference.
    """
    series = [run.series[name] for name in ("voltage_V", "current_density_A_m2")]
    voltage, current = (np.interp(run.times, run.series["t_s"], values) for values in series)
    width = np.ptp(run.points[:, 0])
    counter = _counter_edges(run)
    parts = np.array([_parts(run, k, counter) for k in range(len(run.times))])
    flowing = np.where(current == 0, np.nan, current)
    electrolyte = parts[:, 0] / (width * flowing)
    return VoltageSplit(voltage, electrolyte, parts[:, 1], voltage - electrolyte - parts[:, 1])


def _parts(run: Run, output: int, counter: tuple[Integers, Integers]) -> tuple[float, float]:
    """−∫ j·∇φ dA (A/m² V µm), and the mean of −φ over the counter face (V)."""
    phi, j = run.field("phi", output), run.field("current_density", output)[:, :2]
    power = -float((cell_areas(run) * (j * _gradient(run, phi)).sum(axis=1)).sum())
    if isinstance(run.case.counter, FixedCounter):
        return power, 0.0
    edges, cell = counter
    weight = j[cell, 1] * abs(np.diff(run.points[edges, 0], axis=1)[:, 0])
    total = float(weight.sum())
    return power, -float(weight @ phi[edges].mean(axis=1)) / total if total else np.nan


def _gradient(run: Run, values: Array) -> Array:
    """Gradient (M, 2) of a field that is linear on the cells, per µm."""
    corner, u, v = run.points[run.cells].transpose(1, 0, 2)
    u, v = u - corner, v - corner
    base, first, second = values[run.cells].T
    du, dv = first - base, second - base
    double = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    along_x, along_y = du * v[:, 1] - dv * u[:, 1], dv * u[:, 0] - du * v[:, 0]
    gradient: Array = np.stack([along_x, along_y], axis=1) / double[:, None]
    return gradient


def _counter_edges(run: Run) -> tuple[Integers, Integers]:
    """Edges (n, 2) on the counter face, and the cell of each."""
    height = run.points[:, 1]
    top = height >= height.max() - 1e-6 * np.ptp(height)
    edges = run.cells[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    on_top = np.flatnonzero(top[edges].all(axis=1))
    return edges[on_top], on_top // 3
