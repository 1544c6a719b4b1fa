"""The steps of registering in: consent before identity, then background and the answers "before" (DOMAIN §3–4)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from finsam_site.ui.components import Button, Link, Notice, Tone
from finsam_site.ui.forms import BaseForm, ChoiceField, DayField, NumberField
from finsam_site.ui.layout import Question, Section

from ..models import Insats, Kodlista
from ..personnummer import Nummer
from ..rules.blanketter import check_reserved
from ..rules.values import InUppgifter, NyttDeltagande, Samtyckesuppgifter
from .number import number_field, parsed
from .register_in_basis import Basis
from .register_in_parts import Hidden, Shown
from .sysselsattning import SysselsattningForm


class Step(BaseForm):
    """A page of the flow. name: its short name. hidden: what the page carries along unseen.

    draft_nr: of a form that is kept as a draft while somebody types, the number of the draft as it was shown.
    """

    name: ClassVar[str]
    hidden: Mapping[str, str] = MappingProxyType({})
    previous: str = ""
    draft_nr: int | None = None

    def actions(self) -> Sequence[Button | Link]:
        back = (
            [Button("Tillbaka", kind="secondary", name="_till", value=self.previous)] if self.previous else []
        )
        first, *rest = super().actions()
        hidden = [Hidden(pair) for pair in self.hidden.items()]
        return [*hidden, first, *back, *rest]  # type: ignore[list-item]


class BeforeStep(Step):
    """Protected identity and consent come first: no number is asked for before both are clear (QUALITY §1)."""

    name = "innan"
    title = "Innan du börjar"
    lead = "Två frågor innan du skriver något om personen."
    opens: ClassVar = {
        "skydd": {"nej": ("samtycke",)},
        "samtycke": {"ja": ("undertecknat", "referenskod", "formular", "sprak")},
    }

    skydd = ChoiceField(
        label="Har personen skyddade personuppgifter?",
        help_text="Fråga personen. Det kan vara sekretessmarkering, skyddad folkbokföring eller fingerade "
        "personuppgifter. Välj ”Vet inte” om ni är osäkra.",
        choices=[("nej", "Nej"), ("ja", "Ja"), ("vet_ej", "Vet inte")],
    )
    samtycke = ChoiceField(
        label="Har personen skrivit under samtycket?",
        help_text="Det är frivilligt. Den som säger nej deltar på samma villkor.",
        choices=[("ja", "Ja, det är underskrivet"), ("nej", "Nej")],
    )
    undertecknat = DayField(
        label="Vilken dag skrevs det under?", help_text="Datumet på papperet, till exempel 2019-01-16"
    )
    referenskod = forms.CharField(
        label="Referenskod på blanketten", required=False, max_length=40,
        help_text="Står under den rutiga koden, om blanketten är utskriven härifrån.",
        error_messages={"max_length": "Koden är för lång. Den har tio tecken."},
    )  # fmt: skip
    formular = ChoiceField(
        label="Vilken version av samtycket?", help_text="Versionen står på papperet.", choices=()
    )
    sprak = ChoiceField(label="På vilket språk läste personen om samtycket?", choices=())

    def __init__(self, *args: Any, basis: Basis, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._insats = basis.insats
        code: Any = self.fields["referenskod"]
        code.width = 13
        code.widget.attrs.update(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        )
        self._versions = [(one.version, one.version) for one in basis.formular]
        self._languages = basis.languages
        for name, choices in (("formular", self._versions), ("sprak", self._languages)):
            self.fields[name] = one = ChoiceField(
                label=str(self.fields[name].label), help_text=str(self.fields[name].help_text), choices=choices,
                initial=choices[0][0] if choices else None,
            )  # fmt: skip
            if len(choices) == 1:  # nothing to choose, and nothing to ask
                one.widget, one.required = forms.HiddenInput(), False

    def clean_undertecknat(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["undertecknat"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(
                "Datumet ligger i framtiden. Registrera när samtycket är underskrivet, eller rätta datumet."
            )
        return day

    def clean_referenskod(self) -> str:
        """The code as it is stored, when it is of a form that was printed for the insats and nobody has used."""
        text: str = self.cleaned_data["referenskod"]
        if not text:
            return ""
        code, findings = check_reserved(text, self._insats.insats_id)
        if findings:
            raise forms.ValidationError([one.message for one in findings])
        return code

    @property
    def may_be_named(self) -> bool:
        """True when a valid form says that identity may be registered."""
        return self.cleaned_data["skydd"] == "nej" and self.cleaned_data["samtycke"] == "ja"

    def samtyckesuppgifter(self) -> Samtyckesuppgifter:
        said = self.cleaned_data
        return Samtyckesuppgifter(
            undertecknat=said["undertecknat"],
            formular=said["formular"] or self._versions[0][0],
            sprak=said["sprak"] or self._languages[0][0],
            referenskod=said["referenskod"] or None,
        )


class BasisStep(Step):
    """A page whose questions are asked from a basis."""

    def __init__(self, *args: Any, basis: Basis, **kwargs: Any) -> None:
        self.basis = basis
        super().__init__(*args, **kwargs)


class HomeStep(BasisStep):
    """Where somebody is folkbokförd."""

    kommun = ChoiceField(label="Folkbokföringskommun", choices=(), widget=forms.Select())
    stadsdel = ChoiceField(label="Stadsdel", choices=(), widget=forms.Select(), required=False)

    def __init__(self, *args: Any, basis: Basis, **kwargs: Any) -> None:
        super().__init__(*args, basis=basis, **kwargs)
        self.fields["kommun"].choices = basis.kommun_choices  # type: ignore[attr-defined]
        self.asks_stadsdel = self._offer_stadsdelar(basis)

    def _offer_stadsdelar(self, basis: Basis) -> bool:
        """Ask for stadsdel where the chosen kommun has any, or one of the förbund's own has."""
        chosen = self.data.get("kommun") if self.is_bound else self.initial.get("kommun")
        koder = ({chosen} if chosen else set()) | (
            basis.own_kommuner if chosen not in basis.kommuner else set()
        )
        found = [one for kod in sorted(koder & set(basis.stadsdelar)) for one in basis.stadsdelar[kod]]
        if not found:
            del self.fields["stadsdel"]
            return False
        self.fields["stadsdel"].choices = [("", "Välj stadsdel"), *found]  # type: ignore[attr-defined]
        self.fields["stadsdel"].error_messages["invalid_choice"] = (
            "Stadsdelen hör inte till kommunen. Välj en ur listan."
        )
        return self.is_bound and "stadsdel" not in self.data


