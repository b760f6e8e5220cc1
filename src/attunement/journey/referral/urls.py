"""Addresses of this stage."""

from django.urls import path

from attunement.journey.referral import panels as _panels  # noqa: F401 - hangs itself on earlier pages
from attunement.journey.referral import views

urlpatterns = [
    path("families/", views.families, name="families"),
    path("families/refer/", views.refer, name="refer"),
    path("families/<str:code>/", views.record, name="family"),
    path("families/<str:code>/sibling/", views.sibling, name="sibling"),
]
