"""Addresses of this stage."""

from django.urls import path

from attunement.journey.arms import panels as _panels  # noqa: F401 - hangs itself on earlier pages
from attunement.journey.arms import views

urlpatterns = [
    path("allocation/", views.scheme, name="scheme"),
    path("allocation/set-up/", views.set_up, name="set_up_scheme"),
    path("allocation/lock/", views.lock, name="lock_scheme"),
    path("allocation/list/", views.allocations, name="allocations"),
    path("families/<str:code>/allocate/", views.allocate, name="allocate"),
]
