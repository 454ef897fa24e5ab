"""Current, voltage, and the parts of the voltage."""

from fem_model.case import Case
from fem_model.case.sections import FixedCounter
from fem_model.record.observables.column import Column, Condition, Row
from fem_model.record.observables.observable import Instant, Observable

CURRENT = Column(
    "current_density_A_m2",
    "current density",
    "A/m²",
    "current through the counter electrode over the area of the anode; positive plates at the anode",
)
VOLTAGE = Column(
    "voltage_V",
    "voltage",
    "V",
    "potential of the counter electrode minus that of the anode, with the series resistance; the sum of the "
    "overpotentials, `ohmic_V` and `series_V`",
)
ANODE = Column(
    "overpotential_anode_V",
    "overpotential, front and anode",
    "V",
    "mean over front and anode of φ − φ_M, weighted by the current density; at rest all of the voltage",
)
OHMIC = Column(
    "ohmic_V",
    "ohmic, electrolyte",
    "V",
    "voltage lost in the electrolytes: ∫ σ|∇φ|² over the current",
)
CAPILLARY = Column(
    "capillary_V",
    "of which capillary",
    "V",
    "part of `overpotential_anode_V`: power of the capillary term over the anode's current; 0 at rest",
    when=Condition(
        "`phase_field.gamma` > 0 and `capillarity` is `physical`",
        lambda case: case.phase_field.curvature_acts,
    ),
)
PRESSURE = Column(
    "pressure_V",
    "of which pressure",
    "V",
    "part of `overpotential_anode_V`: power of the resistance to intrusion over the anode's current; 0 at "
    "rest",
    when=Condition("`kinetics.p_resist` > 0, or there is `[intrusion]`", Case.resists),
)
COUNTER = Column(
    "overpotential_counter_V",
    "overpotential, counter electrode",
    "V",
    "mean over the counter face of −φ, weighted by the current density",
    when=Condition("the counter face is lithium", lambda case: not isinstance(case.counter, FixedCounter)),
)
SERIES = Column(
    "series_V",
    "ohmic, pellet beyond the domain",
    "V",
    "current density times `counter.series_resistance`",
    when=Condition("there is a `series_resistance`", lambda case: case.counter.series_resistance > 0),
)

PARTS = (OHMIC, ANODE, COUNTER, SERIES)
"""Parts that sum up to the voltage, as figures and tables show it."""
FRONT_PARTS = (CAPILLARY, PRESSURE)
"""Parts within the overpotential of front and anode."""


class Voltage(Observable):
    """Taken from the potential and the protocol."""

    columns = (CURRENT, VOLTAGE, ANODE, OHMIC, CAPILLARY, PRESSURE, COUNTER, SERIES)

    def measure(self, now: Instant) -> Row:
        """See `Observable`."""
        model, schedule, voltages = self.subject.model, self.subject.schedule, self.subject.engine.voltages
        anode, ohmic, counter = voltages.split()
        return {
            CURRENT.name: now.passed / model.spaces.area,
            VOLTAGE.name: schedule.voltage(float(model.metal.phi.value), now.passed),
            ANODE.name: anode,
            OHMIC.name: ohmic,
            **voltages.of_front(),
            COUNTER.name: counter,
            SERIES.name: schedule.series_resistance * now.passed / model.spaces.area,
        }
