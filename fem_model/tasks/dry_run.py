"""A case before it runs: the resolved values and what follows from them."""

from rich.table import Table

from fem_model.base.terminal import terminal
from fem_model.base.units import readable
from fem_model.case import Case, case_to_toml, derive
from fem_model.case.balance import balance
from fem_model.case.base import FOR_PEOPLE
from fem_model.record.pace import pace
from fem_model.tasks.taken import show_taken


def dry_run(case: Case) -> None:
    """Print the resolved case, the derived numbers and the warnings."""
    console = terminal()
    console.print(case_to_toml(case, FOR_PEOPLE), soft_wrap=True)
    show_taken(case)
    table = Table("what follows", "value", show_header=True)
    for name, value in numbers(case):
        table.add_row(name, value)
    console.print(table)
    for warning in derive(case).warnings:
        console.print(f"warning: {warning}", soft_wrap=True)


def numbers(case: Case) -> list[tuple[str, str]]:
    """Derived numbers in the units people use."""
    d, given = derive(case), pace(case.microstructure.dim)
    source = "as measured here" if given.is_measured else "a guess"
    least, most = given.wall(d.steps, d.num_dofs)
    return [
        ("charge-transfer resistance of the front, R_ct", readable(d.R_ct_ohm_m2, "ohm m^2", 4)),
        ("exchange current density, i0", readable(d.i0_A_m2, "A/m^2", 4)),
        ("mean current density", readable(d.current_density_A_m2, "A/m^2", 4)),
        *((f"Wagner length σ R_ct in {name}", readable(w, "m", 4)) for name, w in d.wagner_length_m.items()),
        ("speed of a flat front, V_m i/F", readable(d.front_speed_m_s, "m/s", 4)),
        ("relaxation mobility μ at that speed", f"{d.mobility_m2_s:.3g} m²/s (Pe = {d.peclet:.2g})"),
        ("10–90 % width of the front, 4.39 λ", readable(d.interface_width_m, "m", 4)),
        ("cells across it", f"{d.cells_across_interface:.3g}"),
        ("unknowns (ξ and φ), estimated", f"{d.num_dofs}"),
        ("cells, estimated", f"{d.num_cells}"),
        ("time steps, estimated", f"{d.steps[0]} to {d.steps[1]}"),
        (f"wall time on one core, {source}", f"{readable(least, 's', 2)} to {readable(most, 's', 2)}"),
        ("memory on one rank, estimated", f"{d.memory_bytes / 1e9:.2g} GB"),
        *accuracy(case),
    ]


def accuracy(case: Case) -> list[tuple[str, str]]:
    """Expected errors of the growth, which dominates, and a balanced choice at the same cost."""
    found = balance(case)
    if found is None:
        return []
    errors = ", ".join(f"{name} {100 * error:.2g} %" for name, error in found.errors.items())
    choice = "as it is"
    if better := found.better:
        sizes = readable(better.lam, "m", 2), readable(better.cell * case.mesh.refinement, "m", 2)
        way = f"front_step {better.way / better.lam:.2g}"
        if case.time.step:
            way = f"time.step {readable(case.time.step * better.way / found.now.way, 's', 2)}"
        choice = f"lam {sizes[0]}, cell_size_front {sizes[1]}, {way}: {100 * found.after:.2g} %"
    return [
        ("error of the growth, to a factor of 3", f"mostly {found.dominant}: {errors}"),
        ("balanced at this cost", choice),
    ]
