"""Reads an imported file in a child process: takes little memory, opens few files, leaves plain arrays."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_model.base.errors import FemModelError, InputError
from fem_model.readers.gate import Gate
from fem_model.readers.limits import Allowance

Arrays = Mapping[str, npt.NDArray[Any]]
REFUSED = "refused"
"""Name of the array that stands for an error: its exit code and its text."""


@dataclass(frozen=True)
class Reader:
    """A function `reader(path, allowance, *options) -> Arrays`, and the modules that it will need."""

    module: str
    function: str
    needs: Sequence[str] = ()

    def prepared(self) -> Callable[..., Arrays]:
        """The function, with all imported that is there."""
        for name in self.needs:
            with contextlib.suppress(ImportError, OSError):  # the reader says it better
                import_module(name)
        function: Callable[..., Arrays] = getattr(import_module(self.module), self.function)
        return function


HDF5 = "fem_model.readers.hdf5"
PICTURES = ["PIL.PngImagePlugin", "tifffile", "nrrd"]
MESHES = ["meshio", "meshio.abaqus._abaqus", "numpy.ma", "scipy.sparse.csgraph", "scipy.spatial", HDF5]
READERS: Mapping[str, Reader] = {
    "labels": Reader("fem_model.readers.images", "labels", PICTURES),
    "survey": Reader("fem_model.readers.images", "surveyed", PICTURES),
    "mesh": Reader("fem_model.readers.meshes", "simplices", MESHES),
    "fields": Reader("fem_model.readers.fields", "check", [HDF5]),
}
"""Readers by the name under which they are asked for."""


@dataclass(frozen=True)
class Request:
    """File to be read, the reader for it, and the folder for the result."""

    reader: str
    path: str
    scratch: str
    options: Sequence[str | int | None] = ()

    @property
    def result(self) -> Path:
        """The file with the arrays."""
        return Path(self.scratch) / "result.npz"


def answer(request: Request) -> None:
    """Read a file and write the arrays, or the error, in a process that does nothing else afterwards."""
    path = Path(request.path)
    reader = READERS[request.reader].prepared()
    with request.result.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays_or_error(reader, path, request))


def arrays_or_error(reader: Callable[..., Arrays], path: Path, request: Request) -> dict[str, Any]:
    """Result of the reader, or its error as an array."""
    allowance = Allowance(path.stat().st_size)
    try:
        tempfile.tempdir = request.scratch
        os.chdir(path.parent)
        Gate(path, Path(request.scratch), allowance).shut(path)
        with np.errstate(all="ignore"):
            return dict(reader(path, allowance, *request.options))
    except FemModelError as error:
        return _refused(error)
    except (MemoryError, RecursionError) as error:
        bound = f"{allowance.memory / 1e6:.0f} MB of memory allowed for a file of its size"
        what = f"more than the {bound}" if isinstance(error, MemoryError) else "too deep a nesting"
        return _refused(InputError(f"cannot be read: it asks for {what}"))
    except BaseException as error:  # whatever the readers of damaged files raise; some end the process
        told = f"it lacks {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__
        return _refused(InputError(f"cannot be read: {told}"))


def _refused(error: FemModelError) -> dict[str, Any]:
    return {REFUSED: np.array([str(error.exit_code), " ".join(str(error).split())])}
