"""What the process package refuses with."""


class ProcessError(ValueError):
    """Delivery data, or a file of the process evaluation, that cannot be used; one sentence."""
