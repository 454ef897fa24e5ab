"""`fem-model verify` around its checks: entries, names, what is printed and written, and how it ends."""

import json
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.base.errors import InputError, SolverError
from fem_model.study.verification import registry
from fem_model.study.verification.entry import Check, Entry, Report, absolute, as_json, below, relative
from fem_model.study.verification.orders import Curve
from fem_model.study.verification.registry import CHECKS, chosen
from tests.command import call

KEYS = {"name", "quantity", "expected", "measured", "error", "tolerance", "unit", "passed"}


# Entries


def test_errors_are_relative_or_absolute() -> None:
    assert relative("a", "speed", 2.0, 2.1, 0.1, "m/s").error == pytest.approx(0.05)
    assert absolute("a", "order", 2.0, 1.7, 0.2).error == pytest.approx(0.3)
    assert below("a", "drift", 1e-3, -2e-3).error == pytest.approx(2e-3)


@pytest.mark.parametrize(
    ("error", "passed"),
    [(0.0, True), (0.1, True), (0.11, False), (float("nan"), False), (float("inf"), False)],
)
def test_only_errors_within_the_tolerance_pass(error: float, passed: bool) -> None:
    assert Entry("a", "q", 1.0, 1.0, error, 0.1).passed is passed


def test_what_is_no_number_passes_nowhere_and_is_null_in_json() -> None:
    for entry in (relative("a", "q", 1.0, float("nan"), 0.1), below("a", "q", 0.1, float("-inf"))):
        written = as_json(entry)
        assert set(written) == KEYS
        assert not written["passed"]
        assert written["measured"] is None and written["error"] is None
        json.dumps(written, allow_nan=False)


def test_the_order_of_a_curve_is_that_of_its_power() -> None:
    sizes = [0.4, 0.2, 0.1]
    curve = Curve("c", sizes, [3 * h**1.5 for h in sizes], 2.0)
    assert curve.order == pytest.approx(1.5)
    assert not curve.entry("a", "error", 0.4).passed
    assert curve.entry("a", "error", 0.6).passed


# Names


def test_every_check_has_a_name_of_its_own_and_says_what_it_is() -> None:
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)
    assert {"effective_conductivity", "manufactured", "allen_cahn_benchmark", "ledger", "partition"} <= set(
        names
    )
    assert all(check.what.endswith(".") and check.name.isidentifier() for check in CHECKS)


def test_checks_run_in_their_order_and_once() -> None:
    assert chosen([]) == list(CHECKS)
    first, second = CHECKS[0], CHECKS[1]
    assert chosen([second.name, first.name, second.name]) == [first, second]


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"manufactured\. Did you mean|Did you mean manufactured\?"):
        chosen(["manufacturd"])


# The command


def good(comm: MPI.Comm, full: bool) -> Report:
    figure = Figure() if comm.rank == 0 else None
    return Report((absolute("good", "full (1) or not (0)", float(full), float(full), 0.0),), figure)


def bad(comm: MPI.Comm, full: bool) -> Report:
    return Report((relative("bad/case [2]", "speed", 1.0, 1.2, 0.1, "m/s"), below("bad", "drift", 1.0, 0.5)))


def unable(comm: MPI.Comm, full: bool) -> Report:
    raise SolverError("the solver gave up")


def broken(comm: MPI.Comm, full: bool) -> Report:
    return Report((absolute("broken", "nothing", 1.0, {}["nothing"], 0.0),))


FAKES = {f.__name__: Check(f.__name__, f"{f.__name__} does so.", f) for f in (good, bad, unable, broken)}


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if "verify" in request.fixturenames:
        monkeypatch.setattr(registry, "CHECKS", tuple(FAKES.values()))
        monkeypatch.setattr("fem_model.tasks.verify.CHECKS", tuple(FAKES.values()))
        monkeypatch.chdir(tmp_path)


@pytest.fixture
def verify(monkeypatch: pytest.MonkeyPatch) -> "Verify":
    return Verify(monkeypatch)


class Verify:
    """The command line in this process, with the fakes in place of the checks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def __call__(self, *arguments: str) -> int:
        return call(["verify", *arguments], self.monkeypatch)


def entries(folder: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads((folder / "verify.json").read_text(encoding="utf-8"))
    return found


def test_a_check_that_passes(verify: Verify, capfd: pytest.CaptureFixture[str]) -> None:
    assert verify("good", "--full", "--out", "here") == 0
    assert {path.name for path in Path("here").iterdir()} == {"verify.json", "good.png"}
    [entry] = entries(Path("here"))
    assert set(entry) == KEYS
    assert (entry["name"], entry["measured"], entry["passed"]) == ("good", 1.0, True)
    assert "all 1 entries ok" in capfd.readouterr().out


def test_an_entry_that_fails_fails_the_command(verify: Verify, capfd: pytest.CaptureFixture[str]) -> None:
    assert verify("good", "bad") == 4
    assert [entry["passed"] for entry in entries(Path("out/verify"))] == [True, False, True]
    told = capfd.readouterr().out
    assert "FAIL" in told and "speed, m/s" in told and "case [2]" in told
    assert "1 of 3 entries FAILED" in told


def test_a_check_that_raises_fails_and_the_rest_go_on(verify: Verify) -> None:
    assert verify() == 4
    found = {str(entry["name"]): entry for entry in entries(Path("out/verify"))}
    assert found["unable"]["quantity"] == "the solver gave up"
    assert "KeyError" in str(found["broken"]["quantity"])
    assert found["good"]["passed"] and not found["unable"]["passed"] and not found["broken"]["passed"]


def test_the_list_runs_nothing(verify: Verify, capfd: pytest.CaptureFixture[str]) -> None:
    assert verify("--list") == 0
    told = capfd.readouterr().out
    assert all(name in told and f"{name} does so." in told for name in FAKES)
    assert not list(Path.cwd().iterdir())


def test_an_unknown_check_writes_nothing(verify: Verify, capfd: pytest.CaptureFixture[str]) -> None:
    assert verify("goood") == 2
    told = capfd.readouterr().err
    assert "goood" in told and "Allowed: good, bad" in told and "Did you mean good?" in told
    assert len(told.strip().splitlines()) == 1
    assert not list(Path.cwd().iterdir())


def test_a_folder_that_is_a_file_is_refused(verify: Verify, capfd: pytest.CaptureFixture[str]) -> None:
    Path("here").write_text("kept")
    assert verify("good", "--out", "here") == 2
    assert "here" in capfd.readouterr().err
    assert Path("here").read_text() == "kept"
