"""The page on which the licence-holder's files are loaded: what is in use, what was, and a form for the next."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from attunement.journey.films import material
from attunement.journey.films.keeping_forms import MaterialForm
from attunement.journey.films.models import Material
from attunement.journey.people.pages import act
from attunement.journey.people.permissions import page
from attunement.journey.trail import versions


@page("films.material", largest_body=2 * 1024 * 1024)
def films_material(request: HttpRequest) -> HttpResponse:
    form = MaterialForm(request.POST or None, request.FILES or None)

    def load(given: dict[str, Any]) -> Material:
        file = given.pop("file")
        return material.load(by=request.user, content=file.read(), **given)  # type: ignore[arg-type]

    skills, headings = material.skills_form(), versions.current().delivery.principles
    behaviours = [(number, headings[number - 1], words) for number, words in sorted(material.behaviours().items())]
    return act(request, form, load, to=reverse("films_material"), title="Material of licence-holders",
               done="The file was checked, and is in use from now on.", template="films/material.html",
               skills=skills, behaviours=behaviours, loaded={kind: material.in_use(kind) for kind in material.NAMES},
               earlier=Material.objects.select_related("by").order_by("kind", "-number"), back_url=reverse("start"))
