"""How each dimension was looked at: from which indicators, out of what source, when, and how they are analysed."""

from __future__ import annotations

from attunement.process.dimensions import place
from attunement.report.authors import Authors
from attunement.report.chapters.delivery import SAID
from attunement.report.material import Material
from attunement.report.model import Column, Table

METHODS = {
    "fidelity": ("Sessions, films and clips as recorded", "At each session",
                 "Shares of cycles planned and begun; days from film to review"),
    "dosage": ("Sessions as recorded", "At each session", "Shares and means of all families offered; Kaplan-Meier"),
    "quality": ("Supervision booked and held; ratings of films", "At each supervision",
                "Shares; kappa and alpha where two rate"),
    "responsiveness": ("Parents' own ratings", "At the end of each session", "Distribution and means; silence apart"),
    "differentiation": ("Parents' schedule of other help; sessions by group", "With the questionnaire after allocation",
                        "Share of usual-care families with a part of it"),
    "reach": ("Referrals, eligibility, consent, allocation", "As families come", "Shares of the step before"),
    "adaptation": ("Changes noted with sessions", "At each session", "Shares by kind and by reason"),
    "monitoring of the comparison": ("Parents' schedule of other help, same words in both groups",
                                     "With the questionnaire after allocation", "Shares by group"),
}  # fmt: skip
_SHORT = {"completed_of_": "Completed", "started_of_": "Started", "median_days_": "Days to start, film, review and closing",
          "minutes_a_": "Minutes a session and a family", "families_with_a_session_not_logged": "Not logged",
          "any_service": "Any other help", "had_": "Each kind of help", "rating_": "Rating by session",
          "adaptations_": "Changes by kind and reason", "cycles_complete_": "Cycles complete",
          "gap_days_": "Days from film to review", "mean_supervisor_": "Supervisors' ratings",
          "mean_self_": "Practitioners' own ratings", "double_rated_": "Agreement of two raters",
          "supervision": "Supervision held, missed, expected", "started_by_": "Started by a day"}  # fmt: skip


def process_methods(material: Material, authors: Authors) -> Table:
    """One row a dimension. Indicators are those that have a value in this snapshot; without the arms, none by arm."""
    found = material.indicators
    known = found.filter(found["value"].is_not_null())["indicator"].unique(maintain_order=True)
    themes = {theme.dimension for theme in authors.told.themes} if authors.told else set()
    rows = []
    for dimension, (source, when, how) in METHODS.items():
        names = dict.fromkeys(_title(name) for name in known if place(name)["dimension"] == dimension)
        source = f"{source}; interviews" if dimension in themes else source
        rows.append((dimension.capitalize(), "; ".join(names) or "None has a value in this snapshot", source, when, how))
    columns = (Column("Dimension", False), Column("Indicators", False), Column("Source", False), Column("When", False),
               Column("Analysed as", False))  # fmt: skip
    return Table("process-methods-table", "How each dimension was looked at", columns, tuple(rows))


def _title(name: str) -> str:
    ends = {"_before_start": "Lost before the start", "_of_due": "What became of sessions due",
            "_of_planned": "What became of sessions due"}  # fmt: skip
    found = next((words for end, words in ends.items() if name.endswith(end) and not name.startswith("cycles_")), None)
    if found is not None:
        return found
    short = next((words for start, words in _SHORT.items() if name.startswith(start)), None)
    if short is None:
        short = SAID[name].title.split(",")[0].split(" (")[0] if name in SAID else name.replace("_", " ").capitalize()
    return short
