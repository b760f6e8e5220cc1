"""How families answered to the programme, what was changed on the way, what other care they had, what happened around."""

from __future__ import annotations

import polars as pl

from attunement import process
from attunement.process.indicator import ratio, tidy
from attunement.report import printing
from attunement.report.authors import Authors
from attunement.report.chapters.delivery import SAID, WITHHELD, Said, indicator_table
from attunement.report.chapters.other_care import other_care
from attunement.report.errors import ReportError
from attunement.report.ledger import Ledger
from attunement.report.material import Deliveries, Material
from attunement.report.model import Block, Column, Inline, Paragraph, Section, Table

TITLE = "How it was received, what was changed, and what else families had"


def experience_chapter(material: Material, authors: Authors, ledger: Ledger) -> Section:
    had = material.deliveries
    blocks: list[Block] = [WITHHELD] if had is None else [*_responses(material, had, ledger),
                                                         *_changes(material, had, ledger)]  # fmt: skip
    blocks += other_care(material, ledger)
    if had is not None:
        blocks.append(_context(material, authors, ledger))
    return Section("experience", TITLE, tuple(blocks))


def _responses(material: Material, had: Deliveries, ledger: Ledger) -> list[Block]:
    """Parents' ratings at the end of sessions: how they are distributed, how many are wanting, and session by session."""
    words = material.study.delivery.visit.rating
    if not words or "rating" not in had.sessions.columns:
        return [Paragraph(("Parents were asked for no rating at the end of a session.",), "note")]
    held = had.sessions.filter((pl.col("state") == "held") & pl.col("family").is_in(had.programme["family"].implode()))
    first = material.study.languages[0].code
    counts = [(f"response.{level}", word[first], int((held["rating"] == level).sum()))
              for level, word in enumerate(words, start=1)]  # fmt: skip
    given = held.height - held["rating"].null_count()
    ledger.adds_up("response.given", *(id_ for id_, _, _ in counts))
    ledger.adds_up("response.held", "response.given", "response.silent")
    rows: list[tuple[Inline, ...]] = [
        (title, ledger.count(id_, n), _part(f"{id_}.share", id_, n, "response.given", given, ledger))
        for id_, title, n in counts
    ]
    rows += [("All ratings", ledger.count("response.given", given), ""),
             ("No rating", ledger.count("response.silent", held.height - given),
              _part("response.silent.share", "response.silent", held.height - given, "response.held", held.height, ledger)),
             ("Sessions held", ledger.count("response.held", held.height), "")]  # fmt: skip
    question = material.study.delivery.visit.rating_question
    note = "Share of all ratings given; of those without, share of sessions held. Silence is shown and never filled."
    caption = f"What parents said after sessions: “{question[first]}”" if question else "What parents said after sessions"
    columns = (Column("Rating", False), Column("Sessions"), Column("Share"))
    return [Table("responses-table", caption, columns, tuple(rows), (note,)),
            _by_session(material, held, ledger)]  # fmt: skip


def _by_session(material: Material, held: pl.DataFrame, ledger: Ledger) -> Table:
    planned = dict(enumerate((one.title for one in material.study.delivery.sessions), start=1))
    rows: list[tuple[Inline, ...]] = []
    numbers = sorted(set(held["number"].drop_nulls()))
    for number in numbers:
        own = held.filter(pl.col("number") == number)["rating"]
        given, id_ = own.drop_nulls().cast(pl.Float64).to_list(), f"response.session_{number}"
        mean = ledger.mean(id_, sum(given) / len(given), len(given)) if given else ledger.put(id_, None, "nobody yet")
        rows.append((planned.get(number, "A further session"), mean, ledger.count(f"{id_}.given", len(given)),
                     ledger.count(f"{id_}.silent", own.null_count())))  # fmt: skip
    if held["number"].null_count() == 0:
        for part in ("given", "silent"):
            ledger.adds_up(f"response.{part}", *(f"response.session_{number}.{part}" for number in numbers))
    columns = (Column("Session", False), Column("Mean rating"), Column("Ratings"), Column("No rating"))
    note = "The lowest rating counts as one, the next as two, and so on."
    return Table("responses-by-session", "Ratings, session by session", columns, tuple(rows), (note,))


