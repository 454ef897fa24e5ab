"""LGPS converted after ten cycles: three electrolytes round the same grains, five seeds, several conditions.

    python runs/attraction/study.py [CONDITION...]        writes runs/attraction/out/attraction.csv and .png

At equal charge, under each of CONDITIONS (or those named). Runs that are complete are not repeated. The paper
finds more germanium reduced at the interface the lower the conductivity of the LPSC:
LPSC1.0-82 > LPSC1.25-82 > LPSC1.5-82.
"""

import csv
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D

from fem_model.base.arrays import Floats
from fem_model.plot.palette import material_colours
from fem_model.plot.saving import save_figure
from fem_model.plot.style import GREY, STYLE, TITLE_SIZE, typeset

HERE = Path(__file__).parent
ELECTROLYTES = ("LPSC1.0", "LPSC1.25", "LPSC1.5")
SEEDS = (1, 2, 3, 4, 5)
LAW = "diffusivity='1e-17 m^2/s', start_thickness='20 nm'"
PRACTICAL = ["kinetics.R_ct=10 ohm cm^2", "anode.R_ct=10 ohm cm^2"]
TOUGH = [
    *PRACTICAL,
    "mesh.cell_size_boundary=0.5 um",
    "intrusion={law='fixed', length='14 um', toughness='0.23 MPa m^0.5', grain_toughness='0.23 MPa m^0.5'}",
]
CONDITIONS: dict[str, list[str]] = {
    "chemical": [],
    "electrochemical": [f"reactions=[{{material='LGPS', route='electrochemical', {LAW}}}]"],
    "0.1 ohm cm2": ["kinetics.R_ct=0.1 ohm cm^2"],
    "10 ohm cm2": PRACTICAL,
    "toughness": TOUGH,
    "product resists": [*TOUGH, f"reactions=[{{material='LGPS', toughness_factor=4, {LAW}}}]"],
}
"""What is changed in case.toml, which has the chemical route and 0.8 ohm cm2."""
MEASURES = {
    "alloy_fraction_interface": ("LGPS converted near Li", 1.0),
    "alloy_fraction_total": ("LGPS converted in all", 1.0),
    "interphase_foil_m": ("product at the foil, µm", 1e6),
}
"""Columns of series.csv, with what they are called and the factor to the unit there."""


def run(electrolyte: str, condition: str, seed: int) -> dict[str, str]:
    """The last row of the series of one run; runs that are complete are not repeated."""
    out = HERE / "out" / f"{electrolyte}-{condition.replace(' ', '_')}-{seed}"
    changes = [
        f'materials."LPSC1.0".like={electrolyte}',
        f"microstructure.seed={seed}",
        "output.figures=false",
        *CONDITIONS[condition],
    ]
    sets = [word for change in changes for word in ("--set", change)]
    command = [sys.executable, "-m", "fem_model", "run", str(HERE / "case.toml"), "--out", str(out)]
    subprocess.run([*command, "--resume", *sets], check=True, stdout=subprocess.DEVNULL)
    with (out / "series.csv").open() as file:
        return list(csv.DictReader(file))[-1]


def values(rows: list[dict[str, str]], condition: str, name: str) -> Floats:
    """A measure under a condition by seed (rows) and electrolyte (columns), in the unit of MEASURES."""
    numbers = [float(row[name]) for row in rows if row["condition"] == condition]
    return MEASURES[name][1] * np.array(numbers).reshape(len(SEEDS), len(ELECTROLYTES))


def from_the_first(table: Floats) -> Floats:
    """Changes from the first electrolyte to the others on the same grains, %."""
    return 100 * (table[:, 1:] / table[:, :1] - 1)


def report(rows: list[dict[str, str]], condition: str, name: str) -> None:
    """Print means and spreads over the seeds, changes on the same grains, and how often the order occurs."""
    table = values(rows, condition, name)
    changes = from_the_first(table)
    means = ", ".join(f"{column.mean():.3f} ± {column.std(ddof=1):.3f}" for column in table.T)
    paired = ", ".join(f"{column.mean():+.2f} ± {column.std(ddof=1):.2f} %" for column in changes.T)
    ordered = int((np.diff(table, axis=1) < 0).all(axis=1).sum())
    print(f"{condition:16} {name:25} {means}   {paired}   order of the paper: {ordered} of {len(SEEDS)}")


def draw_dots(axes: Any, place: float, numbers: Floats, colour: str) -> None:
    """One dot per seed, and a line at their mean."""
    beside = place + 0.06 * (np.arange(len(numbers)) / (len(numbers) - 1) - 0.5)
    axes.plot(beside, numbers, "o", ms=3.5, mfc=colour, mec=GREY, mew=0.4, ls="none")
    axes.plot([place - 0.1, place + 0.1], 2 * [numbers.mean()], color="black", lw=1)


def draw(rows: list[dict[str, str]], conditions: list[str]) -> None:
    """Draw each measure (left), and its change from the first electrolyte on the same grains (right)."""
    colours = material_colours(ELECTROLYTES)
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(
            len(MEASURES), 2, figsize=(2 + 1.6 * len(conditions), 6), sharex="col", layout="constrained"
        )
        for (i, name), (k, condition) in product(enumerate(MEASURES), enumerate(conditions)):
            table = values(rows, condition, name)
            for j, electrolyte in enumerate(ELECTROLYTES):
                draw_dots(axes[i, 0], k + 0.25 * (j - 1), table[:, j], colours[electrolyte])
            for j, column in enumerate(from_the_first(table).T):
                draw_dots(axes[i, 1], k + 0.25 * j, column, colours[ELECTROLYTES[j + 1]])
        label(figure, axes, conditions, colours)
        save_figure(figure, HERE / "out" / "attraction")


def label(figure: Any, axes: Any, conditions: list[str], colours: dict[str, str]) -> None:
    """Add names, units and a legend."""
    for own, (text, _) in zip(axes, MEASURES.values(), strict=True):
        own[0].set(ylabel=text, ylim=(0, 1.05 * own[0].get_ylim()[1]))
        own[1].axhline(0, color=GREY, lw=0.8, zorder=0)
        own[1].set_ylabel("change (%)")
    axes[0, 0].set_title("one dot for each seed of the grains", size=TITLE_SIZE)
    axes[0, 1].set_title(f"against {ELECTROLYTES[0]} on the same grains", size=TITLE_SIZE)
    for one, middle in zip(axes[-1], (0, 0.125), strict=True):
        one.set_xticks(middle + np.arange(len(conditions)), [typeset(name) for name in conditions], size=7)
        one.set_xlim(-0.5, len(conditions) - 0.5)
    dots = [
        Line2D([], [], marker="o", ms=4, ls="none", mfc=colours[n], mec=GREY, label=n) for n in ELECTROLYTES
    ]
    figure.legend(handles=dots, loc="outside lower center", ncols=len(dots))


def main(conditions: list[str]) -> None:
    """Run, write the table, report how often the paper's order is found, draw."""
    rows = []
    for condition, seed, electrolyte in product(conditions, SEEDS, ELECTROLYTES):
        last = run(electrolyte, condition, seed)
        about = {"condition": condition, "seed": str(seed), "electrolyte": electrolyte}
        rows.append(about | {name: last[name] for name in MEASURES})
    with (HERE / "out" / "attraction.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    for condition, name in product(conditions, MEASURES):
        report(rows, condition, name)
    draw(rows, conditions)


if __name__ == "__main__":
    main(sys.argv[1:] or list(CONDITIONS))
