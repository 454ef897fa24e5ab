"""A study of the critical current density: patches of each electrolyte, and the electrode that follows."""

import fem_model._dolfinx_first  # noqa: F401

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from string import Template
from typing import Literal

import numpy as np
from mpi4py import MPI
from scipy.optimize import brentq

from fem_model.base.errors import InputError
from fem_model.case import Case
from fem_model.case.drives import Staircase
from fem_model.case.overrides import overrides
from fem_model.ccd.comparison import Datum
from fem_model.ccd.electrode import Electrode, Relation, flaws_on, require_flaws
from fem_model.ccd.flaw_law import FlawLaw, LogNormal
from fem_model.ccd.patches import Failure, Patch, measure
from fem_model.ccd.relation import LogLinear
from fem_model.ccd.strength import SingleCrack, Strength
from fem_model.ccd.study_file import Definition, Electrolyte, StudyFile
from fem_model.mesh.parallel import on_each
from fem_model.sweep.spacing import number_and_unit

SEED = 1
"""Seed of the draws of weights."""
FIT_TOLERANCE = 1e-3
"""Tolerance of a fitted number, as a share of its range."""
VARIED = (0.5, 1.5)
"""Factors by which the numbers of the study itself are varied."""


@dataclass(frozen=True)
class Variant:
    """A variant: the whole, without a mechanism, with an input smaller (-) or larger (+), or of a fit."""

    kind: Literal["whole", "without", "input", "fit"]
    name: str
    sign: str = ""

    @property
    def label(self) -> str:
        """Its name in tables."""
        return {"without": f"without {self.name}", "input": f"{self.name} {self.sign}"}.get(
            self.kind, self.name
        )


WHOLE = Variant("whole", "all mechanisms")


