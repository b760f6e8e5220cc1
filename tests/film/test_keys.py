"""A key that is destroyed is in no file, and its film is noise."""

import io
import sqlite3
import stat

import pytest

from attunement.film.keys import KeyBook
from attunement.film.sealed import SealedError, new_key, open_sealed, seal, wrap

MASTER = bytes(range(32))


@pytest.fixture
def book(tmp_path):
    return KeyBook(tmp_path / "keys.sqlite3", master=MASTER)


def everything(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_key_is_kept_wrapped_and_comes_back(book, tmp_path):
    key = book.new("film-1")
    assert KeyBook(tmp_path / "keys.sqlite3", master=MASTER).key("film-1") == key
    assert key not in everything(tmp_path) and wrap(key, MASTER) in everything(tmp_path)
    assert stat.S_IMODE((tmp_path / "keys.sqlite3").stat().st_mode) == 0o600
    with pytest.raises(SealedError):
        KeyBook(tmp_path / "keys.sqlite3", master=new_key()).key("film-1")


def test_after_destroying_a_key_its_bytes_are_nowhere_and_its_film_does_not_open(book, tmp_path):
    keys = {name: book.new(name) for name in map(str, range(40))}
    with open(tmp_path / "film", "wb") as target:
        seal(io.BytesIO(b"a film" * 1000), target, key=keys["7"])
    name = book.key_id("7")
    done = book.destroy("7")
    assert (done.film, done.key_id, done.searched) == ("7", name, ("keys.sqlite3",))
    assert wrap(keys["7"], MASTER) not in everything(tmp_path)
    with pytest.raises(SealedError, match="destroyed"):
        book.key("7")
    with pytest.raises(SealedError):
        open_sealed(tmp_path / "film", key=new_key())
    assert len(book.films()) == 39 and all(book.key(n) == k for n, k in keys.items() if n != "7")


def test_a_key_that_was_deleted_in_the_usual_way_would_still_be_found(book, tmp_path, monkeypatch):
    """The proof can fail: with deletion as databases do it by default, the bytes stay and `destroy` says so."""
    book.new("film-1")
    usual = sqlite3.connect

    class Careless(sqlite3.Connection):
        def execute(self, words, *given):
            if "secure_delete" in words:
                super().execute("PRAGMA secure_delete = OFF")
                words = "SELECT 1"
            return super().execute(words, *given)

    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: usual(*a, **k, factory=Careless))
    with pytest.raises(SealedError, match="still in keys"):
        book.destroy("film-1")


def test_no_write_ahead_log_even_if_somebody_asked_for_one(book, tmp_path):
    with sqlite3.connect(tmp_path / "keys.sqlite3") as other:
        other.execute("PRAGMA journal_mode = WAL")
    other.close()
    key = wrap(book.new("film-1"), MASTER)
    book.destroy("film-1")
    assert key not in everything(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["keys.sqlite3"]


def test_a_film_has_one_key_for_good(book):
    book.new("film-1")
    with pytest.raises(SealedError, match="already"):
        book.new("film-1")
    for ask in (book.key, book.destroy, book.key_id):
        with pytest.raises(SealedError, match="no key"):
            ask("film-2")


def test_a_backup_holds_what_there_was_and_only_its_master_opens_it(book, tmp_path):
    key = book.new("film-1")
    book.back_up(tmp_path / "copy.sqlite3")
    book.destroy("film-1")
    assert KeyBook(tmp_path / "copy.sqlite3", master=MASTER).key("film-1") == key


def test_a_file_that_is_no_key_book_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "keys.sqlite3").write_bytes(b"not a database at all" * 100)
    with pytest.raises(SealedError, match="cannot be used"):
        KeyBook(tmp_path / "keys.sqlite3", master=MASTER)
