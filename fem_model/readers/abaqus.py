"""Abaqus files (.inp): nodes, elements and element sets.

meshio takes sets from each block of elements by its place, and nodes from the last block only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from fem_model.base.arrays import Ints
from fem_model.base.errors import InputError

MANY = "has several {}s: in Abaqus/CAE, merge them into one part and mesh that"
INCLUDED = "puts in another file (*INCLUDE): write all into one file"


def read_inp(path: Path) -> tuple[Any, list[dict[str, Ints]]]:
    """The mesh as meshio has it; the element sets, listed ones and those of blocks, by places of cells.

    Errors: InputError for several parts, other files that are put in, and unknown elements and sets.
    """
    import meshio

    file = _File()
    for keyword, options, lines in _blocks(path.read_text(encoding="utf-8", errors="replace")):
        if act := file.keywords.get(keyword):
            act(options, lines)
    node = {number: place for place, number in enumerate(file.nodes)}
    blocks = [(kind, np.array([[node[n] for n in row] for row in rows])) for kind, rows in file.blocks]
    cell = {number: place for place, number in enumerate(file.numbers)}
    if len(cell) < len(file.numbers):
        raise InputError("has several elements of one number")
    families = [
        {name: np.array([cell[n] for n in found if n in cell], np.int64) for name, found in family.items()}
        for family in (file.listed, file.of_blocks)
    ]
    return meshio.Mesh(np.array(list(file.nodes.values())), blocks), families


def _blocks(text: str) -> Iterator[tuple[str, Mapping[str, str], list[str]]]:
    """Keyword in capitals, options, and lines of data of each block."""
    keyword, options, lines = "", dict[str, str](), list[str]()
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("**"):
            continue
        if not line.startswith("*"):
            lines.append(line)
            continue
        yield keyword, options, lines
        first, *others = _words(line)
        pairs = [word.partition("=") for word in others]
        options = {name.strip().upper(): value.strip().strip('"') for name, _, value in pairs}
        keyword, lines = first[1:].strip().upper(), []
    yield keyword, options, lines


def _words(line: str) -> list[str]:
    return [word.strip() for word in line.rstrip(",").split(",")]


@dataclass
class _File:
    """Contents of the blocks of a file, one after another."""

    nodes: dict[int, list[float]] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    """Numbers of the elements."""
    blocks: list[tuple[str, list[list[int]]]] = field(default_factory=list)
    """meshio's name of a type of cells, and the nodes of each."""
    listed: dict[str, list[int]] = field(default_factory=dict)
    """Elements of the sets that *ELSET lists."""
    of_blocks: dict[str, list[int]] = field(default_factory=dict)
    """Elements of the sets that *ELEMENT names."""
    places: set[str] = field(default_factory=set)

    @property
    def keywords(self) -> Mapping[str, Callable[[Mapping[str, str], list[str]], None]]:
        """Method for each keyword; other keywords are skipped."""
        return {
            "NODE": self._node,
            "ELEMENT": self._element,
            "ELSET": self._elset,
            "INCLUDE": lambda *_: _refuse(INCLUDED),
            "PART": lambda *_: self._once("part"),
            "INSTANCE": self._instance,
        }

    def _instance(self, _: Mapping[str, str], lines: list[str]) -> None:
        self._once("instance")
        if any(len(_words(line)) > 3 for line in lines):
            _refuse("has an instance that is turned: write the mesh of the part, or turn it before meshing")

    def _node(self, _: Mapping[str, str], lines: list[str]) -> None:
        for number, *coordinates in map(_words, lines):
            place = [float(x) for x in coordinates[:3]]
            if self.nodes.setdefault(int(number), place) != place:
                _refuse(f"has two nodes {number}, as of an assembly with reference points: leave these out")

    def _element(self, options: Mapping[str, str], lines: list[str]) -> None:
        from meshio._mesh import num_nodes_per_cell
        from meshio.abaqus._abaqus import abaqus_to_meshio_type

        kind = abaqus_to_meshio_type.get(options["TYPE"].upper())
        if kind is None:
            _refuse(f"has elements of the type {options['TYPE']}: only triangles and tetrahedra are read")
        kind = {"tetra4": "tetra"}.get(kind, kind)
        values = [int(word) for line in lines for word in _words(line)]
        rows = np.array(values).reshape(-1, num_nodes_per_cell[kind] + 1).tolist()
        numbers = [row[0] for row in rows]
        self.numbers += numbers
        self.blocks.append((kind, [row[1:] for row in rows]))
        if "ELSET" in options:
            self.of_blocks.setdefault(options["ELSET"], []).extend(numbers)

    def _elset(self, options: Mapping[str, str], lines: list[str]) -> None:
        """Add elements to a set: by number, by range, or by the name of another set."""
        members = self.listed.setdefault(options["ELSET"], [])
        for words in map(_words, lines):
            if "GENERATE" in options:
                first, last, *step = map(int, words)
                members += range(first, last + 1, *step)
            else:
                members += [number for word in words for number in self._members(word)]

    def _members(self, word: str) -> list[int]:
        if word.isdecimal():
            return [int(word)]
        found = self.listed.get(word) or self.of_blocks.get(word)
        return found if found else _refuse(f"has an element set of {word}, which is no set before it")

    def _once(self, what: str) -> None:
        if what in self.places:
            _refuse(MANY.format(what))
        self.places.add(what)


def _refuse(told: str) -> Any:
    raise InputError(told)
