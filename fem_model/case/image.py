"""The layout "image": a labelled image, every voxel of which has a number that stands for a material."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Discriminator, Field, Tag, ValidationInfo, model_validator

from fem_model.case.base import (
    LENGTH,
    Checksum,
    Entries,
    Integer,
    KeyProblem,
    Label,
    Length,
    Name,
    Number,
    Section,
)
from fem_model.case.imported import Imported, found_in_file
from fem_model.case.parts import DensityOf, Part
from fem_model.units import length

if TYPE_CHECKING:
    from fem_model.foreign.images import Labels

Voxel = Annotated[
    Annotated[Length, Tag("one")] | Annotated[tuple[Length, ...], Entries(2, 3), Tag("each")],
    Field(discriminator=Discriminator(lambda value: "each" if isinstance(value, list | tuple) else "one")),
]

STAIRS = {2: 4 / math.pi, 3: 1.5}
"""Area of the sides of voxels over the area of the smooth boundary that they stand for, in the mean."""


MOST_VOXELS = 100_000_000_000
Count = Annotated[Integer, Field(ge=1, le=MOST_VOXELS)]


class ImageContents(Section):
    """What was found in an image; its axes in the order of the file."""

    shape: Annotated[tuple[Count, ...], Entries(2, 3)]
    """Number of voxels along each axis."""
    voxels: Annotated[Mapping[Label, Count], Entries(1, 5000)]
    """Number of voxels with each label."""
    sides: Annotated[tuple[Annotated[Integer, Field(ge=0, le=MOST_VOXELS)], ...], Entries(2, 3)]
    """Number of sides between voxels of different labels, across each axis."""
    sha256: Checksum
    """Checksum of the labels."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if sum(self.voxels.values()) != math.prod(self.shape):
            raise KeyProblem("voxels", "must be as many as the shape says")
        if len(self.sides) != len(self.shape):
            raise KeyProblem("sides", "must be as many as the axes of the shape")
        return self


class Image(Imported):
    """A labelled image with two or three axes.

    The first axis leads from the anode to the counter electrode, unless depth_axis says otherwise; of the
    others the last one is x.
    """

    parts_key: ClassVar = "labels"

    layout: Literal["image"]
    """How the electrolytes are arranged."""
    voxel: Voxel
    """Size of a voxel, or a list of sizes, one along each axis of the image (pages, rows, columns)."""
    labels: Annotated[Mapping[Label, Name], Entries(1, 5000)]
    """Material of each label, say { 0 = "LPSC1.0", 1 = "LGPS" }; all labels of the image, and no others."""
    depth_axis: Annotated[Integer, Field(ge=0, le=2)] = 0
    """Axis of the image, from 0, that leads from the anode (index 0) to the counter electrode."""
    smoothing: Annotated[Number, Field(ge=0.5, le=5)] = 1.0
    """Standard deviation of the filter that smooths boundaries, in voxels, or in cells that are larger."""
    contents: ImageContents | None = None
    """What the file holds: found there, and kept in resolved cases, which are read without the file."""

    @model_validator(mode="after")
    def _look_into_the_file(self, info: ValidationInfo) -> Self:
        self._start_from(info)
        if self.contents is None:
            self.__dict__["contents"] = found_in_file(lambda: _contents(self.path))
        dim = len(self.found.shape)
        if self.depth_axis >= dim:
            raise KeyProblem("depth_axis", f"= {self.depth_axis}: the image has the axes 0 to {dim - 1}")
        if isinstance(self.voxel, tuple) and len(self.voxel) != dim:
            raise KeyProblem("voxel", f"has {len(self.voxel)} sizes; the image has {dim} axes")
        self._check_labels()
        self._check_extent()
        return self

    def _check_extent(self) -> None:
        for extent in self.extent:
            try:
                LENGTH.check(extent)
            except ValueError as error:
                raise KeyProblem("voxel", f"makes the image {length(extent)} long; it {error}") from None

    def _check_labels(self) -> None:
        there = ", ".join(self.found.voxels)
        for label in self.labels:
            if label not in self.found.voxels:
                raise KeyProblem(("labels", label), f"is the label of no voxel. The image holds: {there}.")
        for label, share in zip(self.found.voxels, self._shares(), strict=True):
            if label not in self.labels:
                raise KeyProblem("labels", f"has no material for label {label}, {share:.2%} of the image")

    @property
    def found(self) -> ImageContents:
        """The contents, which are there once the section is complete."""
        assert self.contents is not None
        return self.contents

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes of the image that are x, (y and) the depth."""
        others = [axis for axis in range(len(self.found.shape)) if axis != self.depth_axis]
        return (*others[::-1], self.depth_axis)

    @property
    def voxel_size(self) -> tuple[float, ...]:
        """Size of a voxel along x, (y and) the depth, m."""
        sizes = self.voxel if isinstance(self.voxel, tuple) else (self.voxel,) * len(self.found.shape)
        return tuple(sizes[axis] for axis in self.axes)

    @property
    def extent(self) -> tuple[float, ...]:
        """Sizes along all axes, m; the last axis leads from the anode to the counter electrode."""
        sizes = zip(self.axes, self.voxel_size, strict=True)
        return tuple(self.found.shape[axis] * size for axis, size in sizes)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The labels."""
        return tuple(Part(material=material) for material in self.labels.values())

    def part_key(self, index: int) -> tuple[str, str]:
        """Key of the material of a part."""
        return ("labels", list(self.labels)[index])

    def part_shares(self, _: DensityOf) -> tuple[float, ...]:
        """Share of the voxels of each label."""
        shares = dict(zip(self.found.voxels, self._shares(), strict=True))
        return tuple(shares[label] for label in self.labels)

    @property
    def spacing(self) -> float:
        """Area over length of the boundaries in m, about, at most the depth; in 3D volume over area.

        In 3D the outer faces, off which cells grow as well, count half: cells are on one side only.
        """
        size, volume = math.prod(self.voxel_size), math.prod(self.extent)
        sides = zip(self.axes, self.voxel_size, strict=True)
        area = sum(self.found.sides[axis] * size / length for axis, length in sides) / STAIRS[self.dim]
        if self.dim == 3:
            area += sum(volume / length for length in self.extent)
        return volume / max(area, volume / self.depth)

    def read(self) -> "Labels":
        """The labels with the axes x, (y and) depth. InputError if the file has changed."""
        from fem_model.foreign.files import digest, require_digest
        from fem_model.foreign.images import read_labels

        labels = read_labels(self.path)
        require_digest(self.path, digest([labels]), self.found.sha256)
        return labels.transpose(self.axes)

    def _shares(self) -> list[float]:
        total = sum(self.found.voxels.values())
        return [count / total for count in self.found.voxels.values()]


def _contents(path: Path) -> ImageContents:
    from fem_model.foreign.images import survey_file

    return ImageContents.model_validate(survey_file(path))
