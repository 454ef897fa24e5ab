"""Lithium dendrites in composite solid electrolytes, from microstructure to figure.

The names below are all that a script needs; docs/python.md has an example of each. They are loaded when they
are used: `import fem_model` alone costs nothing, and only `Simulation` needs the solver.
"""

from fem_model._module_path import leave_out_the_working_folder

TYPE_CHECKING = False  # that of `typing`, which is not loaded before the next line has been run

if TYPE_CHECKING:
    from fem_model import materials
    from fem_model.base.errors import FemModelError, InputError, SolverError
    from fem_model.case import Case, case_to_toml, change_case, derive, load_case, make_case
    from fem_model.case.shipped import new_case, shipped_cases
    from fem_model.post import Run, load_run
    from fem_model.post.figures import draw_figures
    from fem_model.simulation import Simulation

__version__ = "0.1.0"

__all__ = [
    "Case",
    "FemModelError",
    "InputError",
    "Run",
    "Simulation",
    "SolverError",
    "__version__",
    "case_to_toml",
    "change_case",
    "derive",
    "draw_figures",
    "load_case",
    "load_run",
    "make_case",
    "materials",
    "new_case",
    "shipped_cases",
]

_HOMES = {
    "base.errors": ("FemModelError", "InputError", "SolverError"),
    "case": ("Case", "case_to_toml", "change_case", "derive", "load_case", "make_case"),
    "case.shipped": ("new_case", "shipped_cases"),
    "post": ("Run", "load_run"),
    "post.figures": ("draw_figures",),
}
"""The module of each name that needs no solver."""

leave_out_the_working_folder()


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name == "materials":
        return import_module("fem_model.materials")
    if name == "Simulation":
        from fem_model.base.solver import solver_needed

        with solver_needed():
            return import_module("fem_model.simulation").Simulation
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"fem_model.{module}"), name)
    raise AttributeError(f"module 'fem_model' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
