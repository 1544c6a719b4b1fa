"""Correcting who somebody is: the name, and the number, which is a new one or was typed wrongly. Neither is ever in an
address; the old ones are not shown.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from finsam_site.access.kept_drafts import keeps_drafts
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.comparison import Compared, Comparison
from finsam_site.ui.components import Component, Detail, Details, Text
from finsam_site.ui.formats import clock, day, number, plural

from ..forms.correct_person import (
    WHAT,
    ConfirmNames,
    ConfirmNumber,
    ConfirmSlip,
    MeanwhileNoReason,
    MeanwhileNumber,
    NamesStep,
    NumberStep,
)
from ..models import Identitet, Rattelseslag
from ..personnummer import Nummer
from ..rules.change_number import change_number as change_number_rule
from ..rules.change_number import check_new_number, has_number, last_change, mark_of, number_mark
from ..rules.correct_number import check_corrected_number, correct_number, former_of, has_had, known_as
from ..rules.findings import Finding
from ..rules.names import NyttNamn, check_names, check_unchanged, name_changes, names_mark
from ..rules.names import correct_names as correct_names_rule
from ..rules.register import persons_by_number
from ..rules.reveal import Namn, reveal, reveal_names
from .changing import PURPOSE, Changing, Theirs
from .deltaganden import get_identitet
from .deltaganden_timeline import SEXES
from .version_words import author, wrote

SOMEBODY = "En kollega"
COMPARE = "jämföra personnummer"


@keeps_drafts
@sensitive_post_parameters()
@requires(Roll.DELTAGARANSVARIG, person=("deltagande", PURPOSE))
@require_http_methods(["GET", "POST"])
def correct_names(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Correct what somebody is called."""
    return CorrectingNames(request, get_identitet(pk, PURPOSE)).respond()


