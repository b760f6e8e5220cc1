"""The parts a page is made of, beyond forms: every template may use them."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def direction() -> str:
    """`rtl` or `ltr` for the language in use, by its whole tag: Django's own looks only at the part before `-`."""
    language = get_language() or settings.LANGUAGE_CODE
    return "rtl" if {language, language.split("-")[0]} & set(settings.LANGUAGES_BIDI) else "ltr"


@register.simple_tag
def in_demonstration() -> bool:
    """Read from the settings, because the page for a fault of ours is rendered without any context."""
    return bool(getattr(settings, "DEMONSTRATION", False))


def _errors(form: Any) -> Iterator[tuple[str, str]]:
    if hasattr(form, "forms"):
        for message in form.non_form_errors():
            yield f"{form.prefix}-errors", message
        for one in form.forms:
            yield from _errors(one)
        return
    for message in form.non_field_errors():
        yield form_errors_id(form), message
    for field in form:
        for message in field.errors:
            yield (form_errors_id(form) if field.is_hidden else field.first_id), message


@register.filter
def form_errors_id(form: Any) -> str:
    """Where a form's own errors (those of no field) stand on the page."""
    return f"{form.prefix}-errors" if form.prefix else "form-errors"


@register.inclusion_tag("page/error_summary.html")
def error_summary(*forms: Any) -> dict[str, Any]:
    """The summary at the top of a page: each error of these forms (or formsets), linked to its field."""
    return {"errors": [error for form in forms if form and form.is_bound for error in _errors(form)]}


@register.simple_block_tag
def table(content: str, caption: str, stacked: bool = False, hide_caption: bool = False) -> SafeString:
    """A table whose region scrolls by itself on a narrow screen, or (`stacked`) whose cells stand under each other:
    then each `<td>` names its column in `data-label`."""
    return format_html(
        '<div class="att-table-region" role="region" aria-label="{}" tabindex="0"><table class="att-table{}">'
        "<caption{}>{}</caption>{}</table></div>",
        caption,
        " att-table--stacked" if stacked else "",
        mark_safe(' class="govuk-visually-hidden"') if hide_caption else "",
        caption,
        content,
    )


@register.simple_tag
def status(text: str, colour: str = "") -> SafeString:
    """A small coloured label; its words carry the meaning, the colour only helps."""
    return format_html('<strong class="govuk-tag{}">{}</strong>', f" govuk-tag--{colour}" if colour else "", text)


@register.inclusion_tag("page/button_form.html", takes_context=True)
def button_form(context: Mapping[str, Any], url: str, label: str, kind: str = "", **hidden: Any) -> dict[str, Any]:
    """A button that posts by itself; further keywords become hidden fields."""
    return {"csrf_token": context.get("csrf_token"), "url": url, "label": label, "kind": kind, "hidden": hidden}


@register.inclusion_tag("page/progress.html")
def progress(number: int, total: int) -> dict[str, int]:
    """`3 of 20`, in words and as a bar."""
    return {"number": number, "total": total}


@register.inclusion_tag("page/pages.html", takes_context=True)
def pages(context: Mapping[str, Any], page: Page[Any]) -> dict[str, Any]:
    """Links to the other pages of a list; the rest of the query string is kept."""
    return {"page": page, "numbers": page.paginator.get_elided_page_range(page.number), "request": context["request"]}
