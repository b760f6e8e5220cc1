"""The one error of allocation."""


class AllocationError(ValueError):
    """A scheme, a seed or a history that cannot be right, in one sentence."""
