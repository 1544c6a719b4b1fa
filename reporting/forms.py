"""The form by which an uttag is started."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from finsam_site.clock import STOCKHOLM
from finsam_site.ui import formats
from finsam_site.ui.components import Link
from finsam_site.ui.forms import BaseForm, ChoiceField, DayField, NumberField

from .uttag.take import FIRST_YEAR

NOW, JANUARY, OTHER = "nu", "januari", "annan"
JANUARY_16 = (1, 16)
END_OF_MINUTE = dt.timedelta(seconds=59)


class ClockField(forms.TimeField):
    """A time of day, written 23.59; 23:59 is taken too."""

    width = 6
    widget = forms.TextInput
    default_error_messages = {"invalid": "Skriv klockslaget som timmar och minuter, till exempel 23.59."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%H.%M", "%H:%M"], **kwargs)
        self.widget.attrs.update({"autocomplete": "off"})


class UttagForm(BaseForm):
    """The year and the time whose knowledge counts. `as_of` in the cleaned data is None for now."""

    title = "Ta ett uttag"
    lead = (
        "Ett uttag är årets alla tabeller, räknade på det som var känt vid en viss tidpunkt. När det är taget är det "
        "fryst: senare ändringar påverkar det aldrig."
    )
    submit = "Ta uttaget"
    error_title = "Rätta det här för att ta uttaget"
    opens: ClassVar = {"kand": {OTHER: ("dag", "tid")}}

    ar = NumberField(label="Vilket år gäller det?", help_text="Till exempel 2018")
    ar.width = 4
    kand = ChoiceField(
        label="Vilka uppgifter ska räknas med?",
        help_text="Registreringar och rättelser som har kommit in till och med tidpunkten räknas med.",
        choices=[
            (NOW, "De som är kända nu"),
            (JANUARY, "De som var kända den 16 januari året efter"),
            (OTHER, "De som var kända vid en annan tidpunkt"),
        ],
    )
    dag = DayField(label="Dag")
    tid = ClockField(
        label="Klockslag", help_text="Svensk tid. Hela minuten räknas med.", initial=dt.time(23, 59)
    )

    def __init__(self, *args: Any, cancel: Link | None = None, **kwargs: Any) -> None:
        super().__init__(*args, cancel=cancel, **kwargs)
        today = timezone.localdate()
        self.fields["ar"].initial = today.year - 1
        self.fields["kand"].initial = NOW
        self.fields["tid"].initial = "23.59"
        self.fields["kand"].error_messages["required"] = "Välj vilka uppgifter som ska räknas med."
        self.fields["ar"].error_messages["required"] = "Ange vilket år uttaget gäller."

    def clean_ar(self) -> int:
        """A year that a register can hold."""
        year, last = int(self.cleaned_data["ar"]), timezone.localdate().year
        if not FIRST_YEAR <= year <= last:
            raise ValidationError(f"År {year} kan inte tas ut. Ange ett år från {FIRST_YEAR} till {last}.")
        return year

    def clean(self) -> dict[str, Any]:
        """The time must have passed."""
        data = super().clean() or self.cleaned_data
        chosen, year = data.get("kand"), data.get("ar")
        as_of: dt.datetime | None = None
        if chosen == JANUARY and year:
            as_of = _end_of_minute(dt.date(year + 1, *JANUARY_16), dt.time(23, 59))
        elif chosen == OTHER and data.get("dag") and data.get("tid"):
            as_of = _end_of_minute(data["dag"], data["tid"])
        if as_of and as_of >= timezone.now():
            wrong = "kand" if chosen == JANUARY else "dag"
            self.add_error(
                wrong,
                f"{formats.sentence(formats.moment(as_of))} har inte passerat. "
                + ("Välj uppgifterna som är kända nu, eller ett tidigare år." if chosen == JANUARY else
                   "Ange en tidigare tidpunkt, eller välj uppgifterna som är kända nu."),
            )  # fmt: skip
        elif as_of and year and as_of < dt.datetime(year, 1, 1, tzinfo=STOCKHOLM):
            self.add_error("dag", f"Då hade år {year} inte börjat. Ange en senare tidpunkt.")
        data["as_of"] = as_of
        return data


def _end_of_minute(day: dt.date, time: dt.time) -> dt.datetime:
    return dt.datetime.combine(day, time, tzinfo=STOCKHOLM) + END_OF_MINUTE
