"""Writes fields on meshes that change: python several_meshes.py FOLDER FIRST LAST

Outputs FIRST to LAST of a nucleus that grows, on a coarse, a fine and again the coarse mesh, into the folder
of a run, which holds its case. Any but the first are added to those that are there.
"""

import fem_model._dolfinx_first  # noqa: F401  isort: skip

import json
import sys
from pathlib import Path

import numpy as np
from dolfinx import fem
from mpi4py import MPI

from fem_model.case import load_case
from fem_model.mesh.domain import Domain, build_domain
from fem_model.record.fields import FieldWriter, outputs_before
from tests.fem.refined import refined

UM = 1e-6
TIMES = (0.0, 600.0, 1200.0, 1800.0)


def functions(domain: Domain, output: int) -> list[fem.Function]:
    """A disc of 2 µm and more in lithium, a potential, a current and a conversion that are easily told."""
    linear = fem.functionspace(domain.mesh, ("Lagrange", 1))
    xi, phi = fem.Function(linear, name="xi"), fem.Function(linear, name="phi")
    radius = (2.0 + output) * UM
    xi.interpolate(lambda x: np.clip(0.5 + (radius - np.hypot(x[0] - 6 * UM, x[1])) / (2 * UM), 0.0, 1.0))
    phi.interpolate(lambda x: x[1] / UM)
    current = fem.Function(fem.functionspace(domain.mesh, ("DG", 0, (2,))), name="current_density")
    current.interpolate(lambda x: np.stack([0.0 * x[0], -x[1] / UM]))
    conversion = fem.Function(fem.functionspace(domain.mesh, ("DG", 0)), name="conversion")
    conversion.interpolate(lambda x: x[0] / UM)
    return [xi, phi, current, conversion]


def main(folder: Path, first: int, last: int) -> None:
    comm = MPI.COMM_WORLD
    coarse = build_domain(load_case(folder / "case.toml"), comm)
    domains = coarse, refined(coarse), coarse, coarse
    writer = FieldWriter(folder, comm, outputs_before(folder, TIMES[first]) if first else None)
    for output in range(first, last + 1):
        writer.write(TIMES[output], domains[output], functions(domains[output], output))
    if comm.rank == 0:
        (folder / "manifest.json").write_text(json.dumps({"materials": dict(coarse.materials)}))
        rows = "".join(f"{t},0.01,10.0,{(2 + k) * UM}\n" for k, t in enumerate(TIMES[: last + 1]))
        (folder / "series.csv").write_text(f"t_s,voltage_V,current_density_A_m2,tip_m\n{rows}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