class IdentityStep(HomeStep):
    name = "identitet"
    title = "Vem är personen?"
    field_order = ("personnummer", "fornamn", "efternamn", "kommun", "stadsdel")

    personnummer = number_field("Personnummer eller samordningsnummer")
    fornamn = forms.CharField(label="Förnamn", max_length=100)
    efternamn = forms.CharField(label="Efternamn", max_length=100)

    def __init__(self, *args: Any, basis: Basis, **kwargs: Any) -> None:
        super().__init__(*args, basis=basis, **kwargs)
        self._today = basis.today
        self.nummer: Nummer | None = None
        for name in ("fornamn", "efternamn"):
            field = self.fields[name]
            field.width = 30  # type: ignore[attr-defined]
            field.widget.attrs.update({"autocomplete": "off", "spellcheck": "false"})

    def clean_personnummer(self) -> str:
        """The parser's own words say what is wrong; the number is kept as it was written."""
        text: str = self.cleaned_data["personnummer"]
        self.nummer = parsed(text, self._today)
        return text


class StartStep(BasisStep):
    name = "start"
    title = "Starten och bakgrunden"

    startdatum = DayField(
        label="Vilken dag började personen i insatsen?",
        help_text="Den dag personen faktiskt började, till exempel 2019-01-16",
    )
    utbildning = ChoiceField(
        label="Högsta slutförda utbildning", choices=(),
        help_text="För utländsk utbildning väljer du närmaste svenska nivå.",
    )  # fmt: skip
    tid_ar = NumberField(label="År", required=False, min_value=0, max_value=99)
    tid_manader = NumberField(label="Månader", required=False, min_value=0, max_value=11)
    initierad_av = ChoiceField(label="Vem tog initiativ till att personen deltar?", choices=())
    behovsgrupp = ChoiceField(label="Behovsgrupp", choices=(), required=False)

    def __init__(self, *args: Any, basis: Basis, formular: str, **kwargs: Any) -> None:
        super().__init__(*args, basis=basis, **kwargs)
        fields: Any = self.fields
        fields["utbildning"].choices = basis.codes.choices(Kodlista.UTBILDNING, basis.day)
        fields["initierad_av"].choices = basis.codes.choices(Kodlista.INITIERANDE_AKTOR, basis.day)
        groups = basis.codes.choices(Kodlista.BEHOVSGRUPP, basis.day, per_person=True)
        if groups and basis.names_behovsgrupp(formular):
            fields["behovsgrupp"].choices = [*groups, ("", "Ingen av dem, eller vill inte svara")]
            fields["behovsgrupp"].help_text = "Personens eget svar. Skriv aldrig in en diagnos."
        else:
            del self.fields["behovsgrupp"]
        for name in ("tid_ar", "tid_manader"):
            fields[name].width = 4
            fields[name].optional_word = ""
        fields["tid_ar"].error_messages["max_value"] = "Skriv antalet hela år, högst 99."
        fields["tid_manader"].error_messages["max_value"] = "Skriv högst 11 månader, och resten som år."
        for name in ("tid_ar", "tid_manader"):
            fields[name].error_messages["min_value"] = "Skriv 0 eller mer."

    def layout(self) -> Sequence[Section | str]:
        return [
            "startdatum",
            "utbildning",
            Question(
                "Hur länge har personen haft offentlig försörjning?", "tid_ar", "tid_manader",
                help="Räkna fram till starten. Avbrott på högst en månad räknas inte. Skriv 0 om personen inte har "
                "haft någon. Lämna tomt om ni inte vet.",
            ),
            "initierad_av",
            *(["behovsgrupp"] if "behovsgrupp" in self.fields else []),
        ]  # fmt: skip

    @property
    def months(self) -> int | None:
        """Time in försörjning; None where both are left empty."""
        years, months = self.cleaned_data.get("tid_ar"), self.cleaned_data.get("tid_manader")
        return None if years is None and months is None else 12 * (years or 0) + (months or 0)


