"""The cache of compiled equations: damage heals, and one program compiles at a time."""

import fcntl
import hashlib
import os
import shutil
import threading
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from fem_model.base.compiled import LOCK, SEAL, Cache
from tests.unit.test_surroundings import length


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with one module."""
    from fem_model._dolfinx_first import jit

    from mpi4py import MPI

    folder = tmp_path_factory.mktemp("compiled")
    jit.ffcx_jit(MPI.COMM_SELF, length(), jit_options={"cache_dir": folder})
    return folder


@pytest.mark.parametrize("damage", ["none", "killed", "no checksum", "truncated", "empty", "no module"])
def test_a_damaged_cache_heals(compiled: Path, tmp_path: Path, damage: str) -> None:
    from fem_model._dolfinx_first import jit

    from mpi4py import MPI

    shutil.copytree(compiled, tmp_path, dirs_exist_ok=True)
    [module], [seal] = tmp_path.glob("*.so"), tmp_path.glob("*.sha256")
    if damage == "killed":
        for path in tmp_path.glob("lib*"):
            path.write_text("") if path.suffix == ".c" else path.unlink()
    elif damage == "no checksum":
        seal.unlink()
    elif damage == "no module":
        module.unlink()
    elif damage != "none":
        module.write_bytes(module.read_bytes()[: 5000 if damage == "truncated" else 0])
    if module.exists():
        os.utime(module, (0, 0))
    assert jit.ffcx_jit(MPI.COMM_SELF, length(), jit_options={"cache_dir": tmp_path})
    assert hashlib.sha256(module.read_bytes()).hexdigest() == seal.read_text()
    assert (module.stat().st_mtime == 0) == (damage == "none"), "compiled for nothing, or not"


def test_a_module_that_another_process_compiles_is_waited_for(tmp_path: Path) -> None:
    module, done = tmp_path / f"m{EXTENSION_SUFFIXES[0]}", threading.Event()
    cache = Cache(lambda folder, name, objects: ([name], None))

    def compile_() -> None:
        if cache.look_up("m", [], tmp_path, 0) == (None, None):
            module.write_bytes(b"mine")
        done.set()

    with (tmp_path / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # as who compiles does
        thread = threading.Thread(target=cache.sealing(compile_))
        thread.start()
        assert not done.wait(0.2)
        module.write_bytes(b"theirs")
        Path(f"{module}{SEAL}").write_text(hashlib.sha256(b"theirs").hexdigest())
    thread.join(10)
    assert done.is_set() and module.read_bytes() == b"theirs"
