"""Work of the solvers since the row before."""

from fem_model.record.observables.column import Column, Row
from fem_model.record.observables.observable import Instant, Observable, Subject

NEWTON = Column(
    "newton_iterations",
    "Newton iterations",
    "",
    "of Newton's method for the potential, since the row before",
    is_result=False,
)
LINEAR = Column(
    "linear_iterations",
    "linear iterations",
    "",
    "of the linear solvers for potential and ξ, since the row before",
    is_result=False,
)
REJECTED = Column(
    "rejected", "rejected steps", "", "number of rejected steps since the start", is_result=False
)


class Iterations(Observable):
    """Taken from the solvers of the subject, which count from when they were made."""

    columns = (NEWTON, LINEAR, REJECTED)

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        self._seen = (0, 0)

    def measure(self, now: Instant) -> Row:
        """See `Observable`."""
        before, self._seen = self._seen, self.subject.engine.iterations()
        newton, linear = (count - seen for count, seen in zip(self._seen, before, strict=True))
        return {NEWTON.name: newton, LINEAR.name: linear, REJECTED.name: now.clock.rejected}
