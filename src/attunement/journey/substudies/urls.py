"""Addresses of this stage."""

urlpatterns: list = []
