"""LGPS converted after ten cycles, for two electrolytes round the same grains, two seeds.

    python runs/attraction/study.py [CONDITION...]        writes runs/attraction/out/attraction.csv and .png

At equal charge, under each of CONDITIONS (or those named): both routes, other resistances of the front, and
lithium that intrudes more easily along the contacts of LGPS. The paper finds more germanium reduced at the
interface the lower the conductivity of the LPSC: LPSC1.0-82 > LPSC1.25-82 > LPSC1.5-82.
"""

import csv
import subprocess
import sys
from itertools import product
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

HERE = Path(__file__).parent
ELECTROLYTES = ("LPSC1.0", "LPSC1.5")
SEEDS = (1, 2)
LAW = "diffusivity='1e-17 m^2/s', start_thickness='20 nm'"
EASY = "boundaries=[{pair='LGPS|LPSC1.0', width='0.7 um', p_factor=0.2}]"
CONDITIONS: dict[str, list[str]] = {
    "chemical": [],
    "electrochemical": [f"reactions=[{{material='LGPS', route='electrochemical', {LAW}}}]"],
    "0.1 ohm cm2": ["kinetics.R_ct=0.1 ohm cm^2"],
    "10 ohm cm2": ["kinetics.R_ct=10 ohm cm^2", "anode.R_ct=10 ohm cm^2"],
    "along contacts": ["kinetics.p_resist=10 MPa", EASY],
}
"""What is changed in case.toml, which has the chemical route and 0.8 ohm cm2."""
MEASURES = {
    "alloy_fraction_interface": "LGPS converted near Li",
    "alloy_fraction_total": "LGPS converted in all",
    "interphase_foil_m": "product at the foil (m)",
}


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


def draw(rows: list[dict[str, str]], conditions: list[str]) -> None:
    """One panel per measure and condition; lines join what was run on the same grains."""
    size = (10, 2 + 2 * len(conditions))
    figure, axes = plt.subplots(
        len(conditions), len(MEASURES), figsize=size, sharex=True, squeeze=False, layout="constrained"
    )
    for (i, condition), (j, (name, text)) in product(enumerate(conditions), enumerate(MEASURES.items())):
        for seed in SEEDS:
            own = [r for r in rows if r["condition"] == condition and int(r["seed"]) == seed]
            axes[i, j].plot(ELECTROLYTES, [float(r[name]) for r in own], "o-", color="#0072B2", alpha=0.6)
        axes[i, j].set(ylabel=text, title=condition)
    figure.savefig(HERE / "out" / "attraction.png", dpi=150)


def tell(rows: list[dict[str, str]], condition: str, name: str) -> None:
    """Means and scatter over the seeds, paired change from the first electrolyte to the last, order."""
    values = [float(r[name]) for r in rows if r["condition"] == condition]
    table = np.array(values).reshape(len(SEEDS), -1)
    means = ", ".join(f"{m:.4g} ± {s:.2g}" for m, s in zip(table.mean(0), table.std(0, ddof=1), strict=True))
    paired = 100 * (table[:, -1] / table[:, 0] - 1)
    ordered = int((np.diff(table, axis=1) < 0).all(axis=1).sum())
    change = f"{paired.mean():+.1f} ± {paired.std(ddof=1):.1f} %"
    print(f"{condition:16} {name:26} {means}   {change}   falls with σ in {ordered} of {len(SEEDS)} seeds")


def main(conditions: list[str]) -> None:
    """Run, write the table, say how often the paper's order is found, draw."""
    rows = []
    for condition, seed, electrolyte in product(conditions, SEEDS, ELECTROLYTES):
        last = run(electrolyte, condition, seed)
        about = {"condition": condition, "seed": str(seed), "electrolyte": electrolyte}
        rows.append(about | {k: last[k] for k in MEASURES})
    with (HERE / "out" / "attraction.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    for condition, name in product(conditions, MEASURES):
        tell(rows, condition, name)
    draw(rows, conditions)


if __name__ == "__main__":
    main(sys.argv[1:] or list(CONDITIONS))
