"""What a person lives on and does, "before" or "after": the questions, and the answers in words (DOMAIN §3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Container, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from django import forms

from finsam_site.ui.formats import percent, sentence
from finsam_site.ui.forms import BaseForm, Boxes, ChoiceField, PercentField

from ..models import Inregistrering, Kodlista, Utregistrering
from ..rules.code_days import Days, on
from ..rules.values import DEL, HEL, INGEN, Sysselsattning, forsorjning_sources, forsorjning_text
from .sysselsattning_codes import Codes

UNKNOWN = "vet_ej"
YES, NO = "ja", "nej"
YES_NO = ((YES, "Ja"), (NO, "Nej"), (UNKNOWN, "Uppgift saknas"))
NO_ANSWER = "Uppgift saknas"
_AMOUNT = "omfattning_"

TERMS: Mapping[str, str] = {
    "forsorjning": "Försörjning",
    "arbetar": "Arbete",
    "studerar": "Studier",
    "arbetssokande": "Söker aktivt arbete",
    "inskriven_af": "Inskriven hos Arbetsförmedlingen",
}


class SysselsattningForm(BaseForm):
    """The questions of one time. A subclass says where they stand in `layout`, and may word
    them in its own way (`SituationStep.asked`)."""

    first: ClassVar[Sequence[str]] = ()
    """Fields of a subclass that stand before these on the page: the error summary has the order of the page."""

    about: ClassVar[str] = ""
    """The field of a subclass that says which day the answers are about, where it stands on the same page."""

    kept: Mapping[str, Collection[str]] = MappingProxyType({})
    """List → the codes that are answered already, which are offered whenever they held. A subclass sets it first."""

    opens: ClassVar[Mapping[str, Mapping[str, Sequence[str]]]] = {
        "arbetar": {YES: ("arbetar_procent", "typ_av_arbete")},
        "studerar": {YES: ("studerar_procent",)},
    }

    does: ClassVar[Mapping[str, str]] = {"arbetar_procent": "arbetar", "studerar_procent": "studerar"}
    """What each share is a share of: the two ask "Hur mycket?" alike, and the error summary has to tell them apart."""

    forsorjning = forms.MultipleChoiceField(
        label="Vad försörjer sig personen på?",
        help_text="Kryssa för allt som stämmer. Hel är ersättning på heltid, del är på deltid eller som komplement. "
        "Ingen offentlig försörjning kryssas för ensam.",
        widget=Boxes(alone=(INGEN, UNKNOWN)),
    )
    arbetar = ChoiceField(
        label="Arbetar personen?",
        choices=YES_NO,
        help_text="Den som har en anställning men är helt sjukskriven räknas som att inte arbeta.",
    )
    arbetar_procent = PercentField(
        label="Hur mycket?", help_text="I procent av heltid. Heltid är 40 timmar i veckan."
    )
    typ_av_arbete = ChoiceField(label="Vilket slags arbete?", choices=())
    studerar = ChoiceField(
        label="Studerar personen?", choices=YES_NO, help_text="Arbetsmarknadsutbildning räknas som studier."
    )
    studerar_procent = PercentField(label="Hur mycket?", help_text="I procent av heltid.")
    arbetssokande = ChoiceField(
        label="Söker personen aktivt arbete?", choices=YES_NO,
        help_text="Att bara vara inskriven hos Arbetsförmedlingen räcker inte. Det är nästa fråga.",
    )  # fmt: skip
    inskriven_af = ChoiceField(label="Är personen inskriven hos Arbetsförmedlingen?", choices=YES_NO)

    def __init__(self, *args: Any, codes: Codes, days: Days, **kwargs: Any) -> None:
        """codes, days: the choices are the values that hold on some of those days, or on the day of `about`."""
        super().__init__(*args, **kwargs)
        self.days = [*days, *on(answered_day(self, self.about))]
        sources = self.offered(codes, Kodlista.FORSORJNING)
        amounts: dict[str, Sequence[str]] = {}
        for kod, label in sources:
            if kod != INGEN:
                name = _AMOUNT + kod
                self.fields[name] = ChoiceField(
                    label=f"{label}, hel eller del?", choices=((HEL, "Hel"), (DEL, "Del")),
                    error_messages={"required": f"Välj om {_lower(label)} är hel eller del."},
                )  # fmt: skip
                amounts[kod] = (name,)
        self.order_fields([*self.first, "forsorjning", *(one for few in amounts.values() for one in few)])
        # A dict of the instance: which sources there are is data.
        self.__dict__["opens"] = {"forsorjning": amounts, **type(self).opens}
        field = self.fields["forsorjning"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - narrows the type
        field.choices = [*sources, (UNKNOWN, NO_ANSWER)]
        field.error_messages["required"] = (
            "Kryssa för minst en försörjning, eller ”Uppgift saknas” om ni inte vet."
        )
        for name, verb in self.does.items():
            self.fields[name].error_messages |= _share_errors(verb)
        kinds = self.fields["typ_av_arbete"]
        assert isinstance(kinds, forms.ChoiceField)  # noqa: S101 - narrows the type
        kinds.choices = self.offered(codes, Kodlista.TYP_AV_ARBETE)

    def offered(
        self, codes: Codes, lista: Kodlista, *, without: Container[str] = ()
    ) -> list[tuple[str, str]]:
        """The choices of a list: what holds on the days in question, and what is answered already."""
        return codes.choices(lista, self.days, kept=self.kept.get(lista, ()), without=without)

    def clean_forsorjning(self) -> list[str]:
        """`ingen`, and "uppgift saknas", stand alone (DOMAIN §3)."""
        chosen: list[str] = self.cleaned_data["forsorjning"]
        for kod, word in ((INGEN, "ingen offentlig försörjning"), (UNKNOWN, "att uppgift saknas")):
            if kod in chosen and len(chosen) > 1:
                raise forms.ValidationError(
                    f"Du har kryssat för både {word} och något mer. Ta bort det som inte stämmer."
                )
        return chosen

    def clean_arbetar_procent(self) -> int | None:
        return self._at_least_one("arbetar_procent")

    def clean_studerar_procent(self) -> int | None:
        return self._at_least_one("studerar_procent")

    def _at_least_one(self, name: str) -> int | None:
        share: int | None = self.cleaned_data[name]
        if share == 0:
            raise forms.ValidationError(
                f"Skriv hur mycket personen {self.does[name]}, från 1 till 100 %, eller svara nej på frågan ovanför."
            )
        return share

    def sysselsattning(self) -> Sysselsattning:
        """The answers of a valid form as the rules take them."""
        said = self.cleaned_data
        chosen = said.get("forsorjning") or [UNKNOWN]
        sources = {kod: INGEN if kod == INGEN else said[_AMOUNT + kod] for kod in chosen if kod != UNKNOWN}
        return Sysselsattning(
            forsorjning=forsorjning_text(sources) or None,
            arbetar=_share(said.get("arbetar"), said.get("arbetar_procent")),
            typ_av_arbete=said.get("typ_av_arbete") or None,
            studerar=_share(said.get("studerar"), said.get("studerar_procent")),
            arbetssokande=_yes_no(said.get("arbetssokande")),
            inskriven_af=_yes_no(said.get("inskriven_af")),
        )


def answered_day(form: forms.Form, name: str) -> dt.date | None:
    """The day that a field says, as it was typed or as it stands; None where it says none, or none that exists."""
    field = form.fields.get(name)
    if field is None:
        return None
    try:
        day: dt.date | None = field.clean(
            form.data.get(name) if form.is_bound else form.get_initial_for_field(field, name)
        )
    except forms.ValidationError:
        return None
    return day


def kept_codes(what: Sysselsattning) -> dict[str, Collection[str]]:
    """List → the codes that `what` says."""
    return {
        Kodlista.FORSORJNING: forsorjning_sources(what.forsorjning),
        Kodlista.TYP_AV_ARBETE: [what.typ_av_arbete] if what.typ_av_arbete else [],
    }


def finding_names(when: str) -> dict[str, str]:
    """The rules' names of the questions → the form's fields. when: `fore` or `efter`."""
    return {
        f"forsorjning_{when}": "forsorjning",
        f"arbetar_{when}": "arbetar_procent",
        f"typ_av_arbete_{when}": "typ_av_arbete",
        f"studerar_{when}": "studerar_procent",
    }


def stored(version: Inregistrering | Utregistrering) -> Sysselsattning:
    """What a version says."""
    return Sysselsattning(
        forsorjning=version.forsorjning, arbetar=version.arbetar, typ_av_arbete=version.typ_av_arbete,
        studerar=version.studerar, arbetssokande=version.arbetssokande, inskriven_af=version.inskriven_af,
    )  # fmt: skip


def answers(what: Sysselsattning) -> dict[str, Any]:
    """The form's answers that say `what`: the other way of `sysselsattning`."""
    sources = forsorjning_sources(what.forsorjning)
    return {
        "forsorjning": list(sources) or [UNKNOWN],
        **{_AMOUNT + kod: amount for kod, amount in sources.items() if kod != INGEN},
        "arbetar": UNKNOWN if what.arbetar is None else YES if what.arbetar else NO,
        "arbetar_procent": what.arbetar or "",
        "typ_av_arbete": what.typ_av_arbete or "",
        "studerar": UNKNOWN if what.studerar is None else YES if what.studerar else NO,
        "studerar_procent": what.studerar or "",
        "arbetssokande": _answer(what.arbetssokande),
        "inskriven_af": _answer(what.inskriven_af),
    }


