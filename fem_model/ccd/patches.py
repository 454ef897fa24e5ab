"""Patches of an electrode with one flaw each, and the current densities at which they fail."""

import fem_model._dolfinx_first  # noqa: F401

from dataclasses import dataclass
from pathlib import Path

from mpi4py import MPI

from fem_model.base.errors import InputError
from fem_model.case import Case, load_case
from fem_model.case.drives import Staircase
from fem_model.case.flaws import Flaws
from fem_model.case.overrides import Override, overrides
from fem_model.ccd.invasion import Way, from_flaw
from fem_model.ccd.network import network
from fem_model.ccd.passage import Growth, growth_of, passage
from fem_model.ccd.study_file import Definition
from fem_model.engine.engine import Engine
from fem_model.mesh.domain import build_domain
from fem_model.numerics.release import release
from fem_model.study.conductivity import ConductivityStudy
from fem_model.study.onset import OnsetSearch

SEEDS = ("microstructure.seed", "intrusion.seed")
LENGTH = "anode.initial.flaws[0].length"


@dataclass(frozen=True)
class Patch:
    """A patch to be made: its case, its grains, the length of its flaw, and the depth to be reached."""

    path: Path
    changes: tuple[Override, ...]
    seed: int
    length: float
    """m."""
    depth: float
    """m."""

    def load(self) -> Case:
        """The case. InputError unless it is in 2D, with one flaw below the depth, and a staircase."""
        own = dict.fromkeys(SEEDS, self.seed) | {LENGTH: f"{self.length * 1e6:.6g} um"}
        if taken := [change for change in self.changes if change.name in own]:
            raise InputError(f"{taken[0]}: the study sets it for each patch")
        case = load_case(self.path, [*self.changes, *overrides(own)])
        flaws = case.anode.initial
        if (
            case.microstructure.dim != 2
            or not isinstance(flaws, Flaws)
            or len(flaws.flaws) != 1
            or flaws.random
        ):
            raise InputError(
                f"{self.path}: a patch of a study is in 2D and has one flaw, in [anode.initial] flaws"
            )
        if not isinstance(case.drive, Staircase):
            raise InputError(
                f'{self.path}: [drive] mode must be "staircase" in a study of the critical current density'
            )
        if not self.length + 2 * flaws.flaws[0].radius < self.depth < case.microstructure.depth:
            raise InputError(f"{self.path}: depth must lie above the flaws and below the counter electrode")
        return case


@dataclass(frozen=True)
class Failure:
    """Failure of a patch with a flaw."""

    length_m: float
    """Height of the lithium in its flaw."""
    onset_A_m2: float
    """Current density of an open face at which lithium begins to run."""
    through_A_m2: float
    """Current density at which it can run to the depth."""
    passage_A_m2: float | None
    """First current density of the staircase within whose half-cycles it does; None if there is none."""
    place_m: tuple[float, ...]
    """Middle of the boundary that decides whether lithium can come through."""
    materials: tuple[str, ...]
    """Materials on both sides of it."""

    def current(self, definition: Definition) -> float:
        """Current density of the failure that is so defined, A/m². InputError if there is none."""
        match definition:
            case "onset":
                return self.onset_A_m2
            case "through":
                return self.through_A_m2
        if self.passage_A_m2 is None:
            raise InputError("drive.largest: lithium does not come through a patch within the staircase")
        return self.passage_A_m2


def measure(patch: Patch) -> Failure:
    """Failure of a patch, on one rank. InputError if no boundaries lead from its flaw to the depth.

    A crack is far thinner than a path of the solver. So the face is taken as open: current densities are over
    the part of it that lithium does not cover.
    """
    release(MPI.COMM_SELF)
    case = patch.load()
    domain = build_domain(case, MPI.COMM_SELF)
    engine = Engine(domain, case)
    (onset,) = OnsetSearch(engine).onsets()
    ((flaw, points),) = engine.model.cracks.flaws
    free = 1 - case.phase_field.room * 2 * flaw.radius / domain.extent[0]
    way = from_flaw(network(engine.model.cracks), points, flaw.radius, patch.depth)
    if way is None:
        raise InputError(f"{patch.path}: no boundaries lead from the flaw to the depth (seed {patch.seed})")
    growth, start = growth_of(case, free), onset.current_density_A_m2 / free
    ratio = float(growth.current(way.resistance) / growth.current(onset.overpotential_V))
    passed = _passage(case, way, growth, onset.height_m)
    place = tuple(map(float, way.place))
    return Failure(onset.height_m, start, start * max(ratio, 1.0), passed, place, way.materials)


def _passage(case: Case, way: Way, growth: Growth, height: float) -> float | None:
    """First current density (A/m²) of the staircase within whose half-cycles a crack comes through."""
    assert case.intrusion and case.intrusion.plug is not None
    behind = max(height - case.intrusion.plug, 0.0)
    stage = passage(way.profile, growth, case.drive.stages(), behind).stage
    return stage.current if stage else None


def conductivity(case: Case) -> float:
    """Effective conductivity (S/m) of a case from anode to counter electrode, found on one rank."""
    domain = build_domain(case, MPI.COMM_SELF)
    table = case.material_table()
    study = ConductivityStudy(domain, {name: table[name].sigma for name in domain.materials})
    return list(study.run().directions.values())[-1].sigma_eff
