"""Pages of the documentation: their links lead somewhere, and every page can be reached from the README."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("runs/*/*.md"), *ROOT.glob("meshes/*.md")]


def links(page: Path) -> set[Path]:
    """Files that a page refers to; addresses elsewhere are left out."""
    found = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    return {(page.parent / link).resolve() for link in found if "://" not in link}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    assert {link for link in links(page) if not link.exists()} == set()


def test_every_page_of_the_docs_is_named_in_the_readme() -> None:
    assert set(ROOT.glob("docs/*.md")) <= links(ROOT / "README.md")
