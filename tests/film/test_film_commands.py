"""`attunement film …`: what was done in a line or as JSON, a fault in one sentence, and no half film."""

import json
import os

import pytest

from attunement.cli import main
from tests.film import cuts, films


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.mov").write_bytes(films.made("turned_90"))
    (tmp_path / "copy.mp4").write_bytes(cuts.copy("turned_90"))
    return tmp_path


def said(capsys, *words):
    assert main(["film", *words]) == 0
    return capsys.readouterr().out


def test_a_film_is_probed_prepared_cut_joined_and_shown(folder, capsys):
    assert "turned 90 degrees" in said(capsys, "probe", "in.mov")
    found = json.loads(said(capsys, "probe", "in.mov", "--json"))
    assert (found["video_codec"], found["audio_codec"], found["rotation"], found["rate"]) == ("h264", "aac", 90, "30")
    made = json.loads(said(capsys, "prepare", "in.mov", "out.mp4", "--json"))
    assert (made["frames"], made["width"], made["height"], made["seconds"]) == (90, 144, 192, 3.0)
    assert made["map"]["frames"] == list(range(90)) and made["map"]["times"][30] == 1.0
    done = json.loads(said(capsys, "cut", "copy.mp4", "cut.mp4", "--first", "17", "--last", "50", "--json"))
    assert done == {"frames": 34, "copied": 21, "encoded": 13, "sound": True, "doubt": None, "seconds": 34 / 30}
    assert films.numbers((folder / "cut.mp4").read_bytes(), 90) == list(range(17, 51))
    said(capsys, "reel", "copy.mp4", "reel.mp4", "--clip", "3-5", "--clip", "cut.mp4:0-1", "--clip", "60-60")
    assert films.numbers((folder / "reel.mp4").read_bytes(), 90) == [3, 4, 5, 17, 18, 60]
    assert "144 by 192" in said(capsys, "still", "copy.mp4", "still.png", "--frame", "17")
    assert "copied bit for bit" in said(capsys, "cut", "copy.mp4", "cut.mp4", "--first", "0", "--last", "9")


def cutting(source="copy.mp4", target="out.mp4", first="1", last="9"):
    return "cut", source, target, "--first", first, "--last", last


@pytest.mark.parametrize("words", [
    cutting(first="9", last="8"), cutting(first="-3"), cutting(last="90"), cutting(first="a"), cutting(first="1.5"),
    cutting("none.mp4"), cutting(target="none/out.mp4"), cutting(target="."), cutting(target="copy.mp4"), cutting("."),
    ("reel", "copy.mp4", "out.mp4", "--clip", "3"), ("reel", "copy.mp4", "out.mp4", "--clip", "3-900"),
    ("still", "copy.mp4", "out.png", "--frame", "90"), ("still", "copy.mp4", "out.txt", "--frame", "1"),
    ("prepare", "words.mp4", "out.mp4"), ("probe", "words.mp4"), ("probe", "pipe"), ("probe", "/dev/null"),
    ("prepare", "in.mov", "pipe"), cutting(target="pipe"), cutting("pipe"), ("probe", "no\nfilm.mp4"),
    ("probe", "x" * 5000), ("still", "copy.mp4", "out.png", "--frame", "-1"), ("prepare", "in.mov", "copy.mp4/out.mp4"),
])
def test_a_fault_is_one_line_and_leaves_nothing(folder, capsys, words):
    (folder / "words.mp4").write_text("#EXTM3U\nhttp://example.org/film\n")
    os.mkfifo(folder / "pipe")
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert main(["film", *words]) != 0
    heard = capsys.readouterr()
    assert heard.out == "" and heard.err.startswith("attunement: ") and heard.err.count("\n") == 1
    assert "unforeseen" not in heard.err and ".part" not in heard.err
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    assert (folder / "pipe").is_fifo()
