"""Addresses of this stage."""

from django.urls import path

from attunement.journey.people import trail_views, views

urlpatterns = [
    path("", views.start, name="start"),
    path("help/", views.help_page, name="help"),
    path("people/", views.people, name="people"),
    path("people/invite/", views.invite, name="invite"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("trail/", trail_views.trail, name="trail"),
]
