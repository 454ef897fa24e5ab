"""Files of others that want more than to be read: code run, other files opened, memory and time taken."""

import gzip
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import gmsh
import h5py
import meshio
import numpy as np
import pytest
from PIL import Image
from tifffile import TiffWriter

from fem_model.base.errors import InputError
from fem_model.base.seal import sealed, unsealed
from fem_model.mesh.gmsh_session import gmsh_session
from fem_model.mesh.msh import read_msh
from fem_model.readers import bounded
from fem_model.readers.files import require_inside, require_regular
from fem_model.readers.images import read_labels, survey_file
from fem_model.readers.meshes import read_mesh

POINTS = np.array([[0, 0, 0], [2, 0, 0], [2, 3, 0], [0, 3, 0]], dtype=float)
CELLS = np.array([[0, 1, 2], [0, 2, 3]])
REGION = np.array([1, 2])


# Code


def write_msh(path: Path) -> Path:
    """Two triangles in one named group, as text."""
    groups = {"LGPS": np.array([1, 2])}
    data = {"gmsh:physical": [np.array([1, 1])], "gmsh:geometrical": [np.array([1, 1])]}
    mesh = meshio.Mesh(POINTS, [("triangle", CELLS)], cell_data=data, field_data=groups)
    meshio.gmsh.write(path, mesh, "2.2", binary=False)
    return path


def command(trace: Path) -> str:
    return f'SystemCall "touch {trace}";\n'


@pytest.mark.parametrize("own", [False, True])
def test_options_beside_a_mesh_are_not_run(tmp_path: Path, own: bool) -> None:
    """Gmsh takes them from X.msh.opt, for a mesh of others and for one from the cache."""
    path, trace = write_msh(tmp_path / "y.msh"), tmp_path / "trace"
    if own:
        path.write_bytes(sealed(path.read_bytes()))
    (tmp_path / "y.msh.opt").write_text(command(trace))
    assert len(read_msh(path).cells) == 2
    assert not trace.exists()


@pytest.mark.parametrize("where", ["before", "after", "first line", "alone", "in between"])
def test_a_script_in_a_mesh_is_not_run(tmp_path: Path, where: str) -> None:
    path, trace = write_msh(tmp_path / "y.msh"), tmp_path / "trace"
    text, script = path.read_text(), command(trace)
    path.write_text(
        {
            "before": script + text,
            "after": text + script,
            "first line": f"$MeshFormat; {script}{script}",
            "alone": f"$MeshFormat\n{script}",
            "in between": text.replace("$EndNodes\n", f"$EndNodes\n{script}"),
        }[where]
    )
    try:
        read_msh(path)
    except InputError as error:
        assert "y.msh" in str(error)
    assert not trace.exists()


def test_gmsh_takes_nothing_from_home_and_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nor does the PETSc within it, which would write this file when it starts."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PETSC_OPTIONS", f"-history {tmp_path / 'trace'}")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".petscrc").write_text(f"-history {tmp_path / 'trace'}\n")
    (tmp_path / ".gmshrc").write_text(command(tmp_path / "trace"))
    before = sorted(tmp_path.rglob("*"))
    with gmsh_session() as session:
        session.model.mesh.generate(1)
    assert sorted(tmp_path.rglob("*")) == before
    assert (os.environ["HOME"], "trace" in os.environ["PETSC_OPTIONS"]) == (str(home), True)
    assert capfd.readouterr() == ("", "")
    assert not gmsh.isInitialized()


