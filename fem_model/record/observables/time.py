"""Step and time of a row."""

from fem_model.record.observables.column import Column, Condition, Row
from fem_model.record.observables.observable import Instant, Observable

STEP = Column("step", "step", "", "number of the accepted step, 0 at the start", is_result=False)
STAGE = Column(
    "stage",
    "stage of the protocol",
    "",
    "number of the stage, from 0; where one ends the next begins, with a row of the same time",
    when=Condition("the protocol has several stages", lambda case: len(case.drive.stages()) > 1),
)
TIME = Column("t_s", "time", "s", "time since the start", is_result=False)
LENGTH = Column(
    "dt_s", "length of the step", "s", "length of the last step; 0 as a stage begins", is_result=False
)


class Time(Observable):
    """Taken from the clock and the protocol."""

    columns = (STEP, STAGE, TIME, LENGTH)

    def measure(self, now: Instant) -> Row:
        """See `Observable`."""
        clock, stage = now.clock, self.subject.schedule.results[-1].stage
        return {STEP.name: clock.step, STAGE.name: stage, TIME.name: clock.t, LENGTH.name: clock.dt}
