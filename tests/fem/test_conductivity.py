"""Effective conductivity against closed forms and bounds."""

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.base.errors import InputError
from fem_model.mesh.domain import read_domain
from fem_model.study.bounds import hashin_shtrikman, wiener
from fem_model.study.conductivity import Conductivity, ConductivityStudy
from fem_model.study.verification.samples import disc, tiles, write_sample
from fem_model.tasks.conductivity import conductivity
from fem_model.tasks.mesh import mesh


def study(path: Path, **sigma: float) -> Conductivity:
    return ConductivityStudy(read_domain(path, MPI.COMM_SELF), sigma).run()


@pytest.mark.parametrize("contrast", [1.47, 10.0, 1000.0])
def test_checkerboard_conducts_as_the_geometric_mean(tmp_path: Path, contrast: float) -> None:
    """σ_eff = √(σ₁σ₂) (Dykhne 1970): the field is singular at the corners, the two bounds close in on it."""
    gaps = []
    for h in (2.0, 1.0, 0.5):
        result = study(write_sample(tmp_path / f"{h}.msh", tiles(["ab", "ba"], 10.0), h), a=1.0, b=contrast)
        for direction in result.directions.values():
            assert direction.sigma_eff == pytest.approx(np.sqrt(contrast), rel=2e-3)
        gaps.append(max(direction.uncertainty or np.inf for direction in result.directions.values()))
    assert gaps[0] > gaps[1] > gaps[2]


def test_layers_in_series_and_in_parallel_are_exact(tmp_path: Path) -> None:
    result = study(write_sample(tmp_path / "l.msh", tiles(["aab"], 5.0), 1.0), a=0.357, b=5.0)
    low, high = wiener([0.357, 5.0], [2 / 3, 1 / 3])
    assert result.directions["x"].sigma_eff == pytest.approx(low, rel=1e-9)
    assert result.directions["y"].sigma_eff == pytest.approx(high, rel=1e-9)
    assert result.directions["y"].shares["b"] == pytest.approx(5 / (5 + 2 * 0.357), rel=1e-9)
    assert result.directions["x"].shares["b"] == pytest.approx(1 / 3, rel=1e-9)
    assert result.fractions["a"] == pytest.approx(2 / 3, rel=1e-9)


def test_inclusion_draws_the_current(tmp_path: Path) -> None:
    """A disc in a wide matrix carries 2σ_b/(σ_a + σ_b) times the mean current density, LGPS 1.191 times.

    The square of side 60 and radius 3 leaves a dilute fraction f; Maxwell's σ_a (1 + 2βf) to first order.
    """
    a, b = 0.357, 0.526
    path = write_sample(tmp_path / "d.msh", disc(3.0, 60.0), 0.6)
    result = study(path, a=a, b=b)
    x, f = result.directions["x"], result.fractions["b"]
    assert x.shares["b"] / f == pytest.approx(2 * b / (a + b), rel=5e-3)
    beta = (b - a) / (b + a)
    assert x.sigma_eff == pytest.approx(a * (1 + beta * f) / (1 - beta * f), rel=1e-5)
    assert x.sigma_eff == pytest.approx(result.directions["y"].sigma_eff, rel=1e-5)


def test_bounds_hold_and_close_in_on_one_material() -> None:
    sigma, fraction = [0.357, 0.526], [0.8141, 0.1859]
    low, high = wiener(sigma, fraction)
    for dim, expected in ((2, (0.3833, 0.3842)), (3, (0.3848, 0.3856))):
        inner = hashin_shtrikman(sigma, fraction, dim)
        assert inner == pytest.approx(expected, abs=1e-4)
        assert low < inner[0] < inner[1] < high
    assert hashin_shtrikman([2.0, 2.0], [0.3, 0.7], 3) == pytest.approx((2.0, 2.0))


def test_a_block_in_3d(tmp_path: Path) -> None:
    """Two slabs across z in a box: harmonic mean along z, arithmetic along x and y."""

    def slabs(gmsh: ModuleType) -> dict[str, list[int]]:
        occ = gmsh.model.occ
        low, high = occ.addBox(0, 0, 0, 4, 4, 2), occ.addBox(0, 0, 2, 4, 4, 4)
        occ.fragment([(3, low)], [(3, high)])
        occ.synchronize()
        return {"a": [low], "b": [high]}

    result = study(write_sample(tmp_path / "b.msh", slabs, 1.0, dim=3), a=1.0, b=4.0)
    low, high = wiener([1.0, 4.0], [1 / 3, 2 / 3])
    assert result.directions["z"].sigma_eff == pytest.approx(low, rel=1e-9)
    assert result.directions["x"].sigma_eff == pytest.approx(high, rel=1e-9)
    assert result.directions["y"].uncertainty is None
    assert any("upper bound" in note for note in result.as_json()["notes"])


def test_a_mesh_file_gives_json_and_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was taken from it is told as `fem-model mesh` does."""
    path = write_sample(tmp_path / "l.msh", tiles(["ab"], 5.0), 1.0)
    conductivity(path, None, ["materials.a.sigma=1 S/m", "materials.b.like=LGPS"], MPI.COMM_SELF)
    told = capsys.readouterr().out.splitlines()[:3]
    mesh(path, None, [], plot=None, descriptors=None)
    assert capsys.readouterr().out.splitlines()[:3] == told
    assert told[1] == "box: x 10 µm, y 5 µm"
    folder = tmp_path / "l-conductivity"
    written = json.loads((folder / "conductivity.json").read_text())
    assert written["y"]["sigma_eff_S_m"] == pytest.approx((1 + 0.526) / 2)
    assert set(written["x"]) >= {"sigma_eff_S_m", "current_share_by_phase", "wiener", "hashin_shtrikman"}
    assert written["fraction_by_phase"] == pytest.approx({"a": 0.5, "b": 0.5})
    assert {p.name for p in folder.glob("*.png")} == {"flux_x.png", "flux_y.png"}


@pytest.mark.parametrize(
    ("override", "hint"),
    [
        ("materials.b.sigma=1 V", "S/m"),
        ("materials.b.sgima=1 S/m", "sigma"),
        ("materials.b.like=LGSP", "LGPS"),
        ("drive.current=1 A/m^2", "materials"),
    ],
)
def test_wrong_conductivities_are_told(tmp_path: Path, override: str, hint: str) -> None:
    path = write_sample(tmp_path / "l.msh", tiles(["ab"], 5.0), 2.0)
    with pytest.raises(InputError, match=hint):
        conductivity(path, None, ["materials.a.sigma=1 S/m", override], MPI.COMM_SELF)
    assert not (tmp_path / "l-conductivity").exists()
