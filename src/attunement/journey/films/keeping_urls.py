"""Addresses of who may see a film, its copies, its end, and what its family sees of it."""

from django.urls import path

from attunement.journey.films import family_film_views as family
from attunement.journey.films import keeping_views as keeping
from attunement.journey.films import keys_views, material_views

urlpatterns = [
    path("films/store/", keys_views.films_store, name="films_store"),
    path("films/store/shares/", keys_views.films_shares, name="films_shares"),
    path("films/material/", material_views.films_material, name="films_material"),
    path("films/holds/", keeping.holds, name="film_holds"),
    path("films/holds/<int:hold_id>/release/", keeping.release, name="release_film"),
    path("films/<uuid:film_id>/hold/", keeping.hold, name="hold_film"),
    path("films/<uuid:film_id>/keeping/", keeping.keeping, name="film_keeping"),
    path("films/<uuid:film_id>/share/", keeping.share, name="share_film"),
    path("films/<uuid:film_id>/in-shot/", keeping.in_shot, name="in_shot"),
    path("films/<uuid:film_id>/phone-copy/", keeping.phone_copy_gone, name="phone_copy_gone"),
    path("films/<uuid:film_id>/copy/", keeping.give_copy, name="give_copy"),
    path("films/<uuid:film_id>/delete/", keeping.ask_deletion, name="delete_film"),
    path("caseload/<str:code>/films-code/", family.give_code, name="films_code"),
    path("f/<str:token>/", family.films, name="family_films"),
    path("f/<str:token>/<uuid:film_id>/wipe/", family.wipe, name="family_wipe_film"),
    path("f/<str:token>/<uuid:film_id>/<str:audience>/", family.say, name="family_share_film"),
]
