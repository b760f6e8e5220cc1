"""Addresses of this stage."""

from django.urls import path

from attunement.journey.outcomes import panels as _panels  # noqa: F401 - hangs itself on earlier pages
from attunement.journey.outcomes import views

urlpatterns = [
    path("records/", views.returns, name="returns"),
    path("records/send/", views.supply, name="supply"),
    path("records/<str:site_code>.xlsx", views.download, name="records_workbook"),
]
