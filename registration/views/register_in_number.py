"""What is told below a personnummer that has been typed: kön, birth year, and what the own insatser know of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import ClassVar

from finsam_site.ui.components import Button, Component, Link, Notice, Tone
from finsam_site.ui.formats import day

from ..forms.register_in import IdentityStep, StartStep
from ..forms.register_in_answered import Answered
from ..forms.register_in_parts import Told
from ..models import Insats
from ..personnummer import Nummer
from ..rules.findings import Finding
from ..rules.recognise import Igenkand, Tidigare, called_otherwise, name_of, recognise
from ..rules.values import NyttDeltagande
from .deltaganden import deltagande_url
from .deltaganden_timeline import SEXES, is_over

CHECK, FILL = "_kontrollera", "_fyll_i"
"""The buttons that ask what follows from the number, and that fill in what is offered."""
PART = "X-Finsam-Part"
"""The header of the page's script, which wants the part alone (ui/answers.js)."""


@dataclass(frozen=True)
class AboutNumber(Component):
    """What is told. error: what is wrong with the number, where the field itself does not say it."""

    template_name: ClassVar[str] = "registration/parts/number_told.html"
    facts: str = ""
    error: str = ""
    known: Notice | None = None
    fill: Button | None = None


@dataclass(frozen=True)
class Otherwise:
    """The number belongs to somebody with another name. To say which is a look in the access log, so it is said only
    where it is shown."""

    identitet: uuid.UUID
    typed: str

    def words(self) -> str:
        return (
            f"Numret finns i dina insatser med namnet {name_of(self.identitet)}, men du har skrivit {self.typed}. "
            "Kontrollera numret och namnet."
        )


@dataclass(frozen=True)
class NumberPlace(Told):
    """The place on the page where it is told, and the button that asks for it where there is no script."""

    template_name: ClassVar[str] = "registration/parts/number_place.html"
    told: AboutNumber
    ask: Button = Button("Kontrollera numret", kind="secondary", name=CHECK, value="1")
    field: str = "personnummer"

    @property
    def offers(self) -> bool:
        """Whether something can be filled in from it."""
        return self.told.fill is not None


class Known:
    """What is known of a number in one request. Who is in the way is looked up, and logged, before the page is made."""

    def __init__(self, insats: Insats) -> None:
        self.insats = insats
        self._found = Igenkand()

    def told(self, form: IdentityStep, *, errors: bool = False) -> AboutNumber:
        """What follows from the number in the form. errors: also what is wrong with it."""
        nummer, error = form.number_in(form["personnummer"].value() or "")
        if nummer is None:
            return AboutNumber(error=error if errors else "")
        if self._found.hinder:
            return _told(nummer, self._found)
        return _told(nummer, recognise(nummer, self.insats.pk, offer=not _is_named(form)))

    def tidigare(self, form: IdentityStep) -> Tidigare | None:
        """The earlier deltagande to fill in from, of the number in the form."""
        nummer, _ = form.number_in(form["personnummer"].value() or "")
        return recognise(nummer, self.insats.pk).tidigare if nummer else None

    def called_otherwise(self, ny: NyttDeltagande) -> Otherwise | None:
        """What is odd when the own insatser know the number by another name."""
        found = called_otherwise(ny.nummer, ny.fornamn, ny.efternamn)
        return Otherwise(found, f"{ny.fornamn} {ny.efternamn}") if found else None

    def in_the_way(self, answered: Answered) -> Finding | None:
        """What is wrong when the person takes part here already at the time; None otherwise."""
        identity, start = answered.valid(IdentityStep), answered.valid(StartStep)
        if identity is None or identity.nummer is None:
            return None
        day = start.cleaned_data["startdatum"] if start else None
        self._found = recognise(identity.nummer, self.insats.pk, start=day, offer=False)
        return _wrong(self._found.hinder) if self._found.hinder else None


def _told(nummer: Nummer, found: Igenkand) -> AboutNumber:
    """The same for a number that nobody has, and for one that somebody has out of scope."""
    return AboutNumber(
        facts=_facts(nummer),
        known=_in_the_way(found.hinder)
        if found.hinder
        else _offered(found.tidigare)
        if found.tidigare
        else None,
        fill=Button("Fyll i och fortsätt", kind="secondary", name=FILL, value="1")
        if found.tidigare
        else None,
    )


def _is_named(form: IdentityStep) -> bool:
    """Whether a name has been typed: then nothing is offered in its place."""
    return any(form[name].value() for name in ("fornamn", "efternamn"))


def _wrong(hinder: Tidigare) -> Finding:
    """What is wrong with registering somebody who is there already, at the question where it can be put right."""
    if hinder.slutdatum is None:
        return Finding(
            "personnummer", "deltar_redan",
            f"Personen deltar redan i insatsen, från {day(hinder.startdatum)}. Registrera ut det deltagandet först, "
            "eller rätta numret.",
        )  # fmt: skip
    took_part = "deltog" if is_over(hinder.slutdatum) else "deltar"
    return Finding(
        "startdatum", "overlapp",
        f"Personen {took_part} i insatsen till och med {day(hinder.slutdatum)}. Det nya deltagandet kan börja dagen "
        "efter eller senare.",
    )  # fmt: skip


def _facts(nummer: Nummer) -> str:
    kind = "Samordningsnummer. " if nummer.kind == "samordningsnummer" else ""
    return f"{kind}{SEXES[nummer.kon]}, född {nummer.birth_year}."


def _in_the_way(hinder: Tidigare) -> Notice:
    return Notice(
        f"Deltagandet pågår sedan {day(hinder.startdatum)}.",
        title=f"{hinder.namn} deltar redan i insatsen", tone=Tone.WAIT,
        link=Link("Öppna deltagandet", deltagande_url(hinder.deltagande)),
    )  # fmt: skip


def _offered(found: Tidigare) -> Notice:
    when = f"från {day(found.startdatum)}" + (f" till {day(found.slutdatum)}" if found.slutdatum else "")
    what = ["namn", "folkbokföringskommun", *(["stadsdel"] if found.stadsdel else [])]
    what += ["utbildning"] if found.utbildning else []
    return Notice(
        f"I {found.insats} {when}. Därifrån kan {', '.join(what[:-1])} och {what[-1]} fyllas i. Du kan ändra efteråt.",
        title=f"{found.namn} finns i dina insatser",
    )  # fmt: skip
