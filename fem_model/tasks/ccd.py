"""`fem-model study ccd`: predicts the critical current density of electrolytes."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Sequence
from pathlib import Path

from mpi4py import MPI
from rich.table import Table

from fem_model.base.terminal import PIPE_WIDTH, terminal
from fem_model.ccd.comparison import NullModel
from fem_model.ccd.figure import PER_A_M2
from fem_model.ccd.report import null_models, save_report
from fem_model.ccd.study import Prediction, Study
from fem_model.ccd.study_file import StudyFile, load_study
from fem_model.mesh.parallel import on_root


def study_ccd(path: Path, out: Path | None, comm: MPI.Comm, *, small: bool = False, pdf: bool = False) -> int:
    """Run a study on all ranks, which share its patches, and write its results. Errors: InputError."""
    file = load_study(path)
    study = Study(
        path,
        file,
        file.small if small else file.patches.number,
        comm,
        _tell if comm.rank == 0 else _say_nothing,
    )
    study.fit()
    predictions = list(study.predictions())
    whole = [each for each in predictions if each.is_whole]
    others = [each for each in predictions if not each.is_whole] + list(study.varied(whole))
    folder = out or path.parent / "out" / (f"{path.stem}_small" if small else path.stem)
    on_root(comm, lambda: _conclude(study, whole, others, folder, pdf=pdf))
    return 0


def _tell(line: str) -> None:
    print(line, flush=True)


def _say_nothing(line: str) -> None:
    pass


def _conclude(
    study: Study, whole: Sequence[Prediction], others: Sequence[Prediction], folder: Path, *, pdf: bool
) -> None:
    """Print the predictions, and write everything."""
    for name, value in study.fitted.items():
        print(f"fitted: {name} = {value}, to {study.file.fits[name].to}")
    print(
        f"critical current density: {WORDS[study.file.definition]}; {study.count} patches of each electrolyte"
    )
    terminal(PIPE_WIDTH).print(_table(study.file, whole, null_models(study.file, whole)))
    for path in save_report(study.file, whole, others, study.fitted, folder, pdf=pdf):
        print(f"written {path}")


WORDS = {
    "onset": "lithium begins to run from the weakest flaw",
    "through": "lithium can run from the weakest flaw to the depth",
    "passage": "lithium comes through to the depth within the half-cycles",
}


def _table(file: StudyFile, whole: Sequence[Prediction], nulls: dict[str, NullModel]) -> Table:
    fitted = {fit.to for fit in file.fits.values()}
    table = Table("electrolyte", "measured", "predicted, mA/cm²", "90 %", "Weibull modulus", "null model")
    for each in whole:
        name, electrode = each.electrolyte.name, each.electrode(file.definition)
        value, low, high = (PER_A_M2 * number for number in electrode.median())
        datum, null = each.datum, nulls.get(name)
        measured = f"{PER_A_M2 * datum.lower:.3g} to {PER_A_M2 * datum.upper:.3g}" if datum else ""
        table.add_row(
            name,
            measured,
            f"{value:.3g}" + (" (fitted)" if name in fitted else ""),
            f"{low:.3g} to {high:.3g}",
            f"{electrode.modulus().value:.2g}",
            f"{PER_A_M2 * null.median:.3g}" if null else "",
        )
    return table
