"""Addresses of this stage."""

from django.urls import path

from attunement.journey.fieldwork import call_views, views, voucher_views
from attunement.journey.fieldwork import panels as _panels  # noqa: F401 - hangs itself on earlier pages

urlpatterns = [
    path("fieldwork/messages/", views.messages, name="messages"),
    path("fieldwork/messages/<int:message_id>/again/", views.send_again, name="send_again"),
    path("fieldwork/letters/<int:sending_id>/print/", views.print_letter, name="print_letter"),
    path("fieldwork/calls/", call_views.calls, name="calls"),
    path("fieldwork/calls/<int:call_id>/", call_views.call, name="call"),
    path("fieldwork/traces/", call_views.traces, name="traces"),
    path("fieldwork/traces/<int:trace_id>/", call_views.trace, name="trace"),
    path("fieldwork/traces/<int:trace_id>/found/", call_views.trace_found, name="trace_found"),
    path("fieldwork/traces/<int:trace_id>/lost/", call_views.trace_lost, name="trace_lost"),
    path("fieldwork/vouchers/", voucher_views.vouchers, name="vouchers"),
    path("fieldwork/vouchers/<int:voucher_id>/", voucher_views.voucher, name="voucher"),
    path("families/<str:code>/fieldwork/", views.family, name="fieldwork"),
    path("families/<str:code>/fieldwork/<str:point>/call/", views.ask_for_call, name="ask_for_call"),
    path("families/<str:code>/fieldwork/<str:point>/look-for/", views.look_for, name="look_for"),
    path("families/<str:code>/fieldwork/<str:point>/voucher/", voucher_views.give, name="give_voucher"),
]
