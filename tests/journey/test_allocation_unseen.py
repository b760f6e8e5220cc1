"""Whoever recruits walks every link there is, and meets nothing of the scheme: no rule, no seed, no place, no count."""

from __future__ import annotations

import re

import pytest

from attunement.journey.arms.models import Allocation, Scheme

LINK = re.compile(r'href="(/[^"#]*)"')
LEAVES = ("/accounts/", "/static/", "/help")
MOST = 120


def walked(client) -> dict[str, str]:
    """Address -> page, of all that can be reached from the start page by links; files are read as text."""
    seen: dict[str, str] = {}
    waiting = ["/"]
    while waiting and len(seen) < MOST:
        address = waiting.pop(0)
        if address in seen or address.startswith(LEAVES):
            continue
        answer = client.get(address)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        seen[address] = content.decode("utf-8", "replace")
        if answer.get("Content-Type", "").startswith("text/html"):
            waiting += [link.replace("&amp;", "&") for link in LINK.findall(seen[address])]
    return seen


@pytest.mark.parametrize("role", ["coordinator", "practitioner", "survey_team", "supervisor", "la_analyst"])
def test_no_page_and_no_file_tells_the_scheme_a_place_or_a_count(programme, browse, role):
    for _each in range(3):
        programme.allocated()
    scheme = Scheme.objects.get()
    told = [scheme.text, "fair coin", "3 ahead", scheme.commitment, bytes(scheme.sealed_seed).hex()]
    told += list(Allocation.objects.values_list("salt", flat=True))
    counts = re.compile(r"place \d|\d+ of 63|(vig|usual_care)\W{1,3}\d+\W{1,3}(vig|usual_care)\W{1,3}\d+", re.IGNORECASE)
    pages = walked(browse(role))
    assert len(pages) > 3
    for address, page in pages.items():
        assert not [word for word in told if word in page], address
        assert not counts.search(re.sub(r"<[^>]+>|\s+", " ", page)), (address, counts.search(page))
        assert not address.startswith("/allocation/"), address