@keeps_drafts
@sensitive_post_parameters()
@requires(Roll.DELTAGARANSVARIG, person=("deltagande", PURPOSE))
@require_http_methods(["GET", "POST"])
def change_number(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Give the person a new number, in all deltaganden, or this deltagande the one that should have been typed."""
    return ChangingNumber(request, get_identitet(pk, PURPOSE)).respond()


class CorrectingNames(Changing[NamesStep]):
    """The name of the person in this deltagande, or (`deltaganden`) in several."""

    step = NamesStep.name
    title = NamesStep.title
    confirm = ConfirmNames
    choice = MeanwhileNoReason
    asks: ClassVar[type[NamesStep]] = NamesStep

    def deltaganden(self) -> list[uuid.UUID]:
        """Whose names are corrected."""
        return [self.deltagande.pk]

    def form(self, data: Any = None) -> NamesStep:
        stored = self.stored()
        fornamn, efternamn = stored[self.deltagande.pk]
        first = {"fornamn": fornamn, "efternamn": efternamn, "sedd": _mark(stored)}
        return self.asks(data, initial=first, cancel=self.cancel())

    def said(self, form: NamesStep) -> tuple[str, str]:
        return form.names

    def stands(self) -> tuple[str, str]:
        return self.stored()[self.deltagande.pk]

    def changes(self, form: NamesStep) -> bool:
        return any(one != form.names for one in self.stored().values())

    def found(self, form: NamesStep) -> list[Finding]:
        said = self._said(form, form.cleaned_data["sedd"])
        return [*check_names(said[0]), *check_unchanged(said)]

    def shown(self, form: NamesStep) -> Sequence[Component]:
        caption = "Namnet som det står nu och som det ska stå"
        rows = [one for one in self.rows(form) if one.differs]
        why = [Details([Detail("Varför", form.reason.label)])] if form.reason else []
        return [Comparison(caption, "Står nu", "Ska stå", rows, word=""), *why]

    def write(self, form: NamesStep, orsak: str, seen: Any) -> None:
        correct_names_rule(self._said(form, seen))

    def theirs(self, form: NamesStep) -> Theirs:
        made = (one for pk in self.deltaganden() for one in name_changes(pk))
        last = max(made, key=lambda one: one.when, default=None)
        own = last is not None and last.user == self.request.user.pk
        who = "Du" if own else last.who if last else SOMEBODY
        when = f" {day(last.when)} klockan {clock(last.when)}" if last else ""
        return Theirs(
            told=f"{who} rättade namnet{when}",
            by=who,
            rows=self.rows(form),
            seen=_mark(self.stored()),
            same=not self.changes(form),
            own=own,
        )

    def own_holds(self) -> bool:
        return any(one.user == self.request.user.pk for one in name_changes(self.deltagande.pk)[-1:])

    def rows(self, form: NamesStep) -> list[Compared]:
        """The names as they stand beside those of a valid form."""
        now = self.stored()[self.deltagande.pk]
        pairs = zip(("Förnamn", "Efternamn"), now, form.names, strict=True)
        return [Compared(*one) for one in pairs]

    def stored(self) -> dict[uuid.UUID, tuple[str, str]]:
        """The names as they stand. The page that shows them reveals them: its heading is that look."""
        rows = Identitet.objects.filter(deltagande__in=self.deltaganden()).order_by("pk")
        return {one.deltagande_id: one.decrypt_names() for one in rows}

    def _said(self, form: NamesStep, seen: str) -> list[NyttNamn]:
        """seen: as `_mark` gave it. Where one of them is gone since, the marks fit no more, which is told."""
        marks = zip_longest(self.stored(), seen.split(), fillvalue="")
        return [
            NyttNamn(pk, *form.names, seen=mark, skal=form.reason)
            for pk, mark in marks
            if isinstance(pk, uuid.UUID)
        ]


class ChangingNumber(Changing[NumberStep]):
    """A new number of the person, wherever the person takes part; or the right one of this deltagande alone."""

    step = NumberStep.name
    title = NumberStep.title
    choice = MeanwhileNumber
    known: ClassVar[str] = " i dina insatser"

    def form(self, data: Any = None) -> NumberStep:
        first = {"sedd": number_mark(self.identitet.person_id)}
        return NumberStep(data, initial=first, cancel=self.cancel())

    def said(self, form: NumberStep) -> str:
        nummer = _nummer(form)
        former = former_of(self._person(), nummer) if form.slip else None
        # Somebody's former number gives the deltagande the one that is theirs now.
        return number_mark(former.pk) if former else mark_of(nummer)

    def stands(self) -> str:
        return number_mark(self._person())

    def changes(self, form: NumberStep) -> bool:
        return True  # the rule tells that it is the same, so that nothing is read that need not be

    def found(self, form: NumberStep) -> list[Finding]:
        nummer = _nummer(form)
        seen = form.cleaned_data["sedd"]
        person, said = self._person(), {"orsak": form.reason, "seen": seen}
        if form.slip:
            findings = check_corrected_number(person, self.wrong(form), nummer, **said)
        else:
            findings = check_new_number(person, nummer, **said)
        odd = nummer.warnings(self.identitet.startdatum)
        return findings + [Finding("personnummer", "ovanligt", text, warning=True) for text in odd]

    def shown(self, form: NumberStep) -> Sequence[Component]:
        nummer, version = _nummer(form), self.deltagande.aktuell_in
        known = known_as(self._person(), nummer) if form.slip else nummer
        pairs = [
            ("Kön", SEXES.get(version.kon, ""), SEXES[known.kon]),
            ("Födelseår", str(version.fodelsear or ""), str(known.birth_year)),
        ]
        rows = [
            Detail("Vad som har hänt", WHAT[form.cleaned_data["vad"]]),
            Detail("Rätt nummer" if form.slip else "Nytt nummer", nummer.formatted),
            *(Detail(term, new, note=_note(old, new)) for term, old, new in pairs),
            Detail("Varför", form.reason),
        ]
        told = [*self.moves(form), WRONG_NUMBER] if form.slip else [self.changes_where(), OLD_NUMBER]
        return [Details(rows), *map(Text, [f"{told[0]} {REPORTED}", *told[1:]])]

    def odd(self, form: NumberStep, found: Sequence[Finding]) -> list[str]:
        """Also that two are made one, or that the deltagande becomes another's."""
        return [*super().odd(form, found), *self._joined(form)]

    def write(self, form: NumberStep, orsak: str, seen: Any) -> None:
        if form.slip:
            correct_number(self.wrong(form), _nummer(form), orsak=orsak, seen=seen)
        else:
            change_number_rule(self.deltagande.pk, _nummer(form), orsak=orsak, seen=seen)

    def wrong(self, form: NumberStep) -> list[uuid.UUID]:
        """The deltaganden in which a wrong number was typed."""
        return [self.deltagande.pk]

    def theirs(self, form: NumberStep) -> Theirs:
        version = last_change(self.deltagande.pk)
        own = version is not None and wrote(version, self.request.user.pk)
        who = "Du" if own else author(version) if version else SOMEBODY
        when = f" {day(version.mottagen)} klockan {clock(version.mottagen)}" if version else ""
        slip = version is not None and version.slag == Rattelseslag.NUMMERRATTELSE
        person, nummer = self._person(), _nummer(form)
        same = has_number(person, nummer) or (slip and form.slip and has_had(person, nummer))
        digits = "" if same else reveal(self.identitet.pk, COMPARE).personnummer
        return Theirs(
            told=f"{who} {'rättade' if slip else 'bytte'} personens nummer{when}",
            by=who,
            rows=[Compared("Nummer", f"{digits[:8]}-{digits[8:]}", nummer.formatted)],
            seen=number_mark(person),
            same=same,
            own=own,
        )

    def own_holds(self) -> bool:
        version = last_change(self.deltagande.pk)
        return version is not None and version.registrerad_av_id == self.request.user.pk

    def _person(self) -> uuid.UUID:
        """Whose deltagande it is now: two persons may have been joined meanwhile."""
        person: uuid.UUID = Identitet.objects.values_list("person", flat=True).get(pk=self.identitet.pk)
        return person

    def changes_where(self) -> str:
        """How far a new number goes."""
        count = self._count()
        own = f"personens {number(count)} deltaganden" if count > 1 else "personens deltagande"
        return f"Bytet gäller {own} i dina insatser, och i andra insatser om personen deltar där."

    def moves(self, form: NumberStep) -> list[str]:
        """How far a corrected slip goes: no further than this deltagande."""
        rest = self._count() - 1
        told = "Rättelsen gäller bara det här deltagandet. Det hör sedan till den som har det rätta numret."
        if not rest:
            return [told]
        others = plural(rest, "ett annat deltagande", f"{number(rest)} andra deltaganden")
        also = f"I dina insatser finns {others} med samma nummer som det här har nu. Är det fel också där rättar du det"
        return [
            told,
            f"{also} {plural(rest, 'på det deltagandets sida', 'på vart och ett deltagandes sida')}.",
        ]

    def _count(self) -> int:
        return Identitet.objects.filter(person=self._person()).count()

    def _confirm(self, data: Any, form: NumberStep, found: Sequence[Finding]) -> ConfirmSlip | ConfirmNumber:
        asks = ConfirmSlip if form.slip else ConfirmNumber
        return asks(data, odd=self.odd(form, found), cancel=self.cancel())

    def _joined(self, form: NumberStep) -> list[str]:
        """Who within reach has the number already: the two become one, or the deltagande that person's. Of anybody else
        nothing is told."""
        nummer = _nummer(form)
        other = persons_by_number([nummer.digits]).get(nummer.digits)
        if other is None or other == self._person():
            return []
        rows = list(Identitet.objects.filter(person=other).order_by("startdatum", "pk"))
        if not rows:
            return []
        names = reveal_names([one.pk for one in rows if not one.begransad], PURPOSE)
        shown = list(dict.fromkeys(_full(names[one.pk]) for one in rows if one.pk in names))
        who = ", ".join(shown) or LOCKED
        then = (
            "När du rättar räknas deltagandet som den personens."
            if form.slip
            else "När du byter räknas de två som en och samma person."
        )
        has = "har redan" if has_number(other, nummer) else "har haft"
        return [f"{who}{self.known} {has} det numret. {then}"]


WRONG_NUMBER = "Det felaktiga numret glöms när inget deltagande har det längre."
REPORTED = "Det som redan är rapporterat står kvar som det var."
LOCKED = "Någon vars uppgifter är spärrade"
OLD_NUMBER = (
    "Det gamla numret sparas inte i klartext. Det går fortfarande att hitta personen om någon söker på det."
)


def _mark(stored: dict[uuid.UUID, tuple[str, str]]) -> str:
    """What the names that are on the screen are known by, one for each deltagande."""
    return " ".join(names_mark(pk, *names) for pk, names in stored.items())


def _note(old: str, new: str) -> str:
    return "Ändras inte" if old == new else f"Nu: {old.lower()}"


def _nummer(form: NumberStep) -> Nummer:
    """Of a valid form."""
    if form.nummer is None:
        raise ValueError("the form is not valid")
    return form.nummer


def _full(name: Namn) -> str:
    return f"{name.fornamn} {name.efternamn}"
