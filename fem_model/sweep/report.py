"""Writes the results of a sweep, and says of how many members they are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fem_model.base.atomic import make_own_folder
from fem_model.plot.saving import save_figure
from fem_model.post.writing import save_rows
from fem_model.sweep.figure import Picture
from fem_model.sweep.pairs import COLUMNS, Comparison, comparisons
from fem_model.sweep.plan import Plan, Quantity
from fem_model.sweep.results import Result, table
from fem_model.sweep.spacing import as_file_name

FIGURES = "figures"


@dataclass(frozen=True)
class Report:
    """Results of all members, with what can be compared."""

    plan: Plan
    results: Sequence[Result]

    @cached_property
    def compared(self) -> list[Comparison]:
        """All comparisons."""
        return comparisons(self.plan, self.results)

    def save(self, folder: Path, *, pdf: bool = False) -> list[Path]:
        """Write tables and a figure for each quantity that a member has; the paths.

        Raises InputError if that cannot be.
        """
        make_own_folder(folder)
        make_own_folder(folder / FIGURES)
        paths = save_rows(*table(self.plan, self.results), folder / "sweep")
        if self.compared:
            paths += save_rows(COLUMNS, [one.row for one in self.compared], folder / "pairs")
        for quantity in self.plan.quantities:
            picture = self.picture(quantity)
            if picture.all.count:
                paths += save_figure(picture.draw(), folder / FIGURES / as_file_name(quantity.label), pdf=pdf)
        return paths

    def picture(self, quantity: Quantity) -> Picture:
        """The drawing of a quantity, with its comparisons along the first axis that varies."""
        own = [one for one in self.compared if one.quantity == quantity.label]
        first = [one for one in own if one.axis == self.plan.varied[0]]
        return Picture(self.plan, quantity, self.results, first)

    def missing(self) -> list[str]:
        """A sentence for each quantity that some members do not have, with how these stand."""
        return [sentence for one in self.plan.quantities if (sentence := self._missing(one.label))]

    def _missing(self, quantity: str) -> str:
        without = Counter(one.state.status for one in self.results if quantity not in one.values)
        if not without:
            return ""
        count = len(self.results) - without.total()
        told = ", ".join(f"{number} {status.replace('_', ' ')}" for status, number in without.items())
        pairs = [one.difference for one in self.compared if one.quantity == quantity]
        there = (
            f", {sum(one.count for one in pairs)} of {sum(one.of for one in pairs)} pairs" if pairs else ""
        )
        return f"{quantity}: {count} of {len(self.results)} members have it{there}; without it: {told}"
