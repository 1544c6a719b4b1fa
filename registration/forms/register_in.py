"""The steps of registering in: consent before identity, then background and the answers "before" (DOMAIN §3–4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from finsam_site.ui.components import Notice, Tone
from finsam_site.ui.forms import ChoiceField, DayField, NumberField, OpeningRadios, OpeningSelect
from finsam_site.ui.layout import ByChoice, Question, Section

from ..models import Kodlista
from ..personnummer import Nummer
from ..rules.blanketter import check_reserved
from ..rules.checks import check_formular_held
from ..rules.code_days import on
from ..rules.facts import FormularFacts
from ..rules.values import Samtyckesuppgifter
from .number import number_field, number_in, parsed
from .register_in_basis import Basis
from .register_in_parts import FirstButton, Shown, Told
from .steps import Step
from .sysselsattning import SysselsattningForm, answered_day

NO_GROUP = "Ingen av dem, eller vill inte svara"
WRONG_STADSDEL = "Stadsdelen hör inte till kommunen. Välj en ur listan."


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
        widget=OpeningRadios(opening={"nej"}),
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
        help_text="Står under den rutiga koden. Lämna tomt om blanketten inte är utskriven härifrån.",
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
        self._formular = {
            one.version: FormularFacts(one.giltig_fran, one.giltig_till) for one in basis.formular
        }
        self._versions = [(version, version) for version in self._formular]
        self._languages = basis.languages
        for name, choices in (("formular", self._versions), ("sprak", self._languages)):
            self.fields[name] = one = ChoiceField(
                label=str(self.fields[name].label), help_text=str(self.fields[name].help_text), choices=choices,
                initial=choices[0][0] if choices else None,
            )  # fmt: skip
            if len(choices) == 1:  # nothing to choose, and nothing to ask
                one.widget, one.required = forms.HiddenInput(), False

    def layout(self) -> Sequence[Any]:
        return ["skydd", ByChoice("samtycke")]

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

    def clean(self) -> dict[str, Any]:
        """A day when the form did not hold is told here, where it was written, and not when all has been answered."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        day, version = said.get("undertecknat"), said.get("formular", "")
        if version == "" and "formular" in said:  # nothing was asked: there is one version
            version = next(iter(self._formular), "")
        if day and version in self._formular:
            others = any(one.holds_on(day) for one in self._formular.values())
            advice = (
                "Rätta datumet, eller välj den version som undertecknades." if others else "Rätta datumet."
            )
            found = check_formular_held(version, self._formular[version], day, advice=advice)
            self.add_findings(found, {"samtyckesdatum": "undertecknat"})
        return said

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

    kommun = ChoiceField(label="Folkbokföringskommun", choices=(), widget=OpeningSelect())
    stadsdel = ChoiceField(label="Stadsdel", choices=(), widget=forms.Select(), required=False)

    def __init__(self, *args: Any, basis: Basis, **kwargs: Any) -> None:
        super().__init__(*args, basis=basis, **kwargs)
        fields: Any = self.fields
        fields["kommun"].choices = basis.kommun_choices
        fields["kommun"].widget.opening = basis.stadsdelar
        if basis.stadsdelar:
            fields["stadsdel"].choices = basis.stadsdel_choices
            fields["stadsdel"].error_messages["invalid_choice"] = WRONG_STADSDEL
        else:
            del self.fields["stadsdel"]

    @property
    def home(self) -> list[Any]:
        """The questions as they stand on a page: stadsdel opens where the kommun has any."""
        return ["kommun", *([ByChoice("stadsdel")] if "stadsdel" in self.fields else [])]

    @property
    def asks_stadsdel(self) -> bool:
        """Whether a stadsdel is to be asked for that the page did not ask for."""
        return self.is_bound and self._has_stadsdelar() and "stadsdel" not in self.data

    def closed_fields(self) -> set[str]:
        """No stadsdel where the kommun has none."""
        closed = super().closed_fields()
        return closed if "stadsdel" not in self.fields or self._has_stadsdelar() else {*closed, "stadsdel"}

    def clean_stadsdel(self) -> str:
        """One of the kommun's own."""
        namn: str = self.cleaned_data["stadsdel"]
        kommun = self.cleaned_data.get("kommun", "")
        if namn and (namn, namn) not in self.basis.stadsdelar.get(kommun, ()):
            raise forms.ValidationError(WRONG_STADSDEL)
        return namn

    def _has_stadsdelar(self) -> bool:
        return self["kommun"].value() in self.basis.stadsdelar


