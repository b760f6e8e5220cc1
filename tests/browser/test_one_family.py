"""One family through all stages, each step by the person whose step it is, every page looked at by axe.

The family uses the keyboard only. A demonstration's clock carries the programme from July 2021 to August 2022.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from attunement.film.made_up import make_film
from attunement.web import place
from tests.browser.looked_at import LOOKS, NO_PAGE
from tests.browser.walk import Walk
from tests.faults.test_many_clients import world
from tests.servers import served

DAY_ONE, VISITS, FOLLOW_UP, REPORT = "2021-07-05", "2021-09-06", "2021-11-10", "2022-08-31"


@pytest.fixture(params=["phone", "desktop"])
def walk(request: pytest.FixtureRequest, chromium: Browser, tmp_path: Path):  # type: ignore[no-untyped-def]
    data = tmp_path / "data"
    place.create(data, demonstration=True, staff_totp=False)
    world(data, "next_is_vig", clock=f"{DAY_ONE}T09:00")
    with served(data, clock=f"{DAY_ONE}T10:00") as server:
        yield Walk(chromium, server, request.param)


def test_from_referral_to_report(walk, tmp_path):
    code = refer(walk)
    consent_by_keyboard(walk, given_link(walk, code))
    answer_by_keyboard(walk, survey_link(walk, code))
    allocate_and_assign(walk, code)
    walk.server.restart(f"{VISITS}T10:00")
    film_and_review(walk, code, tmp_path)
    supervise(walk)
    train(walk, code)
    hold_the_review_point(walk)
    keep_the_registers(walk, code)
    walk.server.restart(f"{FOLLOW_UP}T10:00")
    ask_by_telephone(walk, code)
    walk.server.restart(f"{REPORT}T10:00")
    supply_records(walk, tmp_path)
    lock_and_report(walk)
    look_around(walk, code)
    assert sorted(every_page() - walk.seen) == []


def refer(walk: Walk) -> str:
    page = walk.as_person("coordinator")
    walk.see("/")
    walk.link("Refer a family")
    page.get_by_label("When was the child born?").fill("2021-04-01")
    for question in page.get_by_role("radio", name="Yes").all():
        question.check()
    page.get_by_label("Name of the parent or carer").fill("Zuleika Quartz")
    page.get_by_label("Mobile number").fill("07700 900456")
    page.get_by_label("Text message").check()
    walk.press("Refer this family")
    assert "Zuleika Quartz" in page.content()
    code = page.locator("h1").inner_text().split()[-1]
    walk.see("/families/")
    return code


def given_link(walk: Walk, code: str) -> str:
    walk.see(f"/families/{code}/consent/record/")
    walk.see(f"/families/{code}/links/")
    walk.press("Make a consent link")
    return urlsplit(walk.page.locator("#address").inner_text()).path


def consent_by_keyboard(walk: Walk, address: str) -> None:
    page = walk.as_person(None)
    walk.see(address)
    assert "VIG" not in page.title()
    walk.tab_to("a.govuk-button:not(.att-exit)")
    walk.key("Enter")
    page.wait_for_selector("fieldset")
    walk.see()
    walk.picture("consent")
    names = page.evaluate("[...new Set([...document.querySelectorAll('input[type=radio]')].map(e => e.name))]")
    assert len(names) == 8
    for name in names:
        walk.tab_to(f"input[type=radio][name='{name}']")
        walk.key("Space")
        assert page.evaluate("document.activeElement.value") == "yes"
    walk.tab_to("main form button.govuk-button")
    walk.key("Enter")
    page.wait_for_selector("text=Nothing counts yet")
    walk.see()
    walk.tab_to("main form button.govuk-button:not(.govuk-button--secondary)")
    walk.key("Enter")
    page.wait_for_url("**/thanks/**")
    walk.see()


def survey_link(walk: Walk, code: str) -> str:
    page = walk.as_person("coordinator")
    walk.see(f"/families/{code}/surveys/")
    page.get_by_role("group", name="Send the family its link").first.get_by_role("radio").last.check()
    walk.press("Make the link")
    return urlsplit(page.locator("#address").inner_text()).path


def answer_by_keyboard(walk: Walk, address: str) -> None:
    page = walk.as_person(None)
    walk.see(address)
    walk.tab_to("main form button.govuk-button")
    walk.key("Enter")
    page.wait_for_selector("[data-survey]")
    walk.see()
    walk.picture("survey")
    for number in range(1, 25):
        page.wait_for_function("n => document.title.startsWith(`Question ${n} `) || document.title.includes(` ${n} `)",
                               arg=number)
        assert page.locator("input[type=radio]:checked").count() == 0, "an earlier answer is shown"
        walk.tab_to("input[type=radio]")
        walk.key("ArrowDown", "ArrowDown")
        walk.tab_to("button[value=next]")
        walk.key("Enter")
    page.wait_for_url("**/thanks/")
    walk.see()
    page.goto(address)
    assert page.locator("input").count() == 0, "a finished questionnaire shows nothing"


def allocate_and_assign(walk: Walk, code: str) -> None:
    page = walk.as_person("coordinator")
    walk.see(f"/families/{code}/")
    walk.link("Allocate this family")
    page.get_by_label("Yes", exact=True).check()
    walk.picture("allocation")
    page.get_by_role("button", name="Allocate this family").dblclick()
    page.wait_for_url(f"**/families/{code}/")
    walk.see()
    walk.picture("family")
    assert "VIG" in page.locator("main").inner_text()
    walk.see(f"/families/{code}/assign/")
    page.get_by_role("radio").first.check()
    page.locator("input[type=date]").fill("2021-07-12")
    page.locator("main form button.govuk-button").click()
    walk.see("/delivery/")
    walk.see("/")
    walk.picture("start")
    blind = walk.as_person("survey_team")
    blind.goto(f"/families/{code}/")
    assert "Usual care" not in blind.content()
    panel = blind.locator("section", has_text="Allocation").last.inner_text()
    assert "vig" not in panel.lower(), "a masked role reads no arm"


def film_and_review(walk: Walk, code: str, tmp_path: Path) -> None:
    film = tmp_path / "family.mp4"
    with film.open("wb") as file:
        make_film(file, seconds=4, seed=7)
    page = walk.as_person("practitioner")
    walk.see("/caseload/")
    walk.see(f"/caseload/{code}/")
    walk.link("Write down the helping question")
    page.locator("textarea").fill("How can I calm her before sleep?")
    page.locator("main form button.govuk-button").click()
    page.wait_for_load_state()
    record(walk, code, "Initial meeting")
    record(walk, code, "Film 1")
    session = page.evaluate("[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))"
                            ".find(h => /sessions.*film/.test(h))")
    walk.see(session)
    page.get_by_label("I asked the family again").check()
    page.get_by_label("The film", exact=True).set_input_files(film)
    walk.press("Send the film")
    page.wait_for_url("**/films/**")
    page.locator("video").evaluate("v => v.play()")
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.3")
    page.locator("video").evaluate("v => v.pause()")
    page.get_by_text("The clips as a table, and by numbers").click()
    page.get_by_label("First picture").fill("30")
    page.get_by_label("Last picture").fill("75")
    page.get_by_label("What you see in it", exact=True).select_option("Receiving initiatives")
    page.get_by_role("button", name="Mark this clip").click()
    page.get_by_text("The clip is marked.").wait_for()
    walk.see()
    walk.picture("desk")
    walk.see(f"/caseload/{code}/")
    review = page.evaluate("[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))"
                           ".find(h => /^.reviews/.test(h))")
    walk.see(review)
    assert "How can I calm her before sleep?" in page.content()
    record(walk, code, "Shared review 1")
    walk.see("/time/")


def record(walk: Walk, code: str, title: str) -> None:
    """Records a session as held, from the caseload."""
    page = walk.page
    page.goto(f"/caseload/{code}/")
    row = page.locator("tr", has_text=title)
    row.get_by_role("link").first.click()
    page.wait_for_load_state()
    walk.see()
    if title == "Film 1":
        walk.picture("visit")
    page.get_by_label("Held", exact=True).check()
    if not page.locator("input[name=held_on]").input_value():
        page.locator("input[name=held_on]").fill(VISITS)
    page.locator("input[name=minutes]").first.check()
    page.locator("main form button.govuk-button").last.click()
    page.wait_for_url(f"**/caseload/{code}/")


def supervise(walk: Walk) -> None:
    page = walk.as_person("supervisor")
    walk.see("/supervision/")
    walk.picture("supervision")
    page.locator("td a", has_text="Practitioner").first.click()
    page.wait_for_load_state()
    walk.see()
    films = page.get_by_role("link", name="Film 1")
    address = page.url
    films.first.click()
    page.wait_for_selector("video")
    walk.see()
    page.goto(address)
    walk.link("Book supervision")
    page.locator("input[type=date]").fill(VISITS)
    page.locator("main form button.govuk-button").click()
    page.wait_for_load_state()
    page.goto(address)
    page.locator("td a", has_text="ecord").first.click()
    page.wait_for_load_state()
    walk.see()
    page.get_by_label("Held", exact=True).check()
    page.get_by_label("Minutes, if it was held").fill("60")
    page.locator("input[type=checkbox]").first.check()
    page.locator("main form button.govuk-button").click()
    page.wait_for_load_state()
    row = page.goto(address) and page.locator("tr", has_text="60").inner_text()
    assert "Held" in row, "the hour of supervision is on record"


def train(walk: Walk, code: str) -> None:
    """Courses, the hour's queue and notes, practice families, goals."""
    page = walk.as_person("supervisor")
    walk.see("/supervision/courses/")
    page.get_by_label("Name of the course").fill("First course")
    page.get_by_label("First day").fill("2021-09-01")
    walk.press("Add this course")
    walk.link("Day 1")
    page.goto("/supervision/")
    page.locator("td a", has_text="Practitioner").first.click()
    page.wait_for_load_state()
    trainee = urlsplit(page.url).path
    hour = page.locator("td[data-label=Day] a").first.get_attribute("href") or ""
    for address in (hour, f"{trainee}ready/", f"{trainee}meeting/", f"{trainee}evidence/"):
        walk.see(address)
    page = walk.as_person("practitioner")
    number = hour.split("/")[2]
    for address in (f"/supervision/own/{number}/", "/staff-record/", "/supervision/own/evidence/", "/practice/"):
        walk.see(address)
    walk.press("Add a practice family")
    walk.link("Add a cycle")
    walk.see(f"/caseload/{code}/goals/")
    page.locator("textarea").fill("More smiles at meal times")
    walk.press("Add this goal")
    walk.link("Rate it today")
    page = walk.as_person("supervisor")
    page.goto(f"{trainee}book/")
    page.locator("input[type=date]").fill("2021-09-20")
    page.locator("main form button.govuk-button").click()
    page.wait_for_load_state()
    number = (page.locator("td[data-label=Day] a").first.get_attribute("href") or "").split("/")[2]
    walk.as_person("practitioner")
    walk.see(f"/supervision/own/{number}/bring/")


