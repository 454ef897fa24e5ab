"""The public names: each is documented, and every example of the documents runs as it stands."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from mpi4py import MPI

import fem_model
from fem_model import (
    InputError,
    Simulation,
    case_to_toml,
    change_case,
    derive,
    load_case,
    load_run,
    make_case,
    new_case,
)

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def examples(text: str) -> list[str]:
    """The blocks of Python in a document."""
    return re.findall(r"^```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def test_every_example_of_the_guide_runs_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for number, example in enumerate(examples(GUIDE), start=1):
        exec(compile(example, f"docs/python.md, example {number}", "exec"), names)
    assert "is not a known unit" in capsys.readouterr().out
    assert names["summary"]["status"] == "finished"
    assert all(path.is_file() for path in names["figures"])


def test_the_example_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").symlink_to(ROOT / "runs")
    [example] = examples(README)
    names: dict[str, Any] = {}
    exec(compile(example, "README.md", "exec"), names)
    assert names["summary"]["status"] == "finished"
    assert names["series"]["t_s"].iloc[-1] == names["case"].time.end


CASE = ROOT / "runs" / "quickstart" / "case.toml"
SLIPS: dict[str, tuple[Callable[[], object], str]] = {
    "no file": (lambda: load_case(cast(Any, 3)), "path must be text or a Path, not 3 (int)"),
    "no case": (lambda: change_case(cast(Any, CASE), {}), "case must be a Case, as load_case"),
    "no tables": (lambda: make_case(cast(Any, "x")), "tables must be the tables of a case"),
    "a change": (lambda: load_case(CASE, "time.end=1 h"), "changes must be values by key"),
    "number": (lambda: load_case(CASE, cast(Any, [3])), "each of the changes must be a text"),
    "key": (lambda: load_case(CASE, cast(Any, {3: 4})), "a key of the changes must be text"),
    "value": (lambda: load_case(CASE, {"time.outputs": np.int64(3)}), "outputs = 3 (int64): must be a whole"),
    "numbers": (lambda: derive(cast(Any, None)), "case must be a Case"),
    "text": (lambda: case_to_toml(cast(Any, {})), "case must be a Case"),
    "new": (lambda: new_case("nuclei", cast(Any, 3)), "folder must be text or a Path"),
    "run": (lambda: load_run(cast(Any, None)), "folder must be text or a Path, not None (NoneType)"),
    "path for a case": (lambda: Simulation(cast(Any, CASE), MPI.COMM_SELF), "case must be a Case"),
    "no ranks": (lambda: Simulation(load_case(CASE), cast(Any, None)), "comm must be a communicator"),
    "other ranks": (lambda: Simulation(load_case(CASE), MPI.COMM_NULL), "is not among the ranks of the run"),
    "folder": (lambda: Simulation(load_case(CASE), MPI.COMM_SELF, cast(Any, 3)), "folder must be text"),
}


@pytest.mark.parametrize("name", SLIPS)
def test_an_argument_of_a_wrong_type_is_named_where_it_is_given(name: str) -> None:
    slip, told = SLIPS[name]
    with pytest.raises(InputError, match=re.escape(told)):
        slip()


def test_every_public_name_is_imported_in_an_example_of_the_guide() -> None:
    imports = re.findall(r"^from fem_model import (.*)$", "\n".join(examples(GUIDE)), flags=re.MULTILINE)
    shown = {name for line in imports for name in line.split(", ")}
    assert shown == set(fem_model.__all__) - {"__version__"}


def test_every_public_name_is_there_and_no_other() -> None:
    assert set(fem_model.__all__) <= set(dir(fem_model))
    assert all(getattr(fem_model, name) is not None for name in fem_model.__all__)
    with pytest.raises(AttributeError, match="no attribute 'load_cases'"):
        _ = fem_model.load_cases


def test_the_package_alone_loads_no_library() -> None:
    script = "import sys; old = set(sys.modules); import fem_model; print(*set(sys.modules) - old)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert set(done.stdout.split()) == {"fem_model", "fem_model._module_path"}
