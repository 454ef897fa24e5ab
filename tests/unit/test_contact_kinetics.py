"""Charge transfer behind a resistance, and values that change with temperature and stack pressure."""

import basix.ufl
import numpy as np
import pytest
import ufl

from fem_model.base.arrays import Floats
from fem_model.base.constants import F, R
from fem_model.case import Case
from fem_model.case.derived import derive
from fem_model.laws import kinetics
from fem_model.laws.kinetics import LAWS, ChargeTransfer, in_series
from fem_model.materials import LIBRARY, rows
from fem_model.materials.arrhenius import arrhenius
from fem_model.study.verification.cases import FILM, Tables, case

T = 298.15
POINT = ufl.SpatialCoordinate(ufl.Mesh(basix.ufl.element("Lagrange", "interval", 1, shape=(1,))))[0]
SIZES = np.array([1e-6, 1e-4, 1e-3, 0.01, 0.03, 0.1, 0.2, 0.3])
ETA = np.concatenate([-SIZES[::-1], SIZES])
RESISTANCES = [0.0, 1e-8, 1e-6, 1e-4, 1e-2, 1.0, 100.0]
GRID = [(law, alpha) for law in LAWS for alpha in (0.01, 0.1, 0.3, 0.5, 0.8, 0.99)]


def inverse(transfer: ChargeTransfer, current: Floats, i0: float) -> Floats:
    """x of i_n(x) = i, from between a bound of the size of the linear law and 0: halved until it is found."""
    far = np.minimum(abs(current) / transfer.slope(0.0, i0) * 100, 1.0)
    low, high = np.where(current < 0, -far, 0.0), np.where(current > 0, far, 0.0)
    for _ in range(100):
        middle = (low + high) / 2
        above = transfer.current(middle, i0) > current
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return (low + high) / 2


@pytest.mark.parametrize(("law", "alpha"), GRID)
def test_a_resistance_in_series_leaves_no_residual(law: str, alpha: float) -> None:
    """x + r i = η with i_n(x) = i, as a relative error of i, up to 0.3 V."""
    transfer = ChargeTransfer(law, alpha, T)
    for i0 in (1e-3, 1.0, 30.0, 1e3, 1e6):
        for resistance in RESISTANCES:
            i = in_series(transfer, ETA, i0, resistance)
            x = inverse(transfer, i, i0)
            residual = (ETA - x - resistance * i) / (i * (resistance + 1 / transfer.slope(x, i0)))
            assert abs(residual).max() < 1e-7, (i0, resistance)


