"""The fronts as polylines for ParaView; lengths in µm, as in fields.xdmf."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyvista

from fem_model.atomic import write_bytes, write_text
from fem_model.post.load import Run

README = """Files for ParaView (https://www.paraview.org). Lengths are in micrometres, times in seconds.

fronts.vtp  The contours xi = 1/2 of all output times. Colour by time_s; attached is 0 where the lithium is
            cut off from the anode.
fronts.pvd  The same with one file for each output time (fronts_*.vtp), for the animation controls.

The fields are in ../fields.xdmf (data in ../fields.h5): File > Open, and choose "XDMF Reader" (not Xdmf3)
where ParaView asks. Arrays: xi, phi (V) on nodes; current_density (A/m^2), material, grain on cells.
"""


def save_for_paraview(run: Run, folder: Path) -> list[Path]:
    """Write fronts.vtp, one fronts_N.vtp for each output, fronts.pvd that lists them, and a README.txt."""
    outputs = range(len(run.times))
    single = [folder / f"fronts_{k}.vtp" for k in outputs]
    for k, path in zip(outputs, single, strict=True):
        _save(front_lines(run, [k]), path)
    together, listing, readme = folder / "fronts.vtp", folder / "fronts.pvd", folder / "README.txt"
    _save(front_lines(run, outputs), together)
    write_text(listing, _listing(run, single))
    write_text(readme, README)
    return [together, listing, *single, readme]


def front_lines(run: Run, outputs: Sequence[int]) -> pyvista.PolyData:
    """The fronts of some outputs; cell data `time_s` and `attached` (1 or 0) for each line."""
    lines = [(run.times[k], line) for k in outputs for line in run.fronts[k]]
    points = np.concatenate([np.empty((0, 2)), *(line.points for _, line in lines)])
    data = pyvista.PolyData()
    data.points = np.column_stack([points, np.zeros(len(points))])
    counts = [len(line.points) for _, line in lines]
    firsts = np.cumsum([0, *counts[:-1]])
    parts = [np.arange(start, start + n) for start, n in zip(firsts, counts, strict=False)]
    data.lines = np.concatenate([np.empty(0, dtype=np.int64), *([len(part), *part] for part in parts)])
    data.cell_data["time_s"] = np.array([t for t, _ in lines])
    data.cell_data["attached"] = np.array([line.attached for _, line in lines], dtype=np.int8)
    return data


def _save(data: pyvista.PolyData, path: Path) -> None:
    with TemporaryDirectory() as scratch:
        aside = Path(scratch) / path.name
        data.save(aside)
        write_bytes(path, aside.read_bytes())


def _listing(run: Run, paths: Sequence[Path]) -> str:
    sets = "".join(
        f'<DataSet timestep="{t!r}" file="{path.name}"/>\n'
        for t, path in zip(run.times.tolist(), paths, strict=True)
    )
    head = '<?xml version="1.0"?>\n<VTKFile type="Collection" version="0.1">\n<Collection>\n'
    return f"{head}{sets}</Collection>\n</VTKFile>\n"
