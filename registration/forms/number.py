"""The field where a personnummer or samordningsnummer is written, and what is read from it."""

from __future__ import annotations

import datetime as dt

from django import forms

from ..personnummer import Nummer, NummerFel, parse


def number_field(label: str) -> forms.CharField:
    """Where a personnummer or samordningsnummer is written, as wide as it is."""
    attrs = {"autocomplete": "off", "spellcheck": "false", "inputmode": "numeric"}
    field = forms.CharField(
        label=label, help_text="Tio eller tolv siffror, ÅÅÅÅMMDD-NNNN", max_length=40,
        widget=forms.TextInput(attrs=attrs),
        error_messages={"max_length": "Numret är för långt. Skriv tio eller tolv siffror."},
    )  # fmt: skip
    field.width = 13  # type: ignore[attr-defined]
    return field


def number_in(text: str, today: dt.date) -> tuple[Nummer | None, str]:
    """The number that a text is, or what is wrong with it in the parser's own words, without a trace of the number."""
    try:
        return parse(text, today=today), ""
    except NummerFel as error:
        return None, error.text


def parsed(text: str, today: dt.date) -> Nummer:
    """The number that a field says. Raises ValidationError with what is wrong with it."""
    nummer, fel = number_in(text, today)
    if nummer is None:
        raise forms.ValidationError(fel)
    return nummer


class NumberAnswer(forms.Form):
    """What a form with a field `personnummer` has more: `nummer`, set where a number was written."""

    today: dt.date
    nummer: Nummer | None = None

    def clean_personnummer(self) -> str:
        """The parser's own words say what is wrong; the number is kept as it was written."""
        text: str = self.cleaned_data["personnummer"]
        self.nummer = parsed(text, self.today)
        return text
