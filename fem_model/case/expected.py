"""Estimates the number of steps of a run, as a range, before it starts."""

import math

from fem_model.base.constants import F
from fem_model.case.case import Case
from fem_model.case.drives import Stage
from fem_model.case.sections import Film, FixedCounter
from fem_model.laws.kinetics import capillary_diffusivity
from fem_model.materials import PORE, V_m

SLOWEST, FASTEST = 0.5, 4.0
"""Speed of the fastest tip over that of a flat front. Foil beside nuclei, islands and reactions take up to
half of the current, less where nuclei are as high as the Wagner length; sharp tips at a low resistance get
several times their share."""
LADDER = 2**0.25
"""Steps are rounded down to a ladder of this ratio."""
WANTED = 2
"""Steps, at most, that each time which must be met exactly adds: the last one before it is halved."""
REST = 10
"""Steps of a rest, at most: each is up to four times as long as the one before."""
WINDING = 3.0
"""Way of the tip of a crack over the distance to the counter electrode, at most, the ways of others counted
where they are the fastest."""
THICKER = 0.1
"""Growth of the product of a parabolic reaction in a step, over its thickness."""
VOID_CHANGE, VOID_SHARE = 0.05, 0.2
"""Largest changes of the thickness v of voids in a step: over h_v, and over what is left of it."""
LEAST_CONTACT = 1e-6
"""Contact that a cell keeps: it takes no part in what is decided, and lets voids be filled again."""


def _diffusivity(case: Case) -> float:
    """Largest diffusivity of a front along itself by its surface energy, m²/s."""
    slope = _largest_i0_factor(case) / case.charge_transfer(case.kinetics)
    return capillary_diffusivity(slope, case.phase_field.gamma) if case.phase_field.curvature_acts else 0.0


def _largest_i0_factor(case: Case) -> float:
    """Largest factor that a boundary and a product put on i₀."""
    near = max([1.0, *(boundary.i0_factor for boundary in case.boundaries)])
    of_materials = max(case.contact_factors().values())
    return of_materials * near * max([1.0, *(reaction.i0_factor for reaction in case.reactions)])


