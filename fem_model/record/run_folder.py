"""The folder of a run: opened or taken up once, then rows and fields go into it, in the end the summary."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from mpi4py import MPI

from fem_model.base.atomic import cleared, make_folder, make_own, require_no_link, write_json, write_text
from fem_model.base.errors import InputError
from fem_model.base.log import log_to_file
from fem_model.case import case_to_toml
from fem_model.engine.clock import Clock
from fem_model.engine.model import Model
from fem_model.mesh.parallel import from_root, on_root
from fem_model.readers.files import table_of, text_of
from fem_model.record.checkpoint_files import drop_all
from fem_model.record.fields import DATA, FieldWriter, outputs_before
from fem_model.record.folder_lock import require_no_run
from fem_model.record.manifest import manifest
from fem_model.record.output_fields import OutputFields
from fem_model.record.progress import ProgressView
from fem_model.record.series import Series, rows_before

SERIES, MANIFEST = "series.csv", "manifest.json"
RESULTS = ("summary.json", "fields.xdmf", "fields.h5", "run.log", SERIES)
"""Results that a new run replaces before it starts."""
APPENDED = (SERIES, DATA, "run.log")
"""Files that a resumed run goes on with."""


@dataclass(frozen=True)
class Written:
    """Files of a run as they are when a checkpoint is written."""

    series: str = ""
    """Content of series.csv."""
    outputs: Sequence[float] = ()
    """Times of the fields, s."""


@dataclass
class Texts:
    """Texts that rank 0 alone writes as the run goes on, for files and for the terminal."""

    series: Series
    progress: ProgressView
    manifest: Mapping[str, Any]

    def add(self, row: Mapping[str, Any]) -> None:
        """Add an accepted step."""
        self.series.add(row)
        self.progress.update(row)

    def close(self) -> None:
        """End file and bar."""
        self.series.close()
        self.progress.close()


@dataclass
class RunFolder:
    """The files of a run that are open. Every method is collective."""

    folder: Path
    comm: MPI.Comm
    fields: FieldWriter
    texts: Texts | None
    """None but on rank 0."""

    def written(self) -> Written:
        """The files as they are now, with the rows on rank 0."""
        times = [output.t for output in self.fields.outputs.written]
        return Written(self.texts.series.text() if self.texts else "", times)

    def add(self, row: Mapping[str, Any]) -> None:
        """Write a row at once."""
        if self.texts:
            self.texts.add(row)

    def save_fields(self, t: float, seen: OutputFields) -> None:
        """Write what is seen of a model at the time t (s), unless it is there already."""
        if not self.fields.has(t):
            self.fields.write(t, seen.model.domain, seen.now())

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Write the summary and close the files."""
        if self.texts:
            write_json(self.folder / "summary.json", dict(summary))
            write_json(self.folder / MANIFEST, {**self.texts.manifest, "wall_s": summary["wall_s"]})
        self.close()

    def close(self) -> None:
        """Close the files, which can be taken up again."""
        if self.texts:
            self.texts.close()


def open_folder(folder: Path, model: Model) -> RunFolder:
    """The folder of a new run, without the results of an earlier one. InputError if it cannot be written."""
    comm = model.domain.mesh.comm
    on_root(comm, lambda: _empty(folder))
    fields = FieldWriter(folder, comm)
    return RunFolder(folder, comm, fields, on_root(comm, lambda: _begin(folder, model)))


def require_no_results(folder: Path, comm: MPI.Comm) -> None:
    """InputError if a run is in the folder, or its results, which would be replaced. Collective."""
    if from_root(comm, (folder / SERIES).exists):
        on_root(comm, lambda: require_no_run(folder))
        advice = "resume=True goes on with it, force=True replaces it"
        raise InputError(f"{folder}: holds the results of a run; {advice}")


def take_up_folder(folder: Path, model: Model, clock: Clock, written: Written) -> tuple[RunFolder, list[str]]:
    """The folder of an interrupted run, to go on from the instant of `clock`. Errors as `open_folder`.

    The files are as they were `written`; sentences say which were not, and what is lost.
    """
    comm, notices = model.domain.mesh.comm, list[str]()
    texts = on_root(comm, lambda: _go_on(folder, model, clock, written.series, notices))
    outputs = from_root(comm, lambda: outputs_before(folder, clock.t))
    lost = {t for t in written.outputs if t < clock.t} - {output.t for output in outputs.written}
    if lost:
        times = ", ".join(f"{t:g}" for t in sorted(lost))
        notices.append(f"{folder / DATA}: was damaged; the fields at t = {times} s are lost")
    return RunFolder(folder, comm, FieldWriter(folder, comm, outputs), texts), from_root(
        comm, lambda: notices
    )


def _begin(folder: Path, model: Model) -> Texts:
    log_to_file(folder / "run.log")
    write_text(folder / "case.toml", case_to_toml(model.case))
    write_json(folder / MANIFEST, made := _manifest(model))
    return Texts(Series(folder / SERIES), ProgressView(model.case.time.end), made)


def _manifest(model: Model) -> dict[str, Any]:
    case, domain = model.case, model.domain
    seed = getattr(case.microstructure, "seed", None)
    return manifest(domain.mesh.comm.size, seed, domain.materials, domain.fingerprints)


def _go_on(folder: Path, model: Model, clock: Clock, series: str, notices: list[str]) -> Texts:
    _require_own_folders(folder)
    for name in APPENDED:
        make_own(folder / name)
    cleared(folder / "summary.json")  # of the end that it came to before
    write_text(folder / "case.toml", case_to_toml(model.case))
    log_to_file(folder / "run.log")
    rows = rows_before(series, clock.step)
    if not _begins_with(folder / SERIES, rows):
        notices.append(f"{folder / SERIES}: was damaged; its rows are again those of the checkpoint")
    write_text(folder / SERIES, rows)
    try:
        made = table_of(folder / MANIFEST)
    except InputError as error:
        notices.append(f"{error}; it is made anew, and names what goes on with the run, not what began it")
        made = _manifest(model)
    write_json(folder / MANIFEST, made)
    return Texts(Series(folder / SERIES, append=True), ProgressView(model.case.time.end, clock.t), made)


def _begins_with(path: Path, text: str) -> bool:
    try:
        return text_of(path).startswith(text)
    except InputError:
        return False


def _empty(folder: Path) -> None:
    """Make the folder, without the results of an earlier run. InputError if it cannot be written."""
    make_folder(folder)
    _require_own_folders(folder)
    drop_all(folder / "checkpoint")
    # without a series, figures that are there are not those of a run
    patterns = ["figures/*", "post/*.*"] if (folder / "series.csv").exists() else []
    for old in (*chain.from_iterable(map(folder.glob, patterns)), *(folder / name for name in RESULTS)):
        cleared(old)


def _require_own_folders(folder: Path) -> None:
    """InputError if one of the folders within that of a run is a link."""
    for name in ("checkpoint", "figures", "post"):
        require_no_link(folder / name)
