"""Addresses of this stage."""

from django.urls import path

from attunement.journey.substudies import panels as _panels  # noqa: F401 - hangs itself on earlier pages
from attunement.journey.substudies import views

urlpatterns = [
    path("substudies/", views.substudies, name="substudies"),
    path("substudies/<str:substudy>/set-up/", views.set_up, name="set_up_substudy"),
    path("substudies/<str:substudy>/lock/", views.lock, name="lock_substudy"),
    path("substudies/<str:substudy>/opening/", views.opening, name="open_substudy"),
    path("substudies/<str:substudy>/log/", views.log, name="substudy_log"),
    path("substudies/<str:substudy>/certificate/<int:version>.json", views.certificate, name="substudy_certificate"),
    path("families/<str:code>/substudies/<str:substudy>/", views.allocate, name="allocate_substudy"),
]
