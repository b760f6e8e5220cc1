"""The made-up right-to-left language, which shows any family page word that went past translation."""

from __future__ import annotations

from django.conf.locale import LANG_INFO
from django.utils.translation import trans_real

from attunement.study.pseudo import pseudo

MADE_UP = "en-xr"


class MadeUp(trans_real.DjangoTranslation):
    """Every message is its English in disguise: complete by construction, so nothing can be forgotten."""

    def gettext(self, message: str) -> str:
        return pseudo(super().gettext(message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(super().ngettext(msgid1, msgid2, n))


def install() -> None:
    LANG_INFO[MADE_UP] = {"bidi": True, "code": MADE_UP, "name": "Made-up language", "name_local": pseudo("Made-up")}
    made_up = MadeUp("en")
    made_up._DjangoTranslation__language = MADE_UP  # type: ignore[attr-defined]
    made_up._DjangoTranslation__to_language = MADE_UP  # type: ignore[attr-defined]
    trans_real._translations[MADE_UP] = made_up
