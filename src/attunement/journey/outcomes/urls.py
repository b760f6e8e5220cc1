"""Addresses of this stage."""

from django.urls import path

from attunement.journey.outcomes import checking_views as checking
from attunement.journey.outcomes import panels as _panels  # noqa: F401 - hangs itself on earlier pages
from attunement.journey.outcomes import views

urlpatterns = [
    path("records/", views.returns, name="returns"),
    path("records/send/", views.supply, name="supply"),
    path("records/sheet/<str:site_code>.csv", views.own_sheet, name="records_sheet"),
    path("records/set/<str:site_code>.zip", views.download_set, name="records_set"),
    path("records/accepted/<int:extract_id>/", views.accepted, name="records_accepted"),
    path("records/<str:site_code>.xlsx", views.download, name="records_workbook"),
    path("records/<str:site_code>/check/", checking.check, name="records_check"),
    path("records/<str:site_code>/corrections.xlsx", checking.corrected_rows, name="records_corrections"),
    path("records/<str:site_code>/dates/", checking.dates, name="records_dates"),
    path("records/<str:site_code>/spelling/", checking.spelling, name="records_spelling"),
    path("records/<str:site_code>/discard/", checking.discard, name="records_discard"),
]
