"""What the cost package refuses with."""


class CostError(ValueError):
    """Delivery data, prices or trial data that cannot be costed; one sentence."""
