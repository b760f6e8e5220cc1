"""Addresses of this stage."""

from django.urls import path

from attunement.journey.supervision import hour_views, training_views, views
from attunement.journey.supervision import panels as _panels  # noqa: F401 - hangs itself on earlier pages

urlpatterns = [
    path("supervision/", views.trainees, name="trainees"),
    path("supervision/own/", views.own_supervision, name="own_supervision"),
    path("supervision/with/<str:code>/", views.trainee, name="trainee"),
    path("supervision/with/<str:code>/book/", views.book, name="book_supervision"),
    path("supervision/<int:supervision_id>/record/", views.record_supervision, name="record_supervision"),
    path("supervision/<int:supervision_id>/hour/", hour_views.hour, name="hour"),
    path("supervision/own/<int:supervision_id>/", hour_views.own_hour, name="own_hour"),
    path("supervision/own/<int:supervision_id>/bring/", hour_views.bring, name="bring"),
    path("supervision/own/evidence/", training_views.own_evidence, name="own_evidence"),
    path("supervision/with/<str:code>/evidence/", training_views.evidence_of, name="evidence"),
    path("supervision/with/<str:code>/ready/", training_views.ready, name="ready"),
    path("supervision/with/<str:code>/meeting/", training_views.meeting, name="meeting"),
    path("supervision/courses/", training_views.courses, name="courses"),
    path("supervision/courses/<int:course_id>/<int:day>/", training_views.attendance, name="attendance"),
    path("practice/", training_views.practice, name="practice"),
    path("practice/add/", training_views.add_practice, name="add_practice"),
    path("practice/<str:practice_code>/cycle/", training_views.practice_cycle, name="practice_cycle"),
    path("staff-record/", training_views.staff_record, name="staff_record"),
]