def hold_the_review_point(walk: Walk) -> None:
    page = walk.as_person("trial_manager")
    walk.see("/review/")
    page.get_by_label("Go on as planned").check()
    page.locator("textarea").fill("Recruitment is on course.")
    walk.press("Hold the review and sign")
    assert "Recruitment is on course." in page.content()
    walk.see("/review/pack/")
    page = walk.as_person("trial_statistician")
    walk.see("/review/")
    walk.press("Sign this decision")
    assert "once two people have signed" not in page.content()


def keep_the_registers(walk: Walk, code: str) -> None:
    page = walk.as_person("coordinator")
    walk.see("/registers/open/")
    page.get_by_role("radio").first.check()
    page.get_by_label("Trial number of the family").fill(code)
    page.get_by_label("What happened?").fill("A neighbour rang, worried.")
    walk.press("Put it on record")
    page = walk.as_person("trial_manager")
    walk.see("/registers/")
    page.locator("td a").first.click()
    page.wait_for_load_state()
    walk.see()
    walk.press("Acknowledge this entry")
    page.get_by_label("What came of it?").fill("The authority was told at once.")
    walk.press("Close this entry")
    assert "Closed" in page.content()


def ask_by_telephone(walk: Walk, code: str) -> None:
    page = walk.as_person("survey_team")
    walk.see(f"/families/{code}/surveys/")
    page.get_by_role("button", name="Ask the questions by telephone").last.click()
    page.wait_for_selector("input[type=radio]")
    walk.see()
    for _place in range(24):
        page.get_by_role("radio").nth(1).check()
        page.locator("button[value=next]").click()
        page.wait_for_load_state()
    walk.see()
    page.locator("main form button.govuk-button").first.click()
    page.wait_for_load_state()
    walk.see("/surveys/")


