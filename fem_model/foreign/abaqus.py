"""Abaqus files (.inp): nodes, elements and element sets.

meshio takes sets from each block of elements by its place, and nodes from the last block only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_model.errors import InputError

Ints = npt.NDArray[np.int64]


@dataclass
class Sets:
    """Numbers of the elements in each set: those that *ELSET lists, and those that *ELEMENT names."""

    listed: dict[str, list[int]] = field(default_factory=dict)
    of_blocks: dict[str, list[int]] = field(default_factory=dict)


def read_inp(path: Path) -> tuple[Any, list[dict[str, Ints]]]:
    """The mesh as meshio has it; the element sets, listed ones and those of blocks, by places of cells.

    Errors: InputError for several parts, files that put in others, unknown elements and sets.
    """
    import meshio

    nodes: dict[int, list[float]] = {}
    cells: list[tuple[str, list[list[int]]]] = []
    sets, placed = Sets(), {"PART": 0, "INSTANCE": 0}
    for keyword, options, lines in _blocks(path.read_text(encoding="utf-8", errors="replace")):
        if keyword == "NODE":
            nodes |= {int(words[0]): [float(word) for word in words[1:4]] for words in map(_words, lines)}
        elif keyword == "ELEMENT":
            numbers, kind, corners = _elements(options, lines)
            cells.append((kind, [[number, *row] for number, row in zip(numbers, corners, strict=True)]))
            if "ELSET" in options:
                sets.of_blocks.setdefault(options["ELSET"], []).extend(numbers)
        elif keyword == "ELSET":
            sets.listed.setdefault(options["ELSET"], []).extend(_members(options, lines, sets))
        elif keyword == "INCLUDE":
            raise InputError("puts in other files (*INCLUDE): write all into one file")
        elif keyword in placed:
            placed[keyword] += 1
            if placed[keyword] > 1:
                raise InputError(f"has several {keyword.lower()}s: in Abaqus/CAE, merge them into one part")
    place = {number: index for index, number in enumerate(nodes)}
    blocks = [(kind, np.array([[place[n] for n in row[1:]] for row in rows])) for kind, rows in cells]
    numbers = [row[0] for _, rows in cells for row in rows]
    if len(set(numbers)) < len(numbers):
        raise InputError("has several elements of one number")
    where = {number: index for index, number in enumerate(numbers)}
    families = [_placed(family, where) for family in (sets.listed, sets.of_blocks)]
    return meshio.Mesh(np.array(list(nodes.values())), blocks), families


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


def _elements(options: Mapping[str, str], lines: list[str]) -> tuple[list[int], str, list[list[int]]]:
    """Numbers of the elements of a block, their type by meshio's name, and their nodes."""
    from meshio._mesh import num_nodes_per_cell
    from meshio.abaqus._abaqus import abaqus_to_meshio_type

    kind = abaqus_to_meshio_type.get(options["TYPE"].upper())
    if kind is None:
        raise InputError(f"has elements of the type {options['TYPE']}, which is not known here")
    kind = {"tetra4": "tetra"}.get(kind, kind)
    values = [int(word) for line in lines for word in _words(line)]
    rows = np.array(values).reshape(-1, num_nodes_per_cell[kind] + 1).tolist()
    return [row[0] for row in rows], kind, [row[1:] for row in rows]


def _members(options: Mapping[str, str], lines: list[str], sets: Sets) -> list[int]:
    """Numbers of the elements that a set lists, by number, by range, or by the name of another set."""
    found: list[int] = []
    for words in map(_words, lines):
        if "GENERATE" in options:
            first, last, *step = map(int, words)
            found += range(first, last + 1, *step)
            continue
        for word in filter(None, words):
            if word.isdecimal():
                found.append(int(word))
            elif (members := sets.listed.get(word) or sets.of_blocks.get(word)) is None:
                raise InputError(f"has the element set {options['ELSET']} of {word}, no set before it")
            else:
                found += members
    return found


def _placed(family: Mapping[str, list[int]], where: Mapping[int, int]) -> dict[str, Ints]:
    """Places of the elements of each set."""
    kept = {name: [where[n] for n in numbers if n in where] for name, numbers in family.items()}
    return {name: np.array(places, np.int64) for name, places in kept.items()}
