"""A made-up language: every word is changed in sight, so text that went past translation shows at once."""

from __future__ import annotations

import re

_LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwyzABCDEFGHIJKLMNOPRSTUVWYZ",
    "áƀćďéƒĝĥíĵķļɱñóþɋŕšţúṽŵýžÁƁĆĎÉƑĜĤÍĴĶĻṀÑÓÞŔŠŢÚṼŴÝŽ",
)
_KEPT = re.compile(r"\{[^{}]*\}|%\([^)]*\)[#0+ -]*\d*(?:\.\d+)?[a-zA-Z]|%[sd%]|<[^<>]*>|&[#\w]+;|https?://\S+")
_RIGHT_TO_LEFT_MARK = "\u200f"


def pseudo(text: str) -> str:
    """`text` in the made-up right-to-left language.

    Letters get accents and the whole stands in brackets between right-to-left marks. Placeholders (`{name}`,
    `%(name)s`, `%s`), HTML tags, entities and web addresses stay as they are. Empty text, and text that is in the
    made-up language already, come back unchanged.
    """
    if not text.strip() or text.startswith("⟦"):
        return text
    parts, at = [], 0
    for kept in _KEPT.finditer(text):
        parts += [text[at : kept.start()].translate(_LETTERS), kept.group()]
        at = kept.end()
    parts.append(text[at:].translate(_LETTERS))
    return f"⟦{_RIGHT_TO_LEFT_MARK}{''.join(parts)}{_RIGHT_TO_LEFT_MARK}⟧"
