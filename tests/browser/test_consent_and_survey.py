"""A family at its phone: consent by keyboard alone; a questionnaire with the script, without it, without a net."""

from __future__ import annotations

import ast
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import look
from tests.faults.test_many_clients import world
from tests.servers import Served

QUESTIONS = 24


@pytest.fixture(scope="module")
def links(server: Served) -> list[str]:
    return ast.literal_eval((server.data / "world.json").read_text())["links"]


def tab_to(page: Page, selector: str) -> None:
    """By the Tab key only, as somebody without a mouse would come there."""
    for _step in range(60):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {selector}")


def refer(page: Page, language: str) -> str:
    page.goto("/families/refer/")
    page.locator("[name=born_on]").fill("2021-03-01")
    for name in ("on_a_plan", "focal_parent"):
        page.locator(f"[name={name}][value=yes]").check()
    page.locator("[name=carer]").fill("Zebedee Quill")
    page.locator("[name=language]").select_option(language)
    page.locator("[name=agreed][value=yes]").check()
    page.locator("main form button").click()
    return re.search(r"/families/(\w+)/", page.url)[1]


def consent_link(page: Page, family: str) -> str:
    page.goto(f"/families/{family}/links/")
    page.get_by_role("button", name="Make a consent link").click()
    look(page)
    return re.search(r"/c/[\w-]+/", page.locator("#address").inner_text())[0]


@pytest.mark.parametrize(("language", "script"), [("en-xr", True), ("en", False)], ids=["script", "no script"])
def test_a_family_consents_by_keyboard_alone(page_at, language, script):
    staff = page_at("desktop", "coordinator")
    family = refer(staff, language)
    address = consent_link(staff, family)
    page = page_at("phone", java_script_enabled=script)
    check = look if script else (lambda _page: None)
    page.goto(address)
    check(page)
    tab_to(page, "main a.govuk-button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/statements/**")
    check(page)
    tab_to(page, "main form button")
    page.keyboard.press("Enter")
    expect(page.locator("#error-summary")).to_be_visible()
    check(page)
    for name in page.locator("main input[type=radio][value=yes]").evaluate_all("found => found.map(each => each.name)"):
        tab_to(page, f"[name='{name}']")
        page.keyboard.press("Space")
    tab_to(page, "main form button")
    page.keyboard.press("Enter")
    expect(page.locator("main .att-card")).to_have_count(8)
    check(page)
    tab_to(page, "main form button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/thanks/**")
    check(page)
    staff.goto(f"/families/{family}/consent/")
    look(staff)
    assert staff.get_by_text("By the family, on its own link").count() == 8


def answer(page: Page, place: int, code: int = 1) -> None:
    """Picks an answer of the question on the screen, the second, and goes on, by keyboard."""
    expect(page.locator("[data-progress-text]")).to_contain_text(str(place))
    tab_to(page, "input[name=value]")
    for _step in range(code):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def test_a_questionnaire_with_the_script(page_at, server, links):
    page = page_at("phone")
    page.goto(f"/q/{links[0]}/")
    look(page)
    with page.expect_response("**/module/"):
        page.locator("main form button").click()
    look(page)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(f"{request.method} {request.url.split('/', 5)[-1]}"))
    for place, code in ((1, 1), (2, 1), (3, 4)):
        answer(page, place, code)
    expect(page.locator("[data-saved]")).to_have_text("Saved.")
    assert requests == ["POST save/"] * 3
    goes_back_and_sees_no_answer(page)
    waits_without_a_net(page)
    page.reload()
    expect(page.locator("[data-progress-text]")).to_contain_text(f"5 of {QUESTIONS}")
    page.wait_for_load_state("networkidle")
    for place in range(5, QUESTIONS + 1):
        answer(page, place)
    page.wait_for_url("**/thanks/")
    look(page)
    rows = world(server.data, "count")["answers"]
    mine = [row for row in rows if row[0] in {family for family, _slug, _item, value in rows if value == 4}]
    assert len(mine) == QUESTIONS
    assert [value for _family, slug, _item, value in mine if slug == "demo_warmth"] == [1, 1, 4, 1, 1, 1, 1]
    page.go_back()
    expect(page.get_by_role("heading", name="This page is closed")).to_be_visible()
    look(page)


def goes_back_and_sees_no_answer(page: Page) -> None:
    tab_to(page, "button[value=back]")
    page.keyboard.press("Enter")
    expect(page.locator("[data-progress-text]")).to_contain_text(f"3 of {QUESTIONS}")
    assert page.locator("input:checked").count() == 0
    expect(page.locator("[data-answered]")).to_be_visible()
    look(page)
    page.locator("[data-keep]").click()
    expect(page.locator("[data-progress-text]")).to_contain_text(f"4 of {QUESTIONS}")
    page.locator("button[value=next]").click()
    expect(page.locator("[data-problem]")).to_be_visible()
    look(page)


def waits_without_a_net(page: Page) -> None:
    """The answer is not called saved before it is, and it is not lost."""
    page.context.set_offline(True)
    answer(page, 4)
    expect(page.locator("[data-saved]")).to_contain_text("Not saved yet")
    page.context.set_offline(False)
    expect(page.locator("[data-saved]")).to_have_text("Saved.")


def test_a_questionnaire_without_the_script(page_at, links):
    page = page_at("phone", java_script_enabled=False)
    page.goto(f"/q/{links[1]}/")
    page.locator("main form button").click()
    for place in range(1, QUESTIONS + 1):
        answer(page, place)
    page.wait_for_url("**/thanks/")
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", name="This page is closed")).to_be_visible()


def test_a_link_that_ends_while_the_page_is_open(page_at, links, server):
    """The script's next save is told, and the page says kindly that it is closed."""
    page = page_at("phone")
    with page.expect_response("**/module/"):
        page.goto(f"/q/{links[2]}/question/")
    staff = page_at("desktop", "coordinator")
    staff.goto("/surveys/baseline/?state=due")
    look(staff)
    staff.goto(f"/families/{ast.literal_eval((server.data / 'world.json').read_text())['open'][2]}/links/")
    staff.get_by_role("button", name="End all links").click()
    expect(staff.get_by_text("All links of this family have ended.")).to_be_visible()
    answer(page, 1)
    expect(page.get_by_role("heading", name="This page is closed")).to_be_visible()


def test_staff_pages_of_questionnaires(page_at):
    page = page_at("phone", "survey_team")
    for address in ("/surveys/", "/surveys/baseline/", "/surveys/four_months/"):
        page.goto(address)
        look(page)
    page.goto("/surveys/baseline/?state=due")
    page.locator("tbody a").first.click()
    look(page)
    page.get_by_role("button", name="Ask the questions by telephone").click()
    look(page)
    answer(page, 1)
    expect(page.locator("[data-progress-text]")).to_contain_text(f"2 of {QUESTIONS}")
