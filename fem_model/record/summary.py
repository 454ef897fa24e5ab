"""Content of summary.json."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mpi4py import MPI

from fem_model.base.log import Stages
from fem_model.engine.clock import Clock
from fem_model.record.landmarks import Landmarks
from fem_model.record.memory import peak_memory
from fem_model.record.observables.balance import ERROR
from fem_model.record.observables.charges import PASSED, THROUGHPUT
from fem_model.record.observables.column import Column
from fem_model.record.observables.lithium import LI_SHARE
from fem_model.record.observables.observable import Subject
from fem_model.record.observables.plating import CURRENT_SHARE
from fem_model.record.observables.registry import columns
from fem_model.record.observables.tips import TIP, TIP_IN
from fem_model.record.observables.voltage import CURRENT, VOLTAGE


@dataclass(frozen=True)
class Summary:
    """A run in a few numbers: of its last row, of its landmarks, and of what it took."""

    subject: Subject
    landmarks: Landmarks
    last: Mapping[str, Any]
    """The last row; of an instant without a potential the tips alone."""

    def told(self, clock: Clock, status: str, reason: str, stages: Stages) -> dict[str, Any]:
        """All keys in their order. Collective."""
        drop, passed = self.subject.schedule.voltage_drop, self.last.get(CURRENT.name)
        return {
            "status": status,
            "reason": reason,
            "t_end_s": clock.t,
            "steps": clock.step,
            "rejected": clock.rejected,
            **self._course(),
            **self.landmarks.summary(status == "short_circuit", drop, passed),
            **self._protocol(),
            **self._charges(),
            **self._effort(stages),
        }

    def _course(self) -> dict[str, Any]:
        """Tips, shares and voltage."""
        return {
            TIP.name: self.last.get(TIP.name, 0.0),
            "tip_by_phase_m": self._by_phase(TIP_IN),
            "li_share_by_phase": self._by_phase(LI_SHARE),
            "current_share_by_phase": self._by_phase(CURRENT_SHARE),
            VOLTAGE.name: self.last.get(VOLTAGE.name),
        }

    def _by_phase(self, column: Column) -> dict[str, float]:
        return {name: self.last.get(column.of(name).name, 0.0) for name in self.subject.materials}

    def _protocol(self) -> dict[str, Any]:
        """Stage by stage, where there are several."""
        schedule = self.subject.schedule
        return {"stages": list(map(asdict, schedule.results))} if len(schedule.stages) > 1 else {}

    def _charges(self) -> dict[str, float]:
        """The ledger as it is now, and the last values of columns that ask for it."""
        ledger, model = self.subject.ledger, self.subject.model
        chosen = [c.name for c in columns(model.case, self.subject.materials) if c.in_summary]
        return {
            PASSED.name: ledger.passed / model.spaces.area,
            THROUGHPUT.name: ledger.throughput / model.spaces.area,
            **{name: self.last[name] for name in chosen if name in self.last},
            ERROR.name: ledger.worst,
        }

    def _effort(self, stages: Stages) -> dict[str, Any]:
        """Size, memory and time."""
        mesh, space = self.subject.model.domain.mesh, self.subject.model.spaces.V
        unknowns = 2 * space.dofmap.index_map.size_global
        memory = mesh.comm.allreduce(peak_memory(), op=MPI.SUM)
        return {
            "num_dofs": unknowns,
            "num_cells": mesh.topology.index_map(mesh.topology.dim).size_global,
            "ranks": mesh.comm.size,
            "peak_memory_B": memory,
            "memory_per_unknown_B": memory / unknowns,
            "wall_s": mesh.comm.allreduce(stages.total(), op=MPI.MAX),
            "time_by_stage_s": {k: round(v, 4) for k, v in stages.seconds.items()},
        }
