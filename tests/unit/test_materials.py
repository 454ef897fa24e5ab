"""The library of materials."""

import re

import pytest

from fem_model.base.constants import AVOGADRO, F, R
from fem_model.base.errors import InputError
from fem_model.materials import LIBRARY, C_Li, V_m, column_name, rows

MOLAR_MASS = {"Li": 6.94, "P": 30.974, "S": 32.06, "Cl": 35.45, "Ge": 72.63}  # g/mol, IUPAC abridged


def molar_mass(formula: str) -> float:
    """kg/mol"""
    parts = re.findall(r"([A-Z][a-z]?)([\d.]*)", formula)
    return sum(MOLAR_MASS[element] * float(count or 1) for element, count in parts) / 1000


def test_constants_are_the_exact_ones_of_the_si() -> None:
    assert pytest.approx(96485.33212331001, rel=1e-15) == F
    assert pytest.approx(8.31446261815324, rel=1e-15) == R


def test_every_number_has_unit_source_and_confidence() -> None:
    data = [datum for material in LIBRARY.values() for _, datum in material.data()]
    assert len(data) == 4 + 4 + 4 + 2 + 1 + 1 + 1
    for datum in data:
        assert datum.value > 0
        assert datum.unit
        assert datum.confidence in ("high", "medium", "low")
        assert "doi" in datum.source.lower() or "10." in datum.source or "no" in datum.source.lower()
        assert datum.confidence != "high" or "10." in datum.source


def test_densities_follow_from_the_unit_cells_they_name() -> None:
    lpsc, lgps = LIBRARY["LPSC1.0"], LIBRARY["LGPS"]
    assert lpsc.density is not None and lgps.density is not None and lgps.molar_volume is not None
    cubic = 4 * molar_mass(lpsc.formula) / (9.85e-10**3 * AVOGADRO)
    tetragonal = 2 * molar_mass(lgps.formula) / (8.717e-10**2 * 12.634e-10 * AVOGADRO)
    assert lpsc.density.value == pytest.approx(cubic, rel=5e-3)
    assert lgps.density.value == pytest.approx(tetragonal, rel=5e-4)
    assert lgps.molar_volume.value == pytest.approx(molar_mass(lgps.formula) / tetragonal, rel=5e-4)


@pytest.mark.parametrize(("mass_share", "volume_share"), [(0.1, 0.0922), (0.2, 0.1859), (0.3, 0.2814)])
def test_volume_shares_of_the_paper_follow_from_the_densities(mass_share: float, volume_share: float) -> None:
    lpsc, lgps = LIBRARY["LPSC1.0"].density, LIBRARY["LGPS"].density
    assert lpsc is not None and lgps is not None
    volume = {"LGPS": mass_share / lgps.value, "LPSC": (1 - mass_share) / lpsc.value}
    assert volume["LGPS"] / sum(volume.values()) == pytest.approx(volume_share, abs=5e-5)


def test_lithium_plates_484_um_per_mAh_cm2() -> None:
    assert V_m / F * 36000 == pytest.approx(4.84e-6, rel=1e-3)
    assert pytest.approx(7.71e4, rel=1e-3) == C_Li


def test_column_names_have_letters_and_digits_only() -> None:
    assert column_name("LPSC1.0") == "LPSC10"
    assert column_name("my glass (dry)") == "myglassdry"


def test_table_of_the_library() -> None:
    assert {row[0] for row in rows()} == set(LIBRARY)
    assert [row[2:5] for row in rows("LGPS")][:3] == [
        ("sigma", "0.526", "S/m"),
        ("activation_energy of sigma", "0.249", "eV"),
        ("density", "2036", "kg/m^3"),
    ]
    for mistyped in ("LPGS", "lgps"):
        with pytest.raises(InputError, match=r"Did you mean LGPS\?"):
            rows(mistyped)
