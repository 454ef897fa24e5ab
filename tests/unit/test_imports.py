"""Who may import whom, and where processes, exits and PETSc's options are handled."""

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

import fem_model
from fem_model.base.terminal import terminal
from tests.fem.cases import NUCLEUS, toml

PACKAGE = Path(fem_model.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

ORDER = [  # a module imports from its own row and from those above it
    {"_module_path", "base"},
    {"_matplotlib_first", "_mpi_first", "_dolfinx_first", "plot"},
    {"readers"},
    {"materials"},
    {"laws"},
    {"case"},
    {"microstructure"},
    {"mesh"},
    {"physics", "protocol"},
    {"numerics"},
    {"processes"},
    {"engine"},
    {"record"},
    {"simulation"},
    {"study", "post"},
    {"sweep"},
    {"ccd"},
    {"tasks"},
    {"commands"},
    {"cli"},
    {"__main__"},
]
ROW = {name: row for row, names in enumerate(ORDER) for name in names}
POST_MAY_IMPORT = {"_module_path", "base", "materials", "case"}  # and others
POST_MAY_IMPORT |= {"_matplotlib_first", "readers", "laws", "physics", "plot", "post", "record"}
ENTRY_POINTS = {"cli.py", "__main__.py", "readers/__main__.py", "post/__main__.py"}


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def part(path: Path) -> str:
    """The part of the package a file belongs to."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file, which is parsed once for all tests."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> list[ast.AST]:
    """All nodes of the syntax tree of a file."""
    return list(ast.walk(tree(path)))


def imported_parts(nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    """Line and part of every import from this package."""
    for node in nodes:
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, "imports are absolute"
            bare = node.module == "fem_model"
            modules = [f"fem_model.{alias.name}" for alias in node.names] if bare else [node.module]
        for module in modules:
            first, *rest = module.split(".")
            if first == "fem_model" and rest:
                yield node.lineno, rest[0]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_follow_the_order(path: Path) -> None:
    here = part(path)
    if here == "__init__":
        return
    for line, there in imported_parts(nodes(path)):
        place = f"{name_of(path)}:{line} imports {there}"
        if here == "post":
            assert there in POST_MAY_IMPORT, place
        else:
            assert there in ROW, place
            assert ROW[there] <= ROW[here], place


def test_every_part_has_its_place_in_the_order() -> None:
    assert {part(path) for path in FILES} - {"__init__", "post"} <= set(ROW)


def uses(path: Path, owner: str, attribute: str) -> bool:
    """Whether `owner.attribute` or a bare imported `attribute` occurs."""
    for node in nodes(path):
        if isinstance(node, ast.Attribute) and node.attr == attribute:
            base = node.value
            if owner in (getattr(base, "id", None), getattr(base, "attr", None)):
                return True
        if (
            isinstance(node, ast.ImportFrom)
            and (node.module or "").split(".")[-1] == owner
            and attribute in {alias.name for alias in node.names}
        ):
            return True
    return False


@pytest.mark.parametrize(
    ("owner", "attribute"), [("MPI", "COMM_WORLD"), ("sys", "exit"), ("os", "_exit"), ("builtins", "exit")]
)
def test_only_the_entry_points_know_all_processes_and_exit(owner: str, attribute: str) -> None:
    found = {name_of(path) for path in FILES if uses(path, owner, attribute)}
    assert found <= ENTRY_POINTS


def test_nobody_raises_system_exit() -> None:
    raised = [path for path in FILES for node in nodes(path) if getattr(node, "id", None) == "SystemExit"]
    found = set(map(name_of, raised))
    assert found <= ENTRY_POINTS


def test_a_path_with_brackets_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    terminal().print("written [/b] x/:cat:/case.toml")
    assert capsys.readouterr().out == "written [/b] x/:cat:/case.toml\n"
    found = {name_of(path) for path in FILES if uses(path, "console", "Console")}
    assert found == {"base/terminal.py", "record/progress.py"}


def test_petsc_options_are_set_only_in_numerics() -> None:
    assert {part(path) for path in FILES if uses(path, "PETSc", "Options")} <= {"numerics"}


def test_only_one_place_starts_python() -> None:
    """It is told there not to import what lies in the working folder; `launcher` looks beside it for MPI."""
    found = {name_of(path) for path in FILES if uses(path, "sys", "executable")}
    assert found == {"base/surroundings.py", "study/process.py"}


def loaded_at_once(path: Path) -> list[str]:
    """Modules that a file imports when it is imported itself, in order; what is only for types is not."""
    modules: list[str] = []
    for node in tree(path).body:
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules.append(node.module)
    return modules


@pytest.mark.parametrize(
    ("library", "first"), [("matplotlib", "_matplotlib_first"), ("dolfinx", "_dolfinx_first")]
)
def test_what_keeps_a_library_to_itself_comes_before_it(library: str, first: str) -> None:
    """In the same file, or in the package that it is in."""
    for path in FILES:
        modules = loaded_at_once(path)
        for package in path.relative_to(PACKAGE).parents:
            if path.name != "__init__.py" and (PACKAGE / package / "__init__.py").exists():
                modules = loaded_at_once(PACKAGE / package / "__init__.py") + modules
        place = next((k for k, module in enumerate(modules) if module.split(".")[0] == library), None)
        if place is not None and path.stem != first:
            assert f"fem_model.{first}" in modules[:place], name_of(path)


FIRST = {"fem_model._mpi_first", "fem_model._dolfinx_first"}
SOLVER = ("basix", "dolfinx", "dolfinx_solver", "ffcx", "mpi4py", "petsc4py", "slepc4py", "ufl")
SOLVER_FREE = (
    "case", "ccd.comparison", "ccd.electrode", "tasks.dry_run", "tasks.mesh", "tasks.mesh_tables",
    "engine.clock", "engine.ledger", "engine.rates",
    "laws.kinetics", "materials", "microstructure", "numerics.ladder", "laws.relief",
    "physics.toughness", "post", "protocol.schedule", "record.landmarks", "record.observables.registry",
    "record.progress", "record.series", "tasks.sweep",
)  # fmt: skip


def top_imports(path: Path) -> list[str]:
    """The modules that a file imports as it is imported, in their order."""
    names: list[str] = []
    for node in tree(path).body:
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    return [name for name in names if name != "__future__"]


def package_loads_mpi(path: Path) -> bool:
    return bool(FIRST & set(top_imports(path.with_name("__init__.py"))))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_mpi_is_loaded_before_what_needs_it(path: Path) -> None:
    names = top_imports(path)
    compiled = {name.split(".")[0] for name in names} & {"dolfinx", "petsc4py", "mpi4py"}
    if compiled and part(path) not in ("_mpi_first", "_dolfinx_first"):
        assert names[0] in FIRST or package_loads_mpi(path)


def without_solver(script: str, folder: Path) -> list[str]:
    """What a script tells on stderr where none of the solver's packages is there, line by line."""
    blocked = f"import sys; sys.modules.update(dict.fromkeys({SOLVER!r}))\n"
    command = [sys.executable, "-c", blocked + script]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100)
    return done.stderr.splitlines()


