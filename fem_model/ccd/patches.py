"""Patches of an electrode with one flaw each, and the current densities at which they fail."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mpi4py import MPI

from fem_model.base.errors import InputError
from fem_model.case import Case, load_case
from fem_model.case.overrides import Override, overrides
from fem_model.ccd.invasion import Way, from_flaw
from fem_model.ccd.network import network
from fem_model.ccd.passage import Growth, growth_of, passage
from fem_model.ccd.study_file import Definition
from fem_model.engine.engine import Engine
from fem_model.mesh.domain import build_domain
from fem_model.numerics.release import release, watch
from fem_model.study.conductivity import ConductivityStudy
from fem_model.study.onset import OnsetSearch

SEEDS = ("microstructure.seed", "intrusion.seed")
LENGTH = "anode.initial.flaws[0].length"


@dataclass(frozen=True)
class Patch:
    """A patch to be made: its case, its grains and the length of its flaw."""

    case: Path
    changes: tuple[Override, ...]
    seed: int
    length: float
    """m."""

    def load(self) -> Case:
        """The case. InputError if it has another flaw than one on the middle of the face."""
        own = dict.fromkeys(SEEDS, self.seed) | {LENGTH: f"{self.length * 1e6:.6g} um"}
        return load_case(self.case, [*self.changes, *overrides(own)])


@dataclass(frozen=True)
class Failure:
    """Failure of a patch with a flaw."""

    length_m: float
    """Height of the lithium in its flaw."""
    current_A_m2: Mapping[Definition, float]
    """Current density of an open face at which it fails, by definition."""
    place_m: tuple[float, ...]
    """Middle of the boundary that decides whether lithium can come through."""
    materials: tuple[str, ...]
    """Materials on both sides of it."""


def measure(patch: Patch, depth: float, comm: MPI.Comm) -> Failure:
    """Failure of a patch to a depth (m). InputError if boundaries, or the staircase, do not lead there.

    A crack is far thinner than a path of the solver. So the face is taken as open: current densities are over
    the part of it that lithium does not cover.
    """
    release(comm)
    case = patch.load()
    domain = build_domain(case, comm)
    watch(domain, domain.mesh.comm)
    engine = Engine(domain, case)
    (onset,) = OnsetSearch(engine).onsets()
    ((flaw, points),) = engine.model.cracks.flaws
    free = 1 - case.phase_field.room * 2 * flaw.radius / domain.extent[0]
    way = from_flaw(network(engine.model.cracks), points, flaw.radius, depth)
    if way is None:
        raise InputError(
            f"{patch.case}: boundaries do not lead from the flaw to the depth (seed {patch.seed})"
        )
    growth, start = growth_of(case, lambda _: free), onset.current_density_A_m2 / free
    ratio = growth.current(way.resistance) / growth.current(onset.overpotential_V)
    passed = _passage(case, way, growth, onset.height_m)
    currents: dict[Definition, float] = {
        "onset": start,
        "through": start * max(float(ratio), 1.0),
        "passage": passed,
    }
    return Failure(onset.height_m, currents, tuple(map(float, way.place)), way.materials)


def _passage(case: Case, way: Way, growth: Growth, height: float) -> float:
    """First current density (A/m²) of the staircase within whose half-cycles a crack comes through."""
    assert case.intrusion and case.intrusion.plug is not None
    stage = passage(way.profile, growth, case.drive.stages(), height - case.intrusion.plug).stage
    if stage is None or stage.current is None:
        raise InputError("drive.largest: lithium does not come through in the staircase; raise it")
    return stage.current


def conductivity(case: Case) -> float:
    """Effective conductivity (S/m) of a case from anode to counter electrode, found on one rank."""
    domain = build_domain(case, MPI.COMM_SELF)
    table = case.material_table()
    study = ConductivityStudy(domain, {name: table[name].sigma for name in domain.materials})
    return list(study.run().directions.values())[-1].sigma_eff
