"""What the program takes from where it was started: nothing."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fem_model import _module_path
from fem_model.base.surroundings import elsewhere
from fem_model.record.manifest import git_state
from tests.conftest import ROOT
from tests.traps import Traps


def test_elsewhere_there_is_neither_the_folder_nor_the_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PETSC_OPTIONS", "-info")
    with pytest.raises(RuntimeError, match="broke"), elsewhere():
        assert (os.getcwd(), os.environ.get("PETSC_OPTIONS")) == ("/", None)
        raise RuntimeError("broke")
    assert (os.getcwd(), os.environ["PETSC_OPTIONS"]) == (str(tmp_path), "-info")


# Modules


STDLIB = "/usr/lib/python"


def path_after(
    monkeypatch: pytest.MonkeyPatch, argv: list[str], orig_argv: list[str], path: list[str], named: str
) -> list[str]:
    """The module path of a program after it has imported this package."""
    monkeypatch.setattr(sys, "argv", argv)
    monkeypatch.setattr(sys, "orig_argv", orig_argv)
    monkeypatch.setattr(sys, "path", path)
    monkeypatch.setenv("PYTHONPATH", named)
    _module_path.leave_out_the_working_folder()
    return sys.path


@pytest.mark.parametrize("words", [["-m", "fem_model"], ["-mfem_model"], ["-m", "fem_model.post"]])
def test_python_m_leaves_out_the_working_folder(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = path_after(monkeypatch, ["-m"], ["python", *words], [str(tmp_path), STDLIB], "")
    assert found == [STDLIB]


@pytest.mark.parametrize("named", [":", "/own:", ":/own", ".:/own", "below:/own", "./below/..:/own"])
def test_the_command_leaves_out_what_is_relative(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = [*map(os.path.abspath, named.split(":")), STDLIB]
    found = path_after(monkeypatch, ["/usr/bin/fem-model"], ["python", "/usr/bin/fem-model"], path, named)
    own = ["/own"] if "/own" in named else []
    assert found == [*own, STDLIB]
    assert os.environ["PYTHONPATH"] == "".join(own)


def test_a_folder_that_is_named_in_full_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    here = str(tmp_path)
    assert path_after(monkeypatch, ["fem-model"], ["python"], [here, STDLIB], f"{here}:") == [here, STDLIB]


@pytest.mark.parametrize(
    ("argv", "orig_argv"), [(["-c"], ["python", "-c", "x"]), (["-m"], ["python", "-m", "mine"]), ([], [])]
)
def test_other_programs_keep_their_path(
    argv: list[str], orig_argv: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert path_after(monkeypatch, argv, orig_argv, ["", str(tmp_path)], ":") == ["", str(tmp_path)]


def test_a_checkout_that_is_not_installed_says_so() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-m", "fem_model", "schema"],  # -S: without what is installed
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("fem-model: ") and f"pip install -e '{ROOT}'" in line


# Git


def test_a_repository_around_the_installed_package_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / ".venv" / "lib" / "fem_model"
    package.mkdir(parents=True)
    mark = tmp_path / "sprung"
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    subprocess.run(["git", "-C", tmp_path, "config", "core.fsmonitor", f"touch {mark}; false"], check=True)
    monkeypatch.setattr("fem_model.__file__", str(package / "__init__.py"))
    subprocess.run(["git", "status"], cwd=package, capture_output=True)
    assert mark.exists(), "the trap does not work"
    mark.unlink()
    assert git_state() is None
    assert not mark.exists()


# Compiled forms


def length() -> Any:
    """The form of the length of an interval."""
    import basix.ufl
    import ufl

    mesh = ufl.Mesh(basix.ufl.element("Lagrange", "interval", 1, shape=(1,)))
    return ufl.Constant(mesh) * ufl.dx(mesh)


def test_forms_are_compiled_without_a_look_at_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """setuptools, which starts the compiler, takes a folder with pybuilddir.txt for the source of Python."""
    from fem_model._dolfinx_first import jit

    from mpi4py import MPI

    traps = Traps(tmp_path)
    traps.settings()
    (traps.folder / "pybuilddir.txt").touch()
    monkeypatch.chdir(traps.folder)
    options = {"cache_dir": tmp_path / "cache"}
    assert jit.ffcx_jit(MPI.COMM_SELF, length(), jit_options=options)
    assert list((tmp_path / "cache").glob("*.so"))
    assert traps.sprung() == set()
