"""What goes wrong at the edge: the data or the question cannot be taken as they are."""

from __future__ import annotations

from attunement.impact.flags import Flag


class ImpactError(ValueError):
    """The data cannot be analysed as asked; the message is one sentence for the person who asked.

    `flag` names the kind of fault where the closed list of flags has one.
    """

    def __init__(self, sentence: str, flag: Flag | None = None) -> None:
        super().__init__(sentence)
        self.flag = flag
