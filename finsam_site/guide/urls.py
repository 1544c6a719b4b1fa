"""The urls of the user guide."""

from django.urls import path

from . import views

app_name = "guide"
urlpatterns = [
    path("", views.contents, name="contents"),
    path("hela/", views.whole, name="whole"),
    path("<slug:slug>/", views.chapter, name="chapter"),
]
