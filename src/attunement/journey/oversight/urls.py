"""Addresses of this stage."""

from django.urls import path

from attunement.journey.oversight import panels as _panels  # noqa: F401 - hangs itself on earlier pages
from attunement.journey.oversight import views

urlpatterns = [
    path("progress/", views.progress, name="progress"),
    path("review/", views.review, name="review_point"),
    path("study/", views.study, name="study"),
    path("study/amend/", views.amend, name="amend"),
    path("snapshots/", views.snapshots, name="snapshots"),
    path("snapshots/lock-plan/", views.lock_plan, name="lock_plan"),
    path("snapshots/take/", views.take_snapshot, name="take_snapshot"),
    path("snapshots/<str:name>/release/", views.release, name="release"),
    path("snapshots/<str:name>/build/", views.build_report, name="build_report"),
    path("snapshots/<str:name>/report/", views.report, name="report"),
]
