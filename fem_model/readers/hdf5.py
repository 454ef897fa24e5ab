"""HDF5 files of unknown origin, which may refer to further files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py

if TYPE_CHECKING:
    from fem_model.readers.gate import Gate

_File: Any = h5py.File


def shut(gate: Gate, path: Path) -> None:
    """Let h5py open only what `gate` admits, with all that it refers to. InputError if `path` does otherwise.

    Other libraries that open HDF5 files are not asked, so the file itself is checked here.
    """

    class Admitted(h5py.File):  # type: ignore[misc] # h5py has no types
        def __init__(self, name: str | Path, *_: object, **__: object) -> None:
            """Open a file to read, however it was to be opened."""
            if gate.admit(Path(name)):
                _follow(gate, Path(name))
            super().__init__(name, "r", locking=False)

    h5py.File = Admitted
    if h5py.is_hdf5(path):
        _follow(gate, path)


def _follow(gate: Gate, path: Path) -> None:
    """InputError if `gate` does not admit the files that this one refers to, or that these refer to."""
    for name in references(path):
        other = path.resolve().parent / name
        if gate.admit(other) and h5py.is_hdf5(other):
            _follow(gate, other)


def references(path: Path) -> list[str]:
    """Names of the files that this one refers to: by links, for virtual datasets, or for their values."""
    found: set[str] = set()

    def link(_: str, link: Any) -> None:
        if isinstance(link, h5py.ExternalLink):
            found.add(link.filename)

    def item(_: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found.update(name for name, *_ in item.external or ())
            found.update(source.file_name for source in (item.virtual_sources() if item.is_virtual else ()))

    with _File(path, "r", locking=False) as file:
        file.visititems_links(link)
        file.visititems(item)
    return sorted(found - {"."})
