"""Two rehearsals that differ only in arms look the same to everybody who must not know them."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client

from attunement.journey.oversight import actions as oversight
from attunement.journey.oversight import rehearsing
from attunement.journey.oversight.models import Snapshot
from attunement.journey.trail import keys
from tests.journey.test_rehearsal import TEXT, empty, rehearse  # noqa: F401

MASKED = ("survey_team", "la_analyst", "funder", "trial_statistician")
# A form's token is never twice the same.
CHANGES_ANYWAY = re.compile(rb'(name="csrfmiddlewaretoken" value=)"?[0-9A-Za-z]+')
LINK = re.compile(rb'href="(/[^"#]*)')
FAMILIES = 8


def unpacked(workbook: bytes) -> dict[str, bytes]:
    """A workbook's parts but the one that says when it was written."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        return {name: parts.read(name) for name in parts.namelist() if name != "docProps/core.xml"}


class Enough(Exception):
    """The key is about to be released: from here on the arms may show."""


class Watched(rehearsing.ByActions):
    """Looks at every page that a masked role can reach by links, at the review point and before the release."""

    pages: dict[tuple[str, str, str], tuple[int, object]]
    arms: list[str]

    def allocate(self, *, family):
        type(self).arms.append(arm := super().allocate(family=family))
        return arm

    def hold_review(self, **facts):
        super().hold_review(**facts)
        self._look("review")

    def release(self, *, snapshot):
        by, taken = self._role("trial_statistician"), Snapshot.objects.get()
        folder = oversight.build_report(by=by, snapshot=taken)
        for path in sorted(folder.rglob("*.*")):
            type(self).pages["report", "trial_statistician", str(path.relative_to(folder))] = 200, path.read_bytes()
        self._look("locked")
        raise Enough

    def _look(self, when):
        for role in MASKED:
            client = Client(HTTP_HOST="localhost")
            client.force_login(self._role(role, "B" if role == "la_analyst" else ""),
                               backend="allauth.account.auth_backends.AuthenticationBackend")
            waiting, seen = ["/"], {"/"}
            while waiting:
                address = waiting.pop()
                answer = client.get(address)
                content = answer.content if not answer.streaming else b"".join(answer.streaming_content)
                shown = unpacked(content) if address.endswith(".xlsx") else CHANGES_ANYWAY.sub(rb"\1", content)
                type(self).pages[when, role, address] = answer.status_code, shown
                found = {link.decode() for link in LINK.findall(content)} - seen
                waiting += sorted(link for link in found if not link.startswith(("/static/", "/account", "/sign")))
                seen |= found


def rehearsed(to, monkeypatch, arms_seed):
    """Blind files and masked pages of a rehearsal that stops before the release; then everything is undone."""
    watched = type("WatchedOnce", (Watched,), {"pages": {}, "arms": []})
    monkeypatch.setattr(rehearsing, "ByActions", watched)
    with transaction.atomic():
        with pytest.raises(Enough):
            rehearse(to, families=FAMILIES, seed=7, effect=1.0, by_arm=False, films=0, withdrawals=0.2, text=TEXT,
                     arms_seed=arms_seed)
        transaction.set_rollback(True)
    (snapshot,) = (to.parent / "data" / "snapshots").iterdir()
    return watched, {path.name: path.read_bytes() for path in Path(snapshot / "blind").iterdir()}


def test_two_rehearsals_that_differ_only_in_arms_look_the_same_to_the_blind(empty, monkeypatch, settings):  # noqa: F811
    seen = []
    for number in (1, 2):
        folder = empty.parent / f"run{number}"
        folder.mkdir()
        settings.PLACE = replace(settings.PLACE, root=folder / "data")
        keys.named.cache_clear()
        seen.append(rehearsed(folder / "to", monkeypatch, number))
    (one, blind_one), (other, blind_other) = seen
    assert one.arms != other.arms and len(one.arms) == FAMILIES
    assert blind_one == blind_other and set(blind_one) == {
        "families.parquet", "scores.parquet", "answers.parquet", "outcomes.parquet"}
    assert one.pages.keys() == other.pages.keys() and len(one.pages) > 60
    assert not [place for place in one.pages if one.pages[place] != other.pages[place]]
