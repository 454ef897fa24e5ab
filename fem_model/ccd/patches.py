"""Patches of an electrode with one flaw each, and the current densities at which they fail."""

import fem_model._dolfinx_first  # noqa: F401

from dataclasses import dataclass
from pathlib import Path

from mpi4py import MPI

from fem_model.base.errors import InputError
from fem_model.case import Case, load_case
from fem_model.case.overrides import Override, overrides
from fem_model.ccd.invasion import from_flaw
from fem_model.ccd.network import network
from fem_model.ccd.passage import growth_of
from fem_model.engine.engine import Engine
from fem_model.mesh.domain import build_domain
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
    """Current densities (A/m²) of an open face at which a patch fails."""

    length_m: float
    """Height of the lithium in its flaw."""
    onset_A_m2: float
    """Onset: lithium begins to run."""
    through_A_m2: float
    """Lithium can run to the depth."""
    place_m: tuple[float, ...]
    """Middle of the boundary that decides whether it comes through."""
    materials: tuple[str, ...]
    """Materials on both sides of it."""


def measure(patch: Patch, depth: float, comm: MPI.Comm) -> Failure:
    """Failure of a patch to a depth (m).

    The current density of the face over the overpotential at the flaw is that of the search. A crack is far
    thinner than a path of the solver. So the face is taken as open: the current density is that over the part
    of it that lithium does not cover.
    """
    case = patch.load()
    domain = build_domain(case, comm)
    engine = Engine(domain, case)
    (onset,) = OnsetSearch(engine).onsets()
    ((flaw, points),) = engine.model.cracks.flaws
    free = 1 - case.phase_field.room * 2 * flaw.radius / domain.extent[0]
    way = from_flaw(network(engine.model.cracks), points, flaw.radius, depth)
    if way is None:
        raise InputError(
            f"{patch.case}: boundaries between grains do not lead to the depth (seed {patch.seed})"
        )
    start = onset.current_density_A_m2 / free
    current = growth_of(case, lambda _: free).current
    ratio = current(way.resistance) / current(onset.overpotential_V)
    return Failure(onset.height_m, start, start * max(ratio, 1.0), tuple(way.place), way.materials)


def conductivity(case: Case) -> float:
    """Effective conductivity (S/m) of a case from anode to counter electrode, found on one rank."""
    domain = build_domain(case, MPI.COMM_SELF)
    table = case.material_table()
    study = ConductivityStudy(domain, {name: table[name].sigma for name in domain.materials})
    return list(study.run().directions.values())[-1].sigma_eff
