"""A flat front in 3D, in a rod: its current at rest and its speed under a prescribed current."""

from mpi4py import MPI

from fem_model.study.verification.entry import Check, Entry, Report
from fem_model.study.verification.flat_front import SIGMAS, Flat, current_entry, first_current
from fem_model.study.verification.front_speed import PECLETS, draw_motions, moved

NAME = "flat_front_3d"
ROD = {"microstructure.breadth": "2 um", "mesh.cell_size_bulk": "4 um"}
"""Changes of FILM: a rod with sides of 2 µm."""
FRONT_STEP = 0.2
"""v Δt/λ."""
TOLERANCE = 1e-3
"""Tolerance of the current."""


def at_rest(comm: MPI.Comm, sigma: float) -> Entry:
    """The current under a voltage."""
    front = Flat(sigma=sigma, more=ROD)
    name = f"{NAME}/σ = {sigma:g} S/m"
    return current_entry(name, front.exact(), first_current(comm, front.changes()), TOLERANCE)


def run(comm: MPI.Comm, full: bool) -> Report:
    """Runs at five conductivities, and at two mobilities."""
    currents = [at_rest(comm, sigma) for sigma in SIGMAS]
    motions = [moved(comm, peclet, front_step=FRONT_STEP, more=ROD) for peclet in PECLETS]
    speeds = [entry for motion in motions for entry in motion.entries(NAME)]
    return Report((*currents, *speeds), draw_motions(motions))


CHECK = Check(
    NAME,
    "The same in a rod: current of a flat front at rest, and V_m i/F under a prescribed current density.",
    run,
)
