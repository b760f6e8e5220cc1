"""What staff see of questionnaires: who has answered, sending links, the device in the room, corrections."""

from __future__ import annotations

from collections import Counter

from django.contrib.auth import logout
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from attunement.journey.consent.views import shown_once
from attunement.journey.people.pages import act, one, press
from attunement.journey.people.permissions import page
from attunement.journey.referral.models import Family
from attunement.journey.surveys import actions, policies, queries
from attunement.journey.surveys.forms import CorrectionForm, ReasonForm, SendForm
from attunement.journey.surveys.models import Answer, Questionnaire, SwitchedOff
from attunement.journey.surveys.questions import asked, named, not_validated
from attunement.journey.trail import versions
from attunement.journey.trail.errors import Refused
from attunement.study.schema import TimePoint

A_PAGE = 100
OPEN = {"due", "begun"}


def point_or_404(code: str) -> TimePoint:
    for point in versions.current().time_points:
        if point.code == code:
            return point
    raise Http404


def title_of(point: TimePoint) -> str:
    return next(iter(point.title.values()))


@page("surveys.see")
def overview(request: HttpRequest) -> HttpResponse:
    """Every questionnaire of the study: who has answered and who has not, as counts."""
    families, points = queries.families_seen_by(request.user), versions.current().time_points
    off = set(SwitchedOff.objects.values_list("time_point", flat=True))
    counts = {point.code: Counter(one.state for one in queries.standings(families, point)) for point in points}
    rows = [(words, [(point.code, title_of(point), state, counts[point.code][state]) for point in points])
            for state, (words, _colour) in queries.STATES.items()]
    return render(request, "surveys/overview.html", {
        "points": [(point.code, title_of(point), point.code in off) for point in points], "rows": rows, "own": _own()})


def _own() -> bool:
    """Is any of the study's instruments one that nobody has tested?"""
    return any(not_validated(point.code) for point in versions.current().time_points)


@page("surveys.see")
def time_point(request: HttpRequest, code: str) -> HttpResponse:
    """One questionnaire: every family, those first to whom somebody should turn."""
    point, wanted = point_or_404(code), request.GET.get("state", "")
    order = list(queries.STATES)
    found = queries.standings(queries.families_seen_by(request.user), point)
    found = sorted((standing for standing in found if wanted in ("", standing.state)),
                   key=lambda standing: (order.index(standing.state), standing.last or standing.family.referred_on))
    return render(request, "surveys/time_point.html", {
        "point": point, "title": title_of(point), "wanted": wanted, "back_url": reverse("surveys"),
        "states": [(state, words) for state, (words, _colour) in queries.STATES.items()],
        "listed": Paginator(found, A_PAGE).get_page(request.GET.get("page"))})


@page("study.amend")
def switch_off(request: HttpRequest, code: str) -> HttpResponse:
    point = point_or_404(code)
    form = Form(request.POST if request.method == "POST" else None)
    return act(request, form, lambda _given: actions.switch_off(by=request.user, code=code), to=reverse("surveys"),
               title=f"Switch off: {title_of(point)}", button="Switch off for the whole study",
               intro="Nobody is asked these questions any more, and every link to them ends. Answers are kept.",
               done="The questionnaire is switched off.", back_url=reverse("surveys"))


@page("surveys.see")
def family(request: HttpRequest, code: str) -> HttpResponse:
    """A family's questionnaires, and what may be done with each now."""
    seen = one(Family.visible_to(request.user, "surveys.see"), code=code)
    shown = [(point, title_of(point), queries.standings([seen], point)[0])
             for point in versions.current().time_points]
    routes = SendForm({"none", *policies.safe_by_hand(seen)})
    return render(request, "surveys/family.html", {
        "family": seen, "shown": shown, "own": _own(), "open": OPEN, "routes": routes,
        "rights": request.user.rights(seen.site.code), "back_url": reverse("family", args=[code])})


@page("surveys.send")
def send(request: HttpRequest, code: str, point: str) -> HttpResponse:
    """Opens the questionnaire and makes its link, shown this once."""
    family = one(Family.visible_to(request.user, "surveys.send"), code=code)
    made: list[str] = []
    route, back = request.POST.get("route", ""), reverse("family_surveys", args=[code])
    answer = press(request, lambda: made.append(actions.send_link(by=request.user, family=family, code=point,
                                                                  route=route)), to=back)
    note = {"text": "A text message with it is on its way.", "mail": "An e-mail with it is on its way."}.get(route, "")
    return shown_once(request, family, reverse("survey_intro", args=made), back, note) if made else answer


@page("surveys.send")
def hand_over(request: HttpRequest, code: str, point: str) -> HttpResponse:
    """The device goes to the family: from here there is no way back into staff pages."""
    family = one(Family.visible_to(request.user, "surveys.send"), code=code)
    made: list[str] = []
    answer = press(request, lambda: made.append(actions.hand_over(by=request.user, family=family, code=point)),
                   to=reverse("family_surveys", args=[code]))
    if not made:
        return answer
    logout(request)
    return redirect("survey_intro", token=made[0])


@page("surveys.correct")
def corrections(request: HttpRequest, code: str, point: str) -> HttpResponse:
    """The questions of a questionnaire that was handed in, each to be put right."""
    paper = one(Questionnaire.visible_to(request.user, "surveys.correct"), family__code=code, time_point=point,
                state="complete")
    return render(request, "surveys/corrections.html", {
        "paper": paper, "questions": asked(paper.study_version, point, paper.language),
        "back_url": reverse("family_surveys", args=[code])})


@page("surveys.correct")
def lock(request: HttpRequest, code: str, point: str) -> HttpResponse:
    """Locks a form with a reason, or unlocks it with one."""
    paper = one(Questionnaire.visible_to(request.user, "surveys.correct"), family__code=code, time_point=point,
                state="complete")
    locked, back = paper.locked_at is not None, reverse("family_surveys", args=[code])
    do = actions.unlock_form if locked else actions.lock_form
    return act(request, ReasonForm(request.POST if request.method == "POST" else None),
               lambda given: do(by=request.user, questionnaire=paper, **given), to=back, back_url=back,
               title="Unlock this form" if locked else "Lock this form", button="Unlock" if locked else "Lock",
               intro="A locked form cannot be corrected. Who locked it, when and why stays on record.",
               done="The form is unlocked." if locked else "The form is locked.")


@page("surveys.correct")
def correct(request: HttpRequest, code: str, point: str, item: str) -> HttpResponse:
    paper = one(Questionnaire.visible_to(request.user, "surveys.correct"), family__code=code, time_point=point,
                state="complete")
    try:
        question = named(paper.study_version, point, paper.language, item)
    except Refused:
        raise Http404 from None
    now = one(Answer.objects.filter(questionnaire=paper), instrument=question.instrument, item=question.item)
    back = reverse("survey_corrections", args=[code, point])
    recorded = dict(question.options).get("na" if now.kind == "na" else str(now.value), "passed over")
    return act(request, CorrectionForm(question, request.POST or None), lambda given: actions.correct_answer(
        by=request.user, questionnaire=paper, instrument=question.instrument, item=question.item, **given),
        to=back, title=question.text, intro=f"Recorded now: {recorded}.", button="Put it right",
        done="The answer is put right.", back_url=back)
