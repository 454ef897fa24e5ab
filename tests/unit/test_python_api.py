"""The public names: each is documented, and every example of the documents runs as it stands."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import fem_model

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
