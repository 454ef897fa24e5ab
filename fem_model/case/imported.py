"""Base of the layouts whose microstructure is in a file of another program."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import ValidationError, ValidationInfo

from fem_model.base.errors import InputError
from fem_model.case.base import FILE_PATH, FilePath, KeyProblem, Section
from fem_model.case.parts import DensityOf, Part

FOLDER = "folder"
"""Key of the validation context: the folder from which relative paths start."""


def found_in_file[Contents](look: Callable[[], Contents]) -> Contents:
    """Contents that `look` finds in the file of a section; its errors become problems of the key."""
    try:
        return look()
    except InputError as error:
        raise KeyProblem("file", f"cannot be used: {error}") from None
    except OSError as error:
        raise KeyProblem("file", f"cannot be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        what = ".".join(map(str, first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        raise KeyProblem("file", f"cannot be used: its {what} {message}") from None


def box_and_current(extent: Sequence[float], current: str) -> tuple[str, str]:
    """Lines for people: the sizes along all axes, given in m, and the axis of the current."""
    sizes = (f"{axis} {1e6 * size:.6g} µm" for axis, size in zip("xyz", extent, strict=False))
    return f"box: {', '.join(sizes)}", f"current: along {'xyz'[len(extent) - 1]}, {current}"


class Imported(Section):
    """A microstructure from a file. Its size and its parts are known from what was found there."""

    parts_key: ClassVar[str]

    file: FilePath
    """Path of the file; a relative one starts at the folder of the case file."""

    @property
    def path(self) -> Path:
        """Path of the file."""
        return Path(self.file)

    def _start_from(self, info: ValidationInfo) -> None:
        """Make the path absolute, so that a copy of the case elsewhere finds the file as well."""
        folder = Path((info.context or {}).get(FOLDER, "."))
        whole = (folder.absolute() / self.file).as_posix()
        try:
            self.__dict__["file"] = FILE_PATH.check(whole)
        except ValueError as error:
            raise KeyProblem("file", f"= {whole}: {error}") from None

    @property
    def extent(self) -> tuple[float, ...]:
        """Sizes along all axes, m; the last axis leads from the anode to the counter electrode."""
        raise NotImplementedError

    @property
    def dim(self) -> int:
        """2 or 3."""
        return len(self.extent)

    @property
    def width(self) -> float:
        """Size along the anode (x), m."""
        return self.extent[0]

    @property
    def depth(self) -> float:
        """Size from the anode to the counter electrode, m."""
        return self.extent[-1]

    @property
    def material_of(self) -> Mapping[str, str]:
        """The material of each part, by the name of the part in the file."""
        raise NotImplementedError

    @property
    def share_of(self) -> Mapping[str, float]:
        """Share of each part of the area (volume), by the name of the part in the file."""
        raise NotImplementedError

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts that have a material each."""
        return tuple(Part(material=material) for material in self.material_of.values())

    def part_key(self, index: int) -> tuple[str, str]:
        """Key of the material of a part."""
        return (self.parts_key, list(self.material_of)[index])

    def part_shares(self, _: DensityOf) -> tuple[float, ...]:
        """Share of each part of the area (volume)."""
        return tuple(self.share_of[name] for name in self.material_of)

    @property
    def content(self) -> str:
        """Short description of the contents of the file."""
        raise NotImplementedError

    @property
    def current(self) -> str:
        """The axis of the current in the file, and the end of it where the anode is."""
        return "the last axis of the file, its lower end at the anode"

    def taken(self) -> tuple[str, ...]:
        """Lines for people that say what was taken from the file."""
        shares = self.part_shares(lambda _: math.nan)
        parts = (
            f"{self.part_key(number)[1]} = {part.material} {share:.4%}"
            for number, (part, share) in enumerate(zip(self.parts, shares, strict=True))
        )
        return (
            f"{self.file}: {self.content}",
            f"{self.parts_key}: {', '.join(parts)}",
            *box_and_current(self.extent, self.current),
        )
