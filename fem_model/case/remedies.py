"""Advice for a case at which the solver gave up: which key to change, and in which direction."""

from collections.abc import Iterator

from fem_model.base.constants import F, R
from fem_model.base.units import length, readable
from fem_model.case.case import Case

STEEP = 10.0
"""Overpotential over RT/F beyond which the kinetics change by orders of magnitude within the front."""
FAST = 1e4
"""Current density beyond which it is an unlikely wish, A/m²."""


def remedy(case: Case) -> str:
    """Advice for a run that has failed, by what is extreme in its case."""
    found = list(_remedies(case))
    general = "smaller time.front_step, mesh.cell_size_front, or a larger phase_field.lam"
    return "; ".join(found) if found else general


def _remedies(case: Case) -> Iterator[str]:
    thermal = R * case.kinetics.temperature / F
    resistance = case.charge_transfer(case.kinetics)
    stages, current = case.drive.stages(), case.nominal_current()
    voltage = max((abs(stage.voltage) for stage in stages if stage.voltage is not None), default=0.0)
    key = "drive.voltage" if voltage else "drive.current"
    if voltage > STEEP * thermal:
        yield f"lower drive.voltage: {voltage:.3g} V is above {STEEP * thermal:.2g} V, {STEEP:g} RT/F"
    elif current > FAST:
        yield f"lower {key}: {readable(current, 'A/m^2', 3)} is beyond what any cell carries"
    elif current * resistance > STEEP * thermal:
        wanted = f"the front would need {current * resistance:.2g} V at {readable(resistance, 'ohm m^2', 3)}"
        yield f"lower kinetics.R_ct or {key}: {wanted}"
    sigma = min(material.sigma for name, material in case.material_table().items())
    if case.phase_field.lam > sigma * resistance:
        yield (
            f"raise kinetics.R_ct or lower phase_field.lam: λ = {length(case.phase_field.lam)} is above "
            f"σ R_ct = {length(sigma * resistance)}"
        )
