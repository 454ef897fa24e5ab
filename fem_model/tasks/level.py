"""One level of a study: its commands, each a process of its own, and the values that they leave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from fem_model.base.atomic import require_no_link, write_text
from fem_model.base.errors import InputError
from fem_model.base.outcome import EXIT_CODES
from fem_model.base.surroundings import python_module
from fem_model.case import Case, case_to_toml
from fem_model.case.extension import is_complete
from fem_model.post.load import load_run
from fem_model.readers.files import table_of, text_of
from fem_model.study.findings import LevelResult
from fem_model.study.levels import Level
from fem_model.study.process import Children, Ended, last_words
from fem_model.study.quantities import Missing, Wanted, conductivity_of, value_of

Command = Literal["run", "conductivity"]
COUNTS = ("num_cells", "num_dofs", "steps", "wall_s")
"""Counts of a level reported beside its values, by their names in summary.json."""


@dataclass(frozen=True)
class LevelJob:
    """Runs levels into folders below `folder`, as `children` with `launcher` before every command.

    A level is a simulation, an effective conductivity, or both, as the scalars `asked` for need.
    """

    folder: Path
    asked: Sequence[Wanted]
    children: Children
    launcher: Sequence[str] = ()

    def __call__(self, level: Level) -> LevelResult:
        """Do what is left to do, and read the values."""
        if level.case is None:
            return LevelResult(level, "failed", level.refused)
        for command in self.left(level):
            recipe = self.folder / f"{level.name}.toml"
            write_text(recipe, case_to_toml(level.case))
            ended = self.children.run(self._words(command, level, recipe), self._log(level))
            if ended.code or ended.told_to_stop:
                return self._unfinished(command, level, ended)
            if command == "conductivity":
                write_text(self._target(command, level) / "case.toml", case_to_toml(level.case))
        return self._read(level)

    @property
    def commands(self) -> list[Command]:
        """The commands that a level needs."""
        kinds: dict[Command, bool] = {
            "run": any(one.needs_run for one in self.asked),
            "conductivity": not all(one.needs_run for one in self.asked),
        }
        return [command for command, needed in kinds.items() if needed]

    def left(self, level: Level) -> list[Command]:
        """The commands whose results are not there.

        InputError if the folder holds those of another case, or is a link.
        """
        if level.case is None:
            return []
        for folder in (self.folder / level.name, *(self._target(c, level) for c in self.commands)):
            require_no_link(folder)
        checks = {"run": is_complete, "conductivity": _has_conductivity}
        return [c for c in self.commands if not checks[c](self._target(c, level), level.case)]

    def _target(self, command: Command, level: Level) -> Path:
        home = self.folder / level.name
        return home if command == "run" else home / command

    def _log(self, level: Level) -> Path:
        return self.folder / f"{level.name}.log"

    def _words(self, command: Command, level: Level, recipe: Path) -> list[str]:
        words = [command, recipe, "--out", self._target(command, level)]
        resume = ["--resume"] if command == "run" else []
        return [*self.launcher, *python_module("fem_model", *words, *resume)]

    def _unfinished(self, command: Command, level: Level, ended: Ended) -> LevelResult:
        if ended.told_to_stop or ended.code == EXIT_CODES["stopped"]:
            return LevelResult(level, "stopped", "--resume continues from here")
        if command == "run" and ended.code == EXIT_CODES["failed"]:
            summary = _summary(self._target(command, level))
            if summary.get("status") == "failed":
                return LevelResult(level, "failed", summary["reason"], **_counts(summary))
        return LevelResult(level, "failed", last_words(self._log(level), ended.code))

    def _read(self, level: Level) -> LevelResult:
        values: dict[str, float] = {}
        missing: dict[str, str] = {}
        told: Mapping[str, Any] = {"status": "finished", "reason": "the conductivity is there"}
        if "conductivity" in self.commands:
            conductivity = table_of(self._target("conductivity", level) / "conductivity.json")
            told = {**told, **conductivity}
            values |= {
                one.label: conductivity_of(one, conductivity) for one in self.asked if not one.needs_run
            }
        if "run" in self.commands:
            run = load_run(self._target("run", level))
            told = run.summary or told
            for one in self.asked:
                if one.needs_run:
                    try:
                        values[one.label] = value_of(one, run)
                    except Missing as reason:
                        missing[one.label] = str(reason)
        return LevelResult(
            level, told["status"], told["reason"], **_counts(told), values=values, missing=missing
        )


def _summary(folder: Path) -> dict[str, Any]:
    """The summary of a run; empty if there is none."""
    try:
        return table_of(folder / "summary.json")
    except InputError:
        return {}


def _counts(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: told.get(name) for name in COUNTS}


def _has_conductivity(folder: Path, case: Case) -> bool:
    """True if the folder holds the conductivity. InputError if it is of another case."""
    try:
        text = text_of(folder / "case.toml")
    except InputError:
        return False
    if text != case_to_toml(case):
        raise InputError(f"{folder}: is of another case; --resume continues the same case only")
    return (folder / "conductivity.json").is_file()
