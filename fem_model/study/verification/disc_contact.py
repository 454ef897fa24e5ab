"""Contact through one open disc: the spreading resistance in a tube, in 3D.

A cylinder of radius b conducts between two faces. All of one is in contact, of the other only a disc of
radius a. For a contact without resistance, with ε = a/b, the disc adds

    (1/4σa) (1 − 1.409 ε + 0.296 ε³ + 0.0525 ε⁵ + …)

to the resistance of the cylinder (Rosenfeld and Timsit 1981 give the series; from memory, not confirmed).
"""

from math import pi
from types import ModuleType

import numpy as np
from mpi4py import MPI

from fem_model.engine.engine import Engine
from fem_model.protocol.drive import Drive
from fem_model.study.verification.cases import FILM, case
from fem_model.study.verification.entry import Entry, relative
from fem_model.study.verification.samples import Draw, sample

SIGMA, CURRENT = 0.357, 10.0
RADIUS, LENGTH = 10.0, 20.0
"""Sizes of the cylinder, µm."""
CELL, AT_RIM = 1.2, 0.02
"""Size of the cells far from the rim of the disc, µm, and at the rim, over its radius."""
SHARES, ALL_SHARES = (0.4,), (0.1, 0.2, 0.3, 0.4)
"""ε; beyond them the series is too short."""
SMALL = 1e-9
"""Resistance of the contact, Ω m²: 1e-4 of what is found."""
TOLERANCE = 0.02


def spreading(a: float, epsilon: float) -> float:
    """Resistance that a disc of radius `a` (m) adds to that of the cylinder, Ω."""
    return (1 - 1.409 * epsilon + 0.296 * epsilon**3 + 0.0525 * epsilon**5) / (4 * SIGMA * a)


def quarter(a: float) -> Draw:
    """A quarter of the cylinder, with the disc on the face z = 0 and small cells at its rim; a in µm."""

    def draw(gmsh: ModuleType) -> dict[str, list[int]]:
        occ, field = gmsh.model.occ, gmsh.model.mesh.field
        inner, outer = (occ.addCylinder(0, 0, 0, 0, 0, LENGTH, r, angle=pi / 2) for r in (a, RADIUS))
        occ.fragment([(3, outer)], [(3, inner)])
        occ.synchronize()
        box = (-1e-3, -1e-3, -1e-3, a + 1e-3, a + 1e-3, 1e-3)
        rim = [
            tag
            for _, tag in gmsh.model.getEntitiesInBoundingBox(*box, 1)
            if abs(np.hypot(*occ.getCenterOfMass(1, tag)[:2]) - a * 2 * 2**0.5 / pi) < 1e-3
        ]
        near, size = field.add("Distance"), field.add("Threshold")
        field.setNumbers(near, "CurvesList", rim)
        field.setNumber(near, "Sampling", 200)
        sizes = {"DistMin": 0.0, "DistMax": 1.2 * RADIUS, "SizeMin": AT_RIM * a, "SizeMax": CELL}
        for key, value in {"InField": near, **sizes}.items():
            field.setNumber(size, key, value)
        field.setAsBackgroundMesh(size)
        gmsh.option.setNumber("Mesh.MeshSizeExtendFromBoundary", 0)
        return {"E": [tag for _, tag in gmsh.model.getEntities(3)]}

    return draw


def added(comm: MPI.Comm, epsilon: float) -> float:
    """Resistance that the disc adds to that of the whole cylinder, Ω."""
    a = epsilon * RADIUS
    domain = sample(comm, quarter(a), CELL, dim=3)
    engine = Engine(
        domain,
        case(
            FILM,
            {
                "microstructure.layout": "layers",
                "microstructure.depth": f"{LENGTH} um",
                "mesh.front_height": None,
                "kinetics": {"R_ct": f"{SMALL} ohm m^2", "law": "linear"},
                "anode.initial": {"kind": "bare"},
                "voids": {},
            },
        ),
    )
    voids = engine.model.voids
    assert voids is not None
    x = engine.spaces.cells.tabulate_dof_coordinates()
    face, current, resistances = voids.faces[0], CURRENT * engine.spaces.area, []
    for radius in (a, RADIUS):
        outside = np.hypot(x[:, 0], x[:, 1]) > radius * 1e-6
        face.function.x.array[:] = np.where(outside, face.lost, 0.0)
        engine.settle(Drive(current=current))
        whole = -float(engine.model.metal.phi.value) / (4 * current)
        resistances.append(whole - SMALL / (pi * (radius * 1e-6) ** 2))
    of_disc, of_face = resistances
    return of_disc - of_face


def disc_entries(comm: MPI.Comm, check: str, full: bool) -> list[Entry]:
    """Discs of some ε."""
    return [
        relative(
            f"{check}/disc, a = {epsilon:g} b",
            "resistance that it adds",
            spreading(epsilon * RADIUS * 1e-6, epsilon),
            added(comm, epsilon),
            TOLERANCE,
            "Ω",
        )
        for epsilon in (ALL_SHARES if full else SHARES)
    ]
