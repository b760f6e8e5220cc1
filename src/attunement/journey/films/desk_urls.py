"""Addresses of the desk, the shared review and its film."""

from django.urls import path

from attunement.journey.films import desk_views as desk
from attunement.journey.films import review_views as review
from attunement.journey.films import supervised_views as supervised

urlpatterns = [
    path("films/<uuid:film_id>/desk", desk.desk, name="desk"),
    path("films/<uuid:film_id>/glance", desk.glance, name="film_glance"),
    path("films/<uuid:film_id>/sheets/<int:number>", desk.sheet, name="film_sheet"),
    path("films/<uuid:film_id>/mark", desk.mark, name="mark"),
    path("films/<uuid:film_id>/reel", desk.reel, name="reel"),
    path("films/<uuid:film_id>/comment", desk.comment, name="comment"),
    path("films/<uuid:film_id>/still", desk.keep_still, name="keep_still"),
    path("stills/<int:still_id>", desk.show_still, name="still"),
    path("clips/<int:clip_id>/change", desk.change, name="change_mark"),
    path("clips/<int:clip_id>/drop", desk.drop, name="drop_mark"),
    path("reviews/<int:session_id>/", review.review, name="review"),
    path("reviews/<int:session_id>/state", review.state, name="review_state"),
    path("reviews/<int:session_id>/clips/<int:clip_id>", review.clip, name="review_clip"),
    path("reviews/<int:session_id>/late", review.late, name="review_late"),
    path("reviews/<int:session_id>/film", supervised.link, name="review_film"),
    path("films/<uuid:film_id>/review/", supervised.supervised, name="supervised"),
    path("films/<uuid:film_id>/review/end/", supervised.end, name="end_review_film"),
]
