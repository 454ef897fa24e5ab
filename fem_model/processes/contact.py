"""Voids at the faces of lithium electrodes: contact is lost as lithium is stripped, and comes back.

    ∂v/∂t = (V_m/F) (i_strip − i_heal),   v ≥ 0,   i → (1 − v/h_v) i          (see `laws.contact`)

v (m) is constant within each cell at a face; i_strip is what leaves the face there, per area of the face. On
plating voids are filled first. Lithium that creep brings to the face is of the electrode's own stock: the
ledger of the run has it in the foil, and V_m/F times the charge that has left a face is ∫v dA and what crept.
"""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Mapping
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.base.constants import F
from fem_model.base.errors import SolverError
from fem_model.base.outcome import Outcome
from fem_model.case import Case
from fem_model.case.expected import LEAST_CONTACT, VOID_CHANGE, VOID_SHARE
from fem_model.case.sections import FixedCounter
from fem_model.laws.contact import contact_share, grown
from fem_model.materials import V_m
from fem_model.numerics.algebra import AssembledVector, combine, total
from fem_model.processes.extras import Extras
from fem_model.processes.process import Process, Setting
from fem_model.processes.spaces import Spaces
from fem_model.processes.state import Field, Kept, Place, State

LOST = 1e-3
"""Share of a face in contact below which an electrode has lost it."""


class FaceVoids:
    """v at one electrode, and how much lithium has crept to its face (C)."""

    def __init__(self, spaces: Spaces, face: str, lost: float) -> None:
        self.spaces, self.face, self.lost, self.crept = spaces, face, lost, 0.0
        self.thickest = (1 - LEAST_CONTACT) * lost
        self.name, self.function = f"void_{face}", fem.Function(spaces.cells, name=f"void_{face}")
        q = ufl.TestFunction(spaces.cells)
        self.areas = AssembledVector(q * spaces.on_face(face)).assemble().copy()
        self.at_face = self.areas > 0
        self.area = total(spaces.comm, self.areas)

    @property
    def v(self) -> Floats:
        """Thickness of the voids in the owned cells, m."""
        values: Floats = self.function.x.array[: len(self.areas)]
        return values

    def stripping(self, current: Floats) -> Floats:
        """(V_m/F) i_strip of the owned cells, m/s, from the current into the electrode, A."""
        speed = np.zeros_like(self.areas)
        speed[self.at_face] = -V_m / F * current[self.at_face] / self.areas[self.at_face]
        return speed

    def after(self, speed: Floats, healing: float, dt: float) -> Floats:
        """v after a step with these speeds of stripping and healing, m/s."""
        moved: Floats = np.where(self.at_face, grown(self.v, dt * speed, dt * healing), 0.0)
        return moved

    def loses(self, speed: Floats, healing: float, dt: float) -> bool:
        """True if a step takes a cell of this rank beyond the loss of its contact."""
        beyond = (self.v < self.thickest) & (self.after(speed, healing, dt) >= self.lost)
        return bool(beyond.any())

    def step(self, speed: Floats, healing: float, dt: float) -> None:
        """One step; what leaves the face without a void has crept there (what comes and fills none, away)."""
        after = np.minimum(self.after(speed, healing, dt), self.thickest)
        self.crept += F / V_m * total(self.spaces.comm, self.areas * (dt * speed - (after - self.v)))
        self.v[:] = after
        self.function.x.scatter_forward()

    def fastest(self, speed: Floats) -> float:
        """Largest speed over what is left of h_v and over its share of h_v, 1/s, on this rank."""
        left = np.where(self.v < self.thickest, self.lost - self.v, np.inf)
        losing = np.maximum(speed, 0.0) / (VOID_SHARE * left)
        return float(np.maximum(losing, np.abs(speed) / (VOID_CHANGE * self.lost)).max(initial=0.0))

    def share(self) -> float:
        """Share of the face that is in contact. Collective."""
        return total(self.spaces.comm, self.areas * contact_share(self.v, self.lost)) / self.area

    def volume(self) -> float:
        """∫v dA, m³. Collective."""
        return total(self.spaces.comm, self.areas * self.v)

    def largest(self) -> float:
        """The largest v, m. Collective."""
        return float(combine(self.spaces.comm, self.v.max(initial=0.0, keepdims=True), MPI.MAX)[0])

    def focusing(self, current: Floats, smallest: float) -> float:
        """Largest over mean local current density, from the current into the electrode by the cells, A.

        0 for a current below the `smallest`. Collective.
        """
        whole = total(self.spaces.comm, current)
        if abs(whole) <= smallest:
            return 0.0
        local = current[self.at_face] / self.areas[self.at_face] * self.area / whole
        return float(combine(self.spaces.comm, local.max(initial=-np.inf, keepdims=True), MPI.MAX)[0])


