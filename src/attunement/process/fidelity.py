"""Fidelity: whether what was held was a cycle, how long the review waited, and how well films were rated."""

from __future__ import annotations

import polars as pl

from attunement.process.agreement import Agreement, alpha, kappa_of
from attunement.process.errors import ProcessError
from attunement.process.indicator import Indicator, cut, ratio, tidy, unknown
from attunement.process.sources import SnapshotLike, delivery

RATINGS = {"film": pl.String, "rater": pl.String, "role": pl.String, "rating": pl.Int64}
"""The columns of film ratings: a code for film and rater, `role` supervisor or self, a whole number or null."""
ROLES = ("supervisor", "self")


def fidelity(snapshot: SnapshotLike, *, ratings: pl.DataFrame | None = None) -> pl.DataFrame:
    """Cycles complete (film, at least one clip, shared review, in that order) of those planned and those begun; the
    gap from film to review in days over complete cycles; mean rating by supervisors and by practitioners themselves;
    agreement on films that two supervisors rated (kappa, quadratic weights; ordinal alpha), at the cut.

    `ratings` has the columns of RATINGS; without them ratings are unknown, with every film held missing.
    """
    had = delivery(snapshot)
    own = had.sessions.filter(pl.col("family").is_in(had.programme["family"].implode()))
    cycles = _cycles(own)
    planned = len({session.cycle for session in had.study.delivery.sessions if session.cycle is not None})
    whole = cycles.filter("complete")
    silent = cycles.filter(pl.col("film").is_not_null() & pl.col("clips").is_null()).height
    late = own.filter((pl.col("state") == "not_logged")
                      | ((pl.col("state") == "planned") & (pl.col("planned_on") < had.known_on)))  # fmt: skip
    open_ = late.filter(pl.col("cycle").is_not_null()).select("family", "cycle").unique().height
    rows = [
        ratio("cycles_complete_of_planned", whole.height, planned * had.programme.height, open_),
        ratio("cycles_complete_of_begun", whole.height, int(cycles["film"].count()), silent),
        *_gap(whole["gap"]),
        *_ratings(ratings, int(cycles["film"].count())),
    ]
    return cut(tidy(rows), had.known_on)


def _cycles(sessions: pl.DataFrame) -> pl.DataFrame:
    held = sessions.filter((pl.col("state") == "held") & pl.col("cycle").is_not_null())
    clips = pl.col("clips").filter(pl.col("kind") == "film")
    frame = held.group_by("family", "cycle").agg(
        film=pl.col("held_on").filter(pl.col("kind") == "film").min(),
        review=pl.col("held_on").filter(pl.col("kind") == "review").max(),
        clips=pl.when(clips.count() > 0).then(pl.col("clips").sum()),
    )
    return frame.with_columns(
        gap=(pl.col("review") - pl.col("film")).dt.total_days(),
        complete=((pl.col("review") >= pl.col("film")) & (pl.col("clips") > 0)).fill_null(False),
    )


def _gap(days: pl.Series) -> list[Indicator]:
    shares = {"median": 0.5, "lower_quartile": 0.25, "upper_quartile": 0.75}
    return [Indicator(f"gap_days_{name}", days.quantile(share, "linear"), days.len(), days.len())
            for name, share in shares.items()]  # fmt: skip


def _ratings(ratings: pl.DataFrame | None, films: int) -> list[Indicator]:
    names = [*(f"mean_{role}_rating" for role in ROLES), "double_rated_kappa", "double_rated_alpha"]
    if ratings is None:
        return [unknown(name, films) for name in names]
    for column in RATINGS:
        if column not in ratings.columns:
            raise ProcessError(f"Ratings of films lack the column '{column}'.")
    strange = set(ratings["role"]) - set(ROLES)
    if strange or ratings.select("film", "rater", "role").is_duplicated().any():
        raise ProcessError("A rating of a film is by a supervisor or by oneself, and each rater rates a film once.")
    rows = []
    for role in ROLES:
        given = ratings.filter(pl.col("role") == role)
        said = given["rating"].drop_nulls()
        rows.append(ratio(f"mean_{role}_rating", int(said.sum()), said.len(), given.height - said.len()))
    both = agreement_of(ratings.filter(pl.col("role") == "supervisor"))
    return [*rows, *(Indicator(name, found.value, found.n, found.n)
                     for name, found in zip(names[2:], both, strict=True))]  # fmt: skip


def agreement_of(ratings: pl.DataFrame) -> tuple[Agreement, Agreement]:
    """Kappa (quadratic weights) of the first two ratings of each film rated twice or more, and ordinal alpha of all."""
    given = ratings.drop_nulls("rating").sort("film", "rater")
    films = [group["rating"].to_list() for _film, group in given.group_by("film", maintain_order=True)]
    twice = [scores for scores in films if len(scores) > 1]
    most = max((len(scores) for scores in twice), default=1)
    rows = [[scores[place] if place < len(scores) else None for scores in twice] for place in range(most)]
    return (kappa_of([scores[0] for scores in twice], [scores[1] for scores in twice], "quadratic"),
            alpha(rows, "ordinal"))  # fmt: skip
