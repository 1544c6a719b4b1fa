"""The urls of the site."""

from django.urls import URLPattern, URLResolver

# No pages yet: the command line and the tests are the doors.
urlpatterns: list[URLPattern | URLResolver] = []
