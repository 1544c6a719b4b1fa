"""Correcting what was registered of the paper: the questions of registering in, filled in with what stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from finsam_site.ui.formats import sort_key
from finsam_site.ui.forms import ChoiceField, DayField

from ..models import Samtycke
from ..rules.correct_samtycke import Skal, samtycke_mark
from ..rules.samtycke import LANGUAGES
from .correct import ConfirmCorrection
from .register_in_basis import Basis
from .steps import ChangeStep


class SamtyckeStep(ChangeStep):
    """sedd: the mark of what was on the screen."""

    name = "samtycke"
    title = "Rätta samtycket"
    lead = "Så som det står på papperet. Ska samtycket inte gälla längre återkallar du det i stället."
    findings: ClassVar[Mapping[str, str]] = {
        "samtyckesdatum": "undertecknat", "samtyckesversion": "formular", "behovsgrupp": "formular",
        "original_skickat": "undertecknat", "original_mottaget": "undertecknat",
    }  # fmt: skip

    undertecknat = DayField(
        label="Vilken dag skrevs det under?", help_text="Datumet på papperet, till exempel 2019-01-16"
    )
    formular = ChoiceField(
        label="Vilken version av samtycket?", help_text="Versionen står på papperet.", choices=()
    )
    sprak = ChoiceField(label="På vilket språk läste personen om samtycket?", choices=())
    skal = ChoiceField(label="Varför rättar du?", choices=Skal.choices)

    def __init__(self, *args: Any, stored: Samtycke, basis: Basis, **kwargs: Any) -> None:
        """stored: as it stands, with `formular` at hand; its version and language can be chosen whatever they are."""
        kwargs["initial"] = {
            "undertecknat": stored.undertecknat, "formular": stored.formular.version, "sprak": stored.sprak,
            "sedd": samtycke_mark(stored),
        } | (kwargs.get("initial") or {})  # fmt: skip
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        versions = dict.fromkeys([*(one.version for one in basis.formular), stored.formular.version])
        fields["formular"].choices = [(one, one) for one in versions]
        if len(versions) == 1:  # nothing to choose
            fields["formular"].widget = forms.HiddenInput()
        languages = {stored.sprak: LANGUAGES.get(stored.sprak, stored.sprak)} | dict(basis.languages)
        fields["sprak"].choices = sorted(
            languages.items(), key=lambda one: (one[0] != "sv", sort_key(one[1]))
        )

    @property
    def said(self) -> tuple[dt.date, str, str]:
        """(day signed, version, language), of a valid form."""
        given = self.cleaned_data
        return given["undertecknat"], given["formular"], given["sprak"]

    @property
    def reason(self) -> Skal:
        """Of a valid form."""
        return Skal(self.cleaned_data["skal"])


class SamtyckeOnRequest(SamtyckeStep):
    """The same at the person's own request, which is the reason."""

    reason = Skal.ANNAN_UPPGIFT

    skal = None  # type: ignore[assignment]


class ConfirmSamtycke(ConfirmCorrection):
    error_title = "Samtycket är inte rättat än"
