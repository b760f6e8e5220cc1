"""Disclosure control: the one gate that every published number passes."""

from attunement.disclosure.auditing import Exposed, audit
from attunement.disclosure.errors import DisclosureError
from attunement.disclosure.named import protect_counts, protect_named
from attunement.disclosure.profiles import Profile, profile, shipped
from attunement.disclosure.protecting import protect
from attunement.disclosure.register import (
    Approval,
    Register,
    from_json,
    keep,
    manifest,
    manifests,
    released,
    table_sha256,
    to_json,
)
from attunement.disclosure.release import Named, Published, Release, as_published
from attunement.disclosure.values import Values, counts_behind, protect_share, protect_steps, protect_values

__all__ = [
    "Approval",
    "DisclosureError",
    "Exposed",
    "Named",
    "Profile",
    "Published",
    "Register",
    "Release",
    "Values",
    "as_published",
    "audit",
    "counts_behind",
    "from_json",
    "keep",
    "manifest",
    "manifests",
    "profile",
    "protect",
    "protect_counts",
    "protect_named",
    "protect_share",
    "protect_steps",
    "protect_values",
    "released",
    "shipped",
    "table_sha256",
    "to_json",
]
