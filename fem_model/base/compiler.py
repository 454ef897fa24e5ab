"""Finds what compiling the equations takes: a compiler, and a home with a cache that can be written.

Each equation is compiled once, into the folder fem-model of $XDG_CACHE_HOME, by default of ~/.cache.
"""

import os
import shutil
import stat
import sysconfig
import tempfile
from contextlib import suppress
from pathlib import Path
from traceback import walk_tb

CACHE, COMPILER, FIGURES = "XDG_CACHE_HOME", "CC", "MPLCONFIGDIR"
COMPILERS = ("cc", "gcc", "clang")
COMMON = ("/tmp", "/var/tmp")
"""Temporary folders, after that of $TMPDIR."""
PROBE = 1 << 16
"""Bytes that a cache must take."""


def prepare() -> None:
    """Have $CC, $HOME and $XDG_CACHE_HOME name what is there, where what they name is not.

    A private folder below the temporary one takes the place of a home that is none, and of a cache that takes
    no files; such a cache stays where there is no compiler, since it may hold what is needed.
    """
    has_compiler = _find_compiler()
    if not _has_home():
        if not (private := _private_folder()):
            return
        os.environ["HOME"] = str(private)
    if has_compiler and not _takes_files(cache_of_equations()) and (private := _private_folder()):
        os.environ[CACHE] = str(private / ".cache")
        os.environ.setdefault(FIGURES, str(private / ".cache" / "matplotlib"))


def cache_of_equations() -> Path:
    """The folder of compiled equations."""
    return Path(os.environ.get(CACHE) or Path.home() / ".cache", "fem-model")


def why_not_compiled(error: BaseException) -> str | None:
    """The message for an error that DOLFINx met while it compiled; None for others."""
    if all(frame.f_globals.get("__name__") != "dolfinx.jit" for frame, _ in walk_tb(error.__traceback__)):
        return None
    reason = f"{type(error).__name__}: {error}".replace("\n", " ")
    return (
        f"the equations cannot be compiled ({reason}). That needs a C compiler ({COMPILER} names it; on "
        f"Debian or Ubuntu: apt install gcc libc6-dev), a cache folder that can be written ({CACHE}, now "
        f"{cache_of_equations().parent}), and a temporary folder (TMPDIR)"
    )


def _has_home() -> bool:
    try:
        home = Path.home()
    except RuntimeError:  # no $HOME, and a user without a name
        return False
    return os.path.isdir(home) and os.access(home, os.R_OK | os.X_OK)


def _find_compiler() -> bool:
    """True if there is a compiler; $CC names it if it is not the one this Python was built with."""
    asked = os.environ.get(COMPILER, "").split()
    usual = (sysconfig.get_config_var(COMPILER) or COMPILERS[0]).split()
    if shutil.which((asked or usual)[0]):
        return True
    found = None if asked else next(filter(shutil.which, COMPILERS), None)
    if found:
        os.environ[COMPILER] = found
    return found is not None


def _takes_files(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(PROBE))
    except OSError:
        return False
    return True


def _private_folder() -> Path | None:
    """A folder that only this user can read and write, below the first temporary folder that has room."""
    for place in filter(None, (os.environ.get("TMPDIR"), *COMMON)):
        folder = Path(place) / f"fem-model-{os.getuid()}"
        with suppress(OSError):
            folder.mkdir(mode=0o700, exist_ok=True)
            found = folder.lstat()
            is_own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
            if is_own and not found.st_mode & 0o077 and _takes_files(folder):
                return folder
    return None