def in_words(what: Sysselsattning, codes: Codes) -> dict[str, str]:
    """The answers in words, by the names of `TERMS`."""
    sources = forsorjning_sources(what.forsorjning)
    support = "; ".join(
        codes.label(Kodlista.FORSORJNING, kod)
        + ("" if amount == INGEN else ", hel" if amount == HEL else ", del")
        for kod, amount in sources.items()
    )
    work = _share_in_words(what.arbetar)
    if what.typ_av_arbete:
        work = f"{work}, {codes.label(Kodlista.TYP_AV_ARBETE, what.typ_av_arbete)}"
    return {
        "forsorjning": sentence(support) or NO_ANSWER,
        "arbetar": work,
        "studerar": _share_in_words(what.studerar),
        "arbetssokande": _yes_no_in_words(what.arbetssokande),
        "inskriven_af": _yes_no_in_words(what.inskriven_af),
    }


def _share_errors(verb: str) -> dict[str, str]:
    wrong = f"Skriv hur mycket personen {verb} som ett helt tal från 0 till 100."
    return {
        "required": f"Svara på hur mycket personen {verb}.",
        **dict.fromkeys(("invalid", "min_value", "max_value"), wrong),
    }


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]


def _share(answer: str | None, share: int | None) -> int | None:
    return share if answer == YES else 0 if answer == NO else None


def _yes_no(answer: str | None) -> bool | None:
    return {YES: True, NO: False}.get(answer or "")


def _answer(said: bool | None) -> str:
    return UNKNOWN if said is None else YES if said else NO


def _share_in_words(share: int | None) -> str:
    return NO_ANSWER if share is None else percent(share) if share else "Nej"


def _yes_no_in_words(answer: bool | None) -> str:
    return NO_ANSWER if answer is None else "Ja" if answer else "Nej"
