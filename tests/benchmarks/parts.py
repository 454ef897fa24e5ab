"""The parts of the benchmarks, in their order."""

from tests.benchmarks import accuracy, linear, pfhub, ranks, steps, whole

PARTS = (steps.PART, whole.PART, ranks.PART, linear.PART, accuracy.PART, pfhub.PART)
