"""May a return be sent, and may it be taken in, now?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from attunement.journey.outcomes.models import Extract
from attunement.journey.people.models import Site
from attunement.journey.trail.errors import Refused
from attunement.records.findings import grouped
from attunement.records.reading import Return
from attunement.records.sheets import SHEETS

# A reason is chosen, never written: free text about a family does not belong here.
REASONS = {"right": "It is right as it stands in the case record", "unknown": "Nobody here can tell",
           "later": "It will be mended in the next return"}


def may_be_sent(site: Site, sha256: str, known: Mapping[str, date]) -> None:
    if Extract.objects.filter(site=site, sha256=sha256).exists():
        raise Refused("This very workbook has been taken in already.")
    if not known:
        raise Refused("Download the workbook first: it says which children are asked for.")


def is_a_mark(mark: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{32}", mark) is not None


def code_exists(sheet: str, column: str, code: str) -> None:
    found = next((one.column(column) for one in SHEETS if one.table == sheet), None)
    if found is None or found.kind != "code" or (code and code not in found.codes):
        raise Refused("Choose one of the codes of this column.")


def may_be_taken_in(site: Site, returned: Return, explained: Mapping[str, str]) -> None:
    if not returned.ok or returned.extract_on is None:
        raise Refused("The return has faults, so nothing of it is taken in. Mend them first.")
    last = Extract.objects.filter(site=site).order_by("-taken_on").first()
    if last is not None and returned.extract_on < last.taken_on:
        raise Refused(f"The extract is of {returned.extract_on:%-d %B %Y}, and one of {last.taken_on:%-d %B %Y} has been "
                      "taken in. Send a later one.")
    for group in grouped(returned.findings):
        if explained.get(group.cause) not in REASONS:
            raise Refused("Choose a reason for each thing that needs to be explained.")
