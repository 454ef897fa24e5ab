"""A study of the critical current density: patches of each electrolyte, and the electrode that follows."""

import fem_model._dolfinx_first  # noqa: F401

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from string import Template

import numpy as np
from mpi4py import MPI
from scipy.optimize import brentq

from fem_model.base.errors import InputError
from fem_model.case.drives import Staircase
from fem_model.case.overrides import overrides
from fem_model.ccd.comparison import Datum
from fem_model.ccd.electrode import Electrode, flaws_on
from fem_model.ccd.flaw_law import LogNormal
from fem_model.ccd.patches import Failure, Patch, conductivity, measure
from fem_model.ccd.relation import Relation
from fem_model.ccd.strength import SingleCrack, Strength
from fem_model.ccd.study_file import Definition, Electrolyte, FlawLengths, StudyFile
from fem_model.mesh.parallel import from_root, on_each
from fem_model.sweep.spacing import number_and_unit

SEED = 1
"""Seed of the draws of weights."""
FIT_TOLERANCE = 0.01
"""Tolerance of a fitted number, as a share of its range."""
WHOLE, WITHOUT = "all mechanisms", "without "
"""Variant in which nothing is switched off or varied, and start of those without a mechanism."""
VARIED = (0.5, 1.5)
"""Factors by which the numbers of the study itself are varied."""


@dataclass(frozen=True)
class Prediction:
    """An electrolyte in a variant of the study."""

    electrolyte: Electrolyte
    variant: str
    failures: tuple[Failure, ...]
    single: SingleCrack
    law: LogNormal
    count: float
    """Number of flaws of the electrode."""
    step: float
    """Step of the staircase, A/m²."""
    pellet_resistance: float
    """Resistance of the electrolyte from face to face, Ω m²."""

    @property
    def is_whole(self) -> bool:
        """True with all mechanisms and no input varied."""
        return self.variant == WHOLE

    @property
    def datum(self) -> Datum | None:
        """Interval of the measured value, if there is one."""
        measured = self.electrolyte.measured
        return None if measured is None else Datum.reported(measured, self.step)

    def electrode(self, definition: Definition) -> Electrode:
        """The electrode, of which CCD is so defined."""
        lengths = [failure.length_m for failure in self.failures]
        currents = [failure.current_A_m2[definition] for failure in self.failures]
        rng = np.random.default_rng(SEED)
        if self.single.scatters:
            return Electrode(Relation.fitted(lengths, currents, rng), self.law, self.count)
        return Electrode(Strength.sampled(self.single, lengths, currents, rng), self.law, self.count)


