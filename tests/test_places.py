"""What is written beside its place and then renamed never takes the place of a device, a pipe or a folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from lxml import etree

from attunement.allocation.chain import write_whole
from attunement.disclosure.register import keep
from attunement.film import keys
from attunement.film.files import landing
from attunement.impact import results_page
from attunement.instruments import writing
from attunement.places import check_place
from attunement.process.interviews import QuoteBank, refi, write_quotes
from attunement.process.interviews.matrix import Matrix, to_word, to_workbook
from attunement.records import cohort, csv_set, saying
from attunement.report.word_reading import write_word

MATRIX = Matrix((), (), {}, {})


def write_results(path: Path) -> object:
    empty: Any = SimpleNamespace(to_dict=dict, table=lambda: SimpleNamespace(write_csv=str), plan_sha256="", dummy=False,
                                 answers=(), log=())
    return results_page.write(empty, path.parent)


def write_film(path: Path) -> None:
    with landing(path) as file:
        file.write(b"film")


def write_key_book(path: Path) -> None:
    book: Any = SimpleNamespace(_path=path.parent / "book")
    keys.KeyBook.back_up(book, path)


WRITERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "allocation": ("log.jsonl", lambda path: write_whole(path, ["text"])),
    "film": ("film.mp4", write_film),
    "keys of films": ("keys.sqlite3", write_key_book),
    "an instrument's file": ("words.xlsx", lambda path: writing.save_bytes(path, b"words")),
    "instruments' files": ("words.toml", lambda path: writing.save_all(path.parent, {path.name: ""}, replace=True)),
    "unmapped words": ("unmapped.csv", lambda path: saying.write_unmapped(path, [])),
    "an empty set": ("set.csv", lambda path: csv_set._write(path, [])),
    "a cohort": ("cohort.xlsx", lambda path: cohort._keep(path, b"book")),
    "a matrix to Excel": ("matrix.xlsx", lambda path: to_workbook(MATRIX, path)),
    "a matrix to Word": ("matrix.docx", lambda path: to_word(MATRIX, path)),
    "a project": ("project.qdpx", lambda path: refi.put(path, ".qdpx", b"project")),
    "quotes": ("quotes.json", lambda path: write_quotes(QuoteBank(), path)),
    "a merged report": ("merged.docx", lambda path: write_word(path, {}, etree.Element("document"))),
    "results": ("results.csv", write_results),
    "the register of releases": ("register.json", lambda path: keep(path, [])),
}


def devices(folder: Path, name: str) -> list[Path]:
    """A pipe, a link to it, a folder and, for who may make one, a device of a kind that the machine lacks."""
    made = [folder / kind / name for kind in ("pipe", "link", "folder", "device")]
    for path in made:
        path.parent.mkdir(parents=True)
    os.mkfifo(made[0])
    made[1].symlink_to(made[0])
    made[2].mkdir()
    try:
        os.mknod(made[3], stat.S_IFCHR | 0o600, os.makedev(240, 0))
    except PermissionError:
        made.pop()
    return made


@pytest.mark.parametrize("what", WRITERS)
def test_no_writer_puts_an_end_to_a_device_or_a_pipe(what: str, tmp_path: Path) -> None:
    name, write = WRITERS[what]
    for path in devices(tmp_path, name):
        before = os.stat(path)
        with pytest.raises(ValueError, match=r"no file that can be written|is a folder"):
            write(path)
        after = os.stat(path)
        assert (after.st_mode, after.st_ino) == (before.st_mode, before.st_ino)
        assert [one.name for one in path.parent.iterdir()] == [name], "nothing half-written lies beside"


def test_a_new_file_and_an_ordinary_one_may_be_written(tmp_path: Path) -> None:
    (tmp_path / "old").touch()
    for name in ("old", "new"):
        check_place(tmp_path / name, ValueError)
    for path in (tmp_path / "a\0b", Path()):
        with pytest.raises(ValueError, match="no file that can be written"):
            check_place(path, ValueError)
