"""What happened with a deltagande: each version with who wrote it and when it became known (DOMAIN §5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.utils import timezone

from finsam_site.ui.components import Step, Tone
from finsam_site.ui.formats import sentence

from ..forms.sysselsattning_codes import Codes
from ..models import Identitet, Inregistrering, Kodlista, Utregistrering
from ..rules.change_number import BEGINS, NEW_NUMBER, changed_number, in_uppgifter
from ..rules.checks import local_day
from ..rules.correct_samtycke import samtycke_in_log
from ..rules.logged import logged_changes
from ..rules.names import names_in_log, reason_of
from ..rules.version_rows import reason_given
from .version_words import author, changes, said_in, said_out, stored_out

SEXES = {"K": "Kvinna", "M": "Man"}


def has_come(first: dt.date) -> bool:
    """Whether a first day has come: it may be registered before, and is then not told as past."""
    return first <= timezone.localdate()


def is_over(last: dt.date) -> bool:
    """Whether a last day has passed: on the day itself somebody still takes part, as an uppdrag still holds."""
    return last < timezone.localdate()


def steps(identitet: Identitet, codes: Codes) -> list[Step]:
    """Newest first, by when it happened; `known` of a step is when we were told, if that is another day."""
    found: list[tuple[dt.date, dt.date, int, Step]] = []

    def add(when: dt.date, title: str, **more: Any) -> None:
        known = more.pop("known", None)
        told = local_day(known) if known else when
        found.append(
            (when, told, len(found), Step(when, title, known=told if told != when else None, **more))
        )

    signed = identitet.samtycke
    add(
        signed.undertecknat,
        "Samtycket underskrivet",
        who=signed.mottaget_av.namn if signed.mottaget_av else "",
    )
    earlier: Any = None
    for one in _versions(Inregistrering, identitet):
        if earlier is None:
            start = _told(one.startdatum, identitet.startdatum, has_come)
            title = f"{'Började' if has_come(start) else 'Börjar'} i insatsen"
            add(start, title, text="Registrerad in.", **_said(one))
        else:
            add(
                local_day(one.registrerad),
                NEW_NUMBER if changed_number(one) else "Inregistreringen rättad",
                **_changed(_in_words(earlier, codes), _in_words(one, codes), one),
                **_said(one),
            )
        earlier = one
    earlier, ut = None, identitet.deltagande.aktuell_ut
    for one in _versions(Utregistrering, identitet):
        if earlier is None:
            end = one.slutdatum or local_day(one.registrerad)
            if one.slutdatum and ut and ut.slutdatum:
                end = _told(end, ut.slutdatum, is_over)
            ended = f"{'Slutade' if is_over(end) else 'Slutar'} i insatsen"
            title = "Felregistrering" if one.felregistrering else ended
            reason = codes.label(Kodlista.AVSLUTSANLEDNING, one.avslutsanledning)
            text = (
                "Räknas inte."
                if one.felregistrering
                else f"Registrerad ut: {reason}."
                if reason
                else "Registrerad ut."
            )
            add(
                end,
                title,
                text=text,
                tone=Tone.GOOD if not one.felregistrering else Tone.BAD,
                **_said(one),
            )
        else:
            add(
                local_day(one.registrerad),
                "Utregistreringen rättad",
                **_changed(said_out(stored_out(earlier), codes), said_out(stored_out(one), codes), one),
                **_said(one),
            )
        earlier = one
    names, paper = names_in_log(identitet.deltagande_id), samtycke_in_log(signed.pk)
    for logged in logged_changes(names, paper):
        if logged.objekt == paper.objekt:
            title, text = "Samtycket rättat", sentence(logged.told)
        else:  # what the name was is kept nowhere; why stands there since it is asked
            reason = reason_of(logged)
            title, text = "Namnet rättat", f"Varför: {reason}" if reason else ""
        add(local_day(logged.when), title, who=logged.who, text=text)
    for when, title in (
        (signed.original_skickat, "Samtyckets original skickat"),
        (signed.original_mottaget, "Samtyckets original mottaget"),
    ):
        if when:
            add(when, title)
    return [step for *_, step in sorted(found, key=lambda one: one[:3], reverse=True)]


def _told(first: dt.date, now: dt.date, past: Callable[[dt.date], bool]) -> dt.date:
    """The day that was registered first; the one that holds, when one of them is past and the other to come, since the
    page says of the one that holds that it is."""
    return first if past(first) == past(now) else now


def _versions(model: Any, identitet: Identitet) -> Sequence[Any]:
    rows = model.objects.filter(deltagande=identitet.deltagande_id).order_by("nr")
    return list(rows.select_related("registrerad_av", "kommun"))


def _said(version: Inregistrering | Utregistrering) -> dict[str, Any]:
    return {"who": author(version), "known": version.registrerad}


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
    new_number = isinstance(version, Inregistrering) and changed_number(version)
    reason = reason_given(version).removeprefix(BEGINS)
    text = f"Varför: {reason}" if reason else ""
    return {"changes": rows, "text": text if rows or new_number else f"Inga svar ändrade. {text}".strip()}
