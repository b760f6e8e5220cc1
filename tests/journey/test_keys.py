"""Keys lie outside the database, are made once, and a lost one is never replaced in silence."""

from __future__ import annotations

import pytest
from django.conf import settings

from attunement.journey.arms import actions as arms
from attunement.journey.arms import sealing
from attunement.journey.trail import keys
from attunement.journey.trail.errors import Refused


@pytest.fixture
def key_file():
    """The allocation's sealing key, put back afterwards."""
    path = settings.PLACE.root / "keys" / sealing.SEALING_KEY
    content = path.read_bytes()
    keys.named.cache_clear()
    yield path
    path.write_bytes(content)
    keys.named.cache_clear()


def test_a_lost_sealing_key_stops_allocation_and_leaves_the_family_unallocated(programme, key_file):
    family = programme.baselined()
    key_file.unlink()
    with pytest.raises(Refused):
        arms.allocate(by=programme.people["coordinator"], family=family)
    assert not hasattr(type(family).objects.get(pk=family.pk), "allocation")
    assert not key_file.exists(), "no new key may take the place of the lost one"


def test_a_damaged_key_is_said(programme, key_file):
    key_file.write_bytes(b"short")
    with pytest.raises(Refused, match="damaged"):
        keys.named(sealing.SEALING_KEY)


def test_a_key_is_made_at_first_use_only(programme):
    first = keys.at_first_use("made.for.a.test", first=True)
    assert keys.at_first_use("made.for.a.test", first=False) == first and len(first) == 32
    with pytest.raises(Refused, match="missing"):
        keys.at_first_use("never.made", first=False)
    assert oct((settings.PLACE.root / "keys" / "made.for.a.test").stat().st_mode)[-3:] == "600"
