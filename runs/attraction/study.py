"""Lithium in LGPS and LGPS converted, for three electrolytes round the same grains, five seeds, both routes.

    python runs/attraction/study.py        writes runs/attraction/out/attraction.csv and .png

At equal charge. The paper finds more germanium reduced at the interface the lower the conductivity of the
LPSC: LPSC1.0-82 > LPSC1.25-82 > LPSC1.5-82.
"""

import csv
import subprocess
import sys
from itertools import product
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

HERE = Path(__file__).parent
ELECTROLYTES = ("LPSC1.0", "LPSC1.25", "LPSC1.5")
ROUTES = ("chemical", "electrochemical")
SEEDS = range(1, 6)
LAW = "diffusivity='1e-17 m^2/s', start_thickness='20 nm'"
MEASURES = {
    "alloy_fraction_interface": "LGPS converted near Li",
    "alloy_fraction_total": "LGPS converted in all",
    "li_share_LGPS": "lithium in LGPS",
}


def run(electrolyte: str, route: str, seed: int) -> dict[str, str]:
    """The last row of the series of one run; runs that are complete are not repeated."""
    out = HERE / "out" / f"{electrolyte}-{route}-{seed}"
    changes = [
        f'materials."LPSC1.0".like={electrolyte}',
        f"microstructure.seed={seed}",
        "output.figures=false",
    ]
    sets = [word for change in changes for word in ("--set", change)]
    reaction = ["--set", f"reactions=[{{material='LGPS', route='{route}', {LAW}}}]"]
    command = [
        sys.executable,
        "-m",
        "fem_model",
        "run",
        str(HERE / "case.toml"),
        "--out",
        str(out),
        "--resume",
    ]
    subprocess.run([*command, *sets, *reaction], check=True, stdout=subprocess.DEVNULL)
    with (out / "series.csv").open() as file:
        return list(csv.DictReader(file))[-1]


def draw(rows: list[dict[str, str]]) -> None:
    """One panel per measure and route; lines join what was run on the same grains."""
    figure, axes = plt.subplots(
        len(ROUTES), len(MEASURES), figsize=(10, 6), sharex=True, layout="constrained"
    )
    for (i, route), (j, (name, text)) in product(enumerate(ROUTES), enumerate(MEASURES.items())):
        for seed in SEEDS:
            values = [float(r[name]) for r in rows if r["route"] == route and int(r["seed"]) == seed]
            axes[i, j].plot(ELECTROLYTES, values, "o-", color="#0072B2", alpha=0.6)
        axes[i, j].set(ylabel=text, title=f"{route} route")
    figure.savefig(HERE / "out" / "attraction.png", dpi=150)


def main() -> None:
    """Run, write the table, say how often the paper's order is found, draw."""
    rows = []
    for route, seed, electrolyte in product(ROUTES, SEEDS, ELECTROLYTES):
        last = run(electrolyte, route, seed)
        rows.append(
            {"route": route, "seed": str(seed), "electrolyte": electrolyte} | {k: last[k] for k in MEASURES}
        )
    with (HERE / "out" / "attraction.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    for route, name in product(ROUTES, MEASURES):
        table = np.array([float(r[name]) for r in rows if r["route"] == route]).reshape(len(SEEDS), -1)
        ordered = int((np.diff(table, axis=1) < 0).all(axis=1).sum())
        means = ", ".join(
            f"{m:.4f} ± {s:.4f}" for m, s in zip(table.mean(0), table.std(0, ddof=1), strict=True)
        )
        print(f"{route:16} {name:26} {means}   falls with σ in {ordered} of {len(SEEDS)} seeds")
    draw(rows)


if __name__ == "__main__":
    main()
