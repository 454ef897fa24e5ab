"""The layout "mesh": an imported mesh with regions, in any format that meshio reads."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, ValidationInfo, model_validator

from fem_model.base.suggestion import nearest
from fem_model.base.units import parse_quantity
from fem_model.case.base import (
    LENGTH,
    NAME,
    Checksum,
    Entries,
    Integer,
    KeyProblem,
    Label,
    Length,
    Name,
    Note,
    Section,
    Share,
)
from fem_model.case.imported import Imported, found_in_file
from fem_model.case.parts import MOST_CELLS, require_sum_of_one

if TYPE_CHECKING:
    from fem_model.readers.meshes import RegionMesh


class MeshContents(Section):
    """Contents of a mesh."""

    extent: Annotated[tuple[Length, ...], Entries(2, 3)]
    """Sizes along all axes."""
    fractions: Annotated[Mapping[Label, Share], Entries(1, 5000)]
    """Share of the area (in 3D of the volume) of each region."""
    cells: Annotated[Integer, Field(ge=1, le=MOST_CELLS)]
    """Number of triangles, in 3D of tetrahedra."""
    cell_size: Length
    """Mean length of the edges of the cells."""
    sha256: Checksum
    """Checksum of the points, the cells, their regions and grains."""
    notes: Note | None = None
    """Notes on the file: repairs, and anything unusual."""

    @model_validator(mode="after")
    def _shares_sum_to_one(self) -> Self:
        require_sum_of_one("fractions", "shares", self.fractions.values())
        return self


class ImportedMesh(Imported):
    """A mesh of triangles, in 3D of tetrahedra, each with its region.

    The last axis leads from the anode, its lower end, to the counter electrode; both ends must be flat.
    """

    parts_key: ClassVar = "regions"

    layout: Literal["mesh"]
    """Arrangement of the electrolytes."""
    unit: Label
    """Unit of length of the file, say "um"."""
    region_data: Label | None = None
    """Array of the cells that holds their regions; by default groups, element sets, or the only array."""
    regions: Annotated[Mapping[Label, Name], Entries(0, 5000)] = Field(default_factory=dict)
    """Material of each region, by name or number, say { 1 = "LPSC1.0" }; by default its name. Of several that
    a cell is in, the one that is named here counts."""
    contents: MeshContents | None = None
    """Contents of the file: found there, and kept in resolved cases, which are read without the file."""

    @model_validator(mode="after")
    def _look_into_the_file(self, info: ValidationInfo) -> Self:
        self._start_from(info)
        self._metres()
        if self.contents is None:
            self.__dict__["contents"] = found_in_file(lambda: self._contents(self._mesh_in_file()))
        there = list(self.found.fractions)
        for region in self.regions:
            if region not in there:
                text = f"is not a region of the file. Allowed: {', '.join(there)}.{nearest(region, there)}"
                raise KeyProblem(("regions", region), text)
        self.__dict__["regions"] = {region: self._material(region) for region in there}
        return self

    def _material(self, region: str) -> str:
        try:
            return self.regions.get(region) or NAME.check(region)
        except ValueError as error:
            text = f'has no material for "{region}", and that itself cannot be one: {error}'
            raise KeyProblem("regions", text) from None

    @property
    def found(self) -> MeshContents:
        """The contents, which are there once the section is complete."""
        assert self.contents is not None
        return self.contents

    @property
    def extent(self) -> tuple[float, ...]:
        """Sizes along all axes, m; the last axis leads from the anode to the counter electrode."""
        return self.found.extent

    @property
    def content(self) -> str:
        """The number of cells, the unit of the file, and what was put right in it."""
        cells = f"{self.found.cells} {'triangles' if self.dim == 2 else 'tetrahedra'}"
        return "; ".join(
            [f"{cells}, lengths in {self.unit}", *([self.found.notes] if self.found.notes else [])]
        )

    @property
    def material_of(self) -> Mapping[str, str]:
        """The material of each region."""
        return self.regions

    @property
    def share_of(self) -> Mapping[str, float]:
        """Share of each region of the area (volume)."""
        return self.found.fractions

    def read(self) -> "RegionMesh":
        """The mesh, in metres. InputError if the file has changed."""
        from fem_model.readers.files import require_digest

        mesh = self._mesh_in_file()
        require_digest(self.path, mesh.digest(), self.found.sha256)
        return mesh.scaled(self._metres())

    def _metres(self) -> float:
        """The unit of the file in m."""
        try:
            return LENGTH.check(parse_quantity(f"1 {self.unit}", "m"))
        except ValueError as error:
            raise KeyProblem("unit", f'= "{self.unit}": {error}. Example: "um"') from None

    def _mesh_in_file(self) -> "RegionMesh":
        from fem_model.readers.meshes import read_mesh

        micrometres = self._metres() * 1e6
        return read_mesh(self.path, self.region_data, list(self.regions), micrometres)

    def _contents(self, mesh: "RegionMesh") -> MeshContents:
        unit = self._metres()
        return MeshContents.model_validate(
            {
                "extent": [f"{length * unit!r} m" for length in mesh.extent],
                "fractions": mesh.fractions(),
                "cells": len(mesh.cells),
                "cell_size": f"{mesh.mean_edge() * unit!r} m",
                "sha256": mesh.digest(),
                "notes": "; ".join(mesh.notes) or None,
            }
        )
