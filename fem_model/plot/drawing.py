"""Scenes in 3D, rendered by VTK without a screen: python -m fem_model.plot.drawing SCENE.npz PICTURE.png

It renders in a process of its own, since a graphics library that is missing may end the process.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from fem_model.base.arrays import Floats, Ints
from fem_model.base.scratch import filling, scratch
from fem_model.base.surroundings import python_module

Colour = str | tuple[float, float, float]
Label = tuple[str, Sequence[float]]
"""A text and where it stands."""

PIXELS = 1600
TIMEOUT = 300.0
TEXT: Mapping[str, Any] = {
    "font_size": 40,
    "text_color": "black",
    "shape": None,
    "show_points": False,
    "always_visible": True,
    "justification_horizontal": "center",
    "justification_vertical": "center",
}
LIGHT: Mapping[str, Any] = {"ambient": 0.6, "diffuse": 0.5}


@dataclass(frozen=True)
class Patch:
    """Triangles."""

    points: Floats
    triangles: Ints
    colour: Colour | None = None
    """One for all; None: `shades`."""
    shades: Floats = field(default_factory=lambda: np.empty((0, 3)))
    """Red, green and blue, from 0 to 1, of each point or of each triangle."""
    style: Mapping[str, Any] = field(default_factory=dict)
    """Style, as PyVista's add_mesh takes it."""
    clipped: bool = False
    """True if only the part behind the scene's plane is seen."""


@dataclass(frozen=True)
class Lines:
    """Edges, drawn a little nearer than they are, so that they are seen on the triangles that they bound."""

    points: Floats
    edges: Ints
    colour: Colour = "black"
    style: Mapping[str, Any] = field(default_factory=dict)
    clipped: bool = False


@dataclass(frozen=True)
class Scene:
    """Objects, camera and plane of a picture in parallel projection with z upwards."""

    view: tuple[float, float, float]
    """Direction from the middle towards the eye."""
    patches: Sequence[Patch] = ()
    lines: Sequence[Lines] = ()
    labels: Sequence[Label] = ()
    plane: tuple[Sequence[float], Sequence[float]] | None = None
    """A point of the plane and its normal, towards what is taken away of the clipped parts."""


def rendered(scene: Scene) -> Any:
    """The picture as an array (height, width, 3) without empty margins.

    None if it cannot be drawn, or not within `TIMEOUT` seconds. OutputError without room for the scene.
    """
    import fem_model._matplotlib_first  # noqa: F401

    # isort: split
    from matplotlib.image import imread

    screenless = {"VTK_DEFAULT_OPENGL_WINDOW": "vtkEGLRenderWindow"} if sys.platform == "linux" else {}
    with scratch() as folder:
        file, png = folder / "scene.npz", folder / "picture.png"
        with filling(file):
            _save(scene, file)
        try:
            subprocess.run(
                python_module("fem_model.plot.drawing", file, png),
                cwd=folder,
                env=screenless | os.environ,
                capture_output=True,
                timeout=TIMEOUT,
                check=True,
            )
            return without_margins(imread(png)[:, :, :3])
        except (subprocess.SubprocessError, OSError):
            return None


def without_margins(picture: Any) -> Any:
    """A picture without the white rows and columns at its sides."""
    rows, columns = (np.flatnonzero((picture < 1).any(axis=2).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return picture
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def render(scene: Scene, png: Path) -> None:
    """Draw a scene in this process."""
    import pyvista

    plotter = pyvista.Plotter(off_screen=True, window_size=[PIXELS, PIXELS])
    plotter.set_background("white")
    plotter.enable_anti_aliasing("ssaa")

    def shown(data: Any, part: Patch | Lines) -> Any:
        if part.clipped and scene.plane is not None:
            origin, normal = scene.plane
            return data.clip(normal=normal, origin=origin)
        return data

    towards = np.array(scene.view) / np.linalg.norm(scene.view)
    for patch in (from_behind(patch, towards) for patch in scene.patches):
        data = pyvista.PolyData.from_regular_faces(patch.points, patch.triangles)
        colours: dict[str, Any] = {"color": patch.colour}
        if patch.colour is None:
            at = data.point_data if len(patch.shades) == len(patch.points) else data.cell_data
            at["shades"] = (255 * patch.shades).round().astype(np.uint8)
            colours = {"scalars": "shades", "rgb": True}
        if (data := shown(data, patch)).n_cells:
            plotter.add_mesh(data, **{**LIGHT, **colours, **patch.style})
    for some in scene.lines:
        data = pyvista.PolyData(some.points, lines=np.insert(some.edges, 0, 2, axis=1).ravel())
        if (data := shown(data, some)).n_cells:
            data.points = data.points + 2e-3 * np.ptp(some.points) * towards
            plotter.add_mesh(data, color=some.colour, **some.style)
    if scene.labels:
        names, places = zip(*scene.labels, strict=True)
        plotter.add_point_labels(np.array(places), list(names), **TEXT)
    plotter.enable_parallel_projection()
    plotter.view_vector(scene.view, viewup=(0.0, 0.0, 1.0))
    plotter.screenshot(png)


def from_behind(patch: Patch, towards: Floats) -> Patch:
    """The patch with its triangles from the farthest to the nearest, as transparent ones have to be drawn."""
    order = np.argsort(patch.points[patch.triangles].mean(axis=1) @ towards, kind="stable")
    by_triangle = len(patch.shades) == len(order) != len(patch.points)
    shades = patch.shades[order] if by_triangle else patch.shades
    return replace(patch, triangles=patch.triangles[order], shades=shades)


def _save(scene: Scene, path: Path) -> None:
    """Arrays by "kind/number/name", all else as JSON."""
    arrays: dict[str, Any] = {}
    labels = [(text, np.array(place).tolist()) for text, place in scene.labels]
    texts: dict[str, Any] = {"view": scene.view, "labels": labels, "plane": scene.plane}
    kinds: tuple[tuple[str, Sequence[Any]], ...] = (("patches", scene.patches), ("lines", scene.lines))
    for kind, parts in kinds:
        texts[kind] = [{} for _ in parts]
        for number, part in enumerate(parts):
            for name, value in ((entry.name, getattr(part, entry.name)) for entry in fields(part)):
                if isinstance(value, np.ndarray):
                    arrays[f"{kind}/{number}/{name}"] = value
                else:
                    texts[kind][number][name] = value
    np.savez(path, texts=json.dumps(texts), **arrays)


def _load(path: Path) -> Scene:
    with np.load(path) as file:
        texts = json.loads(str(file["texts"]))
        for key in set(file.files) - {"texts"}:
            kind, number, name = key.split("/")
            texts[kind][int(number)][name] = file[key]
    patches, lines = [Patch(**part) for part in texts["patches"]], [Lines(**part) for part in texts["lines"]]
    return Scene(texts["view"], patches, lines, texts["labels"], texts["plane"])


if __name__ == "__main__":
    render(_load(Path(sys.argv[1])), Path(sys.argv[2]))
