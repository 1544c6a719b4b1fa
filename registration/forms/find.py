"""The search box of a deltagaransvarig."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from finsam_site.ui.forms import BaseForm

from ..personnummer import NummerFel
from ..rules.find import SHORTEST, ForKort, Traffar, find_in_scope


class FindForm(BaseForm):
    """One field for all three ways. After a search `found` says who was found."""

    title = "Sök deltagare"
    submit = "Sök"
    error_title = "Det gick inte att söka"

    sok = forms.CharField(
        label="Namn, personnummer eller referenskod", max_length=100,
        help_text="Delar av namnet räcker. Av personnumret behövs alla siffror.",
        error_messages={
            "required": "Skriv ett namn, ett personnummer eller en referenskod.",
            "max_length": "Det är för mycket att söka på. Skriv högst 100 tecken.",
        },
    )  # fmt: skip

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today
        self.found = Traffar([])
        self.fields["sok"].width = 30  # type: ignore[attr-defined]
        self.fields["sok"].widget.attrs.update({"autocomplete": "off", "spellcheck": "false"})

    def clean_sok(self) -> str:
        """Searches; what is wrong with a number is said in the parser's words."""
        text: str = self.cleaned_data["sok"]
        fel = ""
        try:
            self.found = find_in_scope(text, today=self._today)
        except ForKort:
            fel = f"Skriv minst {SHORTEST} bokstäver av namnet."
        except NummerFel as error:
            fel = error.text
        if fel:
            raise forms.ValidationError(fel)
        return text
