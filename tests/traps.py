"""Working folders full of files that Python, or a library underneath, would run, read or follow."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

THIRD_PARTY = (
    "PIL", "basix", "cffi", "cyclopts", "dolfinx", "dolfinx_solver", "ffcx", "gmsh", "h5py", "matplotlib",
    "meshio", "mpi4py", "numpy", "petsc4py", "pint", "pyarrow", "pydantic", "pyvista", "rich", "scipy",
    "setuptools", "typing_extensions", "ufl", "vtkmodules",
)  # fmt: skip
REPLACED = (
    ".case.toml.part", ".fields.xdmf.part", ".manifest.json.part", ".summary.json.part", "case.toml",
    "fields.h5", "fields.part", "fields.xdmf", "manifest.json", "run.log", "summary.json",
    "figures/.front.png.part", "figures/front.png",
)  # fmt: skip
"""Files that a run makes, or writes aside."""


class Traps:
    """Traps in `folder`; where they go off, something changes in `marks`."""

    def __init__(self, base: Path) -> None:
        self.folder, self.home, self.marks = (base / name for name in ("work", "home", "marks"))
        for folder in (self.folder, self.home, self.marks):
            folder.mkdir()
        self.kept: set[str] = set()
        self.victim = self.marks / "victim.txt"
        self.victim.write_text("not of a run")

    def sprung(self) -> set[str]:
        """Names of the traps that went off."""
        changed = {self.victim.name} if self.victim.read_text() != "not of a run" else set()
        changed |= {path.name for path in self.marks.iterdir()} - {self.victim.name}
        return changed | {path.name for path in self.home.iterdir()} - self.kept

    def modules(self, names: Iterable[str]) -> None:
        """Python modules that are to be found elsewhere."""
        for name in names:
            path = self.folder / f"{name.replace('.', '/')}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"open({str(self.marks / name)!r}, 'w').close()\nraise ImportError('trap')\n")

    def links(self, folder: Path) -> None:
        """Links to a file elsewhere in the place of what a run writes into `folder`."""
        for name in REPLACED:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(self.victim)

    def settings(self) -> dict[str, str]:
        """Files with settings of libraries in the working folder and in a home; variables that name more."""
        wrapper = self.home / "wrapper.sh"
        wrapper.write_text(f'#!/bin/sh\ntouch {self.marks / "wrapper"}\nexec "$@"\n')
        wrapper.chmod(0o755)
        jit = json.dumps({"cffi_extra_compile_args": ["-wrapper", str(wrapper)]})
        ffcx, red = json.dumps({"scalar_type": "complex128"}), "savefig.facecolor: red\nfont.size: 30\n"
        texts = {
            "work/.petscrc": self._petsc("petscrc"),
            "work/petscrc": self._petsc("petscrc"),
            "home/.petscrc": self._petsc("petscrc-home"),
            "work/petsc.cfg": f"PETSC_ARCH = {'../' * 20}{self.folder}\n",
            "work/ucx.conf": f"UCX_LOG_LEVEL=debug\nUCX_LOG_FILE={self.marks / 'ucx'}\n",
            "work/dolfinx_jit_options.json": jit,
            "home/.config/dolfinx/dolfinx_jit_options.json": jit,
            "work/ffcx_options.json": ffcx,
            "home/.config/ffcx/ffcx_options.json": ffcx,
            "work/matplotlibrc": red,
            "home/.config/matplotlib/matplotlibrc": red,
            "work/.gmshrc": f'SystemCall "touch {self.marks / "gmshrc"}";\n',
        }
        for name, text in texts.items():
            path = self.folder.parent / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.kept = {path.name for path in self.home.iterdir()}
        cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        return {
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "XDG_CACHE_HOME": cache,
            "MATPLOTLIBRC": str(self.folder / "matplotlibrc"),
            "PETSC_OPTIONS": self._petsc("petsc-options").replace("\n", " "),
            "PETSC_OPTIONS_YAML": f"info: {self.marks / 'petsc-yaml'}",
        }

    def _petsc(self, name: str) -> str:
        return f"-history {self.marks / name}-history\n-info {self.marks / name}-info\n"
