"""What the programme cost, and what it was worth: exact until the table, uncertain as far as the trial left it so."""

from attunement.cost.banding import Band, band
from attunement.cost.categories import Costing, costing, prices_of, used, whole_pence
from attunement.cost.consequences import consequences
from attunement.cost.decision import FRONTIER_RULE, Choice, Decision, decision
from attunement.cost.delivered import Delivered, StaffTime, delivered, staff_time
from attunement.cost.delta import delta, tipping_point
from attunement.cost.difference import Difference, difference
from attunement.cost.efforts import editing, editing_minutes, training
from attunement.cost.errors import CostError
from attunement.cost.families import Costed, costed, items, per_family, staff_hours
from attunement.cost.joint import Joint, joint, pool, resample
from attunement.cost.labels import Ratio, ratio
from attunement.cost.planes import plane
from attunement.cost.prices import Prices
from attunement.cost.projections import curve, roll_out, tornado, years
from attunement.cost.quantities import Family, Quantities, quantities
from attunement.cost.reading import read_prices
from attunement.cost.resources import Deflator, Quantity, Resource, UnitCost
from attunement.cost.sharing import FamilyCost, by_family
from attunement.cost.trial import Estimate

__all__ = [
    "FRONTIER_RULE",
    "Band",
    "Choice",
    "CostError",
    "Costed",
    "Costing",
    "Decision",
    "Deflator",
    "Delivered",
    "Difference",
    "Estimate",
    "Family",
    "FamilyCost",
    "Joint",
    "Prices",
    "Quantities",
    "Quantity",
    "Ratio",
    "Resource",
    "StaffTime",
    "UnitCost",
    "band",
    "by_family",
    "consequences",
    "costed",
    "costing",
    "curve",
    "decision",
    "delivered",
    "delta",
    "difference",
    "editing",
    "editing_minutes",
    "items",
    "joint",
    "per_family",
    "plane",
    "pool",
    "prices_of",
    "quantities",
    "ratio",
    "read_prices",
    "resample",
    "roll_out",
    "staff_hours",
    "staff_time",
    "tipping_point",
    "tornado",
    "training",
    "used",
    "whole_pence",
    "years",
]
