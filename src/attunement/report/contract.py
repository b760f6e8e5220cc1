"""What a snapshot's files hold: every column by name and kind. No name, no free text, no date of birth."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

Columns = Mapping[str, type[pl.DataType]]

TEXT, WHOLE, DAY, YES, REAL = pl.String, pl.Int64, pl.Date, pl.Boolean, pl.Float64

COLUMNS: Mapping[str, Columns] = {
    "blind/families": {
        "trial_number": TEXT,
        "family": TEXT,
        "site": TEXT,
        "language": TEXT,
        "referred_on": DAY,
        "eligible": YES,
        "ineligible_reason": TEXT,
        "consented_on": DAY,
        "baseline_on": DAY,
        "allocated_on": DAY,
        "help_needed": YES,
        "withdrawn_on": DAY,
        "change": TEXT,
        "index_child": YES,
    },
    "blind/scores": {
        "trial_number": TEXT,
        "time_point": TEXT,
        "instrument": TEXT,
        "scale": TEXT,
        "value": REAL,
        "completed_on": DAY,
        "mode": TEXT,
        "language": TEXT,
        "minutes_help": WHOLE,
    },
    "blind/answers": {
        "trial_number": TEXT,
        "time_point": TEXT,
        "instrument": TEXT,
        "item": WHOLE,
        "value": WHOLE,
    },
    "blind/outcomes": {"trial_number": TEXT, "extract_on": DAY, "status": TEXT},
    "delivery/assignments": {
        "trial_number": TEXT,
        "practitioner": TEXT,
        "from_on": DAY,
        "until_on": DAY,
        "reason": TEXT,
    },
    "delivery/sessions": {
        "trial_number": TEXT,
        "practitioner": TEXT,
        "number": WHOLE,
        "kind": TEXT,
        "cycle": WHOLE,
        "planned_on": DAY,
        "state": TEXT,
        "held_on": DAY,
        "minutes": WHOLE,
        "travel_minutes": WHOLE,
        "preparation_minutes": WHOLE,
        "films": WHOLE,
        "clips": WHOLE,
    },
    "delivery/supervision": {
        "practitioner": TEXT,
        "site": TEXT,
        "booked_on": DAY,
        "minutes_booked": WHOLE,
        "minutes_held": WHOLE,
        "state": TEXT,
    },
    "delivery/staff_time": {"practitioner": TEXT, "category": TEXT, "on": DAY, "minutes": WHOLE},
    "delivery/practitioners": {"practitioner": TEXT, "site": TEXT, "trained_on": DAY, "left_on": DAY},
    "arm_key/arms": {"family": TEXT, "arm": TEXT, "allocated_on": DAY, "salt": TEXT},
}

MAY_BE_WANTING: Mapping[str, Columns] = {
    "blind/families": {"own_worker_trained": YES},
    "delivery/sessions": {
        "reason": TEXT,
        "present": TEXT,
        "place": TEXT,
        "interpreter": YES,
        "filmed": YES,
        "adaptation": TEXT,
        "adaptation_why": TEXT,
        "training_stage": TEXT,
        "rating": WHOLE,
    },
}
"""Whether a family's own worker is a practitioner of the programme, asked in either arm. What is noted of a visit beside
its minutes, all of it codes of the study file (`present`: with a blank between). A snapshot may be without."""

OPEN_ENDED = "blind/outcomes"
"""The one file with further columns: a whole number for each outcome that the study asks of the records."""

HAPPENED = {
    "blind/families": ("referred_on", "consented_on", "baseline_on", "allocated_on", "withdrawn_on"),
    "blind/scores": ("completed_on",),
    "blind/outcomes": ("extract_on",),
    "delivery/sessions": ("held_on",),
    "delivery/staff_time": ("on",),
    "arm_key/arms": ("allocated_on",),
}
"""Days on which something happened: none may lie after the cut."""

ALWAYS_KNOWN = {
    "blind/families": ("trial_number", "family", "site"),
    "blind/scores": ("trial_number", "time_point", "instrument", "scale"),
    "blind/answers": ("trial_number", "time_point", "instrument", "item"),
    "blind/outcomes": ("trial_number",),
    "delivery/assignments": ("trial_number", "practitioner"),
    "delivery/sessions": ("trial_number", "state"),
    "delivery/supervision": ("practitioner", "booked_on", "minutes_booked"),
    "delivery/staff_time": ("category", "minutes"),
    "delivery/practitioners": ("practitioner",),
    "arm_key/arms": ("family", "arm"),
}
"""Columns without which a row says nothing: never empty."""

WITHHOLDABLE = ("delivery", "arm_key")
"""Parts that a person may be handed a snapshot without; each is there whole or not at all."""
