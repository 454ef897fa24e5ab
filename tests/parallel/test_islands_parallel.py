"""Parts of lithium hang together across the borders between ranks as within them."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

from tests.fem.test_stopping import assert_same_series, rows
from tests.parallel.test_mesh_parallel import RECIPE

Mpiexec = Callable[..., "CompletedProcess[str]"]

COUNT = (
    RECIPE
    + """
import json, sys
from pathlib import Path
import numpy as np
from fem_model.mesh.domain import build_domain
from fem_model.numerics.connection import TipFinder, IslandFinder
from dolfinx import fem
from mpi4py import MPI

domain = build_domain(recipe, MPI.COMM_WORLD)
finder = TipFinder(domain)
x, y, _ = (1e6 * finder.space.tabulate_dof_coordinates()).T
winding = np.cos(1.3 * x + 2 * np.sin(y)) * np.cos(1.1 * y + np.sin(2 * x))  # threads and spots
cells = fem.functionspace(domain.mesh, ("DG", 0))
islands = IslandFinder(domain)
of_b = domain.cell_tags.values == domain.materials["B"]
middle = 1e6 * cells.tabulate_dof_coordinates()[:, 0]
found = []
for level in np.linspace(-0.6, 0.8, 8):
    chosen = winding > level
    parts = finder.parts(chosen)
    xi = np.where(chosen, 1.0, 0.0)
    for width in (0.0, 2.0):
        conducting = of_b & (np.abs(middle[cells.dofmap.list[:, 0]] - 10) < width)
        label, count = islands.islands(xi, conducting)
        owned = finder.space.dofmap.index_map.size_local
        sums = np.bincount(label[:owned] + 1, minlength=count + 1)
        nearest = domain.mesh.comm.allreduce(sums).tolist()
        found.append([parts.count, int(finder.at_anode(parts).sum()), count, *nearest])
if domain.mesh.comm.rank == 0:
    Path(sys.argv[1]).write_text(json.dumps(found))
"""
)


def test_parts_and_islands_are_those_of_one_rank(mpiexec: Mpiexec, tmp_path: Path) -> None:
    """Numbers of parts, of those at the anode, of islands, and the nodes nearest to each island."""
    found = []
    for n in (1, 2, 3):
        done = mpiexec(n, ["-c", COUNT, tmp_path / f"{n}.json"], timeout=120)
        assert done.returncode == 0, done.stdout
        found.append(json.loads((tmp_path / f"{n}.json").read_text()))
    assert found[0] == found[1] == found[2]
    assert max(parts for parts, *_ in found[0]) > 10
    pairs = zip(found[0][::2], found[0][1::2], strict=True)
    assert any(with_product[2] < without[2] for without, with_product in pairs)


RUN = """
import sys
from pathlib import Path
import numpy as np
from fem_model.laws.interface import tanh_profile
from fem_model.simulation import Simulation
from mpi4py import MPI
from tests.fem.cases import NUCLEUS, case

out, stop = Path(sys.argv[1]), int(sys.argv[2])
reaction = {"material": "A", "rate": "0.1 nm/s", "lithium": 23.75, "molar_volume": "289.1 cm^3/mol"}
changes = {"mesh.front_height": "16 um", "anode.islands": "floating", "reactions": [reaction]}
changes["time"] = {"end": "30 min", "outputs": 2}
resume = (out / "checkpoint").exists()
simulation = Simulation(case(NUCLEUS, changes), MPI.COMM_WORLD, out, resume=resume)
model, recorder = simulation.model, simulation.recorder
if not resume:  # a disc of lithium above the nucleus that touches nothing
    x = 1e6 * recorder.measures.finder.space.tabulate_dof_coordinates()[:, :2]
    distance = 1e-6 * (np.linalg.norm(x - [6, 10], axis=1) - 2)
    model.front.xi.x.array[:] = np.maximum(model.front.xi.x.array, tanh_profile(distance, 0.5e-6))
    model.front.update_distance()
    recorder.count_from_here()
simulation.run(lambda: "asked to" if simulation.clock.step == stop else None)
"""


def test_a_run_with_an_island_goes_on_on_two_ranks(mpiexec: Mpiexec, tmp_path: Path) -> None:
    """Stopped on one rank while an island floats and the electrolyte reacts: the same rows to 1e-8."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for n, out, stop in ((1, whole, -1), (1, broken, 8), (2, broken, -1)):
        done = mpiexec(n, ["-c", RUN, out, stop], timeout=120)
        assert done.returncode == 0, done.stdout
    assert "resumed at" in (broken / "run.log").read_text()
    assert_same_series(whole, broken)
    assert {row["islands"] for row in rows(broken)} == {"1"}
    assert len(rows(broken)) > 12
