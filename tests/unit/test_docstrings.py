"""Docstrings begin with a noun or a verb: the thing itself, or what is done with it."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import fem_model

PACKAGE = Path(fem_model.__file__).parent
NO_BEGINNINGS = """
    How If What When Where Whether Which Who Whose Why
    After As At Below Beyond By For From In Into It Of Since That There Those Under With
"""


def docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of each: of modules, classes and functions, and behind assignments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            body = [node, *node.body]
        elif isinstance(node, ast.If):
            body = list(node.body)
        else:
            continue
        for owner, text in pairwise(body):
            is_owner = owner is node or isinstance(owner, ast.Assign | ast.AnnAssign)
            if is_owner and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
                yield text.lineno, str(text.value.value)


def wrong(tree: ast.Module) -> list[str]:
    """Line and beginning of the docstrings that begin with a word that is no noun or verb."""
    found = ((line, re.match(r"\w*", text)) for line, text in docstrings(tree))
    return [
        f"{line}: {word.group()}" for line, word in found if word and word.group() in NO_BEGINNINGS.split()
    ]


def test_docstrings_begin_with_a_noun_or_a_verb() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix(): wrong(ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted(PACKAGE.rglob("*.py"))
    }
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "text",
    [
        '"""What it is."""',
        'def f():\n    """Whether it is."""',
        'class A:\n    """Sound."""\n    def g(self):\n        """By name."""',
        'x = 1\n"""Of all."""',
        'class A:\n    y: int = 1\n    """How many."""',
    ],
)
def test_a_wrong_beginning_is_found_wherever_it_stands(text: str) -> None:
    assert len(wrong(ast.parse(text))) == 1
