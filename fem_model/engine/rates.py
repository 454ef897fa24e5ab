"""The rates of an instant, and those of the instant before, by which a step is of second order."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fem_model.base.arrays import Floats
from fem_model.processes.state import Field, State

LARGEST_RATIO = 2.0
"""Largest ratio of a step to the one before over which rates are extrapolated: beyond it a front that stops
would go back by more than it has come."""
RATE = "rate of "
"""Prefix of the names of rates in a state."""
MOTION = "motion"
"""Name of the rate of ξ over a step."""
PASSED, FOIL, STEP, RATIO = "passed_before", "foil_before", "last_dt", "extrapolation"


@dataclass(frozen=True)
class Rates:
    """Rates that a step takes from an instant, and what else is carried along with them.

    `passed` and `foil` are the currents through the counter electrode and into the foil, A.
    """

    fields: Mapping[str, Field]
    passed: float
    foil: float

    def __getitem__(self, name: str) -> Floats:
        return self.fields[name].values

    def values(self) -> dict[str, Floats]:
        """The fields as arrays, by name."""
        return {name: field.values for name, field in self.fields.items()}

    def beyond(self, before: "Rates | None", ratio: float) -> "Rates":
        """Adams–Bashforth mean over the coming step, `ratio` = coming/last step."""
        if before is None:
            return self
        a, b = 1 + ratio / 2, -ratio / 2
        mean = {
            name: replace(field, values=a * field.values + b * before[name])
            for name, field in self.fields.items()
        }
        return Rates(mean, a * self.passed + b * before.passed, a * self.foil + b * before.foil)


class History:
    """The rates of the step before, if they still count, and how far the last step was extrapolated."""

    def __init__(self) -> None:
        self.before: Rates | None = None
        self.last_dt = 0.0
        self.extrapolation = 0.0
        """Last step over the one before, 0 if its rates were not extrapolated."""

    def forget(self) -> None:
        """Rates are not extrapolated from before this instant."""
        self.before = None

    def ratio(self, dt: float) -> float:
        """A step over the one before; 0 if that does not count for it."""
        if self.before is None or dt > LARGEST_RATIO * self.last_dt:
            return 0.0
        return dt / self.last_dt

    def mean(self, rates: Rates, ratio: float) -> Rates:
        """The rates over a step of this ratio to the one before."""
        return rates.beyond(self.before, ratio) if ratio else rates

    @property
    def motion(self) -> Floats | None:
        """Rate of ξ in the last step, 1/s; None if it does not count."""
        return self.before[MOTION] if self.before else None

    def add(self, rates: Rates, motion: Field, dt: float, ratio: float) -> None:
        """A step has been made with these rates, in which ξ moved at the rate `motion`, 1/s."""
        self.before = replace(rates, fields={**rates.fields, MOTION: motion})
        self.last_dt, self.extrapolation = dt, ratio

    # Its share in the state

    def fields(self) -> list[Field]:
        """The rates from before."""
        if self.before is None:
            return []
        return [replace(field, name=RATE + name) for name, field in self.before.fields.items()]

    def numbers(self) -> dict[str, float]:
        """The currents (A) and the step (s) from before."""
        if self.before is None:
            return {RATIO: self.extrapolation}
        numbers = {PASSED: self.before.passed, FOIL: self.before.foil, STEP: self.last_dt}
        return {RATIO: self.extrapolation, **numbers}

    def take_up(self, state: State) -> None:
        """Go on from a state."""
        self.extrapolation, self.before = state.numbers[RATIO], None
        if STEP in state.numbers:
            named = {name.removeprefix(RATE): field for name, field in state.fields.items() if RATE in name}
            fields = {name: replace(field, name=name) for name, field in named.items()}
            self.before = Rates(fields, state.numbers[PASSED], state.numbers[FOIL])
            self.last_dt = state.numbers[STEP]
