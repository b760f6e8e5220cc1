"""Addresses of this stage."""

from django.urls import path

from attunement.journey.films import desk_urls, views
from attunement.journey.films import panels as _panels  # noqa: F401 - hangs itself on earlier pages

urlpatterns = [
    *desk_urls.urlpatterns,
    path("films/", views.films, name="films"),
    path("films/<uuid:film_id>/", views.film, name="film"),
    path("films/<uuid:film_id>/play", views.play, name="play"),
    path("clips/<int:clip_id>/out/", views.take_out, name="take_out"),
    path("sessions/<int:session_id>/film/", views.add, name="add_film"),
]
