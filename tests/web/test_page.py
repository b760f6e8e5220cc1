"""The parts of a page: forms, their errors, tables, the frames for staff and families, the pages for faults."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

FAULTS = ["400", "403", "403_csrf", "404", "413", "429", "500"]


class Referral(forms.Form):
    name = forms.CharField(label="Name of the child", help_text="As on the birth certificate",
                           widget=forms.TextInput(attrs={"placeholder": "Name", "class": "wide"}))
    notes = forms.CharField(label="Anything else", widget=forms.Textarea, required=False)
    born = forms.DateField(label="Date of birth", widget=forms.SelectDateWidget)
    plan = forms.ChoiceField(label="Which plan?", widget=forms.RadioSelect, choices=[("n", "In need"), ("p", "Plan")])
    homes = forms.MultipleChoiceField(label="Languages", widget=forms.CheckboxSelectMultiple, choices=[("e", "Urdu")])
    weeks = forms.IntegerField(label="Weeks")
    film = forms.FileField(label="Film")
    read = forms.BooleanField(label="I read it out")
    secret = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> None:
        raise forms.ValidationError("This family was referred <before>.")


def rendered(source: str, **context: object) -> str:
    return engines["django"].from_string(source).render(context, context.pop("request", None))


@pytest.fixture
def wrong() -> Referral:
    return Referral({"born_day": "31", "born_month": "2", "born_year": "2022", "weeks": "many"})


def test_every_link_of_the_summary_leads_to_an_input_or_the_errors_of_the_form(wrong):
    page = rendered("{% load page %}{% error_summary form %}{{ form }}", form=wrong)
    targets = re.findall(r'<a href="#([^"]+)"', page)
    assert len(targets) == 9
    assert all(f'id="{target}"' in page for target in targets)


def test_the_summary_says_the_same_words_as_the_field(wrong):
    summary = rendered("{% load page %}{% error_summary form %}", form=wrong)
    fields = rendered("{{ form }}", form=wrong)
    for message in ["Name of the child: please fill this in.", "Date of birth: Enter a valid date.",
                    "I read it out: please tick this.", "Weeks: Enter a whole number.",
                    "Which plan: please fill this in.", "This family was referred &lt;before&gt;."]:
        assert message in summary and message in fields


def test_hint_and_error_are_tied_to_their_input(wrong):
    page = rendered("{{ form.name.as_field_group }}", form=wrong)
    assert 'aria-describedby="id_name_helptext id_name_error"' in page
    assert 'id="id_name_helptext"' in page and 'id="id_name_error"' in page
    assert 'class="govuk-input govuk-input--error wide"' in page
    assert "placeholder" not in page and "required" not in page


def test_radios_are_a_fieldset_with_a_legend_and_describe_it_once(wrong):
    page = rendered("{{ form.plan.as_field_group }}", form=wrong)
    assert re.search(r'<fieldset [^>]*aria-describedby="id_plan_error">\s*<legend[^>]*>Which plan\?', page)
    assert page.count("aria-describedby") == 1 and "aria-invalid" not in page
    assert 'for="id_plan_0"' in page and 'id="id_plan_0"' in page


def test_a_date_is_three_inputs_that_keep_an_impossible_date(wrong):
    page = rendered("{{ form.born.as_field_group }}", form=wrong)
    shown = re.findall(r'name="born_(day|month|year)"[^>]* value="(\d+)"', page)
    assert shown == [("day", "31"), ("month", "2"), ("year", "2022")]


def test_a_good_date_is_read_the_british_way():
    form = Referral({"born_day": "3", "born_month": "4", "born_year": "2021"})
    form.is_valid()
    assert str(form.cleaned_data["born"]) == "2021-04-03"


def test_only_optional_fields_say_so():
    page = rendered("{{ form }}", form=Referral())
    assert page.count("(optional)") == 1
    form = Referral()
    form.mark_optional = False
    assert "(optional)" not in rendered("{{ form }}", form=form)


def test_a_hidden_field_is_drawn_once_and_bare():
    page = rendered("{{ form }}", form=Referral())
    assert re.findall(r'<input[^>]*name="secret"[^>]*>', page) == ['<input type="hidden" name="secret" id="id_secret">']


def test_errors_of_a_formset_are_in_the_summary():
    sent = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-weeks": "x"}
    several = forms.formset_factory(Referral, extra=1)(sent)
    summary = rendered("{% load page %}{% error_summary forms %}", forms=several)
    assert 'href="#id_form-0-weeks"' in summary and 'href="#form-0-errors"' in summary


def test_no_summary_without_errors_or_without_a_form():
    page = rendered("{% load page %}{% error_summary form nothing %}", form=Referral(), nothing=None)
    assert "There is a problem" not in page


def test_a_table_escapes_its_caption_and_can_be_reached_by_keyboard():
    page = rendered("{% load page %}{% table words hide_caption=True %}<tbody></tbody>{% endtable %}", words="<b>&")
    assert 'role="region" aria-label="&lt;b&gt;&amp;" tabindex="0"' in page and "<tbody></tbody>" in page


def test_links_to_other_pages_keep_the_query():
    request = RequestFactory().get("/families/?site=A&page=2")
    page = rendered("{% load page %}{% pages page %}", page=Paginator(range(90), 30).page(2), request=request)
    assert "?site=A&amp;page=3" in page and 'aria-current="page">2<' in page


def test_a_button_posts_with_its_token_and_escaped_fields():
    button = '{% load page %}{% button_form "/go/" "Go" "warning" family=code %}'
    page = rendered(button, code='"><script>', csrf_token="token")
    assert 'name="csrfmiddlewaretoken" value="token"' in page
    assert "<script>" not in page and "govuk-button--warning" in page


@pytest.mark.parametrize(("language", "expected"), [("en", "ltr"), ("en-xr", "rtl")])
def test_a_page_says_its_language_and_direction(language, expected):
    with translation.override(language):
        page = render_to_string("family_base.html")
    assert f'<html lang="{language}" dir="{expected}"' in page


def test_a_family_page_names_no_study_and_can_be_left():
    page = render_to_string("family_base.html", {"study_name": "Interaction Guidance", "neutral_word": "Questions"})
    assert "Guidance" not in page and "Attunement" not in page
    assert "<title>Questions</title>" in page
    assert re.search(r'<a [^>]*href="https://[^"]+" rel="noreferrer nofollow" data-exit', page)


def test_every_word_of_a_family_page_goes_through_translation():
    with translation.override("en-xr"):
        page = render_to_string("family_base.html", {"demonstration": True, "back_url": "/"})
    words = re.sub(r"<(title|svg)\b.*?</\1>|<[^>]+>", " ", page.split("<body")[1].split(">", 1)[1], flags=re.S)
    assert not re.search(r"(?<!&)\b[A-Za-z]{3,}\b", re.sub(r"⟦.*?⟧", " ", words))


def test_an_error_is_announced_in_the_title(wrong):
    assert "<title>Error: Your page</title>" in render_to_string("family_base.html", {"form": wrong})


@pytest.mark.parametrize("fault", FAULTS)
def test_a_page_for_a_fault_needs_nothing_and_says_demonstration(fault):
    page = render_to_string(f"{fault}.html")
    assert page.count("<h1>") == 1 and "<p>" in page.split("<main")[1]
    assert "DEMONSTRATION" in page and "Attunement" not in page


def test_a_refusal_is_shown_in_its_own_words():
    page = render_to_string("403.html", {"sentence": "Only the trial manager may do this."})
    assert "<p>Only the trial manager may do this.</p>" in page


def test_the_sign_in_pages_wear_the_frame(client):
    for address in ["/accounts/login/", "/accounts/password/reset/"]:
        page = client.get(address, headers={"host": "localhost"}).content.decode()
        assert "att-header" in page and "govuk-input" in page and "Sign Up" not in page
