"""A run as notebooks show it: how it ended, a few numbers, and the figures that are there."""

from base64 import b64encode
from html import escape

from fem_model.base.outcome import landmarks
from fem_model.base.units import readable
from fem_model.post.load import Run
from fem_model.record.observables.tips import TIP
from fem_model.record.observables.voltage import CURRENT, VOLTAGE

FIGURES = ("front", "lithium", "voltage")
"""Figures of the folder `figures` that are shown, if they are there."""
ROWS = ((TIP, "m"), (VOLTAGE, "V"), (CURRENT, "A/m^2"))
"""Columns of the series whose last values are shown, in units that a person reads."""


def as_html(run: Run) -> str:
    """A piece of HTML that needs nothing beside it; all text of the run is escaped."""
    summary = run.summary or {"status": "not ended", "reason": "running, or killed"}
    ending = str(summary["status"]).replace("_", " ")
    lines = [f"{ending}: {summary.get('reason', '')}", *landmarks(summary)]
    rows = [("time", readable(run.end, "s", 4)), ("steps", f"{len(run.series[TIP.name]) - 1}")]
    rows += [(c.label, readable(float(run.series[c.name][-1]), unit, 4)) for c, unit in ROWS]
    table = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    title = run.case.title or str(run.folder)
    text = "<br>".join(escape(line) for line in lines)
    return f"<h4>{escape(title)}</h4><p>{text}</p><table>{table}</table>{''.join(_pictures(run))}"


def _pictures(run: Run) -> list[str]:
    files = [run.folder / "figures" / f"{name}.png" for name in FIGURES]
    return [_picture(file.stem, file.read_bytes()) for file in files if file.is_file()]


def _picture(name: str, png: bytes) -> str:
    return f'<img alt="{name}" width="480" src="data:image/png;base64,{b64encode(png).decode()}">'
