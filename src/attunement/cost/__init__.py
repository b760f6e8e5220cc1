"""What the programme cost: quantities from delivery, times the study's unit costs, exact until the table."""

from attunement.cost.costing import Costing, Line, costing, whole_pence
from attunement.cost.quantities import CostError, Delivered, StaffTime, delivered, staff_time

__all__ = [
    "CostError",
    "Costing",
    "Delivered",
    "Line",
    "StaffTime",
    "costing",
    "delivered",
    "staff_time",
    "whole_pence",
]
