"""A trainee's shared review beside the clips that were played in it: for trainee and supervisor."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from attunement.journey.delivery.models import Session
from attunement.journey.films import material, permissions, review_film_actions, supervised_queries
from attunement.journey.films.models import Film
from attunement.journey.people.models import Person
from attunement.journey.people.pages import act, one, press
from attunement.journey.people.permissions import page
from attunement.journey.trail.errors import NotAllowed, Refused


class SkillsForm(forms.Form):
    """The developer's form as it is loaded; nothing is chosen beforehand."""

    def __init__(self, form: material.SkillsForm, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps = list(enumerate(form.scale, start=1))
        for code, words in form.items.items():
            self.fields[code] = forms.TypedChoiceField(label=words, choices=steps, coerce=int, widget=forms.RadioSelect)


class LinkForm(forms.Form):
    film = forms.UUIDField()
    began = forms.IntegerField(min_value=0)
    parent = forms.BooleanField(required=False)
    practitioner = forms.BooleanField(required=False)


def _of_review(request: HttpRequest, film_id: UUID) -> Film:
    film = one(Film.visible_to(request.user).exclude(of_review=None), pk=film_id)  # type: ignore[arg-type]
    if not permissions.may_watch(request.user, film):  # type: ignore[arg-type]
        raise NotAllowed("This film is not shared with you, or somebody no longer agrees.")
    return film


@page("films.watch")
def supervised(request: HttpRequest, film_id: UUID) -> HttpResponse:
    """The review on one side, what was played at that moment on the other; comments; the skills form."""
    person: Person = request.user  # type: ignore[assignment]
    film, form = _of_review(request, film_id), material.skills_form()
    own = film.ratings.filter(by=person, form=form.slug).first()
    return act(request, SkillsForm(form, request.POST or None, initial=own.answers if own else {}),
               lambda given: review_film_actions.rate_skills(by=person, film=film, answers=given),
               to=reverse("supervised", args=[film.pk]) + "#skills", title="A shared review, for supervision",
               done="Your answers are kept.", template="films/supervised.html", film=film, skills=form,
               events=supervised_queries.events(film, person), ratings=supervised_queries.ratings(film, form, own),
               own=permissions.is_own(person, film.family), rated=own, back_url=reverse("film", args=[film.pk]))


@page("films.add")
def link(request: HttpRequest, session_id: int) -> HttpResponse:
    """The page that filmed a review says when the film began, and that both agreed."""
    session: Session = one(permissions.own_sessions(request.user), pk=session_id)  # type: ignore[arg-type]
    if session.kind != "review":
        raise Http404
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    form = LinkForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"refused": "The page sent something that cannot be kept."}, status=422)
    said = form.cleaned_data
    film = one(Film.visible_to(request.user), pk=said["film"])  # type: ignore[arg-type]
    try:
        review_film_actions.link_review_film(by=request.user, review=session, film=film,  # type: ignore[arg-type]
                                             began_ms=said["began"], parent=said["parent"],
                                             practitioner=said["practitioner"])
    except Refused as refusal:
        return JsonResponse({"refused": str(refusal)}, status=409)
    return JsonResponse({"address": reverse("supervised", args=[film.pk])})


@page("films.add")
def end(request: HttpRequest, film_id: UUID) -> HttpResponse:
    """One of the two agrees no more."""
    film = one(Film.visible_to(request.user), pk=film_id)  # type: ignore[arg-type]
    return press(request, lambda: review_film_actions.end_review_film(by=request.user, film=film),  # type: ignore[arg-type]
                 to=reverse("film", args=[film.pk]), done="Nobody watches this film any more.")
