"""Fronts and skeletons for ParaView, fronts as lines in 2D and surfaces in 3D; in µm, as in fields.xdmf."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyvista

from fem_model.base.arrays import Ints
from fem_model.base.atomic import require_space, write_text, writing
from fem_model.base.drafts import draft
from fem_model.post.analysis import Analysis
from fem_model.post.load import Run
from fem_model.post.mesh import in_space
from fem_model.post.skeleton import Skeleton

KILOBYTE = 1 << 10
"""Bytes in the unit of the sizes that VTK reports."""
HEAD = """Files for ParaView (https://www.paraview.org). Lengths are in micrometres, times in seconds.

"""
FRONTS = {
    2: """fronts.vtp    The contours xi = 1/2 of all output times. Colour by time_s; attached is 0 where the
              lithium is isolated from the anode.
fronts.pvd    The same with one file for each output time (fronts_*.vtp), for the animation controls.
""",
    3: """fronts.pvd    The surfaces xi = 1/2, one file for each output time (fronts_*.vtp). Colour by
              height_um; attached is 0 where the lithium is isolated from the anode, material and grain are
              what the front is in.
""",
}
FIELDS = """skeleton.pvd  The centre lines of the lithium from the anode to its ends (skeleton_*.vtp);
              way_um is the length of the path from the anode.

The fields are in ../fields.xdmf (data in ../fields.h5): File > Open, and choose "XDMF Reader" (not Xdmf3)
where ParaView asks. Arrays: xi, phi (V) on nodes; current_density (A/m^2), material, grain on cells.
"""


def save_for_paraview(analysis: Analysis, folder: Path) -> list[Path]:
    """Write fronts_N.vtp and skeleton_N.vtp for each output, .pvd that lists them, README.txt; their paths.

    In 2D also all fronts in one, fronts.vtp.
    """
    run, outputs = analysis.run, range(len(analysis.run.times))
    flat = run.dim == 2
    together = [_save(front_lines(run, outputs), folder / "fronts.vtp")] if flat else []
    single = {
        "fronts": [front_lines(run, [k]) if flat else front_surface(run, k) for k in outputs],
        "skeleton": [skeleton_lines(skeleton) for skeleton in analysis.skeletons],
    }
    readme = folder / "README.txt"
    write_text(readme, HEAD + FRONTS[run.dim] + FIELDS)
    return [*together, *_save_series(run, single, folder), readme]


def _save_series(run: Run, series: Mapping[str, Sequence[pyvista.PolyData]], folder: Path) -> list[Path]:
    paths = []
    for name, data in series.items():
        files = [_save(part, folder / f"{name}_{k}.vtp") for k, part in enumerate(data)]
        listing = folder / f"{name}.pvd"
        write_text(listing, _listing(run, files))
        paths += [listing, *files]
    return paths


def front_lines(run: Run, outputs: Sequence[int]) -> pyvista.PolyData:
    """The fronts of some outputs in 2D; cell data `time_s` and `attached` (1 or 0) for each line."""
    lines = [(run.times[k], line) for k in outputs for line in run.fronts[k]]
    points = np.concatenate([np.empty((0, 2)), *(line.points for _, line in lines)])
    data = pyvista.PolyData()
    data.points = in_space(points)
    counts = [len(line.points) for _, line in lines]
    firsts = np.cumsum([0, *counts[:-1]])
    parts = [np.arange(start, start + n) for start, n in zip(firsts, counts, strict=False)]
    data.lines = np.concatenate([np.empty(0, dtype=np.int64), *([len(part), *part] for part in parts)])
    data.cell_data["time_s"] = np.array([t for t, _ in lines])
    data.cell_data["attached"] = np.array([line.attached for _, line in lines], dtype=np.int8)
    return data


def front_surface(run: Run, output: int) -> pyvista.PolyData:
    """The front of an output in 3D: `time_s`, `attached`, `material`, `grain` by triangle, `height_um`."""
    surface, mesh = run.surfaces[output], run.mesh_at(output)
    data = pyvista.PolyData()
    data.points = surface.points
    data.faces = _counted(surface.triangles)
    data.point_data["height_um"] = surface.points[:, 2]
    data.cell_data["time_s"] = np.full(len(surface.cell), run.times[output])
    data.cell_data["attached"] = surface.attached.astype(np.int8)
    data.cell_data["material"] = np.array(run.tags)[mesh.material[surface.cell]]
    data.cell_data["grain"] = mesh.grain[surface.cell]
    return data


def skeleton_lines(skeleton: Skeleton) -> pyvista.PolyData:
    """The skeleton of an output; `way_um` by node."""
    data = pyvista.PolyData()
    data.points = in_space(skeleton.points)
    data.lines = _counted(skeleton.edges)
    data.point_data["way_um"] = skeleton.way
    return data


def _counted(cells: Ints) -> Ints:
    """Cells (n, k) as VTK takes them: each behind the number of its nodes."""
    return np.column_stack([np.full(len(cells), cells.shape[1]), cells]).ravel()


def _save(data: pyvista.PolyData, path: Path) -> Path:
    require_space(path, KILOBYTE * data.actual_memory_size)
    with draft(path) as aside, writing(path):
        data.save(aside)
        os.replace(aside, path)
    return path


def _listing(run: Run, paths: Sequence[Path]) -> str:
    sets = "".join(
        f'<DataSet timestep="{t!r}" file="{path.name}"/>\n'
        for t, path in zip(run.times.tolist(), paths, strict=True)
    )
    head = '<?xml version="1.0"?>\n<VTKFile type="Collection" version="0.1">\n<Collection>\n'
    return f"{head}{sets}</Collection>\n</VTKFile>\n"
