"""Two hundred edits of a snapshot, of every file in it: each is refused in one line, and nothing is made."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from attunement.report import ReportError, Snapshot, build

Edit = Callable[[random.Random, Path, list[Path]], None]
EDITS = 200


def flip(chance: random.Random, _folder: Path, files: list[Path]) -> None:
    path = chance.choice(files)
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def cut(chance: random.Random, _folder: Path, files: list[Path]) -> None:
    path = chance.choice(files)
    content = path.read_bytes()
    path.write_bytes(content[: chance.randrange(len(content))])


def lengthen(chance: random.Random, _folder: Path, files: list[Path]) -> None:
    path = chance.choice(files)
    path.write_bytes(path.read_bytes() + chance.randbytes(chance.randrange(1, 9)))


def put_in(chance: random.Random, folder: Path, _files: list[Path]) -> None:
    part = chance.choice(["", "blind/", "delivery/", "arm_key/", "new/"])
    path = folder / f"{part}{chance.choice(['more.parquet', 'readme.txt', '.hidden'])}"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(chance.randbytes(chance.randrange(1, 40)))


def take_out(chance: random.Random, _folder: Path, files: list[Path]) -> None:
    """But for the arm key, the only file of a part that may be withheld as a whole."""
    chance.choice([path for path in files if path.parent.name != "arm_key"]).unlink()


def exchange(chance: random.Random, _folder: Path, files: list[Path]) -> None:
    one, other = chance.sample(files, 2)
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def link(chance: random.Random, folder: Path, files: list[Path]) -> None:
    path = chance.choice(files)
    elsewhere = folder.parent / "elsewhere"
    shutil.copy(path, elsewhere)
    path.unlink()
    path.symlink_to(elsewhere)


KINDS: tuple[Edit, ...] = (flip, flip, flip, cut, lengthen, put_in, take_out, exchange, link)


def test_two_hundred_edits_are_all_refused(released: Path, tmp_path: Path) -> None:
    chance, touched = random.Random(8), set()
    for number in range(EDITS):
        folder = tmp_path / f"edit{number}"
        shutil.copytree(released, folder)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        before = {path: path.read_bytes() for path in files}
        edit = KINDS[number % len(KINDS)]
        edit(chance, folder, files)
        touched |= {path.relative_to(folder).as_posix() for path in files
                    if path.is_symlink() or not path.exists() or path.read_bytes() != before[path]}
        with pytest.raises(ReportError) as fault:
            Snapshot.open(folder)
        assert "\n" not in str(fault.value), edit.__name__
        if number % 20 == 0:
            with pytest.raises(ReportError):
                build(folder, tmp_path / "out")
        assert not (tmp_path / "out").exists()
        shutil.rmtree(folder)
    names = {path.relative_to(released).as_posix() for path in released.rglob("*") if path.is_file()}
    assert touched == names, "every file was tried, manifest and arm key among them"
