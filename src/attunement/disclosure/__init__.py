"""Disclosure control: the one gate that every published number passes."""

from attunement.disclosure.auditing import Exposed, audit
from attunement.disclosure.errors import DisclosureError
from attunement.disclosure.named import protect_counts
from attunement.disclosure.profiles import Profile, profile, shipped
from attunement.disclosure.protecting import protect
from attunement.disclosure.register import keep, manifest, released, table_sha256
from attunement.disclosure.release import Release, as_published
from attunement.disclosure.values import Values, counts_behind, protect_share, protect_steps, protect_values

__all__ = [
    "DisclosureError",
    "Exposed",
    "Profile",
    "Release",
    "Values",
    "as_published",
    "audit",
    "counts_behind",
    "keep",
    "manifest",
    "profile",
    "protect",
    "protect_counts",
    "protect_share",
    "protect_steps",
    "protect_values",
    "released",
    "shipped",
    "table_sha256",
]
