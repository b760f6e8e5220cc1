"""Somebody on the staff has forgotten the password."""

from __future__ import annotations

import re

import pytest

from attunement.journey.trail.models import Message

NEW = "another three odd words"


def asked(client, email: str):
    return client.post("/accounts/password/reset/", {"email": email})


def test_the_way_to_a_new_password_leaves_by_the_outbox_and_works_once(programme, browse):
    client = browse(None)
    assert asked(client, "funder@example.org").status_code == 302
    message = Message.objects.get(address="funder@example.org")
    assert message.subject == "A new password"
    path = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", message.body).group(1)
    page = client.get(path, follow=True)
    assert page.status_code == 200 and "password" in page.content.decode()
    done = client.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    assert done.status_code == 302
    signed_in = browse(None).post("/accounts/login/", {"login": "funder@example.org", "password": NEW})
    assert signed_in.status_code == 302
    assert "password1" not in browse(None).get(path, follow=True).content.decode()


def test_an_address_that_nobody_has_gets_the_same_page_and_no_mail(programme, browse):
    known, unknown = asked(browse(None), "funder@example.org"), asked(browse(None), "stranger@example.org")
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert not Message.objects.filter(address="stranger@example.org").exists()


@pytest.mark.parametrize("email", ["", "no address", "x" * 400 + "@example.org"])
def test_a_wrong_address_is_said_on_the_page(programme, browse, email):
    answer = asked(browse(None), email)
    assert answer.status_code == 200 and "There is a problem" in answer.content.decode()
