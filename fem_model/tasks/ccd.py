"""`fem-model study ccd`: predicts the critical current density of electrolytes."""

import fem_model._dolfinx_first  # noqa: F401

from pathlib import Path

from mpi4py import MPI
from rich.table import Table

from fem_model.base.atomic import make_own_folder
from fem_model.base.errors import InputError
from fem_model.base.terminal import PIPE_WIDTH, terminal
from fem_model.ccd.electrode import Electrode
from fem_model.ccd.figure import PER_A_M2
from fem_model.ccd.report import Results, save_report
from fem_model.ccd.strength import Strength
from fem_model.ccd.study import Study
from fem_model.ccd.study_file import load_study
from fem_model.mesh.parallel import on_root

WORDS = {
    "onset": "lithium begins to run from the weakest flaw",
    "through": "lithium can run from the weakest flaw to the depth",
    "passage": "lithium comes through to the depth within the half-cycles",
}


def study_ccd(
    path: Path,
    out: Path | None,
    comm: MPI.Comm,
    *,
    small: bool = False,
    force: bool = False,
    pdf: bool = False,
) -> int:
    """Run a study on all ranks, which share its patches, and write its results. Errors: InputError."""
    file = load_study(path)
    study = Study(
        path, file, file.small if small else file.patches.number, comm, _tell if comm.rank == 0 else _pass
    )
    folder = out or path.parent / "out" / (f"{path.stem}_small" if small else path.stem)
    on_root(comm, lambda: _prepare(study, folder, force))
    study.fit()
    results = Results(file, list(study.predictions()), study.fitted, study.unreached)
    on_root(comm, lambda: _conclude(results, study.count, folder, pdf=pdf))
    return 0


def _tell(line: str) -> None:
    print(line, flush=True)


def _pass(line: str) -> None:
    """Say nothing."""


def _prepare(study: Study, folder: Path, force: bool) -> None:
    """Check all cases and make the folder, before anything is computed."""
    if (folder / "ccd.csv").exists() and not force:
        raise InputError(
            f"{folder}: has the results of a study. --force replaces them, --out names another folder"
        )
    study.check()
    make_own_folder(folder)


def _conclude(results: Results, count: int, folder: Path, *, pdf: bool) -> None:
    """Print the predictions, and write everything."""
    for name, value in results.fitted.items():
        to = results.file.fits[name].to
        met = (
            f"no value within its bounds gives that of {to}; this is the nearest"
            if name in results.unreached
            else f"to {to}"
        )
        print(f"fitted: {name} = {value}, {met}")
    print(f"critical current density: {WORDS[results.file.definition]}; {count} patches of each electrolyte")
    terminal(PIPE_WIDTH).print(_table(results))
    if any(_unseen(each.electrode(results.file.definition)) for each in results.whole):
        print("* set by what no patch shows: flaws in surroundings as weak as those of a single crack")
    for path in save_report(results, folder, pdf=pdf):
        print(f"written {path}")


def _unseen(electrode: Electrode) -> bool:
    """True if no patch is as weak as the flaws that decide."""
    return isinstance(electrode.relation, Strength) and electrode.relation.unseen


def _table(results: Results) -> Table:
    table = Table(
        "electrolyte",
        "measured",
        "predicted, mA/cm²",
        "90 %",
        "Weibull modulus",
        "weakest patch",
        "null model",
    )
    for each in results.whole:
        name, electrode = each.electrolyte.name, each.electrode(results.file.definition)
        value, low, high = (PER_A_M2 * number for number in electrode.median())
        datum, null, fit = each.datum, results.nulls.get(name), results.fitted_to.get(name)
        mark = "" if fit is None else " (not reached)" if fit in results.unreached else " (fitted)"
        table.add_row(
            name,
            f"{PER_A_M2 * datum.lower:.3g} to {PER_A_M2 * datum.upper:.3g}" if datum else "",
            f"{value:.3g}{mark}",
            f"{low:.3g} to {high:.3g}" + ("*" if _unseen(electrode) else ""),
            f"{electrode.modulus().value:.2g}",
            f"{PER_A_M2 * each.patches(results.file.definition)[0]:.3g}",
            f"{PER_A_M2 * null.median:.3g}" if null else "",
        )
    return table
