"""Addresses of this stage."""

from django.urls import path

from attunement.journey.supervision import panels as _panels  # noqa: F401 - hangs itself on earlier pages
from attunement.journey.supervision import views

urlpatterns = [
    path("supervision/", views.trainees, name="trainees"),
    path("supervision/own/", views.own_supervision, name="own_supervision"),
    path("supervision/with/<str:code>/", views.trainee, name="trainee"),
    path("supervision/with/<str:code>/book/", views.book, name="book_supervision"),
    path("supervision/<int:supervision_id>/record/", views.record_supervision, name="record_supervision"),
]
