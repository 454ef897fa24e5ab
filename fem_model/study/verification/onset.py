"""The search for an onset against closed forms, and against runs, in steps of 2 % of the current.

In a box with one flaw the onset is i_c = f i_n(P) (see `finger`). Between grains, where K scatters and a flaw
ends at a junction, it is what runs say: a staircase of currents about the one that was found, in steps so
long that a front moves by λ where η exceeds P by 2 %. The flaw runs in the first step in which its front
moves by RUNS λ anywhere above the mouth.
"""

from dataclasses import dataclass

import numpy as np
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.base.constants import F
from fem_model.case import Case
from fem_model.materials import V_m
from fem_model.simulation import Simulation
from fem_model.study.onset import MOUTH, Onset, onsets
from fem_model.study.verification.cases import NUCLEUS, Tables, case
from fem_model.study.verification.entry import Check, Entry, Report, absolute, relative
from fem_model.study.verification.finger import EXCESS, Finger, currents
from fem_model.study.verification.intrusion import FEW, LEVELS, MORE, RUNS
from fem_model.study.verification.runs import instants

NAME = "onset"
CLOSED_FORM_TOLERANCE = 2e-3
STEP = 0.02
"""Distance of the levels of the current, over that found."""
NEAR = 2.0
"""Distance from the front over λ up to which the way of it is read off the nodes."""
R_CT = 1e-3
"""Resistance of the charge transfer between grains, Ω m²."""
STILL = {"mode": "galvanostatic", "current": "0.1 mA/cm^2"}
"""A drive under which nothing runs."""


@dataclass(frozen=True)
class Grains:
    """A flaw along the boundary of grains of one electrolyte, or of LPSC1.0 with a fifth of LGPS."""

    seed: int
    mixed: bool = False
    lam: float = 0.3

    @property
    def label(self) -> str:
        """Name in entries."""
        return f"grains {self.seed}" + (" with LGPS" if self.mixed else "")

    def case(self, drive: Tables) -> Case:
        """The case under a drive."""
        kinds = [("LPSC1.0", 0.8, 4.0), ("LGPS" if self.mixed else "LPSC1.0", 0.2, 3.0)]
        grains = [{"material": name, "mass_share": part, "size": f"{d} um"} for name, part, d in kinds]
        size = f"{self.lam} um"
        mesh = {"cell_size_front": size, "cell_size_boundary": size, "cell_size_bulk": "1 um"}
        flaw = {"position": "7 um", "direction": "boundary"}
        tables = {
            "microstructure": {
                "layout": "particles",
                "width": "14 um",
                "depth": "12 um",
                "seed": self.seed,
                "grains": grains,
            },
            "materials": {},
            "mesh": mesh | {"front_height": "0.5 um"},
            "phase_field": {"lam": size},
            "kinetics": {"R_ct": f"{R_CT * 1e4} ohm cm^2"},
            "intrusion": {"toughness": "0.23 MPa m^0.5", "scatter": 4, "seed": self.seed},
            "anode": {"initial": {"kind": "flaws", "flaws": [flaw]}},
            "drive": drive,
            "time": {"end": "100000 h", "outputs": 1},
        }
        return case(NUCLEUS, tables)


SAMPLES = tuple(Grains(seed, mixed) for seed in range(1, 8) for mixed in (False, True))


@dataclass(frozen=True)
class Compared:
    """An onset that was searched for, and the way (over λ) of the front in each step of a run."""

    grains: Grains
    found: Onset
    way: Floats

    def entry(self) -> Entry:
        """The middle of the step up to the first current at which it runs, over that found."""
        running = np.flatnonzero(self.way > RUNS)
        level = LEVELS[running[0]] - STEP / 2 if len(running) else np.nan
        name, tolerance = f"{NAME}/{self.grains.label}", STEP * (1 + 1e-9)
        return absolute(name, "current from which a run sees it run, over that found", 1.0, level, tolerance)


def compare(comm: MPI.Comm, grains: Grains) -> Compared:
    """The search and the run."""
    (found,) = onsets(grains.case(STILL), comm)
    speed = V_m / F * EXCESS * found.overpotential_V / R_CT
    time = grains.lam * 1e-6 / speed
    drive = currents([(level * found.current_density_A_m2, time) for level in LEVELS])
    return Compared(grains, found, _way(Simulation(grains.case(drive), comm)))


def _way(simulation: Simulation) -> Floats:
    """Farthest way of the front above the mouth, over λ, in each step up to the first in which it runs."""
    ways: list[float] = []
    n = simulation.model.front.distance.x.array
    before = n.copy()
    for _ in instants(simulation):
        if simulation.schedule.results[-1].stage > len(ways):
            ways.append(_farthest(simulation, before))
            before = n.copy()
            if ways[-1] > RUNS:
                return np.array(ways)
    return np.array([*ways, _farthest(simulation, before)])


def _farthest(simulation: Simulation, before: Floats) -> float:
    """The farthest way of the front above the mouth since its distance was `before`, over λ. Collective."""
    spaces, front = simulation.model.spaces, simulation.model.front
    section, lam, n = simulation.case.intrusion, front.section.lam, front.distance.x.array
    assert section is not None and section.half_width is not None
    height = spaces.V.tabulate_dof_coordinates()[:, spaces.axis]
    near = (height > MOUTH * section.half_width) & (np.abs(n) < NEAR * lam)
    way = float((before - n)[near].max(initial=0.0))
    return float(simulation.comm.allreduce(way, op=MPI.MAX)) / lam


def _in_a_box(comm: MPI.Comm, finger: Finger) -> Entry:
    """The onset of a finger against its closed form."""
    (found,) = onsets(finger.case(STILL, {}, {}), comm)
    i, name = finger.onset(), f"{NAME}/{finger.label}"
    return relative(name, "onset", i, found.current_density_A_m2, CLOSED_FORM_TOLERANCE, "A/m²")


def run(comm: MPI.Comm, full: bool) -> Report:
    """Onsets in boxes, and between grains."""
    entries = [_in_a_box(comm, finger) for finger in (*FEW, *(MORE if full else ()))]
    entries += [compare(comm, sample).entry() for sample in (SAMPLES if full else SAMPLES[:1])]
    return Report(tuple(entries))


CHECK = Check(
    NAME,
    "The current from which a flaw runs, searched for without a run, is i_c = f i_n(P) in a box, and between "
    "grains that of runs in steps of 2 % of the current.",
    run,
)
