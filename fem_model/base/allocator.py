"""The allocator of glibc, told to keep the memory that a program frees.

An assembly packs the coefficients of all cells, tens of MB. As it comes, glibc takes such blocks from the
system and gives them back each time, and the system must clear each page of the next one.
"""

import ctypes
import os

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Numbers of glibc's malloc.h."""
LARGEST = 2**31 - 1, 2**25
"""Largest number that mallopt takes, bytes, and that of a block before glibc 2.35."""


def keep_freed_memory() -> None:
    """Have freed memory taken again by this program rather than given back; nothing without glibc."""
    if "CS_GNU_LIBC_VERSION" in os.confstr_names:
        libc = ctypes.CDLL(None)
        for parameter in (M_MMAP_THRESHOLD, M_TRIM_THRESHOLD):
            any(libc.mallopt(parameter, size) for size in LARGEST)  # 0 if it is refused
