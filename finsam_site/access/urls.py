"""The urls of access in the browser."""

from django.urls import path

from . import views

app_name = "access"
urlpatterns = [
    path("logga-in/", views.log_in, name="log_in"),
    path("logga-ut/", views.log_out, name="log_out"),
    path("session/", views.session, name="session"),
    path("installningar/", views.own_settings, name="settings"),
    path("uppdrag/", views.uppdrag, name="uppdrag"),
]