def test_modules_beside_a_file_are_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also with an empty entry in PYTHONPATH, which stands for the working folder."""
    for name in ("PIL.py", "numpy.py", "fem_model.py", "json.py"):
        (tmp_path / name).write_text(f"open({str(tmp_path / 'trace')!r}, 'w')")
    np.save(tmp_path / "a.npy", np.eye(3))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "", prepend=os.pathsep)
    bounded._SERVER.stop()  # the next one has this environment
    assert survey_file(Path("a.npy"))["voxels"] == {"0": 6, "1": 3}
    assert not (tmp_path / "trace").exists()


# Other files


def write_h5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["points"], file["cells"], file["region"] = POINTS, CELLS, REGION


def item(shape: str, kind: str, place: str, form: str = "HDF") -> str:
    number = f'DataType="{kind}" Precision="8"'
    return f'<DataItem Dimensions="{shape}" {number} Format="{form}">{place}</DataItem>'


def write_xdmf(path: Path, points: str, form: str = "HDF") -> None:
    """A mesh whose points are in one file and whose cells and regions are in in.h5."""
    path.write_text(
        '<Xdmf Version="3.0"><Domain><Grid>'
        f'<Geometry GeometryType="XYZ">{item("4 3", "Float", points, form)}</Geometry>'
        f'<Topology TopologyType="Triangle">{item("2 3", "Int", "in.h5:/cells")}</Topology>'
        f'<Attribute Name="r" Center="Cell">{item("2", "Int", "in.h5:/region")}</Attribute>'
        "</Grid></Domain></Xdmf>"
    )


def linked(path: Path, other: str) -> None:
    with h5py.File(path, "w") as file:
        file["group/points"] = h5py.ExternalLink(other, "/points")
        file["points"] = h5py.SoftLink("/group/points")


def virtual(path: Path, other: str) -> None:
    layout = h5py.VirtualLayout((4, 3), "f8")
    layout[:] = h5py.VirtualSource(other, "points", (4, 3))
    with h5py.File(path, "w") as file:
        file.create_virtual_dataset("points", layout)


def stored_in(path: Path, other: str) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("points", (4, 3), "f8", external=[(other, 0, 96)])


def by_way_of(path: Path, other: str) -> None:
    linked(path.with_name("hop.h5"), other)
    linked(path, "hop.h5")


WAYS: dict[str, tuple[Callable[[Path, str], None] | None, str, str]] = {
    "data in HDF5": (None, "{}.h5:/points", "HDF"),
    "binary data": (None, "{}.bin", "Binary"),
    "a link": (linked, "{}.h5", "HDF"),
    "two links": (by_way_of, "{}.h5", "HDF"),
    "a virtual dataset": (virtual, "{}.h5", "HDF"),
    "external values": (stored_in, "{}.bin", "HDF"),
}
PLACES = {
    "beside": "in",
    "above": "../out",
    "elsewhere": "{root}/out",
    "over a link": "way_out",
    "a pipe": "pipe",
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("way", WAYS)
def test_a_mesh_refers_only_to_files_of_its_folder(tmp_path: Path, way: str, place: str) -> None:
    own, (link, pattern, form) = tmp_path / "own", WAYS[way]
    own.mkdir()
    for folder, stem in ((tmp_path, "out"), (own, "in")):
        write_h5(folder / f"{stem}.h5")
        POINTS.tofile(folder / f"{stem}.bin")
    for suffix in ("h5", "bin"):
        (own / f"way_out.{suffix}").symlink_to(f"../out.{suffix}")
        os.mkfifo(own / f"pipe.{suffix}")
    target = pattern.format(PLACES[place].format(root=tmp_path))
    if link:
        link(own / "link.h5", target)
        target = "link.h5:/points"
    write_xdmf(own / "mesh.xdmf", target, form)
    if place == "beside":
        assert read_mesh(own / "mesh.xdmf").extent == (2.0, 3.0)
    else:
        with pytest.raises(InputError, match=r"mesh\.xdmf refers to .*(not in its folder|is a pipe)"):
            read_mesh(own / "mesh.xdmf")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.inp", "*INCLUDE,INPUT=../out.inp\n*ELEMENT,TYPE=S3\n1,1,2,3\n", "write all into one file"),
        ("a.ele", "1 4 0\n0 0 1 2 3\n", "not in its folder"),
    ],
)
def test_formats_in_several_files_stay_in_their_folder(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "out.inp").write_text("*NODE\n1,0,0,0\n2,1,0,0\n3,1,1,0\n")
    (tmp_path / "own" / "a.node").symlink_to("../out.inp")
    (tmp_path / "own" / name).write_text(text)
    with pytest.raises(InputError, match=words):
        read_mesh(tmp_path / "own" / name)


@pytest.mark.parametrize("entity", ['SYSTEM "file:///etc/passwd"', '"' + "ha" * 10_000 + '"'])
def test_entities_of_xml_do_not_help(tmp_path: Path, entity: str) -> None:
    more = "".join(f'<!ENTITY e{k} "{f"&e{k - 1};" * 20}">' for k in range(1, 9))
    text = f'<!DOCTYPE Xdmf [<!ENTITY e0 {entity}>{more}]><Xdmf Version="3.0"><Domain>&e8;</Domain></Xdmf>'
    (tmp_path / "m.xdmf").write_text(text)
    with pytest.raises(InputError, match=r"m\.xdmf cannot be read"):
        read_mesh(tmp_path / "m.xdmf")


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.npy")
    (tmp_path / "folder.npy").mkdir()
    (tmp_path / "device.npy").symlink_to("/dev/zero")
    (tmp_path / "circle.npy").symlink_to("circle.npy")
    for name, words in {"pipe": "is a pipe", "folder": "is a folder", "device": "is a device"}.items():
        for reader in (read_labels, require_regular):
            with pytest.raises(InputError, match=f"{name}.npy {words}"):
                reader(tmp_path / f"{name}.npy")
    for name in ("circle.npy", "a\0b.npy", f"{'x' * 300}.npy", "none/a.npy"):
        for reader in (read_labels, require_regular):
            with pytest.raises(InputError, match="there is no file"):
                reader(tmp_path / name)


def test_a_file_in_a_folder_is_not_reached_over_a_link_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "out.txt").write_text("outside")
    (tmp_path / "run" / "in.txt").write_text("inside")
    (tmp_path / "run" / "link.txt").symlink_to("../out.txt")
    (tmp_path / "again").symlink_to("run")
    require_inside(tmp_path / "run" / "in.txt", tmp_path / "run")
    require_inside(tmp_path / "again" / "in.txt", tmp_path / "again")
    with pytest.raises(InputError, match="leads out of"):
        require_inside(tmp_path / "run" / "link.txt", tmp_path / "run")


# Memory and time


def nrrd(path: Path, sizes: str, data: bytes) -> None:
    lines = [
        "NRRD0004",
        "type: uint8",
        f"dimension: {len(sizes.split())}",
        f"sizes: {sizes}",
        "encoding: gzip",
    ]
    path.write_bytes("\n".join([*lines, "", ""]).encode() + data)


def small_header(path: Path) -> None:
    nrrd(path / "a.nrrd", "24 20", 20 * gzip.compress(bytes(16_000_000), 1))


def large_second_page(path: Path) -> None:
    first, second = (Image.fromarray(np.zeros(shape, np.uint8)) for shape in ((20, 24), (20_000, 20_000)))
    first.save(path / "a.tif", save_all=True, append_images=[second], compression="tiff_deflate")


def compressed_mesh(path: Path) -> None:
    """A file of 60 kB with points of 480 MB."""
    with h5py.File(path / "in.h5", "w") as file:
        file.create_dataset("points", (20_000_000, 3), "f8", chunks=(1_000_000, 3), compression="gzip")
        file["cells"], file["region"] = CELLS, REGION
    write_xdmf(path / "a.xdmf", "in.h5:/points")


BOMBS: dict[str, tuple[Callable[[Path], None], str, str, str]] = {
    "a small header": (
        small_header,
        "images.survey_file",
        "a.nrrd",
        "480 bytes of voxels in its header more are",
    ),
    "another page": (large_second_page, "images.survey_file", "a.tif", "different sizes or types"),
    "a compressed mesh": (compressed_mesh, "meshes.read_mesh", "a.xdmf", "asks for more than the 2"),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if "page" in name else ()) for name in BOMBS]
)
def test_what_unpacks_to_more_than_it_says_is_refused_in_little_memory(tmp_path: Path, name: str) -> None:
    write, reader, file, words = BOMBS[name]
    write(tmp_path)
    message, memory = in_a_process(reader, tmp_path / file)
    assert words in message, message
    assert memory < 300e6


def in_a_process(reader: str, path: Path) -> tuple[str, float]:
    """What a reader says of a file, and the memory that it and its children take, bytes."""
    module, function = reader.split(".")
    script = (
        "import re, resource\nfrom pathlib import Path\nfrom fem_model.readers import bounded\n"
        f"from fem_model.readers.{module} import {function}\n"
        f"try: print({function}(Path({str(path)!r})))\nexcept Exception as error: print(error)\n"
        "bounded._SERVER.stop()\n"
        "own = re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]\n"
        "print(max(int(own), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))"
    )
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, check=True)
    message, kilobytes = done.stdout.splitlines()
    return message, 1024.0 * int(kilobytes)


def large_nrrd(folder: Path) -> Path:
    nrrd(folder / "a.nrrd", "1000 1000 400", gzip.compress(bytes(400_000_000), 1))
    return folder / "a.nrrd"


def large_tiff(folder: Path) -> Path:
    """Two pages, each in one strip."""
    with TiffWriter(folder / "a.tif") as file:
        for _ in range(2):
            file.write(np.zeros((20_000, 10_000), np.uint8), compression="zlib", rowsperstrip=20_000)
    return folder / "a.tif"


@pytest.mark.slow
@pytest.mark.parametrize("write", [large_nrrd, large_tiff])
def test_an_image_as_large_as_it_says_takes_twice_its_size(
    tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    message, memory = in_a_process("images.survey_file", write(tmp_path))
    assert "'0': 400000000" in message
    assert memory < 2 * 400e6 + 300e6


def test_what_crashes_its_reader_is_refused_in_one_line(tmp_path: Path) -> None:
    """A group of dimension −1, at which Gmsh 4.15 ends the process; the next file is read as before."""
    path = tmp_path / "y.msh"
    with gmsh_session() as session:
        session.model.occ.addRectangle(0, 0, 0, 1, 1)
        session.model.occ.synchronize()
        session.model.addPhysicalGroup(2, [1], name="LGPS")
        session.model.mesh.generate(2)
        session.write(str(path))
    text = path.read_text()
    path.write_text(text.replace('2 1 "LGPS"', '-1 1 "LGPS"'))
    with pytest.raises(InputError, match=r"y\.msh cannot be read"):
        read_msh(path)
    path.write_text(text)
    assert read_msh(path).materials == ("LGPS",)


ENDS = {
    -signal.SIGSEGV: "it makes its reader crash (SIGSEGV), so it is damaged",
    -signal.SIGXCPU: "it takes longer than a file of its size should",
    -signal.SIGALRM: "it takes longer than a file of its size should",
    -signal.SIGKILL: "its reader was killed, as happens when memory runs out",
}


@pytest.mark.parametrize("code", ENDS)
def test_every_end_of_a_reader_has_its_line(tmp_path: Path, code: int) -> None:
    with pytest.raises(InputError, match=re.escape(f"a.vtu cannot be read: {ENDS[code]}")):
        bounded.outcome(Path("a.vtu"), code, tmp_path / "none.npz")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "text"), [("a.off", "OFF\n"), ("a.ply", "ply\nformat ascii 1.0\n")])
def test_what_never_ends_is_ended(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=f"{name} cannot be read: it takes longer"):
        read_mesh(tmp_path / name)


def test_the_process_that_reads_is_started_anew_where_it_has_ended(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.eye(3))
    expected = survey_file(tmp_path / "a.npy")
    server = bounded._SERVER._process
    assert server
    server.kill()
    assert survey_file(tmp_path / "a.npy") == expected


FORKED = """
import os, sys
from pathlib import Path
from fem_model.readers.images import survey_file

path = Path(sys.argv[1])
expected = survey_file(path)
child = os.fork()
if not child:
    os._exit(int(survey_file(path) != expected))
assert os.waitpid(child, 0)[1] == 0
assert survey_file(path) == expected
"""


@pytest.mark.slow
def test_a_forked_process_has_a_reader_of_its_own(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.eye(3))
    done = subprocess.run(
        [sys.executable, "-c", FORKED, tmp_path / "a.npy"], capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


# Checksums


@pytest.mark.parametrize(
    "change", [lambda d: d[:-1], lambda d: d + b"\n", lambda d: b"x" + d[1:], lambda d: b""]
)
def test_a_seal_is_broken_by_any_change(change: Callable[[bytes], bytes]) -> None:
    data = sealed(b"some data\n")
    assert unsealed(data) == b"some data\n"
    assert unsealed(change(data)) is None
