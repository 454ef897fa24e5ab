"""Scene of a run in 3D: its lithium, the grains behind a plane, the skeleton."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from matplotlib.colors import Normalize

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.base.level_sets import crossings, cut_triangles
from fem_model.base.simplices import outside, seams
from fem_model.plot.drawing import Label, Lines, Patch, Scene
from fem_model.plot.style import ELECTRODE, GREY, OUTLINE, height_colours, pale
from fem_model.post.analysis import Analysis
from fem_model.post.lithium import on_anode
from fem_model.post.load import Run
from fem_model.post.mesh import Mesh
from fem_model.post.section import Section

VIEW = (0.5, -1.4, 0.7)
"""Direction from which the box is seen, if what is kept lies at large y."""
CORNERS: Final = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
EDGES: Final = np.array([[i, i | bit] for bit in (1, 2, 4) for i in range(8) if not i & bit])
"""Edges of a box with these corners."""
SMOOTH: Final[Mapping[str, Any]] = {"smooth_shading": True, "ambient": 0.35, "diffuse": 0.7, "specular": 0.15}
APART = 0.05
"""Distance of the names of axes from their edges, in shares of the longest edge."""
THIN: Final[Mapping[str, Any]] = {"line_width": 2}
CUT_OFF: Final = "#7a1f1f"
"""lithium that is isolated from the anode."""


def cut_scene(analysis: Analysis, section: Section) -> Scene:
    """The lithium at the last output, coloured by height, and the grains behind a section.

    It is seen from the side on which more of the front is.
    """
    run, mesh, plane = analysis.run, analysis.run.mesh, section.mesh
    ahead = run.surfaces[-1].points[:, 1] <= section.level
    behind = 1 if 2 * ahead.sum() >= len(ahead) else -1
    triangles, cell = _walls(mesh)
    walls = _grains(run, mesh.points, triangles, mesh.material[cell], clipped=True)
    face = _grains(section, section.in_space, plane.cells, plane.material)
    lines = [
        _outlines(run, mesh.points, seams(triangles, mesh.grain[cell]), clipped=True),
        _outlines(section, section.in_space, plane.boundaries.facets),
        Lines(*_box(mesh), GREY, THIN),
    ]
    view = (VIEW[0], behind * VIEW[1], VIEW[2])
    removed = (0.0, section.level, 0.0), (0.0, -float(behind), 0.0)
    return Scene(view, (walls, face, _floor(mesh), *lithium(run)), lines, _axes(mesh, behind), removed)


def _grains(run: Run, points: Floats, triangles: Ints, material: Ints, clipped: bool = False) -> Patch:
    """Triangles in the colours of their electrolytes, as far as there is no lithium."""
    tints = np.array([pale(run.colours[name]) for name in run.names])
    points, parts, whole = part_above(points, triangles, 1 - run.field("xi", -1))
    return Patch(points, parts, shades=tints[material[whole]], clipped=clipped)


def _outlines(run: Run, points: Floats, edges: Ints, clipped: bool = False) -> Lines:
    """Edges of grains, as far as there is no lithium."""
    dry = run.field("xi", -1) < 0.5
    return Lines(points, edges[dry[edges].all(axis=1)], OUTLINE, THIN, clipped)


def skeleton_scene(analysis: Analysis) -> Scene:
    """The lithium at the last output, transparent, and the skeleton in it."""
    run, skeleton = analysis.run, analysis.skeletons[-1]
    clear = {**SMOOTH, "opacity": 0.25}
    patches = [Patch(p.points, p.triangles, p.colour, p.shades, clear) for p in lithium(run)]
    lines = [Lines(*_box(run.mesh), GREY, THIN)]
    if len(skeleton.edges):
        ways = Lines(
            skeleton.points, skeleton.edges, "black", {"line_width": 8, "render_lines_as_tubes": True}
        )
        lines.append(ways)
    return Scene(VIEW, (_floor(run.mesh), *patches), lines, _axes(run.mesh, 1))


def lithium(run: Run) -> list[Patch]:
    """The surface of the lithium at the last output, closed where it ends at the sides of the domain."""
    surface, xi = run.surfaces[-1], run.field("xi", -1)
    shades = height_colours()(heights(run)(surface.points[:, 2]))[:, :3]
    front = Patch(surface.points, surface.triangles[surface.attached], shades=shades, style=SMOOTH)
    points, triangles, _ = part_above(run.mesh.points, _walls(run.mesh)[0], xi)
    shades = height_colours()(heights(run)(points[:, 2]))[:, :3]
    found = [front, Patch(points, triangles, shades=shades)]
    if not surface.attached.all():
        apart = surface.triangles[~surface.attached]
        found.append(Patch(surface.points, apart, CUT_OFF, style=SMOOTH))
    return [patch for patch in found if len(patch.triangles)]


def heights(run: Run) -> Normalize:
    """The range of the colours of the height."""
    surface = run.surfaces[-1]
    top = surface.points[surface.triangles[surface.attached], 2].max(initial=0.0)
    return Normalize(0.0, float(top) or 1.0)


def part_above(points: Floats, triangles: Ints, values: Floats) -> tuple[Floats, Ints, Ints]:
    """Points and triangles of the part in which linear `values` are ≥ ½, and whose part each is."""
    above = values >= 0.5
    full = np.flatnonzero(above[triangles].all(axis=1))
    partial, alone, corners = cut_triangles(triangles, above)
    apex, after, before = corners.T
    edges = np.concatenate([corners[:, [0, 1]], corners[:, [0, 2]]])
    first, second = np.split(len(points) + np.arange(len(edges)), 2)
    tips = np.stack([apex, first, second], axis=1)[alone]
    rests = [np.stack(rest, axis=1)[~alone] for rest in ((first, after, before), (first, before, second))]
    found = np.concatenate([points, crossings(points, values, edges)])
    whose = np.concatenate([full, partial[alone], partial[~alone], partial[~alone]])
    return found, np.concatenate([triangles[full], tips, *rests]), whose


def _walls(mesh: Mesh) -> tuple[Ints, Ints]:
    """The outer triangles of the domain but those on the anode, and their cells."""
    triangles, cell = outside(mesh.cells)
    above = ~on_anode(mesh.points)[triangles].all(axis=1)
    return triangles[above], cell[above]


def _floor(mesh: Mesh) -> Patch:
    """The anode."""
    corners = _box(mesh)[0]
    return Patch(corners[[0, 4, 6, 2]], np.array([[0, 1, 2], [0, 2, 3]]), ELECTRODE)


def _axes(mesh: Mesh, behind: int) -> list[Label]:
    """The names of the axes beside the near edges of the anode and a vertical one."""
    low, high = mesh.low, mesh.high
    middle, aside = (low + high) / 2, APART * (high - low).max()
    near, far = (low[1], high[1]) if behind > 0 else (high[1], low[1])
    return [
        ("x", (middle[0], near - behind * aside, low[2])),
        ("y", (high[0] + aside, middle[1], low[2])),
        ("z", (high[0] + aside, far, middle[2])),
    ]


def _box(mesh: Mesh) -> tuple[Floats, Ints]:
    """Corners and edges of the domain."""
    low, high = mesh.low, mesh.high
    return low + CORNERS * (high - low), EDGES


def shown(scene: Scene, patch: Patch) -> Bools:
    """True for triangles of a patch that have their middle on the side of the plane that is kept."""
    middles = patch.points[patch.triangles].mean(axis=1)
    if not patch.clipped or scene.plane is None:
        return np.ones(len(middles), dtype=bool)
    origin, normal = (np.array(part) for part in scene.plane)
    kept: Bools = (middles - origin) @ normal <= 0
    return kept
