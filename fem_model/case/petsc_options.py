"""The options of PETSc that a case may set for the solver of the potential: their names and values.

A value is a number within bounds, true or false, or one of a few words. Free text is not among them, since
PETSc would take it for a file to write or a module to run; nor are viewers and monitors.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, core_schema

from fem_model.base.suggestion import nearest
from fem_model.case.base import Integer, KeyProblem, Number, Switch


def whole(low: int, high: int) -> Any:
    """The type of whole numbers within bounds."""
    return Annotated[Integer, Field(ge=low, le=high)]


def number(low: float, high: float) -> Any:
    """The type of numbers within bounds."""
    return Annotated[Number, Field(ge=low, le=high)]


Kinds = Mapping[str, Any]
"""Types by the names of options."""
SHARE: Final = number(0, 1)
KRYLOV: Kinds = {
    "ksp_type": Literal[
        "cg", "groppcg", "pipecg", "fcg", "cr", "minres", "gmres", "fgmres", "lgmres", "gcr", "bcgs", "bcgsl",
        "tfqmr", "richardson", "chebyshev", "preonly",
    ],
    "ksp_rtol": number(0, 0.1),
    "ksp_atol": SHARE,
    "ksp_divtol": number(1, 1e20),
    "ksp_max_it": whole(1, 100_000),
    "ksp_min_it": whole(0, 1000),
    "ksp_norm_type": Literal["none", "preconditioned", "unpreconditioned", "natural"],
    "ksp_pc_side": Literal["left", "right", "symmetric"],
    "ksp_lag_norm": Switch,
    "ksp_cg_single_reduction": Switch,
    "ksp_fcg_mmax": whole(1, 1000),
    "ksp_gcr_restart": whole(1, 1000),
    "ksp_gmres_restart": whole(1, 1000),
    "ksp_gmres_cgs_refinement_type": Literal["refine_never", "refine_ifneeded", "refine_always"],
    "ksp_gmres_modifiedgramschmidt": Switch,
    "ksp_lgmres_augment": whole(0, 100),
    "ksp_bcgsl_ell": whole(1, 20),
    "ksp_richardson_scale": number(0.01, 2),
    "ksp_richardson_self_scale": Switch,
    "ksp_chebyshev_kind": Literal["first", "fourth", "opt_fourth"],
    "ksp_chebyshev_esteig_steps": whole(1, 1000),
    "ksp_chebyshev_esteig_noisy": Switch,
}  # fmt: skip
PRECONDITIONER: Kinds = {
    "pc_type": Literal[
        "none", "jacobi", "bjacobi", "asm", "sor", "icc", "ilu", "cholesky", "lu", "gamg", "hypre",
        "redundant", "telescope",
    ],
    "pc_jacobi_type": Literal["diagonal", "rowl1", "rowmax", "rowsum"],
    "pc_jacobi_abs": Switch,
    "pc_bjacobi_local_blocks": whole(1, 100),
    "pc_asm_local_blocks": whole(1, 100),
    "pc_asm_overlap": whole(0, 20),
    "pc_asm_type": Literal["basic", "restrict", "interpolate", "none"],
    "pc_asm_local_type": Literal["additive", "multiplicative"],
    "pc_sor_omega": number(0.01, 1.99),
    "pc_sor_its": whole(1, 100),
    "pc_sor_lits": whole(1, 100),
    "pc_sor_local_symmetric": Switch,
    "pc_telescope_reduction_factor": whole(1, 1_000_000),
}  # fmt: skip
FACTORS: Kinds = {
    "pc_factor_mat_solver_type": Literal[
        "petsc", "mumps", "superlu", "superlu_dist", "umfpack", "cholmod", "strumpack", "mkl_pardiso",
        "mkl_cpardiso",
    ],
    "pc_factor_mat_ordering_type": Literal["natural", "nd", "1wd", "rcm", "qmd", "external"],
    "pc_factor_levels": whole(0, 20),
    "pc_factor_fill": number(1, 100),
    "pc_factor_shift_type": Literal["none", "nonzero", "positive_definite", "inblocks"],
    "pc_factor_shift_amount": SHARE,
    "pc_factor_zeropivot": SHARE,
    "pc_factor_reuse_ordering": Switch,
    "pc_factor_reuse_fill": Switch,
    "mat_mumps_icntl_6": whole(0, 7),
    "mat_mumps_icntl_7": whole(0, 7),
    "mat_mumps_icntl_8": whole(0, 77),
    "mat_mumps_icntl_10": whole(-10, 10),
    "mat_mumps_icntl_14": whole(0, 1000),
    "mat_mumps_icntl_23": whole(0, 10_000_000),
    "mat_mumps_icntl_24": whole(0, 1),
    "mat_mumps_icntl_28": whole(0, 2),
    "mat_mumps_icntl_29": whole(0, 2),
    "mat_mumps_icntl_35": whole(0, 3),
    "mat_mumps_icntl_36": whole(0, 1),
    "mat_mumps_icntl_58": whole(0, 2),
    "mat_mumps_cntl_1": SHARE,
    "mat_mumps_cntl_3": SHARE,
    "mat_mumps_cntl_7": SHARE,
    "mat_superlu_dist_colperm": Literal["NATURAL", "MMD_AT_PLUS_A", "MMD_ATA"],
    "mat_superlu_dist_rowperm": Literal["NOROWPERM", "LargeDiag_MC64"],
    "mat_superlu_dist_equil": Switch,
    "mat_superlu_dist_iterrefine": Switch,
    "mat_superlu_dist_replacetinypivot": Switch,
}  # fmt: skip
MULTIGRID: Kinds = {
    "pc_mg_type": Literal["multiplicative", "additive", "full", "kaskade"],
    "pc_mg_cycle_type": Literal["v", "w"],
    "pc_mg_multiplicative_cycles": whole(1, 100),
    "pc_gamg_type": Literal["agg", "classical"],
    "pc_gamg_agg_nsmooths": whole(0, 10),
    "pc_gamg_threshold": number(-1, 1),
    "pc_gamg_threshold_scale": SHARE,
    "pc_gamg_aggressive_coarsening": whole(0, 20),
    "pc_gamg_aggressive_square_graph": Switch,
    "pc_gamg_aggressive_mis_k": whole(1, 10),
    "pc_gamg_mis_k_minimum_degree_ordering": Switch,
    "pc_gamg_low_memory_threshold_filter": Switch,
    "pc_gamg_graph_symmetrize": Switch,
    "pc_gamg_asm_use_agg": Switch,
    "pc_gamg_reuse_interpolation": Switch,
    "pc_gamg_use_sa_esteig": Switch,
    "pc_gamg_recompute_esteig": Switch,
    "pc_gamg_coarse_eq_limit": whole(1, 1_000_000),
    "pc_gamg_process_eq_limit": whole(1, 1_000_000),
    "pc_gamg_repartition": Switch,
    "pc_gamg_coarse_grid_layout_type": Literal["compact", "spread"],
    "pc_gamg_parallel_coarse_grid_solver": Switch,
}
BOOMERAMG: Kinds = {
    "pc_hypre_type": Literal["boomeramg"],
    "pc_hypre_boomeramg_cycle_type": Literal["V", "W"],
    "pc_hypre_boomeramg_max_levels": whole(2, 50),
    "pc_hypre_boomeramg_max_iter": whole(1, 1000),
    "pc_hypre_boomeramg_tol": SHARE,
    "pc_hypre_boomeramg_strong_threshold": SHARE,
    "pc_hypre_boomeramg_max_row_sum": SHARE,
    "pc_hypre_boomeramg_truncfactor": SHARE,
    "pc_hypre_boomeramg_P_max": whole(0, 100),
    "pc_hypre_boomeramg_agg_nl": whole(0, 50),
    "pc_hypre_boomeramg_agg_num_paths": whole(1, 100),
    "pc_hypre_boomeramg_grid_sweeps_all": whole(1, 100),
    "pc_hypre_boomeramg_relax_type_all": Literal[
        "Jacobi", "SOR/Jacobi", "backward-SOR/Jacobi", "symmetric-SOR/Jacobi", "l1scaled-SOR/Jacobi",
        "l1-Gauss-Seidel", "backward-l1-Gauss-Seidel", "l1scaled-Jacobi", "CG", "Chebyshev",
    ],
    "pc_hypre_boomeramg_relax_weight_all": number(0, 2),
    "pc_hypre_boomeramg_outer_relax_weight_all": number(0, 2),
    "pc_hypre_boomeramg_no_CF": Switch,
    "pc_hypre_boomeramg_coarsen_type": Literal[
        "CLJP", "Ruge-Stueben", "modifiedRuge-Stueben", "Falgout", "PMIS", "HMIS"
    ],
    "pc_hypre_boomeramg_interp_type": Literal[
        "classical", "direct", "multipass", "ext+i", "ext+i-cc", "standard", "FF", "FF1", "ext"
    ],
}  # fmt: skip
OPTIONS: Kinds = {**KRYLOV, **PRECONDITIONER, **FACTORS, **MULTIGRID, **BOOMERAMG}
PREFIXES: Final = (
    "mg_levels_", "mg_coarse_", "sub_", "esteig_", "pc_gamg_esteig_", "redundant_", "telescope_"
)  # fmt: skip
"""Prefixes of solvers within solvers: on levels, in blocks, for estimates of eigenvalues, on fewer ranks."""
PREFIX: Final = rf"(mg_levels_\d{{1,2}}_|{'|'.join(PREFIXES)})"
"""Any of them, or that of a single level."""
DEEPEST: Final = 4
"""Largest number of prefixes in a row."""


class PetscOptions:
    """Annotation of a mapping from names of options, with their prefixes, to values that they may have."""

    def check(self, given: object) -> dict[str, bool | int | float | str]:
        """The options; KeyProblem names the first that is wrong, what is allowed, and the nearest match."""
        if not isinstance(given, Mapping):
            raise ValueError("must be a table of keys")
        return {name: self._value(name, value) for name, value in given.items()}

    def _value(self, name: str, value: object) -> Any:
        prefix, bare = split(name)
        if bare not in OPTIONS:
            near = nearest(name, [begin + option for begin in ("", prefix, *PREFIXES) for option in OPTIONS])
            raise KeyProblem(
                name, f"is not an option that a case may set; fem-model schema lists them.{near}"
            )
        try:
            return TypeAdapter(OPTIONS[bare]).validate_python(value)
        except ValidationError:
            raise KeyProblem(name, f"must be {_allowed(OPTIONS[bare], value)}") from None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, _: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schemas = {name: TypeAdapter(kind).json_schema() for name, kind in OPTIONS.items()}
        nested = {f"^{PREFIX}{{1,{DEEPEST}}}{re.escape(name)}$": schema for name, schema in schemas.items()}
        return {
            "type": "object",
            "properties": schemas,
            "patternProperties": nested,
            "additionalProperties": False,
        }


def split(name: str) -> tuple[str, str]:
    """The prefixes of an option, and its name without them."""
    match = re.match(rf"{PREFIX}{{0,{DEEPEST}}}", name)
    end = match.end() if match else 0
    return name[:end], name[end:]


def _allowed(kind: Any, value: object) -> str:
    """Allowed values of an option of this type, and the one nearest to the value given."""
    schema = TypeAdapter(kind).json_schema()
    if schema["type"] == "boolean":
        return "true or false"
    if schema["type"] == "string":
        words = schema.get("enum", [schema.get("const")])
        return f"one of: {', '.join(words)}.{nearest(value, words)}"
    whole = "whole " if schema["type"] == "integer" else ""
    return f"a {whole}number from {schema['minimum']:g} to {schema['maximum']:g}"
