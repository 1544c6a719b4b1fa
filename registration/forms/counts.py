"""Forms of anonyma and volym. Each knows which version its user saw: the optimistic lock of `rules.antal`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django import forms

from finsam_site.ui import formats
from finsam_site.ui.forms import BaseForm, NumberField, Section
from finsam_site.ui.layout import Question

from ..models import Anonyma, Insats, Volym
from ..rules.antal import AnonymaRad, VolymRad

MOST = 1_000_000


class SeenForm(BaseForm):
    """A form that was made from version `seen_nr` (0: there was none)."""

    seen_nr = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def layout(self) -> Sequence[Section | str]:
        return ["seen_nr", *[name for name in self.fields if name != "seen_nr"]]


def _count(label: str, *, required: bool = True, help_text: str = "") -> NumberField:
    words = {
        "min_value": "Skriv 0 eller ett högre tal.",
        "max_value": "Talet är orimligt stort. Kontrollera det.",
    }
    field = NumberField(
        label=label, min_value=0, max_value=MOST, required=required, help_text=help_text, error_messages=words
    )
    field.width = 6
    return field


class AnonymaForm(SeenForm):
    """All women and all men of a year."""

    title = "Ange antalen"
    submit = "Spara antalen"

    kvinnor = _count(
        "Antal kvinnor",
        help_text="Alla som deltar utan personuppgifter under året, också de som redan är räknade.",
    )
    man = _count("Antal män")

    def rad(self, insats: Insats, ar: int) -> AnonymaRad:
        """What the rule takes. Only after `is_valid`."""
        return AnonymaRad(insats.pk, ar, self.cleaned_data["kvinnor"], self.cleaned_data["man"])


class VolymForm(SeenForm):
    """How many took part in a year, women and men where known."""

    title = "Ange volymen"
    submit = "Spara volymen"

    antal = _count(
        "Antal deltagare", help_text="Alla som deltog under året, också de vars kön du inte känner till."
    )
    kvinnor = _count("Varav kvinnor", required=False)
    man = _count("Varav män", required=False)

    def layout(self) -> Sequence[Section | str | Question]:
        kon = Question(
            "Fördelning på kön", "kvinnor", "man", help="Lämna tomt det du inte vet. Tomt är inte noll."
        )
        return ["seen_nr", "antal", kon]

    def rad(self, insats: Insats, ar: int) -> VolymRad:
        """What the rule takes. Only after `is_valid`."""
        cleaned = self.cleaned_data
        return VolymRad(insats.pk, ar, cleaned["antal"], cleaned["kvinnor"], cleaned["man"])


class AddOneForm(SeenForm):
    """One woman or man more than what the user saw. Posted by a button; never drawn."""

    KON: ClassVar[dict[str, str]] = {"K": "en kvinna", "M": "en man"}

    kon = forms.ChoiceField(choices=list(KON.items()))

    @property
    def who(self) -> str:
        """ "en kvinna" or "en man"."""
        return self.KON[self.cleaned_data["kon"]]

    def rad(self, insats: Insats, ar: int, now: Anonyma | None) -> AnonymaRad:
        """The total when one is added to `now`. Only after `is_valid`."""
        kvinnor, man = (now.kvinnor, now.man) if now else (0, 0)
        kon = self.cleaned_data["kon"]
        return AnonymaRad(insats.pk, ar, kvinnor + (kon == "K"), man + (kon == "M"))


def in_words(row: Anonyma | Volym | AnonymaRad | VolymRad | None) -> str:
    """ "13 kvinnor och 4 män", "120 deltagare, varav 70 kvinnor"; nothing for None."""
    if row is None:
        return ""
    women = f"{formats.number(row.kvinnor)} {formats.plural(row.kvinnor or 0, 'kvinna', 'kvinnor')}"
    men = f"{formats.number(row.man)} {formats.plural(row.man or 0, 'man', 'män')}"
    if isinstance(row, Anonyma | AnonymaRad):
        return f"{women} och {men}"
    known = [words for words, count in ((women, row.kvinnor), (men, row.man)) if count is not None]
    total = f"{formats.number(row.antal)} {formats.plural(row.antal, 'deltagare', 'deltagare')}"
    return f"{total}, varav {' och '.join(known)}" if known else f"{total}, kön inte angivet"
