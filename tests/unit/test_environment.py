"""The three lists of requirements (pip, conda, constraints) say the same."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

# What conda-forge calls by another name, or brings as several packages.
CONDA_NAMES = {
    "gmsh": {"python-gmsh"},
    "dolfinx-solver-real": {"fenics-dolfinx", "petsc", "petsc4py", "c-compiler"},
}


def project() -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def name_of(requirement: str) -> str:
    return re.split(r"[^\w-]", requirement.strip())[0].lower()


def pip_requirements() -> list[str]:
    """Everything that `pip install ".[wheel,test]"` asks for by name."""
    extras = project()["optional-dependencies"]
    return [*project()["dependencies"], *extras["wheel"], *extras["test"]]


def conda_requirements() -> list[str]:
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    return re.findall(r"^  - (?!conda-forge)(\S.*)$", text, flags=re.MULTILINE)


def constraint_lines() -> list[str]:
    return (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()


def test_conda_and_pip_ask_for_the_same_packages() -> None:
    expected = set().union(*(CONDA_NAMES.get(name, {name}) for name in map(name_of, pip_requirements())))
    assert set(map(name_of, conda_requirements())) == expected | {"python"}


@pytest.mark.parametrize("line", conda_requirements())
def test_every_conda_line_is_a_match_spec(line: str) -> None:
    rattler = pytest.importorskip("rattler")
    assert rattler.MatchSpec(line).name.normalized == name_of(line)


def test_conda_and_wheel_bring_the_same_dolfinx() -> None:
    wheel = next(r for r in project()["optional-dependencies"]["wheel"] if r.startswith("dolfinx"))
    conda = next(line for line in conda_requirements() if line.startswith("fenics-dolfinx"))
    assert wheel.split("==")[1].startswith(conda.split("=")[1] + ".")


def test_conda_takes_a_petsc_for_real_numbers() -> None:
    assert "petsc=*=real_*" in conda_requirements()


def test_constraints_hold_an_exact_version_of_every_requirement() -> None:
    exact = {line.split("==")[0] for line in constraint_lines() if re.match(r"[\w-]+==\d[\w.]*( ;|$)", line)}
    assert set(map(name_of, pip_requirements())) <= exact


@pytest.mark.parametrize("trace", ["://", "--", "@", "file:", "/"])
def test_constraints_name_no_place_to_download_from(trace: str) -> None:
    assert [line for line in constraint_lines() if trace in line] == []


def test_pip_is_that_of_this_environment() -> None:
    pip = [Path(sys.prefix) / "bin" / "pip", "--version"]
    told = subprocess.run(pip, capture_output=True, text=True, timeout=60).stdout
    assert f" from {sys.prefix}/" in told
