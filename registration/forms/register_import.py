"""The form that takes a register: one file, and whether it is only to be checked."""

from __future__ import annotations

from typing import Any

from django import forms

from finsam_site.ui.forms import BaseForm, ChoiceField, ValidationError

from ..upload_check import UploadRefused
from ..uploads import CHECK, READ_IN, Upload

FILE = "fil"
TOO_BIG = (
    "Filen är större än 200 MB. Packa CSV-filerna som zip, eller låt driften läsa in registret från kommandoraden, "
    "som tar filer av alla storlekar."
)


class RegisterImportForm(BaseForm):
    """too_big: the file was so big that it was not taken."""

    title = "Läs in ett register"
    lead = "Flytta in ett register från ett annat system. Allt kontrolleras först. Är något fel läses ingenting in."
    submit = "Ladda upp och starta"
    error_title = "Filen kan inte tas emot än"

    fil = forms.FileField(
        label="Registret",
        help_text="En xlsx-fil, eller en zip-fil med CSV-filerna. Högst 200 MB.",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.zip"}),
        error_messages={
            "required": "Välj den fil som registret ligger i.",
            "empty": "Filen är tom. Välj den fil som registret ligger i.",
        },
    )
    vad = ChoiceField(
        label="Vad vill du göra?",
        choices=[(CHECK, "Bara kontrollera"), (READ_IN, "Kontrollera och läs in")],
        initial=CHECK,
    )

    def __init__(self, *args: Any, too_big: bool = False, **kwargs: Any) -> None:
        self._too_big = too_big
        super().__init__(*args, **kwargs)
        if too_big:
            self.fields[FILE].error_messages["required"] = TOO_BIG

    def clean_fil(self) -> Upload:
        """The upload, when it is a register by its form."""
        upload: Upload = self.cleaned_data[FILE]
        try:
            upload.check()
        except UploadRefused as refused:
            raise ValidationError(str(refused)) from refused
        return upload
