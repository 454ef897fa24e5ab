"""Observed order, extrapolation and uncertainty; names of scalars; what is told of a study."""

import os
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fem_model.base.errors import InputError
from fem_model.case import Case
from fem_model.study.convergence import Estimate, coarsest_within, estimate
from fem_model.study.convergence_figure import draw_convergence
from fem_model.study.convergence_report import as_markdown, estimates_sheet, notes, resolution
from fem_model.study.findings import Findings, LevelResult
from fem_model.study.levels import Level
from fem_model.study.process import Children, Ended, environment_of_its_own, launcher
from fem_model.study.quantities import Missing, Wanted, conductivity_of, value_of, wanted
from tests.fem.cases import NUCLEUS, case

TRUTH = 7.0
NUMBERS = pytest.mark.parametrize("count", [3, 4, 5])
RATIOS = pytest.mark.parametrize("ratio", [1.3, 2**0.5, 2.0])


def power_law(order: float, ratio: float, count: int, factor: float = 0.3) -> tuple[list[float], list[float]]:
    sizes = [ratio**-k for k in range(count)]
    return sizes, [TRUTH + factor * h**order for h in sizes]


def contains_the_truth(found: Estimate) -> bool:
    assert found.extrapolated is not None and found.uncertainty is not None
    return abs(found.extrapolated - TRUTH) <= found.uncertainty


# The mathematics


@NUMBERS
@RATIOS
@pytest.mark.parametrize("order", [0.6, 1.0, 1.5, 2.0])
@pytest.mark.parametrize("factor", [0.3, -20.0])
def test_a_power_law_is_found_exactly(order: float, ratio: float, count: int, factor: float) -> None:
    sizes, values = power_law(order, ratio, count, factor)
    found = estimate(sizes, values, 2.0)
    error = abs(values[-1] - TRUTH)
    assert found.convergence == "monotone"
    assert found.observed_order == pytest.approx(order, rel=1e-5)
    assert found.order == pytest.approx(order, rel=1e-5)
    assert found.extrapolated == pytest.approx(TRUTH, abs=1e-4 * error)
    assert found.uncertainty == pytest.approx(1.25 * error, rel=1e-3)
    assert found.gci_percent == pytest.approx(125 * error / abs(values[-1]), rel=1e-3)


@NUMBERS
@RATIOS
@pytest.mark.parametrize(("order", "used"), [(0.3, 0.5), (2.3, 2.0), (3.5, 2.0)])
def test_other_orders_are_clipped_and_the_interval_still_holds(
    order: float, used: float, ratio: float, count: int
) -> None:
    found = estimate(*power_law(order, ratio, count), 2.0)
    assert found.observed_order == pytest.approx(order, rel=1e-5)
    assert found.order == used
    assert contains_the_truth(found)


def test_the_formal_order_is_that_of_the_elements() -> None:
    found = estimate(*power_law(3.0, 2.0, 3), 3.0)
    assert found.extrapolated == pytest.approx(TRUTH, rel=1e-9)
    assert found.order == pytest.approx(3.0, rel=1e-5)


def test_an_order_that_is_not_credible_costs_safety() -> None:
    """An observed order of 4 where 2 is possible: the range of the values, not 1.25 times next to nothing."""
    sizes, values = power_law(4.0, 2.0, 3)
    assert estimate(sizes, values, 2.0).uncertainty == pytest.approx(np.ptp(values))
    assert (estimate(sizes, values, 4.0).uncertainty or 0) < 0.05 * np.ptp(values)


def test_the_published_example() -> None:
    """Celik et al. 2008, first column of their table: unequal ratios 1.5 and 1.333."""
    found = estimate([2.0, 1.5, 1.0], [5.863, 5.972, 6.063], 2.0)
    assert found.observed_order == pytest.approx(1.53, abs=5e-3)
    assert found.extrapolated == pytest.approx(6.1685, abs=5e-4)
    assert found.gci_percent == pytest.approx(2.2, abs=0.05)


def test_a_level_that_is_missing_between_others_does_no_harm() -> None:
    sizes, values = power_law(1.7, 2.0, 5)
    found = estimate([sizes[k] for k in (0, 1, 4)], [values[k] for k in (0, 1, 4)], 2.0)
    assert found.observed_order == pytest.approx(1.7, rel=1e-5)
    assert found.extrapolated == pytest.approx(TRUTH, rel=1e-9)


@pytest.mark.parametrize("count", [3, 4, 5])
def test_noise_stays_within_the_interval(count: int) -> None:
    """Noise of a tenth of the last difference on every value: the interval fails at most once in fifty."""
    sizes, values = power_law(1.8, 2**0.5, count)
    random, noise = np.random.default_rng(1), 0.1 * abs(values[-1] - values[-2])
    found = [estimate(sizes, values + noise * random.uniform(-1, 1, count), 2.0) for _ in range(50)]
    assert np.mean([contains_the_truth(one) for one in found]) >= 0.98


