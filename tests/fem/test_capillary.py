"""Motion by curvature: exact and stable in steps that an explicit method would not survive."""

import math
from functools import cache

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.laws.kinetics import capillary_diffusivity
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import FILM
from fem_model.study.verification.closed_forms import growth_rate
from fem_model.study.verification.dispersion import Mode, Projection
from fem_model.study.verification.runs import instants
from tests.fem.cases import NUCLEUS, case, column, finished

LAM, DEPTH, THICKNESS, SIGMA, GAMMA, R_CT = 0.25e-6, 12e-6, 3e-6, 0.357, 0.5, 0.8e-4
EXPLICIT = 0.25 * LAM**2 / capillary_diffusivity(1 / R_CT, GAMMA)
"""Step (s) that motion by curvature allows an explicit method."""


def rate(wavelength: float) -> float:
    """Rate at which a wave of the film at rest grows, 1/s."""
    k = 2 * math.pi / wavelength
    return float(growth_rate(k, 0.0, DEPTH - THICKNESS, R_CT, SIGMA, GAMMA))


@cache
def heights(wavelength: float, count: int, step: float) -> Floats:
    """Height of a wave (m) that is left to itself for some steps of so many seconds, at each instant."""
    film = {"kind": "film", "thickness": f"{THICKNESS} m"}
    box = {"width": f"{wavelength / 2} m", "depth": f"{DEPTH} m"}
    changes = {
        "microstructure": box | {"layout": "layers", "layers": [{"material": "E", "share": 1.0}]},
        "mesh": {"cell_size_front": "0.125 um", "cell_size_bulk": "1 um", "front_height": "6 um"},
        "phase_field": {"lam": f"{LAM} m", "gamma": f"{GAMMA} J/m^2"},
        "kinetics": {"R_ct": f"{R_CT} ohm m^2", "law": "linear"},
        "anode.initial": film | {"amplitude": "0.05 um", "wavelength": f"{wavelength} m"},
        "drive": {"mode": "steps", "steps": [{"current": "0 A/m^2", "time": f"{count * step} s"}]},
        "time": {"end": f"{count * step} s", "outputs": 1, "step": f"{step} s"},
    }
    simulation = Simulation(case(FILM, changes), MPI.COMM_SELF)
    projection = Projection(simulation, Mode(wavelength / 1e-6))
    return np.array([projection.amplitude() for _ in instants(simulation)])


def test_a_wave_levels_as_it_should_in_steps_ten_times_those_of_an_explicit_method() -> None:
    wavelength, step = 12e-6, 10 * EXPLICIT
    height = heights(wavelength, 12, step)
    exact = np.exp(rate(wavelength) * step * np.arange(13))
    assert exact[-1] < 0.65
    assert height / height[0] == pytest.approx(exact, rel=2e-3)


def test_levelling_converges_with_the_square_of_the_step() -> None:
    """From fifteen times the step of an explicit method on."""
    wavelength, end = 6e-6, -1 / rate(6e-6)
    assert end / 4 > 15 * EXPLICIT
    last = [heights(wavelength, count, end / count)[-1] for count in (4, 8, 16)]
    assert np.log2((last[0] - last[1]) / (last[1] - last[2])) == pytest.approx(2.0, abs=0.25)


def test_a_low_resistance_does_not_set_the_step() -> None:
    """A flaw where two electrolytes meet, of which one has 50 times the resistance of the other."""
    changes = {
        "materials.A.kinetics": {"R_ct": "1 ohm cm^2"},
        "kinetics.R_ct": "0.02 ohm cm^2",
        "drive.current": "0.1 mA/cm^2",
        "time": {"end": "30 min", "outputs": 1},
    }
    coarse, fine = (finished(case(NUCLEUS, changes | {"time.front_step": share})) for share in (0.2, 0.1))
    for simulation in coarse, fine:
        assert column(simulation, "rejected")[-1] == 0
    explicit = 0.25 * (0.5e-6) ** 2 / capillary_diffusivity(1 / 0.02e-4, GAMMA)
    tips = [simulation.recorder.last["tip_m"] for simulation in (coarse, fine)]
    assert column(coarse, "dt_s")[1:].mean() > 5 * explicit
    assert tips[0] == pytest.approx(tips[1], abs=0.02 * 0.5e-6)
