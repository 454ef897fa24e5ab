"""One current or one voltage for the whole run."""

from fem_model.case.sections import Galvanostatic, Potentiostatic
from fem_model.solve.potential import Drive


def imposed(drive: Galvanostatic | Potentiostatic, area: float) -> Drive:
    """The drive of a case over an anode of `area` m² (m times 1 m of depth in 2D).

    The counter electrode is at 0 V, so a positive voltage puts the anode at −voltage and plates there.
    """
    if isinstance(drive, Galvanostatic):
        return Drive(current=drive.current * area)
    return Drive(phi_metal=-drive.voltage)