@pytest.mark.parametrize(("law", "alpha"), [("butler-volmer", 0.3), ("linear", 0.5)])
def test_it_is_the_same_on_floats_arrays_and_ufl(
    law: str, alpha: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no step of Newton but the last: UFL evaluates what is nested anew each time it occurs."""
    transfer = ChargeTransfer(law, alpha, T)
    array = in_series(transfer, ETA, 30.0, 1e-4)
    assert [in_series(transfer, float(eta), 30.0, 1e-4) for eta in ETA] == pytest.approx(array, rel=1e-12)
    monkeypatch.setattr(kinetics, "NEWTON", 0)
    short = in_series(transfer, ETA, 30.0, 1e-4)
    expression = in_series(transfer, POINT, 30.0, 1e-4)
    assert [expression((eta,)) for eta in ETA] == pytest.approx(short, rel=1e-9)


@pytest.mark.parametrize("law", LAWS)
def test_without_a_resistance_or_a_voltage_it_is_the_law(law: str) -> None:
    transfer = ChargeTransfer(law, 0.3, T)
    assert in_series(transfer, ETA, 30.0, 0.0) == pytest.approx(transfer.current(ETA, 30.0), rel=1e-9)
    assert in_series(transfer, 0.0, 30.0, 1e-4) == 0.0


def test_arrhenius_is_the_factor_of_the_paper() -> None:
    """σ(60 °C)/σ(25 °C) at 0.36 eV is 4.36, and 3.90 if σT is activated."""
    energy = 0.36 * F
    assert arrhenius(energy, 333.15, 298.15) == pytest.approx(4.36, abs=0.005)
    assert arrhenius(energy, 298.15, 298.15) == 1.0
    assert arrhenius(0.0, 400.0, 298.15) == 1.0
    assert arrhenius(energy, 273.15, 333.15) * arrhenius(energy, 333.15, 273.15) == pytest.approx(1.0)


def sigma(temperature: str = "333.15 K", like: str | None = None, **entry: str) -> float:
    """Conductivity of the electrolyte of a case at a temperature."""
    entry = {"like": like, **entry} if like else {"sigma": "2 mS/cm", **entry}
    made = case(FILM, {"materials": {"E": entry}, "kinetics.temperature": temperature})
    return made.material_table()["E"].sigma


def test_a_conductivity_changes_by_its_own_energy() -> None:
    of_sigma = sigma(activation_energy="0.36 eV")
    assert of_sigma == pytest.approx(0.2 * 4.36, rel=1e-3)
    assert sigma(activation_energy=f"{0.36 * F / 1e3} kJ/mol") == pytest.approx(of_sigma, rel=1e-12)
    assert sigma(activation_energy="0.36 eV", arrhenius="sigma T") == pytest.approx(
        of_sigma * 298.15 / 333.15, rel=1e-12
    )
    assert sigma("400 K", activation_energy="0.36 eV", reference_temperature="400 K") == 0.2
    assert sigma("400 K", activation_energy="0 eV") == 0.2


@pytest.mark.parametrize("temperature", ["250 K", "298.15 K", "333.15 K"])
def test_a_given_conductivity_without_energy_stays_what_it_is(temperature: str) -> None:
    """Also where the library knows one of the material that it is like."""
    assert sigma(temperature) == 0.2
    assert sigma(temperature, "LPSC1.0", sigma="2 mS/cm") == 0.2


def test_the_library_is_at_25_degrees() -> None:
    """An energy of the case acts on the library's σ from there."""
    known = LIBRARY["LPSC1.0"].sigma
    assert known is not None
    assert sigma(like="LPSC1.0") == pytest.approx(0.357 * 4.36, rel=1e-3)
    own = sigma(like="LPSC1.0", activation_energy="0.2 eV")
    assert own == pytest.approx(known.value * arrhenius(0.2 * F, 333.15, 298.15), rel=1e-12)
    told = {row[2]: row[3] for row in rows("LPSC1.0", 333.15)}
    assert float(told["sigma at 333.15 K"]) == pytest.approx(0.357 * 4.36, rel=1e-3)


def made(**changes: object) -> Case:
    return case(FILM, {"counter": {"kind": "lithium"}, **changes})


def test_a_contact_changes_by_its_own_energy_or_that_of_the_front() -> None:
    kinetics = {"R_ct": "5 ohm cm^2", "activation_energy": "0.5 eV", "temperature": "333.15 K"}
    counter = {"kind": "lithium", "R_ct": "5 ohm cm^2", "activation_energy": "0.1 eV"}
    warm = made(kinetics=kinetics, counter=counter)
    at_25 = R * T / (F * 5e-4)
    assert warm.exchange(warm.anode) == warm.exchange(warm.kinetics)  # type: ignore[arg-type]
    assert warm.exchange(warm.kinetics) == pytest.approx(at_25 * arrhenius(0.5 * F, 333.15, T), rel=1e-12)
    assert warm.exchange(warm.counter) == pytest.approx(  # type: ignore[arg-type]
        at_25 * arrhenius(0.1 * F, 333.15, T), rel=1e-12
    )


def test_kinetics_of_a_material_go_with_temperature_and_pressure_as_those_of_the_front() -> None:
    kinetics = {"R_ct": "5 ohm cm^2", "activation_energy": "0.5 eV", "temperature": "333.15 K"}
    materials = {"E": {"sigma": "1 S/m", "kinetics": {"R_ct": "20 ohm cm^2", "alpha": 0.3}}}
    stack = {"pressure": "20 MPa", "measured_at": "5 MPa"}
    found = made(kinetics=kinetics, materials=materials, stack=stack)
    assert found.contact_factors() == pytest.approx({"E": 0.25})
    assert found.transfer_coefficients(found.anode) == {"E": 0.3}
    alone = made(kinetics=kinetics)
    assert found.exchange(found.kinetics) == pytest.approx(2 * alone.exchange(alone.kinetics))


def test_pressure_counts_once_unless_it_was_measured_elsewhere() -> None:
    plain, pressed = made(), made(stack={"pressure": "10 MPa"})
    assert pressed.exchange(pressed.kinetics) == plain.exchange(plain.kinetics)


def test_stack_pressure_closes_cracks_unless_told_otherwise() -> None:
    flat = {"mesh.cell_size_bulk": "0.5 um", "stack": {"pressure": "7 MPa"}}
    for own, expected in (({}, 7e6), ({"closing_stress": "1 MPa"}, 1e6)):
        intrusion = made(**flat, intrusion={"toughness": "0.2 MPa m^0.5", **own}).intrusion
        assert intrusion is not None and intrusion.closing_stress == expected
    without = made(**{**flat, "stack": None}, intrusion={"toughness": "0.2 MPa m^0.5"}).intrusion
    assert without is not None and without.closing_stress == 0.0


CREEP = {"healing_current": "0.2 mA/cm^2", "healing_pressure": "3 MPa", "healing_exponent": 1.9}


def test_creep_is_that_of_lithium_on_lpsc() -> None:
    """0.2 mA/cm² at 3 MPa, 1.0 at 7 MPa, about 2 at the paper's 10 MPa; none without pressure."""
    for pressure, expected in (("3 MPa", 2.0), ("7 MPa", 10.0), ("10 MPa", 20.0)):
        healing = made(stack={"pressure": pressure}, voids={}).healing()
        assert healing == pytest.approx(expected, rel=0.02)
        assert made(stack={"pressure": pressure}, voids=CREEP).healing() == healing
    assert made(voids={}).healing() == 0.0
    warm = made(stack={"pressure": "3 MPa"}, voids={}, **{"kinetics.temperature": "333.15 K"})
    assert warm.healing() == pytest.approx(2.0 * arrhenius(37e3, 333.15, T), rel=1e-12)


NOTED: dict[str, tuple[Tables, list[str]]] = {
    "all": (
        {},
        ["sigma of E", "the charge transfer of kinetics", "the charge transfer of anode"],
    ),
    "sigma of the library": (
        {"materials": {"E": {"like": "LGPS"}}},
        ["the charge transfer of kinetics", "the charge transfer of anode"],
    ),
    "an anode of its own": (
        {"kinetics.activation_energy": "0.5 eV", "anode.R_ct": "1 ohm cm^2"},
        ["sigma of E", "the charge transfer of anode"],
    ),
    "a reaction": (
        {
            "materials": {"E": {"like": "LGPS"}},
            "kinetics.activation_energy": "0.5 eV",
            "reactions": [
                {"material": "E", "rate": "1 nm/s", "sigma": "0.1 S/m", "route": "electrochemical"}
            ],
        },
        ["the reaction of E", "sigma of the product of E", "i0 of the reaction of E"],
    ),
    "a reaction that is activated": (
        {
            "materials": {"E": {"sigma": "1 S/m"}},
            "kinetics.activation_energy": "0.5 eV",
            "reactions": [
                {
                    "material": "E",
                    "rate": "1 nm/s",
                    "lithium": 8,
                    "molar_volume": "100 cm^3/mol",
                    "activation_energy": "40 kJ/mol",
                }
            ],
        },
        ["sigma of E"],
    ),
    "nothing": (
        {
            "materials": {"E": {"sigma": "1 S/m", "activation_energy": "0.3 eV"}},
            "kinetics.activation_energy": "0.5 eV",
        },
        [],
    ),
}


@pytest.mark.parametrize("name", NOTED)
def test_a_note_at_another_temperature_names_what_has_no_energy_and_only_that(name: str) -> None:
    changes, names = NOTED[name]
    warm = derive(case(FILM, {**changes, "kinetics.temperature": "333.15 K"})).warnings
    notes = [note for note in warm if "activation_energy" in note]
    assert notes == [
        f"at 333.15 K values without activation_energy are used as they are: {', '.join(names)}."
        for _ in notes[:1]
    ]
    assert len(notes) == bool(names)
    cold = derive(case(FILM, changes)).warnings
    assert not [note for note in cold if "activation_energy" in note]
