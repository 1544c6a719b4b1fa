"""The form of a planned uttag."""

from __future__ import annotations

from django import forms

from finsam_site.ui.forms import BaseForm, DayField, NumberField


class PlanForm(BaseForm):
    """Which year's uttag, as known at the end of which day."""

    title = "Planera ett uttag"
    submit = "Planera uttaget"

    ar = NumberField(label="Vilket år gäller uttaget?", help_text="Året som siffrorna handlar om")
    ar.width = 4
    dag = DayField(
        label="Vilken dag tas det?",
        help_text="Det som är registrerat senast den dagen räknas med. Till exempel 2027-01-16",
    )
    anteckning = forms.CharField(
        label="Meddelande till alla",
        required=False,
        max_length=200,
        help_text="Står under dagen på allas startsida. Skriv inget om någon person.",
    )

    def somebody_was_first(self, *, own: bool) -> None:
        """What stands over the summary then. own: it was the user, in another window."""
        self.__dict__["error_title"] = "Du sparade i ett annat fönster" if own else "En kollega hann före"


class ChangePlanForm(PlanForm):
    """The same for one that stands already. sedd: the mark of what was on the screen."""

    title = "Ändra det planerade uttaget"
    submit = "Spara ändringen"

    sedd = forms.CharField(widget=forms.HiddenInput())
