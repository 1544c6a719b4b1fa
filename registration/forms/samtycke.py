"""Forms about the paper: print it, say that it came, attach the scan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from finsam_site.ui.forms import BaseForm, ChoiceField, DayField, NumberField, ValidationError

from ..rules.blanketter import MOST_COPIES
from ..rules.samtycke import LANGUAGES
from ..rules.samtycke_undo import Why
from ..rules.samtyckestexter import SWEDISH
from ..scan_check import ALLOWED, PHOTOS, TOO_BIG, Scan, ScanRefused, check_scan

SCAN = "skanning"
"""The field of the file."""


def language(sprak: str) -> str:
    """The name of a language, or its code where it is not a known one."""
    return LANGUAGES.get(sprak, sprak)


class ReceivedForm(BaseForm):
    """Codes as typed or scanned: a scanner ends each with Enter."""

    title = "Ta emot samtycken"
    lead = "Skanna koden på varje papper, eller skriv av den."
    submit = "Markera som mottagna"
    error_title = "Inget är markerat än"

    koder = forms.CharField(
        label="Referenskoder",
        help_text="En kod på varje rad, eller flera med komma eller mellanslag emellan. Stora eller små bokstäver, med "
        "eller utan bindestreck.",
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off", "spellcheck": "false"}),
        max_length=20_000,  # some thousand codes; more is no envelope but a mistake
        error_messages={
            "required": "Skriv eller skanna minst en referenskod.",
            "max_length": "Det är för mycket på en gång. Dela upp koderna.",
        },
    )
    dag = DayField(label="Vilken dag kom de?")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"dag": timezone.localdate()})
        super().__init__(*args, **kwargs)

    def clean_dag(self) -> dt.date:
        day: dt.date = self.cleaned_data["dag"]
        if day > timezone.localdate():
            raise ValidationError("Dagen ligger i framtiden. Ange i dag eller tidigare.")
        return day


class SentForm(ReceivedForm):
    """The same for those that are put into the envelope."""

    title = "Skicka samtycken"
    lead = "Skanna koden på varje papper som du lägger i kuvertet, eller skriv av den."
    submit = "Markera som skickade"

    dag = DayField(label="Vilken dag skickas de?")


class UndoReceivedForm(BaseForm):
    """Read back. sett: which are marked, and with which day, as `seen_text` writes it."""

    title = "Ta bort en markering"
    lead = "Originalet står sedan som inte mottaget."
    submit = "Ta bort markeringen"
    error_title = "Ingenting är ändrat"

    sett = forms.CharField(widget=forms.HiddenInput())


class UndoSentForm(UndoReceivedForm):
    """The same of what was sent, and why: the mark was wrong, or the paper was lost."""

    lead = "Originalet står sedan bland dem som är att skicka."

    hande = ChoiceField(
        label="Vad har hänt?",
        choices=[
            (Why.FEL, "Markeringen blev fel: originalet är inte skickat"),
            (Why.BORT, "Originalet kom bort, och personen har skrivit under ett nytt"),
        ],
        error_messages={"required": "Välj vad som har hänt."},
    )


class PrintForm(BaseForm):
    """How many forms to print, and with a reading aid in which language."""

    title = "Skriv ut samtycke"
    submit = "Gör i ordning för utskrift"

    antal = NumberField(
        label="Hur många blanketter?",
        help_text="Varje blankett får en egen referenskod och används av en person.",
        min_value=1, max_value=MOST_COPIES, initial=1,
        error_messages={
            "min_value": "Skriv minst 1.",
            "max_value": f"Skriv ut högst {MOST_COPIES} åt gången.",
        },
    )  # fmt: skip
    formular = ChoiceField(label="Vilken version av samtycket?", choices=())
    sprak = ChoiceField(
        label="Läshjälp på ett annat språk?",
        help_text="Följer med som en egen sida. Personen skriver under den svenska blanketten.",
        choices=(),
    )
    width: ClassVar[int] = 4

    def __init__(self, *args: Any, versions: Sequence[str], languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        aids = [(one, language(one)) for one in languages if one != SWEDISH]
        offered = {
            "formular": [(one, one) for one in versions],
            "sprak": [(SWEDISH, "Nej, bara svenska"), *aids],
        }
        for name, choices in offered.items():
            old = self.fields[name]
            self.fields[name] = one = ChoiceField(
                label=str(old.label), help_text=str(old.help_text), choices=choices, initial=choices[0][0]
            )
            if len(choices) == 1:  # nothing to choose, and nothing to ask
                one.widget = forms.HiddenInput()
        self.fields["antal"].width = self.width  # type: ignore[attr-defined]


class ScanForm(BaseForm):
    """One file. too_big: it had more bytes than are taken. sedd: the mark of the scan that the page shows."""

    title = "Det skannade papperet"
    submit = "Spara papperet"
    error_title = "Filen kan inte tas emot än"

    skanning = forms.FileField(
        label="Fil",
        help_text=f"{ALLOWED} En fil med alla sidor. {PHOTOS} "
        "Filen sparas krypterad och försvinner med personuppgifterna.",
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={
            "required": "Välj den skannade filen eller fotot.",
            "empty": "Filen är tom. Skanna eller fotografera papperet igen.",
        },
    )
    sedd = forms.CharField(widget=forms.HiddenInput(), required=False, max_length=40)

    def __init__(self, *args: Any, too_big: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if too_big:  # what was begun is thrown away, so there is no file
            self.fields[SCAN].error_messages["required"] = TOO_BIG

    def show_seen(self, mark: str) -> None:
        """The mark of what the page shows now, whatever came with the post."""
        self.initial["sedd"] = mark
        if self.is_bound:
            self.data = {**self.data.dict(), "sedd": mark}  # type: ignore[attr-defined]

    def clean_skanning(self) -> Scan:
        """The file, when it is what it should be by its content."""
        refused = None
        try:
            return check_scan(self.cleaned_data[SCAN].read())
        except ScanRefused as error:
            refused = str(error)
        raise ValidationError(refused)
