"""The joint display: beside each dimension what was counted, what was spoken of, and what both say together."""

from __future__ import annotations

from itertools import zip_longest

from attunement.process.dimensions import DIMENSIONS
from attunement.process.interviews import Theme
from attunement.report.authors import Authors, spoken
from attunement.report.chapters.interviewed import theme_id
from attunement.report.errors import ReportError
from attunement.report.ledger import Ledger
from attunement.report.material import Material
from attunement.report.model import Column, Inline, Number, Table

_COUNTED = {
    "fidelity": {"Cycles with a clip recorded": "process.cycles_with_a_clip",
                 "Had all planned cycles": "process.all_cycles"},
    "dosage": {"Had the planned number of sessions": "process.planned_sessions_or_more",
               "Sessions a family": "process.sessions_a_family"},
    "quality": {"Supervision time held": "process.supervision_minutes_held_of_booked"},
    "differentiation": {"Had a part of it elsewhere, in usual care": "process.contaminated_of_asked"},
    "reach": {"Consented, of those eligible": "process.consented_of_eligible",
              "Started, of those offered": "process.started_of_offered"},
    "adaptation": {"Sessions that were changed": "process.adapted_of_held"},
}  # fmt: skip
"""What the skeleton shows of each dimension, as far as this report prints it."""
Pair = tuple[Inline, Inline]


def joint_display(material: Material, authors: Authors, ledger: Ledger) -> Table:
    """The eight dimensions, then the outcome and what else authors join; a row a result or a theme, side by side."""
    main = next(one for one in material.study.estimands if one.role == "primary")
    asked = dict(authors.joint)
    rows: list[tuple[Inline, ...]] = []
    for name in dict.fromkeys((*DIMENSIONS, main.code, *asked)):
        own = asked.get(name, {})
        found = _results(material, name, own, ledger)
        counted: list[Pair] = [(words, _number(id_, ledger)) for words, id_ in found.items()]
        said = _said(name, own, authors, ledger)
        together = str(own.get("together", "")).strip() or "Not joined by the authors yet"
        title = name.replace("_", " ").capitalize()
        sides = zip_longest(counted or [("Nothing counted", "")], said or [("Nothing told", "")], fillvalue=("", ""))
        for place, (left, right) in enumerate(sides):
            rows.append((title, *left, *right, together if place == 0 else ""))
    columns = (Column("About", False), Column("Counted", False), Column("Result"), Column("Spoken of", False),
               Column("Families"), Column("Together", False))  # fmt: skip
    return Table("joint-display", "Numbers and words side by side", columns, tuple(rows))


def _results(material: Material, name: str, own: dict[str, object], ledger: Ledger) -> dict[str, str]:
    given = own.get("results")
    if isinstance(given, dict):
        return {str(words): str(id_) for words, id_ in given.items()}
    if name == "monitoring of the comparison":
        found = {f"Any other help, {material.arm_name(arm)}": f"other_care.any_service.{arm}"
                 for arm in (material.arms.programme, material.arms.control)}  # fmt: skip
    elif name == "responsiveness":
        best = material.study.delivery.visit.rating
        found = {f"Ratings “{best[-1][material.study.languages[0].code]}”": f"response.{len(best)}.share"} if best else {}
    else:
        found = dict(_COUNTED.get(name, {"Difference between the groups": f"effect.{name}.value"}))
    return {words: id_ for words, id_ in found.items() if id_ in ledger.results}


def _number(id_: str, ledger: Ledger) -> Number:
    if id_ not in ledger.results:
        raise ReportError(f"The joint display asks for the number '{id_}', which has no result.")
    return Number(id_)


def _said(name: str, own: dict[str, object], authors: Authors, ledger: Ledger) -> list[Pair]:
    """Themes of the dimension, or those that authors name by guid or path, then cleared quotes."""
    told = authors.told.themes if authors.told else ()
    wanted = own.get("themes")
    themes = [_theme(str(one), told) for one in wanted] if isinstance(wanted, list) else [
        theme for theme in told if theme.dimension == name]  # fmt: skip
    found: list[Pair] = [(theme.path, ledger.count(f"{theme_id(theme.guid)}.families", theme.families)) for theme in themes]
    quotes = own.get("quotes")
    return found + [(spoken(str(id_), authors.quotes), "") for id_ in (quotes if isinstance(quotes, list) else ())]


def _theme(wanted: str, told: tuple[Theme, ...]) -> Theme:
    found = next((theme for theme in told if wanted in (theme.guid, theme.path)), None)
    if found is None:
        raise ReportError(f"The joint display asks for the theme '{wanted}', which no interview handed in speaks of.")
    return found
