"""What a case file may not be: too large, too deep, too long, out of range, in another encoding, no file."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fem_model.case import case_to_toml, json_schema, load_case
from fem_model.case.read import MOST_BYTES, MOST_ENTRIES
from tests.conftest import ROOT
from tests.unit.test_case_errors import CASE, message

DRIVE = 'mode = "galvanostatic"\ncurrent = "1 mA/cm^2"\n'
NUCLEI = 'nuclei = [\n  { position = "6 um", radius = "3 um" },\n]\n'

REFUSED = {  # what is replaced, by what, and what the message says; each ended in a traceback, or never
    "brackets": ('"2 h"', "[" * 3000 + "]" * 3000, ["case.toml:22: more than 8 levels of brackets"]),
    "tables": ('"2 h"', "{a=" * 900 + "1" + "}" * 900, ["case.toml:22: more than 8 levels"]),
    "dots": ("end =", "a." * 9000 + "end =", ["case.toml:22: more than 8 levels of brackets, or of dots"]),
    "behind quotes": ('"2 h"', '["""a"""", ' + "[" * 3000, ["case.toml:22: more than 8 levels"]),
    "in an escape": ('"2 h"', '["\\"", ' + "[" * 3000, ["case.toml:22: more than 8 levels"]),
    "entries": ('"2 h"', "[" + "1," * 30000 + "]", ["case.toml:22: more than 25000 lines and entries"]),
    "lines": ('"2 h"\n', '"2 h"\n' * 30000, ["more than 25000 lines and entries"]),
    "digits": ('"2 h"', "9" * 5000, ["case.toml:22: a number or key of more than 400 characters"]),
    "hexadecimal": (
        '"2 h"',
        "0x" + "f" * 9000,
        ["case.toml:22: a number or key of more than 400 characters"],
    ),
    "size": ('"2 h"', '"' + "x" * MOST_BYTES + '"', ["case.toml: is larger than the 1 MB"]),
    "unit": ('"2 h"', '"1 ' + "m*" * 100000 + 'm"', ["[time] end", "longer than the 80 characters"]),
    "power": ('"2 h"', '"1 s^1e9"', ["[time] end", '"s^1e9" is not a unit']),
    "powers": ('"2 h"', '"1 s**9**9**9"', ["[time] end", "is not a unit"]),
    "cells": ('"0.25 um"', '"1e-160 m"', ["[mesh] cell_size_front", "must be from 1 pm to 10 m"]),
    "no cells": ('"0.25 um"', '"1e-400 m"', ["[mesh] cell_size_front", "too small a number"]),
    "too many cells": (
        '"0.25 um"',
        '"1 pm"',
        ["[mesh] cell_size_front", "about 5.8e+15 cells; at most 2e+09"],
    ),
    "sigma": ('"0.5 S/m"', '"1e-300 S/m"', ["[materials.A] sigma", "must be from 1e-18 S/m to 1e9 S/m"]),
    "current": ('"1 mA/cm^2"', '"1e300 A/m^2"', ["[drive] current", "must be 0 or of a size from"]),
    "outputs": ('"2 h"', '"2 h"\noutputs = 100000000', ["[time] outputs = 100000000", "equal to 10000"]),
    "times": ('"2 h"', f'"2 h"\noutputs = {["1 s"] * 1001}', ["[time] outputs", "at most 1000 entries"]),
    "steps": ('"2 h"', '"2 h"\nstep = "1 us"', ["[time] step makes 7.2e+09 steps", "at most 1e+08"]),
    "cycles": (
        DRIVE,
        'mode = "steps"\nrepeat = 99999\nsteps = [{ current = "0 A/m^2", time = "1 s" },'
        '{ current = "1 A/m^2", time = "1 s" }]\n',
        ["[drive] steps make 199998 steps with all repeats; at most 100000"],
    ),
    "nuclei": (NUCLEI, f"nuclei = [{'{}, ' * 1001}]\n", ["[anode.initial] nuclei", "at most 1000 entries"]),
    "materials": (
        "[mesh]",
        "".join(f'[materials.m{k}]\nsigma = "1 S/m"\n' for k in range(100)) + "[mesh]",
        ["materials = a table: must have at most 100 entries; it has 101"],
    ),
    "title": (
        "[microstructure]",
        f'title = "{"x" * 501}"\n[microstructure]',
        ["title", "at most 500 characters"],
    ),
    "true is not 1": (
        '"1 um"\n',
        '"1 um"\ndegree = true\n',
        ["[mesh] degree = true: must be a whole number"],
    ),
    "digits of others": ('"2 h"', '"٢ h"', ["[time] end", "is not a number with a unit"]),
}


@pytest.mark.timeout(10)
@pytest.mark.parametrize("name", REFUSED)
def test_what_goes_too_far_is_refused_at_once(name: str, tmp_path: Path) -> None:
    old, new, words = REFUSED[name]
    assert old in CASE
    path = tmp_path / "case.toml"
    path.write_text(CASE.replace(old, new), encoding="utf-8")
    text = message(path)
    assert len(text) < 400
    for word in words:
        assert word in text


def damaged(text: str) -> dict[str, tuple[bytes, str]]:
    """Encodings of a case and what is said of them."""
    return {
        "UTF-16": (text.encode("utf-16"), "case.toml: is UTF-16 text; save it as UTF-8"),
        "Latin-1": (f"# é\n{text}".encode("latin-1"), "case.toml:1: is not UTF-8 text: byte 0xe9"),
        "carriage returns": (text.replace("\n", "\r").encode(), "case.toml:1: a carriage return without"),
        "NUL": (text.replace("0.5 um", "\0").encode(), "case.toml:12: not valid TOML: Illegal character"),
        "control": (text.replace("0.5 um", "\x1b[31m").encode(), "case.toml:12: not valid TOML: Illegal"),
        "half a character": (text.encode() + "σ".encode()[:1], "case.toml:23: is not UTF-8 text: byte 0xcf"),
    }


@pytest.mark.parametrize("name", damaged(""))
def test_other_encodings_are_named(name: str, tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    data, words = damaged(CASE)[name]
    path.write_bytes(data)
    assert words in message(path)


@pytest.mark.parametrize(
    "change", [lambda data: b"\xef\xbb\xbf" + data, lambda data: data.replace(b"\n", b"\r\n")]
)
def test_a_byte_order_mark_and_windows_line_ends_are_read(change: Any, tmp_path: Path) -> None:
    plain, path = tmp_path / "plain.toml", tmp_path / "case.toml"
    plain.write_text(CASE, encoding="utf-8")
    path.write_bytes(change(CASE.encode()))
    assert load_case(path) == load_case(plain)
    path.write_bytes(change(CASE.replace('"0.5 um"', "3").encode()))
    assert message(path).startswith(f"{path}:12: ")


@pytest.mark.timeout(10)
def test_a_case_is_a_regular_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    assert message(pipe) == f"{pipe}: is a pipe or a device, not a case file"
    assert message(Path("/dev/zero")) == "/dev/zero: is a pipe or a device, not a case file"
    assert "is a directory" in message(tmp_path)
    assert "Not a directory" in message(pipe / "case.toml")
    assert "File name too long" in message(tmp_path / ("x" * 300))
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "symbolic links" in message(tmp_path / "loop")


def test_a_line_break_in_a_path_does_not_break_the_message(tmp_path: Path) -> None:
    assert message(tmp_path / "a\nb.toml") == f"{tmp_path}/a\\nb.toml: no such file."


@pytest.mark.parametrize(
    "name",
    ["", " a", "a ", "a/b", "../a", "a|b", r"a\nb", r"\u0000", "x" * 41, "β-Li3PS4", "Li₆PS₅Cl", "-a", "[a]"],
)
def test_names_that_no_file_column_and_mesh_can_have(name: str, tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(CASE.replace("[materials.A]", f'[materials."{name}"]'), encoding="utf-8")
    assert f'{path}:6: [materials] "{name}"'[:70] in message(path).replace("\\\\", "\\")
    assert "must be 1 to 40 of A-Z, a-z, 0-9" in message(path)
    path.write_text(CASE.replace('material = "A"', f'material = "{name}"'), encoding="utf-8")
    assert "[microstructure] layers[0].material" in message(path)


def test_names_may_have_spaces_dots_and_brackets(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    name = "Li5.5PS4.5Cl (1.5 + x)_2-b"
    path.write_text(
        CASE.replace('"A"', f'"{name}"').replace("[materials.A]", f'[materials."{name}"]'), encoding="utf-8"
    )
    assert name in load_case(path).material_table()


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("time.end=" + "[" * 3000, ["--set time.end: more than 8 levels of brackets"]),
        ("time.end=1 " + "s*" * 50000 + "s", ["[time] end", "longer than the 80 characters"]),
        ("time.outputs=100000000", ["[time] outputs", "less than or equal to 10000"]),
        ("time.outputs=" + "9" * 5000, ["[time] outputs", "must be a whole number"]),
        ("mesh.degree=0x" + "f" * 5000, ["[mesh] degree", "must be a whole number"]),
        ("drive={mode='steps', mode='steps'}", ["--set drive: not valid TOML", "mode"]),
        ("time.outputs=[1", ["--set time.outputs: not valid TOML"]),
        ("a." * 30000 + "b=1", ["write it as section.key=value"]),
        ("time.end=1 h\ntime.step=1 s", ["[time] end", "is not"]),
        ("title=\udcff", ["--set title", "is not UTF-8 text"]),
        (
            "microstructure={layout='particles', width='9 um', depth='9 um', relative_density=0.9, "
            "grains=[{material='A', mass_share=0.0, size='1 um'}]}",
            ["[microstructure] grains have mass shares that sum to 0; they must sum to 1"],
        ),
        ('materials."a\\nb".sigma=1 S/m', ['[materials] "a\\nb" must be 1 to 40']),
    ],
)
def test_overrides_have_the_bounds_of_the_file(override: str, words: list[str], tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(CASE, encoding="utf-8")
    text = message(path, [override])
    for word in words:
        assert word in text


CONTENTS = [
    ("image", "2 = 4000", "2 = 4001", "contents] voxels must be as many as the shape says"),
    ("image", "[3000, 3100, 3200]", "[3000, 3100]", "contents] sides must be as many as the axes"),
    (
        "image",
        '["1 um", ',
        '["1 m", ',
        "[microstructure] voxel makes the image 40 m long; it must be from 1 pm",
    ),
    ("image", "stack.npy", "a\\nb.npy", "must be the path of a file"),
    ("image", '1 = "LGPS"', '1 = "LG/PS"', "must be 1 to 40 of A-Z"),
    ("mesh", "matrix = 0.75", "matrix = 0.76", "contents] fractions have shares that sum to 1.01"),
    ("mesh", ', matrix = "LGPS"', "", 'matrix = "matrix" is not a known material'),
    ("mesh", 'unit = "um"', 'unit = "km"', '[microstructure] unit = "km": must be from 1 pm to 10 m'),
    ("mesh", '"0123456789', '"', "[microstructure.contents] sha256"),
]


@pytest.mark.parametrize(("seed", "old", "new", "words"), CONTENTS)
def test_what_is_said_of_a_file_is_held_together(
    seed: str, old: str, new: str, words: str, tmp_path: Path
) -> None:
    text = (ROOT / "tests" / "fuzz" / "seeds" / f"{seed}.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "case.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert words in message(path)


def test_a_region_of_a_mesh_that_cannot_name_a_material_needs_one(tmp_path: Path) -> None:
    text = (ROOT / "tests" / "fuzz" / "seeds" / "mesh.toml").read_text(encoding="utf-8")
    path = tmp_path / "case.toml"
    path.write_text(
        text.replace(', matrix = "LGPS"', "").replace("matrix =", '"the|matrix" ='), encoding="utf-8"
    )
    assert 'regions has no material for "the|matrix", and that itself cannot be one' in message(path)


def leaves(node: dict[str, Any], key: str = "case") -> Iterator[tuple[str, dict[str, Any]]]:
    """All parts of a JSON schema that are no tables with fixed keys."""
    for name, part in node.get("properties", {}).items():
        yield from leaves(part, f"{key}.{name}")
    for option in (*node.get("anyOf", ()), *node.get("oneOf", ())):
        yield from leaves(option, key)
    for name in ("items", "additionalProperties"):
        if isinstance(node.get(name), dict):
            yield from leaves(node[name], f"{key}.{name}")
    if "type" in node and "properties" not in node:
        yield key, node


BOUNDS = {  # by type; one of the alternatives must be there
    "number": [{"minimum", "maximum"}, {"minimum", "exclusiveMaximum"}],
    "integer": [{"minimum", "maximum"}, {"minimum", "exclusiveMaximum"}, {"enum"}],
    "string": [{"pattern"}, {"x-range"}, {"enum"}, {"const"}],
    "array": [{"minItems", "maxItems"}],
    "object": [{"minProperties", "maxProperties"}],
    "boolean": [set()],
}


def test_every_value_of_a_case_has_its_bounds() -> None:
    schema = json_schema()
    for section in (schema, *schema["$defs"].values()):
        for key, node in leaves(section, section["title"]):
            if key.startswith("Solver.petsc"):  # its values are PETSc's
                continue
            assert any(words <= node.keys() for words in BOUNDS[node["type"]]), f"{key}: {node}"


@pytest.mark.slow
def test_the_largest_case_can_be_read_back(tmp_path: Path) -> None:
    """A resolved case is longer than what was written; it must not be too long for the loader."""
    path = tmp_path / "case.toml"
    sizes = ", ".join(f'"{4 + k / 9999} um"' for k in range(10_000))
    kind = f'{{ material = "A", mass_share = 1.0, sizes = [{sizes}] }}'
    nuclei = ", ".join(f'{{ position = "{k / 33.3} um", radius = "{2 + k / 999} um" }}' for k in range(1000))
    step = '{ current = "0.3333 mA/cm^2", time = "33.33 min", capacity = "1 Ah/m^2", voltage_limit = "1 V" }'
    text = CASE.replace('layout = "layers"', 'layout = "particles"').replace(NUCLEI, f"nuclei = [{nuclei}]\n")
    text = text.replace(DRIVE, f'mode = "steps"\nsteps = [{", ".join([step] * 1000)}]\n')
    layers = next(line for line in CASE.splitlines() if line.startswith("layers"))
    path.write_text(text.replace(layers, f"grains = [{kind}]").replace("sigma =", 'like = "LGPS"\nsigma ='))
    case = load_case(path)
    resolved = case_to_toml(case)
    assert len(resolved) < MOST_BYTES
    assert resolved.count("\n") + resolved.count(",") < MOST_ENTRIES
    path.write_text(resolved, encoding="utf-8")
    assert load_case(path) == case
