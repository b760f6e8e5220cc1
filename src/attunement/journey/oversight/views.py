from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.oversight import actions, figures, policies, published, queries
from attunement.journey.oversight import pack as pack_of
from attunement.journey.oversight.forms import AmendmentForm, ReviewForm
from attunement.journey.oversight.models import PlanLock, Published, Review, Snapshot
from attunement.journey.people.models import Person
from attunement.journey.people.pages import act, one, press
from attunement.journey.people.permissions import page
from attunement.journey.referral.queries import not_approached_by_site
from attunement.journey.trail import outbox, versions
from attunement.journey.trail.models import StudyVersion

REPORT_STYLE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"


@page("oversight.progress")
def progress(request: HttpRequest) -> HttpResponse:
    """Recruitment, follow-up, dropout, language and help, never by arm: true counts, or (funder) what may be published."""
    person: Person = request.user  # type: ignore[assignment]
    if not person.may("oversight.counts"):
        return render(request, "oversight/published.html", {"month": published.progress()})
    return render(request, "oversight/progress.html", {
        **pack_of.shown(), "not_asked": not_approached_by_site(),
        "kinds": figures.dropout_kinds(by=person) if figures.sees_arms(person) else None,
        "given_up": outbox.given_up() if person.may("people.invite") else 0})


@page("oversight.sign")
def review(request: HttpRequest) -> HttpResponse:
    """The review point: today's figures, and once it is held its pack, decision, signatures and what it led to."""
    person: Person = request.user  # type: ignore[assignment]
    form, held = ReviewForm(request.POST or None), Review.objects.first()
    shown = {"criteria": held.figures if held else queries.criteria(), "held": held,
             "point": versions.current().review_point, "may_hold": person.may("oversight.review"),
             "may_amend": person.may("study.amend")}
    if held:
        shown |= {"signatures": held.signatures.all(), "signed": policies.is_signed(held),
                  "may_sign": not held.signatures.filter(by=person).exists(),
                  "asked_again": queries.asked_again_since(held)}
    return act(request, form, lambda given: actions.hold_review(by=person, **given), to=reverse("review_point"),
               title="The review point", button="Hold the review and sign", template="oversight/review.html",
               done="The review point is recorded, and you have signed it. A second person signs too.", **shown)


@page("oversight.sign")
def pack(request: HttpRequest) -> HttpResponse:
    """The frozen pack, to read or to print: a page of its own, with its own style and nothing to run."""
    content = pack_of.stored(one(Review.objects.all()))
    return HttpResponse(content, headers={"Content-Security-Policy": REPORT_STYLE})


@page("oversight.sign")
def sign_review(request: HttpRequest) -> HttpResponse:
    held = one(Review.objects.all())
    return press(request, lambda: actions.sign_review(by=request.user, review=held), to=reverse("review_point"),
                 done="Your signature is recorded.")


@page("oversight.report")
def snapshots(request: HttpRequest) -> HttpResponse:
    """Snapshots, the lock of the plan, the release of the arm key, and reports."""
    person: Person = request.user  # type: ignore[assignment]
    rows = []
    for snapshot in Snapshot.objects.prefetch_related("releases__by").select_related("lock"):
        released = policies.is_released(snapshot)
        may_read = released or person.may("oversight.lock") or person.holds("trial_statistician")
        rows.append((snapshot, released, snapshot.releases.count(), may_read, getattr(snapshot, "lock", None)))
    locked = PlanLock.objects.filter(study_version=versions.latest_number()).first()
    return render(request, "oversight/snapshots.html", {"rows": rows, "plan": locked,
                                                        "rights": person.rights()})


@page("oversight.lock")
def lock_plan(request: HttpRequest) -> HttpResponse:
    return press(request, lambda: actions.lock_plan(by=request.user), to=reverse("snapshots"),
                 done="The analysis plan is locked.")


@page("oversight.lock")
def take_snapshot(request: HttpRequest) -> HttpResponse:
    return press(request, lambda: actions.take_snapshot(by=request.user), to=reverse("snapshots"),
                 done="The snapshot is taken.")


@page("oversight.release")
def release(request: HttpRequest, name: str) -> HttpResponse:
    snapshot = one(Snapshot.objects.all(), name=name)
    return press(request, lambda: actions.release(by=request.user, snapshot=snapshot), to=reverse("snapshots"),
                 done="Your release is recorded.")


@page("oversight.report")
def build_report(request: HttpRequest, name: str) -> HttpResponse:
    snapshot = one(Snapshot.objects.all(), name=name)
    return press(request, lambda: actions.build_report(by=request.user, snapshot=snapshot),
                 to=reverse("report", args=[name]))


@page("oversight.report")
def report(request: HttpRequest, name: str) -> HttpResponse:
    """The report as it was built last: a page of its own, with its own style and nothing to run."""
    person: Person = request.user  # type: ignore[assignment]
    snapshot = one(Snapshot.objects.all(), name=name)
    policies.can_read_report(person, snapshot)
    path = actions.report_path(snapshot)
    if not path.exists():
        raise Http404
    return HttpResponse(path.read_bytes(), headers={"Content-Security-Policy": REPORT_STYLE})


@page("oversight.report")
def releases(request: HttpRequest) -> HttpResponse:
    """What has left the trial, by which rule, and who approved it; never a count that did not leave."""
    return render(request, "oversight/releases.html", {"rows": Published.objects.order_by("-id")})


@page("oversight.report")
def release_manifest(request: HttpRequest, published_id: int) -> HttpResponse:
    """The hashes of what left, to be held to the files."""
    row = one(Published.objects.all(), pk=published_id)
    return JsonResponse(row.manifest, json_dumps_params={"indent": 1})


@page("oversight.progress")
def study(request: HttpRequest) -> HttpResponse:
    """The study file as it holds, and its versions."""
    return render(request, "oversight/study.html", {"study": versions.current(), "versions": StudyVersion.objects.all(),
                                                    "may_amend": request.user.may("study.amend")})  # type: ignore[union-attr]


@page("study.amend", largest_body=2 * 1024 * 1024)
def amend(request: HttpRequest) -> HttpResponse:
    form = AmendmentForm(request.POST or None, request.FILES or None)

    def adopt(given: dict[str, object]) -> StudyVersion:
        text = given.pop("study_file").read().decode("utf-8", errors="replace")  # type: ignore[attr-defined]
        return actions.amend(by=request.user, text=text, **given)  # type: ignore[arg-type, no-any-return]

    return act(request, form, adopt, to=reverse("study"), title="Amend the study",
               button="Make this the study from now on", done="The amendment holds.")
