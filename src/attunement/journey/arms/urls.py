"""Addresses of this stage."""

from django.urls import path

urlpatterns: list = []
