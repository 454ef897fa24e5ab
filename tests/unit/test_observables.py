"""The columns of series.csv: which a case has, what is said of them, and where that is taken from."""

from pathlib import Path
from typing import Any

import pytest

from fem_model.case import Case
from fem_model.record.observables.registry import OBSERVABLES, columns
from fem_model.record.observables.table import document
from fem_model.study.quantities import wanted
from tests.fem.cases import NUCLEUS, case

ROOT = Path(__file__).resolve().parents[2]
USUAL = [
    *("step", "t_s", "dt_s", "current_density_A_m2", "voltage_V", "overpotential_anode_V", "ohmic_V"),
    *("capillary_V", "overpotential_counter_V", "charge_C_m2", "charge_throughput_C_m2", "charge_foil_C_m2"),
    *("charge_metal_C_m2", "charge_beyond_bounds_C_m2", "tip_m", "tip_A_m", "tip_B_m", "li_volume_m3"),
    *("li_share_A", "li_share_B", "current_share_A", "current_share_B", "faraday_error"),
    *("newton_iterations", "linear_iterations", "rejected"),
]
"""Of the nucleus, in the order of the file, on which programs of others may count."""
REACTION = {"material": "A", "rate": "0.1 nm/s", "lithium": 23.75, "molar_volume": "289.1 cm^3/mol"}
FIRST_OF_REACTIONS = [
    *("charge_reacted_C_m2", "alloy_fraction_interface", "alloy_fraction_total", "interphase_foil_m"),
]
AT_ANODE, AT_COUNTER = (
    [f"contact_share_{f}", f"void_mean_{f}_m", f"void_largest_{f}_m", f"current_focusing_{f}"]
    for f in ("anode", "counter")
)
SURFACE = ["surface_share_A", "surface_share_B", "surface_share_interphase"]
STEPS = {"mode": "steps", "steps": [{"current": "1 mA/cm^2", "time": "5 min"}] * 2}
CRACKS = {"intrusion": {"toughness": "0.1 MPa m^0.5"}, "mesh.cell_size_boundary": "0.5 um"}
MORE: dict[str, tuple[dict[str, Any], str, list[str]]] = {  # changes, the column before, those that come
    "stages": ({"drive": STEPS}, "step", ["stage"]),
    "pressure": ({"kinetics.p_resist": "10 MPa"}, "capillary_V", ["pressure_V"]),
    "cracks": (CRACKS, "capillary_V", ["pressure_V"]),
    "pellet": ({"counter.series_resistance": "1 ohm cm^2"}, "overpotential_counter_V", ["series_V"]),
    "islands": ({"anode.islands": "floating"}, "current_share_B", ["islands", "charge_dead_C_m2"]),
    "voids": ({"voids": {}}, "current_share_B", [*AT_ANODE, *AT_COUNTER, "void_error"]),
    "reaction": ({"reactions": [REACTION]}, "current_share_B", [*FIRST_OF_REACTIONS, *SURFACE]),
}
LESS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "fixed face": ({"counter": {"kind": "fixed"}}, ["overpotential_counter_V"]),
    "classical": ({"phase_field.capillarity": "classical"}, ["capillary_V"]),
    "no capillarity": ({"phase_field.gamma": "0 J/m^2"}, ["capillary_V"]),
}


def names(of: Case) -> list[str]:
    return [column.name for column in columns(of, of.area_shares())]


def test_a_case_has_its_columns_in_the_order_of_the_file() -> None:
    assert names(case(NUCLEUS)) == USUAL


@pytest.mark.parametrize("what", MORE)
def test_more_physics_brings_columns(what: str) -> None:
    changes, before, come = MORE[what]
    place = USUAL.index(before) + 1
    assert names(case(NUCLEUS, changes)) == [*USUAL[:place], *come, *USUAL[place:]]
    assert [one.name for one in wanted(case(NUCLEUS, changes), come, [])] == come


@pytest.mark.parametrize("what", LESS)
def test_less_physics_leaves_columns_out(what: str) -> None:
    changes, gone = LESS[what]
    assert names(case(NUCLEUS, changes)) == [name for name in USUAL if name not in gone]


def test_the_docs_have_every_column() -> None:
    assert (ROOT / "docs" / "series.md").read_text(encoding="utf-8") == document(), "write it anew: make docs"


def test_a_column_says_what_its_name_says() -> None:
    """The unit at the end of a name is that of the column, and no name comes twice."""
    ends = {"s": "s", "m": "m", "V": "V", "m3": "m³", "A_m2": "A/m²", "C_m2": "C/m²"}
    everything = [column for group in OBSERVABLES for column in group.columns]
    assert len({column.name for column in everything}) == len(everything)
    for column in everything:
        found = [unit for end, unit in ends.items() if column.name.endswith(f"_{end}")]
        assert column.unit == (found[-1] if found else ""), column.name
        assert column.label and column.meaning and not column.meaning.endswith(".")
