"""What happened with a deltagande: each version with who wrote it and when it became known (DOMAIN §5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from finsam_site.ui.components import Step, Tone
from finsam_site.ui.formats import iso_day

from ..forms.sysselsattning import TERMS, in_words, stored
from ..forms.sysselsattning_codes import Codes
from ..models import Identitet, Inregistrering, Kodlista, Utregistrering
from ..rules.checks import local_day

IN_TERMS = {
    "kommun_id": "Folkbokföringskommun",
    "stadsdel": "Stadsdel",
    "startdatum": "Startdatum",
    "utbildning": "Utbildning",
    "tid_i_forsorjning_manader": "Tid i offentlig försörjning",
    "initierad_av": "Initiativ",
    "behovsgrupp": "Behovsgrupp",
    "kon": "Kön",
    "fodelsear": "Födelseår",
}
OUT_TERMS = {"slutdatum": "Slutdatum", "avslutsanledning": "Avslutsanledning"}


def steps(identitet: Identitet, codes: Codes) -> list[Step]:
    """Newest first. A step's day is when it happened; `known` when we were told, if that is another day."""
    found: list[tuple[dt.date, int, Step]] = []

    def add(when: dt.date, title: str, **more: Any) -> None:
        known = more.pop("known", None)
        step = Step(when, title, known=known if known and known != when else None, **more)
        found.append((local_day(known) if isinstance(known, dt.datetime) else when, len(found), step))

    signed = identitet.samtycke
    add(
        signed.undertecknat,
        "Samtycket underskrivet",
        who=signed.mottaget_av.namn if signed.mottaget_av else "",
    )
    earlier: Inregistrering | Utregistrering | None = None
    for one in _versions(Inregistrering, identitet):
        if earlier is None:
            add(one.startdatum, "Började i insatsen", text="Registrerad in.", **_said(one))
        else:
            add(
                local_day(one.registrerad),
                "Inregistreringen rättad",
                text=_changed(earlier, one, IN_TERMS, codes),
                **_said(one),
            )
        earlier = one
    earlier = None
    for one in _versions(Utregistrering, identitet):
        if earlier is None:
            title = "Felregistrering" if one.felregistrering else "Slutade i insatsen"
            reason = codes.label(Kodlista.AVSLUTSANLEDNING, one.avslutsanledning)
            text = (
                "Räknas inte."
                if one.felregistrering
                else f"Registrerad ut: {reason}."
                if reason
                else "Registrerad ut."
            )
            add(
                one.slutdatum or local_day(one.registrerad),
                title,
                text=text,
                tone=Tone.GOOD if not one.felregistrering else Tone.BAD,
                **_said(one),
            )
        else:
            add(
                local_day(one.registrerad),
                "Utregistreringen rättad",
                text=_changed(earlier, one, OUT_TERMS, codes),
                **_said(one),
            )
        earlier = one
    for when, title in (
        (signed.original_skickat, "Samtyckets original skickat"),
        (signed.original_mottaget, "Samtyckets original mottaget"),
    ):
        if when:
            add(when, title)
    return [step for _, _, step in sorted(found, key=lambda one: one[:2], reverse=True)]


def _versions(model: Any, identitet: Identitet) -> Sequence[Any]:
    rows = model.objects.filter(deltagande=identitet.deltagande_id).order_by("nr")
    return list(rows.select_related("registrerad_av"))


def _said(version: Inregistrering | Utregistrering) -> dict[str, Any]:
    return {"who": version.registrerad_av.namn, "known": version.registrerad}


def _changed(earlier: Any, later: Any, terms: dict[str, str], codes: Codes) -> str:
    """Which answers a correction changed; dates with both values."""
    parts = []
    for name, term in terms.items():
        old, new = getattr(earlier, name), getattr(later, name)
        if old != new:
            dates = isinstance(old, dt.date) and isinstance(new, dt.date)
            parts.append(f"{term} ändrat från {iso_day(old)} till {iso_day(new)}" if dates else term)
    before, after = in_words(stored(earlier), codes), in_words(stored(later), codes)
    parts += [TERMS[name] for name in TERMS if before[name] != after[name]]
    return f"Ändrat: {', '.join(parts)}." if parts else "Inga svar ändrade."
