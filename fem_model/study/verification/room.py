"""A flat front in an electrolyte of which lithium takes only a share ρ, the room.

A front that reacts at the current density i moves at V_m i/(Fρ). Where ρ differs from material to material it
changes as S of the step does, over the length ℓ = ROOM_CHANGE λ: with s the height above the change

    ρ = ρ₁ + (ρ₂ − ρ₁) [1 − ½ exp(−s/ℓ)] for s > 0,   ρ₁ + (ρ₂ − ρ₁) ½ exp(s/ℓ) for s < 0,

and a sharp front is where ∫ρ dy = V_m i t/F. A diffuse one lags or leads within the change, where what is
missing behind it weighs more or less than what is ahead of it, and is there again some way behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.base.constants import F
from fem_model.materials import V_m
from fem_model.plot.palette import colour
from fem_model.plot.style import GREY, STYLE, TITLE_SIZE
from fem_model.processes.extras import Extras
from fem_model.processes.front import ROOM_CHANGE
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import FILM, Tables, case
from fem_model.study.verification.entry import Check, Entry, Report, below, relative
from fem_model.study.verification.orders import PANEL
from fem_model.study.verification.runs import column, finished

NAME = "room"
UM = 1e-6
LAM, FRONT = UM, 20 * UM
"""λ, and the height at the start, m."""
CURRENT = 10.0  # A/m²
SPEED = V_m * CURRENT / F
"""Speed of a front with all the room, m/s."""
ROOMS = (1.0, 0.1, 0.02)
CHANGES = ((0.1, 1.0), (1.0, 0.1))
"""Rooms below and above the change: into a pore, and out of one."""
MORE = ((0.5, 1.0), (1.0, 0.5), (0.02, 1.0))
"""Further ones in full."""
CHANGE = 30 * UM
"""Height of the change, m."""
WAY, BEHIND = 24 * UM, 12 * UM
"""Way of the front, and how far beyond the change it is looked at, m."""
SPEED_TOLERANCE, MESH_TOLERANCE, LEDGER, CONTOUR = 1e-4, 1e-3, 1e-10, 0.2
"""MESH_TOLERANCE is that of the speed in a rod, where no two cells are alike."""


def travel(comm: MPI.Comm, more: Tables, way: float, dim: int) -> Simulation:
    """A flat front that reacts at CURRENT until it has passed the lithium of a `way` (m) of full room."""
    size, step = ("0.4 um", 0.1) if dim == 2 else ("0.5 um", 0.2)
    changes: Tables = {
        "microstructure.depth": "60 um",
        "mesh": {"cell_size_front": size, "cell_size_bulk": "4 um", "front_height": "50 um"},
        "time": {"end": f"{way / SPEED} s", "outputs": 1, "front_step": step},
        **more,
    }
    if dim == 3:
        changes["microstructure.breadth"] = "2 um"
    return finished(case(FILM, changes), comm, Extras(front_current=CURRENT, electrodes=False))


@dataclass(frozen=True)
class Uniform:
    """A front where the room is the same everywhere: its speed, m/s, and the error of the ledger."""

    room: float
    dim: int
    speed: float
    faraday: float

    def entries(self, reference: "Uniform") -> list[Entry]:
        """Speed and ledger; the speed against that with all the room on the same mesh as well."""
        name = f"{NAME}/{self.dim}D, ρ = {self.room:g}"
        tolerance = SPEED_TOLERANCE if self.dim == 2 else MESH_TOLERANCE
        exact = SPEED / self.room
        entries = [relative(name, "speed", exact, self.speed, tolerance, "m/s")]
        if self is not reference:
            scaled = reference.speed / self.room
            entries.append(
                relative(name, "speed, of that at ρ = 1 over ρ", scaled, self.speed, SPEED_TOLERANCE, "m/s")
            )
        return [*entries, below(name, "error of the ledger", LEDGER, self.faraday)]


def uniform(comm: MPI.Comm, room: float, dim: int) -> Uniform:
    """The run, over 20 λ; the speed is that of the last three quarters without the last, shorter step."""
    found = travel(comm, {"phase_field.room": room}, 20 * LAM * room, dim)
    t, height = column(found, "t_s")[:-1], column(found, "tip_m")[:-1]
    late = t >= 0.25 * t[-1]
    speed = float(np.polyfit(t[late], height[late], 1)[0])
    return Uniform(room, dim, speed, float(column(found, "faraday_error").max()))


@dataclass(frozen=True)
class Passage:
    """A front that goes from one room into another: its height (m), and its way off a sharp one over λ."""

    rooms: tuple[float, float]
    dim: int
    height: Floats
    off: Floats
    faraday: float

    @property
    def label(self) -> str:
        """Name of the passage in the report."""
        return "{:g} → {:g}".format(*self.rooms)

    def entries(self) -> list[Entry]:
        """Off beyond the change, and ledger."""
        name = f"{NAME}/{self.dim}D, ρ = {self.label}"
        off = np.interp(CHANGE + BEHIND, self.height, self.off)
        return [
            below(
                name, f"ξ = ½ off a sharp front {BEHIND / LAM:g} λ behind the change, over λ", CONTOUR, off
            ),
            below(name, "error of the ledger", LEDGER, self.faraday),
        ]


def taken(rooms: tuple[float, float], height: Floats) -> Floats:
    """∫ρ dy from the start to heights (m), m."""

    def integral(y: Floats) -> Floats:
        s, length = y - CHANGE, ROOM_CHANGE * LAM
        side = np.where(s < 0, rooms[0], rooms[1])
        return np.asarray(side * s + (rooms[1] - rooms[0]) * length / 2 * np.exp(-np.abs(s) / length))

    return integral(height) - integral(np.array(FRONT))


def passage(comm: MPI.Comm, rooms: tuple[float, float], dim: int) -> Passage:
    """The run."""
    shares = CHANGE / (60 * UM)
    layers = [{"material": "E", "share": shares}, {"material": "G", "share": 1 - shares}]
    materials = {name: {"sigma": "0.357 S/m", "room": room} for name, room in zip("EG", rooms, strict=True)}
    more: Tables = {
        "microstructure.layers": layers,
        "microstructure.bands": "horizontal",
        "materials": materials,
    }
    found = travel(comm, more, float(taken(rooms, np.array(FRONT + WAY))), dim)
    t, height = column(found, "t_s"), column(found, "tip_m")
    fine = np.linspace(FRONT, 55 * UM, 20_000)
    sharp = np.interp(SPEED * t, taken(rooms, fine), fine)
    return Passage(rooms, dim, height, (height - sharp) / LAM, float(column(found, "faraday_error").max()))


def run(comm: MPI.Comm, full: bool) -> Report:
    """The same room everywhere, and changes of it, in 2D and 3D."""
    entries = []
    for dim in (2, 3):
        reference = uniform(comm, ROOMS[0], dim)
        others = [uniform(comm, room, dim) for room in (ROOMS[1:] if dim == 2 or full else ROOMS[1:2])]
        entries += [entry for found in (reference, *others) for entry in found.entries(reference)]
    passages = [passage(comm, rooms, 2) for rooms in (*CHANGES, *(MORE if full else ()))]
    passages += [passage(comm, CHANGES[0], 3)] if full else []
    entries += [entry for found in passages for entry in found.entries()]
    return Report(tuple(entries), _draw(passages) if comm.rank == 0 else None)


@rc_context(STYLE)
def _draw(passages: Sequence[Passage]) -> Figure:
    figure = Figure(figsize=PANEL, layout="constrained")
    axes = figure.subplots()
    for k, found in enumerate(passages):
        label = f"{found.label}, {found.dim}D"
        axes.plot((found.height - CHANGE) / LAM, found.off, color=colour(k), lw=1, label=label)
    for level in (-CONTOUR, CONTOUR):
        axes.axhline(level, color=GREY, ls=":", lw=1)
    axes.set(xlabel="Height above the change over λ", ylabel="ξ = ½ less a sharp front, over λ")
    axes.set_title("Through a change of the room ρ", fontsize=TITLE_SIZE)
    axes.legend()
    return figure


CHECK = Check(
    NAME,
    "A front that reacts at i moves at V_m i/(Fρ) where lithium takes the share ρ of the volume, and is at "
    "∫ρ dy = V_m i t/F behind a change of ρ, in 2D and 3D.",
    run,
)
