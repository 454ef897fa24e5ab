"""Meshes whose points and cells are not in order: put right with a word, or refused with the place."""

from pathlib import Path
from typing import Any

import meshio
import numpy as np
import pytest

from fem_model.base.errors import InputError
from fem_model.readers.meshes import read_mesh
from fem_model.tasks.mesh import mesh as describe
from tests.unit.test_mesh_formats import NUMBERS, check, lattice, mesh_of, regions


def torn(gap: float, count: int = 1, dim: int = 2) -> meshio.Mesh:
    """The lattice with the first nodes of the interface doubled, `gap` µm apart."""
    points, cells, right = lattice(dim)
    doubled = np.flatnonzero(points[:, 0] == 5.0)[:count]
    index = np.arange(len(points))
    index[doubled] = len(points) + np.arange(count)
    cells[right] = index[cells[right]]
    return mesh_of(np.vstack([points, points[doubled] + np.eye(dim)[0] * gap]), cells, region=right + 1)


@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("gap", [0.0, 1e-9, 1e-6, 1.5e-5])
def test_points_that_nearly_coincide_are_one(tmp_path: Path, gap: float, dim: int) -> None:
    """Wherever they lie: a lattice of rounded places would part some."""
    torn(gap, dim, dim).write(tmp_path / "a.vtu")
    found = regions(tmp_path / "a.vtu")
    assert len(found.points) == len(lattice(dim)[0])
    assert found.fractions() == pytest.approx(NUMBERS, rel=1e-5)
    assert bool(found.notes) == (gap > 1e-7)


@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("gap", [1e-4, 1e-2, 0.1])
def test_an_interface_torn_in_part_is_refused(tmp_path: Path, gap: float, dim: int) -> None:
    torn(gap, dim - 1, dim).write(tmp_path / "a.vtu")
    check(
        tmp_path / "a.vtu",
        r"is torn: \d+ sides of cells face others .* first at \(5.*\) µm, .*merge the nodes",
    )


def test_an_interface_torn_all_along_is_refused(tmp_path: Path) -> None:
    torn(1e-2, 3).write(tmp_path / "a.vtu")
    check(tmp_path / "a.vtu", "consists of 2 parts that share no side of a cell.*merge the nodes")


def test_a_node_that_hangs_in_a_side_is_a_tear(tmp_path: Path) -> None:
    """One cell below the middle line, two above it that meet in its middle."""
    points = np.array([[0, 0], [10, 0], [10, 10], [0, 10], [5, 5], [7.5, 7.5]], float)
    cells = np.array([[0, 1, 4], [1, 2, 4], [0, 4, 3], [4, 5, 3], [5, 2, 3]])
    mesh_of(points, cells, region=[1, 1, 2, 2, 2]).write(tmp_path / "a.vtu")
    check(tmp_path / "a.vtu", r"is torn: 3 sides of cells face others")


def test_a_hole_is_taken_with_a_word(tmp_path: Path) -> None:
    points, cells, right = lattice()
    inner = ~((points[cells].mean(axis=1) - (12.5, 7.5)).__abs__() < 2.5).all(axis=1)
    mesh_of(points, cells[inner], region=right[inner] + 1).write(tmp_path / "a.vtu")
    found = regions(tmp_path / "a.vtu")
    assert found.fractions() == pytest.approx({"1": 2 / 7, "2": 5 / 7}, rel=1e-12)
    assert "3 outer sides are not on the box, the first at (" in found.notes[0]


def changed(**how: Any) -> meshio.Mesh:
    """The lattice with some of it done to its points, cells and regions."""
    points, cells, right = lattice()
    given = {"points": points, "cells": cells, "region": right + 1}
    given |= {name: change(given) for name, change in how.items()}
    return mesh_of(**given)


WRONG: dict[str, tuple[meshio.Mesh, dict[str, float] | str]] = {
    "turned over": (changed(cells=lambda g: np.vstack([g["cells"][:3, ::-1], g["cells"][3:]])), NUMBERS),
    "folded": (
        changed(points=lambda g: g["points"] + np.outer(np.arange(15) == 7, [7.5, 0])),
        r"fold over each other at \d+ sides, first at \(.*\) µm. Mesh it again",
    ),
    "overlapping": (
        changed(
            cells=lambda g: np.vstack([g["cells"], [0, 1, 5]]), region=lambda g: np.append(g["region"], 1)
        ),
        r"does not conform: a side belongs to more than two cells at \(.*\) µm",
    ),
    "there twice": (
        changed(
            cells=lambda g: np.vstack([g["cells"], g["cells"][:2]]),
            region=lambda g: np.append(g["region"], g["region"][:2]),
        ),
        NUMBERS,
    ),
    "in two regions": (
        changed(
            cells=lambda g: np.vstack([g["cells"], g["cells"][:2]]),
            region=lambda g: np.append(g["region"], [1, 2]),
        ),
        r'has 1 cells in several regions, "1" and "2" \(first at .*write every cell once',
    ),
    "flat": (
        changed(points=lambda g: np.where(np.arange(15)[:, None] == 7, g["points"][[4]], g["points"])),
        r"cells without any area: 2, the first at",
    ),
    "off the plane": (
        changed(points=lambda g: np.column_stack([g["points"], 0.01 * g["points"][:, 0]])),
        r"outside the x-y plane, in which a 2D mesh must lie: z differs by 0.2 µm",
    ),
    "in another plane": (
        changed(points=lambda g: np.column_stack([g["points"], np.full(15, 7.0)])),
        NUMBERS,
    ),
    "not finite": (changed(points=lambda g: np.where(g["points"] == 5.0, np.nan, g["points"])), "not finite"),
}


@pytest.mark.parametrize("name", WRONG)
def test_cells_that_are_not_in_order(tmp_path: Path, name: str) -> None:
    mesh, right = WRONG[name]
    mesh.write(tmp_path / "a.vtu")
    check(tmp_path / "a.vtu", right)


def test_cells_of_several_kinds_are_refused(tmp_path: Path) -> None:
    """Without the quadrangle the area would be less."""
    points = np.array([[0, 0, 0], [10, 0, 0], [10, 10, 0], [0, 10, 0], [5, 20, 0]], float)
    cells = [("quad", np.array([[0, 1, 2, 3]])), ("triangle", np.array([[3, 2, 4]]))]
    meshio.Mesh(points, cells, cell_data={"r": [[1], [2]]}).write(tmp_path / "a.vtu")
    check(tmp_path / "a.vtu", r"holds quad \(1\): all cells of the highest dimension must be")


def test_what_was_put_right_in_a_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, mesh = tmp_path / "a.msh", torn(1e-6)
    number = mesh.cell_data.pop("region")
    mesh.cell_data = {"gmsh:physical": number, "gmsh:geometrical": number}
    mesh.field_data = {"LGPS": np.array([1, 2]), "LPSC1.0": np.array([2, 2])}
    meshio.gmsh.write(path, mesh, "2.2", binary=False)
    describe(path, None, [], plot=None, descriptors=None)
    lines = capsys.readouterr().out.splitlines()[:3]
    assert lines[0].startswith(f"{path}: 16 triangles, lengths in um; 1 points that nearly coincide")
    assert lines[1:] == ["box: x 20 µm, y 10 µm", "current: along y, the last axis of the file"]


def test_dolfin_xml_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text('<dolfin><mesh celltype="triangle" dim="2"></mesh></dolfin>')
    with pytest.raises(
        InputError, match=r"a\.xml is DOLFIN XML, which is not read: in legacy FEniCS, XDMFFile"
    ):
        read_mesh(tmp_path / "a.xml")
