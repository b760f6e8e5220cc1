"""The shared cast reaches every step by the actions that people use."""

from __future__ import annotations

import pytest

from attunement.journey.trail import queries
from attunement.journey.trail.models import Entry


def test_a_family_reaches_a_practitioner_and_the_chain_is_whole(programme):
    family = programme.assigned()
    assert family.sessions.count() == 8
    assert family.assignments.get().practitioner == programme.people["practitioner"]
    assert queries.first_broken() is None


@pytest.mark.parametrize("change", ["UPDATE trail_entry SET why='x'", "DELETE FROM trail_entry"])
def test_the_database_refuses_to_change_the_trail(programme, change):
    from django.db import connection
    from django.db.utils import DatabaseError

    with pytest.raises(DatabaseError, match="only added to"), connection.cursor() as cursor:
        cursor.execute(change)


def test_an_entry_changed_behind_the_database_is_found(programme):
    from django.db import connection

    programme.refer()
    target = Entry.objects.order_by("-number")[1]
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER trail_entry_no_UPDATE")
        cursor.execute("UPDATE trail_entry SET what='{}' WHERE number=%s", [target.number])
    assert queries.first_broken() == target.number
