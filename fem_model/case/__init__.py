"""The typed case: TOML in, frozen and validated SI values out."""

from fem_model.case.case import Case
from fem_model.case.derived import Derived, derive
from fem_model.case.load import change_case, load_case, load_conductivities, make_case
from fem_model.case.resolved import ResolvedMaterial
from fem_model.case.rules import WIDTH_10_90
from fem_model.case.schema import json_schema
from fem_model.case.write import case_to_toml

__all__ = [
    "WIDTH_10_90",
    "Case",
    "Derived",
    "ResolvedMaterial",
    "case_to_toml",
    "change_case",
    "derive",
    "json_schema",
    "load_case",
    "load_conductivities",
    "make_case",
]
