"""The guard of all that needs the solver: one line on what to install where it is missing."""

from collections.abc import Iterator
from contextlib import contextmanager

from fem_model.base.errors import InputError


@contextmanager
def solver_needed() -> Iterator[None]:
    """Load what needs MPI, PETSc or DOLFINx within this. InputError if they are not there or do not load."""
    try:
        yield
    except (ImportError, RuntimeError) as error:
        ways = 'pip install "fem-model[wheel]" on Linux x86-64, conda env create -f environment.yml elsewhere'
        raise InputError(f"the solver, which this needs, cannot be loaded ({error}): {ways}") from None
