"""What is left of a deltagande whose identity is gone: insats, kön, start and slut year, why it went (DOMAIN §4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from finsam_site.access.acting import log_by_insats, require_actor
from finsam_site.access.models import Handling
from finsam_site.bulk import insert_many

from ..models import Avidentifiering, Deltagande, Inregistrering, Utregistrering
from .facts import Facts
from .findings import Finding


@dataclass(frozen=True, slots=True)
class InRest:
    """What is left of a version of the in-part."""

    kon: str
    start_ar: int


@dataclass(frozen=True, slots=True)
class UtRest:
    """What is left of a version of the out-part."""

    kon: str
    slut_ar: int | None
    felregistrering: bool


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of a deltagande. ins, uts: by the time from which each version is known."""

    deltagande_id: str
    insats_id: str
    avidentifierad: dt.datetime
    orsak: str
    ins: Mapping[dt.datetime, InRest] = field(default_factory=dict)
    uts: Mapping[dt.datetime, UtRest] = field(default_factory=dict)


def check_rest(one: Rest) -> Iterator[Finding]:
    """A reason that there is, and years in order."""
    if one.orsak not in Avidentifiering.values:
        codes = ", ".join(Avidentifiering.values)
        yield Finding("orsak", "kod_okand", f"Orsaken finns inte. Välj en av: {codes}.")
    first = min((inne.start_ar for inne in one.ins.values()), default=None)
    for ute in one.uts.values():
        if ute.slut_ar is None:
            if not ute.felregistrering:
                yield Finding("slut_ar", "slut_saknas", "Slutår saknas. Ange det.")
        elif first is not None and ute.slut_ar < first:
            text = "Slutåret ligger före startåret. Rätta något av dem."
            yield Finding("slut_ar", "slut_fore_start", text)


def check_times_of_rest(one: Rest) -> Iterator[Finding]:
    """Nobody is registered out before in."""
    if one.ins and one.uts and min(one.uts) < min(one.ins):
        text = "Utregistreringen är registrerad före inregistreringen. Rätta någon av tiderna."
        yield Finding("registrerad_ut", "ut_fore_in", text)


def check_same_rest(said: Rest, stored: Rest) -> Iterator[Finding]:
    """What is left never changes: all that is said of it must be so. A version may go unsaid, and the time may be an
    earlier one, at which the identity was locked before it went."""
    differing = [
        column
        for column, other in (
            ("insats_id", said.insats_id != stored.insats_id),
            ("avidentifierad", said.avidentifierad > stored.avidentifierad),
            ("orsak", said.orsak != stored.orsak),
            ("registrerad_in", not said.ins.items() <= stored.ins.items()),
            ("registrerad_ut", any(not _same_out(one, stored.uts.get(at)) for at, one in said.uts.items())),
        )
        if other
    ]
    for column in differing:
        text = (
            "Det som finns kvar av deltagandet är registrerat på annat sätt och ändras inte. Ta bort raden."
        )
        yield Finding(column, "annat_an_registrerat", text)


def _same_out(said: UtRest, stored: UtRest | None) -> bool:
    """Kön is that of the in-part's row, which may be another version."""
    return stored is not None and (said.slut_ar, said.felregistrering) == (
        stored.slut_ar, stored.felregistrering,
    )  # fmt: skip


def load_remains(ids: Sequence[str]) -> dict[str, Rest | None]:
    """deltagande_id → what is left, of those that are stored; None where the identity is still there and open."""
    found: dict[str, Rest | None] = {}
    ins: dict[object, dict[dt.datetime, InRest]] = {}
    uts: dict[object, dict[dt.datetime, UtRest]] = {}
    rows = Deltagande.unscoped.filter(deltagande_id__in=ids)
    for pk, key, insats, gone, orsak, locked, locked_orsak in rows.values_list(
        "pk", "deltagande_id", "insats__insats_id", "avidentifierad", "avidentifierad_orsak", "identitet__begransad",
        "identitet__begransad_orsak",
    ):  # fmt: skip
        when, why = (gone, orsak) if gone else (locked, locked_orsak)
        found[key] = (
            Rest(key, insats, when, why, ins.setdefault(pk, {}), uts.setdefault(pk, {})) if when else None
        )
    for pk, at, kon, start in Inregistrering.unscoped.filter(deltagande__in=ins).values_list(
        "deltagande_id", "registrerad", "kon", "start_ar"
    ):
        ins[pk][at] = InRest(kon, start)
    for pk, at, kon, slut, fel in Utregistrering.unscoped.filter(deltagande__in=uts).values_list(
        "deltagande_id", "registrerad", "kon", "slut_ar", "felregistrering"
    ):
        uts[pk][at] = UtRest(kon, slut, fel)
    return found


def write_remains(remains: Sequence[Rest], facts: Facts, now: dt.datetime) -> None:
    """Write checked remains of deltaganden that are not stored. No identity comes with them."""
    deltaganden, ins, uts = [], [], []
    for rest in remains:
        insats = facts.insatser[rest.insats_id].pk
        one = Deltagande(
            deltagande_id=rest.deltagande_id, insats_id=insats, avidentifierad=rest.avidentifierad,
            avidentifierad_orsak=rest.orsak, tidigaste_start_ar=min(inne.start_ar for inne in rest.ins.values()),
            senaste_slut_ar=max((ute.slut_ar for ute in rest.uts.values() if ute.slut_ar), default=None),
        )  # fmt: skip
        shared = {
            "deltagande_id": one.pk,
            "insats_id": insats,
            "mottagen": now,
            "registrerad_av_id": require_actor().user.pk,
        }
        own_ins = [
            Inregistrering(nr=nr, registrerad=at, kon=inne.kon, start_ar=inne.start_ar, **shared)
            for nr, (at, inne) in enumerate(sorted(rest.ins.items()), start=1)
        ]
        own_uts = [
            Utregistrering(
                nr=nr, registrerad=at, kon=ute.kon, slut_ar=ute.slut_ar, felregistrering=ute.felregistrering, **shared
            )
            for nr, (at, ute) in enumerate(sorted(rest.uts.items()), start=1)
        ]  # fmt: skip
        one.aktuell_in_id = own_ins[-1].pk
        if own_uts:
            one.aktuell_ut_id, one.forst_ut = own_uts[-1].pk, own_uts[0].registrerad
        deltaganden.append(one)
        ins += own_ins
        uts += own_uts
    insert_many(Deltagande, deltaganden)
    insert_many(Inregistrering, ins)
    insert_many(Utregistrering, uts)
    created = ((one.pk, one.insats_id) for one in deltaganden)
    log_by_insats(Handling.SKAPAT, "deltagande", created, syfte="inläst utan identitet")
