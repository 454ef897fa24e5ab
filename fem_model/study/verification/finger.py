"""A finger of lithium on a path between two grains, and what theory says of it.

A flaw filled with lithium covers a part of the face. It goes on as a path of the toughness K between grains
that are not entered, in an electrolyte that conducts so well that the overpotential η is the same everywhere.
A crack of the length a runs at the pressure K/(Y√(πa)) in it, so that lithium enters the path where

    η > P = (V_m/F) [K/(Y√(πa)) + p_c].

Below, the finger is at rest and all current passes the free share f of the face, i = f i_n(η). It runs from

    i_c = f i_n(P)

on, at the speed dz/dt = (V_m/F) i_n(η − P). In 2D f = 1 − 2w/W. In 3D a round flaw of the radius w covers πw²
and, as its edge is diffuse, π(π²/3 − 2)λ² more (by the variance of |∇h|).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from fem_model.base.arrays import Floats
from fem_model.base.constants import F, R
from fem_model.case import Case
from fem_model.case.cracks import EDGE_CRACK, HALF_PENNY, PATH
from fem_model.laws.kinetics import LAWS
from fem_model.materials import V_m
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import NUCLEUS, Tables, case
from fem_model.study.verification.runs import column

UM = 1e-6
TEMPERATURE = 298.15
EXCESS = 0.02
"""Share by which the current exceeds i_c where a tip moves by λ in `Finger.step_time`, if it takes none."""


@dataclass(frozen=True)
class Finger:
    """A filled flaw on a path: lengths in µm, K in MPa √m, p_c in MPa, R_ct in Ω cm²."""

    K: float = 0.2
    a: float = 10.0
    """Crack length of the law "fixed", of the others the least one."""
    R_ct: float = 10.0
    width: float = 6.0
    """W of the box."""
    law: str = "linear"
    alpha: float = 0.5
    closing: float = 0.0
    length: str = "fixed"
    """Law of the crack length."""
    breadth: float | None = None
    """Breadth of the box, in 3D."""
    depth: float = 12.0
    flaw: float = 3.0
    """Length of the flaw."""
    lam: float = 0.25
    cell: float = 1.0
    """Cell size over λ."""
    bulk: float | None = None
    """Cell size far from path and face; by default that of all others."""

    @property
    def label(self) -> str:
        """Name of the finger in the report."""
        crack = {"fixed": f"a = {self.a:g} µm", "height": "a = z", "relief": "a by relief"}[self.length]
        text = f"{self.K:g} MPa √m, {crack}, {self.R_ct:g} Ω cm², f = {self.free:.2f}, {self.law}"
        text += f" α = {self.alpha:g}" if self.law == "butler-volmer" else ""
        text += f", p_c = {self.closing:g} MPa" if self.closing else ""
        return text + (f", h = {self.cell:g} λ" if self.cell != 1 else "")

    @property
    def half_width(self) -> float:
        """w of path and flaw, µm."""
        return PATH * self.lam

    @property
    def factor(self) -> float:
        """Y."""
        return EDGE_CRACK if self.breadth is None else HALF_PENNY

    @property
    def free(self) -> float:
        """f, the share of the face that is free of the finger."""
        if self.breadth is None:
            return 1 - 2 * self.half_width / self.width
        area = math.pi * (self.half_width**2 + (math.pi**2 / 3 - 2) * self.lam**2)
        return 1 - area / (self.width * self.breadth)

    def crack_length(self, z: float) -> float:
        """a of a tip at the height z, µm, in 2D: between the sides, which mirror, it is one of an array."""
        relieved = self.width / (2 * math.pi * self.factor**2)
        return max({"fixed": self.a, "height": z, "relief": min(z, relieved)}[self.length], self.a)

    def resistance(self, a: float) -> float:
        """P at the crack length a (µm), V."""
        pressure = self.K / (self.factor * math.sqrt(math.pi * a * UM)) + self.closing
        return V_m / F * pressure * 1e6

    def current(self, affinity: float) -> float:
        """i_n, A/m²."""
        i0 = R * TEMPERATURE / (F * self.R_ct * 1e-4)
        return float(LAWS[self.law].current(affinity, i0, alpha=self.alpha, temperature=TEMPERATURE))

    def onset(self, z: float = 0.0) -> float:
        """i_c with the tip at the height z (µm), A/m²."""
        return self.free * self.current(self.resistance(self.crack_length(z)))

    def speed(self, eta: float, z: float = 0.0) -> float:
        """dz/dt of a tip at the height z, µm/s."""
        affinity = eta - self.resistance(self.crack_length(z))
        return V_m / F * self.current(max(affinity, 0.0)) / UM

    def step_time(self) -> float:
        """Time in which a tip moves by λ at EXCESS over the onset, s: λRF/(0.02 V_m P) by the linear law."""
        P, i = self.resistance(self.a), (1 + EXCESS) * self.onset()
        eta = brentq(lambda eta: self.free * self.current(eta) - i, P, 2 * P, xtol=1e-12 * P)
        return self.lam / self.speed(eta)

    def case(self, drive: Tables, time: Mapping[str, object], changes: Mapping[str, object]) -> Case:
        """The case under a drive, so changed."""
        box = {"width": f"{self.width} um", "depth": f"{self.depth} um"}
        if self.breadth is not None:
            box |= {"breadth": f"{self.breadth} um"}
        layers = [{"material": "B", "share": 0.5}, {"material": "B", "share": 0.5}]
        tables = {
            "microstructure": {"layout": "layers", "layers": layers, **box},
            "materials": {"B": {"sigma": "5000 S/m"}},
            "mesh": self._mesh(),
            "phase_field": {"lam": f"{self.lam} um", "capillarity": "none"},
            "kinetics": {"R_ct": f"{self.R_ct} ohm cm^2", "law": self.law, "alpha": self.alpha},
            "intrusion": {
                "toughness": f"{self.K} MPa m^0.5",
                "law": self.length,
                "length": f"{self.a} um",
                "closing_stress": f"{self.closing} MPa",
            },
            "anode": {"initial": self.initial()},
            "counter": {"kind": "fixed"},
            "drive": drive,
            "time": {"end": "100000 h", "outputs": 1, **time},
        }
        return case(NUCLEUS, tables | dict(changes))

    def initial(self, *positions: float) -> Tables:
        """Its lithium at the start, as a case has it; at other places than in the middle, µm."""
        shape = {"length": f"{self.flaw} um", "width": f"{2 * self.half_width} um"}
        if self.breadth is not None:
            shape |= {"across": f"{self.breadth / 2} um"}
        places = positions or (self.width / 2,)
        return {"kind": "flaws", "flaws": [{"position": f"{x} um", **shape} for x in places]}

    def _mesh(self) -> Tables:
        size = f"{self.cell * self.lam} um"
        if self.bulk is None:
            return {"cell_size_front": size, "cell_size_bulk": size}
        coarse = {"cell_size_bulk": f"{self.bulk} um", "front_height": f"{4 * self.lam} um"}
        return {"cell_size_front": size, "cell_size_boundary": size, **coarse}


def currents(steps: list[tuple[float, float]]) -> Tables:
    """The drive of steps at a current (A/m²) for a time (s) each."""
    return {"mode": "steps", "steps": [{"current": f"{i!r} A/m^2", "time": f"{t!r} s"} for i, t in steps]}


def by_stage(simulation: Simulation, name: str) -> Floats:
    """A column of the series at the start, and at the end of each stage."""
    stage, values = column(simulation, "stage"), column(simulation, name)
    ends = [values[stage == k][-1] for k in range(int(stage[-1]) + 1)]
    return np.array([values[0], *ends])
