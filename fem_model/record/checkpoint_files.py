"""Files of checkpoints: written aside and renamed, two of them kept, so that a kill leaves one intact.

Each has a checksum of itself.
"""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_model.base.atomic import make_own_folder, write_bytes
from fem_model.base.errors import InputError
from fem_model.base.log import logger
from fem_model.base.seal import sealed, unsealed
from fem_model.foreign.files import require_inside

Array = npt.NDArray[np.float64]
KEPT = 2
"""Number of checkpoints of a run that goes on."""


def write(
    folder: Path, numbers: Mapping[str, Any], arrays: Mapping[str, Array], step: int, kept: int = KEPT
) -> None:
    """Write step-<step>.npz into a folder, which is made if need be, and drop all but the last `kept`."""
    make_own_folder(folder)
    data = io.BytesIO()
    np.savez(data, numbers=np.array(json.dumps(dict(numbers))), **dict(arrays))  # type: ignore[arg-type]
    write_bytes(folder / f"step-{step:08d}.npz", sealed(data.getvalue()))
    for old in sorted(folder.glob("step-*.npz"))[:-kept]:
        old.unlink()


def newest(folder: Path) -> tuple[dict[str, Any], dict[str, Array]] | None:
    """Numbers and arrays of the newest file that is as it was written; a warning for any newer one."""
    for path in sorted(folder.glob("step-*.npz"), reverse=True):
        try:
            require_inside(path, folder)
            return _read(path)
        except InputError as error:
            logger.warning("%s", error)
    return None


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """Numbers and arrays of a file. InputError if it was damaged, or made by something else."""
    data = unsealed(path.read_bytes())
    if data is None:
        raise InputError(f"{path} is damaged, or of another version of the program")
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            if any(member.compress_type for member in file.zip.infolist()):
                raise ValueError("it is compressed")
            arrays = dict(file)
        return dict(json.loads(str(arrays.pop("numbers")))), arrays
    except Exception as error:  # whatever a file leads to that only looks like one of these
        raise InputError(f"{path} cannot be read: {error}") from None
