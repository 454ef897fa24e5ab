"""Onsets that are searched for are those of closed forms, for each flaw by itself, on any number of ranks."""

import pytest
from mpi4py import MPI

from fem_model.base.errors import InputError
from fem_model.study.onset import onsets
from fem_model.study.verification import onset as check
from fem_model.study.verification.cases import NUCLEUS, case
from fem_model.study.verification.finger import Finger

COMM = MPI.COMM_SELF
BOX = Finger(width=16.0, length="height", a=1.0)
BANDS = {"microstructure.layers": [{"material": "B", "share": share} for share in (0.25, 0.5, 0.25)]}
TWO = {
    "kind": "flaws",
    "flaws": [{"position": "4 um", "length": "2 um"}, {"position": "12 um", "length": "6 um"}],
}


def test_in_a_box_the_onset_is_that_of_the_closed_form() -> None:
    finger = Finger(K=0.4, a=3.0, law="butler-volmer", alpha=0.3, closing=7.0)
    (found,) = onsets(finger.case(check.STILL, {}, {}), COMM)
    assert found.current_density_A_m2 == pytest.approx(finger.onset(), rel=2e-3)
    assert found.overpotential_V == pytest.approx(finger.resistance(3.0), rel=2e-3)
    assert found.place_m == pytest.approx((3e-6, 3.75e-6), abs=0.25e-6)


def test_each_flaw_has_its_own_onset() -> None:
    """Each of a pair counts with its height: P ~ 1/√z. At the onset of the short one the long one plates."""
    short, long = onsets(BOX.case(check.STILL, {}, BANDS | {"anode.initial": TWO}), COMM)
    assert [found.flaw for found in (short, long)] == [0, 1]
    for found, z in ((short, 2.75), (long, 6.75)):
        assert found.overpotential_V == pytest.approx(BOX.resistance(z), rel=2e-3)
    free = 1 - 4 * BOX.half_width / BOX.width
    assert long.current_density_A_m2 == pytest.approx(free * BOX.current(BOX.resistance(6.75)), rel=2e-3)
    assert short.current_density_A_m2 > 1.01 * free * BOX.current(BOX.resistance(2.75))


def test_empty_flaws_are_passed_over() -> None:
    flaws = [TWO["flaws"][0] | {"filled": False}, TWO["flaws"][1]]
    changed = BANDS | {"anode.initial": {"kind": "flaws", "flaws": flaws}}
    assert [found.flaw for found in onsets(BOX.case(check.STILL, {}, changed), COMM)] == [1]


def test_a_case_without_cracks_has_no_onset() -> None:
    with pytest.raises(InputError, match="an onset needs"):
        onsets(case(NUCLEUS), COMM)


def test_between_grains_a_run_sees_it_run_at_the_onset_found() -> None:
    entry = check.compare(COMM, check.SAMPLES[0]).entry()
    assert entry.passed, entry
