"""Meshes by Gmsh and meshio, in every format and layout of groups: the shares they have, or refused."""

import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gmsh
import meshio
import numpy as np
import pytest

from fem_model.base.errors import InputError
from fem_model.readers.limits import Allowance
from fem_model.readers.mesh_files import FORMATS
from fem_model.readers.meshes import RegionMesh, simplices
from tests.conftest import ROOT

SHARES = {"A": 0.25, "B": 0.75}
NUMBERS = {"1": 0.25, "2": 0.75}


def regions(path: Path, data: str | None = None, *wanted: str) -> RegionMesh:
    """The mesh as the child process reads it, in this one."""
    found = simplices(path, Allowance.__new__(Allowance), data, "1", *wanted)
    texts: dict[str, Any] = {name: tuple(found[name].tolist()) for name in ("names", "groups", "notes")}
    return RegionMesh(**{"entity": None, **found, **texts})


def shares(path: Path, data: str | None = None, *wanted: str) -> dict[str, float]:
    return regions(path, data, *wanted).fractions()


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


# Gmsh: boxes of 5 and 15 µm side by side

GROUPS: dict[str, list[tuple[str, list[int]]]] = {
    "named": [("A", [1]), ("B", [2])],
    "numbered": [("", [1]), ("", [2])],
    "in one": [("A", [1, 2])],
    "of one name": [("A", [1]), ("A", [2])],
    "overlapping": [("A", [1]), ("B", [2]), ("C", [2])],
    "with all": [("all", [1, 2]), ("A", [1]), ("B", [2])],
    "in part": [("A", [2])],
    "none": [],
}
MSH = [(2.2, 0), (2.2, 1), (4.0, 0), (4.1, 0), (4.1, 1)]
OVERLAP = r'cells in several physical groups, "{}" \((surface|volume) {}, first at \(.*\) µm\): in Gmsh'
RIGHT: dict[str, dict[str, float] | str] = {
    "named": SHARES,
    "numbered": NUMBERS,
    "in one": {"A": 1.0},
    "of one name": "the physical group 2 without a name .*: in Gmsh, give it a name of its own",
    "overlapping": OVERLAP.format('B" and "C', 2),
    "with all": OVERLAP.format('A" and "all', 1),
    "none": "has no regions|has no cells in a physical group",
}


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    gmsh.initialize([], readConfigFiles=False, interruptible=False)
    gmsh.option.setNumber("General.Terminal", 0)
    gmsh.option.setNumber("Mesh.MeshSizeMin", 5)
    yield gmsh
    gmsh.finalize()


def boxes(
    session: Any, path: Path, dim: int, groups: Sequence[tuple[str, list[int]]], **options: float
) -> Path:
    """A file of two boxes of 5 and 15 µm along x, in groups."""
    session.clear()
    add = session.model.occ.addRectangle if dim == 2 else session.model.occ.addBox
    parts = [(dim, add(x, 0, 0, width, *(10.0,) * (dim - 1))) for x, width in ((0, 5), (5, 15))]
    session.model.occ.fragment(parts[:1], parts[1:])
    session.model.occ.synchronize()
    for name, entities in groups:
        session.model.addPhysicalGroup(dim, entities, name=name)
    session.model.mesh.generate(dim)
    for name, value in {"SaveAll": 0, "Binary": 0, "SaveParametric": 0, **options}.items():
        session.option.setNumber(f"Mesh.{name}", value)
    session.write(str(path))
    return path


def check(path: Path, right: dict[str, float] | str, *wanted: str) -> None:
    if isinstance(right, str):
        with pytest.raises(InputError, match=right):
            shares(path, None, *wanted)
    else:
        assert shares(path, None, *wanted) == pytest.approx(right, rel=1e-12)


@pytest.mark.parametrize("layout", RIGHT)
@pytest.mark.parametrize(("version", "binary"), MSH)
def test_groups_of_gmsh(session: Any, tmp_path: Path, layout: str, version: float, binary: int) -> None:
    """With and without what is in no group (SaveAll), which MSH 2 writes without any groups."""
    options = {"MshFileVersion": version, "Binary": binary}
    check(boxes(session, tmp_path / "a.msh", 2, GROUPS[layout], **options), RIGHT[layout])
    right = "has no cells in a physical group.*SaveAll" if version == 2.2 else RIGHT[layout]
    check(boxes(session, tmp_path / "a.msh", 2, GROUPS[layout], SaveAll=1, **options), right)


@pytest.mark.parametrize("layout", ["named", "overlapping", "numbered"])
@pytest.mark.parametrize(("version", "binary"), MSH)
def test_groups_of_gmsh_in_3d(session: Any, tmp_path: Path, layout: str, version: float, binary: int) -> None:
    path = boxes(session, tmp_path / "a.msh", 3, GROUPS[layout], MshFileVersion=version, Binary=binary)
    check(path, RIGHT[layout])


