"""How an action says no. Both are sentences that the person can act on."""


class Refused(Exception):
    """This person may do it, but it may not be done now."""


class NotAllowed(Exception):
    """This person may not do it."""
