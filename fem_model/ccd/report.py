"""Results of a study of the critical current density: tables of predictions and patches, and figures."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import get_args

import numpy as np

from fem_model.base.atomic import make_own_folder, write_json
from fem_model.ccd.comparison import CcdLaw, NullModel, log_likelihood, rank_correlation
from fem_model.ccd.figure import PER_A_M2, draw_inputs, draw_predictions
from fem_model.ccd.study import SEED, Prediction
from fem_model.ccd.study_file import Definition, StudyFile
from fem_model.plot.saving import save_figure
from fem_model.post.writing import save_rows

COLUMNS = (
    "electrolyte", "variant", "ccd_mA_cm2", "low_mA_cm2", "high_mA_cm2", "weibull_modulus", "beyond_patches",
    "onset_mA_cm2", "through_mA_cm2", "passage_mA_cm2", "measured_above_mA_cm2", "measured_up_to_mA_cm2",
    "probability", "null_mA_cm2",
)  # fmt: skip
PATCHES = (
    "electrolyte", "variant", "flaw_m", "onset_mA_cm2", "through_mA_cm2", "passage_mA_cm2", "decisive_m",
    "decisive_height_m", "materials",
)  # fmt: skip


def save_report(
    file: StudyFile,
    whole: Sequence[Prediction],
    others: Sequence[Prediction],
    fitted: Mapping[str, object],
    folder: Path,
    *,
    pdf: bool = False,
) -> list[Path]:
    """Write tables, summary and figures; the paths. InputError if they cannot be written.

    `whole` are the predictions with all mechanisms, `others` those without one, or with an input varied.
    """
    make_own_folder(folder)
    nulls = null_models(file, whole)
    rows = [_row(prediction, file, nulls) for prediction in (*whole, *others)]
    paths = save_rows(COLUMNS, rows, folder / "ccd")
    paths += save_rows(
        PATCHES, [line for each in (*whole, *others) for line in _patches(each)], folder / "patches"
    )
    write_json(
        folder / "ccd.json",
        {"definition": file.definition, "fitted": dict(fitted), **summary(file, whole, nulls)},
    )
    paths += [
        folder / "ccd.json",
        *save_figure(draw_predictions(file, whole, others, nulls), folder / "ccd", pdf=pdf),
    ]
    if file.varied:
        paths += save_figure(draw_inputs(file, whole, others), folder / "inputs", pdf=pdf)
    return paths


def null_models(file: StudyFile, whole: Sequence[Prediction]) -> dict[str, NullModel]:
    """The null model of each electrolyte: one voltage across any pellet, from the datum of the first fit.

    None without a fit.
    """
    known = {prediction.electrolyte.name: prediction for prediction in whole}
    for fit in list(file.fits.values())[:1]:
        reference = known[fit.to]
        assert reference.datum is not None
        voltage = (reference.datum.lower + reference.datum.upper) / 2 * reference.pellet_resistance
        return {
            name: NullModel(voltage, each.pellet_resistance, each.electrode(file.definition).modulus().value)
            for name, each in known.items()
        }
    return {}


def summary(
    file: StudyFile, whole: Sequence[Prediction], nulls: Mapping[str, NullModel]
) -> dict[str, object]:
    """Rank correlation and log-likelihood of the predictions, and of the null model, over what was measured.

    Electrolytes to which a number is fitted are left out.
    """
    fitted = {fit.to for fit in file.fits.values()}
    compared = [each for each in whole if each.datum and each.electrolyte.name not in fitted]
    data = [each.datum for each in compared if each.datum]
    if len(data) < 3:
        return {}
    electrodes = [each.electrode(file.definition) for each in compared]
    medians = [electrode.median().value for electrode in electrodes]
    models: dict[str, tuple[list[float], Sequence[CcdLaw]]] = {"prediction": (medians, electrodes)}
    if nulls:
        null = [nulls[each.electrolyte.name] for each in compared]
        models["null_model"] = ([model.median for model in null], null)
    return {
        name: {
            "kendall_tau": rank_correlation(values, data, np.random.default_rng(SEED))._asdict(),
            "log_likelihood": log_likelihood(laws, data),
            "mean_abs_log_ratio": float(
                np.mean([abs(math.log(v / d.upper)) for v, d in zip(values, data, strict=True)])
            ),
        }
        for name, (values, laws) in models.items()
    }


def _row(prediction: Prediction, file: StudyFile, nulls: Mapping[str, NullModel]) -> list[object]:
    """Numbers of a prediction; its CCD is that of half of the electrodes, with the 90 % interval."""
    electrode, datum = prediction.electrode(file.definition), prediction.datum
    measured: list[object] = [None, None, None]
    if datum:
        measured = [PER_A_M2 * datum.lower, PER_A_M2 * datum.upper, datum.probability(electrode)]
    null = nulls.get(prediction.electrolyte.name)
    return [
        prediction.electrolyte.name,
        prediction.variant,
        *(PER_A_M2 * value for value in electrode.median()),
        electrode.modulus().value,
        electrode.beyond(),
        *_each(lambda name: prediction.electrode(name).median().value),
        *measured,
        PER_A_M2 * null.median if null else None,
    ]


def _patches(prediction: Prediction) -> list[list[object]]:
    about = [prediction.electrolyte.name, prediction.variant]
    return [
        [
            *about,
            f.length_m,
            *_each(f.current_A_m2.__getitem__),
            f.place_m[0],
            f.place_m[-1],
            "|".join(f.materials),
        ]
        for f in prediction.failures
    ]


def _each(current: Callable[[Definition], float]) -> list[float]:
    """A current density by all definitions, mA/cm²."""
    return [PER_A_M2 * current(name) for name in get_args(Definition)]
