"""Addresses of this stage."""

from django.urls import path

from attunement.journey.films import desk_urls, keeping_urls, tus, upload_views, views
from attunement.journey.films import panels as _panels  # noqa: F401 - hangs itself on earlier pages

urlpatterns = [
    *desk_urls.urlpatterns,
    path("films/", views.films, name="films"),
    path("films/<uuid:film_id>/", views.film, name="film"),
    path("films/<uuid:film_id>/play", views.play, name="play"),
    path("clips/<int:clip_id>/out/", views.take_out, name="take_out"),
    path("sessions/<int:session_id>/film/", views.add, name="add_film"),
    path("sessions/<int:session_id>/uploads/", tus.uploads, name="uploads"),
    path("uploads/<uuid:upload_id>/", tus.upload, name="upload"),
    path("uploads/<uuid:upload_id>/finish/", upload_views.finish, name="finish_upload"),
    path("uploads/<uuid:upload_id>/tail/", upload_views.tail, name="upload_tail"),
    path("uploads/<uuid:upload_id>/give-up/", upload_views.give_up, name="give_up_upload"),
    *keeping_urls.urlpatterns,
]