class IdentityStep(HomeStep):
    name = "identitet"
    title = "Vem är personen?"
    field_order = ("personnummer", "fornamn", "efternamn", "kommun", "stadsdel")

    personnummer = number_field("Personnummer eller samordningsnummer")
    fornamn = forms.CharField(label="Förnamn", max_length=100)
    efternamn = forms.CharField(label="Efternamn", max_length=100)

    told: Told | None = None
    """What follows from the number, for the page."""

    def __init__(self, *args: Any, basis: Basis, **kwargs: Any) -> None:
        super().__init__(*args, basis=basis, **kwargs)
        self.nummer: Nummer | None = None
        for name in ("fornamn", "efternamn"):
            field = self.fields[name]
            field.width = 30  # type: ignore[attr-defined]
            field.widget.attrs.update({"autocomplete": "off", "spellcheck": "false"})

    def clean_personnummer(self) -> str:
        """The parser's own words say what is wrong; the number is kept as it was written."""
        text: str = self.cleaned_data["personnummer"]
        self.nummer = parsed(text, self.basis.today)
        return text

    def number_in(self, text: str) -> tuple[Nummer | None, str]:
        """The number that the text is, or what is wrong with it."""
        return number_in(text, self.basis.today)

    def keep_errors_of(self, name: str) -> bool:
        """Whether something is wrong with one answer; the others are not asked for yet."""
        for other in set(self.errors) - {name}:
            del self.errors[other]
        return name in self.errors

    def tell(self, told: Told) -> None:
        """Show what follows from the number below it."""
        self.told = told

    def begin_at_question(self) -> None:
        """Before what is offered, where something is: the next press of Tab comes to it."""
        if self.told is not None and self.told.offers:
            self.fields["personnummer"].autofocus = True  # type: ignore[attr-defined]
        else:
            super().begin_at_question()

    @property
    def is_only_number(self) -> bool:
        """Whether the number is all that has been answered: the person has not been named."""
        others = (self[name].value() for name in ("fornamn", "efternamn", "kommun"))
        return bool(self["personnummer"].value()) and not any(others)

    def layout(self) -> Sequence[Any]:
        # Enter in a field presses the first button of a form, which is then to be the primary one.
        return [
            Shown(FirstButton()), "personnummer", *([Shown(self.told)] if self.told else []),
            "fornamn", "efternamn", *self.home,
        ]  # fmt: skip


class StartStep(BasisStep):
    name = "start"
    title = "Starten och bakgrunden"
    kept: Mapping[str, Collection[str]] = MappingProxyType({})
    """As `SysselsattningForm.kept`."""

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
    behovsgrupp = ChoiceField(label="Hör personen till någon av behovsgrupperna?", choices=(), required=False)

    def __init__(self, *args: Any, basis: Basis, formular: str, **kwargs: Any) -> None:
        super().__init__(*args, basis=basis, **kwargs)
        fields: Any = self.fields
        days = on(basis.today, basis.day, answered_day(self, "startdatum"))

        def offered(lista: Kodlista, **more: Any) -> list[tuple[str, str]]:
            return basis.codes.choices(lista, days, kept=self.kept.get(lista, ()), **more)

        fields["utbildning"].choices = offered(Kodlista.UTBILDNING)
        fields["initierad_av"].choices = offered(Kodlista.INITIERANDE_AKTOR)
        groups = offered(Kodlista.BEHOVSGRUPP, per_person=True)
        if groups and basis.names_behovsgrupp(formular):
            fields["behovsgrupp"].choices = [*groups, ("", NO_GROUP)]
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
    does: ClassVar = {"arbetar_procent": "arbetade", "studerar_procent": "studerade"}

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
    begins_at_heading = True
    submit = "Registrera deltagaren"
    error_title = "Deltagaren är inte registrerad än"

    bekraftat = forms.BooleanField(
        label="Jag har kontrollerat det ovanliga, och det stämmer",
        error_messages={"required": "Läs det ovanliga och kryssa för att det stämmer, eller ändra svaret."},
    )

    def __init__(self, *args: Any, odd: Sequence[str] = (), asks: bool = False, **kwargs: Any) -> None:
        """odd: what is to be confirmed, in words. asks: there is something, which is put in words where it is shown."""
        super().__init__(*args, **kwargs)
        self.odd = odd
        if not (odd or asks):
            del self.fields["bekraftat"]

    def layout(self) -> Sequence[Section | str]:
        if "bekraftat" not in self.fields:
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
