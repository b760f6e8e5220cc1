"""What a study file may say. One frozen pydantic model a table of `study.toml`; nothing else defines a study.

Money, months and days are whole numbers; dates are bare ISO dates. Words that families read are `Words`:
a table language code -> text.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
SiteCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}$")]
Words = dict[str, str]
Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2100, 1, 1))]


class Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Fact(Table):
    """A statement about the programme with where it was said; two may disagree, `adopted` says which holds."""

    code: Code
    text: str
    source: str
    adopted: bool = True


class Dated(Fact):
    """One line of the calendar: `what` happens from `start` to `end` (either may be left out).

    The checks know `programme`, `intake`, `randomisation`, `review_point`, `delivery` and `report`.
    """

    what: Code
    start: Day | None = None
    end: Day | None = None


class Site(Table):
    code: SiteCode
    name: str
    target: int = Field(gt=0)


class Arm(Table):
    code: Code
    name: str
    offers: str
    receives_programme: bool


class Factor(Table):
    """Something known of a family before allocation, with fixed levels: a stratum, or a factor of minimisation."""

    code: Code
    title: str
    levels: Annotated[tuple[Code, ...], Field(min_length=2)]


class Weighed(Table):
    """A factor that minimisation keeps level: `site`, `language` or one of `factors`."""

    code: Code
    weight: float = Field(default=1, gt=0)


class Allocation(Table):
    """`minimise` goes with a scheme `minimisation:MEASURE,CHANCE`. A list from outside is `list`, and is uploaded."""

    scheme: str
    ratio: tuple[int, ...]
    strata: tuple[Code, ...] = ("site",)
    factors: tuple[Factor, ...] = ()
    minimise: tuple[Weighed, ...] = ()
    trigger: Literal["person", "rule"] = "person"
    baseline_max_age_days: int = Field(default=60, gt=0)


class SubstudyArm(Table):
    code: Code
    name: str
    offers: str = ""


class Substudy(Table):
    """A further allocation of some of the families, with a scheme, a seed and a log of its own.

    `needs`: families that are allocated in the main study, or that agreed to take part. `purpose`: of the consent, one
    that they must have agreed to besides. `start` and `end`: the days on which families can enter.
    """

    code: Annotated[Code, Field(max_length=40)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    arms: tuple[SubstudyArm, ...]
    ratio: tuple[int, ...]
    scheme: Annotated[str, Field(max_length=80)]
    strata: tuple[Code, ...] = ("site",)
    needs: Literal["allocated", "consented"] = "allocated"
    purpose: Code | None = None
    start: Day | None = None
    end: Day | None = None


class EligibilityRule(Table):
    """`yes`: a question whose answer must be yes. `age_under_months`: the child's age on the day of referral."""

    code: Code
    kind: Literal["yes", "age_under_months"]
    question: str
    months: int | None = Field(default=None, gt=0)
    reason: str
    source: str


class NotApproached(Table):
    """Why a family that was looked at is not asked; only the monthly count is kept."""

    code: Code
    reason: str


class Purpose(Table):
    """One thing a family may agree to. `stops` names what a withdrawal ends, for the stages to act on.

    `reaffirmed`: asked again before each use (each film, say). `written`: spoken agreement is not enough.
    """

    code: Code
    required: bool
    lawful_basis: str
    statement: Words
    withdrawal_effect: Words
    stops: tuple[Literal["contact", "surveys", "records", "filming", "supervision", "training", "copies"], ...]
    reaffirmed: bool = False
    written: bool = False


class Notice(Table):
    version: str
    controller: str
    contact: str
    paragraphs: tuple[Words, ...]


class Consent(Table):
    """`staff_may_edit`: may staff record a family's answers anew? By default only the family itself may."""

    staff_may_edit: bool = False
    notice: Notice
    purposes: tuple[Purpose, ...]


class TimePoint(Table):
    """When a questionnaire is asked. `months_after` counts calendar months from allocation; None: before it."""

    code: Code
    title: Words
    months_after: int | None = Field(default=None, ge=0, le=240)
    window_days_before: int = Field(default=0, ge=0, le=3650)
    window_days_after: int = Field(default=0, ge=0, le=3650)
    instruments: tuple[str, ...]


class Signpost(Table):
    """What a respondent reads at once, and what staff read, when a rule of that `kind` in a key file is met."""

    kind: Code
    title: str
    words: Words


class Risk(Table):
    """Answers that need a person: `not_watched` is said before the first question. The next person of a site's on-call
    list is called after each `acknowledge_within_minutes`; once the list is used up, holders of `escalates_to`.
    """

    acknowledge_within_minutes: int = Field(gt=0, le=2880)
    escalates_to: Code
    not_watched: Words
    signposts: tuple[Signpost, ...]


