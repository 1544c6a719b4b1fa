"""Registering out several at once: who leaves and what is alike for all, and what is read back.

What each of them answers is asked by the same questions as when one leaves alone (`register_out.OutStep`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms

from finsam_site.ui.components import Button
from finsam_site.ui.formats import number
from finsam_site.ui.forms import ChoiceField, DayField
from finsam_site.ui.layout import Section

from ..models import ATERKALLAT_SAMTYCKE, FELREGISTRERING, Kodlista
from ..rules.code_days import on
from .register_in_parts import FirstButton, Shown
from .register_out import ConfirmOut
from .steps import Step
from .sysselsattning import answered_day
from .sysselsattning_codes import Codes

MOST = 25
"""So many people are registered out at once: what somebody can read through before one press."""
TOGETHER = "flera"
"""The step of a draft of registering out that says that the person is one of several."""
ALL = "_alla"
"""The button that ticks everybody on the page."""


class ChooseStep(Step):
    """Who leaves, the last day and why, alike for all of them until something else is said of one."""

    name = "valj"
    title = "Registrera ut flera"
    lead = "Välj vilka som slutar. Svara sedan för var och en, och registrera ut alla på en gång."

    deltagare = forms.MultipleChoiceField(
        label="Vilka slutar?", choices=(), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Kryssa för minst en som slutar."},
    )  # fmt: skip
    slutdatum = DayField(label="Vilken är den sista dagen i insatsen?")
    avslutsanledning = ChoiceField(label="Varför slutar de?", choices=(), widget=forms.Select())

    def __init__(
        self, *args: Any, people: Sequence[tuple[str, str]], room: int, codes: Codes, day: dt.date, more: bool,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        """people: (deltagande, who). room: how many more there may be. more: there are others on another page."""
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        self.room = room
        fields["deltagare"].choices = people
        most = f"Högst {MOST} åt gången."
        fields["deltagare"].help_text = (
            f"{most} Här står {len(people)} av dem som pågår. Fortsätt innan du byter sida, och lägg sedan till fler."
            if more
            else most
        )
        alike = "Gäller alla du har kryssat för. Du kan ändra för en och en sedan."
        fields["slutdatum"].help_text = f"{alike} Skriv till exempel 2019-01-16."
        fields["avslutsanledning"].help_text = alike
        days = on(day, answered_day(self, "slutdatum"))
        reasons = codes.choices(
            Kodlista.AVSLUTSANLEDNING, days, without={ATERKALLAT_SAMTYCKE, FELREGISTRERING}
        )
        fields["avslutsanledning"].choices = [("", "Välj"), *reasons]

    def layout(self) -> Sequence[Section | str]:
        everybody = Button("Kryssa för alla på sidan", kind="secondary", name=ALL, value="1")
        people: Any = self.fields["deltagare"]
        several = [Shown(FirstButton()), Shown(everybody)] if len(people.choices) > 1 else []
        return [
            *several,
            "deltagare",
            Section("Lika för alla", "slutdatum", "avslutsanledning"),
        ]

    def clean_deltagare(self) -> list[str]:
        """No more than can be read through."""
        chosen: list[str] = self.cleaned_data["deltagare"]
        if len(chosen) > self.room:
            there = MOST - self.room
            before = f"Det står redan {number(there)} i listan. " if there else ""
            raise forms.ValidationError(
                f"{before}Kryssa för högst {number(self.room)}, och registrera ut resten efteråt."
                if self.room
                else f"{before}Registrera ut dem först, och lägg sedan till fler."
            )
        return chosen

    def common(self) -> dict[str, list[str]]:
        """What is alike for all, of a valid form, as the questions of one of them take it."""
        said = self.cleaned_data
        return {"slutdatum": [said["slutdatum"].isoformat()], "avslutsanledning": [said["avslutsanledning"]]}


class ConfirmSeveral(ConfirmOut):
    """Everybody and what is said of them, to be read through before one press."""

    title = "Stämmer uppgifterna?"
    error_title = "Ingen är utregistrerad än"

    def __init__(self, *args: Any, people: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.__dict__["submit"] = f"Registrera ut {number(people)} deltagare"
