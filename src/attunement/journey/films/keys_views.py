"""How films are kept, for who looks after the server: no film, no family."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.films import recovery, scanning
from attunement.journey.films.keeping_forms import SharesForm
from attunement.journey.films.models import Deletion, Film, Upload
from attunement.journey.people.models import Person
from attunement.journey.people.pages import press
from attunement.journey.people.permissions import page
from attunement.journey.trail import clock
from attunement.journey.trail.errors import Refused


@page("films.keys")
def films_store(request: HttpRequest) -> HttpResponse:
    """Where films lie, whether they are scanned, what waits, and the recovery drill."""
    form, said = SharesForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            said = recovery.drill(by=request.user,  # type: ignore[arg-type]
                                  shares=(form.cleaned_data["first"], form.cleaned_data["second"]))
            form = SharesForm()
        except Refused as refusal:
            form.add_error(None, str(refusal))
    open_films = Film.objects.filter(deleted_at=None)
    rows = [("Films lie in", "an S3-compatible store" if settings.PLACE.films else "files in the data directory"),
            ("Scanned for harmful files", "yes, clamd answers" if scanning.address() else "no: clamd does not run here"),
            ("Films kept", open_films.count()), ("Waiting for their working copy",
                                                 open_films.filter(ready_at=None, fault="", closed_at=None).count()),
            ("Could not be made ready", open_films.exclude(fault="").count()),
            ("On their way in", Upload.objects.filter(state="arriving").count()),
            ("Waiting to be deleted", Deletion.objects.filter(done_at=None).count()),
            ("Deleted", Deletion.objects.exclude(done_at=None).count())]
    return render(request, "films/store.html", {"rows": rows, "form": form, "said": said, "back_url": reverse("start")},
                  status=422 if form.errors else 200)


@page("films.keys")
def films_shares(request: HttpRequest) -> HttpResponse:
    """Shows new shares once, to be printed; the page cannot be opened again."""
    person: Person = request.user  # type: ignore[assignment]
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    made: list[str] = []
    answer = press(request, lambda: made.extend(recovery.make_shares(by=person)), to=reverse("films_store"))
    if not made:
        return answer
    return render(request, "films/shares.html", {"shares": made, "at": clock.now(), "back_url": reverse("films_store")})
