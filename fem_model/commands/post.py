"""`fem-model post`."""

from pathlib import Path

from fem_model.commands._options import Flag


def post(folder: Path, *others: Path, paraview: Flag = False, out: Path | None = None) -> None:
    """Measure and draw runs: tables into RUN_DIR/post, figures into RUN_DIR/figures, a summary here.

    Parameters
    ----------
    folder
        Folder of a run, finished or still running.
    others
        More such folders; all together are also drawn side by side, on the same scales.
    paraview
        Also write the fronts as polylines for ParaView.
    out
        Folder for the picture of several runs, compare.png; by default the figures of the first run.
    """
    from fem_model.tasks.post import post as measure_and_draw

    measure_and_draw((folder, *others), paraview=paraview, out=out)
