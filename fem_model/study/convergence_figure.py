"""The log–log figure of a convergence study: distance from the extrapolated value over the size."""

import fem_model._matplotlib_first  # noqa: F401

# isort: split
import textwrap
from typing import Any, Final

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from fem_model.plot.palette import colour
from fem_model.plot.style import LITHIUM, STYLE, TITLE_SIZE, plain
from fem_model.study.convergence_report import SAME_ORDER, order_text
from fem_model.study.findings import Findings

MARKERS: Final = "osD^vP*X"
SMALLEST = 1e-10
"""Distance, in per cent, below which nothing is drawn."""
TITLE_LETTERS = 64
LEGEND_LETTERS = 30


@rc_context(STYLE)
def draw_convergence(findings: Findings) -> Figure:
    """|f − f₀|/|f₀| by level, with a line of the order used, dashed where that is not the observed one.

    Open markers, and no line, where there is no order. Left out are quantities without an extrapolated value
    f₀, or whose f₀ is 0, and differences at round-off.
    """
    figure = Figure(figsize=(5.6, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.set(xscale="log", yscale="log", xlabel=_size_label(findings))
    axes.set_ylabel("|f − f₀| / |f₀| (%),  f₀ extrapolated")
    for k, label in enumerate(findings.labels):
        _draw_quantity(axes, findings, label, k)
    _draw_ticks(axes, findings)
    title = textwrap.fill(f"Convergence of {findings.case}", TITLE_LETTERS)
    figure.suptitle(plain(title), fontsize=TITLE_SIZE, x=0.02, ha="left")
    if axes.lines:
        axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1.02), borderaxespad=0.0)
    else:
        axes.text(0.5, 0.5, "no distance to show", transform=axes.transAxes, ha="center")
    return figure


def _draw_quantity(axes: Axes, findings: Findings, label: str, k: int) -> None:
    found = findings.estimates[label]
    if not found.extrapolated:
        return
    sizes, values = (np.array(part) for part in findings.points(label))
    x, distance = sizes * _scale(findings), 100 * np.abs(values / found.extrapolated - 1)
    visible = distance > SMALLEST
    if not visible.any():
        return
    look: dict[str, Any] = {"color": colour(k), "marker": MARKERS[k % len(MARKERS)], "markersize": 5}
    order, observed = found.order, found.observed_order
    if order is None:
        look["markerfacecolor"] = "none"
    elif visible[-1]:
        ends = np.array([x[0], x[-1] / findings.ratio**0.5])
        fitted = observed is not None and abs(order - observed) < SAME_ORDER
        style = "-" if fitted else (0, (4, 2))
        axes.plot(
            ends, distance[-1] * (ends / x[-1]) ** order, color=colour(k), linewidth=1.0, linestyle=style
        )
    words = textwrap.fill(findings.words[label], LEGEND_LETTERS)
    said = f"{plain(words)}\n{'' if order is None else 'p = '}{order_text(found)}"
    axes.plot(x[visible], distance[visible], linestyle="none", label=said, **look)


def _scale(findings: Findings) -> float:
    return 1.0 if findings.refine == "time" else 1e6


def _size_label(findings: Findings) -> str:
    level = findings.levels[0].level
    if findings.refine == "time":
        return "Time step (s)" if level.has_fixed_step else "Motion of the front per step (λ)"
    together = f", with λ = {level.lam / level.h:.3g} h" if findings.refine == "all" else ""
    return f"Cell size at the front, h (µm){together}"


def _draw_ticks(axes: Axes, findings: Findings) -> None:
    """A tick at every level."""
    axes.minorticks_off()
    axes.set_xticks([result.level.size(findings.refine) * _scale(findings) for result in findings.levels])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.3g}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.6g}"))
    axes.grid(color=LITHIUM, linewidth=0.4)
