"""`fem-model converge`: runs the levels of a study one by one, and reports what they converge to."""

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fem_model.base.atomic import make_folder, write_json, write_text
from fem_model.base.errors import InputError
from fem_model.base.outcome import EXIT_CODES
from fem_model.base.terminal import PIPE_WIDTH, terminal
from fem_model.plot.saving import save_figure
from fem_model.study.convergence_figure import draw_convergence
from fem_model.study.convergence_report import (
    as_markdown,
    estimates_sheet,
    levels_sheet,
    notes,
    reading,
    resolution,
    size_text,
    summary,
)
from fem_model.study.findings import Findings, LevelResult
from fem_model.study.levels import RATIO, Level, Refine, formal_order, load_levels
from fem_model.study.process import Children, launcher
from fem_model.study.quantities import wanted
from fem_model.tasks.level import LevelJob
from fem_model.tasks.run import check_folder

LEVELS = "level_[0-9]*"
"""Pattern of the names that levels have in the folder of a study."""
LEAST = 2
"""Levels that must come to their end for the study not to have failed."""


@dataclass(frozen=True)
class Plan:
    """Refinement and quantities of a study, and its treatment of results in its folder."""

    levels: int = 3
    ratio: float = RATIO
    refine: Refine = "mesh"
    quantities: Sequence[str] = ()
    times: Sequence[str] = ()
    ranks: int = 1
    force: bool = False
    resume: bool = False
    pdf: bool = False


def converge(path: Path, out: Path | None, overrides: Sequence[str], plan: Plan) -> int:
    """Run the levels of a case, write converge.json, converge.md and the figure, and return the exit code.

    InputError, with nothing written, if the case, a name, a time, the folder or the plan is wrong.
    """
    levels = load_levels(path, overrides, plan.refine, plan.ratio, plan.levels)
    case = levels[0].case
    assert case is not None
    asked = wanted(case, plan.quantities, plan.times)
    folder = out or path.parent / "out" / f"converge_{plan.refine}"
    command = launcher(plan.ranks)
    check_folder(folder, "a study", LEVELS, plan.force, plan.resume)
    with Children() as children:
        job = LevelJob(folder, asked, children, command)
        if plan.resume:
            for level in levels:
                job.left(level)
        make_folder(folder)
        if plan.force:
            _clear(folder)
        results = _run(job, levels, plan.refine)
        words = {one.label: one.words for one in asked}
        order = formal_order(case, plan.refine)
        findings = Findings(str(path), plan.refine, plan.ratio, order, words, tuple(results))
        _write(findings, folder, plan.pdf)
        _tell(findings, folder)
    if any(result.status in ("stopped", "not started") for result in results):
        return EXIT_CODES["stopped"]
    return 0 if findings.finished >= LEAST else EXIT_CODES["failed"]


def _clear(folder: Path) -> None:
    """Remove the levels of an earlier study, which may have had more. InputError if that cannot be."""
    try:
        for path in folder.glob(LEVELS):
            if re.fullmatch(r"level_\d+", path.name) and not path.is_symlink():
                shutil.rmtree(path)
            elif re.fullmatch(r"level_\d+(\.toml|\.log)?", path.name):
                path.unlink()
    except OSError as error:
        raise InputError(f"{folder}: the old levels cannot be removed: {error.strerror}") from None


def _run(job: LevelJob, levels: Sequence[Level], refine: Refine) -> list[LevelResult]:
    """All levels from coarse to fine, until one is stopped or a signal has come."""
    console, results = terminal(PIPE_WIDTH), list[LevelResult]()
    for level in levels:
        if job.children.told_to_stop or any(result.status == "stopped" for result in results):
            results.append(LevelResult(level, "not started", "the study was stopped"))
            continue
        name = f"{level.name}, {size_text(level, refine)}"
        kept = level.case is not None and not job.left(level)
        with console.status(f"{name}: running"):
            result = job(level)
        results.append(result)
        told = "as it was" if kept else result.reason
        text = f"{name}: {result.status.replace('_', ' ')}, {told}"
        console.print(text, soft_wrap=True)
    return results


def _write(findings: Findings, folder: Path, pdf: bool) -> None:
    write_json(folder / "converge.json", findings.as_json())
    write_text(folder / "converge.md", as_markdown(findings))
    save_figure(draw_convergence(findings), folder / "converge", pdf=pdf)


def _tell(findings: Findings, folder: Path) -> None:
    console = terminal(PIPE_WIDTH)
    console.print(summary(findings))
    console.print(levels_sheet(findings).on_terminal(), estimates_sheet(findings).on_terminal())
    for text in (*notes(findings), *reading(findings), *resolution(findings)):
        console.print(text)
    for name in ("converge.json", "converge.md", "converge.png"):
        console.print(f"written {folder / name}", soft_wrap=True)