@dataclass(frozen=True)
class Prediction:
    """An electrolyte in a variant of the study."""

    electrolyte: Electrolyte
    variant: Variant
    failures: tuple[Failure, ...]
    case: Case
    """Case of the first patch."""
    law: FlawLaw
    count: float
    """Number of flaws of the electrode."""

    @property
    def datum(self) -> Datum | None:
        """Interval of the measured value, if there is one."""
        assert isinstance(self.case.drive, Staircase)
        measured = self.electrolyte.measured
        return None if measured is None else Datum.reported(measured, self.case.drive.step)

    def excess(self, definition: Definition) -> float:
        """ln of the predicted median over the middle of the step that was measured."""
        assert self.datum is not None
        return math.log(self.electrode(definition).median().value / self.datum.middle)

    def patches(self, definition: Definition) -> tuple[float, float]:
        """Current density of failure of the weakest patch, and the median over the patches, A/m²."""
        found = [failure.current(definition) for failure in self.failures]
        return min(found), float(np.median(found))

    def electrode(self, definition: Definition) -> Electrode:
        """The electrode, of which CCD is so defined. InputError if a patch does not fail so."""
        lengths = [failure.length_m for failure in self.failures]
        currents = [failure.current(definition) for failure in self.failures]
        rng = np.random.default_rng(SEED)
        assert self.case.intrusion is not None
        if self.case.intrusion.scatter is None:
            relation: Relation = Strength.sampled(SingleCrack.of(self.case), lengths, currents, rng)
        else:
            relation = LogLinear.fitted(lengths, currents, rng)
        return Electrode(relation, self.law, self.count)


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
    unreached: list[str] = field(default_factory=list)
    """Names of those that no value within their bounds fits."""

    def cases(self) -> Iterator[tuple[Electrolyte, Variant, Sequence[str]]]:
        """All that is predicted but for the fits: electrolytes, variants, and changes of the case."""
        for electrolyte in self.file.electrolytes:
            yield electrolyte, WHOLE, ()
            for name, mechanism in self.file.mechanisms.items():
                if _has(electrolyte, mechanism.electrolytes):
                    yield electrolyte, Variant("without", name), mechanism.off
        for electrolyte in map(self.file.electrolyte, self.file.varied):
            for name, varied in self.file.inputs.items():
                if _has(electrolyte, varied.electrolytes):
                    yield electrolyte, Variant("input", name, "-"), varied.low
                    yield electrolyte, Variant("input", name, "+"), varied.high

    def check(self) -> None:
        """Raise an InputError, with what it is of, for the first case that cannot be; no mesh is made."""
        require_flaws(self._count(), f"the electrode of {self.path}")
        for electrolyte, variant, changes in self.cases():
            try:
                for patch in self._patches(electrolyte, changes):
                    SingleCrack.of(patch.load())
            except InputError as error:
                raise InputError(f"{error} ({electrolyte.name}, {variant.label}, of {self.path})") from None

    def predict(
        self, electrolyte: Electrolyte, variant: Variant = WHOLE, changes: Sequence[str] = ()
    ) -> Prediction:
        """The prediction with these further changes of the case. InputError if a patch cannot be made."""
        patches = self._patches(electrolyte, changes)
        failures = self._failures(patches)
        self.tell(f"{electrolyte.name}, {variant.label}: {len(patches)} patches")
        given, count = electrolyte.flaws or self.file.flaws, self._count()
        law = given.draws(np.random.default_rng(SEED))
        return Prediction(electrolyte, variant, failures, patches[0].load(), law, count)

    def fit(self) -> None:
        """Find the numbers that are fitted, one by one; what no value fits has the nearer bound."""
        for name in self.file.fits:
            self._fit(name)

    def _fit(self, name: str) -> None:
        fit = self.file.fits[name]
        electrolyte = self.file.electrolyte(fit.to)

        @cache
        def excess(share: float) -> float:
            """Excess of the electrolyte at a share of the range, the same on all ranks."""
            self.fitted[name] = fit.value(share)
            found = self.predict(electrolyte, Variant("fit", f"{name} = {self.fitted[name]}"))
            return float(self.comm.bcast(found.excess(self.file.definition)))

        ends = {share: excess(share) for share in (0.0, 1.0)}
        if ends[0.0] * ends[1.0] > 0:
            share = min(ends, key=lambda share: abs(ends[share]))
            self.unreached.append(name)
        else:
            share = brentq(excess, 0.0, 1.0, xtol=FIT_TOLERANCE)
        self.fitted[name] = fit.value(share)

    def predictions(self) -> Iterator[Prediction]:
        """All electrolytes as they are, without each mechanism, and with each input varied."""
        whole = {}
        for electrolyte, variant, changes in self.cases():
            found = self.predict(electrolyte, variant, changes)
            if variant is WHOLE:
                whole[electrolyte.name] = found
            yield found
        for name in self.file.varied:
            yield from self._fitted_varied(self.file.electrolyte(name))
            yield from _own_numbers(whole[name])

    def _fitted_varied(self, electrolyte: Electrolyte) -> Iterator[Prediction]:
        """A prediction with each fitted number smaller and larger."""
        for name, value in list(self.fitted.items()):
            found = number_and_unit(value)
            assert found is not None
            for sign, factor in zip("-+", VARIED, strict=True):
                self.fitted[name] = f"{found[0] * factor:g} {found[1]}".strip()
                yield self.predict(electrolyte, Variant("input", f"{name} (fitted)", sign))
            self.fitted[name] = value

    def _patches(self, electrolyte: Electrolyte, changes: Sequence[str]) -> list[Patch]:
        file = self.file
        texts = [self._filled(text) for text in (*file.set, *electrolyte.set, *changes)]
        given = self.path.parent / file.case, tuple(overrides(texts))
        lengths = enumerate(file.patches.lengths(self.count), start=file.patches.first_seed)
        return [Patch(*given, seed, length, file.depth) for seed, length in lengths]

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
            lambda: [measure(patch) for patch in patches[rank::ranks]],
        )
        return tuple(own[k % ranks][k // ranks] for k in range(len(patches)))

    def _count(self) -> float:
        pellet = self.file.pellet
        return flaws_on(math.pi * pellet.diameter**2 / 4, pellet.flaw_spacing)


def _has(electrolyte: Electrolyte, names: Sequence[str]) -> bool:
    """True for an electrolyte that is among the names, or if there are none."""
    return not names or electrolyte.name in names


def _own_numbers(whole: Prediction) -> Iterator[Prediction]:
    """A prediction with the number of its flaws smaller and larger, and those of a law that is stated."""
    law = whole.law
    for sign, factor in zip("-+", VARIED, strict=True):
        yield replace(whole, variant=Variant("input", "number of flaws", sign), count=whole.count * factor)
        if isinstance(law, LogNormal):
            longer, wider = replace(law, median=law.median * factor), replace(law, spread=law.spread * factor)
            yield replace(whole, variant=Variant("input", "length of flaws", sign), law=longer)
            yield replace(whole, variant=Variant("input", "spread of flaws", sign), law=wider)
