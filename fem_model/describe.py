"""A case before it runs: the resolved values and what follows from them."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from fem_model.case import Case, case_to_toml, derive
from fem_model.case.layouts import Grains, Particles
from fem_model.materials import rows
from fem_model.mesh.statistics import mesh_statistics
from fem_model.microstructure.grain_sizes import distance_from_law
from fem_model.microstructure.statistics import GrainGraph

PIPE_WIDTH = 200
"""Columns of a table that is not shown on a terminal, so that numbers are not broken."""


def dry_run(case: Case) -> None:
    """Print the resolved case, the derived numbers and the warnings."""
    console = Console(soft_wrap=True)
    console.print(case_to_toml(case), markup=False, highlight=False)
    table = Table("what follows", "value", show_header=True)
    for name, value in numbers(case):
        table.add_row(name, value)
    console.print(table)
    for warning in derive(case).warnings:
        console.print(f"warning: {warning}", markup=False)


def numbers(case: Case) -> list[tuple[str, str]]:
    """Derived numbers in the units people use."""
    d = derive(case)
    return [
        ("charge-transfer resistance of the front, R_ct", f"{d.R_ct_ohm_m2 * 1e4:.4g} Ω cm²"),
        ("exchange current density, i0", f"{d.i0_A_m2:.4g} A/m²"),
        ("mean current density", f"{d.current_density_A_m2 / 10:.4g} mA/cm²"),
        *(
            (f"Wagner length σ R_ct in {name}", f"{length * 1e6:.4g} µm")
            for name, length in d.wagner_length_m.items()
        ),
        ("speed of a flat front, V_m i/F", f"{d.front_speed_m_s * 1e9:.4g} nm/s"),
        ("relaxation mobility μ at that speed", f"{d.mobility_m2_s:.3g} m²/s (Pe = {d.peclet:.2g})"),
        ("10–90 % width of the front, 4.39 λ", f"{d.interface_width_m * 1e6:.4g} µm"),
        ("cells across it", f"{d.cells_across_interface:.3g}"),
        ("unknowns (ξ and φ), estimated", f"{d.num_dofs}"),
        ("cells, estimated", f"{d.num_cells}"),
        ("time steps, at least", f"{d.steps}"),
        ("memory on one rank, estimated", f"{d.memory_bytes / 1e9:.2g} GB"),
    ]


def materials_table(name: str | None) -> None:
    """Print the library of materials, or one of its entries."""
    table = Table("material", "formula", "quantity", "value", "unit", "confidence", "source")
    for row in rows(name):
        table.add_row(*row)
    console = Console()
    wide = console if console.is_terminal else Console(width=PIPE_WIDTH)
    wide.print(table)


def mesh_table(path: Path, case: Case) -> None:
    """Print what a mesh is made of, beside what the case asks for."""
    s = mesh_statistics(path)
    table = Table("mesh", str(path))
    table.add_row("cells, nodes", f"{s.cells}, {s.nodes}")
    table.add_row("cell quality (SICN), worst and mean", f"{s.min_quality:.3f}, {s.mean_quality:.3f}")
    for material, asked in case.area_shares().items():
        table.add_row(f"share of {material}", f"{s.area_fractions[material]:.4f} (asked for {asked:.4f})")
    for name, size in s.boundary_sizes.items():
        table.add_row(f"boundary {name}", f"{size:.4g} {'µm' if s.dim == 2 else 'µm²'}")
    Console().print(table)
    if isinstance(case.microstructure, Particles):
        Console().print(grain_table(s.grains, case))


def grain_table(grains: GrainGraph, case: Case) -> Table:
    """Sizes, contacts and percolation of the grains of each material."""
    table = Table("grains", *grains.materials)
    sizes = [grains.sizes(name) for name in grains.materials]
    asked = [_kinds(case, name) for name in grains.materials]
    clusters = [grains.percolation(name) for name in grains.materials]
    table.add_row("number", *(f"{size.count}" for size in sizes))
    table.add_row("median size", *(f"{size.median:.3g} µm" for size in sizes))
    table.add_row(
        "  asked for", *(" and ".join(f"{k.size * 1e6:.3g} µm" for k, _ in kinds) for kinds in asked)
    )
    table.add_row("spread", *(f"{size.spread:.3g}" for size in sizes))
    table.add_row("  asked for", *(" and ".join(f"{k.spread:.3g}" for k, _ in kinds) for kinds in asked))
    apart = [
        distance_from_law(grains.diameters(name) * 1e-6, kinds, grains.dim)
        for name, kinds in zip(grains.materials, asked, strict=True)
    ]
    table.add_row("  largest deviation of the share below a size", *(f"{distance:.3f}" for distance in apart))
    for other in grains.materials:
        means = [grains.mean_neighbours(name, other) for name in grains.materials]
        table.add_row(f"neighbours that are {other}", *(f"{mean:.2f}" for mean in means))
    table.add_row("connects anode and counter", *("yes" if c.connects else "no" for c in clusters))
    table.add_row("  share in such clusters", *(f"{c.spanning:.3f}" for c in clusters))
    table.add_row("share in the largest cluster", *(f"{c.largest:.3f}" for c in clusters))
    return table


def _kinds(case: Case, material: str) -> list[tuple[Grains, float]]:
    """The kinds of grains of a material, and their shares of the volume."""
    section = case.microstructure
    assert isinstance(section, Particles)
    kinds = zip(section.parts, case.part_shares(), strict=True)
    return [(kind, share) for kind, share in kinds if share and kind.material == material]
