"""What happened with a deltagande: each version with who wrote it and when it became known (DOMAIN §5)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from django.utils import timezone

from finsam_site.ui.components import Step, Tone
from finsam_site.ui.formats import day

from ..forms.sysselsattning_codes import Codes
from ..models import NUMMERBYTEN, Identitet, Inregistrering, Kodlista, Rattelseslag, Samtycke, Utregistrering
from ..rules.change_number import NEW_NUMBER, in_uppgifter
from ..rules.checks import local_day
from ..rules.correct_number import NUMBER_CORRECTED
from ..rules.correct_samtycke import samtycke_changes
from ..rules.names import name_changes, reason_of
from ..rules.version_rows import reason_given
from .samtycke_words import compared
from .version_words import author, changes, said_in, said_out, stored_out

SEXES = {"K": "Kvinna", "M": "Man"}
_NUMBER_TITLES = dict.fromkeys(NUMMERBYTEN, NEW_NUMBER) | {Rattelseslag.NUMMERRATTELSE: NUMBER_CORRECTED}
"""What a version is called that says another kön and birth year because the number is another."""


def has_come(first: dt.date) -> bool:
    """Whether a first day has come: it may be registered before, and is then not told as past."""
    return first <= timezone.localdate()


def is_over(last: dt.date) -> bool:
    """Whether a last day has passed: on the day itself somebody still takes part, as an uppdrag still holds."""
    return last < timezone.localdate()


@dataclass(frozen=True)
class _Event:
    """Something that happened on `day`. known: when we were told; None of what only a day is kept of.

    in_world: it happened to somebody, or to the paper; what is not was done in the register, when it became known.
    late: of what has a day only, whether it stands last in it.
    """

    day: dt.date
    title: str
    known: dt.datetime | None
    in_world: bool
    late: bool
    told: dict[str, Any]

    @property
    def same_day(self) -> bool:
        return self.known is not None and local_day(self.known) == self.day

    @property
    def place(self) -> tuple[dt.date, int, dt.datetime]:
        """Where it stands: by its day, and within the day by when it became known.

        What happened in the world has a day and no time. When it became known the same day, that is its time, so that
        a correction stands after what it corrects. Otherwise a first day, and the day of a signature, stand before all
        that was done that day: they held from its beginning; a last day stands after it, since it lasts to its end, and
        so does the original, which nobody sends or receives before it is signed and registered.
        """
        if self.known is not None and self.same_day:
            return self.day, 1, self.known
        return self.day, 2 if self.late else 0, dt.datetime.min

    def step(self, *, alone: bool) -> Step:
        """alone: nothing else happened that day, and no time is needed to tell the two apart."""
        step = Step(self.day, self.title, **self.told)
        if self.known is None or (self.same_day and alone):
            return step
        if not self.same_day:
            return replace(step, known=local_day(self.known))
        return replace(step, known=self.known) if self.in_world else replace(step, at=self.known)


def steps(identitet: Identitet, codes: Codes) -> list[Step]:
    """Newest first (`_Event.place`); `known` of a step is when we were told, if that is another day. What has been
    corrected stands at the day that holds: what was said first stands in the correction."""
    signed = identitet.samtycke
    found = [
        _happened(
            signed.undertecknat, "Samtycket underskrivet",
            who=signed.mottaget_av.namn if signed.mottaget_av else "",
        ),
        *_in(identitet, codes),
        *_out(identitet, codes),
        *_corrected(identitet),
        *_original(signed),
    ]  # fmt: skip
    in_day = Counter(one.day for one in found)
    found.reverse()  # of what stands at one place, what was found last is the newest
    found.sort(key=lambda one: one.place, reverse=True)
    return [one.step(alone=in_day[one.day] == 1) for one in found]


def _happened(
    when: dt.date, title: str, *, known: dt.datetime | None = None, late: bool = False, **told: Any
) -> _Event:
    """In the world, on a day."""
    return _Event(when, title, known, in_world=True, late=late, told=told)


def _done(known: dt.datetime, title: str, **told: Any) -> _Event:
    """In the register, when it became known."""
    return _Event(local_day(known), title, known, in_world=False, late=False, told=told)


def _in(identitet: Identitet, codes: Codes) -> Iterator[_Event]:
    """The first day, and each correction of what was registered in."""
    versions = _versions(Inregistrering, identitet)
    for one in versions[:1]:
        start, known = identitet.startdatum, _known_since(versions, "startdatum")
        title = f"{'Började' if has_come(start) else 'Börjar'} i insatsen"
        text = _registered("Registrerad in", one, known)
        yield _happened(start, title, known=known, text=text, who=author(one))
    for earlier, one in pairwise(versions):
        yield _done(
            one.registrerad,
            _NUMBER_TITLES.get(one.slag, "Inregistreringen rättad"),
            who=author(one),
            **_changed(_in_words(earlier, codes), _in_words(one, codes), one),
        )


def _out(identitet: Identitet, codes: Codes) -> Iterator[_Event]:
    """The last day, or that it was a felregistrering, and each correction of what was registered out."""
    versions = _versions(Utregistrering, identitet)
    for one in versions[:1]:
        yield _ended(one, versions, codes)
    for earlier, one in pairwise(versions):
        yield _done(
            one.registrerad,
            "Utregistreringen rättad",
            who=author(one),
            **_changed(said_out(stored_out(earlier), codes), said_out(stored_out(one), codes), one),
        )


def _ended(one: Utregistrering, versions: Sequence[Any], codes: Codes) -> _Event:
    """What the first of the versions of an end says, at the day that holds."""
    if one.felregistrering:
        return _done(one.registrerad, "Felregistrering", text="Räknas inte.", tone=Tone.BAD, who=author(one))
    # What holds may be a felregistrering, which need not say a day.
    end, known = versions[-1].slutdatum, _known_since(versions, "slutdatum")
    if end is None:
        end, known = one.slutdatum, one.registrerad
    title = f"{'Slutade' if is_over(end) else 'Slutar'} i insatsen"
    reason = codes.label(Kodlista.AVSLUTSANLEDNING, one.avslutsanledning)
    text = _registered("Registrerad ut", one, known, f": {reason}" if reason else "")
    return _happened(end, title, known=known, late=True, text=text, tone=Tone.GOOD, who=author(one))


def _corrected(identitet: Identitet) -> Iterator[_Event]:
    """Corrections of the name and of the samtycke, which have no versions."""
    for logged in name_changes(identitet.deltagande_id):
        # What the name was is kept nowhere; why stands there since it is asked.
        reason = reason_of(logged)
        yield _done(logged.when, "Namnet rättat", who=logged.who, text=f"Varför: {reason}" if reason else "")
    for andring in samtycke_changes(identitet.samtycke_id):
        rows = [
            (row.term, row.theirs, row.mine) for row in compared(andring.fore, andring.efter) if row.differs
        ]
        why = f"Varför: {andring.get_skal_display()}"
        who = str(andring.registrerad_av)
        yield _done(andring.registrerad, "Samtycket rättat", who=who, changes=rows, text=why)


def _original(signed: Samtycke) -> Iterator[_Event]:
    """The way of the paper."""
    for when, title in (
        (signed.original_skickat, "Samtyckets original skickat"),
        (signed.original_mottaget, "Samtyckets original mottaget"),
    ):
        if when:
            yield _happened(when, title, late=True)


def _versions(model: Any, identitet: Identitet) -> Sequence[Any]:
    rows = model.objects.filter(deltagande=identitet.deltagande_id).order_by("nr")
    return list(rows.select_related("registrerad_av", "kommun"))


def _known_since(versions: Sequence[Any], date: str) -> dt.datetime:
    """When the day that holds became known: with the first of the versions that have it since. date: its field."""
    known: dt.datetime = versions[-1].registrerad
    for one in reversed(versions):
        if getattr(one, date) != getattr(versions[-1], date):
            break
        known = one.registrerad
    return known


def _registered(what: str, first: Any, known: dt.datetime, more: str = "") -> str:
    """What was done first, with its day where the day that holds became known on another."""
    done = local_day(first.registrerad)
    return f"{what}{more}." if done == local_day(known) else f"{what} {day(done)}{more}."


def _in_words(version: Inregistrering, codes: Codes) -> dict[str, str]:
    """What a version says, with what follows from the number."""
    kommun = {version.kommun.pk: version.kommun.namn} if version.kommun else {}
    return said_in(in_uppgifter(version), codes, kommun) | {
        "Kön": SEXES.get(version.kon, ""),
        "Födelseår": str(version.fodelsear or ""),
    }


def _changed(
    earlier: dict[str, str], later: dict[str, str], version: Inregistrering | Utregistrering
) -> dict[str, Any]:
    """What a version says otherwise than the one before it, and why."""
    rows = [(row.term, row.theirs, row.mine) for row in changes(earlier, later)]
    number = isinstance(version, Inregistrering) and version.slag in _NUMBER_TITLES
    reason = reason_given(version)
    text = f"Varför: {reason}" if reason else ""
    return {"changes": rows, "text": text if rows or number else f"Inga svar ändrade. {text}".strip()}
