"""Addresses of this stage."""

from django.urls import path

from attunement.journey.surveys import alert_views, query_views, respondent_views, telephone_views, views
from attunement.journey.surveys import panels as _panels  # noqa: F401 - hangs itself on earlier pages

urlpatterns = [
    path("q/<str:token>/", respondent_views.intro, name="survey_intro"),
    path("q/<str:token>/question/", respondent_views.question, name="survey_question"),
    path("q/<str:token>/module/", respondent_views.module, name="survey_module"),
    path("q/<str:token>/save/", respondent_views.save, name="survey_save"),
    path("q/<str:token>/late/", respondent_views.late, name="survey_late"),
    path("q/<str:token>/finish/", respondent_views.finish, name="survey_finish"),
    path("q/<str:token>/thanks/", respondent_views.thanks, name="survey_thanks"),
    path("alerts/", alert_views.alerts, name="alerts"),
    path("alerts/<int:alert_id>/", alert_views.alert, name="alert"),
    path("alerts/on-call/", alert_views.on_call, name="on_call"),
    path("alerts/on-call/add/<str:site>/", alert_views.put_on_call, name="put_on_call"),
    path("alerts/on-call/remove/<int:entry_id>/", alert_views.take_off_call, name="take_off_call"),
    path("queries/", query_views.queries, name="queries"),
    path("queries/<int:query_id>/", query_views.query, name="query"),
    path("families/<str:code>/surveys/<str:point>/ask/<str:item>/", query_views.ask, name="survey_ask"),
    path("surveys/", views.overview, name="surveys"),
    path("surveys/<str:code>/", views.time_point, name="survey_time_point"),
    path("surveys/<str:code>/switch-off/", views.switch_off, name="survey_switch_off"),
    path("families/<str:code>/surveys/", views.family, name="family_surveys"),
    path("families/<str:code>/surveys/<str:point>/send/", views.send, name="survey_send"),
    path("families/<str:code>/surveys/<str:point>/hand-over/", views.hand_over, name="survey_hand_over"),
    path("families/<str:code>/surveys/<str:point>/telephone/", telephone_views.telephone, name="survey_telephone"),
    path("families/<str:code>/surveys/<str:point>/lock/", views.lock, name="survey_lock"),
    path("families/<str:code>/surveys/<str:point>/correct/", views.corrections, name="survey_corrections"),
    path("families/<str:code>/surveys/<str:point>/correct/<str:item>/", views.correct, name="survey_correct"),
]