def test_cells_in_no_group_are_counted(session: Any, tmp_path: Path) -> None:
    path = boxes(session, tmp_path / "a.msh", 2, GROUPS["in part"], SaveAll=1, MshFileVersion=4.1)
    check(path, r"has \d+ of \d+ cells in no physical group \(surface 1, first at \(.*\) µm\): in Gmsh, put")


@pytest.mark.parametrize("version", [2.2, 4.1])
@pytest.mark.parametrize("layout", ["overlapping", "with all"])
def test_of_several_groups_the_one_that_is_named_counts(
    session: Any, tmp_path: Path, layout: str, version: float
) -> None:
    path = boxes(session, tmp_path / "a.msh", 2, GROUPS[layout], MshFileVersion=version)
    check(path, SHARES, "A", "B")


def test_a_group_without_a_name_may_be_taken_by_its_number(session: Any, tmp_path: Path) -> None:
    path = boxes(session, tmp_path / "a.msh", 2, GROUPS["of one name"], MshFileVersion=4.1)
    check(path, {"2": 0.75, "A": 0.25}, "A", "2")


def test_groups_of_one_name_are_one_region(session: Any, tmp_path: Path) -> None:
    """Where the file says both names; Gmsh itself writes one."""
    path = boxes(session, tmp_path / "a.msh", 2, GROUPS["named"], MshFileVersion=4.1)
    path.write_text(path.read_text().replace('2 2 "B"', '2 2 "A"'))
    check(path, {"A": 1.0})


def test_the_surfaces_can_be_the_regions(session: Any, tmp_path: Path) -> None:
    path = boxes(session, tmp_path / "a.msh", 2, [], MshFileVersion=4.1)
    assert shares(path, "gmsh:geometrical") == pytest.approx(NUMBERS, rel=1e-12)


def test_partitions_are_refused(session: Any, tmp_path: Path) -> None:
    boxes(session, tmp_path / "a.msh", 2, GROUPS["named"])
    session.model.mesh.partition(2)
    session.option.setNumber("Mesh.MshFileVersion", 4.1)
    session.write(str(tmp_path / "a.msh"))
    check(tmp_path / "a.msh", "is partitioned: in Gmsh, Mesh > Unpartition")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"SaveParametric": 1, "MshFileVersion": 4.1},
            "in Gmsh, set Mesh.SaveParametric = 0",
        ),
        ({"MshFileVersion": 1}, "in Gmsh, write MSH 4.1"),
    ],
)
def test_other_ways_of_gmsh(session: Any, tmp_path: Path, options: dict[str, float], words: str) -> None:
    check(boxes(session, tmp_path / "a.msh", 2, GROUPS["named"], **options), words)


@pytest.mark.parametrize("version", [2.2, 4.0, 4.1])
@pytest.mark.parametrize("change", [(b"\n", b"\r\n"), (b"$Mesh", b"$Comments\n$EndComments\n$Mesh")])
def test_text_that_others_changed(
    session: Any, tmp_path: Path, version: float, change: tuple[bytes, bytes]
) -> None:
    """Ends of lines, and comments before the rest."""
    path = boxes(session, tmp_path / "a.msh", 2, GROUPS["named"], MshFileVersion=version)
    path.write_bytes(path.read_bytes().replace(*change, 1 if b"$" in change[0] else -1))
    check(path, SHARES)


@pytest.mark.parametrize(
    ("layout", "right"),
    [
        ("named", SHARES),
        ("in one", {"A": 1.0}),
        ("with all", {"Surface1": 0.25, "Surface2": 0.75}),
        ("none", {"Surface1": 0.25, "Surface2": 0.75}),
    ],
)
def test_abaqus_by_gmsh(session: Any, tmp_path: Path, layout: str, right: dict[str, float]) -> None:
    """Sets that are listed come first; where they overlap, those of the elements' own lines count."""
    path = boxes(session, tmp_path / "a.inp", 2, GROUPS[layout], SaveGroupsOfElements=1, SaveAll=1)
    check(path, right)
    if layout == "with all":
        check(path, SHARES, "A", "B")


@pytest.mark.parametrize(
    ("suffix", "right"), [("vtk", NUMBERS), ("med", {"-1": 0.25, "-2": 0.75}), ("mesh", NUMBERS)]
)
def test_other_formats_by_gmsh(session: Any, tmp_path: Path, suffix: str, right: dict[str, float]) -> None:
    path = boxes(session, tmp_path / f"a.{suffix}", 2, GROUPS["named"])
    assert shares(path, "CellEntityIds" if suffix == "vtk" else None) == pytest.approx(right, rel=1e-12)


