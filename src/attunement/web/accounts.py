"""How accounts behave: nobody signs up by themselves; people come by invitation, and mail leaves by the outbox."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context

from attunement.journey.trail.actions import post


class Adapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: Any) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A new password's link, say: it waits in the outbox like everything else that leaves."""
        shown = {"request": allauth_context.request, "email": email, **context}
        message = self.render_mail(template_prefix, email, shown)
        post(route="mail", address=email, subject=message.subject, body=message.body)
