"""The forms of logging in and choosing what to work in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest

from finsam_site.ui.forms import BaseForm

from . import throttle
from .models import SYSTEM_USERNAME, User


class LogInForm(BaseForm):
    """User name and password. The answer is the same for an unknown name, a wrong password and a closed account."""

    title = "Logga in"
    submit = "Logga in"
    error_title = "Inloggningen gick inte igenom"

    username = forms.CharField(
        label="Användarnamn",
        max_length=150,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label="Lösenord",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        self.request = request
        self.user: User | None = None
        self.must_wait = False
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Sets `user` when name and password belong together, `must_wait` when there were too many wrong tries."""
        values = super().clean() or {}
        name, password = values.get("username"), values.get("password")
        if not name or not password:
            return values
        if throttle.must_wait(self.request, name):
            self.must_wait = True
            raise forms.ValidationError(
                "Det har blivit för många felaktiga försök att logga in. Vänta en kvart och försök igen. "
                "Har du glömt lösenordet kan behörighetsadministratören ge dig ett nytt."
            )
        user = authenticate(self.request, username=name, password=password)
        if not isinstance(user, User) or user.anvandarnamn == SYSTEM_USERNAME:
            throttle.note_wrong(self.request, name)
            raise forms.ValidationError(
                "Användarnamn och lösenord hör inte ihop. Kontrollera båda och försök igen. "
                "Har du glömt lösenordet kan behörighetsadministratören ge dig ett nytt."
            )
        throttle.forget_name(self.request, name)
        self.user = user
        return values


class SettingsForm(BaseForm):
    """What a user may decide about the own account."""

    title = "Mina inställningar"
    submit = "Spara inställningarna"

    veckobrev = forms.BooleanField(
        label="Skicka mig ett mejl på måndagar när något väntar på mig",
        required=False,
        help_text="Mejlet har bara antal, aldrig namn, och en länk till startsidan.",
    )
