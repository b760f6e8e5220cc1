"""How forms look: `{{ form }}` and `{{ field.as_field_group }}` give the theme's markup for Django's own widgets."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.forms.utils import ErrorList
from django.forms.widgets import Input, Widget
from django.utils.translation import gettext as _

# The first that fits wins.
_CLASSES: list[tuple[type[Widget], str]] = [
    (forms.CheckboxInput, "govuk-checkboxes__input"),
    (forms.FileInput, "govuk-file-upload"),
    (forms.NumberInput, "govuk-input govuk-input--width-5"),
    (forms.Textarea, "govuk-textarea"),
    (forms.Select, "govuk-select"),
    (Input, "govuk-input"),
]


class PageField(BoundField):
    """A field with the theme's classes. Browsers do not check it: its errors are ours, in the summary and beside it."""

    @property
    def errors(self) -> ErrorList:
        """Django's "This field is required" says nothing in a summary: here such words follow the field's label."""
        errors: ErrorList = super().errors
        if not errors:
            return errors
        unnamed = {str(message) for kind in type(self.field).__mro__
                   for message in getattr(kind, "default_error_messages", {}).values()}
        if unnamed.isdisjoint(errors):
            return errors
        label = str(self.label).rstrip("?:. ")
        return ErrorList([self._named(label, message) if message in unnamed else message for message in errors],
                         renderer=self.renderer)

    def _named(self, label: str, message: str) -> str:
        if message == str(forms.Field.default_error_messages["required"]):
            message = _("please tick this.") if self.is_checkbox else _("please fill this in.")
        return f"{label}: {message}"

    @property
    def use_fieldset(self) -> bool:
        return bool(super().use_fieldset) and not isinstance(self.field.widget, forms.ClearableFileInput)

    @property
    def first_id(self) -> str:
        """The id of the input that a link to this field should reach."""
        return str(self.id_for_label or f"{self.auto_id}_0")

    @property
    def is_checkbox(self) -> bool:
        return isinstance(self.field.widget, forms.CheckboxInput)

    @property
    def marked_optional(self) -> bool:
        """Optional fields say so, except tick boxes and forms (of a filter, say) that set `mark_optional = False`."""
        return not (self.field.required or self.is_checkbox) and getattr(self.form, "mark_optional", True)

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Widget | None = None) -> dict[str, Any]:
        built = super().build_widget_attrs(attrs, widget)
        built.pop("required", None)
        widget = widget or self.field.widget
        if widget.is_hidden:
            return built
        if self.use_fieldset:
            built.pop("aria-invalid", None)
        if "placeholder" in widget.attrs:
            built["placeholder"] = False
        css = next((names for kind, names in _CLASSES if isinstance(widget, kind)), "")
        if css and self.errors:
            css += f" {css.split()[0]}--error"
        if css:
            built["class"] = f"{css} {widget.attrs.get('class', '')}".strip()
        return built


class PageRenderer(TemplatesSetting):
    """The value of the setting FORM_RENDERER."""

    form_template_name = "page/form.html"
    field_template_name = "page/field.html"
    bound_field_class = PageField