class Voids(Process):
    """The voids at the anode, and at a counter electrode of lithium."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        case = setting.case
        assert case.voids is not None
        names = ["anode"] if isinstance(case.counter, FixedCounter) else ["anode", "counter"]
        self.faces = [FaceVoids(setting.spaces, name, case.voids.thickness) for name in names]
        self.healing = V_m / F * case.healing()

    @staticmethod
    def applies(case: Case, extras: Extras) -> bool:
        """True if contact can be lost."""
        return case.voids is not None and extras.electrodes

    def fields(self) -> list[Field]:
        """v of each face."""
        return [Field(f.name, f.function.x.array, Place.CELLS, Kept.SHARE, f.face) for f in self.faces]

    def numbers(self) -> dict[str, float]:
        """Charge of the lithium that has crept to each face, C."""
        return {f"crept_{f.face}": f.crept for f in self.faces}

    def take_up(self, state: State) -> None:
        """Go on from a state."""
        for face in self.faces:
            face.crept = state.numbers[f"crept_{face.face}"]

    def contact_factor(self, face: str) -> Any:
        """1 − v/h_v."""
        return next((contact_share(f.function, f.lost) for f in self.faces if f.face == face), 1.0)

    def rates(self, faces: Mapping[str, Floats]) -> list[Field]:
        """(V_m/F) i_strip of each face, m/s."""
        speeds = [(f, f.stripping(faces[f.face])) for f in self.faces]
        return [Field(f.name, speed, Place.CELLS, Kept.RATE, f.face) for f, speed in speeds]

    def limit(self, rates: Mapping[str, Floats]) -> float:
        """Largest step, s: by v over h_v, and over what is left of the contact where most is lost."""
        local = [f.fastest(rates[f.name]) for f in self.faces]
        fastest = combine(self.setting.spaces.comm, np.array(local), MPI.MAX).max()
        return float(1 / fastest) if fastest > 0 else np.inf

    def allows(self, rates: Mapping[str, Floats], dt: float) -> bool:
        """True if all v stay below h_v. Collective."""
        beyond = any(f.loses(rates[f.name], self.healing, dt) for f in self.faces)
        return not self.setting.spaces.comm.allreduce(beyond, op=MPI.LOR)

    def advance(self, rates: Mapping[str, Floats], dt: float) -> None:
        """One step. SolverError if a cell would lose more contact than it has."""
        if not self.allows(rates, dt):
            raise SolverError("voids would grow beyond the thickness at which contact is lost")
        for face in self.faces:
            face.step(rates[face.name], self.healing, dt)

    def output(self) -> list[fem.Function]:
        """v of each face, m."""
        return [face.function for face in self.faces]

    def ending(self) -> Outcome | None:
        """An electrode that has lost its contact."""
        lost = [face.face for face in self.faces if face.share() < LOST]
        text = f"the {' and the '.join(lost)} lost contact: voids leave less than {LOST:.1%} of the face"
        return Outcome("contact_lost", text) if lost else None
