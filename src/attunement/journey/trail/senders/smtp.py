"""Mail by SMTP. Text messages and letters stay files, for somebody to carry on."""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from attunement.journey.trail.models import Message
from attunement.journey.trail.senders import Unclear, file

CARRIES, TELLS = frozenset({"mail", "text"}), False
send_text, send_letter = file.send_text, file.send_letter


def send_mail(message: Message) -> str:
    """Under a Message-ID of its own, the same at each try. A line that breaks once it stands leaves it unclear."""
    name = f"{message.pk}.{message.made_at:%Y%m%d%H%M%S%f}@{settings.ADDRESS.hostname}"
    line = get_connection()
    mail = EmailMessage(message.subject, message.body, None, [message.address], connection=line,
                        headers={"Message-ID": f"<{name}>"})
    line.open()
    try:
        mail.send()
    except (smtplib.SMTPServerDisconnected, TimeoutError):
        raise Unclear("the line to the mail server broke") from None
    finally:
        line.close()
    return name


def state_of(message: Message) -> str:
    """A mail server tells nothing afterwards: a mail that was handed over is sent, and no more is known."""
    if message.route != "mail":
        return file.state_of(message)
    return "sent" if message.sent_at else "unknown"


def faults() -> list[str]:
    found = [] if getattr(settings, "EMAIL_HOST", "") else ["The setting mail names no server: smtp://host:25."]
    if "@" not in settings.DEFAULT_FROM_EMAIL:
        found.append("The setting sender is no e-mail address: study@example.org.")
    return found + file.faults()
