"""The outside reference and the made-up trial that it was worked out on."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from attunement import cost
from attunement.cost import Deflator, Family, Prices, Quantities, Quantity, Resource, UnitCost

DATA = Path(__file__).parent.parent / "data" / "cost"
ORACLE: dict[str, Any] = json.loads((DATA / "cost_oracle.json").read_text(encoding="utf-8"))
NAMES = {"cost": "cost", "effect": "qaly", "arm": "arm"}


def read(name: str) -> pl.DataFrame:
    return pl.read_csv(DATA / f"{name}.csv", null_values="NA")


TRIAL = read("cost_trial")


def imputed() -> list[pl.DataFrame]:
    """The five completed frames: the holed columns come from the imputations, the others from the trial."""
    whole = TRIAL.drop("utility0", "cost", "qaly")
    filled = read("cost_trial_imputed")
    sets = [filled.filter(pl.col("imputation") == number).drop("imputation") for number in range(1, 6)]
    return [whole.join(one, on="id", how="left", maintain_order="left") for one in sets]


def micro() -> tuple[Quantities, Prices]:
    """The arithmetic fixture: five families, two practitioners."""
    given = ORACLE["micro_cost"]["inputs"]
    resources = tuple(
        Resource(row["code"], row["unit"], row["perspective"], "start_up" if row["start_up"] else "running",
                 row["scales"])
        for row in given["resources"]
    )  # fmt: skip
    costs = tuple(UnitCost(row["resource"], row["value"], row["price_year"], "GBP", "made up")
                  for row in given["unit_costs"])  # fmt: skip
    series = tuple(Deflator("made up", int(year), index) for year, index in given["deflator"].items()
                   if year != "series")  # fmt: skip
    people, rows = [f"P{number}" for number in range(given["practitioners"])], []
    for who in people:
        rows += [Quantity("course", who, amount=1), Quantity("camera", who, amount=1),
                 Quantity("course_time", who, amount=given["course_hours_per_attendee"])]  # fmt: skip
    for family in given["families"]:
        for resource, key in (("session_time", "minutes"), ("editing", "editing"), ("travel", "miles"),
                              ("parent_time", "minutes")):  # fmt: skip
            rows.append(Quantity(resource, "P0", family["family"], None, family[key]))
    rows += [Quantity("supervision", None, amount=given["supervision_minutes_both_people"]),
             Quantity("licence", None, amount=given["licence_years"], provenance="invoice")]  # fmt: skip
    families = tuple(Family(row["family"], row["started"], row["completed"]) for row in given["families"])
    return Quantities(tuple(rows), families, len(people)), Prices(resources, costs, given["price_year"], series)


def joint(name: str, **more: Any) -> cost.Joint:
    model = ORACLE["joint"][name]
    return cost.joint(TRIAL, **NAMES, covariates_cost=model["covariates_cost"],
                      covariates_effect=model["covariates_effect"], **more)  # fmt: skip
