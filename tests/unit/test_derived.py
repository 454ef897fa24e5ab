"""Derived numbers against computations by hand."""

import math
from pathlib import Path

import pytest

from fem_model.case import Case, derive, load_case

CASE = """
[microstructure]
layout = "layers"
width = "50 um"
depth = "50 um"
layers = [ { material = "LPSC1.0", share = 0.5 }, { material = "LGPS", share = 0.5 } ]
[mesh]
cell_size_front = "0.25 um"
cell_size_bulk = "1 um"
front_height = "30 um"
[phase_field]
lam = "0.5 um"
[anode.initial]
kind = "film"
thickness = "5 um"
[drive]
mode = "galvanostatic"
current = "1 mA/cm^2"
[time]
end = "2 h"
"""

VOLTAGE = "drive={mode='potentiostatic', voltage='0.05 V'}"


def case(tmp_path: Path, *overrides: str) -> Case:
    path = tmp_path / "case.toml"
    path.write_text(CASE, encoding="utf-8")
    return load_case(path, overrides)


def test_front_at_1_mA_cm2(tmp_path: Path) -> None:
    derived = derive(case(tmp_path))
    assert derived.current_density_A_m2 == 10.0
    assert derived.front_speed_m_s == pytest.approx(1.34e-9, rel=5e-3)
    assert derived.mobility_m2_s == pytest.approx(1.3442e-9 * 0.5e-6 / 0.4, rel=1e-4)
    assert derived.peclet == pytest.approx(0.4)


def test_kinetics_of_a_clean_contact(tmp_path: Path) -> None:
    derived = derive(case(tmp_path))
    assert derived.R_ct_ohm_m2 == pytest.approx(0.8e-4)
    assert derived.i0_A_m2 == pytest.approx(321, rel=1e-3)
    assert derived.wagner_length_m == pytest.approx({"LPSC1.0": 28.56e-6, "LGPS": 42.08e-6})


def test_stripping_has_the_speed_of_plating(tmp_path: Path) -> None:
    stripping = derive(case(tmp_path, "drive.current=-1 mA/cm^2"))
    assert stripping.front_speed_m_s == derive(case(tmp_path)).front_speed_m_s


def test_current_under_a_voltage(tmp_path: Path) -> None:
    layers = "microstructure.layers=[{material='LPSC1.0', share=1.0}]"
    one = derive(case(tmp_path, VOLTAGE, layers, "counter.kind=fixed"))
    assert one.current_density_A_m2 == pytest.approx(0.05 / (0.8e-4 + 50e-6 / 0.357))
    both = derive(case(tmp_path, VOLTAGE, layers, "counter.R_ct=2 ohm cm^2"))
    assert both.current_density_A_m2 == pytest.approx(0.05 / (2.8e-4 + 50e-6 / 0.357))
    mixed = derive(case(tmp_path, VOLTAGE, "counter.kind=fixed"))
    assert mixed.current_density_A_m2 == pytest.approx(0.05 / (0.8e-4 + 50e-6 / 0.4415))


def test_fixed_mobility_gives_the_peclet_number(tmp_path: Path) -> None:
    derived = derive(case(tmp_path, "phase_field.mobility=1e-15 m^2/s"))
    assert derived.mobility_m2_s == 1e-15
    assert derived.peclet == pytest.approx(0.6721, rel=1e-4)


def test_a_protocol_that_only_rests_has_no_front_speed(tmp_path: Path) -> None:
    derived = derive(case(tmp_path, "drive={mode='steps', steps=[{current='0 A/m^2', time='1 h'}]}"))
    assert (derived.front_speed_m_s, derived.mobility_m2_s, derived.peclet) == (0, 0, 0.4)
    round_off = math.sqrt(2 * 1.3442e-10**2 * 0.5 / 0.8e-4 * 3600)  # 0.9 um, in steps of 0.1 um
    assert derived.steps == (1, math.ceil(2**0.25 * round_off / 0.1e-6 + 10 + 2 * 5))
    still = case(
        tmp_path, "drive={mode='steps', steps=[{current='0 A/m^2', time='1 h'}]}", "phase_field.gamma=0 J/m^2"
    )
    assert derive(still).steps == (1, 20)


def test_sizes(tmp_path: Path) -> None:
    derived = derive(case(tmp_path))
    fine, coarse = 50 * 30 / (0.4330127 * 0.25**2), 50 * 20 / 0.4330127
    assert derived.num_cells == pytest.approx(fine + coarse, rel=1e-4)
    assert derived.num_dofs == pytest.approx(2 * derived.num_cells / 2)
    assert derived.cells_across_interface == pytest.approx(4.39 * 0.5 / 0.25)
    assert derived.interface_width_m == pytest.approx(2.195e-6)
    assert derived.memory_bytes == 250_000_000 + 2_000 * derived.num_dofs
    assert derive(case(tmp_path, "mesh.degree=2")).num_dofs == 4 * derived.num_dofs


