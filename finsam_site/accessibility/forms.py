"""The form of a message about accessibility."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core import signing
from django.utils.crypto import get_random_string

from finsam_site.ui.forms import BaseForm

from .letters import Letter, names_a_number

LONGEST = 4000
HAS_NUMBER = (
    "Det ser ut att stå ett personnummer här. Ta bort det: meddelandet ska inte handla om någon deltagare. Är det ett "
    "telefonnummer, dela upp det med bindestreck och mellanslag, till exempel 070-123 45 67."
)

_signer = signing.Signer(salt="finsam.meddelande")


class LetterForm(BaseForm):
    """What does not work, on which page, and where an answer can go."""

    title = "Berätta om en brist"
    lead = "Skriv vad som inte fungerar för dig, eller vad du behöver i en annan form. Du behöver inte säga vem du är."
    submit = "Skicka meddelandet"

    text = forms.CharField(
        label="Vad fungerar inte?",
        max_length=LONGEST,
        help_text="Skriv inget om någon deltagare: inga namn, inga personnummer, ingenting om någons hälsa.",
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"max_length": f"Texten får ha högst {LONGEST} tecken. Korta den."},
    )
    sida = forms.CharField(
        label="Vilken sida gäller det?",
        required=False,
        max_length=200,
        help_text="Sidans rubrik räcker, till exempel Registrera in.",
    )
    epost = forms.EmailField(
        label="E-postadress för svar",
        required=False,
        max_length=254,
        help_text="Utan adress kan du inte få något svar.",
        error_messages={
            "invalid": "Skriv en e-postadress, till exempel namn@kommun.se, eller lämna fältet tomt."
        },
        widget=forms.TextInput(attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}),
    )
    blankett = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("blankett", _signer.sign(get_random_string(16)))

    def clean(self) -> dict[str, Any]:
        """Nothing that looks like a person's number is taken."""
        values = super().clean() or {}
        for name in ("text", "sida", "epost"):
            if names_a_number(str(values.get(name) or "")):
                self.add_error(name, HAS_NUMBER)
        return values

    def letter(self) -> Letter:
        """What was written. Only after `is_valid`."""
        return Letter(**{name: self.cleaned_data[name] for name in ("text", "sida", "epost")})

    def form_id(self) -> str:
        """Names the page that it was written on; a new one where the hidden field is not of ours."""
        try:
            return _signer.unsign(self.cleaned_data["blankett"])
        except signing.BadSignature:
            return get_random_string(16)
