"""What a mesh of 500 grains and 500,000 tetrahedra costs, in seconds and bytes, and what it is worth.

    OMP_NUM_THREADS=1 python tests/benchmarks/mesh_3d.py [folder]

LPSC1.0 and LGPS 8:2 in a box of 30 µm; one thread. The target is 90 s. Run it on an idle machine.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from fem_model.case import Case, derive
from fem_model.mesh.builder import write_mesh
from fem_model.mesh.statistics import mesh_statistics
from fem_model.microstructure import build_microstructure
from fem_model.record.memory import peak_memory
from tests.fem.particles import load

SETTINGS = [
    "microstructure.breadth=30 um",
    "microstructure.width=30 um",
    "microstructure.depth=30 um",
    "mesh.cell_size_front=0.68 um",
    "mesh.cell_size_bulk=0.68 um",
    "phase_field.lam=0.65 um",
]


def measure(case: Case, path: Path) -> None:
    start, cpu = time.perf_counter(), time.process_time()
    grains = build_microstructure(case.microstructure, case.part_shares())
    divided = time.perf_counter()
    write_mesh(grains, case.mesh, path)
    meshed, after_mesh = time.perf_counter(), peak_memory() / 1e9
    busy = time.process_time() - cpu
    found = mesh_statistics(path)
    count = sum(found.grains.sizes(name).count for name in found.grains.materials)
    print(f"{count} grains, {found.cells} tetrahedra (estimated {derive(case).num_cells})")
    print(f"grains {divided - start:.1f} s, mesh {meshed - divided:.1f} s, together {meshed - start:.1f} s")
    print(f"of which the processor was at work for {busy:.1f} s")
    print(f"peak memory {after_mesh:.2f} GB; {peak_memory() / 1e9:.2f} GB with the statistics")
    print(f"quality {found.min_quality:.3f} at worst, {found.mean_quality:.3f} on average")
    for name, share in case.area_shares().items():
        print(f"share of {name}: {found.area_fractions[name]:.6f}, asked for {share:.6f}")


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(scratch)
        measure(load(folder, 1, 0.2, *SETTINGS), folder / "mesh.msh")


if __name__ == "__main__":
    main()