@dataclass
class Study:
    """The study of a file; the ranks of a communicator share the patches. Methods are collective."""

    path: Path
    file: StudyFile
    count: int
    """Number of patches of each electrolyte."""
    comm: MPI.Comm
    tell: Callable[[str], None]
    """Use of a line on progress."""
    fitted: dict[str, object] = field(default_factory=dict)
    """Fitted numbers by their names."""

    def predict(
        self, electrolyte: Electrolyte, variant: str = WHOLE, changes: Sequence[str] = ()
    ) -> Prediction:
        """The prediction with these further changes of the case. InputError if a patch cannot be made."""
        file, seeds = (
            self.file,
            range(self.file.patches.first_seed, self.file.patches.first_seed + self.count),
        )
        texts = tuple(self._filled(text) for text in (*file.set, *electrolyte.set, *changes))
        lengths = file.patches.lengths(self.count)
        case = self.path.parent / file.case
        patches = [
            Patch(case, tuple(overrides(texts)), seed, a) for seed, a in zip(seeds, lengths, strict=True)
        ]
        first = patches[0].load()
        if not isinstance(first.drive, Staircase):
            raise InputError(
                f'{case}: [drive] mode must be "staircase" for a study of the critical current density'
            )
        failures = self._failures(patches)
        self.tell(f"{electrolyte.name}, {variant}: {len(patches)} patches")
        law, count = self._flaws(electrolyte.flaws or file.flaws), self._count()
        resistance = file.pellet.thickness / from_root(self.comm, lambda: conductivity(first))
        single, step = SingleCrack.of(first), first.drive.step
        return Prediction(electrolyte, variant, failures, single, law, count, step, resistance)

    def fit(self) -> None:
        """Find the numbers that are fitted, one after the other. InputError if bounds do not enclose one."""
        for name in self.file.fits:
            self._fit(name)

    def _fit(self, name: str) -> None:
        fit = self.file.fits[name]
        electrolyte = self.file.electrolyte(fit.to)

        @cache
        def excess(share: float) -> float:
            """ln of the predicted median over the middle of the step that was measured."""
            self.fitted[name] = fit.value(share)
            found = self.predict(electrolyte, f"{name} = {self.fitted[name]}")
            assert found.datum is not None
            median = found.electrode(self.file.definition).median().value
            return math.log(median / ((found.datum.lower + found.datum.upper) / 2))

        ends = [excess(share) for share in (0.0, 1.0)]
        if ends[0] * ends[1] > 0:
            times = " and ".join(f"{math.exp(end):.3g}" for end in ends)
            raise InputError(f"{self.path}: [fits.{name}] between: gives {times} times what {fit.to} has")
        self.fitted[name] = fit.value(brentq(excess, 0.0, 1.0, xtol=FIT_TOLERANCE))

    def predictions(self) -> Iterator[Prediction]:
        """All electrolytes as they are, and without each mechanism that they have."""
        for electrolyte in self.file.electrolytes:
            yield self.predict(electrolyte)
            for name, mechanism in self.file.mechanisms.items():
                if _has(electrolyte, mechanism.electrolytes):
                    yield self.predict(electrolyte, WITHOUT + name, mechanism.off)

    def varied(self, whole: Sequence[Prediction]) -> Iterator[Prediction]:
        """Electrolytes with each input smaller and larger: those of the case, then those of the study."""
        for prediction in whole:
            electrolyte = prediction.electrolyte
            if electrolyte.name in self.file.varied:
                for name, varied in self.file.inputs.items():
                    if _has(electrolyte, varied.electrolytes):
                        yield self.predict(electrolyte, f"{name} -", varied.low)
                        yield self.predict(electrolyte, f"{name} +", varied.high)
                yield from self._fitted_varied(electrolyte)
                yield from _own_numbers(prediction)

    def _fitted_varied(self, electrolyte: Electrolyte) -> Iterator[Prediction]:
        """A prediction with each fitted number smaller and larger."""
        for name, value in list(self.fitted.items()):
            for sign, factor in zip("-+", VARIED, strict=True):
                number, unit = number_and_unit(value) or (math.nan, "")
                self.fitted[name] = f"{number * factor:g} {unit}".strip()
                yield self.predict(electrolyte, f"{name} {sign}")
            self.fitted[name] = value

    def _filled(self, text: str) -> str:
        """A change of the case with the fitted numbers; one not yet fitted has the middle of its range."""
        middle = {name: fit.value(0.5) for name, fit in self.file.fits.items()}
        try:
            return Template(text).substitute(middle | self.fitted)
        except (KeyError, ValueError):
            names = ", ".join(f"${name}" for name in middle) or "none"
            raise InputError(
                f"{self.path}: {text}: a $ stands before the name of a fitted number; there are {names}"
            ) from None

    def _failures(self, patches: Sequence[Patch]) -> tuple[Failure, ...]:
        rank, ranks = self.comm.rank, self.comm.size
        own = on_each(
            self.comm,
            lambda: [measure(patch, self.file.depth, MPI.COMM_SELF) for patch in patches[rank::ranks]],
        )
        return tuple(own[k % ranks][k // ranks] for k in range(len(patches)))

    def _flaws(self, given: FlawLengths) -> LogNormal:
        return LogNormal(given.median, math.log(given.spread), longest=given.longest or math.inf)

    def _count(self) -> float:
        pellet = self.file.pellet
        return flaws_on(math.pi * pellet.diameter**2 / 4, pellet.flaw_spacing)


def _has(electrolyte: Electrolyte, names: Sequence[str]) -> bool:
    """True for an electrolyte that is among the names, or if there are none."""
    return not names or electrolyte.name in names


def _own_numbers(whole: Prediction) -> Iterator[Prediction]:
    """A prediction with the numbers of the law of its flaws smaller and larger."""
    for sign, factor in zip("-+", VARIED, strict=True):
        law = whole.law
        yield replace(whole, variant=f"length of flaws {sign}", law=replace(law, median=law.median * factor))
        yield replace(whole, variant=f"spread of flaws {sign}", law=replace(law, spread=law.spread * factor))
        yield replace(whole, variant=f"number of flaws {sign}", count=whole.count * factor)
