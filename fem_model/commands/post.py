"""`fem-model post`."""

from pathlib import Path

from fem_model.commands._options import Flag, Pdf
from fem_model.commands._solver import once


def post(
    run_dir: Path, /, *run_dirs: Path, paraview: Flag = False, pdf: Pdf = False, out: Path | None = None
) -> None:
    """Measure and draw runs: tables into RUN_DIR/post, figures into RUN_DIR/figures, a summary here.

    Parameters
    ----------
    run_dir
        Folder of a run, finished or still running.
    run_dirs
        More such folders; all together are also drawn side by side, on the same scales.
    paraview
        Also write the fronts as polylines for ParaView.
    out
        Folder for the picture of several runs, compare.png; by default the figures of the first run.
    """
    from fem_model.tasks.post import post as measure_and_draw

    once(lambda: measure_and_draw((run_dir, *run_dirs), paraview=paraview, pdf=pdf, out=out))
