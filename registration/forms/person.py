"""What a dataskyddsgranskare fills in about one person, at that person's own request (DOMAIN §2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms

from finsam_site.ui.components import Button, Link
from finsam_site.ui.forms import BaseForm, ChoiceField

from ..rules.uppslag import Syfte
from .number import NumberAnswer, number_field


class FindPersonForm(NumberAnswer, BaseForm):
    title = "Sök person"
    lead = "När någon själv frågar. Kontrollera först att det är rätt person som frågar."
    submit = "Sök personen"
    error_title = "Det gick inte att söka"

    personnummer = number_field("Personnummer eller samordningsnummer")
    syfte = ChoiceField(
        label="Varför söker du?", choices=Syfte.choices,
        help_text="Det du väljer sparas i åtkomstloggen, som personen kan få läsa.",
    )  # fmt: skip

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today


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
