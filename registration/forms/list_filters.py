"""What the lists of deltagare can be narrowed by. Never benefit, outcome or behovsgrupp (QUALITY §1, "lists")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Q

from finsam_site.ui.formats import iso_day
from finsam_site.ui.forms import BaseForm, ChoiceField, DayField

from ..models import Insats
from ..rules.planned import ended
from ..rules.samtycke import WORDS, Status

SAMTYCKE: Mapping[str, str] = {
    str(one): WORDS[one] for one in Status if one not in (Status.ATERKALLAT, Status.BORTTAGET)
}
"""The statuses that somebody in a list can have: whoever has withdrawn or is removed stands in none."""


LAGE: Mapping[str, str] = {"pagar": "Pågår", "slut": "Är slut"}
"""Whether the insats goes on today."""


class ListFilters(BaseForm):
    """Sent by GET: every value may stand in an address, and none is about a single person."""

    error_title = "Filtret går inte att använda"
    insats = ChoiceField(label="Insats", choices=(), widget=forms.Select(), required=False)
    samtycke = ChoiceField(
        label="Samtycke", widget=forms.Select(), required=False,
        choices=[("", "Alla"), *SAMTYCKE.items()],
    )  # fmt: skip
    fran = DayField(label="Började tidigast", required=False)
    till = DayField(label="Började senast", required=False)
    lage = ChoiceField(
        label="Insatsens läge", widget=forms.Select(), required=False, choices=[("", "Alla"), *LAGE.items()]
    )
    slut = DayField(label="Insatsen slutade senast", required=False)

    def __init__(self, *args: Any, insatser: Sequence[Insats], **kwargs: Any) -> None:
        """insatser: those of the list. Of a single one it is not asked which, and not whether it has ended."""
        super().__init__(*args, **kwargs)
        self._insatser = {str(one.pk): one for one in insatser}
        for field in self.fields.values():
            field.optional_word = ""  # type: ignore[attr-defined]
            field.error_messages["invalid_choice"] = "Välj något ur listan."
        if len(insatser) > 1:
            choices = [("", "Alla"), *((key, one.namn) for key, one in self._insatser.items())]
            self.fields["insats"].choices = choices  # type: ignore[attr-defined]
        else:
            for name in ("insats", "lage", "slut"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """The period is not empty."""
        said = super().clean() or {}
        if said.get("fran") and said.get("till") and said["till"] < said["fran"]:
            self.add_error("till", f"Dagen ligger före {iso_day(said['fran'])}. Ändra någon av dem.")
        return said

    def where(self) -> Q:
        """What the valid answers ask for, of identiteter with `samtycke_status` (`rules/samtycke.py`)."""
        said = self.cleaned_data
        found = Q(samtycke_status=said["samtycke"]) if said.get("samtycke") else Q()
        if said.get("insats"):
            found &= Q(insats=said["insats"])
        if said.get("fran"):
            found &= Q(startdatum__gte=said["fran"])
        if said.get("till"):
            found &= Q(startdatum__lte=said["till"])
        if said.get("lage"):
            over = Q(insats__in=ended(Insats.objects.all()))
            found &= over if said["lage"] == "slut" else ~over
        if said.get("slut"):
            found &= Q(insats__in=ended(Insats.objects.all(), by=said["slut"]))
        return found

    def in_words(self) -> list[str]:
        """What has been chosen, to be read above the list."""
        said, words = self.cleaned_data, []
        if said.get("insats"):
            words.append(self._insatser[said["insats"]].namn)
        if said.get("samtycke"):
            words.append(f"samtycke: {SAMTYCKE[said['samtycke']].lower()}")
        if said.get("fran"):
            words.append(f"började {iso_day(said['fran'])} eller senare")
        if said.get("till"):
            words.append(f"började {iso_day(said['till'])} eller tidigare")
        if said.get("lage"):
            words.append(f"insatsen {LAGE[said['lage']].lower()}")
        if said.get("slut"):
            words.append(f"insatsen slutade {iso_day(said['slut'])} eller tidigare")
        return words

    def query(self) -> dict[str, str]:
        """The valid answers as they stand in an address."""
        return {
            key: iso_day(value) if hasattr(value, "isoformat") else str(value)
            for key, value in self.cleaned_data.items()
            if value
        }
