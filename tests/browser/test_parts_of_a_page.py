"""Every part that a page may be made of, looked at by axe at both widths and in both directions; and the quick exit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import Browser, Page, Route

from tests.browser.conftest import ROOT, WIDTHS, look
from tests.web.test_page import Referral

STATIC = ROOT / "src" / "attunement" / "web" / "static"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
STRICT = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'"
GALLERY = """{% extends frame %}{% load page %}{% block title %}Parts{% endblock %}{% block content %}<h1>Parts</h1>
<ul class="att-cards"><li class="att-card"><h2>Referred</h2><span class="att-number">126</span><p>of 252</p></li></ul>
{% table "Families" stacked=True %}<thead><tr><th scope="col">Number</th><th scope="col">State</th></tr></thead>
<tbody><tr><td data-label="Number"><a href="#">0104</a></td>
<td data-label="State">{% status "Yes" "green" %}</td></tr></tbody>
{% endtable %}
{% table "Wide" %}<tbody><tr>{% for number in wide %}<td>{{ number }}000.00</td>{% endfor %}</tr></tbody>{% endtable %}
{% pages page %}{% progress 3 20 %}
<dl><div><dt>Language</dt><dd>English</dd></div></dl><div class="govuk-inset-text">It cannot be undone.</div>
{% status "Due" "yellow" %} {% status "Late" "red" %} {% status "Planned" %} {% status "None" "grey" %}
{% button_form "/go" "Go" family=3 %} {% button_form "/go" "Not now" "secondary" %}
{% button_form "/go" "Out" "warning" %}
<form method="post" novalidate>{{ form }}<button class="govuk-button">Save</button></form>{% endblock %}"""


def gallery(frame: str) -> str:
    request = RequestFactory().get("/")
    context = {"frame": frame, "form": Referral({"weeks": "x"}), "wide": range(20),
               "page": Paginator(range(500), 20).page(9),
               "breadcrumbs": [("Families", "#"), ("0104", "#")], "back_url": "#", "quick_exit_url": "/elsewhere",
               "navigation": [{"label": "Families", "url": "#", "current": True}, {"label": "Returns", "url": "#"}]}
    return str(engines["django"].from_string(GALLERY).render(context, request))


@pytest.fixture(scope="module")
def shown(chromium: Browser) -> Iterator[Callable[[str, str], Page]]:
    """`shown(html, width)`: that page in Chromium under the strictest policy, with our own static files only."""
    pages: dict[str, Page] = {}
    now = {"html": ""}

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix("http://page.test")
        if path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            route.fulfill(body=file.read_bytes(), content_type=KINDS[Path(path).suffix])
        elif path == "/":
            route.fulfill(body=now["html"], content_type="text/html", headers={"Content-Security-Policy": STRICT})
        else:
            route.fulfill(body="<title>Elsewhere</title>", content_type="text/html")

    def opened(html: str, width: str) -> Page:
        if width not in pages:
            pages[width] = chromium.new_context(viewport=WIDTHS[width]).new_page()
            pages[width].context.route("**/*", answer)
        now["html"], page = html, pages[width]
        page.goto("http://page.test/before")
        page.goto("http://page.test/")
        return page

    yield opened
    for page in pages.values():
        page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["en", "en-xr"])
@pytest.mark.parametrize("frame", ["base.html", "family_base.html"])
def test_the_parts_can_be_used_by_everybody(shown, frame, language, width):
    with translation.override(language):
        look(shown(gallery(frame), width))


@pytest.mark.parametrize("fault", ["400", "403", "404", "413", "429", "500"])
def test_a_page_for_a_fault_can_be_used_by_everybody(shown, fault):
    look(shown(render_to_string(f"{fault}.html"), "phone"))


def test_the_summary_takes_the_focus_and_its_link_gives_it_to_the_field(shown):
    page = shown(gallery("base.html"), "phone")
    assert page.evaluate("document.activeElement.id") == "error-summary"
    page.get_by_role("link", name="Weeks: Enter a whole number.").press("Enter")
    assert page.evaluate("document.activeElement.id") == "id_weeks"


def test_the_quick_exit_leaves_no_way_back(shown):
    page = shown(gallery("family_base.html"), "phone")
    page.get_by_role("link", name="Leave now").click()
    page.wait_for_url("**/elsewhere")
    page.go_back()
    assert page.url == "http://page.test/before"


def test_targets_are_large_enough_for_a_thumb(shown):
    page = shown(gallery("family_base.html"), "phone")
    heights = page.eval_on_selector_all(".govuk-button, .govuk-input, .govuk-select, .govuk-radios__input",
                                        "parts => parts.map(part => part.getBoundingClientRect().height)")
    assert heights and min(heights) >= 44
