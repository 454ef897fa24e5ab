"""The mesh on several ranks: the same integrals, names, grains and distances; one failure for all."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Mpiexec = Callable[..., "CompletedProcess[str]"]

RECIPE = """
from types import SimpleNamespace
from fem_model.case.layouts import Layers
from fem_model.case.sections import Mesh

layers = [{"material": "A", "share": 0.3}, {"material": "B", "share": 0.5}, {"material": "A", "share": 0.2}]
recipe = SimpleNamespace(
    microstructure=Layers.model_validate(
        {"layout": "layers", "width": "20 um", "depth": "10 um", "layers": layers}),
    mesh=Mesh.model_validate(
        {"cell_size_front": "0.5 um", "cell_size_bulk": "1.5 um", "front_height": "4 um"}),
    part_shares=lambda: (0.3, 0.5, 0.2),
)
"""

MEASURE = (
    RECIPE
    + """
import json, sys
from pathlib import Path
from fem_model.mesh.domain import build_domain
from fem_model.mesh.distance import boundary_distance
from dolfinx import fem
from mpi4py import MPI
import numpy as np

comm = MPI.COMM_WORLD
domain = build_domain(recipe, comm)
one = fem.Constant(domain.mesh, 1.0)
forms = {name: one * domain.dx(tag) for name, tag in domain.materials.items()}
forms |= {name: one * domain.ds(tag) for name, tag in domain.faces.items()}
sizes = {name: comm.allreduce(fem.assemble_scalar(fem.form(form))) for name, form in forms.items()}

def merge(keys, values):
    \"\"\"The values of all ranks in an order that does not depend on the ranks; shared ones must agree.\"\"\"
    table = {}
    for part in comm.allgather(list(zip(map(tuple, keys.tolist()), values.tolist()))):
        for key, value in part:
            assert table.setdefault(key, value) == value
    return sorted(table.items())

distance = boundary_distance(domain)
grains = merge(domain.mesh.topology.original_cell_index[:, None], domain.grain)
nodes = np.empty((len(distance.x.array), 3))
nodes[distance.function_space.dofmap.list] = domain.mesh.geometry.x[domain.mesh.geometry.dofmaps[0]]
distances = merge(nodes, distance.x.array)
owned = domain.mesh.topology.index_map(2).size_local
cells = comm.allgather(domain.mesh.topology.original_cell_index[:owned].tolist())
if comm.rank == 0:
    result = dict(sizes=sizes, grains=grains, distances=distances, cells=cells)
    Path(sys.argv[1]).write_text(json.dumps(result))
"""
)

FAIL = (
    RECIPE
    + """
import sys
from mpi4py import MPI
from fem_model.base.errors import FemModelError
from fem_model.mesh import builder, domain

def broken(*_):
    raise RuntimeError("Gmsh broke")

comm = MPI.COMM_WORLD
builder.set_size_field = broken
attempts = [lambda: domain.read_domain("missing.msh", comm), lambda: domain.build_domain(recipe, comm)]
for attempt in attempts:
    try:
        attempt()
    except FemModelError as error:
        seen = comm.gather(f"{type(error).__name__}: {error}")
    if comm.rank == 0:
        print(len(set(seen)), len(seen), seen[0])
"""
)


def measure(mpiexec: Mpiexec, folder: Path, ranks: int) -> dict[str, object]:
    (folder / "measure.py").write_text(MEASURE)
    output = folder / f"{ranks}.json"
    done = mpiexec(ranks, [folder / "measure.py", output])
    assert done.returncode == 0, done.stdout
    result: dict[str, object] = json.loads(output.read_text())
    return result


@pytest.fixture(scope="module")
def serial(mpiexec: Mpiexec, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    return measure(mpiexec, tmp_path_factory.mktemp("serial"), 1)


@pytest.mark.parametrize("ranks", [2, 3])
def test_ranks_do_not_change_sizes_grains_and_distances(
    mpiexec: Mpiexec, serial: dict[str, object], tmp_path: Path, ranks: int
) -> None:
    parallel = measure(mpiexec, tmp_path, ranks)
    assert parallel["sizes"] == pytest.approx(serial["sizes"], rel=1e-12)
    assert parallel["grains"] == serial["grains"]
    assert parallel["distances"] == serial["distances"]  # to the last bit


def test_the_mesh_is_distributed_the_same_way_each_time(mpiexec: Mpiexec, tmp_path: Path) -> None:
    first, second = (measure(mpiexec, tmp_path, 2)["cells"] for _ in range(2))
    assert first == second


def test_a_failure_on_rank_0_is_raised_on_every_rank(
    mpiexec: Mpiexec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEM_MODEL_MESHES", str(tmp_path / "meshes"))
    (tmp_path / "fail.py").write_text(FAIL)
    done = mpiexec(3, [tmp_path / "fail.py"], timeout=60, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "1 3 InputError: missing.msh: no such mesh file" in done.stdout
    assert "1 3 FemModelError: Gmsh could not build the mesh" in done.stdout
    assert not (tmp_path / "meshes").exists()


def test_two_builders_at_once_leave_one_good_mesh(
    mpiexec: Mpiexec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every rank is a run of its own here, as in a sweep."""
    monkeypatch.setenv("FEM_MODEL_MESHES", str(tmp_path / "meshes"))
    script = (
        "from fem_model.mesh.cache import cached_mesh, is_intact\nassert is_intact(cached_mesh(recipe))\n"
    )
    (tmp_path / "build.py").write_text(RECIPE + script)
    done = mpiexec(3, [tmp_path / "build.py"])
    assert done.returncode == 0, done.stdout
    (mesh,) = (tmp_path / "meshes").iterdir()
    assert hashlib.sha256(mesh.read_bytes()[:-95]).hexdigest().encode() in mesh.read_bytes()[-95:]
