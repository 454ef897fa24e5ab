"""The equations of a case on a domain: its processes, put together."""

import fem_model._dolfinx_first  # noqa: F401

from dolfinx import fem

from fem_model.base.log import Stages
from fem_model.case import Case
from fem_model.mesh.domain import Domain
from fem_model.physics.cracks import Cracks
from fem_model.processes.averages import FrontAverage
from fem_model.processes.charge import Charge
from fem_model.processes.contact import Voids
from fem_model.processes.electrodes import Electrodes
from fem_model.processes.extras import Extras
from fem_model.processes.fracture import Fracture
from fem_model.processes.front import Front
from fem_model.processes.interphase import Interphase
from fem_model.processes.metal import Metal
from fem_model.processes.process import Process, Setting
from fem_model.processes.reaction import Reactions
from fem_model.processes.resistance import ConstantPressure, Resistance, WithProducts
from fem_model.processes.spaces import Spaces
from fem_model.processes.state import Part

PROCESSES: tuple[type[Process], ...] = (Reactions, Voids, Interphase)
"""Processes that a case can have beside charge and front, in the order in which they are asked."""


class Model:
    """Charge conservation, the front, and the other processes of a case.

    `parts` are those with a share in the state; what is solved for, and when, is up to the engine.
    """

    def __init__(
        self, domain: Domain, case: Case, extras: Extras | None = None, stages: Stages | None = None
    ) -> None:
        self.domain, self.case, self.extras = domain, case, extras or Extras()
        stages = stages or Stages()
        self.spaces = Spaces(domain, case.mesh.degree)
        self.cracks = Cracks(domain, case)
        everywhere = self.extras.phase is not None
        self.front = Front(self.spaces, case, self.cracks, everywhere=everywhere)
        self.average = FrontAverage(self.front, stages)
        self.metal = Metal(self.spaces, case)
        phi = self.spaces.nodal("phi")
        foil_open = self.spaces.constant(1.0)
        setting = Setting(self.spaces, case, self.front, self.average, phi, self.metal, stages, foil_open)
        self.processes = setting.processes
        self.processes.extend(process(setting) for process in PROCESSES if process.applies(case, self.extras))
        self.charge = Charge(setting, self.extras)
        self.bare_resistance = self._resistance(stages)
        self.resistance = WithProducts(self.bare_resistance, self.processes)
        self.electrodes = Electrodes(setting, self.resistance, self.extras)
        self.parts: list[Part] = [self.front, self.charge, self.metal, self.bare_resistance, *self.processes]

    def _resistance(self, stages: Stages) -> Resistance:
        section, paths = self.case.intrusion, self.cracks.paths
        if section is None or paths is None:
            return ConstantPressure(self.spaces, self.case)
        return Fracture(section, self.front, paths, self.average, stages)

    @property
    def voids(self) -> Voids | None:
        """The voids at the electrodes, if the case can lose contact."""
        return next((p for p in self.processes if isinstance(p, Voids)), None)

    @property
    def interphase(self) -> Interphase | None:
        """Product at the foil, if anything reacts with it."""
        return next((p for p in self.processes if isinstance(p, Interphase)), None)

    @property
    def reactions(self) -> Reactions | None:
        """The reactions with the electrolyte, if the case has any."""
        return next((p for p in self.processes if isinstance(p, Reactions)), None)

    @property
    def conversion(self) -> fem.Function:
        """z of a case with reactions."""
        assert self.reactions is not None
        return self.reactions.forms.conversion
