"""How accounts behave: nobody signs up by themselves; people come by invitation, and mail leaves by the outbox."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as current

from attunement.journey.trail.actions import post

JUST_NOW = 5 * 60


class Adapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: Any) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Who signed in a moment ago, and now sets up the app, is not asked for the password a second time."""
        done = current.request.session.get("account_authentication_methods") or [{}]
        return bool(time.time() - done[-1].get("at", 0) > JUST_NOW)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A new password's link, say: it waits in the outbox like everything else that leaves."""
        message = self.render_mail(template_prefix, email, {"request": current.request, "email": email, **context})
        post(route="mail", address=email, subject=message.subject, body=message.body)
