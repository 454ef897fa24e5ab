"""The parts of the benchmarks, in their order."""

from tests.benchmarks import pfhub, ranks, steps, whole

PARTS = (steps.PART, whole.PART, ranks.PART, pfhub.PART)
