"""The line under a figure: what was run, in the numbers that a reader asks for first."""

import textwrap
from collections.abc import Iterable

from fem_model.base.constants import T_DEFAULT, ZERO_CELSIUS
from fem_model.case import Case
from fem_model.case.drives import Galvanostatic, Potentiostatic
from fem_model.case.flaws import Flaws
from fem_model.case.sections import Film, Nuclei
from fem_model.plot.style import time_unit
from fem_model.post.load import Run

_NO_BREAK = "\N{NO-BREAK SPACE}"
_ENDS = {"short_circuit": "short circuit", "exhausted": "no lithium left", "contact_lost": "contact lost"}
_ENDS |= {"stopped": "stopped", "failed": "failed"}


def caption(run: Run, width: int, *notes: str) -> str:
    """Notes on the figure, contacts, temperature and pressure, drive, size, start and λ.

    Unless the run reached its end, also how it ended.
    Lines have at most `width` letters, and none breaks within an item.
    """
    items = [item.replace(" ", _NO_BREAK) for item in (*notes, *_items(run))]
    return textwrap.fill(f"{_NO_BREAK}· ".join(items), width, break_long_words=False, break_on_hyphens=False)


def at_last_output(run: Run) -> str:
    """The time of the last output, as a note on a figure."""
    unit, seconds = time_unit(run.end)
    return f"at {run.times[-1] / seconds:.3g} {unit}"


def _items(run: Run) -> list[str]:
    case = run.case
    front, anode = (1e4 * case.charge_transfer(part) for part in (case.kinetics, case.anode))
    return [
        f"$R_{{ct}}$ = {front:.3g} Ω cm² at the front, {anode:.3g} Ω cm² at the anode",
        *_cell(case),
        _drive(case),
        _size(case),
        _start(case),
        f"λ = {_um([case.phase_field.lam])}",
        *_end(run),
    ]


def _cell(case: Case) -> list[str]:
    """Temperature and pressure, as far as the case gives them."""
    temperature, stack = case.kinetics.temperature, case.stack
    warm = [] if temperature == T_DEFAULT else [f"{_number(temperature - ZERO_CELSIUS)} °C"]
    return [*warm, f"{_number(stack.pressure / 1e6)} MPa"] if stack else warm


def _drive(case: Case) -> str:
    if isinstance(case.drive, Galvanostatic):
        return f"{_number(case.drive.current / 10)} mA/cm²"
    if isinstance(case.drive, Potentiostatic):
        return f"{_number(case.drive.voltage * 1e3)} mV"
    return f"{case.drive.mode}, up to {_number(case.nominal_current() / 10)} mA/cm²"


def _size(case: Case) -> str:
    *along, depth = (_number(1e6 * length) for length in case.microstructure.extent)
    return f"depth {depth} µm" if len(along) == 1 else f"{' × '.join(along)} µm of anode, depth {depth} µm"


def _start(case: Case) -> str:
    start = case.anode.initial
    if isinstance(start, Nuclei):
        count = len(start.nuclei)
        radius = _um(nucleus.radius for nucleus in start.nuclei)
        return f"{count} {'nucleus' if count == 1 else 'nuclei'} of radius {radius}"
    if isinstance(start, Flaws):
        flaws = start.all(case.microstructure.extent[:-1])
        lengths = [flaw.length for flaw in flaws if flaw.length is not None]
        what = f" of {_um(lengths)}" if lengths else ""
        return f"{len(flaws)} {'flaw' if len(flaws) == 1 else 'flaws'}{what}"
    return _film(start) if isinstance(start, Film) else "bare foil"


def _film(film: Film) -> str:
    text = f"film of {_um([film.thickness])}"
    if film.amplitude:
        text += f" ± {_um([film.amplitude])}, wavelength {_um([film.wavelength])}"
    return text


def _end(run: Run) -> list[str]:
    """End of the run, if not at its end time."""
    if run.summary is None:
        return ["still running"]
    status = run.summary.get("status")
    return [_ENDS[status]] if status in _ENDS else []


def _um(lengths: Iterable[float]) -> str:
    """One length in µm, or the range of several."""
    found = sorted({_number(1e6 * length) for length in lengths}, key=float)
    return f"{'–'.join(dict.fromkeys([found[0], found[-1]]))} µm"


def _number(value: float) -> str:
    return f"{value:.4g}"
