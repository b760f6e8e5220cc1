"""The known truth from which a programme is made up: what the evaluation ought to find."""

from __future__ import annotations

from dataclasses import dataclass, fields

from attunement.rehearsal.errors import RehearsalError

_SIGNED = {"effect", "spill", "dropout_programme", "dropout_sites", "worse_effect"}
_ANY_SIZE = {"effect", "spill", "practitioner_sd"}
_SMALLEST_RELIABILITY = 0.05


@dataclass(frozen=True)
class Truth:
    """Every share is a probability; an effect is in standard deviations of the control arm's outcome.

    `effect`: of being allocated to the programme on the primary scale, in the scale's own direction; other scales get
    `spill` of it, turned round where the study wants them the other way. `by_arm` False: nothing that is measured
    depends on the arm, only what is delivered. `practitioner_sd`: of the practitioners' own effects, which sum to
    nothing over the study. `dropout` is the usual-care arm's at the first site; `dropout_sites` is added by site, in
    turn. `worse`: that protection is stepped up within the records' window; `worse_effect` is added to it in the
    programme arm for each unit of `effect`. Counts (`removals` and so on) happen to early families, where there are
    enough. `worried`: an answer that needs a person, where such questions are asked. RehearsalError when a number is none.
    """

    effect: float = 0.0
    by_arm: bool = True
    spill: float = 0.5
    practitioner_sd: float = 0.15
    baseline_correlation: float = 0.6
    reliability: float = 0.85
    common: float = 0.6
    skipped_item: float = 0.001
    worried: float = 0.1

    ineligible: float = 0.07
    silent: float = 0.08
    refusing: float = 0.1
    optional_consent: float = 0.9
    consent_by_link: float = 0.6
    other_language: float = 0.06
    help_needed: float = 0.12
    twins: float = 0.02
    siblings: float = 0.04

    no_baseline: float = 0.04
    withdrew_before: float = 0.01
    by_telephone: float = 0.25
    pausing: float = 0.1
    dropout: float = 0.16
    dropout_programme: float = -0.03
    dropout_sites: tuple[float, ...] = (0.0, 0.03, -0.02, 0.05)
    withdrawals: float = 0.06
    withdraws_altogether: float = 0.4
    removals: int = 1
    deaths: int = 1
    moves: int = 1
    other_carers: int = 1
    adoptions: int = 1
    parent_deaths: int = 1
    unsafe: int = 1

    never_started: float = 0.05
    held: float = 0.84
    not_attended: float = 0.06
    cancelled_family: float = 0.05
    cancelled_practitioner: float = 0.03
    practitioners_leaving: int = 1
    supervision_missed: float = 0.08
    films: int = 3

    worse: float = 0.3
    worse_effect: float = -0.08
    no_record: float = 0.02
    transferred: float = 0.02
    late_sites: int = 1
    faulty_sites: int = 1

    def __post_init__(self) -> None:
        for field in fields(self):
            _hold(field.name, getattr(self, field.name), field.default)
        if self.session_shares[-1] > 1 + 1e-9:
            raise RehearsalError("The shares of sessions held, not attended and cancelled add up to more than 1.")
        if self.reliability < _SMALLEST_RELIABILITY:
            raise RehearsalError("The reliability of a scale must be 0.05 or more.")

    @property
    def session_shares(self) -> tuple[float, float, float, float]:
        """Cumulative: held, not attended, cancelled by the family, by the practitioner. The rest nobody logs."""
        missed = self.held + self.not_attended
        cancelled = missed + self.cancelled_family
        return self.held, missed, cancelled, cancelled + self.cancelled_practitioner

    def effect_of(self, *, primary: bool, same_way: bool = True) -> float:
        """The true standardised effect on a scale; `same_way`: the study wants it to go as the primary one."""
        if not self.by_arm:
            return 0.0
        return self.effect if primary else self.effect * self.spill * (1 if same_way else -1)

    def dropout_of(self, *, site: int, programme: bool) -> float:
        """The share that does not answer after allocation; `site` counts from 0."""
        added = self.dropout_programme if programme and self.by_arm else 0.0
        return _share(self.dropout + self.dropout_sites[site % len(self.dropout_sites)] + added)

    def worse_of(self, *, programme: bool) -> float:
        """The chance that protection is stepped up."""
        added = self.worse_effect * self.effect if programme and self.by_arm else 0.0
        return _share(self.worse + added)


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))


def _hold(name: str, value: object, usual: object) -> None:
    """`usual` is the default, which says what kind of number this is."""
    if isinstance(usual, bool) or isinstance(value, bool):
        if type(value) is not type(usual):
            raise RehearsalError(f"The truth's {name} cannot be {value}.")
        return
    if isinstance(usual, tuple) and (not isinstance(value, tuple) or not value):
        raise RehearsalError(f"The truth's {name} needs at least one number.")
    for number in value if isinstance(value, tuple) else (value,):
        if not isinstance(number, int | float) or number != number:
            raise RehearsalError(f"The truth's {name} must be a number.")
        is_count = isinstance(usual, int)
        high = float("inf") if is_count or name in _ANY_SIZE else 1
        if abs(number) > high or (number < 0 and name not in _SIGNED) or (is_count and not isinstance(number, int)):
            raise RehearsalError(f"The truth's {name} cannot be {number}.")
