"""Addresses of this stage."""

from django.urls import path

from attunement.journey.referral import panels as _panels  # noqa: F401 - hangs itself on earlier pages
from attunement.journey.referral import views

urlpatterns = [
    path("families/", views.families, name="families"),
    path("families/refer/", views.refer, name="refer"),
    path("families/not-asked/", views.not_approached, name="not_approached"),
    path("families/not-asked/count/", views.count_not_approached, name="count_not_approached"),
    path("families/<str:code>/", views.record, name="family"),
    path("families/<str:code>/contact/", views.contact, name="family_contact"),
    path("families/<str:code>/agreement/", views.agreement, name="family_agreement"),
    path("families/<str:code>/sibling/", views.sibling, name="sibling"),
]