def _part(id_: str, part: str, n: int, whole: str, of: int, ledger: Ledger) -> Inline:
    shown, all_ = ledger.shown(part, n), ledger.shown(whole, of)
    if shown is None or all_ is None:
        return ledger.put(id_, None, printing.HIDDEN)
    value = ledger.ratio(shown, all_, n / of if of else None)
    return ledger.put(id_, value, printing.share(value))


def _changes(material: Material, had: Deliveries, ledger: Ledger) -> list[Block]:
    if "adaptation" not in had.sessions.columns:
        text = "What was changed in a session was not noted, which does not mean that nothing was changed."
        return [Paragraph((text,), "note")]
    visit = material.study.delivery.visit
    held = had.sessions.filter(pl.col("state") == "held")
    said = dict(SAID) | {f"adaptations_{one.code}": Said(f"{one.words}, of changes", "share") for one in visit.adaptations}
    said |= {f"adaptations_for_{one.code}": Said(f"Because: {one.words.lower()}", "share")
             for one in visit.adaptation_reasons}  # fmt: skip
    first = tidy([ratio("adapted_of_held", held.height - held["adaptation"].null_count(), held.height)])
    found = process.adaptations(material.snapshot).select(first.columns)
    strange = sorted(set(found["indicator"]) - set(said))
    if strange:
        raise ReportError(f"A session was changed in a way that the study file does not have: '{strange[0]}'.")
    _hang_together(found, ledger)
    return [indicator_table("adaptations-table", "Changes to sessions", pl.concat([first, found]), ledger,
                            "Which kinds are agreed, and which reasons force a change, the study file says.", said)]


def _hang_together(found: pl.DataFrame, ledger: Ledger) -> None:
    """Kinds make up all changes, reasons those with a reason, and so do chosen and forced, agreed and not."""
    for row in found.iter_rows(named=True):
        ledger.adds_up("process.adapted_of_held.numerator", *(f"process.{row['indicator']}.{part}" for part in
                                                              ("denominator", "missing")))  # fmt: skip
    pairs = {("adaptations_planned", "adaptations_forced"), ("adaptations_agreed", "adaptations_not_agreed")}
    reasons = tuple(name for name in found["indicator"] if name.startswith("adaptations_for_"))
    kinds = tuple(name for name in found["indicator"] if name not in reasons and not any(name in pair for pair in pairs))
    for group in (*pairs, reasons, kinds):
        for name in group:
            ledger.adds_up(f"process.{name}.denominator", *(f"process.{one}.numerator" for one in group))


def _context(material: Material, authors: Authors, ledger: Ledger) -> Table:
    """The review point and the authors' dated events, each with the families whose programme was under way."""
    point = material.study.review_point
    events = [(point.on, None, "The review point")] + [
        (one["on"], one.get("site"), one["event"]) for one in authors.events.values()
    ]
    frame = pl.DataFrame(events, schema={"on": pl.Date, "site": pl.String, "event": pl.String}, orient="row")
    try:
        found = process.context(material.snapshot, frame)
    except process.ProcessError as fault:
        raise ReportError(f"The authors' file: {fault}") from None
    names = {site.code: site.name for site in material.study.sites}
    rows = []
    for on, site, event, waiting in found.sort("on", "event").iter_rows():
        id_ = f"context.{on.isoformat()}.{site or 'all'}"
        rows.append((printing.day(on), "Everywhere" if site is None else names[site], event,
                     ledger.count(f"{id_}.waiting", waiting)))  # fmt: skip
    columns = (Column("When", False), Column("Where", False), Column("What happened", False),
               Column("Families under way"))  # fmt: skip
    note = ("Families allocated to the programme by that day that had neither withdrawn nor closed. "
            + ("" if authors.events else "The authors name no event around the programme."))  # fmt: skip
    return Table("context-table", "What happened around the programme", columns, tuple(rows), (note.strip(),))
