"""Log lines carry no query string, no form value, no traceback of a request: names and answers stay out of logs."""

from __future__ import annotations

import copy
import logging
import re

_TOKEN = re.compile(r"/(q|c|invitation|key)/[\w-]{20,}")


class Plain(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        mine = copy.copy(record)
        mine.exc_text = None  # what another handler made of the exception would be taken over, text and all
        return _TOKEN.sub(r"/\1/…", super().format(mine))

    def formatException(self, ei: object) -> str:  # noqa: N802 - the library's name
        """Where it happened, without the values: an exception's text may quote what somebody typed."""
        kind, _error, trace = ei  # type: ignore[misc]
        places = []
        while trace is not None:
            code = trace.tb_frame.f_code
            places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        return f"{kind.__name__} at " + " < ".join(reversed(places[-8:]))
