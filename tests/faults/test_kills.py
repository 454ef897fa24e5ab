"""A kill in the fast tests, the campaign in the slow ones; `make faults` runs all of it and reports."""

from fem_model._dolfinx_first import modules

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from mpi4py import MPI

from fem_model.base.compiled import Module
from fem_model.case import load_case
from fem_model.simulation import Simulation
from tests.faults.campaign import EVERY, PHASES, RANKS, SWEEP, Kill, Place, drawn

BLOCKS, KILLS = 20, 10
"""Tests of the campaign, and kills of each."""


def test_a_run_that_is_killed_during_compilation_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, load = Place(tmp_path), modules.load
    (tmp_path / "caches" / "fem-model").mkdir(parents=True)

    def copying(folder: Path, name: str, objects: Sequence[str]) -> Module:
        for path in folder.glob(f"{name}.*"):
            shutil.copy(path, tmp_path / "caches" / "fem-model")
        return load(folder, name, objects)

    with monkeypatch.context() as patch:
        patch.setattr(modules, "load", copying)
        patch.setenv("FEM_MODEL_MESHES", str(tmp_path / "caches" / "meshes"))
        Simulation(load_case(place.case), MPI.COMM_SELF, place.whole(1)).run()
    assert place.suffer(Kill(2, "compilation", 1, 0.02, one=False)) is None


def test_kills_are_in_all_phases_on_all_ranks() -> None:
    kills = [drawn(number) for number in range(BLOCKS * KILLS)]
    runs = {(kill.phase, kill.ranks) for kill in kills if kill.phase != SWEEP}
    assert runs == {(p, n) for p in PHASES for n in RANKS}
    sweeps = [kill for kill in kills if kill.phase == SWEEP]
    assert len(sweeps) == BLOCKS * KILLS / EVERY
    assert {kill.one for kill in sweeps} == {True, False}
    assert kills == [drawn(kill.number) for kill in kills]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("kills"))
    place.run_whole()
    return place


@pytest.mark.slow
@pytest.mark.parametrize("block", range(BLOCKS))
def test_a_run_that_is_killed_anywhere_ends_as_without_a_break(place: Place, block: int) -> None:
    kills = [drawn(number) for number in range(block * KILLS, (block + 1) * KILLS)]
    faults = {kill: fault for kill in kills if (fault := place.suffer(kill))}
    assert faults == {}