def test_oscillation_gives_the_finest_value_and_the_range() -> None:
    values = [TRUTH + 0.3 * (-0.6) ** k for k in range(4)]
    found = estimate([8, 4, 2, 1], values, 2.0)
    assert (found.convergence, found.observed_order, found.order) == ("oscillating", None, None)
    assert (found.extrapolated, found.uncertainty) == (values[-1], pytest.approx(np.ptp(values[-3:])))
    assert contains_the_truth(found)


@pytest.mark.parametrize("values", [[1.0, 1.1, 1.3], [1.0, 1.1, 0.8], [1.0, 1.0, 1.1], [1.0, 1.125, 1.25]])
def test_differences_that_do_not_shrink_are_told(values: list[float]) -> None:
    found = estimate([4, 2, 1], values, 2.0)
    assert (found.convergence, found.observed_order) == ("diverging", None)
    assert found.uncertainty == pytest.approx(3 * np.ptp(values))


@pytest.mark.parametrize(
    "values",
    [[2.0, 2.0, 2.0], [2.0, 2.0 + 1e-11, 2.0 - 1e-11], [0.0, 0.0], [2.0, 2.0], [1.1, 1.0, 1.0, 1.0]],
)
def test_differences_at_round_off_have_no_order(values: list[float]) -> None:
    found = estimate([8, 4, 2, 1][: len(values)], values, 2.0)
    assert (found.convergence, found.observed_order, found.order) == ("constant", None, None)
    assert (found.extrapolated, found.uncertainty) == (values[-1], np.ptp(values))


@pytest.mark.parametrize("formal", [2.0, 3.0])
def test_two_levels_take_the_formal_order_and_three_times_the_error(formal: float) -> None:
    sizes, values = power_law(formal, 2**0.5, 2)
    found = estimate(sizes, values, formal)
    assert (found.convergence, found.observed_order, found.order) == ("undetermined", None, formal)
    assert found.extrapolated == pytest.approx(TRUTH, rel=1e-12)
    assert found.uncertainty == pytest.approx(3 * abs(values[-1] - TRUTH), rel=1e-9)


@pytest.mark.parametrize("count", [0, 1])
def test_less_than_two_levels_say_nothing(count: int) -> None:
    found = estimate([1.0][:count], [2.0][:count], 2.0)
    assert found == Estimate("undetermined", None, None, None, None, None)


@pytest.mark.parametrize(
    ("values", "first"),
    [
        ([1.05, 1.01, 1.0], 1),
        ([1.01, 1.05, 1.01], 2),
        ([1.01, None, 1.0], 0),
        ([None, 1.01, None], 1),
        ([1.0, 1.0, 1.05], None),
        ([None, None], None),
    ],
)
def test_the_coarsest_level_that_is_good_enough(values: list[float | None], first: int | None) -> None:
    assert coarsest_within(values, 1.0, 0.02) == first


# Names of scalars


def labels(*texts: str, at: tuple[str, ...] = (), of: Case | None = None) -> list[str]:
    return [one.label for one in wanted(of or case(NUCLEUS), texts, at)]


def test_defaults_are_tip_voltage_and_shares() -> None:
    assert labels() == ["tip_m", "voltage_V", "li_share_A", "li_share_B"]
    drive = {"mode": "potentiostatic", "voltage": "3 mV"}
    assert "current_density_A_m2" in labels(of=case(NUCLEUS, {"drive": drive}))
    one = {"microstructure.layers": [{"material": "A", "share": 1.0}]}
    assert labels(of=case(NUCLEUS, one)) == ["tip_m", "voltage_V"]


def test_what_islands_hold_can_be_asked_for_where_they_float() -> None:
    floating = case(NUCLEUS, {"anode.islands": "floating"})
    assert labels("islands", "charge_dead_C_m2", of=floating) == ["islands", "charge_dead_C_m2"]
    with pytest.raises(InputError, match="unknown name"):
        labels("charge_dead_C_m2")


def test_times_belong_to_columns_without_one_of_their_own() -> None:
    found = wanted(
        case(NUCLEUS), ["tip_m", "ohmic_V@ 1 min", "t_short_s", "sigma_eff_x_S_m"], ["5 min", "0 s"]
    )
    assert [(one.label, one.time) for one in found] == [
        ("tip_m@5 min", 300.0),
        ("tip_m@0 s", 0.0),
        ("ohmic_V@1 min", 60.0),
        ("t_short_s", None),
        ("sigma_eff_x_S_m", None),
    ]
    assert wanted(case(NUCLEUS), ["tip_m"], [])[0].time == 1200.0
    assert [one.words for one in found] == [
        "height of the tip at 5 min (m)",
        "height of the tip at 0 s (m)",
        "ohmic, electrolyte at 1 min (V)",
        "time to a short circuit (s)",
        "effective conductivity along x (S/m)",
    ]
    assert labels("tip_m", "tip_m") == ["tip_m"]


