"""The cases that checks start from, and how they change them."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from fem_model.case import Case

Tables = dict[str, Any]

FILM: Tables = {  # a strip with a flat front at 20 µm, 80 µm below a face at φ = 0
    "microstructure": {
        "layout": "layers",
        "width": "2 um",
        "depth": "100 um",
        "layers": [{"material": "E", "share": 1.0}],
    },
    "materials": {"E": {"sigma": "0.357 S/m"}},
    "mesh": {"cell_size_front": "0.5 um", "cell_size_bulk": "2 um", "front_height": "32 um"},
    "phase_field": {"lam": "1 um"},
    "kinetics": {"i0": "30 A/m^2"},
    "anode": {"initial": {"kind": "film", "thickness": "20 um"}},
    "counter": {"kind": "fixed"},
    "drive": {"mode": "potentiostatic", "voltage": "50 mV"},
    "time": {"end": "1 h"},
}

NUCLEUS: Tables = {  # one flaw where two electrolytes meet, 20 µm below a lithium electrode
    "microstructure": {
        "layout": "layers",
        "width": "12 um",
        "depth": "20 um",
        "layers": [{"material": "A", "share": 0.5}, {"material": "B", "share": 0.5}],
    },
    "materials": {"A": {"sigma": "0.526 S/m"}, "B": {"sigma": "0.357 S/m"}},
    "mesh": {"cell_size_front": "0.5 um", "cell_size_bulk": "2 um", "front_height": "8 um"},
    "phase_field": {"lam": "0.5 um"},
    "kinetics": {"R_ct": "0.8 ohm cm^2"},
    "anode": {"initial": {"kind": "nuclei", "nuclei": [{"position": "6 um", "radius": "2.5 um"}]}},
    "drive": {"mode": "galvanostatic", "current": "1 mA/cm^2"},
    "time": {"end": "20 min", "outputs": 2},
    "output": {"figures": False},
}


def tables(base: Tables, changes: Mapping[str, object] | None = None) -> Tables:
    """A copy of `base` in which keys such as "mesh.degree" have new values; None takes a key away."""
    result = deepcopy(base)
    for name, value in (changes or {}).items():
        *above, key = name.split(".")
        table = result
        for part in above:
            table = table.setdefault(part, {})
        table.pop(key, None) if value is None else table.update({key: deepcopy(value)})
    return result


def case(base: Tables, changes: Mapping[str, object] | None = None) -> Case:
    """The validated case of `tables`."""
    return Case.model_validate(tables(base, changes))


def protocol(currents: Sequence[float], durations: Sequence[float]) -> Tables:
    """The drive and time of steps at currents (A/m²) that last so long (s) each."""
    pairs = zip(currents, durations, strict=True)
    steps = [{"current": f"{i} A/m^2", "time": f"{t} s"} for i, t in pairs]
    end = {"end": f"{sum(durations)} s", "outputs": 1}
    return {"drive": {"mode": "steps", "steps": steps}, "time": end}
