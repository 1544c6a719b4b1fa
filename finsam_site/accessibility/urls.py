"""The urls of the accessibility statement and its messages."""

from django.urls import path

from . import views

app_name = "accessibility"
urlpatterns = [
    path("", views.statement, name="statement"),
    path("meddelande/", views.letter, name="letter"),
    path("meddelande/tack/", views.thanks, name="thanks"),
    path("meddelanden/", views.letters, name="letters"),
    path("meddelanden/<uuid:pk>/hanterat/", views.letter_handled, name="letter_handled"),
]
