"""A mesh and its microstructure as tables, beside what the case asks for."""

from pathlib import Path

from rich.table import Table

from fem_model.base.terminal import terminal
from fem_model.case import Case
from fem_model.case.layouts import Grains, Particles
from fem_model.mesh.descriptors import UNIT, Descriptors, percolations
from fem_model.mesh.statistics import MeshStatistics
from fem_model.microstructure.grain_sizes import distance_from_law
from fem_model.microstructure.statistics import GrainGraph


def mesh_table(path: Path, s: MeshStatistics, case: Case | None) -> None:
    """Print what a mesh is made of, beside what its case, if it has one, asks for."""
    asked = case.area_shares() if case else {}
    table = Table("mesh", str(path))
    table.add_row("cells, nodes", f"{s.cells}, {s.nodes}")
    table.add_row("cell quality (SICN), worst and mean", f"{s.min_quality:.3f}, {s.mean_quality:.3f}")
    for material, share in s.area_fractions.items():
        wanted = f" (wanted {asked[material]:.4f})" if material in asked else ""
        table.add_row(f"share of {material}", f"{share:.4f}{wanted}")
    areas = s.interface_areas
    for name, size in s.boundary_sizes.items():
        density = f", {areas[name]:.4g} 1/µm" if name in areas else ""
        table.add_row(f"boundary {name}", f"{size:.4g} {'µm' if s.dim == 2 else 'µm²'}{density}")
    table.add_row("all boundaries between materials", f"{s.interface_area():.4g} 1/µm")
    terminal().print(table)
    terminal().print(grain_table(s, case))


def grain_table(s: MeshStatistics, case: Case | None) -> Table:
    """Sizes, contacts and percolation of the grains of each material."""
    grains = s.grains
    table = Table("grains", *grains.materials)
    sizes = [grains.sizes(name) for name in grains.materials]
    table.add_row("number", *(f"{size.count}" for size in sizes))
    table.add_row("median size", *(f"{size.median:.3g} µm" for size in sizes))
    table.add_row("spread", *(f"{size.spread:.3g}" for size in sizes))
    if case and isinstance(case.microstructure, Particles):
        _add_asked(table, grains, case)
    for other in grains.materials:
        means = [grains.mean_neighbours(name, other) for name in grains.materials]
        table.add_row(f"neighbours that are {other}", *(f"{mean:.2f}" for mean in means))
    ways = [percolations(s, name) for name in grains.materials]
    for way in ways[0]:
        clusters = [of_material[way] for of_material in ways]
        title = "anode and counter" if way == "anode_to_counter" else f"the ends of {way}"
        table.add_row(f"connects {title}", *("yes" if c.connects else "no" for c in clusters))
        table.add_row("  share in such clusters", *(f"{c.spanning:.3f}" for c in clusters))
    largest = [of_material["anode_to_counter"].largest for of_material in ways]
    table.add_row("share in the largest cluster", *(f"{share:.3f}" for share in largest))
    return table


def _add_asked(table: Table, grains: GrainGraph, case: Case) -> None:
    """Add the wanted sizes of the case, and the deviation from them."""
    asked = [_kinds(case, name) for name in grains.materials]
    table.add_row(
        "wanted size", *(" and ".join(f"{k.size * 1e6:.3g} µm" for k, _ in kinds) for kinds in asked)
    )
    table.add_row("wanted spread", *(" and ".join(f"{k.spread:.3g}" for k, _ in kinds) for kinds in asked))
    apart = [deviation(grains, *of_each) for of_each in zip(grains.materials, asked, strict=True)]
    table.add_row("largest deviation of the share below a size", *apart)


def deviation(grains: GrainGraph, material: str, kinds: list[tuple[Grains, float]]) -> str:
    """Distance of sizes from their law; "-" if this has steps, which sizes that are scaled alike all miss."""
    if any(kind.sizes or kind.spread == 1.0 for kind, _ in kinds):
        return "-"
    return f"{distance_from_law(grains.diameters(material) * 1e-6, kinds, grains.dim):.3f}"


def correlation_table(found: Descriptors) -> Table:
    """Lengths of correlation, and the area of the interfaces by two routes that must agree."""
    table = Table("two-point probability", *found.correlation)
    of_each = found.correlation.items()
    lengths = [two.correlation_length for _, two in of_each]
    areas = [two.interface_area for _, two in of_each]
    meshed = [found.statistics.interface_area(name) for name, _ in of_each]
    table.add_row("correlation length", *("-" if v is None else f"{v * 1e6:.3g} µm" for v in lengths))
    by_slope = ("-" if v is None else f"{v * UNIT:.4g} 1/µm" for v in areas)
    table.add_row("interface per volume, by its slope", *by_slope)
    table.add_row("interface per volume, by the mesh", *(f"{v:.4g} 1/µm" for v in meshed))
    return table


def _kinds(case: Case, material: str) -> list[tuple[Grains, float]]:
    """The kinds of grains of a material, and their shares of the volume."""
    section = case.microstructure
    assert isinstance(section, Particles)
    kinds = zip(section.parts, case.part_shares(), strict=True)
    return [(kind, share) for kind, share in kinds if share and kind.material == material]
