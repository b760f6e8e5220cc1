"""Addresses of this stage."""

from django.urls import path

from attunement.journey.consent import by_link, family_views, views
from attunement.journey.consent import panels as _panels  # noqa: F401 - hangs itself on earlier pages

urlpatterns = [
    path("c/<str:token>/", family_views.notice, name="consent_notice"),
    path("c/<str:token>/statements/", family_views.statements, name="consent_statements"),
    path("c/<str:token>/confirm/", family_views.confirm, name="consent_confirm"),
    path("c/<str:token>/thanks/", family_views.thanks, name="consent_thanks"),
    path("c/<str:token>/fine/", family_views.fine, name="consent_fine"),
    path("c/<str:token>/change/", family_views.change, name="consent_change"),
    path("c/<str:token>/change/<str:purpose>/", family_views.take_back, name="consent_take_back"),
    path("code/", by_link.code, name="code"),
    path("ask-again/", views.ask_again, name="ask_again"),
    path("families/<str:code>/consent/", views.consent, name="consent"),
    path("families/<str:code>/consent/copy/", views.copy, name="consent_copy"),
    path("families/<str:code>/consent/record/", views.record, name="consent_record"),
    path("families/<str:code>/consent/withdraw/<str:purpose>/", views.withdraw, name="consent_withdraw"),
    path("families/<str:code>/links/", views.links, name="consent_links"),
    path("families/<str:code>/links/give/", views.give_link, name="consent_give_link"),
    path("families/<str:code>/links/revoke/", views.revoke_links, name="consent_revoke_links"),
    path("families/<str:code>/safe-again/", views.safe_again, name="family_safe_again"),
    path("families/<str:code>/change/", views.change, name="family_change"),
]
