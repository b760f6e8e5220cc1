"""Messages as files in the data directory's `outbox`: for a rehearsal, and where nothing else is set up."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from attunement.journey.trail.models import Message

CARRIES, TELLS = frozenset({"mail", "text"}), False


def send_mail(message: Message) -> str:
    return _write(message)


def send_text(message: Message) -> str:
    return _write(message)


def send_letter(message: Message) -> str:
    return _write(message)


def state_of(message: Message) -> str:
    """A file that is there was written whole."""
    return "sent" if message.sent_at or _path(message).exists() else "unsent"


def faults() -> list[str]:
    if os.access(settings.PLACE.folder("outbox"), os.W_OK):
        return []
    return ["The outbox folder of the data directory cannot be written to. Give the server's user the right to."]


def _path(message: Message) -> Path:
    folder: Path = settings.PLACE.folder("outbox")
    return folder / f"{message.pk:08}.txt"


def _write(message: Message) -> str:
    partial = _path(message).with_suffix(".part")
    partial.write_text(f"To ({message.get_route_display()}): {message.address}\nSubject: {message.subject}\n\n"
                       f"{message.body}\n", encoding="utf-8")
    os.replace(partial, _path(message))
    return ""