CALLS = """
from fem_model.cli import main
for words in COMMANDS:
    sys.argv[1:] = words.split()
    try:
        main()
    except SystemExit as end:
        print(words, end.code, file=sys.stderr)
"""


SWEEP = 'case = "case.toml"\n[axes.current]\nkey = "drive.current"\nvalues = ["1 mA/cm^2"]\n'


def test_without_the_solver_what_can_works_and_the_rest_names_it(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(toml(NUCLEUS))
    (tmp_path / "sweep.toml").write_text(SWEEP)
    dry_runs = ("run case.toml --dry-run", "sweep sweep.toml --dry-run")
    able = ("mesh case.toml --out case.msh", "materials", "schema", *dry_runs)
    unable = ("run case.toml", "conductivity case.toml", "verify", "converge case.toml")
    imports = "".join(f"import fem_model.{name}\n" for name in SOLVER_FREE)
    told = without_solver(f"{imports}COMMANDS = {able + unable!r}{CALLS}", tmp_path)
    assert told[: len(able)] == [f"{words} 0" for words in able]
    assert (tmp_path / "case.msh").exists()
    assert told[len(able) + 1 :: 2] == [f"{words} 2" for words in unable]
    for line in told[len(able) :: 2]:
        assert line.startswith("fem-model: the solver, which this needs, cannot be loaded")
        assert 'pip install "fem-model[wheel]"' in line
        assert "conda" in line


def test_without_the_solver_a_script_is_told_what_it_needs(tmp_path: Path) -> None:
    *_, told = without_solver("from fem_model import load_case, Simulation", tmp_path)
    assert told.startswith("fem_model.base.errors.InputError: the solver, which this needs, cannot be loaded")
    assert 'pip install "fem-model[wheel]"' in told


LIGHT = {  # the words of a command, and what it must not load
    "--help": ("numpy", "pint", "pydantic", "scipy"),
    "new": ("numpy.f2py", "pint", "scipy"),
    "run case.toml --dry-run": ("gmsh", "h5py", "matplotlib", "meshio", "pyvista", "scipy.sparse", *SOLVER),
}


@pytest.mark.parametrize("words", LIGHT)
def test_a_command_that_only_prints_starts_without_what_takes_long(words: str, tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(toml(NUCLEUS))
    script = f"COMMANDS = {(words,)!r}\nimport sys{CALLS}print(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100)
    ended, modules = done.stderr.splitlines()
    assert ended == f"{words} 0"
    assert not set(LIGHT[words]) & set(modules.split())


def test_the_search_finds_what_it_looks_for() -> None:
    source = "from fem_model import cli\nimport fem_model.processes.phase"
    assert uses(PACKAGE / "cli.py", "MPI", "COMM_WORLD")
    assert uses(PACKAGE / "numerics" / "linear.py", "PETSc", "Options")
    assert dict(imported_parts(ast.walk(ast.parse(source)))) == {
        1: "cli",
        2: "processes",
    }
