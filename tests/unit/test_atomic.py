"""Files and folders of results: never half written, never through a link to what is elsewhere."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fem_model.base.atomic import cleared, make_own, make_own_folder, write_text
from fem_model.base.errors import InputError

Link = Callable[[Path, Path], None]


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A file elsewhere."""
    path = tmp_path / "elsewhere" / "victim.txt"
    path.parent.mkdir()
    path.write_text("not of a run")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The name of a file in a folder of results."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "case.toml"


@pytest.mark.parametrize("name", ["case.toml", ".case.toml.part"])
@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_file_is_written_in_the_place_of_a_link(name: str, link: Link, file: Path, victim: Path) -> None:
    link(victim, file.with_name(name))
    write_text(file, "new")
    assert victim.read_text() == "not of a run"
    assert (file.read_text(), file.is_symlink()) == ("new", False)
    assert list(file.parent.iterdir()) == [file]


def test_what_a_killed_run_left_is_gone(file: Path) -> None:
    file.with_name(".case.toml.part").write_text("hal")
    write_text(file, "new")
    assert list(file.parent.iterdir()) == [file]


def test_a_folder_in_the_way_is_told(file: Path) -> None:
    aside = file.with_name(".case.toml.part")
    aside.mkdir()
    with pytest.raises(InputError, match=r"\.case\.toml\.part: is in the way"):
        write_text(file, "new")


def test_clearing_takes_a_link_but_not_its_file(file: Path, victim: Path) -> None:
    file.symlink_to(victim)
    with cleared(file).open("x") as made:
        made.write("new")
    assert victim.read_text() == "not of a run"


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_what_is_appended_to_a_link_stays_in_the_folder(link: Link, file: Path, victim: Path) -> None:
    link(victim, file)
    make_own(file)
    with file.open("a") as opened:
        opened.write(", and more")
    assert file.read_text() == "not of a run, and more"
    assert victim.read_text() == "not of a run"


def test_a_file_without_links_stays_the_same(file: Path) -> None:
    file.write_text("text")
    before = file.stat()
    make_own(file)
    assert file.stat() == before
    make_own(file.with_name("absent"))
    assert list(file.parent.iterdir()) == [file]


def test_what_is_not_a_file_is_refused(file: Path) -> None:
    os.mkfifo(file)
    with pytest.raises(InputError, match=r"case\.toml: is not a regular file"):
        make_own(file)


def test_a_folder_that_is_a_link_is_refused(file: Path, victim: Path) -> None:
    (file.parent / "figures").symlink_to(victim.parent)
    with pytest.raises(InputError, match="figures: is a link to another folder"):
        make_own_folder(file.parent / "figures")
