"""Memory that is freed is taken again, where the C library is glibc."""

import fem_model._dolfinx_first  # noqa: F401

import os
import resource

import pytest

BYTES = 2**26
GLIBC = "CS_GNU_LIBC_VERSION" in os.confstr_names


def faults() -> int:
    """Pages that the system has given to this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


@pytest.mark.skipif(not GLIBC, reason="another C library")
def test_memory_that_is_freed_and_taken_again_is_not_cleared_by_the_system() -> None:
    taken = [bytearray(b"x") * BYTES]
    before = faults()
    for _ in range(4):
        taken.clear()
        taken.append(bytearray(b"x") * BYTES)
    assert faults() - before < BYTES // resource.getpagesize() // 4
