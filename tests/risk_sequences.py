"""Random lives of a questionnaire, and the alerts that it must raise. As a program: `python -m tests.risk_sequences 10000`.

Each life is a run of answers to items with and without a rule: anew, passed over, twice, late, in any order, by the family
or by telephone, and taken by somebody in between. It ends with the set of alerts raised, and the set that had to be.
"""

from __future__ import annotations

import random
import sys
from typing import Any

MODES = ("self", "self", "self", "telephone", "interpreter", "proxy", "paper")
Raised = list[tuple[int, int]]


def play(link: Any, paper: Any, chance: random.Random, staff: Any = None) -> tuple[Raised, Raised]:
    """(item, how many alerts): those found in the database, and those counted here by the rule's own words."""
    from attunement.journey.surveys import actions
    from attunement.journey.surveys.models import Alert
    from attunement.journey.trail import clock

    now = int(clock.now().timestamp() * 1000)
    open_, wanted, sent = set[int](), dict[int, int](), list[tuple[int, str, str]]()
    for _step in range(chance.randint(1, 14)):
        if sent and chance.random() < 0.2:  # the network sends one again
            item, given, key = chance.choice(sent)
            new = False
        else:
            item, given = chance.randint(1, 3), chance.choice(("0", "0", "1", "2", "3", "skip"))
            key, new = f"{chance.getrandbits(64):036x}", True
            sent.append((item, given, key))
        late = now - chance.randrange(80 * 3600 * 1000) if chance.random() < 0.4 else None
        mode = chance.choice(MODES) if staff else "self"
        actions.save_answer(by=link if mode == "self" else staff, questionnaire_id=paper.pk, instrument="demo_safety",
                            item=item, given=given, mode=mode, key=key, sequence=late)
        if new and item in (2, 3) and given in "123" and item not in open_:
            wanted[item] = wanted.get(item, 0) + 1
            open_.add(item)
        if staff and open_ and chance.random() < 0.1:
            taken = chance.choice(sorted(open_))
            _take(Alert.objects.get(questionnaire=paper, item=taken, acknowledged_at=None), staff)
            open_.discard(taken)
    found = Alert.objects.filter(questionnaire=paper).values_list("item", flat=True)
    return sorted((item, list(found).count(item)) for item in set(found)), sorted(wanted.items())


def _take(alert: Any, staff: Any) -> None:
    from attunement.journey.surveys import alert_actions

    alert_actions.acknowledge(by=staff, alert=alert, taken="spoke")


def main(lives: int) -> int:
    """Prints recall and how many alerts were false, over so many lives on a fresh database."""
    import tempfile
    from pathlib import Path

    from tests.fresh import fresh_programme

    with tempfile.TemporaryDirectory() as folder:
        programme = fresh_programme(Path(folder) / "data")
        from attunement.journey.consent.actions import find_link
        from attunement.journey.surveys.models import Alert, AlertCall, Answer, Questionnaire
        from tests.journey.risky import ask_risky, link_to

        ask_risky(programme, "coordinator", "survey_team")
        family = programme.consented()
        link = find_link(link_to(programme, family))
        paper, wanted, found, wrong = Questionnaire.objects.get(family=family), 0, 0, 0
        for seed in range(lives):
            raised, due = play(link, paper, random.Random(seed), programme.people["survey_team"])
            wanted, found = wanted + sum(dict(due).values()), found + sum(dict(raised).values())
            wrong += raised != due
            AlertCall.objects.all().delete()
            Alert.objects.all().delete()
            Answer.objects.all().delete()
    print(f"{lives} sequences: {wanted} alerts had to be raised, {found} were; {wrong} sequences differ.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
