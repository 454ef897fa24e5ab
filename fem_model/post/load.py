"""A run folder as arrays: meshes, fields at the output times, series, summary and case."""

import csv
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree

import numpy as np

from fem_model.base.arguments import path_of
from fem_model.base.arrays import Floats, Ints
from fem_model.base.errors import InputError
from fem_model.base.suggestion import nearest
from fem_model.case import Case, load_case
from fem_model.plot.palette import material_colours
from fem_model.post.contour import FrontLine, find_front
from fem_model.post.datasets import fields_at, read_dataset
from fem_model.post.mesh import Mesh
from fem_model.post.surface import FrontSurface, find_surface
from fem_model.readers.fields import require_fields
from fem_model.readers.files import require_inside, table_of, text_of
from fem_model.record.observables.column import Column
from fem_model.record.observables.time import TIME
from fem_model.record.observables.tips import TIP
from fem_model.record.observables.voltage import CURRENT, VOLTAGE

if TYPE_CHECKING:
    from pandas import DataFrame
    from pyvista import UnstructuredGrid

NEEDED = ("case.toml", "manifest.json", "series.csv", "fields.xdmf", "fields.h5")
"""Files without which a folder is no run; summary.json comes only when a run ends."""
COLUMNS = tuple(column.name for column in (TIME, VOLTAGE, CURRENT, TIP))
"""Columns of series.csv in every run."""
TOPOLOGY = re.compile(r".*:/Mesh/(\d+)/topology")
"""The data of an output's mesh in fields.xdmf."""


class Output(NamedTuple):
    """An output as fields.xdmf describes it."""

    number: int
    """Number of its fields in fields.h5, which has gaps where a run was killed and resumed."""
    mesh: int
    """Number of its mesh in fields.h5."""
    time: float
    """s"""


@dataclass(frozen=True, repr=False)
class Run:
    """Results of a run in its folder. Coordinates are in µm, all else is SI; fields are read on demand."""

    folder: Path
    case: Case
    names: tuple[str, ...]
    """The electrolytes; `material` counts into these."""
    tags: tuple[int, ...]
    """The number of each electrolyte in the files."""
    times: Floats
    """Times at which fields were saved, s."""
    outputs: tuple[Output, ...]
    """Place of each of them in fields.h5."""
    series: Mapping[str, Floats]
    """Columns of series.csv by name."""
    summary: Mapping[str, Any] | None
    """summary.json; None while the run has not ended."""

    @cached_property
    def colours(self) -> dict[str, str]:
        """The colour of each electrolyte in figures."""
        return material_colours(self.names)

    @property
    def end(self) -> float:
        """The latest time that is known, s."""
        return float(max(self.series[TIME.name][-1], self.times[-1]))

    def on_paper(self, column: Column) -> Floats:
        """A column of the series in the unit of figures."""
        return column.on_paper[1] * self.series[column.name]

    @cached_property
    def meshes(self) -> Mapping[int, Mesh]:
        """The meshes that outputs are on, by number."""
        return {number: self._mesh(number) for number in sorted({output.mesh for output in self.outputs})}

    def mesh_at(self, output: int) -> Mesh:
        """The mesh of an output, the same object for all that share one."""
        return self.meshes[self.outputs[output].mesh]

    @property
    def mesh(self) -> Mesh:
        """The mesh of the last output."""
        return self.mesh_at(-1)

    @property
    def dim(self) -> int:
        """2 or 3."""
        return self.mesh.dim

    @property
    def upward(self) -> str:
        """The axis that leads from the anode up."""
        return "xyz"[self.dim - 1]

    def _mesh(self, number: int) -> Mesh:
        """A mesh of fields.h5. InputError if it is not one of this run."""
        grain, tags = (
            self._read(f"/Function/{name}/{number}")[:, 0].round().astype(np.int64)
            for name in ("grain", "material")
        )
        if not np.isin(tags, self.tags).all():
            raise InputError(f"{self.folder}: has materials in fields.h5 that are not in manifest.json")
        order = np.argsort(self.tags)
        material = order[np.searchsorted(self.tags, tags, sorter=order)]
        points = np.asarray(self._read(f"/Mesh/{number}/geometry"), dtype=float)
        cells = np.asarray(self._read(f"/Mesh/{number}/topology"), dtype=np.int64)
        return Mesh(points, cells, material, grain, self.names)

    @cached_property
    def fronts(self) -> tuple[tuple[FrontLine, ...], ...]:
        """The contour ξ = ½ at each output, in 2D."""
        return tuple(self._level(find_front, k) for k in range(len(self.times)))

    @cached_property
    def surfaces(self) -> tuple[FrontSurface, ...]:
        """The surface ξ = ½ at each output, in 3D."""
        return tuple(self._level(find_surface, k) for k in range(len(self.times)))

    def _level[Level](self, find: Callable[[Floats, Ints, Floats], Level], output: int) -> Level:
        mesh = self.mesh_at(output)
        return find(mesh.points, mesh.cells, self.field("xi", output))

    def front_points(self, output: int) -> Floats:
        """Points (n, d) on the front at an output, µm."""
        if self.dim == 3:
            return self.surfaces[output].points
        return np.concatenate([np.empty((0, 2)), *(line.points for line in self.fronts[output])])

    def table(self, name: str = "series") -> "DataFrame":
        """The series, or one of the tables of `fem-model post`, as a pandas DataFrame in SI units.

        Raises InputError for a name that is none of them, and where pandas is not installed.
        """
        from fem_model.post.frames import frame_of

        return frame_of(self, name)

    def grid(self, output: int = -1) -> "UnstructuredGrid":
        """The mesh with all fields at an output, the last by default, for PyVista; points in µm, else SI.

        Raises InputError as `field`.
        """
        from fem_model.post.fields import grid_of

        return grid_of(self, output)

    def __repr__(self) -> str:
        """One line, as the prompt of Python shows it."""
        ending = self.summary["status"] if self.summary else "not ended"
        return f"Run({str(self.folder)!r}: {ending}, {len(self.times)} outputs to {self.times[-1]:g} s)"

    def _repr_html_(self) -> str:
        """A summary with figures, as notebooks show it."""
        from fem_model.post.notebook import as_html

        return as_html(self)

    def field_names(self, output: int) -> list[str]:
        """The fields at an output. Raises InputError for an output that is not there."""
        self._require_output(output)
        return fields_at(self.folder / "fields.h5", self.outputs[output].number)

    def field(self, name: str, output: int) -> Floats:
        """Field `name` at `times[output]`.

        "xi" and "phi" (V) come by node (N,), "current_density" (A/m2) and "conversion" by cell, (M, 3) and
        (M,). Raises InputError for a field or an output that is not there.
        """
        known = self.field_names(output)
        if name not in known:
            allowed = f"Allowed: {', '.join(known)}.{nearest(name, known)}"
            raise InputError(f"{self.folder}: has no field {name}. {allowed}")
        values = self._read(f"/Function/{name}/{self.outputs[output].number}")
        mesh = self.mesh_at(output)
        if len(values) not in (len(mesh.points), len(mesh.cells)):
            raise InputError(f"{self.folder / 'fields.h5'}: has {name} of another mesh at output {output}")
        return values[:, 0] if values.shape[1] == 1 else values

    def _require_output(self, output: int) -> None:
        if not -len(self.times) <= output < len(self.times):
            raise InputError(f"{self.folder}: has no output {output}; there are {len(self.times)}, from 0 on")

    def _read(self, dataset: str) -> Floats:
        return read_dataset(self.folder / "fields.h5", dataset)