def supply_records(walk: Walk, tmp_path: Path) -> None:
    page = walk.as_person("la_analyst")
    walk.see("/records/")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download the workbook").click()
    template, filled = tmp_path / "template.xlsx", tmp_path / "filled.xlsx"
    waiting.value.save_as(template)
    world(walk.server.data, "fill", str(template), str(filled), clock=f"{REPORT}T10:00")
    walk.see("/records/send/")
    page.locator("input[type=file]").set_input_files({"name": "wrong.xlsx", "mimeType": "text/plain", "buffer": b"words"})
    walk.press("Read the workbook")
    assert "not an Excel workbook" in page.content()
    page.locator("input[type=file]").set_input_files(filled)
    walk.press("Read the workbook")
    walk.see("/records/A/check/")
    for question in page.get_by_role("group").filter(has_text="Why:").all():
        question.get_by_role("radio").first.check()
    page.get_by_label("I have looked at the difference").check()
    walk.press("Approve: from now on these rows count")
    assert "has been taken in" in page.content()
    walk.see()


def lock_and_report(walk: Walk) -> None:
    """From the registered plan to a reviewed draft, each step by whoever takes it."""
    page = walk.as_person("trial_manager")
    walk.see("/snapshots/")
    walk.press("Lock the analysis plan")
    walk.press("Take a snapshot of today, to try the report on")
    walk.see("/locks/")
    walk.press("Begin a lock")
    walk.see()
    lock = "/locks/" + page.url.split("/locks/")[1]
    page.get_by_role("link", name="Set the day of the data cut").click()
    walk.see()
    walk.press("Set the day of the data cut")
    walk.press("Close the queries")
    assert "Blind review" in page.content()
    page = walk.as_person("trial_statistician")
    walk.see(lock)
    walk.see(f"{lock}scrambled/")
    walk.see(f"{lock}steps/review/")
    for name in ("exclusions", "coding", "missingness"):
        page.locator(f"[name={name}]").fill("None: as the analysis plan has it.")
    walk.press("Hold the blind review")
    as_of(walk, "trial_manager", lock, "Freeze the snapshot", "Release the arm key")
    assert "1 of 2 people" in walk.page.content()
    as_of(walk, "monitoring_statistician", lock, "Release the arm key")
    as_of(walk, "trial_statistician", lock, "Run the analysis")
    as_of(walk, "trial_manager", lock, "Store the results", "Build the report")
    as_of(walk, "monitoring_statistician", lock, "Run it again, independently")
    page = walk.as_person("trial_manager")
    walk.see(f"{lock}steps/draft/")
    walk.press("Issue a draft")
    walk.see(lock)
    walk.see(f"{lock}editions/1/")
    assert "DRAFT 1" in page.content()
    as_of(walk, "trial_statistician", f"{lock}steps/reviewed/")
    walk.page.locator("[name=outcome]").fill("Read from end to end.")
    walk.press("Record the review of this draft")
    page = walk.as_person("funder")
    walk.see("/snapshots/")
    page.get_by_role("button", name="Build and read the report").click()
    page.wait_for_url("**/report/")
    walk.see()
    assert "DEMONSTRATION" in page.content() and "DUMMY" not in page.content()
    walk.picture("report")


