"""Somebody was registered in the wrong insats: which is the right one, and the read back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from finsam_site.ui.formats import day
from finsam_site.ui.forms import BaseForm, ChoiceField

from ..models import Insats


def named(insats: Insats) -> str:
    """Its name, and when it ended where it has."""
    ended = insats.slutdatum
    return f"{insats.namn} (avslutad {day(ended)})" if ended and ended < timezone.localdate() else insats.namn


class RightInsats(BaseForm):
    """Which insats somebody should have been registered in."""

    title = "Registrerad i fel insats"
    lead = "Välj rätt insats. Du får läsa igenom vad som händer innan något ändras."

    till = ChoiceField(
        label="Vilken är den rätta insatsen?", choices=(),
        help_text="Du kan välja bland dina andra insatser där deltagare registreras.",
        error_messages={"invalid_choice": "Det går inte att registrera deltagare i insatsen. Välj en annan insats."},
    )  # fmt: skip

    def __init__(self, *args: Any, insatser: Sequence[Insats], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(one.pk), named(one)) for one in insatser]
        self.fields["till"] = ChoiceField(
            label=str(self.fields["till"].label), help_text=str(self.fields["till"].help_text), choices=choices,
            error_messages=self.fields["till"].error_messages,
        )  # fmt: skip
        self.fields["till"].autofocus = not self.is_bound  # type: ignore[attr-defined]


class MoveForm(BaseForm):
    """Read back. seen_ut: the number of the out-version that was on the screen, 0 for none."""

    title = "Stämmer det?"
    submit = "Avsluta och registrera i rätt insats"
    error_title = "Ingenting är ändrat"
    begins_at_heading = True

    till = forms.IntegerField(widget=forms.HiddenInput())
    seen_ut = forms.IntegerField(min_value=0, widget=forms.HiddenInput())
