"""The made-up language changes every word and keeps what a program must find again."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attunement.study.pseudo import pseudo


@pytest.mark.parametrize(
    "kept",
    [
        "{name}",
        "{count:d}",
        "%(name)s",
        "%(count)d",
        "%s",
        "%%",
        '<a href="/next">',
        "</a>",
        "&nbsp;",
        "&#39;",
        "https://example.org/a",
    ],
)
def test_placeholders_and_tags_stay(kept: str) -> None:
    changed = pseudo(f"Hello {kept} there")
    assert kept in changed
    assert "Hello" not in changed and "there" not in changed


def test_the_text_is_bracketed_and_marked_right_to_left() -> None:
    changed = pseudo("Save and go on")
    assert changed.startswith("⟦\u200f") and changed.endswith("\u200f⟧")
    assert "\u202e" not in changed


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_empty_text_stays_empty(text: str) -> None:
    assert pseudo(text) == text


@given(st.text(st.sampled_from("abcxyzABCXYZ {}%()<>&;sd"), max_size=40))
def test_once_is_enough_and_letters_can_be_told(text: str) -> None:
    once = pseudo(text)
    assert pseudo(once) == once
    plain = re.sub(r"[⟦⟧\u200f]", "", unicodedata.normalize("NFKD", once)) if text.strip() else once
    assert len(plain) >= len(text)


def test_formatting_still_works() -> None:
    assert "Ada" in pseudo("Dear {name}").format(name="Ada")
    assert "3" in pseudo("%(count)s left") % {"count": 3}
    assert "50%" in pseudo("%(share)s%% done") % {"share": 50}