def as_of(walk: Walk, role: str, lock: str, *buttons: str) -> None:
    walk.as_person(role)
    for button in buttons:
        walk.see(lock)
        walk.press(button)
    if not buttons:
        walk.see(lock)


def every_page() -> set[str]:
    from tests.test_routes import patterns

    return {pattern.name for pattern in patterns()} - NO_PAGE - {
        pattern.name for pattern in patterns() if pattern.name.startswith(("mfa_", "account_re"))}


def look_around(walk: Walk, code: str) -> None:
    """The pages that the walk did not need."""
    walk.as_person("practitioner").goto(f"/caseload/{code}/")
    planned = walk.page.locator("tr", has_text="Film 2").get_by_role("link").first.get_attribute("href").split("/")[2]
    film = films_as_the_family_sees_them(walk)
    for role, addresses in LOOKS.items():
        walk.as_person(role)
        for address in addresses:
            walk.see(address.format(code=code, planned=planned, film=film))
            if (role, address) == ("trial_manager", "/progress/"):
                walk.picture("progress")


def films_as_the_family_sees_them(walk: Walk) -> str:
    """What is kept of a film, a code for the family, and the page that it opens; returns the film."""
    page = walk.as_person("practitioner")
    walk.see("/films/")
    film = page.locator("main a[href^='/films/']").first.get_attribute("href").split("/")[2]
    walk.see(f"/films/{film}/keeping/")
    walk.press("Show a code for the family")
    code = page.locator(".att-key").first.inner_text()
    walk.seen.add("films_code")
    family = walk.as_person(None)
    walk.see("/code/")
    family.get_by_label("Your code").fill(code)
    walk.press("Go on")
    assert walk.page.url.split("/")[3] == "f"
    return film
