"""Options of PETSc that a case may set, and flags that the command line takes: none names a file."""

import math
import re
from typing import Any

import pytest
from pydantic import TypeAdapter

from fem_model.base.errors import InputError
from fem_model.case import json_schema
from fem_model.case.base import KeyProblem
from fem_model.case.petsc_options import DEEPEST, OPTIONS, PREFIXES, PetscOptions
from fem_model.tasks.petsc_flags import FLAGS, petsc_flags

check = PetscOptions().check
WORDS = [name for name, kind in OPTIONS.items() if TypeAdapter(kind).json_schema()["type"] == "string"]
NUMBERS = [name for name, kind in OPTIONS.items() if "minimum" in TypeAdapter(kind).json_schema()]
ATTACKS: dict[str, Any] = {
    "pc_type": "python",
    "pc_python_type": "notes.txt:Evil",
    "ksp_type": "python",
    "sub_pc_type": "shell",
    "mg_levels_3_pc_type": "python",
    "ksp_view": "ascii:notes.txt",
    "ksp_monitor": True,
    "mg_levels_ksp_monitor": ":notes.txt",
    "pc_mg_dump_binary": "notes.txt",
    "mat_mumps_ooc_tmpdir": "notes",
    "mat_mumps_icntl_22": 1,
    "mat_superlu_dist_colperm": "PARMETIS",  # ends the process where SuperLU_DIST was built without it
    "pc_hypre_type": "euclid",  # reads a file in the working folder
    "options_file": "notes.txt",
    "options_monitor": True,
    "log_view": ":notes.txt",
    "info": "notes.txt",
    "malloc_dump": True,
    "prefix_push": "x",
    "ksp_rtol -info": 1e-9,
    "": 1,
}


def refused(name: str, value: object) -> str:
    """Why an option is refused."""
    with pytest.raises(KeyProblem) as problem:
        check({name: value})
    assert problem.value.key == (name,)
    return str(problem.value)


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_that_runs_a_file_or_writes_one_can_be_set(name: str) -> None:
    refused(name, ATTACKS[name])


@pytest.mark.parametrize("name", OPTIONS)
def test_no_option_takes_free_text(name: str) -> None:
    for value in ("ascii:notes.txt", "notes.txt:Evil", "1e-9", "true", "", ["cg"], {}, None):
        refused(name, value)


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_have_bounds(name: str) -> None:
    schema = TypeAdapter(OPTIONS[name]).json_schema()
    for value in (schema["minimum"], schema["maximum"]):
        assert check({name: value}) == {name: value}
    below, above = schema["minimum"] - 1, 2 * schema["maximum"]
    for value in (below, above, math.nan, math.inf, True):
        assert "number from" in refused(name, value)


@pytest.mark.parametrize("name", WORDS)
def test_words_are_those_of_a_list(name: str) -> None:
    schema = TypeAdapter(OPTIONS[name]).json_schema()
    words = schema.get("enum", [schema.get("const")])
    for word in words:
        assert check({name: word}) == {name: word}
    assert refused(name, words[-1] + "x").endswith(f"Did you mean {words[-1]}?")


@pytest.mark.parametrize(
    "name",
    [
        *("mg_levels_pc_type", "mg_levels_12_ksp_type", "mg_coarse_sub_pc_type", "sub_sub_pc_factor_fill"),
        *("mg_levels_esteig_ksp_type", "pc_gamg_esteig_ksp_max_it", "mg_coarse_telescope_mg_coarse_pc_type"),
    ],
)
def test_solvers_within_solvers_can_be_set(name: str) -> None:
    value = 3 if name.endswith(("it", "fill")) else "cg" if name.endswith("ksp_type") else "lu"
    assert check({name: value}) == {name: value}


def test_prefixes_do_not_go_on_for_ever() -> None:
    assert check({DEEPEST * "sub_" + "pc_type": "lu"})
    refused((DEEPEST + 1) * "sub_" + "pc_type", "lu")
    refused(100_000 * "sub_" + "pc_type", "lu")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("ksp_rtoll", "ksp_rtol"),
        ("pc_gamg_treshold", "pc_gamg_threshold"),
        ("mg_level_pc_type", "mg_levels_pc_type"),
        ("mg_levels_2_pc_tpye", "mg_levels_2_pc_type"),
    ],
)
def test_the_nearest_name_is_told(name: str, near: str) -> None:
    assert refused(name, 1).endswith(f"Did you mean {near}?")


def test_the_schema_allows_the_same() -> None:
    schema = json_schema()["$defs"]["Solver"]["properties"]["petsc"]
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == set(OPTIONS)
    for name in OPTIONS:
        for prefix in (*PREFIXES, "mg_levels_1_", "sub_mg_coarse_sub_"):
            nested = schema["patternProperties"].items()
            [found] = [rule for pattern, rule in nested if re.search(pattern, prefix + name)]
            assert found == schema["properties"][name]
    for name in (*ATTACKS.keys() - OPTIONS.keys() - {"sub_pc_type", "mg_levels_3_pc_type"}, "xsub_pc_type"):
        assert not any(re.search(key, name) for key in schema["patternProperties"])


@pytest.mark.parametrize("text", ["", "-log_view", "-log_view ::ascii_csv -log_sync", " -sf_type  neighbor "])
def test_flags_are_split_into_words(text: str) -> None:
    assert petsc_flags(text) == text.split()


@pytest.mark.parametrize(
    "text",
    [
        *("-log_view :notes.txt", "-log_view notes.py:Evil", "-info notes.txt", "-options_file notes.txt"),
        *("-log_view -ksp_view", "log_view", "notes.txt", "-sf_type", "-log_view ::ascii_csv x"),
        *("-start_in_debugger", "-on_error_attach_debugger", "-history x", "-malloc_dump", "--log_view"),
    ],
)
def test_flags_name_no_file_and_run_nothing(text: str) -> None:
    with pytest.raises(InputError, match=r"^--petsc "):
        petsc_flags(text)


def test_no_flag_takes_what_could_name_a_file() -> None:
    words = {word for allowed in FLAGS.values() for word in allowed}
    assert all(re.fullmatch(r"[a-z]*|::ascii_[a-z_]+", word) for word in words)
