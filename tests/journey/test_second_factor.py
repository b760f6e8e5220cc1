"""Staff and their authenticator app: asked for before anything else, then at every signing in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.cast import PASSWORD

LOGIN, ACTIVATE, CODE = "/accounts/login/", "/accounts/2fa/totp/activate/", "/accounts/2fa/authenticate/"
MANAGER = "trial_manager@example.org"


def code_of(secret: str, at: float | None = None) -> str:
    """The six figures an authenticator app shows (RFC 6238: SHA-1, 30 seconds)."""
    count = struct.pack(">Q", int((time.time() if at is None else at) // 30))
    digest = hmac.digest(base64.b32decode(secret), count, hashlib.sha1)
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start:start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def wrong_code(secret: str) -> str:
    near = {code_of(secret, time.time() + 30 * step) for step in range(-2, 3)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in near)


def secret_in(page: str) -> str:
    return re.search(r'class="att-key">([A-Z2-7]+)<', page)[1]  # type: ignore[index]


@pytest.fixture(autouse=True)
def asked_for(settings, programme):
    settings.STAFF_TOTP = True
    cache.clear()


@pytest.fixture
def browser() -> Client:
    return Client(HTTP_HOST="localhost")


def sign_in(browser: Client):
    return browser.post(LOGIN, {"login": MANAGER, "password": PASSWORD})


def set_up(browser: Client) -> tuple[str, list[str]]:
    """Signs in for the first time and sets up the app; returns its secret and the recovery codes."""
    sign_in(browser)
    secret = secret_in(browser.get(ACTIVATE).content.decode())
    assert browser.post(ACTIVATE, {"code": code_of(secret)}).status_code == 302
    codes = re.findall(r"<li><code>(\d+)</code>", browser.get("/accounts/2fa/recovery-codes/").content.decode())
    cache.clear()  # a code is good once: the next signing in falls into the same half minute
    return secret, codes


def test_codes_are_those_of_the_standard():
    assert code_of(base64.b32encode(b"12345678901234567890").decode(), at=59) == "287082"


def test_nothing_opens_before_the_app_is_set_up(browser):
    sign_in(browser)
    for address in ("/", "/people/", "/people/invite/", "/progress/"):
        assert browser.get(address).headers["Location"] == ACTIVATE
    assert browser.post("/people/invite/", {}).headers["Location"] == ACTIVATE
    assert "Set up your authenticator app" in browser.get(ACTIVATE).content.decode()


def test_a_wrong_code_sets_nothing_up(browser):
    sign_in(browser)
    secret = secret_in(browser.get(ACTIVATE).content.decode())
    for code in (wrong_code(secret), "", "12345", "abcdef", "1" * 5000):
        answer = browser.post(ACTIVATE, {"code": code})
        assert answer.status_code == 200 and "govuk-error-summary" in answer.content.decode()
    assert browser.get("/").headers["Location"] == ACTIVATE


def test_the_app_is_set_up_and_gives_recovery_codes(browser):
    _secret, codes = set_up(browser)
    assert len(codes) == 10
    assert browser.get("/").status_code == 200
    assert browser.get("/people/invite/").status_code == 200


def test_signing_in_takes_the_code(browser):
    secret, _codes = set_up(browser)
    browser.post("/accounts/logout/")
    assert sign_in(browser).headers["Location"] == CODE
    assert browser.get("/").headers["Location"].startswith(LOGIN)
    refused = browser.post(CODE, {"code": wrong_code(secret)})
    assert refused.status_code == 200 and "govuk-error-summary" in refused.content.decode()
    assert browser.get("/").headers["Location"].startswith(LOGIN)
    assert browser.post(CODE, {"code": code_of(secret)}).headers["Location"] == reverse("start")
    assert browser.get("/").status_code == 200


def test_a_recovery_code_is_good_once(browser):
    _secret, codes = set_up(browser)
    for expected in (302, 200):
        browser.post("/accounts/logout/")
        sign_in(browser)
        assert browser.post(CODE, {"code": codes[0]}).status_code == expected


def test_a_code_is_good_once(browser):
    secret, _codes = set_up(browser)
    browser.post("/accounts/logout/")
    sign_in(browser)
    code = code_of(secret)
    assert browser.post(CODE, {"code": code}).status_code == 302
    browser.post("/accounts/logout/")
    sign_in(browser)
    assert browser.post(CODE, {"code": code}).status_code == 200


def test_many_wrong_codes_lock_the_door(browser):
    secret, _codes = set_up(browser)
    browser.post("/accounts/logout/")
    sign_in(browser)
    for _try in range(10):
        browser.post(CODE, {"code": wrong_code(secret)})
    browser.post(CODE, {"code": code_of(secret)})
    assert browser.get("/").status_code == 302


def test_a_demonstration_without_the_setting_asks_for_no_app(browser, settings):
    settings.STAFF_TOTP = False
    sign_in(browser)
    assert browser.get("/").status_code == 200


def test_every_page_on_the_way_in_says_demonstration(browser):
    for address in (LOGIN, "/nowhere/", "/invitation/none/", "/accounts/password/reset/"):
        assert "DEMONSTRATION" in browser.get(address).content.decode(), address
    sign_in(browser)
    assert "DEMONSTRATION" in browser.get(ACTIVATE).content.decode()


def test_families_need_no_app(browser):
    assert browser.get("/q/" + "x" * 32 + "/").status_code in (404, 410)
