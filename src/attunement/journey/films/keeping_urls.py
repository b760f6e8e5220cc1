"""Addresses of who may see a film, its copies, its end, and what its family sees of it."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
