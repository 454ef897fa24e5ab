"""The same case gives the same mesh on every machine, to the last byte.

Another machine is played by child processes in which OpenBLAS and NumPy take the instructions of another
processor, and the C library those of one without fused multiply-add.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__
from scipy.sparse import csr_array

from fem_model.case import Case, case_to_toml, load_case
from fem_model.mesh.cache import fingerprints
from fem_model.microstructure.reproducible import power, solve_small, solve_up_to_a_constant, turn
from tests.fem.images import ball, image_case
from tests.fem.particles import SMALL, load, load_3d

KERNELS = {
    "Prescott": "SSE3",
    "Sandybridge": "AVX",
    "Haswell": "AVX2",
    "Zen": "AVX2",
    "SkylakeX": "AVX512_SKX",
}
"""OpenBLAS's kernels, and the feature that the processor must have for each."""
SHIPPED = ("quickstart", "particles_82", "particles_73", "cycling", "fig3i")
OLD_LIBRARY = "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX2_Usable,-FMA_Usable"
BUILD = """
import sys
from pathlib import Path
from fem_model.case import Case, case_to_toml, load_case
from fem_model.mesh.cache import build_mesh
for path in map(Path, sys.argv[2:]):
    build_mesh(load_case(path), path.with_name(f"{path.stem}_{sys.argv[1]}.msh"))
"""


def build(cases: Sequence[Path], kernel: str) -> list[dict[str, str]]:
    """Fingerprints of the meshes of cases, built in a child process with the instructions of this kernel."""
    features = KERNELS.get(kernel)
    other: dict[str, str] = {}
    if features:
        beyond = [] if kernel == "SkylakeX" else [f for f in __cpu_dispatch__ if __cpu_features__.get(f)]
        other = {"OPENBLAS_CORETYPE": kernel, "NPY_DISABLE_CPU_FEATURES": " ".join(beyond)}
        if kernel == "Prescott":
            other["GLIBC_TUNABLES"] = OLD_LIBRARY
    command = [sys.executable, "-P", "-c", BUILD, kernel, *map(str, cases)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])} | other
    subprocess.run(command, env=environment, check=True, timeout=280)
    return [fingerprints(path.with_name(f"{path.stem}_{kernel}.msh")) for path in cases]


def runnable() -> list[str]:
    """The kernels that this processor can run."""
    has = __cpu_features__
    return [kernel for kernel, feature in KERNELS.items() if has.get(feature)]


def sample(folder: Path, name: str, changes: Sequence[str] = (), *, three: bool = False) -> Path:
    """A case file of grains with these keys."""
    where = folder / name
    where.mkdir()
    case = load_3d(where, 1, 0.2, *changes, box=SMALL) if three else load(where, 1, 0.2, *changes)
    return written(case, folder / f"{name}.toml")


def written(case: Case, path: Path) -> Path:
    """The file `path` with a case."""
    path.write_text(case_to_toml(case), encoding="utf-8")
    return path


def image(folder: Path, shape: Sequence[int]) -> Path:
    """A case file of a ball in an image."""
    where = folder / f"image_{len(shape)}"
    where.mkdir()
    return image_case(where, ball(shape, 0.31, 0.45))


def test_meshes_do_not_depend_on_the_processor(tmp_path: Path) -> None:
    coarse = ["mesh.cell_size_front=0.5 um", "microstructure.width=30 um", "microstructure.depth=30 um"]
    cases = [
        sample(tmp_path, "dispersed", [*coarse, "microstructure.clustering=dispersed"]),
        sample(tmp_path, "solids", three=True),
        image(tmp_path, (24, 24)),
        image(tmp_path, (14, 14, 14)),
    ]
    here = build(cases, "native")
    assert build(cases, "Prescott") == here
    assert all("grains" in prints for prints in here)
    assert len({prints["grains"] for prints in here}) == len(cases)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("kernel", runnable())
def test_meshes_of_ten_cases_do_not_depend_on_the_processor(tmp_path: Path, kernel: str) -> None:
    root = Path(__file__).parents[2] / "runs"
    cases = [written(load_case(root / name / "case.toml"), tmp_path / f"{name}.toml") for name in SHIPPED]
    cases += [
        sample(tmp_path, "clustered", ["microstructure.clustering=clustered"]),
        sample(tmp_path, "solids", three=True),
        sample(tmp_path, "pores", ["microstructure.relative_density=0.9"], three=True),
        image(tmp_path, (60, 50)),
        image(tmp_path, (24, 22, 20)),
    ]
    assert build(cases, kernel) == build(cases, "native")


def test_systems_are_solved_as_lapack_does() -> None:
    random = np.random.default_rng(2)
    for dim in (2, 3):
        slopes = random.standard_normal((50, 4, dim))
        matrices, right = slopes.transpose(0, 2, 1) @ slopes + 0.1 * np.eye(dim), random.random((50, dim))
        expected = np.linalg.solve(matrices, right[..., None])[..., 0]
        np.testing.assert_allclose(solve_small(matrices, right), expected, rtol=1e-9)
    link = random.random((80, 80)) * (random.random((80, 80)) < 0.1) + np.eye(80, k=1)
    link += link.T
    laplacian = np.diag(link.sum(axis=1)) - link
    right = random.standard_normal(80)
    right -= right.mean()
    found = solve_up_to_a_constant(csr_array(laplacian), right)
    assert found[0] == 0.0
    np.testing.assert_allclose(laplacian @ found, right, atol=1e-11)


def test_turns_rise_with_the_angle_and_powers_are_rounded() -> None:
    angle = np.linspace(-3.1, 3.1, 200)
    assert (np.diff(turn(np.cos(angle), np.sin(angle))) > 0.0).all()
    bases = np.array([0.3, 2.0, 7.0])
    np.testing.assert_allclose(power(bases, 1 / 3), np.cbrt(bases), rtol=5e-9)
    assert power(2.0, np.array([0.5])).tolist() == [1.41421356]