def test_steps_scale_with_a_flat_front(tmp_path: Path) -> None:
    flat = 7200 * 1.3442e-9 / 0.1e-6  # 9.68 um, in steps of 0.1 um
    least, most = derive(case(tmp_path)).steps
    assert least == pytest.approx(flat / 2, abs=1)
    tip = 1 + 14.68 / 28.56  # a film of 5 um and what is plated, over the Wagner length
    assert most == pytest.approx(2**0.25 * tip * flat + 2 * (1 + 10), abs=1)
    assert derive(case(tmp_path, "time.step=10 s")).steps[0] == 720


def test_steps_end_where_the_cell_is_full(tmp_path: Path) -> None:
    least, most = derive(case(tmp_path, "time.end=1000 h")).steps
    assert least == pytest.approx(45 / 4 / 0.1 / 2, abs=1)
    assert most < 4 * 2**0.25 * 450 + 25


def test_a_stage_that_a_limit_can_end_takes_one_step_at_least(tmp_path: Path) -> None:
    assert derive(case(tmp_path, "drive.voltage_limit=10 mV")).steps[0] == 1


def test_stripping_ends_with_the_lithium(tmp_path: Path) -> None:
    strip = ["drive.current=-1 mA/cm^2", "anode.foil_thickness=1 um", "time.end=1000 h"]
    assert derive(case(tmp_path, *strip)).steps[1] < 1.2 * 60 * 4 + 25


def test_no_warning_within_the_rules(tmp_path: Path) -> None:
    assert derive(case(tmp_path)).warnings == ()
    assert derive(case(tmp_path, "drive.current=0.9 A/cm^2", "mesh.front_height=50 um")).warnings == ()
    back = "drive={mode='steps', steps=[{current='1 A/m^2', time='1 h'}, {current='-1 A/m^2', time='1 h'}]}"
    assert derive(case(tmp_path, back)).warnings == ()


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["phase_field.lam=2.1 um"], ["phase_field.lam = 2.1 µm is above depth/25 = 2 µm"]),
        (
            ["kinetics.R_ct=0.1 ohm cm^2"],
            ["sigma R_ct = 3.57 µm in LPSC1.0", "2.5%", "0.1 ohm cm^2 is below the 0.8"],
        ),
        (
            ["reactions=[{material='LGPS', rate='1 nm/s'}]", "output.probing_depth=7 um"],
            ["output.probing_depth = 7 µm is above 12 lam = 6 µm"],
        ),
        (["drive.current=1 A/cm^2"], ["a current density of 1 A/cm²: real cells carry a few mA/cm²"]),
        (["drive={mode='potentiostatic', voltage='5 V'}"], ["a current density of 1.83 A/cm²"]),
        (["drive.current=-1 mA/cm^2"], ["the first stage is stripping"]),
        (
            ["drive={mode='steps', steps=[{current='0 A/m^2', time='1 h'}, {voltage='-1 mV', time='1 h'}]}"],
            ["the first stage is stripping"],
        ),
        (["mesh.front_height=60 um"], ["mesh.front_height = 60 µm is above microstructure.depth = 50 µm"]),
        (["materials.B.sigma=1 S/m"], ["materials.B is given but used nowhere"]),
        (
            ["boundaries=[{width='0.1 um'}, {width='1 um', p_factor=0.5}]"],
            [
                "boundaries[0] has no factor other than 1",
                "boundaries[0].width = 0.1 µm is below 2 cells: mesh.cell_size_bulk leaves cells of 1 µm",
                "boundaries[1].width = 1 µm is below 2 cells",
                "boundaries[1].p_factor multiplies kinetics.p_resist, which is 0",
            ],
        ),
    ],
)
def test_warnings(overrides: list[str], words: list[str], tmp_path: Path) -> None:
    text = " ".join(derive(case(tmp_path, *overrides)).warnings)
    for word in words:
        assert word in text


@pytest.mark.parametrize(
    ("width", "cells"),
    [
        ("1 um", ["mesh.refinement=2"]),
        ("1 um", ["mesh.cell_size_boundary=0.5 um"]),
        ("0.5 um", ["mesh.front_height=50 um"]),
        ("0.4 um", ["mesh.front_height=50 um", "mesh.cell_size_boundary=0.2 um"]),
    ],
)
def test_two_cells_across_a_boundary_are_enough(width: str, cells: list[str], tmp_path: Path) -> None:
    boundary = f"boundaries=[{{width='{width}', sigma_factor=0.5}}]"
    assert derive(case(tmp_path, boundary, *cells)).warnings == ()
