"""What an assessment finds, in figures and in words."""

from __future__ import annotations

from dataclasses import asdict, dataclass

_MUCH = 0.7
"""Share guessed right from which on a scheme conceals little: fixed blocks of 4 pass it."""


@dataclass(frozen=True)
class Assessment:
    """Figures of one stratum of `n` places. D is the count of the first arm less that of the second.

    For unequal ratios D is the count of the first arm less its expected value. Shares are from 0 to 1, unrounded.
    """

    scheme: str
    n: int
    guess: float
    """Share of places guessed right by one who names the arm further below its share, and tosses a coin when tied."""
    deterministic: float
    """Share of places that are certain from inside the scheme, where the size of the running block is known."""
    balance: float
    """Share of places after which D is 0."""
    sd: float
    """Standard deviation of D after `n` places."""
    mean_abs: float
    """Mean of |D| after `n` places."""
    max_abs: float
    """Largest |D| that can be after `n` places; for simulated figures, that was seen."""

    @property
    def in_words(self) -> str:
        """The figures in a sentence or two, with a warning where a scheme conceals little."""
        text = (
            f"Whoever names the arm that is behind is right {100 * self.guess:.0f} times in 100; "
            f"{100 * self.deterministic:.0f} places in 100 are certain beforehand. After {self.n} places the arms differ "
            f"by {self.mean_abs:.1f} on average (standard deviation {self.sd:.1f}), at most by {self.max_abs:g}."
        )
        if self.deterministic > 0.5:
            text += " WARNING: most arms can be foreseen with certainty by whoever knows the families so far."
        elif self.guess >= _MUCH:
            text += " WARNING: whoever knows the arms so far guesses the next one too often for it to be concealed."
        return text

    def to_dict(self) -> dict[str, str | int | float]:
        return asdict(self)


@dataclass(frozen=True)
class Simulated(Assessment):
    """Figures of minimisation for two arms over `n` families, from `runs` made-up trials.

    The factors' levels are equally likely and independent of each other. `guess`: by one who knows every margin, names
    the preferred arm and draws lots among tied ones.
    """

    runs: int
    guess_mc_error: float
    """Standard error of `guess` from the number of runs."""
    worst_margin: float
    """Mean over the runs of the largest |D| within any level of any factor, after `n` families."""

    @property
    def in_words(self) -> str:
        told = super().in_words.replace("Whoever names the arm that is behind", "Whoever knows every family so far")
        return (
            f"{told} The largest difference within any level of a factor is {self.worst_margin:.1f} on average. From "
            f"{self.runs:,} made-up trials; the first figure has a Monte Carlo error of {100 * self.guess_mc_error:.2f} "
            "in 100."
        )
