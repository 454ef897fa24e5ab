"""Images of balls: their volume and the effective conductivity of their array; meshes to files and back."""

import json
from collections.abc import Callable
from math import pi
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.case import derive, load_case
from fem_model.mesh.domain import Domain, build_domain
from fem_model.study.bounds import hashin_shtrikman
from fem_model.study.conductivity import ConductivityStudy
from fem_model.study.verification.conductivity import rayleigh
from fem_model.study.verification.spheres import simple_cubic
from tests.command import call
from tests.fem.images import ball, image_case

ARRAY: dict[int, Callable[[float, float], float]] = {2: rayleigh, 3: simple_cubic}
VOLUME = {2: pi, 3: 4 * pi / 3}  # of the ball of radius 1
RADIUS = 0.4  # over the distance of the centres


def check_array(domain: Domain, contrasts: list[float], radius: float = RADIUS) -> None:
    """The volume of the balls to 1 %, the conductivities along all axes to 2 %."""
    dim = len(domain.extent)
    share = VOLUME[dim] * radius**dim
    for k in contrasts:
        found = ConductivityStudy(domain, {"A": 1.0, "B": k}).run()
        assert found.fractions["B"] == pytest.approx(share, rel=1e-2)
        for direction in found.directions.values():
            assert direction.sigma_eff == pytest.approx(ARRAY[dim](k, share), rel=2e-2)


def imaged(folder: Path, labels: np.ndarray, changes: dict[str, object] | None = None) -> Domain:
    return build_domain(load_case(image_case(folder, labels, changes)), MPI.COMM_SELF)


@pytest.mark.parametrize("shape", [(48, 48), (48, 44), (16, 16, 16)])
def test_an_image_of_a_ball_gives_its_volume_and_the_conductivity_of_the_array(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    """Radii of 19 voxels in 2D, 6.4 in 3D; the walls of the image are mirrors."""
    check_array(imaged(tmp_path, ball(shape, RADIUS)), [0.01, 1.47, 10.0, 1000.0])


def test_an_eighth_of_a_ball_in_a_corner_does_as_well(tmp_path: Path) -> None:
    domain = imaged(tmp_path, ball((16, 16, 16), 2 * RADIUS, centre=0.0))
    check_array(domain, [1.47, 10.0, 1000.0])


def test_several_balls_have_their_volume_and_are_grains(tmp_path: Path) -> None:
    """Eight of six voxels' radius, anywhere in an eighth of the image each; cells of two voxels."""
    radius, count = 0.15, 8
    corners = np.array(list(np.ndindex(2, 2, 2))) / 2
    centres = corners + np.random.default_rng(8).uniform(radius + 0.05, 0.45 - radius, (count, 3))
    labels = np.maximum.reduce([ball((40,) * 3, radius, centre) for centre in centres])
    sizes = {"mesh": {"cell_size_front": "0.5 um", "cell_size_bulk": "1 um"}}
    domain = imaged(tmp_path, labels, sizes)
    found = ConductivityStudy(domain, {"A": 1.0, "B": 2.0}).run()
    assert found.fractions["B"] == pytest.approx(count * 4 * pi / 3 * radius**3, rel=1e-2)
    assert len(np.unique(domain.grain)) == count + 1
    low, high = hashin_shtrikman([1.0, 2.0], list(found.fractions.values()), 3)
    for direction in found.directions.values():
        assert low < direction.sigma_eff < high


def test_the_number_of_cells_is_foreseen(tmp_path: Path) -> None:
    """Most of them at the outer faces, whose triangles are those of the lattice."""
    sizes = {"cell_size_front": "1 um", "cell_size_bulk": "1.5 um", "cell_size_boundary": "0.25 um"}
    changes = {"mesh": sizes | {"front_height": "0.1 um"}, "phase_field.lam": "1 um"}
    case = load_case(image_case(tmp_path, ball((40,) * 3, 0.2), changes))
    cells = build_domain(case, MPI.COMM_SELF).mesh.topology.index_map(3).size_global
    assert derive(case).num_cells == pytest.approx(cells, rel=0.3), cells


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "radius"), [((32,) * 3, 0.4), ((48,) * 3, 0.35), ((100, 100), 0.3), ((100, 100), 0.4)]
)
def test_finer_images_of_balls(tmp_path: Path, shape: tuple[int, ...], radius: float) -> None:
    changes = {
        "mesh.cell_size_front": "0.9 um",
        "mesh.cell_size_bulk": "0.9 um",
        "mesh.cell_size_boundary": f"{10 / shape[0]!r} um",
        "mesh.front_height": "1e-3 um",
    }
    domain = imaged(tmp_path, ball(shape, radius), changes)
    check_array(domain, [1e-3, 0.01, 0.1, 1.47, 10.0, 100.0, 1000.0], radius)


def command(monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> None:
    assert call(words, monkeypatch) == 0


def conductivities(path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    folder = path.with_suffix("")
    command(monkeypatch, "conductivity", path, "--out", folder, "--set", "output.figures=false")
    result: dict[str, Any] = json.loads((folder / "conductivity.json").read_text())
    return result


@pytest.mark.parametrize("dim", [2, 3])
def test_a_mesh_comes_back_from_every_format(
    tmp_path: Path, dim: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The command writes it, in the place of a link; the layout "mesh" reads it: same materials, volumes and
    conductivities."""
    case = image_case(tmp_path, ball((12,) * dim, 0.3))
    original = conductivities(case, monkeypatch)
    assert f"image.npy: {' × '.join(['12'] * dim)} voxels" in capfd.readouterr().out
    for suffix in ("msh", "vtu", "xdmf", "vtk"):
        (tmp_path / f"written.{suffix}").symlink_to(case)
        command(monkeypatch, "mesh", case, "--out", tmp_path / f"written.{suffix}")
        given = "" if suffix == "msh" else 'region_data = "material"\nregions = { 1 = "A", 2 = "B" }\n'
        section = f'layout = "mesh"\nfile = "written.{suffix}"\nunit = "um"\n{given}'
        text = case.read_text()
        head, rest = text.split("[microstructure]")[0], text[text.index("[materials") :]
        (tmp_path / f"{suffix}.toml").write_text(f"{head}[microstructure]\n{section}{rest}")
        again = conductivities(tmp_path / f"{suffix}.toml", monkeypatch)
        assert again["fraction_by_phase"] == pytest.approx(original["fraction_by_phase"], rel=1e-12)
        assert again["num_cells"] == original["num_cells"]
        for axis in "xyz"[:dim]:
            assert again[axis]["sigma_eff_S_m"] == pytest.approx(original[axis]["sigma_eff_S_m"], rel=1e-9)
