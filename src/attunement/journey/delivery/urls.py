"""Addresses of this stage."""

from django.urls import path

from attunement.journey.delivery import goal_views, next_views, views, visit_views
from attunement.journey.delivery import panels as _panels  # noqa: F401 - hangs itself on earlier pages

urlpatterns = [
    path("caseload/", views.own_families, name="caseload"),
    path("caseload/<str:code>/", views.own_family, name="own_family"),
    path("caseload/<str:code>/plan/", views.plan_session, name="plan_session"),
    path("caseload/<str:code>/change/", views.change, name="caseload_change"),
    path("caseload/<str:code>/question/", views.helping_question, name="helping_question"),
    path("caseload/<str:code>/goals/", goal_views.goals, name="goals"),
    path("goals/<int:goal_id>/rate/", goal_views.rate_goal, name="rate_goal"),
    path("sessions/<int:session_id>/", visit_views.session, name="session"),
    path("sessions/<int:session_id>/move/", views.move_session, name="move_session"),
    path("visits/late/", visit_views.late_visit, name="late_visit"),
    path("visits/late/<int:late_id>/settle/", visit_views.settle_visit, name="settle_visit"),
    path("time/", views.staff_time, name="staff_time"),
    path("delivery/", views.deliveries, name="deliveries"),
    path("delivery/<str:code>/", views.delivery, name="delivery"),
    path("next-steps/", next_views.next_steps, name="next_steps"),
    path("families/<str:code>/told/", next_views.told, name="told"),
    path("families/<str:code>/own-worker/", next_views.own_worker, name="own_worker"),
    path("families/<str:code>/assign/", views.assign, name="assign"),
    path("families/<str:code>/hand-over/", views.hand_over, name="hand_over"),
]
