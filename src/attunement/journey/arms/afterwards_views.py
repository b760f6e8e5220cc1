"""Pages of what follows a lock: what two people do together, recovery, lists, the opened log, drift."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.arms import afterwards, drift, places, queries, recovery
from attunement.journey.arms.forms import DrillForm, ListForm, NoteForm, OpeningForm, ShowArmForm, TypedForm
from attunement.journey.arms.models import Opened, PlaceList, Proposal, Scheme
from attunement.journey.people.models import Person
from attunement.journey.people.pages import act, one, press
from attunement.journey.people.permissions import page
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock
from attunement.journey.trail.errors import Refused

LARGEST = 20 * 1024 * 1024
KINDS = {"json": "application/json", "pdf": "application/pdf"}


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, headers={"Content-Type": kind, "Content-Disposition": f'attachment; filename="{name}"'})


@page("arms.lock")
def certificate(request: HttpRequest, version: int, form: str) -> HttpResponse:
    scheme = one(Scheme.objects.exclude(certificate=""), version=version)
    content = afterwards.certificate(by=request.user, scheme=scheme, form=form)
    return _file(content, KINDS[form], f"lock-certificate-{version}.{form}")


@page("arms.lock")
def shares(request: HttpRequest) -> HttpResponse:
    """Shows new shares once, to be printed; the page cannot be opened again."""
    person: Person = request.user  # type: ignore[assignment]
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    made: list[str] = []
    answer = press(request, lambda: made.extend(recovery.make_shares(by=person)), to=reverse("recovery"))
    if not made:
        return answer
    return render(request, "arms/shares.html", {"shares": made, "at": clock.now(), "back_url": reverse("recovery")})


@page("arms.lock")
def drill(request: HttpRequest) -> HttpResponse:
    """The recovery drill: two shares are typed and compared, and how it went is kept."""
    form = DrillForm(request.POST or None)
    shown = {"form": form, "title": "Recovery shares", "button": "Try these two shares", "said": "",
             "back_url": reverse("scheme"), "drills": queries.drills(), "made": queries.shares_made()}
    if request.method == "POST" and form.is_valid():
        try:
            typed = (form.cleaned_data["first"], form.cleaned_data["second"])
            said = recovery.drill(by=request.user, shares=typed)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            # The words that were typed are not sent back.
            shown |= {"said": said, "form": DrillForm(), "drills": queries.drills()}
    return render(request, "arms/recovery.html", shown, status=422 if form.errors else 200)


@page("arms.lock")
def opening(request: HttpRequest) -> HttpResponse:
    """The end: one person proposes to open the seed, a second agrees; then the log can be taken away."""
    person: Person = request.user  # type: ignore[assignment]
    form = OpeningForm(request.POST or None)
    waiting = Proposal.objects.filter(kind="opening", agreed_by=None).first()
    return act(request, form, lambda given: afterwards.propose(by=person, kind="opening", **given), to=reverse("opening"),
               title="Open the seed", button="Propose to open the seed", template="arms/opening.html",
               done="Proposed. A second person agrees to it.", opened=Opened.objects.first(), waiting=waiting,
               back_url=reverse("scheme"))


@page("arms.list")
def log(request: HttpRequest) -> HttpResponse:
    """The opened log to take away; every download is in the trail."""
    return _file(afterwards.export(by=request.user), "text/plain; charset=utf-8", "allocation-log.txt")


@page("arms.propose")
def note(request: HttpRequest, code: str) -> HttpResponse:
    """What became of an allocation: allocated in error, found ineligible, left the study."""
    person: Person = request.user  # type: ignore[assignment]
    family = one(Family.visible_to(person, "arms.propose").exclude(allocation=None), code=code)
    return act(request, NoteForm(request.POST or None),
               lambda given: afterwards.propose(by=person, family=family, **given), to=reverse("waiting"),
               title=f"What became of the allocation of family {family.code}", button="Propose this",
               done="Proposed. A second person agrees to it.", back_url=reverse("waiting"),
               intro="The family's place is never used again, and the family stays in its arm for the analysis. "
                     "A second person agrees before it stands.")


@page("arms.lock")
def show_arm(request: HttpRequest, code: str) -> HttpResponse:
    """One masked person is shown one family's arm: the first of two people asks for it."""
    person: Person = request.user  # type: ignore[assignment]
    family = one(Family.visible_to(person, "arms.lock").exclude(allocation=None), code=code)
    form = ShowArmForm(afterwards.masked(family), request.POST or None)
    return act(request, form, lambda given: afterwards.propose(by=person, kind="unblinding", family=family, **given),
               to=reverse("waiting"), title=f"Show the arm of family {family.code} to one person",
               button="Propose this", done="Proposed. A second person agrees to it.", back_url=reverse("waiting"),
               intro="Only when their work for this family cannot be done without it. A second person agrees first. "
                     "It is never urgent: when the system is down, families wait.")


@page("arms.propose")
def waiting(request: HttpRequest) -> HttpResponse:
    """What has been proposed and agreed, newest first."""
    person: Person = request.user  # type: ignore[assignment]
    rows = Proposal.visible_to(person).order_by("-id")
    return render(request, "arms/waiting.html", {"rows": rows, "back_url": reverse("start")})


@page("arms.lock")
def agree(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """The second person's page: what was proposed and why, and the words to type."""
    person: Person = request.user  # type: ignore[assignment]
    proposal = one(Proposal.visible_to(person, "arms.lock"), pk=proposal_id)
    return act(request, TypedForm("i agree", request.POST or None),
               lambda _given: afterwards.agree(by=person, proposal=proposal), done="Two people have agreed to it.",
               to=reverse("opening" if proposal.kind == "opening" else "waiting"), title=proposal.get_kind_display(),
               button="Agree", template="arms/agree.html", proposal=proposal, back_url=reverse("waiting"))


@page("arms.set_up", largest_body=LARGEST)
def lists(request: HttpRequest) -> HttpResponse:
    """Lists of places drawn elsewhere: those that were uploaded, and one more."""
    person: Person = request.user  # type: ignore[assignment]
    form = ListForm(request.POST or None, request.FILES or None)
    return act(request, form, lambda given: places.upload(by=person, kind=given["kind"], content=given["places"].read()),
               to=reverse("place_lists"), title="Lists of places", button="Upload", template="arms/lists.html",
               done="The list was taken in, whole.", back_url=reverse("scheme"),
               rows=PlaceList.objects.select_related("uploaded_by", "scheme").defer("sealed_rows"))


@page("arms.set_up")
def list_file(request: HttpRequest, list_id: int) -> HttpResponse:
    listed = one(PlaceList.objects.all(), pk=list_id)
    content = places.download(by=request.user, listed=listed)
    return _file(content, "text/csv; charset=utf-8", f"places-{listed.kind}-{listed.pk}.csv")


@page("arms.list")
def drifting(request: HttpRequest) -> HttpResponse:
    """Families at baseline, by arm, for each person who referred them."""
    rows = drift.watch(by=request.user)
    return render(request, "arms/drift.html", {"rows": rows, "scales": drift.scales(), "back_url": reverse("scheme")})
