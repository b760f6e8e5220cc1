"""What an assessment finds, in figures and in words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Assessment:
    """Figures of one stratum of `n` places. D is the count of the first arm less that of the second.

    For unequal ratios, and for three arms and more, D is an arm's count less its expected value: `sd` is its root mean
    square over the arms, `mean_abs` the mean of its size, `max_abs` its largest. Shares are from 0 to 1, unrounded.
    """

    scheme: str
    n: int
    ratio: tuple[int, ...]
    guess: float
    """Share of places guessed right by one who names the arm furthest below its share, and draws lots among tied ones."""
    deterministic: float
    """Share of places that are certain from inside the scheme, where the size of the running block is known."""
    balance: float
    """Share of places after which D is 0, of every arm."""
    sd: float
    """Standard deviation of D after `n` places."""
    mean_abs: float
    """Mean of |D| after `n` places."""
    max_abs: float
    """Largest |D| that can be after `n` places; for simulated figures, that was seen."""

    @property
    def even(self) -> bool:
        """Is D the difference between two arms, and not an arm's count less its share?"""
        return len(self.ratio) == 2 and len(set(self.ratio)) == 1

    @property
    def much(self) -> float:
        """Share guessed right from which on a scheme conceals little: 0.7 for two arms, which fixed blocks of 4 pass."""
        return 0.4 + 0.6 / len(self.ratio)

    @property
    def in_words(self) -> str:
        """The figures in a sentence or two, with a warning where a scheme conceals little."""
        apart = ("the arms differ by {} on average" if self.even else "an arm is off its share by {} on average")
        behind = "behind" if self.even else "furthest below its share"
        text = (
            f"Whoever names the arm that is {behind} is right {100 * self.guess:.0f} times in 100; "
            f"{100 * self.deterministic:.0f} places in 100 are certain beforehand. After {self.n} places "
            f"{apart.format(f'{self.mean_abs:.1f}')} (standard deviation {self.sd:.1f}), at most by "
            f"{self.max_abs:{'g' if self.even else '.1f'}}."
        )
        if self.deterministic > 0.5:
            text += " WARNING: most arms can be foreseen with certainty by whoever knows the families so far."
        elif self.guess >= self.much:
            text += " WARNING: whoever knows the arms so far guesses the next one too often for it to be concealed."
        return text

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"ratio": list(self.ratio)}


@dataclass(frozen=True)
class Simulated(Assessment):
    """Figures of `n` families from `runs` made-up trials: of minimisation, and of three arms and more where exact ones
    would take too long.

    The factors' levels are equally likely and independent of each other. `guess`: by one who knows every margin, names
    the preferred arm and draws lots among tied ones. Each figure has its standard error from the number of runs.
    """

    runs: int
    guess_mc_error: float
    deterministic_mc_error: float
    balance_mc_error: float
    sd_mc_error: float
    mean_abs_mc_error: float
    worst_margin: float | None
    """Mean over the runs of the largest |D| within any level of any factor, after `n` families; None without factors."""
    worst_margin_mc_error: float | None

    @property
    def in_words(self) -> str:
        told = super().in_words
        if self.worst_margin is not None:
            told = told.replace("Whoever names the arm that is behind", "Whoever knows every family so far").replace(
                "Whoever names the arm that is furthest below its share", "Whoever knows every family so far")
            told += f" The largest difference within any level of a factor is {self.worst_margin:.1f} on average."
        return (f"{told} From {self.runs:,} made-up trials; the first figure has a Monte Carlo error of "
                f"{100 * self.guess_mc_error:.2f} in 100.")
