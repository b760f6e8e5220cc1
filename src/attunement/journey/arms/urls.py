"""Addresses of this stage."""

from django.urls import path

from attunement.journey.arms import afterwards_views, views
from attunement.journey.arms import panels as _panels  # noqa: F401 - hangs itself on earlier pages

urlpatterns = [
    path("allocation/", views.scheme, name="scheme"),
    path("allocation/set-up/", views.set_up, name="set_up_scheme"),
    path("allocation/lock/", views.lock, name="lock_scheme"),
    path("allocation/list/", views.allocations, name="allocations"),
    path("allocation/certificate/<int:version>.json", afterwards_views.certificate, {"form": "json"}, "certificate"),
    path("allocation/certificate/<int:version>.pdf", afterwards_views.certificate, {"form": "pdf"}, "certificate_pdf"),
    path("allocation/recovery/", afterwards_views.drill, name="recovery"),
    path("allocation/recovery/shares/", afterwards_views.shares, name="recovery_shares"),
    path("allocation/opening/", afterwards_views.opening, name="opening"),
    path("allocation/log/", afterwards_views.log, name="allocation_log"),
    path("allocation/drift/", afterwards_views.drifting, name="drift"),
    path("allocation/places/", afterwards_views.lists, name="place_lists"),
    path("allocation/places/<int:list_id>/", afterwards_views.list_file, name="place_list"),
    path("two-people/", afterwards_views.waiting, name="waiting"),
    path("two-people/<int:proposal_id>/", afterwards_views.agree, name="agree"),
    path("families/<str:code>/allocation/", afterwards_views.note, name="note_allocation"),
    path("families/<str:code>/show-arm/", afterwards_views.show_arm, name="show_arm"),
    path("families/<str:code>/allocate/", views.allocate, name="allocate"),
]
