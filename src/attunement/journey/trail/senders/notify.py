"""GOV.UK Notify, through its official client (`notifications-python-client`), which is loaded when it is first needed.

The templates lie with Notify and hold nothing but ((subject)) and ((body)) as placeholders. A message goes under a
reference of its own; before one is sent again, Notify is asked whether it has the reference already.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from django.conf import settings

from attunement.journey.trail.errors import Refused
from attunement.journey.trail.models import Message

CARRIES, TELLS = frozenset({"mail", "text", "post"}), True
TEMPLATES = {"mail": "notify_mail_template", "text": "notify_text_template", "post": "notify_letter_template"}
_KEY = re.compile(r"[\w-]*[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_STATES = {"created": "sent", "sending": "sent", "pending": "sent", "sent": "sent", "accepted": "sent",
           "pending-virus-check": "sent", "delivered": "delivered", "received": "delivered"}
_LINES = 7  # of an address, the postcode among them


class NotTaken(Exception):
    """Notify refused, or did not answer; before the next try it is asked whether it has the message."""


def send_mail(message: Message) -> str:
    return _sent(message, lambda client, known: client.send_email_notification(email_address=message.address, **known))


def send_text(message: Message) -> str:
    return _sent(message, lambda client, known: client.send_sms_notification(phone_number=message.address, **known))


def send_letter(message: Message) -> str:
    lines = [line.strip() for line in re.split(r"[,\n]", message.address) if line.strip()]
    if not 3 <= len(lines) <= _LINES:
        raise Refused("A letter's address has 3 to 7 lines, the postcode last.")
    address = {f"address_line_{place}": line for place, line in enumerate(lines, 1)}
    return _sent(message, lambda client, known: client.send_letter_notification(**known), address)


def state_of(message: Message) -> str:
    """Asked by Notify's own number of the message, or by our reference where it was never told us."""
    if message.carrier:
        found = [_asked(lambda client: client.get_notification_by_id(message.carrier))]
    else:
        found = _asked(lambda client: client.get_all_notifications(reference=_reference(message)))["notifications"]
    if not found:
        return "unsent"
    return _STATES.get(found[0]["status"], "failed")


def faults() -> list[str]:
    found = []
    if not _KEY.fullmatch(settings.PLACE.notify_key):
        found.append("The setting notify_key is no key of GOV.UK Notify: make one under API integration.")
    for route, name in TEMPLATES.items():
        if not _NUMBER.fullmatch(getattr(settings.PLACE, name)):
            found.append(f"The setting {name} is no template's number: copy it from the template for {route}.")
    try:
        import notifications_python_client  # noqa: F401
    except ImportError:
        found.append("The package notifications-python-client is not installed: pip install attunement[notify].")
    return found


def _reference(message: Message) -> str:
    """Says nothing, and is the same at each try."""
    return f"{settings.ADDRESS.hostname}-{message.pk}-{message.made_at:%Y%m%d%H%M%S%f}"


def _sent(message: Message, hand_over: Any, more: dict[str, str] | None = None) -> str:
    known = {"template_id": getattr(settings.PLACE, TEMPLATES[message.route]), "reference": _reference(message),
             "personalisation": {"body": message.body, **({} if message.route == "text" else
                                                          {"subject": message.subject}), **(more or {})}}
    if message.tries > 1:
        before = _asked(lambda client: client.get_all_notifications(reference=_reference(message)))["notifications"]
        if before:
            return str(before[0]["id"])
    return str(_asked(lambda client: hand_over(client, known))["id"])


def _asked(ask: Any) -> Any:
    """What Notify answers. Its own error text may quote a number or an address, so only its code goes on."""
    from notifications_python_client.errors import APIError

    try:
        return ask(_client(settings.PLACE.notify_key, settings.PLACE.notify_address))
    except APIError as error:
        raise NotTaken(f"Notify answered {error.status_code}") from None


@lru_cache(maxsize=2)
def _client(key: str, address: str) -> Any:
    import logging

    from notifications_python_client import NotificationsAPIClient

    logging.getLogger("notifications_python_client").setLevel(logging.CRITICAL)
    return NotificationsAPIClient(key, base_url=address, timeout=20)
