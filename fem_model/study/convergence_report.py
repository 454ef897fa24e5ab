"""A convergence study in tables and sentences, for the terminal and for converge.md."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table

from fem_model.study.convergence import Estimate
from fem_model.study.findings import TOLERANCE, Findings, LevelResult
from fem_model.study.levels import Level, Refine

REFINED = {
    "mesh": "all cells, at the same λ",
    "all": "λ, all cells and the steps",
    "time": "the time step",
}
LIMITS = {"mesh": "h → 0", "time": "step → 0", "all": "λ → 0"}
"""Limit to which the values are extrapolated."""
READING = {
    "oscillating": "Oscillating: the finest value ± the range of the last three levels.",
    "diverging": "Diverging: the differences do not shrink, as the levels are too coarse or differ by "
    "noise only; the finest value ± three times the range of the last three levels.",
    "undetermined": "Assumed order: two levels show none; ± three times the distance to the limit.",
}
"""Explanation of the kinds of estimate that have no observed order."""
KEPT = (
    "λ is the same on all levels: its error, mostly the largest, is not in these intervals. "
    "--refine all varies λ, cells and steps together."
)
NOTHING = "–"
SAME_ORDER = 5e-3
"""Orders that differ by less are printed alike."""


@dataclass(frozen=True)
class Sheet:
    """A table of text; all columns but the first hold numbers, or words as short."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def on_terminal(self) -> Table:
        """Table for rich."""
        table = Table()
        for k, name in enumerate(self.head):
            table.add_column(name, justify="right" if k else "left", no_wrap=k > 0, overflow="fold")
        for row in self.rows:
            table.add_row(*row)
        return table

    def as_markdown(self) -> str:
        """Lines of a Markdown table."""
        rule = ["---", *["---:"] * (len(self.head) - 1)]
        return "".join("| " + " | ".join(row) + " |\n" for row in (self.head, rule, *self.rows))


def as_markdown(findings: Findings) -> str:
    """Content of converge.md."""
    told = notes(findings)
    parts = [
        f"# Convergence of {findings.case}\n",
        f"{summary(findings)}\n",
        levels_sheet(findings).as_markdown(),
        *(["".join(f"* {note}\n" for note in told)] if told else []),
        values_sheet(findings).as_markdown(),
        "".join(f"* `{label}`: {words}\n" for label, words in findings.words.items()),
        estimates_sheet(findings).as_markdown(),
        *(f"{sentence}\n" for sentence in (*reading(findings), *resolution(findings))),
    ]
    return "\n".join(parts)


def summary(findings: Findings) -> str:
    """Description of the refinement, and of how to read the numbers."""
    return (
        f"Refined: {REFINED[findings.refine]}, by {findings.ratio:.4g} from level to level; "
        f"formal order {findings.formal_order:g}, the largest order that is used. Values in SI units."
    )


def levels_sheet(findings: Findings) -> Sheet:
    """The levels."""
    sizes = ["step"] if findings.refine == "time" else ["h, µm", "λ, µm"]
    names = ["level", *sizes, "cells", "unknowns", "steps", "wall, s", "status"]
    return Sheet(names, [_level_row(level, findings.refine) for level in findings.levels])


def _level_row(result: LevelResult, refine: Refine) -> list[str]:
    level = result.level
    lengths = [f"{1e6 * length:.4g}" for length in (level.h, level.lam)]
    counts = [NOTHING if n is None else str(n) for n in (result.num_cells, result.num_dofs, result.steps)]
    wall = NOTHING if result.wall_s is None else f"{result.wall_s:.1f}"
    sizes = [_step_text(level)] if refine == "time" else lengths
    return [level.name, *sizes, *counts, wall, result.status.replace("_", " ")]


def _step_text(level: Level) -> str:
    return f"{level.step:.4g} {'s' if level.has_fixed_step else 'λ'}"


def values_sheet(findings: Findings) -> Sheet:
    """The quantities on every level."""
    levels = [result.level.name for result in findings.levels]
    rows = [[label, *(_number(f, 7) for f in findings.values(label))] for label in findings.labels]
    return Sheet(["quantity", *levels], rows)


def estimates_sheet(findings: Findings) -> Sheet:
    """Table of the estimates of the quantities."""
    names = ["quantity", f"for {LIMITS[findings.refine]}", "±", "GCI, %", "order", "2 % from"]
    return Sheet(names, [_estimate_row(findings, label) for label in findings.labels])


def _estimate_row(findings: Findings, label: str) -> list[str]:
    found, enough = findings.estimates[label], findings.enough(label)
    return [
        label,
        _number(found.extrapolated, 6),
        _number(found.uncertainty, 2),
        _number(found.gci_percent, 2),
        order_text(found),
        NOTHING if enough is None else findings.levels[enough].level.name,
    ]


def order_text(found: Estimate) -> str:
    """The observed order, and the one that was used instead; a word where there is none."""
    if found.order is None:
        return found.convergence
    if found.observed_order is None:
        return f"{found.order:g} assumed"
    same = abs(found.order - found.observed_order) < SAME_ORDER
    return f"{found.observed_order:.2f}" + ("" if same else f", {found.order:.2g} used")


def _number(value: float | None, digits: int) -> str:
    return NOTHING if value is None else f"{value:.{digits}g}"


def notes(findings: Findings) -> list[str]:
    """Notes on what the refinement leaves out, what went wrong, and what is missing."""
    failed = [f"{one.level.name} {one.status}: {one.reason}" for one in findings.levels if not one.finished]
    missing = [
        f"{label} is missing on {one.level.name}: {why}"
        for one in findings.levels
        if one.finished
        for label, why in one.missing.items()
    ]
    needs_a_run = any(not label.startswith("sigma_eff") for label in findings.labels)
    kept = [KEPT] if findings.refine != "all" and needs_a_run else []
    return [text.rstrip(".") + "." for text in (*kept, *failed, *missing)]


def size_text(level: Level, refine: Refine) -> str:
    """Size or step that sets a level apart from the others."""
    if refine == "time":
        return f"step {_step_text(level)}"
    return f"h = {1e6 * level.h:.4g} µm" + (f", λ = {1e6 * level.lam:.4g} µm" if refine == "all" else "")


def reading(findings: Findings) -> list[str]:
    """Explanation of the estimates that are there, as far as they are not the usual ones."""
    known = [found for found in findings.estimates.values() if found.extrapolated is not None]
    return [text for kind, text in READING.items() if kind in {found.convergence for found in known}]


def resolution(findings: Findings) -> list[str]:
    """Sentences on the resolution that is needed."""
    known = {k: found for k, found in findings.estimates.items() if found.extrapolated is not None}
    reached = {label: index for label in known if (index := findings.enough(label)) is not None}
    never = [label for label in known if label not in reached]
    loose = [label for label, found in known.items() if _is_loose(found)]
    limit = f"{100 * TOLERANCE:g} %"
    result = []
    if never:
        result.append(f"No level is within {limit} of the extrapolated value of {', '.join(never)}.")
    if reached:
        level = findings.levels[max(reached.values())].level
        which = f"{level.name} ({size_text(level, findings.refine)})"
        of = "every other quantity" if never else "every quantity"
        result.append(f"{which} is the coarsest level within {limit} of the extrapolated value of {of}.")
    if loose:
        result.append(f"The extrapolated value is itself more uncertain than {limit}: {', '.join(loose)}.")
    return result


def _is_loose(found: Estimate) -> bool:
    if found.extrapolated is None or found.uncertainty is None:
        return False
    return found.uncertainty > TOLERANCE * abs(found.extrapolated)