class SituationStep(SysselsattningForm, Step):
    name = "fore"
    title = "Före insatsen"
    lead = "Så här var det veckan före starten."

    asked: ClassVar[Mapping[str, str]] = {
        "forsorjning": "Vad försörjde sig personen på?",
        "arbetar": "Arbetade personen?",
        "studerar": "Studerade personen?",
        "arbetssokande": "Sökte personen aktivt arbete?",
        "inskriven_af": "Var personen inskriven hos Arbetsförmedlingen?",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, question in self.asked.items():
            field = self.fields[name]
            field.label = question
            if name != "forsorjning":
                field.error_messages["required"] = f"Svara på frågan ”{question}”"

    def layout(self) -> Sequence[Section | str]:
        return list(self.asked)


class ConfirmStep(Step):
    """Read back. What is odd but possible is asked to be confirmed, once."""

    name = "kontroll"
    title = "Stämmer uppgifterna?"
    submit = "Registrera deltagaren"
    error_title = "Deltagaren är inte registrerad än"

    bekraftat = forms.BooleanField(
        label="Jag har kontrollerat det ovanliga, och det stämmer",
        error_messages={"required": "Läs det ovanliga och kryssa för att det stämmer, eller ändra svaret."},
    )

    def __init__(self, *args: Any, odd: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.odd = odd
        if not odd:
            del self.fields["bekraftat"]

    def layout(self) -> Sequence[Section | str]:
        if not self.odd:
            return []
        notices = [Shown(Notice(text, tone=Tone.WAIT)) for text in self.odd]
        return [Section("Ovanligt, men möjligt", *notices, "bekraftat")]


STEPS: Mapping[str, type[Step]] = {
    one.name: one for one in (BeforeStep, IdentityStep, StartStep, SituationStep, ConfirmStep)
}
ASKING = tuple(name for name in STEPS if name != ConfirmStep.name)

FINDINGS: Mapping[str, tuple[str, str]] = {
    "personnummer": ("identitet", "personnummer"),
    "kommunkod": ("identitet", "kommun"),
    "stadsdel": ("identitet", "stadsdel"),
    "samtyckesdatum": ("innan", "undertecknat"),
    "samtyckesversion": ("innan", "formular"),
    "referenskod": ("innan", "referenskod"),
    "startdatum": ("start", "startdatum"),
    "utbildning": ("start", "utbildning"),
    "tid_i_forsorjning_manader": ("start", "tid_ar"),
    "initierad_av": ("start", "initierad_av"),
    "behovsgrupp": ("start", "behovsgrupp"),
    "forsorjning_fore": ("fore", "forsorjning"),
    "arbetar_fore": ("fore", "arbetar_procent"),
    "typ_av_arbete_fore": ("fore", "typ_av_arbete"),
    "studerar_fore": ("fore", "studerar_procent"),
}
"""What a rule calls a thing → the step and field where it is answered."""


def nytt_deltagande(
    insats: Insats,
    key: uuid.UUID,
    before: BeforeStep,
    identity: IdentityStep,
    start: StartStep,
    situation: SituationStep,
) -> NyttDeltagande:
    """What the rule takes, of four valid steps. key: the id of the draft, which only one deltagande can have."""
    if identity.nummer is None:
        raise ValueError("the step of identity is not valid")
    who, said = identity.cleaned_data, start.cleaned_data
    return NyttDeltagande(
        insats_id=insats.insats_id,
        nummer=identity.nummer,
        fornamn=who["fornamn"],
        efternamn=who["efternamn"],
        samtycke=before.samtyckesuppgifter(),
        uppgifter=InUppgifter(
            kommunkod=who["kommun"],
            stadsdel=who.get("stadsdel") or None,
            startdatum=said["startdatum"],
            utbildning=said["utbildning"],
            tid_i_forsorjning_manader=start.months,
            initierad_av=said["initierad_av"],
            behovsgrupp=said.get("behovsgrupp") or None,
            fore=situation.sysselsattning(),
        ),
        pk=key,
    )
