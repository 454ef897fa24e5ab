"""Results of a study of the critical current density: tables of predictions and patches, and figures."""

import fem_model._dolfinx_first  # noqa: F401

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from fem_model.base.atomic import write_json
from fem_model.ccd.comparison import NullModel, rank_correlation
from fem_model.ccd.figure import PER_A_M2, draw_inputs, draw_predictions
from fem_model.ccd.patches import Failure, conductivity
from fem_model.ccd.study import SEED, Prediction
from fem_model.ccd.study_file import StudyFile
from fem_model.plot.saving import save_figure
from fem_model.post.writing import save_rows

COLUMNS = (
    "electrolyte", "variant", "ccd_mA_cm2", "low_mA_cm2", "high_mA_cm2", "weibull_modulus",
    "weakest_patch_mA_cm2", "median_patch_mA_cm2",
    "pellet_low_mA_cm2", "pellet_high_mA_cm2", "from_patches", "beyond_patches", "largest_flaw_m",
    "onset_mA_cm2", "through_mA_cm2", "measured_above_mA_cm2", "measured_up_to_mA_cm2", "probability",
    "null_mA_cm2",
)  # fmt: skip
PATCHES = (
    "electrolyte", "variant", "flaw_m", "onset_mA_cm2", "through_mA_cm2", "passage_mA_cm2", "decisive_m",
    "decisive_height_m", "materials",
)  # fmt: skip


@dataclass(frozen=True)
class Results:
    """Predictions of a study, and the numbers that were fitted."""

    file: StudyFile
    predictions: Sequence[Prediction]
    fitted: Mapping[str, object]
    unreached: Sequence[str]
    """Names of those that no value within their bounds fits."""

    @cached_property
    def whole(self) -> list[Prediction]:
        """Predictions with all mechanisms."""
        return [each for each in self.predictions if each.variant.kind == "whole"]

    @cached_property
    def others(self) -> list[Prediction]:
        """Predictions without a mechanism, or with an input varied."""
        return [each for each in self.predictions if each.variant.kind != "whole"]

    @cached_property
    def nulls(self) -> dict[str, NullModel]:
        """The null model of each electrolyte: one voltage across any pellet, from the datum of the first fit.

        None without a fit.
        """
        resistance = {
            p.electrolyte.name: self.file.pellet.thickness / conductivity(p.case) for p in self.whole
        }
        for fit in list(self.file.fits.values())[:1]:
            (datum,) = (each.datum for each in self.whole if each.electrolyte.name == fit.to)
            assert datum is not None
            voltage = datum.middle * resistance[fit.to]
            moduli = {
                p.electrolyte.name: p.electrode(self.file.definition).modulus().value for p in self.whole
            }
            return {name: NullModel(voltage, R, moduli[name]) for name, R in resistance.items()}
        return {}

    @cached_property
    def fitted_to(self) -> dict[str, str]:
        """Fitted numbers by the electrolyte that decides."""
        return {fit.to: name for name, fit in self.file.fits.items()}


def save_report(results: Results, folder: Path, *, pdf: bool = False) -> list[Path]:
    """Write tables, summary and figures; the paths. InputError if they cannot be written."""
    file, rows = results.file, [_row(prediction, results) for prediction in results.predictions]
    paths = save_rows(COLUMNS, rows, folder / "ccd")
    paths += save_rows(
        PATCHES, [line for each in results.predictions for line in _patches(each)], folder / "patches"
    )
    about = {
        "definition": file.definition,
        "fitted": dict(results.fitted),
        "not_reached": list(results.unreached),
    }
    write_json(folder / "ccd.json", {**about, **summary(results)})
    drawn = draw_predictions(file, results.whole, results.others, results.nulls)
    paths += [folder / "ccd.json", *save_figure(drawn, folder / "ccd", pdf=pdf)]
    if file.varied:
        paths += save_figure(draw_inputs(file, results.whole, results.others), folder / "inputs", pdf=pdf)
    return paths


def summary(results: Results) -> dict[str, object]:
    """Rank correlation with what was measured, mean |ln(predicted/middle of the step)|; null model as well.

    Electrolytes to which a number is fitted are left out. Nothing for fewer than three others.
    """
    compared = [
        each for each in results.whole if each.datum and each.electrolyte.name not in results.fitted_to
    ]
    data = [each.datum for each in compared if each.datum]
    if len(data) < 3:
        return {}
    models = {"prediction": [each.electrode(results.file.definition).median().value for each in compared]}
    if results.nulls:
        models["null_model"] = [results.nulls[each.electrolyte.name].median for each in compared]
    return {
        name: {
            "kendall_tau": rank_correlation(values, data, np.random.default_rng(SEED))._asdict(),
            "mean_abs_log_ratio": float(
                np.mean([abs(math.log(v / d.middle)) for v, d in zip(values, data, strict=True)])
            ),
        }
        for name, values in models.items()
    }


def _row(prediction: Prediction, results: Results) -> list[object]:
    """Numbers of a prediction; its CCD is that of half of the electrodes, with the 90 % interval."""
    electrode, datum = prediction.electrode(results.file.definition), prediction.datum
    measured: list[object] = [None, None, None]
    if datum:
        measured = [PER_A_M2 * datum.lower, PER_A_M2 * datum.upper, datum.probability(electrode)]
    null = results.nulls.get(prediction.electrolyte.name)
    return [
        prediction.electrolyte.name,
        prediction.variant.label,
        *(PER_A_M2 * value for value in electrode.median()),
        electrode.modulus().value,
        *(PER_A_M2 * value for value in prediction.patches(results.file.definition)),
        *(PER_A_M2 * value for value in electrode.single()[1:]),
        electrode.parts().patches,
        electrode.beyond(),
        prediction.law.largest(prediction.count).value,
        *(PER_A_M2 * prediction.electrode(name).median().value for name in ("onset", "through")),
        *measured,
        PER_A_M2 * null.median if null else None,
    ]


def _patches(prediction: Prediction) -> list[list[object]]:
    about = [prediction.electrolyte.name, prediction.variant.label]
    return [
        [*about, f.length_m, *map(_mA_cm2, _currents(f)), f.place_m[0], f.place_m[-1], "|".join(f.materials)]
        for f in prediction.failures
    ]


def _currents(failure: Failure) -> tuple[float | None, ...]:
    """Current densities of a patch by all definitions, A/m²."""
    return failure.onset_A_m2, failure.through_A_m2, failure.passage_A_m2


def _mA_cm2(current: float | None) -> float | None:
    return None if current is None else PER_A_M2 * current
