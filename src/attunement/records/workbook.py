"""Our own workbook, there and back: `template` writes it for an authority, `read` takes it when it is filled."""

from attunement.records.csv_set import template_set
from attunement.records.reading import Return, read
from attunement.records.template import Row, template

__all__ = ["Return", "Row", "read", "template", "template_set"]
