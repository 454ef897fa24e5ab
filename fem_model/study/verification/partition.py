"""The same run on other numbers of processes: only round-off may tell them apart.

Alone, this starts `fem-model run` on 2 and 3 processes; among several processes it compares the run of all
with the one that each makes by itself.
"""

import csv
import os
import signal
import subprocess
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.base.atomic import write_text
from fem_model.base.errors import FemModelError
from fem_model.base.scratch import scratch
from fem_model.base.surroundings import python_module
from fem_model.case import Case, case_to_toml
from fem_model.mesh.parallel import from_root
from fem_model.plot.palette import colour
from fem_model.plot.style import STYLE
from fem_model.study.process import environment_of_its_own, launcher
from fem_model.study.verification.cases import NUCLEUS, case
from fem_model.study.verification.entry import Check, Report, below
from fem_model.study.verification.runs import column, finished

Series = Mapping[str, Floats]

NAME = "partition"
TIMEOUT = 120.0
"""Seconds after which a run in a child has failed."""
LEAST = 1e-17
"""Differences that are drawn where there is none."""
QUANTITIES = {
    "voltage_V": "voltage",
    "current_density_A_m2": "current",
    "charge_metal_C_m2": "volume of the grown lithium",
    "tip_m": "tip",
}

FIXED = case(
    NUCLEUS,
    {
        "drive": {"mode": "potentiostatic", "voltage": "5 mV"},
        "time": {"end": "120 s", "step": "12 s", "outputs": 1},
        "solver.tolerance": 1e-12,
    },
)
ADAPTIVE = case(NUCLEUS, {"time": {"end": "600 s", "outputs": 1}, "solver.direct_below": 0})
"""Case with multigrid, whose hierarchy depends on who holds which cells."""


class Variant(NamedTuple):
    """A case, the largest relative difference that is allowed, and the numbers of processes to start."""

    label: str
    case: Case
    tolerance: float
    ranks: tuple[int, ...]
    ranks_in_full: tuple[int, ...]


VARIANTS = (
    Variant("fixed steps", FIXED, 1e-8, (2, 3), (2, 3)),
    Variant("adaptive steps", ADAPTIVE, 1e-5, (2,), (2, 3)),
)


def in_process(settings: Case, comm: MPI.Comm) -> Series:
    """The series of a run on a communicator."""
    simulation = finished(settings, comm)
    return {name: column(simulation, name) for name in ("t_s", *QUANTITIES)}


def on_ranks(settings: Case, ranks: int) -> Series:
    """The series of `fem-model run` on a number of processes. FemModelError if it fails or takes too long."""
    with scratch() as folder:
        write_text(folder / "case.toml", case_to_toml(settings))
        run_command([*launcher(ranks), *python_module("fem_model", "run", folder / "case.toml")])
        with (folder / "out" / "series.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in ("t_s", *QUANTITIES)}


def run_command(command: list[str]) -> None:
    """A command in a group of processes of its own, which ends as a whole."""
    with subprocess.Popen(
        command,
        env=environment_of_its_own() | {"OMP_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        errors="replace",
    ) as process:
        try:
            told, _ = process.communicate(timeout=TIMEOUT)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            if isinstance(error, subprocess.TimeoutExpired):
                raise FemModelError(f"{' '.join(command)}: no end after {TIMEOUT:g} s") from None
            raise
    if process.returncode:
        raise FemModelError(f"{' '.join(command)}: exit code {process.returncode}: {told[-500:].strip()}")


def difference(name: str, one: Series, other: Series) -> Floats:
    """|other − one| over the largest |one| of a quantity, row by row; inf if the steps are not the same."""
    if len(one["t_s"]) != len(other["t_s"]) or not np.allclose(one["t_s"], other["t_s"], rtol=1e-9):
        return np.array([np.inf])
    return np.asarray(abs(other[name] - one[name]) / abs(one[name]).max())


def compared(comm: MPI.Comm, variant: Variant, full: bool) -> tuple[Series, dict[int, Series]]:
    """The series of one process, and those of others by their number."""
    settings = variant.case
    alone = from_root(comm, lambda: in_process(settings, MPI.COMM_SELF))
    if comm.size > 1:
        return alone, {comm.size: in_process(settings, comm)}
    wanted = variant.ranks_in_full if full else variant.ranks
    return alone, {ranks: on_ranks(settings, ranks) for ranks in wanted}


def run(comm: MPI.Comm, full: bool) -> Report:
    """Differences of what is measured, the largest of all instants."""
    entries, curves = [], {}
    for variant in VARIANTS:
        alone, others = compared(comm, variant, full)
        for ranks, other in others.items():
            label = f"{variant.label}, {ranks} processes"
            for key, what in QUANTITIES.items():
                found, quantity = difference(key, alone, other), f"relative difference of the {what}"
                entries.append(below(f"{NAME}/{label}", quantity, variant.tolerance, found.max()))
                curves[f"{label}: {what}"] = other["t_s"], found
    return Report(tuple(entries), _draw(curves) if comm.rank == 0 else None)


@rc_context(STYLE)
def _draw(curves: Mapping[str, tuple[Floats, Floats]]) -> Figure:
    figure = Figure(figsize=(7.0, 3.6), layout="constrained")
    axes = figure.subplots()
    for k, (label, (t, differences)) in enumerate(curves.items()):
        if len(t) == len(differences):
            style = ("-", "--", ":", "-.")[k // len(QUANTITIES) % 4]
            shown = np.maximum(differences, LEAST)
            axes.semilogy(t, shown, style, color=colour(k % len(QUANTITIES)), lw=1, label=label)
    axes.set(xlabel="Time (s)", ylabel="Difference from one process, relative", ylim=(LEAST / 2, None))
    figure.legend(loc="outside right upper", fontsize=6)
    return figure


CHECK = Check(
    NAME,
    "The run of one process, against the same on 2 and 3 (started as children, or those of mpiexec above).",
    run,
)
