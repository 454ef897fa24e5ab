"""Steps from one accepted instant to the next: sizes, rejected steps, and limits that are met inside a step.

A step is tried as a whole: ξ and the ledger move, the potential is solved for the new ξ, and only then it is
accepted. One that fails is taken back and tried shorter, and so is one that overruns a limit of the protocol.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from fem_model.base.errors import SolverError
from fem_model.base.log import logger
from fem_model.engine.clock import Clock
from fem_model.engine.engine import Engine
from fem_model.engine.ledger import Ledger
from fem_model.mesh.parallel import require_everywhere
from fem_model.numerics.ladder import StepLadder
from fem_model.processes.state import State
from fem_model.protocol.drive import Drive

AIM = 0.5
"""Place within the tolerance beyond a limit where a shortened step shall end."""
MANY, SHARE = 50, 0.25
"""Number of rejected steps, and their share of the accepted ones, beyond which a run has failed."""
SHORTEST, LONGEST = 0.1, 0.9
"""Share of a step that overran a limit which is tried instead."""


@dataclass(frozen=True)
class Mark:
    """An instant to which a run can return: its state before the potential is known."""

    state: State
    ledger: Ledger
    clock: Clock


class March:
    """Steps of an engine, booked in a ledger, with the time on a clock.

    `drive` gives what is imposed now. `overrun` measures, once the potential is known, how far the instant is
    beyond the limits of the protocol, in units of what is tolerated: positive beyond, 1 at most in the end.
    """

    def __init__(
        self,
        engine: Engine,
        ledger: Ledger,
        ladder: StepLadder,
        drive: Callable[[], Drive],
        overrun: Callable[[], float],
    ) -> None:
        self.engine, self.ledger, self.ladder = engine, ledger, ladder
        self.drive, self.overrun = drive, overrun
        self.clock = Clock()
        self.beyond = -math.inf
        self.mark: Mark | None = None
        """The instant now; None until its potential is known."""

    def settle(self) -> None:
        """Find the potential of the instant now, if it is not known."""
        if self.mark is None:
            mark = self._mark()
            self.engine.settle(self.drive())
            self.mark, self.beyond = mark, self.overrun()

    def unsettle(self, *, restart: bool = False) -> None:
        """Forget the potential, as another drive is imposed; with `restart` rates from before as well."""
        self.mark = None
        if restart:
            self.engine.history.forget()
            self.clock.dt = 0.0

    def go_on_with(self, engine: Engine) -> None:
        """Another engine takes the place of the one now, in the state of this instant."""
        self.engine, self.mark = engine, None
        self.settle()

    def step(self, target: float, longest: float) -> str | None:
        """Go on by one accepted step, by at most `longest` (s) and not past the time `target` (s).

        Returns why not, if no step is small enough: the run is then where it was.
        """
        try:
            return self._step(target, longest)
        except SolverError as error:
            require_everywhere(self.engine.comm, error, "return")
            return f"the instant before the last step has no solution when it is asked again: {error.reason}"

    def _step(self, target: float, longest: float) -> str | None:
        start, beyond, shortened = self.mark, self.beyond, None
        assert start is not None
        while True:
            dt = shortened or self._proposal(target, longest)
            try:
                self._take(dt, target)
            except SolverError as error:
                require_everywhere(self.engine.comm, error, "step")
                logger.info("t = %g s: step of %g s rejected: %s", start.clock.t, dt, error.reason)
                self._return_to(start)
                self.clock.rejected = start.clock.rejected = start.clock.rejected + 1
                if failure := self._retreat():
                    return f"{failure}: {error.reason}"
                shortened = None
                continue
            if self.beyond <= 1.0 or dt <= self.ladder.smallest:
                return None
            share = (AIM - beyond) / (self.beyond - beyond)
            shortened = dt * min(max(share, SHORTEST), LONGEST)
            self._return_to(start)

    def _retreat(self) -> str | None:
        """Take the steps down after a rejected one; why no further one is tried, or None."""
        steps, rejected = self.clock.step, self.clock.rejected
        if not self.ladder.reject():
            return "no step is small enough"
        many = rejected > MANY and rejected > SHARE * steps
        return f"{rejected} steps were rejected beside {steps} accepted ones" if many else None

    def _proposal(self, target: float, longest: float) -> float:
        empty = self._until_empty()
        return self.ladder.propose(self.engine.limit(), min(target - self.clock.t, longest, empty))

    def _until_empty(self) -> float:
        return self.engine.foil.until_empty(self.ledger.foil_left, self.engine.rates)

    def _take(self, dt: float, target: float) -> None:
        """Move everything by dt and find the potential there."""
        clock, engine = self.clock, self.engine
        empties = dt == self._until_empty()
        charges = engine.advance(dt, extrapolate=not empties)  # the foil then gives just what it has
        self.ledger.add(charges.passed, charges.foil)
        engine.foil.open(self.ledger.foil_left > 0)
        clock.t = target if dt == target - clock.t else clock.t + dt
        clock.dt, clock.step = dt, clock.step + 1
        self.unsettle()
        self.settle()

    def now(self) -> Mark:
        """The instant now, as a checkpoint holds it."""
        return self.mark or self._mark()

    def _mark(self) -> Mark:
        return Mark(self.engine.state(), replace(self.ledger), replace(self.clock))

    def _return_to(self, mark: Mark) -> None:
        """Undo a step that was tried."""
        if self.mark is mark:
            return
        vars(self.ledger).update(vars(mark.ledger))
        vars(self.clock).update(vars(mark.clock))
        self.engine.foil.open(self.ledger.foil_left > 0)
        self.engine.restore(mark.state)
        self.mark = None
        self.settle()
        self.mark = mark
