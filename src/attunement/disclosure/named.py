"""The gate for counts that stand in text, figures and tables of any shape: each has a name, and sums say how they hang
together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from attunement.disclosure.auditing import perhaps_exposed
from attunement.disclosure.errors import DisclosureError
from attunement.disclosure.loosening import loosen
from attunement.disclosure.profiles import DEFAULT, Profile
from attunement.disclosure.profiles import profile as named
from attunement.disclosure.protecting import known_before
from attunement.disclosure.release import Named, Published, Sums
from attunement.disclosure.system import system


def protect_counts(
    counts: Mapping[str, int],
    sums: Sums = (),
    profile: str | Profile = DEFAULT,
    *,
    given_away: Collection[str] = (),
) -> dict[str, int | None]:
    """Each count as it may be published, None where it is hidden: `protect_named` for counts that leave once."""
    return dict(protect_named(counts, sums, profile, given_away=given_away).shown)


def protect_named(
    counts: Mapping[str, int],
    sums: Sums = (),
    profile: str | Profile = DEFAULT,
    *,
    given_away: Collection[str] = (),
    released: Sequence[Published] = (),
    cut: str = "",
) -> Named:
    """The counts as they may be published, given what was `released` before for the study.

    `sums`: a total's name and its parts'; parts that fall short leave a rest, which nobody may find out either where it
    is small. One part alone that is the whole says that two names mean one number. `given_away`: counts that something
    else published tells exactly, such as a model's degrees of freedom: they leave as they are. `cut`: the state of the
    data; at the same cut a name is the same number, and leaves as it left before. The rule is that of `protect`.
    DisclosureError for a count below zero, parts that come to more than their total, or a name with two counts.
    """
    rule = named(profile)
    if any(n < 0 for n in counts.values()):
        raise DisclosureError("A count is below zero; please mend it before it is published.")
    public, secret = known_before(released)
    bare = Named(dict(counts), {}, tuple((whole, tuple(parts)) for whole, parts in sums), rule, frozenset(given_away), cut)
    hidden = {name for name, n in counts.items() if rule.hidden(n) or bare.cell(name) in secret - public}
    first = _shown(bare, hidden)
    known = system([*released, first])
    place = {name: known.place[bare.cell(name)] for name in counts}
    prices = {
        place[name]: 1 + float(np.log1p(n))
        for name, n in counts.items()
        if name not in hidden and name not in given_away and bare.cell(name) not in public
    }
    more = set(loosen(known, perhaps_exposed(known), prices))
    return _shown(bare, hidden | {name for name in counts if place[name] in more})


def _shown(bare: Named, hidden: Collection[str]) -> Named:
    """What is given away leaves as it is."""
    rule = bare.profile
    return replace(bare, shown={
        name: n if name in bare.given_away else None if name in hidden else rule.shown(n)
        for name, n in bare.counts.items()
    })  # fmt: skip
