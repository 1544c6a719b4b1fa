"""The component page."""

from django.urls import path

from . import views

app_name = "ui"
urlpatterns = [
    path("", views.components, name="components"),
    path("framsteg/", views.progress, name="progress"),
]
