"""A run whose mesh changes from output to output is measured as one whose mesh stays."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from fem_model.base.errors import InputError
from fem_model.post import Analysis, load_run
from fem_model.post.figures import ALL, save_figures
from fem_model.post.mesh import Mesh
from fem_model.post.tables import arm_rows, front_rows, tip_rows
from tests.unit.post_runs import TIMES, described, finger, grid, union, write_run
from tests.unit.post_runs_3d import box_grid, level, write_solid_run

SHAPES = [union(finger(5.0, 4.0 + 3 * k), finger(15.0, 9.0 + k)) for k in range(3)]


def test_measures_agree(tmp_path: Path) -> None:
    one, several = (
        Analysis(load_run(write_run(tmp_path / name, SHAPES, size=(20.0, 16.0), step=step)))
        for name, step in (("one", 0.25), ("several", [0.5, 0.25, 0.5]))
    )
    assert [len(mesh.cells) for mesh in several.run.meshes.values()] == [2560, 10240]
    assert several.run.mesh_at(0) is several.run.mesh is not several.run.mesh_at(1)
    for rows in (front_rows, tip_rows, arm_rows):
        assert len(rows(one)) == len(rows(several))
    for row, other in zip(front_rows(one), front_rows(several), strict=True):
        assert row[:-1] == other[:-1]
        assert other.value == pytest.approx(row.value, rel=0.05, abs=0.02), row
    for arm, other_arm in zip(arm_rows(one), arm_rows(several), strict=True):
        assert arm.fate == other_arm.fate
        if arm.advance_m is not None:
            assert other_arm.advance_m == pytest.approx(arm.advance_m, abs=0.3e-6)


def test_fields_are_linear_between_the_nodes_of_their_mesh() -> None:
    for dim, (points, cells) in {2: grid(4.0, 6.0), 3: box_grid((4.0, 5.0, 6.0), 1.0)}.items():
        none = np.zeros(len(cells), dtype=np.int64)
        mesh = Mesh(points, cells, none, none, ("A",))
        places = np.random.default_rng(1).uniform(0.0, 4.0, (200, dim))
        places = np.concatenate([places, points[:20]])
        slope = np.arange(1.0, dim + 1.0)
        assert mesh.values_at(points @ slope, places) == pytest.approx(places @ slope, abs=1e-9)


def solid_run(folder: Path) -> Path:
    """A film that rises, on a coarse mesh first and then on a fine one."""
    films = [level(3.0), level(4.0)]
    write_solid_run(folder, films, step=1.0)
    fine = write_solid_run(folder / "fine", films, step=0.5)
    with h5py.File(folder / "fields.h5", "a") as file, h5py.File(fine / "fields.h5") as source:
        source.copy("Mesh/0", file["Mesh"], "1")
        for name in ("material", "grain"):
            source.copy(f"Function/{name}/0", file[f"Function/{name}"], "1")
        for name in ("xi", "phi", "current_density"):
            del file[f"Function/{name}/1"]
            source.copy(f"Function/{name}/1", file[f"Function/{name}"], "1")
    grids = "".join(described(k, TIMES[k], k) for k in range(2))
    (folder / "fields.xdmf").write_text(f"<Xdmf>{grids}</Xdmf>")
    return folder


def test_a_section_cuts_each_mesh(tmp_path: Path) -> None:
    section = Analysis(load_run(solid_run(tmp_path / "run"))).section
    coarse, fine = section.mesh_at(0), section.mesh_at(1)
    assert len(fine.cells) > 3 * len(coarse.cells)
    for output, mesh in enumerate((coarse, fine)):
        assert mesh.sizes.sum() == pytest.approx(12.0 * 14.0)
        assert section.field("phi", output) == pytest.approx(-2e-3 - 1e-3 * (14.0 - mesh.points[:, 1]))
        (line,) = section.fronts[output]
        assert line.attached and line.points[:, 1] == pytest.approx(3.0 + output)


@pytest.mark.slow
@pytest.mark.parametrize("dim", [2, 3])
def test_figures_come_out(dim: int, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    _ = solid_run(folder) if dim == 3 else write_run(folder, SHAPES, step=[0.5, 0.25, 0.5])
    assert all(path.stat().st_size > 0 for path in save_figures(Analysis(load_run(folder)), ALL))


def test_a_field_of_another_mesh_is_refused(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", SHAPES[:2], step=[2.0, 1.0])
    with h5py.File(folder / "fields.h5", "a") as file:
        del file["Function/xi/0"]
        file["Function/xi/0"] = file["Function/xi/1"][()]
    with pytest.raises(InputError, match="has xi of another mesh at output 0"):
        load_run(folder).field("xi", 0)


def test_meshes_with_other_grains_are_refused(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", SHAPES[:2], step=[2.0, 1.0])
    with h5py.File(folder / "fields.h5", "a") as file:
        file["Function/grain/1"][:5] = 7.0
    with pytest.raises(InputError, match="run: its meshes do not have the same grains"):
        _ = Analysis(load_run(folder)).grain_shares
