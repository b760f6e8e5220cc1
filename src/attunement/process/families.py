"""From children referred to families counted."""

from __future__ import annotations

import polars as pl

from attunement.process.errors import ProcessError


def one_a_family(families: pl.DataFrame) -> pl.DataFrame:
    """One row a family, sorted by family: the index child's, or where none is chosen yet the first that is
    eligible, else the first.

    `families` has one row a child referred (the snapshot's `blind/families`). ProcessError: a trial number twice,
    two index children in one family.
    """
    if families["trial_number"].n_unique() != families.height:
        raise ProcessError("blind/families holds a trial number twice.")
    index = families.filter(pl.col("index_child"))
    if index["family"].n_unique() != index.height:
        raise ProcessError("A family has two index children: only one child a family enters the analysis.")
    chosen = (pl.col("index_child").fill_null(False), pl.col("eligible").fill_null(False))
    ordered = families.sort("family", *chosen, "trial_number", descending=[False, True, True, False])
    return ordered.unique(subset="family", keep="first", maintain_order=True)


def by_family(frame: pl.DataFrame, families: pl.DataFrame) -> pl.DataFrame:
    """`frame` with a column `family` for its `trial_number`, which may name a child or the family itself."""
    numbers = pl.concat(
        [families.select("trial_number", "family"), families.select(trial_number="family", family="family")]
    ).unique(subset="trial_number")
    joined = frame.join(numbers, on="trial_number", how="left", maintain_order="left")
    strangers = joined.filter(pl.col("family").is_null())
    if strangers.height:
        raise ProcessError(f"The trial number {strangers['trial_number'].sort()[0]} belongs to no family referred.")
    return joined


def programme_families(families: pl.DataFrame, assignments: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """The families offered the programme as delivery knows them: those with a practitioner or a session.

    `families` has one row a family, the other two have a column `family`. For use while the arm key is not
    released; with it, take the arm's families from the key.
    """
    known = pl.concat([assignments.select("family"), sessions.select("family")])["family"].unique()
    return families.filter(pl.col("family").is_in(known.implode()))
