"""What a dataskyddsgranskare fills in about one person, at that person's own request (DOMAIN §2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms

from finsam_site.ui.components import Button, Link
from finsam_site.ui.forms import BaseForm, ChoiceField

from ..personnummer import Nummer
from ..rules.uppslag import Syfte
from .number import number_field, parsed


class NumberForm(BaseForm):
    """Asks for a whole number; `nummer` is set where it is one."""

    personnummer = number_field("Personnummer eller samordningsnummer")

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today
        self.nummer: Nummer | None = None

    def clean_personnummer(self) -> str:
        """The parser's own words say what is wrong."""
        text: str = self.cleaned_data["personnummer"]
        self.nummer = parsed(text, self._today)
        return text


class FindPersonForm(NumberForm):
    title = "Sök person"
    lead = "När någon själv frågar. Kontrollera först att det är rätt person som frågar."
    submit = "Sök personen"
    error_title = "Det gick inte att söka"

    syfte = ChoiceField(
        label="Varför söker du?", choices=Syfte.choices,
        help_text="Det du väljer sparas i åtkomstloggen, som personen kan få läsa.",
    )  # fmt: skip


class ChangeNumberForm(NumberForm):
    """Another number for the person."""

    title = "Rätta personnumret"
    submit = "Rätta personnumret"
    error_title = "Numret är inte rättat än"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["personnummer"].label = "Rätt personnummer eller samordningsnummer"


class NamesForm(BaseForm):
    """What the person is called, in all of the deltaganden."""

    title = "Rätta namnet"
    submit = "Rätta namnet"
    error_title = "Namnet är inte rättat än"

    fornamn = forms.CharField(label="Förnamn", max_length=100)
    efternamn = forms.CharField(label="Efternamn", max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.width = 30  # type: ignore[attr-defined]
            field.widget.attrs.update({"autocomplete": "off", "spellcheck": "false"})


class WithdrawSeveralForm(BaseForm):
    """Which samtycken are withdrawn; nothing is asked where there is one."""

    title = "Återkalla samtycke"
    submit = "Återkalla samtycket"
    error_title = "Inget är återkallat än"

    vilka = forms.MultipleChoiceField(
        label="Vilka samtycken vill personen återkalla?", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Kryssa för minst ett samtycke."},
    )  # fmt: skip

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """choices: (deltagande, insats, days and code) of each samtycke that can be withdrawn."""
        super().__init__(*args, **kwargs)
        self._all = [key for key, _ in choices]
        if len(choices) > 1:
            self.fields["vilka"].choices = choices  # type: ignore[attr-defined]
            self.submit = "Återkalla de valda samtyckena"  # type: ignore[misc]
        else:
            del self.fields["vilka"]

    @property
    def chosen(self) -> list[str]:
        """Of a valid form."""
        return list(self.cleaned_data.get("vilka", self._all))

    def actions(self) -> Sequence[Button | Link]:
        return [Button(self.submit, kind="danger"), *([self.cancel] if self.cancel else [])]


class ProtectAllForm(BaseForm):
    title = "Har fått skyddade personuppgifter"

    def actions(self) -> Sequence[Button | Link]:
        return [Button("Ta bort personuppgifterna", kind="danger"), *([self.cancel] if self.cancel else [])]
