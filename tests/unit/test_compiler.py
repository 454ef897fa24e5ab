"""Machines on which equations cannot be compiled as usual: no home, no cache, no compiler."""

import os
import resource
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import fem_model.base.compiler
from fem_model.base.compiler import prepare, why_not_compiled
from tests.fem.cases import NUCLEUS, toml

PRIVATE = f"fem-model-{os.getuid()}"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a home, a compiler and a temporary folder, all within the folder of the test."""
    for name in ("home", "tmp", "bin"):
        (tmp_path / name).mkdir()
    compiler(tmp_path, "gcc")
    for name, value in {"HOME": "home", "TMPDIR": "tmp", "PATH": "bin"}.items():
        monkeypatch.setenv(name, str(tmp_path / value))
    for name in ("XDG_CACHE_HOME", "MPLCONFIGDIR", "CC"):
        monkeypatch.setenv(name, "")  # so that what prepare() sets is taken back
        monkeypatch.delenv(name)
    monkeypatch.setattr(fem_model.base.compiler, "COMMON", ())
    monkeypatch.setattr("sysconfig.get_config_var", lambda _: "gcc -pthread")
    return tmp_path


def compiler(place: Path, name: str) -> None:
    (place / "bin" / name).write_text("#!/bin/sh\n")
    (place / "bin" / name).chmod(0o755)


def test_a_usual_machine_stays_as_it_is(place: Path) -> None:
    before = dict(os.environ)
    prepare()
    assert dict(os.environ) == before


@pytest.mark.parametrize("home", ["/proc/none", "/etc/passwd", "none"])
def test_a_home_that_is_none_gets_a_private_one(
    place: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.setenv("HOME", home)
    prepare()
    private = place / "tmp" / PRIVATE
    assert Path.home() == private
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert "XDG_CACHE_HOME" not in os.environ


def test_a_user_without_a_name_gets_a_private_home(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", lambda uid: {}[uid])
    prepare()
    assert Path.home() == place / "tmp" / PRIVATE


@contextmanager
def full() -> Iterator[None]:
    """No file may grow beyond 1 kB, neither that of a log to which the tests print: not as a fixture."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("cache", ["/proc/none", "/etc/passwd/cache"])
def test_a_cache_that_takes_no_files_gets_a_private_one(
    place: Path, monkeypatch: pytest.MonkeyPatch, cache: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", cache)
    prepare()
    assert os.environ["XDG_CACHE_HOME"] == str(place / "tmp" / PRIVATE / ".cache")
    assert os.environ["MPLCONFIGDIR"].startswith(os.environ["XDG_CACHE_HOME"])
    assert os.environ["HOME"] == str(place / "home")


def test_a_full_cache_is_seen(place: Path) -> None:
    with full():
        takes = fem_model.base.compiler._takes_files(place / "home")
    assert not takes


def test_a_cache_stays_where_nothing_can_be_compiled(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "bin" / "gcc").unlink()
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/none")
    prepare()
    assert os.environ["XDG_CACHE_HOME"] == "/proc/none"


@pytest.mark.parametrize("trap", ["open to all", "a link", "a file"])
def test_what_others_may_have_put_there_is_not_used(
    place: Path, monkeypatch: pytest.MonkeyPatch, trap: str
) -> None:
    private = place / "tmp" / PRIVATE
    if trap == "open to all":
        private.mkdir()
        private.chmod(0o777)
    elif trap == "a link":
        (place / "elsewhere").mkdir(mode=0o700)
        private.symlink_to(place / "elsewhere")
    else:
        private.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/none")
    prepare()
    assert os.environ["XDG_CACHE_HOME"] == "/proc/none"


def test_another_compiler_than_that_of_python_will_do(place: Path) -> None:
    (place / "bin" / "gcc").unlink()
    compiler(place, "clang")
    prepare()
    assert os.environ["CC"] == "clang"


def test_why_an_equation_was_not_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fem_model._mpi_first  # noqa: F401

    import ufl
    from dolfinx import fem
    from dolfinx.mesh import create_unit_interval
    from mpi4py import MPI

    monkeypatch.setenv("CC", "/none/cc")
    mesh = create_unit_interval(MPI.COMM_SELF, 2)
    form = fem.Constant(mesh, 1.0) * ufl.dx
    with pytest.raises(Exception) as caught:
        fem.form(form, jit_options={"cache_dir": tmp_path})
    reason = why_not_compiled(caught.value)
    assert reason is not None
    for word in ("cannot be compiled", "/none/cc", "CC", "XDG_CACHE_HOME", "apt install gcc"):
        assert word in reason
    assert "\n" not in reason
    assert why_not_compiled(ValueError("another")) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"HOME": "/proc/none"}, 0, "finished"),
        ({"HOME": "/etc/passwd"}, 0, "finished"),
        ({"XDG_CACHE_HOME": "/proc/none"}, 0, "finished"),
        ({"XDG_CACHE_HOME": "cache", "PATH": "/none"}, 2, "CC names it"),
        ({"XDG_CACHE_HOME": "cache", "CC": "/none/cc"}, 2, "CC names it"),
    ],
    ids=["no home", "a file for a home", "no cache", "no compiler", "a wrong compiler"],
)
def test_a_run_on_such_a_machine(tmp_path: Path, changes: dict[str, str], code: int, words: str) -> None:
    (tmp_path / "case.toml").write_text(toml(NUCLEUS, {"time": {"end": "1 min", "outputs": 1}}))
    (tmp_path / "tmp").mkdir()
    command = [sys.executable, "-m", "fem_model", "run", "case.toml"]
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp"), **changes}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=280)
    assert done.returncode == code, done.stderr
    assert words in (done.stdout if code == 0 else done.stderr)
    assert len(done.stderr.splitlines()) == (code == 2)
    assert (tmp_path / "out").exists() == (code == 0)