def load_run(folder: str | Path) -> Run:
    """Open a run folder, ended or still running.

    Raises InputError with one message that names the folder and what it lacks, or the file that is damaged.
    """
    folder = path_of(folder, "folder")
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        what = "is not the folder of a run: it lacks" if folder.exists() else "no such folder; it should hold"
        raise InputError(f"{folder}: {what} {', '.join(missing)}")
    materials = _parse(folder / "manifest.json", _materials)
    outputs = _parse(folder / "fields.xdmf", _outputs)
    require_fields(folder / "fields.h5")
    require_inside(folder / "case.toml", folder)
    summary = folder / "summary.json"
    return Run(
        folder=folder,
        case=load_case(folder / "case.toml"),
        names=tuple(materials),
        tags=tuple(materials.values()),
        times=np.array([output.time for output in outputs]),
        outputs=outputs,
        series=_parse(folder / "series.csv", _columns),
        summary=table_of(summary) if summary.exists() else None,
    )


def _parse[T](path: Path, parser: Callable[[str], T]) -> T:
    """Contents of a file in the folder of a run. InputError if it is damaged, or somewhere else."""
    text = text_of(path)
    try:
        return parser(text)
    except Exception as error:  # whatever damaged text leads to
        reason = f"lacks {error}" if isinstance(error, KeyError) else str(error)
        raise InputError(f"{path}: cannot be read: {' '.join(reason.split())}") from None


def _materials(text: str) -> dict[str, int]:
    """The number of each electrolyte in the fields."""
    return {str(name): int(number) for name, number in json.loads(text)["materials"].items()}


def _outputs(text: str) -> tuple[Output, ...]:
    """The outputs; a grid is called t<number>, and names its mesh."""
    grids = [grid for grid in ElementTree.fromstring(text).iter("Grid") if grid.find("Time") is not None]
    if not grids:
        raise ValueError("it holds no output yet")
    outputs = tuple(_output(grid) for grid in grids)
    if not np.isfinite([output.time for output in outputs]).all():
        raise ValueError("it holds a time that is not finite")
    return outputs


def _output(grid: ElementTree.Element) -> Output:
    name, time = grid.attrib["Name"], grid.find("Time")
    mesh = TOPOLOGY.fullmatch((grid.findtext("Topology/DataItem") or "").strip())
    if time is None or mesh is None:
        raise ValueError(f"its grid {name} has no mesh in fields.h5")
    return Output(int(name.removeprefix("t")), int(mesh[1]), float(time.attrib["Value"]))


def _columns(text: str) -> dict[str, Floats]:
    """Numbers by column; a last line that is still being written is left out."""
    header, *rows = csv.reader(text[: text.rfind("\n") + 1].splitlines()) if "\n" in text else [[]]
    if not rows:
        raise ValueError("it holds no step yet")
    columns = dict(zip(header, np.array(rows, dtype=float).T, strict=True))
    if missing := [name for name in COLUMNS if name not in columns]:
        raise ValueError(f"it has no column {missing[0]}")
    return columns