@pytest.mark.parametrize(
    ("order", "recombine", "words"),
    [
        (2, 0, r"holds triangle6 \(\d+\).*Mesh.ElementOrder = 1"),
        (1, 1, r"holds quad \(\d+\).*leave out Recombine"),
    ],
)
def test_curved_and_other_cells(session: Any, tmp_path: Path, order: int, recombine: int, words: str) -> None:
    boxes(session, tmp_path / "a.msh", 2, GROUPS["named"])
    if recombine:
        session.model.mesh.recombine()
    session.model.mesh.setOrder(order)
    session.write(str(tmp_path / "a.msh"))
    check(tmp_path / "a.msh", words)


# meshio: a lattice of 4 x 2 squares of 5 µm, cut into triangles; in 3D the same with a layer of cubes


def lattice(dim: int = 2) -> tuple[Any, Any, Any]:
    """Points, cells, and whether these are right of x = 5."""
    steps = (5, 3, 2)[:dim]
    number = np.arange(np.prod(steps)).reshape(steps)
    points = 5.0 * np.stack(np.meshgrid(*map(np.arange, steps), indexing="ij"), axis=-1).reshape(-1, dim)
    cells = []
    for corner in np.ndindex(*(n - 1 for n in steps)):
        for order in (
            ((0, 1), (1, 0))
            if dim == 2
            else ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
        ):
            walk = np.vstack([np.zeros(dim, int), np.cumsum(np.eye(dim, dtype=int)[list(order)], axis=0)])
            cells.append([number[tuple(place)] for place in walk + corner])
    cells = np.array(cells)
    return points, cells, points[cells].mean(axis=1)[:, 0] > 5


def mesh_of(points: Any, cells: Any, **data: Any) -> meshio.Mesh:
    kind = "triangle" if cells.shape[1] == 3 else "tetra"
    flat = np.column_stack([points, np.zeros((len(points), 3 - points.shape[1]))])
    return meshio.Mesh(flat, [(kind, cells)], cell_data={name: [values] for name, values in data.items()})


WRITTEN: dict[str, tuple[str, dict[str, Any]]] = {
    "vtu": ("region", {}),
    "vtu as text": ("region", {"binary": False}),
    "vtk": ("region", {}),
    "vtk as text": ("region", {"binary": False}),
    "xdmf": ("region", {}),
    "xdmf in XML": ("region", {"data_format": "XML"}),
    "med": ("cell_tags", {}),
    "mesh": ("medit:ref", {}),
    "vol": ("netgen:index", {}),
    "avs": ("avsucd:material", {}),
    "dat": ("region", {}),
    "bdf": ("nastran:ref", {}),
}
"""Array of the regions and options of meshio, by the suffix of the file."""


@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("name", WRITTEN)
def test_formats_of_meshio(tmp_path: Path, name: str, dim: int) -> None:
    points, cells, right = lattice(dim)
    array, options = WRITTEN[name]
    path = tmp_path / f"a.{name.split()[0]}"
    mesh_of(points, cells, **{array: right + 1}).write(path, **options)
    assert shares(path) == pytest.approx(NUMBERS, rel=1e-12)


def test_numbers_of_every_type_are_regions(tmp_path: Path) -> None:
    points, cells, right = lattice()
    for kind in ("i1", "u2", "i8", "u8", "f4", "f8"):
        mesh_of(points, cells, region=(right + 1).astype(kind)).write(tmp_path / "a.vtu")
        check(tmp_path / "a.vtu", NUMBERS)
    mesh_of(points, cells, region=(right + 1)[:, None]).write(tmp_path / "a.vtu")
    check(tmp_path / "a.vtu", NUMBERS)


# Abaqus