def test_the_conductivity_is_that_between_the_electrodes() -> None:
    """Along the last axis, y in 2D and z in 3D; of others by their name."""
    found = {axis: {"sigma_eff_S_m": value} for axis, value in zip("xyz", (1.0, 2.0, 3.0), strict=True)}
    nucleus = {"position": "6 um", "across": "3 um", "radius": "2.5 um"}
    solid = case(NUCLEUS, {"microstructure.breadth": "6 um", "anode.initial.nuclei": [nucleus]})
    names = ["sigma_eff_S_m", "sigma_eff_y_S_m", "sigma_eff_z_S_m"]
    assert [conductivity_of(one, found) for one in wanted(solid, names, [])] == [3.0, 2.0, 3.0]
    flat = {axis: found[axis] for axis in "xy"}
    assert [conductivity_of(one, flat) for one in wanted(case(NUCLEUS), names[:2], [])] == [2.0, 2.0]
    with pytest.raises(InputError, match=r"sigma_eff_z_S_m: unknown name.*Did you mean"):
        wanted(case(NUCLEUS), names, [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tip", ["--quantity tip", "Allowed: current_density_A_m2, voltage_V", "Did you mean tip_m?"]),
        ("li_share_C", ["Did you mean li_share_"]),
        ("tip_m@1 um", ["--quantity tip_m@1 um", "does not convert to s"]),
        ("tip_m@", ["--quantity tip_m@"]),
        ("tip_m@21 min", ["from 0 to time.end = 1200 s"]),
        ("t_short_s@5 min", ["t_short_s has no time"]),
    ],
)
def test_wrong_names_and_times_are_told(text: str, words: list[str]) -> None:
    with pytest.raises(InputError) as error:
        labels(text)
    for word in words:
        assert word in str(error.value)


def run_of(status: str, end: float) -> Any:
    """A tip that rises by 1 µm in 100 s, to `end` s."""
    t = np.arange(0.0, end + 1, 100.0)
    return SimpleNamespace(
        case=case(NUCLEUS), series={"t_s": t, "tip_m": 1e-8 * t}, summary={"status": status}, end=end
    )


def test_values_between_steps_are_interpolated_and_none_is_made_up() -> None:
    run = run_of("short_circuit", 1800.0)
    assert value_of(Wanted("", "tip_m", 250.0, ""), run) == pytest.approx(2.5e-6)
    with pytest.raises(Missing, match="ended at t = 1800 s"):
        value_of(Wanted("", "tip_m", 1801.0, ""), run)


def test_the_time_to_short_is_when_the_tip_is_a_front_s_width_from_the_counter_electrode() -> None:
    short = Wanted("t_short_s", "t_short_s", None, "")
    assert value_of(short, run_of("short_circuit", 1800.0)) == pytest.approx((20 - 4.39 * 0.5) * 100)
    with pytest.raises(Missing, match="no short circuit until t = 1200 s"):
        value_of(short, run_of("finished", 1200.0))


# What is told


def findings() -> Findings:
    """Four levels, of which the second failed and the finest is short before the end."""
    made = []
    for k in range(4):
        level = Level(f"level_{k}", case(NUCLEUS), 1e-6 / 2**k, 0.5e-6, 0.2)
        values = {"a": TRUTH + 0.3 / 4**k, "b": 1.0 + 1.0 / 2**k, "zero": 0.0}
        missing = {}
        if k == 3:
            missing = {"b": "the run ended at t = 5 s"}
            values.pop("b")
        status, reason = ("failed", "it broke") if k == 1 else ("finished", "")
        made.append(LevelResult(level, status, reason, 10, 20, 30, 1.5, values, missing))
    words = {"a": "height of a (m)", "b": "b", "zero": "nothing"}
    return Findings("case.toml", "mesh", 2.0, 2.0, words, tuple(made))


def test_a_failed_level_does_not_count() -> None:
    told = findings().as_json()
    assert told["quantities"]["a"]["values"][1] is None
    assert told["quantities"]["a"]["observed_order"] == pytest.approx(2.0, rel=1e-5)
    assert told["quantities"]["a"]["extrapolated"] == pytest.approx(TRUTH, rel=1e-9)
    assert told["quantities"]["b"]["differences"] == [None, None, pytest.approx(-0.75), None]
    assert told["quantities"]["b"]["convergence"] == "undetermined"
    assert told["quantities"]["zero"]["convergence"] == "constant"
    assert [level["status"] for level in told["levels"]] == ["finished", "failed", "finished", "finished"]
    assert told["levels"][1]["reason"] == "it broke"
    assert told["levels"][2]["h_m"] == 0.25e-6
    assert told["levels"][3]["missing"] == {"b": "the run ended at t = 5 s"}


