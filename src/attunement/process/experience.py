"""What families said after sessions, what was changed, and what happened around: from logs beside delivery."""

from __future__ import annotations

import polars as pl

from attunement.process import recorded
from attunement.process.errors import ProcessError
from attunement.process.families import by_family
from attunement.process.indicator import cut, ratio, tidy, unknown
from attunement.process.sources import SnapshotLike, delivery, known_on

RESPONSES = {"trial_number": pl.String, "number": pl.Int64, "rating": pl.Int64}
"""A parent's rating at the end of a session (its number)."""
ADAPTATIONS = {"kind": pl.String, "planned": pl.Boolean, "agreed": pl.Boolean, "on": pl.Date}
"""A change to the programme: planned or forced, agreed with the developer or not. Null: not recorded."""
EVENTS = {"on": pl.Date, "site": pl.String, "event": pl.String}
"""What happened around the programme; no site: everywhere."""


def responsiveness(snapshot: SnapshotLike, *, responses: pl.DataFrame | None = None) -> pl.DataFrame:
    """Parents' end-of-session ratings at the cut: mean by session number (`rating_session_3`) and of all. `missing`
    counts sessions held without a rating: silence is shown, not filled. `responses` has the columns of RESPONSES;
    without them the ratings are those noted with the sessions, where the snapshot has them.
    """
    had = delivery(snapshot)
    responses = recorded.ratings(snapshot) if responses is None else responses
    held = had.sessions.filter((pl.col("state") == "held") & pl.col("family").is_in(had.programme["family"].implode()))
    if responses is None:
        return cut(tidy([unknown("rating_all_sessions", held.height)]), had.known_on)
    _columns(responses, RESPONSES, "Ratings of sessions")
    said = by_family(responses, had.children).select("family", "number", "rating")
    if said.select("family", "number").is_duplicated().any():
        raise ProcessError("A family rates a session once.")
    both = held.select("family", "number").join(said, on=["family", "number"], how="left")
    rows = []
    for name, part in [("all_sessions", both), *((f"session_{key[0]}", group) for key, group in
                       both.sort("number").group_by("number", maintain_order=True))]:  # fmt: skip
        given = part["rating"].drop_nulls()
        rows.append(ratio(f"rating_{name}", int(given.sum()), given.len(), part.height - given.len()))
    return cut(tidy(rows), had.known_on)


def adaptations(snapshot: SnapshotLike, *, log: pl.DataFrame | None = None) -> pl.DataFrame:
    """Changes by kind, planned or forced, agreed or not, each of all logged, at the cut. `log` has the columns of
    ADAPTATIONS; without one it is what was noted of sessions, and where nothing is noted nothing is known, which is not
    the same as nothing changed.
    """
    day = known_on(snapshot)
    if log is None and snapshot.has("delivery"):
        log = recorded.changes(snapshot)
    if log is None:
        return cut(tidy([unknown("adaptations", 0)]), day)
    _columns(log, ADAPTATIONS, "The log of adaptations")
    own = log.filter(pl.col("on") <= day)
    rows = [ratio(f"adaptations_{kind}", int((own["kind"] == kind).sum()), own.height) for kind in
            sorted(set(own["kind"]))]  # fmt: skip
    for column, yes, no in (("planned", "planned", "forced"), ("agreed", "agreed", "not_agreed")):
        told = own[column].drop_nulls()
        rows += [ratio(f"adaptations_{name}", int((told == wanted).sum()), told.len(), own.height - told.len())
                 for name, wanted in ((yes, True), (no, False))]  # fmt: skip
    if "why" in own.columns:
        told = own["why"].drop_nulls()
        rows += [ratio(f"adaptations_for_{why}", int((told == why).sum()), told.len(), own.height - told.len())
                 for why in sorted(set(told))]  # fmt: skip
    return cut(tidy(rows), day)


def context(snapshot: SnapshotLike, events: pl.DataFrame) -> pl.DataFrame:
    """The events up to the cut on the programme's time line: on, site, event, and families `waiting` (allocated, none
    withdrawn, programme not yet closed) where they happened.
    """
    had = delivery(snapshot)
    _columns(events, EVENTS, "The events around the programme")
    unknown_sites = set(events["site"].drop_nulls()) - {site.code for site in had.study.sites}
    if unknown_sites:
        raise ProcessError(f"An event has the site '{min(unknown_sites)}', which the study does not have.")
    closing = (pl.col("state") == "held") & (pl.col("kind") == "closing")
    closed = had.sessions.filter(closing).group_by("family").agg(closed=pl.col("held_on").min())
    lives = had.programme.join(closed, on="family", how="left")
    rows = []
    for on, site, event in events.filter(pl.col("on") <= had.known_on).sort("on", "event").select(*EVENTS).iter_rows():
        here = pl.lit(value=True) if site is None else pl.col("site") == site
        open_ = lives.filter((pl.col("allocated_on") <= on) & ~(pl.min_horizontal("withdrawn_on", "closed") <= on)
                             .fill_null(False) & here)  # fmt: skip
        rows.append((on, site, event, open_.height))
    return pl.DataFrame(rows, schema={**EVENTS, "waiting": pl.Int64}, orient="row")


def _columns(frame: pl.DataFrame, kinds: dict[str, type[pl.DataType]], what: str) -> None:
    for column in kinds:
        if column not in frame.columns:
            raise ProcessError(f"{what} lack the column '{column}'." if what[-1] == "s" else
                               f"{what} lacks the column '{column}'.")  # fmt: skip
