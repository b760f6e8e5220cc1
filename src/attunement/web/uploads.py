"""Uploads that stay in memory, up to a bound. Films have a handler of their own, which seals as it receives."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler

LARGEST_WORKBOOK = 20 * 1024 * 1024


class SmallFiles(MemoryFileUploadHandler):
    """Never writes a temporary file: what is too large is refused."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, boundary: Any,  # noqa: N803
                         encoding: Any = None) -> None:
        if content_length > LARGEST_WORKBOOK:
            raise RequestDataTooBig("The file is too large.")
        self.activated = True