NODES = "*NODE\n1, 0, 0\n2, 20, 0\n3, 20, 20\n*NODE, NSET=other\n4, 0, 20\n5, 5, 0\n"
ONE, TWO, THREE = "11, 1, 5, 4\n", "12, 5, 2, 4\n", "13, 2, 3, 4\n"
INP: dict[str, tuple[str, dict[str, float] | str]] = {
    "sets of blocks": (
        f"{NODES}*Element, type=cps3, elset=A\n{ONE}*ELEMENT,TYPE=CPS3,ELSET=B\n{TWO}{THREE}",
        {"A": 0.125, "B": 0.875},
    ),
    "one set of several blocks": (
        f"{NODES}*ELEMENT,TYPE=S3,ELSET=B\n{THREE}*ELEMENT,TYPE=S3,ELSET=A\n{ONE}*ELEMENT,TYPE=S3,ELSET=B\n{TWO}",
        {"A": 0.125, "B": 0.875},
    ),
    "listed sets": (
        f"{NODES}*ELEMENT,TYPE=S3,ELSET=all\n{ONE}{TWO}{THREE}*ELSET,ELSET=A\n11\n*ELSET,ELSET=B\n12,\n13,\n",
        {"A": 0.125, "B": 0.875},
    ),
    "a range": (
        f"{NODES}*ELEMENT,TYPE=S3\n{ONE}{TWO}{THREE}*ELSET, GENERATE, ELSET=A\n11,13,2\n*ELSET,ELSET=B\n12\n",
        {"A": 0.625, "B": 0.375},
    ),
    "sets of sets": (
        f"{NODES}*ELEMENT,TYPE=S3,ELSET=X\n{ONE}*ELEMENT,TYPE=S3\n{TWO}{THREE}"
        "*ELSET,ELSET=Y\n12\n*ELSET,ELSET=A\nX,Y\n*ELSET,ELSET=B\n13\n*ELSET,ELSET=B\n",
        r'has 2 cells in several element sets, "A" and "X" \(first at \(1.66667, 6.66667\) µm\)',
    ),
    "a set in part": (
        f"{NODES}*ELEMENT,TYPE=S3\n{ONE}{TWO}{THREE}*ELSET,ELSET=A\n11\n",
        r"has 2 of 3 cells in no element set \(first at .*\): in the program it came from, put every element",
    ),
    "overlapping sets": (
        f"{NODES}*ELEMENT,TYPE=S3,ELSET=all\n{ONE}{TWO}{THREE}*ELSET,ELSET=A\n11\n",
        {"all": 1.0},
    ),
    "no sets": (
        f"{NODES}*ELEMENT,TYPE=S3\n{ONE}{TWO}{THREE}",
        r"has no regions: write .* element sets \(Abaqus\)",
    ),
    "other elements": (f"{NODES}*ELEMENT,TYPE=CPS4,ELSET=A\n1,1,2,3,4\n", r"holds quad \(1\)"),
    "unknown elements": (f"{NODES}*ELEMENT,TYPE=XYZ\n{ONE}", "elements of the type XYZ"),
    "an unknown set": (f"{NODES}*ELEMENT,TYPE=S3\n{ONE}*ELSET,ELSET=A\nother\n", "of other, which is no set"),
    "several parts": (
        f"*PART, NAME=p\n{NODES}*END PART\n*PART, NAME=q\n",
        "several parts: in Abaqus/CAE, merge",
    ),
    "one number twice": (f"{NODES}*ELEMENT,TYPE=S3\n{ONE}{ONE}", "several elements of one number"),
}


@pytest.mark.parametrize("name", INP)
def test_sets_of_abaqus(tmp_path: Path, name: str) -> None:
    text, right = INP[name]
    (tmp_path / "a.inp").write_text(text)
    check(tmp_path / "a.inp", right)


def test_sets_of_sets_that_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.inp").write_text(INP["sets of sets"][0])
    check(tmp_path / "a.inp", {"A": 0.5, "B": 0.5}, "A", "B")


def test_abaqus_by_meshio(tmp_path: Path) -> None:
    points, cells, right = lattice()
    mesh = mesh_of(points, cells)
    mesh.cell_sets = {"A": [np.flatnonzero(~right)], "B": [np.flatnonzero(right)]}
    mesh.write(tmp_path / "a.inp")
    check(tmp_path / "a.inp", SHARES)


# The table of the manual

ROW = re.compile(r"^\| (`\..*?) \| (.*?) \| (.*?) \|$", re.MULTILINE)
CALLED = {"name": SHARES, "number": NUMBERS, "number below 0": {"-1": 0.25, "-2": 0.75}}


def test_the_manual_says_what_is_read(session: Any, tmp_path: Path) -> None:
    """Each format of its table, written and read here; and those without regions of their own."""
    text = (ROOT / "docs" / "imported.md").read_text(encoding="utf-8")
    rows = {suffix: row[2] for row in ROW.findall(text) for suffix in re.findall(r"`(\.\w+)`", row[0])}
    for suffix, called in rows.items():
        path = tmp_path / f"a{suffix}"
        if suffix in (".msh", ".inp", ".med"):
            boxes(session, path, 2, GROUPS["named"], SaveGroupsOfElements=1, MshFileVersion=4.1)
        else:
            points, cells, right = lattice()
            array, options = WRITTEN[suffix[1:]]
            mesh_of(points, cells, **{array: right + 1}).write(path, **options)
        assert shares(path) == pytest.approx(CALLED[called], rel=1e-12), suffix
    [others] = re.findall(r"^Other formats \((.*)\)", text, re.MULTILINE)
    assert {*rows, *re.findall(r"`(\.\w+)`", others)} == set(FORMATS)
