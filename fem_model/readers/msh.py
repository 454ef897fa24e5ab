"""Gmsh's files (.msh): the cells as meshio reads them, the physical groups from the sections that name them.

meshio keeps one group of each entity, loses names that are given twice, and fails at entities without one.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_model.base.errors import InputError
from fem_model.base.scratch import filling

SECTION = re.compile(
    rb"^\$(MeshFormat|PhysicalNames|Entities|PartitionedEntities)[ \t\r]*\n(.*?)^\$End\1[ \t\r]*\n?",
    re.DOTALL | re.MULTILINE,
)
NAME = re.compile(r'^\s*([0-3])\s+(-?\d+)\s+"(.*)"\s*$')

Entity = tuple[int, int]
"""Dimension and number, of an entity or of a group."""


@dataclass(frozen=True)
class Groups:
    """Physical groups: their names, and in MSH 4 the numbers of those that each entity is in."""

    names: Mapping[Entity, str]
    of_entities: Mapping[Entity, list[int]] | None = None

    def names_of(self, dim: int) -> list[str]:
        """Names of the groups of a dimension."""
        return [name for (own, _), name in self.names.items() if own == dim]


def read_msh(path: Path) -> tuple[Any, Groups]:
    """The mesh as meshio has it, and its groups. Errors: InputError for partitioned meshes."""
    import meshio

    data = path.read_bytes()
    sections = {match[1].decode(): match[2] for match in SECTION.finditer(data)}
    if "MeshFormat" not in sections:
        raise ValueError("no section $MeshFormat; in Gmsh, write MSH 4.1")
    version, is_binary, size = sections["MeshFormat"].split(b"\n")[0].decode().split()[:3]
    names = _names(sections.get("PhysicalNames", b""))
    if "PartitionedEntities" in sections:
        raise InputError("is partitioned: in Gmsh, Mesh > Unpartition, then save it again")
    if not version.startswith("4"):
        return meshio.gmsh.read(str(path)), Groups(names)
    mesh = _cells(data)
    if "Entities" not in sections:
        return mesh, Groups(names)
    numbers = _Numbers(sections["Entities"], is_text=is_binary == "0")
    entities = _entities(numbers, f"u{size}", 3) if version == "4.1" else _entities(numbers, "u8", 6)
    return mesh, Groups(names, entities)


def _cells(data: bytes) -> Any:
    """The mesh in MSH 4 as meshio has it without groups. InputError for nodes with parameters.

    OutputError if the temporary folder has no room for a copy.
    """
    import meshio

    copy = Path(tempfile.gettempdir()) / "cells.msh"
    with filling(copy):
        copy.write_bytes(_bare(data))
    try:
        return meshio.gmsh.read(str(copy))
    except meshio.ReadError as error:
        if "parametric" in str(error):
            raise InputError("has nodes with parameters: in Gmsh, set Mesh.SaveParametric = 0") from None
        raise


def _bare(data: bytes) -> bytes:
    """The file without names and entities. Gmsh calls MSH 4.0 version 4, which for meshio is 4.1."""
    rest = SECTION.sub(lambda found: found[0] if found[1] == b"MeshFormat" else b"", data)
    return re.sub(rb"(?m)^(\$MeshFormat\s+4)(?=\s)", rb"\1.0", rest)


def _names(section: bytes) -> dict[Entity, str]:
    """Names of the groups. InputError for a line that is none."""
    names = {}
    for line in section.decode().splitlines()[1:]:
        match = NAME.match(line)
        if not match:
            raise InputError(f"cannot be read: {line!r} is not the name of a physical group")
        names[int(match[1]), int(match[2])] = match[3]
    return names


def _entities(numbers: _Numbers, count: str, corners: int) -> dict[Entity, list[int]]:
    """Numbers of the groups of every entity; `corners` is how many numbers locate a point."""
    found = {}
    for dim, total in enumerate(numbers.take(count, 4).tolist()):
        for _ in range(total):
            tag = int(numbers.take("i4", 1)[0])
            numbers.take("f8", 6 if dim else corners)
            found[dim, tag] = np.abs(numbers.take("i4", int(numbers.take(count, 1)[0]))).tolist()
            if dim:
                numbers.take("i4", int(numbers.take(count, 1)[0]))
    return found


class _Numbers:
    """Numbers one after another, as text or as bytes."""

    def __init__(self, data: bytes, is_text: bool) -> None:
        self.words = data.split() if is_text else None
        self.data, self.place = data, 0

    def take(self, kind: str, count: int) -> npt.NDArray[Any]:
        """The next ones. ValueError if there are not so many."""
        start = self.place
        if self.words is None:
            self.place += count * np.dtype(kind).itemsize
            return np.frombuffer(self.data, kind, count, start)
        self.place += count
        words = self.words[start : self.place]
        if len(words) != count:
            raise ValueError("the section Entities ends too early")
        return np.array(words, dtype=bytes).astype(kind) if count else np.empty(0, kind)
