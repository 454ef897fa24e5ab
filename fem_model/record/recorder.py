"""Turns a model in time into rows, fields and a summary; writes them if there is a folder to write to."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from mpi4py import MPI

from fem_model.base.atomic import cleared, make_folder, make_own, require_no_link, write_json, write_text
from fem_model.base.constants import F
from fem_model.base.log import Stages, log_to_file
from fem_model.case import Case, case_to_toml
from fem_model.materials import V_m, column_name
from fem_model.mesh.parallel import from_root, on_root
from fem_model.physics.model import DendriteModel
from fem_model.protocol.schedule import Schedule
from fem_model.record.checkpoint_files import drop_all
from fem_model.record.fields import FieldWriter, outputs_before
from fem_model.record.landmarks import Landmarks
from fem_model.record.ledger import Ledger
from fem_model.record.manifest import add_wall_time, manifest
from fem_model.record.measures import Measures, Snapshot
from fem_model.record.memory import peak_memory
from fem_model.record.output_fields import OutputFields
from fem_model.record.progress import ProgressView
from fem_model.record.series import Series
from fem_model.solve.stepper import Stepper

Row = dict[str, Any]

RESULTS = ("summary.json", "fields.xdmf", "fields.h5", "run.log", "series.csv")
"""What a new run replaces before it starts."""
APPENDED = ("series.csv", "fields.h5", "run.log")
"""What a resumed run goes on with."""
ROUND_OFF = 1e-12
"""Growth of the lithium, over all that is there, below which it is none."""
SEEN = 1e-9
"""Thickness of lithium (m) over the anode, the charge of which nothing smaller is compared with."""
LAST_KEYS = (
    "charge_reacted_C_m2", "charge_dead_C_m2", "alloy_fraction_interface", "alloy_fraction_total"
)  # fmt: skip
"""Columns that a case may lack, the last of which the summary tells."""


@dataclass
class Clock:
    """Where the loop stands: time and last step (s), counts."""

    t: float = 0.0
    dt: float = 0.0
    step: int = 0
    rejected: int = 0


class Recorder:
    """Observes a run. Every method is collective; files are written by rank 0 (fields by all)."""

    def __init__(
        self,
        model: DendriteModel,
        stepper: Stepper,
        schedule: Schedule,
        stages: Stages,
        folder: Path | None,
        resumed: bool = False,
    ) -> None:
        self.model, self.stepper, self.schedule = model, stepper, schedule
        self.stages, self.folder = stages, folder
        case, comm = model.case, model.domain.mesh.comm
        self.comm, self.root = comm, comm.rank == 0
        self.measures = Measures(model)
        self.phases = [column_name(name) for name in self.measures.names]
        foil, least = (d * model.area * F / V_m for d in (case.anode.foil_thickness, SEEN))
        self.ledger = Ledger(foil, least, float(self.measures.start.sum()))
        per_volume = F / V_m / model.area
        gap = per_volume * (self.measures.room() - self.ledger.start)
        paths = model.cracks.paths
        rise = 2 * paths.half_width if paths else case.phase_field.lam
        self.landmarks = Landmarks(rise, gap)
        self.rows: list[Row] = []
        self._seen = (0, 0)
        self.fields: FieldWriter | None = None
        self.series: Series | None = None
        self.progress: ProgressView | None = None
        if folder and not resumed:
            self._open(case, folder)

    def state(self) -> dict[str, Any]:
        """What `reopen` needs to go on."""
        return {
            "ledger": asdict(self.ledger),
            "landmarks": asdict(self.landmarks),
            "start": self.measures.start.tolist(),
        }

    def reopen(self, state: Mapping[str, Any], clock: Clock) -> None:
        """Go on with the files of an interrupted run from the instant of `clock`. Collective."""
        folder = self.folder
        assert folder is not None
        vars(self.ledger).update(state["ledger"])
        self.landmarks = Landmarks(**state["landmarks"])
        self.measures.start = np.array(state["start"])
        self.stepper.open_foil(self.ledger.foil_left > 0)

        def take_up() -> None:
            _require_own_folders(folder)
            for name in APPENDED:
                make_own(folder / name)
            cleared(folder / "summary.json")  # of the end that it came to before
            write_text(folder / "case.toml", case_to_toml(self.model.case))
            log_to_file(folder / "run.log")
            Series.cut(folder / "series.csv", clock.step)
            self.series = Series(folder / "series.csv", append=True)
            self.progress = ProgressView(self.model.case.time.end, clock.t)

        on_root(self.comm, take_up)
        outputs = from_root(self.comm, lambda: outputs_before(folder, clock.t))
        self.fields = FieldWriter(folder, self.comm, outputs)

    def _open(self, case: Case, folder: Path) -> None:
        on_root(self.comm, lambda: _empty(folder))
        self.fields = FieldWriter(folder, self.comm)

        def write() -> None:
            log_to_file(folder / "run.log")
            write_text(folder / "case.toml", case_to_toml(case))
            seed = getattr(case.microstructure, "seed", None)
            domain = self.model.domain
            made = manifest(self.comm.size, seed, domain.materials, domain.fingerprints)
            write_json(folder / "manifest.json", made)
            self.series = Series(folder / "series.csv")
            self.progress = ProgressView(case.time.end)

        on_root(self.comm, write)

    def look(self) -> Snapshot:
        """Measure the instant."""
        with self.stages("measures"):
            self.now = self.measures.snapshot(self.stepper.cell_current())
        return self.now

    def record(self, clock: Clock) -> Row:
        """Add the row of the instant last looked at, and return it."""
        with self.stages("measures"):
            snapshot = self.now
            reacted = snapshot.alloy.charge if snapshot.alloy else 0.0
            self.ledger.measure(float(snapshot.lithium.sum()), reacted)
            row = self._row(clock, snapshot)
        self.rows.append(row)
        self.landmarks.watch(row)
        if self.series:
            self.series.add(row)
        if self.progress:
            self.progress.update(clock.t, clock.step, row["tip_m"], row["voltage_V"])
        return row

    def _row(self, clock: Clock, now: Snapshot) -> Row:
        ledger, area, passed = self.ledger, self.model.area, self.stepper.passed_current()
        grown = now.lithium - self.measures.start
        grown[abs(grown) <= ROUND_OFF * now.lithium.sum()] = 0.0
        newton, linear = self.stepper.iterations()
        row: Row = {
            "step": clock.step,
            **({"stage": self.schedule.results[-1].stage} if len(self.schedule.stages) > 1 else {}),
            "t_s": clock.t,
            "dt_s": clock.dt,
            "current_density_A_m2": passed / area,
            "voltage_V": self.schedule.voltage(float(self.model.phi_metal.value), passed),
            **self._voltages(passed),
            "charge_C_m2": ledger.passed / area,
            "charge_throughput_C_m2": ledger.throughput / area,
            "charge_foil_C_m2": ledger.foil / area,
            "charge_metal_C_m2": ledger.metal / area,
            "charge_beyond_bounds_C_m2": F / V_m * now.beyond / area,
            "tip_m": float(now.tip.max()),
            **{f"tip_{p}_m": float(tip) for p, tip in zip(self.phases, now.tip, strict=True)},
            "li_volume_m3": float(now.lithium.sum()),
            **_shares("li_share", self.phases, grown),
            **_shares("current_share", self.phases, now.current),
            **self._dead(),
            **self._alloy(now),
            "faraday_error": ledger.error,
            "newton_iterations": newton - self._seen[0],
            "linear_iterations": linear - self._seen[1],
            "rejected": clock.rejected,
        }
        self._seen = newton, linear
        return row

    def _dead(self) -> Row:
        """Lithium that is cut off, a part of the metal, and the islands that hold it, if they float."""
        if not self.model.islands_float:
            return {}
        islands = self.stepper.potential.border.islands
        charge = F / V_m * self.measures.dead(islands)
        return {"islands": len(islands), "charge_dead_C_m2": charge / self.model.area}

    def _alloy(self, now: Snapshot) -> Row:
        """What the reactions with the electrolyte have done, where the case has any."""
        if now.alloy is None:
            return {}
        touched = zip(self.phases, now.alloy.surface, strict=True)
        return {
            "charge_reacted_C_m2": self.ledger.reacted / self.model.area,
            "alloy_fraction_interface": now.alloy.interface,
            "alloy_fraction_total": now.alloy.total,
            **{f"surface_share_{phase}": float(share) for phase, share in touched},
            "surface_share_interphase": now.alloy.interphase,
        }

    def _voltages(self, passed: float) -> Row:
        """Parts of the voltage: those that the case has; `passed` is the current, A."""
        anode, ohmic, counter = self.stepper.potential.voltage_split()
        row = {"overpotential_anode_V": anode, "ohmic_V": ohmic}
        parts = zip(("capillary_V", "pressure_V"), self.stepper.potential.front_split(), strict=True)
        row |= {name: value for name, value in parts if value is not None}
        if self.model.has_counter_reaction:
            row["overpotential_counter_V"] = counter
        if (resistance := self.schedule.series_resistance) > 0:
            row["series_V"] = resistance * passed / self.model.area
        return row

    @cached_property
    def output_fields(self) -> OutputFields:
        """What is written of the model."""
        return OutputFields(self.model)

    def save_fields(self, t: float) -> None:
        """Write ξ, φ and the current density, unless they are there for this time already."""
        if self.fields and not self.fields.has(t):
            with self.stages("output"):
                self.fields.write(t, self.model.domain, self.output_fields.now())

    def finish(self, clock: Clock, status: str, reason: str) -> dict[str, Any]:
        """Close the files and write the summary, which is also returned."""
        summary = self._summary(clock, status, reason)
        if self.root and self.folder:
            write_json(self.folder / "summary.json", summary)
            add_wall_time(self.folder, summary["wall_s"])
        if self.series and self.progress:
            self.series.close()
            self.progress.close()
        return summary

    def _unsolved(self) -> Row:
        """What is known of an instant whose potential has not been found."""
        tips = self.measures.tips()
        named = {f"tip_{p}_m": float(tip) for p, tip in zip(self.phases, tips, strict=True)}
        return {"tip_m": float(tips.max()), **named}

    def _summary(self, clock: Clock, status: str, reason: str) -> dict[str, Any]:
        last: Row = self.rows[-1] if self.rows else self._unsolved()
        model = self.model
        topology = model.domain.mesh.topology
        unknowns = 2 * model.V.dofmap.index_map.size_global
        memory = self.comm.allreduce(peak_memory(), op=MPI.SUM)
        passed = last.get("current_density_A_m2")

        def by_phase(stem: str, end: str = "") -> dict[str, float]:
            columns = zip(self.measures.names, self.phases, strict=True)
            return {name: last.get(f"{stem}_{phase}{end}", 0.0) for name, phase in columns}

        return {
            "status": status,
            "reason": reason,
            "t_end_s": clock.t,
            "steps": clock.step,
            "rejected": clock.rejected,
            "tip_m": last.get("tip_m", 0.0),
            "tip_by_phase_m": by_phase("tip", "_m"),
            "li_share_by_phase": by_phase("li_share"),
            "current_share_by_phase": by_phase("current_share"),
            "voltage_V": last.get("voltage_V"),
            **self.landmarks.summary(status == "short_circuit", self.schedule.voltage_drop, passed),
            **self._protocol(),
            "charge_C_m2": self.ledger.passed / model.area,
            "charge_throughput_C_m2": self.ledger.throughput / model.area,
            **{key: last[key] for key in LAST_KEYS if key in last},
            "faraday_error": self.ledger.worst,
            "num_dofs": unknowns,
            "num_cells": topology.index_map(topology.dim).size_global,
            "ranks": self.comm.size,
            "peak_memory_B": memory,
            "memory_per_unknown_B": memory / unknowns,
            "wall_s": self.comm.allreduce(self.stages.total(), op=MPI.MAX),
            "time_by_stage_s": {k: round(v, 4) for k, v in self.stages.seconds.items()},
        }

    def _protocol(self) -> dict[str, Any]:
        """Stage by stage, where there are several."""
        results = self.schedule.results
        return {"stages": [asdict(result) for result in results]} if len(self.schedule.stages) > 1 else {}


def _empty(folder: Path) -> None:
    """Make the folder, without the results of an earlier run. InputError if it cannot be written."""
    make_folder(folder)
    _require_own_folders(folder)
    drop_all(folder / "checkpoint")
    patterns: list[str] = []
    if (folder / "series.csv").exists():  # else figures that are there are not those of a run
        patterns = ["figures/*", "post/*.*"]
    for old in (*chain.from_iterable(map(folder.glob, patterns)), *(folder / name for name in RESULTS)):
        cleared(old)


def _require_own_folders(folder: Path) -> None:
    """InputError if one of the folders within that of a run is a link."""
    for name in ("checkpoint", "figures", "post"):
        require_no_link(folder / name)


def _shares(stem: str, phases: list[str], amounts: Any) -> dict[str, float]:
    """Each amount over their sum; all 0 while nothing has happened."""
    total = float(amounts.sum())
    return {f"{stem}_{p}": float(a) / total if total else 0.0 for p, a in zip(phases, amounts, strict=True)}