def test_the_report_tells_what_is_wrong_and_what_is_needed() -> None:
    study = findings()
    kept, *others = notes(study)
    assert kept.startswith("λ is the same on all levels") and "--refine all" in kept
    assert notes(replace(study, refine="all")) == others
    assert others == [
        "level_1 failed: it broke.",
        "b is missing on level_3: the run ended at t = 5 s.",
    ]
    sentences = " ".join(resolution(study))
    assert (
        "level_2 (h = 0.25 µm) is the coarsest level within 2 % of the extrapolated value of every other"
        in sentences
    )
    assert "No level is within 2 % of the extrapolated value of b." in sentences
    text = as_markdown(study)
    assert "* `a`: height of a (m)\n" in text
    for note in notes(study):
        assert f"* {note}" in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in tables)
    assert len(tables) == (2 + 4) + 2 * (2 + 3)
    assert [row[4] for row in estimates_sheet(study).rows] == ["2.00", "2 assumed", "constant"]


def test_the_figure_shows_distances_and_orders() -> None:
    (axes,) = draw_convergence(findings()).axes
    shown = {str(line.get_label()): line for line in axes.lines if not str(line.get_label()).startswith("_")}
    assert set(shown) == {"height of a (m)\np = 2.00", "b\np = 2 assumed"}
    x, y = (np.asarray(part) for part in shown["height of a (m)\np = 2.00"].get_data())
    assert x == pytest.approx([1.0, 0.25, 0.125])
    assert y == pytest.approx(100 * 0.3 / TRUTH * x**2, rel=1e-4)


def test_a_figure_without_distances_says_so() -> None:
    study = findings()
    (axes,) = draw_convergence(Findings("c", "mesh", 2.0, 2.0, {"zero": ""}, study.levels)).axes
    assert [text.get_text() for text in axes.texts] == ["no distance to show"]


# Children


def run_child(command: list[str], log: Path) -> Ended:
    with Children() as children:
        return children.run(command, log)


def test_the_output_and_the_exit_code_of_a_child_are_kept(tmp_path: Path) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("of someone else")
    (tmp_path / "log").symlink_to(victim)
    script = "import os, sys; print(os.environ['OMP_NUM_THREADS']); sys.exit('bad')"
    ended = run_child([sys.executable, "-c", script], tmp_path / "log")
    assert (ended.code, ended.told_to_stop) == (1, False)
    assert sorted((tmp_path / "log").read_text().split()) == ["1", "bad"]
    assert victim.read_text() == "of someone else"
    assert (
        run_child([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"], tmp_path / "log").code == -9
    )


def test_a_signal_is_passed_on_to_the_child(tmp_path: Path) -> None:
    script = (
        "import signal, sys, pathlib, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(75))\n"
        f"pathlib.Path({str(tmp_path / 'ready')!r}).touch()\n"
        "time.sleep(60)\n"
    )
    before = signal.getsignal(signal.SIGTERM)

    def stop() -> None:
        while not (tmp_path / "ready").exists():
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=stop)
    thread.start()
    ended = run_child([sys.executable, "-c", script], tmp_path / "log")
    thread.join()
    assert (ended.code, ended.told_to_stop) == (75, True)
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_signal_between_two_commands_starts_no_other(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGUSR1)
    with Children() as children:
        assert not children.run(["true"], tmp_path / "log").told_to_stop
        os.kill(os.getpid(), signal.SIGUSR1)
        assert children.run(["touch", str(tmp_path / "made")], tmp_path / "log").told_to_stop
    assert not (tmp_path / "made").exists()
    assert signal.getsignal(signal.SIGUSR1) == before


def test_a_child_is_no_rank_of_the_launcher_above(monkeypatch: pytest.MonkeyPatch) -> None:
    ranks = {"PMI_RANK", "PMIX_RANK", "HYDI_CONTROL_FD", "MPI_LOCALRANKID", "OMPI_COMM_WORLD_RANK"}
    settings = {"HYDRA_LAUNCHER", "SLURM_JOB_ID", "OMPI_MCA_btl", "MPIR_CVAR_CH4_NETMOD"}
    for name in ranks | settings:
        monkeypatch.setenv(name, "1")
    names = set(environment_of_its_own())
    assert settings <= names and not ranks & names


def test_ranks_need_a_positive_number_and_mpiexec(monkeypatch: pytest.MonkeyPatch) -> None:
    assert launcher(1) == []
    assert launcher(3)[1:] == ["-n", "3"]
    with pytest.raises(InputError, match="--ranks 0"):
        launcher(0)
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(InputError, match="needs mpiexec"):
        launcher(2)
