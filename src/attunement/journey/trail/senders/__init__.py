"""Ways out of the outbox. Each sender is a module of the same five functions:

`send_mail`, `send_text`, `send_letter`: hand a message over; return the carrier's own number of it, empty when it has none.
`state_of`: what has become of it by now. `faults`: what is wrong with the settings, a sentence each.

`CARRIES`: the routes that need no hand of ours. A letter by another sender is printed by the survey team. `TELLS`: it
knows later whether a message arrived.
"""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from django.conf import settings

from attunement.journey.trail.models import Message

KNOWN = ("file", "smtp", "notify")


class Unclear(Exception):
    """A message was handed over, and nobody knows whether it was taken."""


class Sender(Protocol):
    CARRIES: frozenset[str]
    TELLS: bool

    def send_mail(self, message: Message) -> str: ...

    def send_text(self, message: Message) -> str: ...

    def send_letter(self, message: Message) -> str: ...

    def state_of(self, message: Message) -> str:
        """`sent`, `delivered`, `failed`, `unsent` (it never left), or `unknown`."""

    def faults(self) -> list[str]: ...


def chosen() -> Sender:
    """The sender that the deployment names."""
    return cast(Sender, import_module(f"{__name__}.{settings.OUTBOX_SENDER}"))


def send(message: Message) -> str:
    sender = chosen()
    return {"mail": sender.send_mail, "text": sender.send_text, "post": sender.send_letter}[message.route](message)
