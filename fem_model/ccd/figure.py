"""Figures of a study of the critical current density."""

import fem_model._matplotlib_first  # noqa: F401

# isort: split
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fem_model.ccd.comparison import NullModel
from fem_model.ccd.study import Prediction
from fem_model.ccd.study_file import StudyFile
from fem_model.plot.palette import colour
from fem_model.plot.style import GREY, STYLE, TITLE_SIZE, typeset

PER_A_M2 = 0.1
"""mA/cm² per A/m²."""
CURRENT = "Critical current density (mA/cm²)"
HALF_BAR = 0.32
"""Half the width of the bar of a measured step."""


@rc_context(STYLE)
def draw_predictions(
    file: StudyFile, whole: Sequence[Prediction], others: Sequence[Prediction], nulls: Mapping[str, NullModel]
) -> Figure:
    """Predicted and measured CCD of all electrolytes, with the null model, and without each mechanism."""
    figure = Figure(figsize=(max(5.2, 0.8 * len(whole) + 1.2), 3.4), layout="constrained")
    axes = figure.subplots()
    places = {each.electrolyte.name: float(k) for k, each in enumerate(whole)}
    known = [(places[each.electrolyte.name], each.datum) for each in whole if each.datum]
    for k, (place, datum) in enumerate(known):
        low, high = PER_A_M2 * datum.lower, PER_A_M2 * datum.upper
        label = "measured: between these steps" if k == 0 else None
        axes.bar(place, high - low, 2 * HALF_BAR, low, color="#d9d9d9", label=label, zorder=0)
    _mark(axes, file, whole, places, 0.0, "o", colour(0), "predicted, median and 90 %")
    names = list(dict.fromkeys(each.variant for each in others if each.variant.kind == "without"))
    for k, name in enumerate(names, start=1):
        own = [each for each in others if each.variant == name]
        shift = HALF_BAR * (2 * k / (len(names) + 1) - 1)
        _mark(axes, file, own, places, shift, "s", colour(k), name.label)
    if nulls:
        x, y = zip(*((places[name], PER_A_M2 * null.median) for name, null in nulls.items()), strict=True)
        axes.plot(
            x,
            y,
            "x",
            color="black",
            ms=4,
            mew=0.8,
            zorder=4,
            label="null model: one voltage across the pellet",
        )
    axes.set_yscale("log")
    axes.set_ylabel(CURRENT)
    axes.set_xticks(
        list(places.values()), [typeset(name) for name in places], rotation=30, ha="right", size=7
    )
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:.2g}")
    axes.tick_params(axis="y", which="minor", labelsize=6)
    figure.legend(loc="outside lower center", ncols=2, fontsize=7)
    figure.suptitle(typeset(file.title), size=TITLE_SIZE)
    return figure


def _mark(
    axes: Axes,
    file: StudyFile,
    own: Sequence[Prediction],
    places: Mapping[str, float],
    shift: float,
    marker: str,
    shade: str,
    label: str,
) -> None:
    """Medians with their intervals, at the places of their electrolytes."""
    found = PER_A_M2 * np.array([each.electrode(file.definition).median() for each in own])
    value, low, high = found.T
    x = [places[each.electrolyte.name] + shift for each in own]
    size = 5 if marker == "o" else 3
    axes.errorbar(
        x, value, [value - low, high - value], fmt=marker, ms=size, lw=0.9, color=shade, label=label
    )


@rc_context(STYLE)
def draw_inputs(file: StudyFile, whole: Sequence[Prediction], others: Sequence[Prediction]) -> Figure:
    """Change of the CCD with each assumed input, the largest on top."""
    figure = Figure(figsize=(3.4 * len(file.varied) + 0.4, 3.0), layout="constrained")
    panels = figure.subplots(1, len(file.varied), squeeze=False)[0]
    for axes, name in zip(panels, file.varied, strict=True):
        (base,) = (each for each in whole if each.electrolyte.name == name)
        own = [o for o in others if o.electrolyte.name == name and o.variant.kind == "input"]
        _draw_tornado(axes, file, base, own)
    figure.suptitle("Inputs smaller (pale) and larger, one by one", size=TITLE_SIZE)
    return figure


def _draw_tornado(axes: Axes, file: StudyFile, base: Prediction, own: Sequence[Prediction]) -> None:
    middle = base.electrode(file.definition).median().value
    ratio = {each.variant: each.electrode(file.definition).median().value / middle for each in own}
    pairs: dict[str, list[float]] = {variant.name: [] for variant in ratio}
    for variant, value in sorted(ratio.items(), key=lambda item: item[0].sign == "+"):
        pairs[variant.name].append(value)
    order = sorted(pairs, key=lambda name: np.ptp(np.log([1.0, *pairs[name]])))
    for k, name in enumerate(order):
        for value, alpha in zip(pairs[name], (0.45, 1.0), strict=True):
            axes.barh(k, value - 1, 0.6, 1, color=colour(0), alpha=alpha, lw=0)
    axes.axvline(1, color=GREY, lw=0.8)
    axes.set_yticks(range(len(order)), [typeset(name) for name in order], size=7)
    axes.set_xlabel("CCD over that of the study")
    axes.set_title(typeset(base.electrolyte.name), size=TITLE_SIZE)
