"""ACRO's crosstab of families, in a Python of its own that has ACRO and need not have Attunement.

Reads a JSON list of tables, each a mapping of two dimensions to the families' values; the first argument says whether it
suppresses. Writes JSON: `times`, CPU milliseconds a table; `cells`, for each table [first, second, count or null], or null
where ACRO ended with an error.
"""

import contextlib
import io
import itertools
import json
import logging
import os
import sys
import tempfile
import time
import warnings

import pandas
from acro import ACRO


def seen(made, first, second):
    """A cell of its table; None where it is blank, or where the margin is not there."""
    try:
        value = made.loc[first, second]
    except KeyError:
        return None
    return None if value != value else int(value)


def main(suppress):
    tables, times, cells = json.load(sys.stdin), [], []
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    with (tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()),
          contextlib.redirect_stderr(io.StringIO())):  # fmt: skip
        os.chdir(folder)
        session = ACRO(suppress=suppress)
        for table in tables:
            frame = pandas.DataFrame(table)
            first, second = frame.columns
            before = time.process_time()
            try:
                made = session.crosstab(frame[first], frame[second], margins=True, margins_name="Total")
            except Exception:  # ACRO's own, on some tables
                cells.append(None)
                continue
            times.append((time.process_time() - before) * 1000)
            names = [[*sorted(set(frame[each])), "Total"] for each in (first, second)]
            cells.append([[one, other, seen(made, one, other)] for one, other in itertools.product(*names)])
        os.chdir("/")
    json.dump({"times": times, "cells": cells}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:] == ["suppress"])