Route = Literal["text", "mail", "call", "post"]


class Step(Table):
    """One step of the fieldwork: on that `day` after a questionnaire opens, by that route. A route that is not safe for a
    family gives way to the first of `otherwise` that is; where none is, nothing is sent.
    """

    day: int = Field(ge=0, le=365)
    route: Route
    otherwise: tuple[Route, ...] = ()


class Voucher(Table):
    """What a family is given for one questionnaire, whatever its arm and its answers."""

    time_point: Code
    pence: int = Field(gt=0, le=100_000)


class Fieldwork(Table):
    """How families are asked to answer: the same steps for every questionnaire. After `calls_before_tracing` calls
    without an answer a family is looked for.
    """

    steps: tuple[Step, ...] = (
        Step(day=0, route="text", otherwise=("mail",)), Step(day=3, route="mail", otherwise=("text",)),
        Step(day=7, route="call", otherwise=("mail", "text")), Step(day=10, route="text", otherwise=("mail",)),
        Step(day=14, route="post", otherwise=("text", "mail")))
    calls_before_tracing: int = Field(default=4, gt=0, le=50)
    vouchers: tuple[Voucher, ...] = ()


class ExportRight(Table):
    """How much of an instrument's answers a role takes out; `instrument` "*": of all that no other line names.

    `deidentified`: under another number, with months for instants. A study without any such line gives its
    exporting roles everything.
    """

    role: Code
    instrument: str
    level: Literal["none", "deidentified", "full"]


class PlannedSession(Table):
    kind: Literal["meeting", "film", "review", "closing"]
    title: str
    cycle: int | None = None
    week: int = Field(ge=0, le=520)


class Choice(Table):
    """One answer that staff tap."""

    code: Code
    words: str


class Adaptation(Choice):
    """A kind of change to a session; `agreed` with the developer beforehand or not, unsaid where None."""

    agreed: bool | None = None


class AdaptationReason(Choice):
    """Why a session was changed; `forced`: nobody chose it. Unsaid where None."""

    forced: bool | None = None


class Visit(Table):
    """What is recorded of each session, a tap a line; an empty list is not asked. The first of `places` and of `present`
    is the usual one. `rating`: the parent's own tap about the session, from least to most.
    """

    minutes: tuple[int, ...] = (30, 45, 60, 75, 90)
    reasons: tuple[Choice, ...] = ()
    present: tuple[Choice, ...] = ()
    places: tuple[Choice, ...] = ()
    adaptations: tuple[Adaptation, ...] = ()
    adaptation_reasons: tuple[AdaptationReason, ...] = ()
    rating_question: Words | None = None
    rating: tuple[Words, ...] = ()


class Delivery(Table):
    """How the programme is given. `minutes_per_session`: a practitioner's whole time, with travel and preparation."""

    practitioners: int = Field(gt=0)
    families_per_practitioner: int = Field(gt=0)
    families_is_ceiling: bool = False
    sessions: tuple[PlannedSession, ...]
    clips_per_film: int = Field(default=3, gt=0)
    principles: tuple[str, ...]
    film_minutes: tuple[int, int] | None = None
    goal_rating: tuple[int, int] | None = None
    helping_question: bool = False
    minutes_per_session: int | None = Field(default=None, gt=0)
    minutes_source: str = ""
    visit: Visit = Visit()
    notes: str = ""


class SupervisionForm(Table):
    meetings: int = Field(gt=0)
    minutes: int = Field(gt=0)


class Stage(Table):
    """`clients` are new ones at this stage; `supervision_as` lists the forms in which its hours may be had."""

    name: str
    cycles: int = Field(ge=0)
    clients: int = Field(ge=0)
    supervision_hours: float = Field(ge=0)
    supervision_as: tuple[SupervisionForm, ...] = ()
    ends_with: str = ""


class Pathway(Table):
    """A dated accreditation rule: what a trainee must have done at each stage."""

    code: Code
    valid_from: Day
    source: str
    adopted: bool
    course_days: int = 0
    accredited_by: str = ""
    stages: tuple[Stage, ...]


class Criterion(Table):
    """A progression criterion: green at or above `green`, amber at or above `amber`, else red."""

    code: Code
    measure: Literal[
        "recruited_share", "consent_rate", "baseline_complete", "follow_up_complete", "help_needed", "started"
    ]
    title: str
    green: float
    amber: float
    higher_is_better: bool = True


