"""Disclosure control: the one gate that every published number passes."""

from attunement.disclosure.auditing import Exposed, audit
from attunement.disclosure.errors import DisclosureError
from attunement.disclosure.profiles import Profile, profile, shipped
from attunement.disclosure.protecting import protect
from attunement.disclosure.release import Release, as_published

__all__ = ["DisclosureError", "Exposed", "Profile", "Release", "as_published", "audit", "profile", "protect", "shipped"]
