"""Quadratic elements give what a finer linear mesh gives."""

import pytest

from tests.fem.cases import NUCLEUS, case, column, finished


def test_quadratic_elements_agree_with_a_fine_linear_mesh() -> None:
    time = {"end": "20 min", "step": "60 s", "outputs": 1}
    linear, quadratic = (
        finished(case(NUCLEUS, {"time": time, "mesh.cell_size_front": f"{h} um", "mesh.degree": degree}))
        for h, degree in ((0.125, 1), (0.5, 2))
    )
    for name, tolerance in (("tip_m", 2e-3), ("voltage_V", 1e-4), ("charge_foil_C_m2", 2e-3)):
        expected = column(linear, name)[-1]
        assert column(quadratic, name)[-1] == pytest.approx(expected, rel=tolerance), name
    assert quadratic.recorder.ledger.worst < 1e-8
