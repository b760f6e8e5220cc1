"""The gate for counts that stand in text, figures and tables of any shape: each has a name, and sums say how they hang
together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from attunement.disclosure.auditing import exposed
from attunement.disclosure.errors import DisclosureError
from attunement.disclosure.loosening import loosen
from attunement.disclosure.profiles import DEFAULT, Profile
from attunement.disclosure.profiles import profile as named
from attunement.disclosure.system import System, equations

Sums = Sequence[tuple[str, Sequence[str]]]


def protect_counts(
    counts: Mapping[str, int],
    sums: Sums = (),
    profile: str | Profile = DEFAULT,
    *,
    given_away: Collection[str] = (),
) -> dict[str, int | None]:
    """Each count as it may be published, None where it is hidden.

    `sums`: a total's name and its parts'; parts that fall short leave a rest, which nobody may find out either where it
    is small. One part alone that is the whole says that two names mean one number. `given_away`: counts that something
    else published tells exactly, such as a model's degrees of freedom: they leave as they are. The rule is that of
    `protect`. DisclosureError for a count below zero or parts that come to more than their total.
    """
    rule, names = named(profile), list(counts)
    if any(n < 0 for n in counts.values()):
        raise DisclosureError("A count is below zero; please mend it before it is published.")
    known = _system(counts, sums, rule)
    _publish(known, names, counts, rule, given_away)
    prices = {at: 1 + float(np.log1p(counts[name])) for at, name in enumerate(names)
              if name not in given_away and not rule.hidden(counts[name])}  # fmt: skip
    hidden = set(loosen(known, exposed(known)[0], prices))
    shown = {name: None if rule.hidden(counts[name]) or at in hidden else rule.shown(counts[name])
             for at, name in enumerate(names)}  # fmt: skip
    return shown | {name: counts[name] for name in names if name in given_away}


def _system(counts: Mapping[str, int], sums: Sums, rule: Profile) -> System:
    """One variable a name, then one a rest; nothing is published yet."""
    place = {name: at for at, name in enumerate(counts)}
    true, lines = list(counts.values()), []
    for whole, parts in sums:
        rest = counts[whole] - sum(counts[part] for part in parts)
        if rest < 0:
            raise DisclosureError("The parts of a total come to more than it; please mend the counts.")
        line = [place[part] for part in parts]
        if rest:
            true.append(rest)
            line.append(len(true) - 1)
        lines.append((place[whole], tuple(line)))
    small = [rule.width if rule.is_small(n) else 0 for n in true]
    none, without = np.zeros(len(true)), np.full(len(true), np.inf)
    return System({}, {}, np.array(true, float), none, without, np.array(small, float), equations(lines, len(true)))


def _publish(
    known: System, names: list[str], counts: Mapping[str, int], rule: Profile, given_away: Collection[str]
) -> None:
    for at, name in enumerate(names):
        n = counts[name]
        if name in given_away:
            known.low[at] = known.high[at] = n
        elif not rule.hidden(n):
            known.low[at], known.high[at] = rule.bounds(rule.shown(n))
