"""The layout "image": a labelled image, every voxel of which has a number that stands for a material."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Discriminator, Field, Tag, ValidationInfo, model_validator

from fem_model.case.base import (
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
from fem_model.case.voxel import OF_FILE, require_extent, require_same_voxel, voxel_of

if TYPE_CHECKING:
    from fem_model.readers.images import Labels


def _kind_of_voxel(value: object) -> str:
    if value == OF_FILE:
        return "file"
    return "each" if isinstance(value, list | tuple) else "one"


Voxel = Annotated[
    Annotated[Literal["file"], Tag("file")]
    | Annotated[Length, Tag("one")]
    | Annotated[tuple[Length, ...], Entries(2, 3), Tag("each")],
    Field(discriminator=Discriminator(_kind_of_voxel)),
]

STAIRS = {2: 4 / math.pi, 3: 1.5}
"""Area of the sides of voxels over the area of the smooth boundary that they stand for, in the mean."""

TURNED = (
    "is needed, since the axes of the file point backwards or are permuted (space directions): [] keeps them "
    "as they are stored, [0] reverses the first one"
)

MOST_VOXELS = 100_000_000_000
Axis = Annotated[Integer, Field(ge=0, le=2)]
Count = Annotated[Integer, Field(ge=1, le=MOST_VOXELS)]


class ImageContents(Section):
    """Contents of an image; its axes are in the order of the file."""

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

    @property
    def shares(self) -> dict[str, float]:
        """Share of the voxels with each label."""
        total = sum(self.voxels.values())
        return {label: count / total for label, count in self.voxels.items()}


class Image(Imported):
    """A labelled image with two or three axes.

    The first axis leads from the anode to the counter electrode, unless depth_axis says otherwise; of the
    others the last one is x.
    """

    parts_key: ClassVar = "labels"

    layout: Literal["image"]
    """Arrangement of the electrolytes."""
    voxel: Voxel
    """Size of a voxel, or a list of sizes, one along each axis of the image (pages, rows, columns); "file"
    takes those of the file."""
    labels: Annotated[Mapping[Label, Name], Entries(1, 5000)]
    """Material of each label, say { 0 = "LPSC1.0", 1 = "LGPS" }; all labels of the image, and no others."""
    depth_axis: Axis = 0
    """Axis of the image, from 0, that leads from the anode (index 0) to the counter electrode."""
    flip: Annotated[tuple[Axis, ...], Entries(0, 3)] | None = None
    """Axes of the image, from 0, whose order is reversed: with the depth_axis the anode is at its end."""
    frame: Annotated[Integer, Field(ge=0, le=1_000_000)] | None = None
    """Number, from 0, of the frame that is taken of an image with a time axis."""
    channel: Annotated[Integer, Field(ge=0, le=1_000_000)] | None = None
    """Number, from 0, of the channel that is taken of an image with several."""
    smoothing: Annotated[Number, Field(ge=0.5, le=5)] = 1.0
    """Standard deviation of the filter that smooths boundaries, in voxels, or in cells that are larger."""
    contents: ImageContents | None = None
    """Contents of the file: found there, and kept in resolved cases, which are read without the file."""

    @model_validator(mode="after")
    def _look_into_the_file(self, info: ValidationInfo) -> Self:
        self._start_from(info)
        if self.contents is None:
            self._survey()
        self._check_axes()
        self._check_labels()
        require_extent(self.extent)
        return self

    def _survey(self) -> None:
        """Find the contents in the file, and see that it agrees with the case about voxels and axes."""
        from fem_model.readers.images import survey_file

        found = found_in_file(lambda: survey_file(self.path, self.frame, self.channel))
        said, turned = found.pop("voxel"), found.pop("turned")
        self.__dict__["contents"] = found_in_file(lambda: ImageContents.model_validate(found))
        if self.voxel == OF_FILE:
            self.__dict__["voxel"] = voxel_of(self.path.name, said)
        require_same_voxel(self.path.name, said, self._sizes)
        if turned and self.flip is None:
            raise KeyProblem("flip", TURNED)

    def _check_axes(self) -> None:
        dim = len(self.found.shape)
        for key, axes in (("depth_axis", (self.depth_axis,)), ("flip", self.flip or ())):
            if max(axes, default=0) >= dim:
                raise KeyProblem(key, f"= {max(axes)}: the image has the axes 0 to {dim - 1}")
        if isinstance(self.voxel, tuple) and len(self.voxel) != dim:
            raise KeyProblem("voxel", f"has {len(self.voxel)} sizes; the image has {dim} axes")

    @property
    def _sizes(self) -> tuple[float, ...]:
        """Size of a voxel along the axes of the image, m."""
        assert not isinstance(self.voxel, str)  # it has been replaced
        return self.voxel if isinstance(self.voxel, tuple) else (self.voxel,) * len(self.found.shape)

    def _check_labels(self) -> None:
        there = ", ".join(self.found.voxels)
        for label in self.labels:
            if label not in self.found.voxels:
                raise KeyProblem(("labels", label), f"is not found in the image, which holds {there}.")
        for label, share in self.found.shares.items():
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
        return tuple(self._sizes[axis] for axis in self.axes)

    @property
    def extent(self) -> tuple[float, ...]:
        """Sizes along all axes, m; the last axis leads from the anode to the counter electrode."""
        sizes = zip(self.axes, self.voxel_size, strict=True)
        return tuple(self.found.shape[axis] * size for axis, size in sizes)

    @property
    def material_of(self) -> Mapping[str, str]:
        """The material of each label."""
        return self.labels

    @property
    def share_of(self) -> Mapping[str, float]:
        """Share of each label of the voxels."""
        return self.found.shares

    @property
    def content(self) -> str:
        """The number of voxels along the axes of the file, and their size."""
        shape = " × ".join(map(str, self.found.shape))
        return f"{shape} voxels of {' × '.join(f'{1e6 * size:.6g}' for size in self._sizes)} µm"

    @property
    def current(self) -> str:
        """The axis of the image, which of its ends is at the anode, and the other axes."""
        end = "last" if self.depth_axis in (self.flip or ()) else "first"
        others = ", ".join(f"{name} is axis {axis}" for name, axis in zip("xy", self.axes[:-1], strict=False))
        turned = f"; reversed: {', '.join(map(str, self.flip))}" if self.flip else ""
        return f"axis {self.depth_axis} of the file, its {end} voxels at the anode; {others}{turned}"

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
        from fem_model.readers.files import digest, require_digest
        from fem_model.readers.images import read_labels

        labels = read_labels(self.path, self.frame, self.channel)
        require_digest(self.path, digest([labels]), self.found.sha256)
        ways = [-1 if axis in (self.flip or ()) else 1 for axis in range(labels.ndim)]
        return labels[tuple(slice(None, None, way) for way in ways)].transpose(self.axes)