class ReviewPoint(Table):
    on: Day
    purpose: str
    criteria: tuple[Criterion, ...]


class RecordsOutcome(Table):
    code: Code
    title: str
    kind: Literal["binary", "count", "days", "level"]


class Records(Table):
    """Outcomes from the authorities' records: asked `months_after` allocation, complete after `lag_days` more."""

    months_after: int = Field(gt=0, le=240)
    lag_days: int = Field(ge=0, le=3650)
    source: str
    outcomes: tuple[RecordsOutcome, ...]


class Disclosure(Table):
    """What leaves the study is rounded or hidden by this profile of `attunement.disclosure`."""

    profile: Literal["round-5", "suppress-5", "dfe", "tre-10"] = "round-5"


class CostCategory(Table):
    """`low_pence` and `high_pence`: the range in which the unit cost may lie; both or neither."""

    code: Code
    title: str
    phase: Literal["start_up", "running"]
    per: Literal["programme", "practitioner", "family", "session", "hour"]
    unit_cost_pence: int = Field(ge=0)
    price_year: int
    source: str
    low_pence: int | None = Field(default=None, ge=0)
    high_pence: int | None = Field(default=None, ge=0)


class CostAnalysis(Table):
    """Cost and effect taken together. `effect`: the estimand whose outcome is the effect; left out, the primary one.

    `thresholds`: whole units of the study's currency that one unit of effect might be worth, 0 among them where cost
    alone is a choice. `source`: who says so, or that nobody does.
    """

    effect: Code | None = None
    thresholds: tuple[Annotated[int, Field(ge=0, le=10_000_000)], ...]
    source: str


class Estimand(Table):
    """The five attributes of ICH E9(R1), and the analysis that answers it.

    `outcome`: for `ancova` an instrument that has one scale ("demo_warmth"), or a scale of one ("mors_sf.warmth");
    for `risk_difference` a records outcome.
    """

    code: Code
    role: Literal["primary", "secondary"]
    population: str
    treatment: str
    variable: str
    intercurrent: str
    summary: str
    analysis: Literal["ancova", "risk_difference"]
    outcome: str
    time_point: Code | None = None
    direction: Literal["higher", "lower"]


class Retention(Table):
    what: Code
    text: str
    months: int = Field(gt=0)
    counted_from: Literal["closing", "study_end", "collection"]


class Register(Table):
    """A register with a clock: what is entered must be acknowledged or closed (`until`) within `days` or `months`.

    `opened_by`: roles whose holders may make an entry.
    """

    code: Code
    title: str
    days: int | None = Field(default=None, ge=0, le=3650)
    months: int | None = Field(default=None, gt=0, le=120)
    until: Literal["acknowledged", "closed"]
    opened_by: Annotated[tuple[Code, ...], Field(min_length=1)]
    hint: str = ""


class RoleUse(Table):
    """A role of Attunement that this study uses, and whether its holders are kept from knowing the arm."""

    code: Code
    masked: bool
    job: str = ""


class Report(Table):
    code: Code
    title: str
    due: Day
    complete: bool


class Language(Table):
    """A `made_up` language has no text in the file: reading fills it from the first language with `pseudo`."""

    code: str
    name: str
    rtl: bool = False
    made_up: bool = False


class Organisation(Table):
    code: Code
    name: str
    part: str
    source: str


class Study(Table):
    slug: Code
    title: str
    programme: str
    summary: str
    timezone: str = "Europe/London"
    currency: str = "GBP"
    design_labels: tuple[Fact, ...]
    facts: tuple[Fact, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    languages: tuple[Language, ...]
    sites: tuple[Site, ...]
    arms: tuple[Arm, ...]
    allocation: Allocation
    substudies: tuple[Substudy, ...] = ()
    eligibility: tuple[EligibilityRule, ...]
    not_approached: tuple[NotApproached, ...] = ()
    consent: Consent
    time_points: tuple[TimePoint, ...]
    risk: Risk | None = None
    fieldwork: Fieldwork = Fieldwork()
    export_rights: tuple[ExportRight, ...] = ()
    delivery: Delivery
    accreditation: tuple[Pathway, ...] = ()
    review_point: ReviewPoint
    records: Records
    disclosure: Disclosure = Disclosure()
    costs: tuple[CostCategory, ...]
    cost_analysis: CostAnalysis | None = None
    estimands: tuple[Estimand, ...]
    retention: tuple[Retention, ...]
    registers: tuple[Register, ...] = ()
    roles: tuple[RoleUse, ...]
    calendar: tuple[Dated, ...]
    reports: tuple[Report, ...]