class Count:
    """Steps so far, `least` and `most`, at a time (s).

    `net` is how far a flat front would have moved, m, `plated` that without what is stripped.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.least = self.most = self.time = self.net = self.plated = 0.0
        resistance = case.charge_transfer(case.kinetics)
        sigma = min(material.sigma for name, material in case.material_table().items() if name != PORE)
        self.wagner, self.foil = sigma * resistance, max(case.charge_transfer(case.anode) / resistance, 1.0)
        self.start, self.stock = case.anode.initial.height, case.anode.foil_thickness
        self.nucleus = 0.0 if isinstance(case.anode.initial, Film) else self.start
        self.gap = case.microstructure.depth - self.start
        self.speed = V_m / F / case.mean_room()
        self.resistance, self.diffusivity = case.nominal_resistance(), _diffusivity(case)
        self.lost = case.voids.thickness if case.voids else math.inf
        self.healing = V_m / F * case.healing()

    def add(self, stage: Stage) -> bool:
        """Add a stage, as far as the run goes; whether it goes on."""
        current = stage.current if stage.current is not None else (stage.voltage or 0.0) / self.resistance
        speed, end = self.speed * current, self.case.time.end
        longest = min(stage.duration, stage.capacity / abs(current) if current else math.inf)
        room = self._room(speed)
        duration = min(longest, room, end - self.time)
        self.most += self._most(speed, duration)
        blocked = self.case.intrusion is not None or self.start == 0  # what resists, or no front at all
        early = math.isfinite(stage.limit) or stage.cutoff or blocked or self._losing(speed) > 0
        self.least += 1.0 if early else self._least(speed, duration) * self._before_a_short(speed, duration)
        self.time, self.net = self.time + duration, self.net + speed * duration
        self.plated += max(speed, 0.0) * duration
        return duration < room and self.time < end * (1 - 1e-12)

    def focus(self, height: float) -> float:
        """Speed of the tip of lithium that is `height` m high over that of a flat front, at most.

        A tip shortens the way of the current by its height, which counts against the Wagner length σ R_ct;
        where the foil has the larger resistance, R_anode/R_ct as much goes to nuclei. FASTEST bounds it.
        """
        return min((1 + height / self.wagner) * self.foil, FASTEST)

    def _room(self, speed: float) -> float:
        """Time (s) after which flat lithium fills the gap, or all there is has been stripped."""
        if speed == 0:
            return math.inf
        return max(self.gap - self.net if speed > 0 else self.net + self.stock + self.start, 0) / abs(speed)

    def _flat(self, speed: float, duration: float) -> float:
        """Steps of a flat front."""
        return abs(speed) * duration / (self.case.time.front_step * self.case.phase_field.lam)

    def _least(self, speed: float, duration: float) -> float:
        if self.case.time.step:
            return duration / self.case.time.step
        slowest = min(SLOWEST * (1 + self.nucleus / self.wagner), 1.0)
        return max(slowest * self._flat(speed, duration), 1.0)

    def _most(self, speed: float, duration: float) -> float:
        if self.case.time.step:
            return math.ceil(duration / self.case.time.step * (1 - 1e-12))
        height = self.start + max(self.net, self.net + speed * duration, 0.0)
        moving = self.focus(height) * self._flat(speed, duration)
        if self.case.intrusion:
            moving = WINDING * self._flat(self.gap, 1.0)
        moving = max(moving, self._rounding(height, duration), self._filling(speed, duration))
        return LADDER * (moving + self._losing(speed)) + (WANTED if speed else REST)

    def _rounding(self, height: float, duration: float) -> float:
        """Steps in which curvature alone, which moves what has a radius r at D/r, could move a front."""
        return self._flat(min(math.sqrt(2 * self.diffusivity * duration), height), 1.0)

    def _filling(self, speed: float, duration: float) -> float:
        """Steps in which voids could form or fill, whatever heals."""
        return abs(speed) * self.case.mean_room() * duration / (VOID_CHANGE * self.lost)

    def _losing(self, speed: float) -> float:
        """Steps, at most, in which the last of the contact is lost at a face that is stripped."""
        is_stripped = speed < 0 or not isinstance(self.case.counter, FixedCounter)
        if not (self.case.voids and is_stripped and abs(speed) * self.case.mean_room() > self.healing):
            return 0.0
        return math.log(LEAST_CONTACT * VOID_SHARE / VOID_CHANGE) / math.log(1 - VOID_SHARE)

    def _before_a_short(self, speed: float, duration: float) -> float:
        """Share of a stage before the fastest tip could come through."""
        left = self.gap / FASTEST - self.plated
        if speed <= 0:
            return 1.0 if left > 0 else 0.0
        return min(max(left / (speed * duration), 0.0), 1.0) if duration else 0.0


def expected_steps(case: Case) -> tuple[int, int]:
    """Steps of a run, at least and at most.

    A step moves the fastest tip by front_step lam, so that a flat front gives the scale: V_m q/F over that, q
    the charge of a stage. Tips are from SLOWEST to `Count.focus` times as fast, and the ladder of steps,
    stages, outputs, capillarity, voids and parabolic reactions add to them. The least ends where the fastest
    tip would have come through, and takes one step for a stage that a limit of the voltage or a loss of
    contact can end. No run goes beyond flat lithium that fills the gap, or an anode that is used up.
    Reactions of constant rate are not counted.
    """
    count, times = Count(case), case.time.output_times()
    for stage in case.drive.stages():
        if not count.add(stage):
            break
    laws = [(r.section.start_thickness or 0.0, r.diffusivity) for r in case.reaction_table()]
    thicker = [math.log1p(2 * D * count.time / start**2) / (2 * THICKER) for start, D in laws if D]
    most = count.most + math.fsum(thicker) + WANTED * sum(time <= count.time for time in times)
    return max(math.floor(count.least), 1), math.ceil(most)
