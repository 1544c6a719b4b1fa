"""Registering deltagare in and out: `register_in`, `register_out` (DOMAIN §3).

Each rule is a check and a writer of many. The rule functions check and write; `write_in` and `write_out` write what a
caller has checked already (the importer checks a whole register before it writes a row of it).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from finsam_site.access import encryption
from finsam_site.access.acting import log_by_insats, require_actor
from finsam_site.access.models import Handling
from finsam_site.bulk import insert_many, update_many

from ..models import (
    FELREGISTRERING,
    IN_THE_WAY,
    Deltagande,
    Identitet,
    Inregistrering,
    Insats,
    Nummerhash,
    Samtycke,
    Utregistrering,
)
from ..personnummer import Nummer, NummerFel, refuse_in_production
from .blanketter import check_blanketter
from .checks import (
    check_in,
    check_original,
    check_out,
    check_reason_to_leave,
    find_overlaps,
    overlap_finding,
    without_consequences,
)
from .clashes import clashes_told
from .clock import writing_since
from .doors import deltaganden_to_change, insatser_to_register_in, times_to_give
from .facts import Facts, load_facts
from .findings import Finding, raise_errors
from .new_rows import NewRows
from .values import NyttDeltagande, UtUppgifter
from .version_rows import out_version

_NOBODY = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True)
class Utskrivning:
    """Somebody to be registered out. registrerad: None is now; a time is what an import says."""

    deltagande: uuid.UUID
    uppgifter: UtUppgifter
    registrerad: dt.datetime | None = None
    kon: str | None = None
    fodelsear: int | None = None


def register_in(nya: Sequence[NyttDeltagande], *, facts: Facts | None = None) -> list[Deltagande]:
    """Register people in: samtycke, person, identitet, deltagande and its first version, in the actor's transaction.

    Somebody with `ut` has left already and is registered out in the same go. Raises AccessRefused unless every insats
    is the actor's own as deltagaransvarig and no time is given that the actor may not give, RuleError with everything
    that is wrong; then nothing is written. DOMAIN §3–4: no personal data before a signed samtycke.
    """
    insatser_to_register_in({ny.insats_id for ny in nya})
    times_to_give(moment for ny in nya for moment in (ny.registrerad, ny.ut_registrerad))
    lock_numbers({ny.nummer.digits for ny in nya})
    now = writing_since()
    facts = facts or load_facts({ny.insats_id for ny in nya})
    findings = [
        found for ny in nya for found in check_in(ny, facts, registrerad=ny.registrerad or now, now=now)
    ]
    findings += [found for ny in nya for found in check_number_allowed(ny.nummer)]
    findings += [found for ny in nya for found in check_original(ny.samtycke)]
    findings += [found for ny in nya for found in _check_left(ny, facts, now)]
    findings += check_blanketter(nya)
    findings += _taken_ids(nya)
    findings += _overlaps_with_stored(nya)
    raise_errors(findings)
    with clashes_told():
        return write_in(nya, facts=facts, now=now)


def _check_left(ny: NyttDeltagande, facts: Facts, now: dt.datetime) -> Iterator[Finding]:
    """What is wrong with the end of somebody who has left already."""
    insats = facts.insatser.get(ny.insats_id)
    if ny.ut is None or insats is None:
        return
    if ny.ut.avslutsanledning == FELREGISTRERING:
        yield Finding(
            "avslutsanledning", "felregistrering_direkt",
            "Det som är fel ska inte registreras in. Välj en annan anledning, eller avbryt registreringen.",
        )  # fmt: skip
    yield from check_reason_to_leave(ny.ut)
    yield from check_out(
        ny.ut, facts, insats, startdatum=ny.uppgifter.startdatum, forst_in=ny.registrerad or now,
        registrerad=ny.left_known or now, now=now,
    )  # fmt: skip


def _taken_ids(nya: Sequence[NyttDeltagande]) -> Iterator[Finding]:
    """Ids that are given and are another's already, stored or in `nya`."""
    done = "Den här registreringen är redan gjord. Se deltagandena i insatsen."
    taken = "Referenskoden hör redan till ett annat samtycke. Varje samtycke har en egen kod."
    given: list[tuple[str, Any, str, Iterable[object], str]] = [
        ("deltagande_id", Deltagande, "pk", (ny.pk for ny in nya), done),
        ("deltagande_id", Deltagande, "deltagande_id", (ny.deltagande_id for ny in nya), done),
        ("referenskod", Samtycke, "referenskod", (ny.samtycke.referenskod for ny in nya), taken),
    ]
    for field, model, column, ids, text in given:
        count = Counter(one for one in ids if one is not None)
        stored = model.unscoped.filter(**{f"{column}__in": list(count)}).values_list(column, flat=True)
        for _ in {*stored, *(one for one, number in count.items() if number > 1)}:
            yield Finding(field, "redan_finns", text)


def check_number_allowed(nummer: Nummer) -> Iterable[Finding]:
    """In production nobody is registered under a test number or a computed one (QUALITY §1)."""
    if settings.FINSAM_MODE == "production":
        try:
            refuse_in_production(nummer)
        except NummerFel as fel:
            yield Finding("personnummer", "testnummer", str(fel))


def _overlaps_with_stored(nya: Sequence[NyttDeltagande]) -> list[Finding]:
    persons = persons_by_number({ny.nummer.digits for ny in nya})
    periods: dict[tuple[object, str], list[tuple[object, dt.date, dt.date | None]]] = defaultdict(list)
    for ny in nya:
        person = persons.get(ny.nummer.digits, ny.nummer.digits)
        start = ny.uppgifter.startdatum
        periods[person, ny.insats_id].append((None, start, ny.ut.slutdatum if ny.ut else None))
    stored = Identitet.unscoped.filter(
        IN_THE_WAY, person__in=set(persons.values()), insats__insats_id__in={ny.insats_id for ny in nya}
    )
    for person, insats, start, slut in stored.values_list(
        "person", "insats__insats_id", "startdatum", "slutdatum"
    ):
        if (person, insats) in periods:
            periods[person, insats].append((f"{start}–{slut or ''}", start, slut))
    return [
        overlap_finding(str(one or other or "en annan rad här"))
        for rows in periods.values()
        for one, other in find_overlaps(rows)
    ]


def lock_numbers(digits: Collection[str]) -> None:
    """Let nobody else register the same numbers until this transaction ends (PostgreSQL; SQLite has one writer).

    Two who register the same new person at once, in two insatser, would otherwise each make a person of their own.
    """
    lock_hashes(encryption.keyed_hash(one) for one in digits)


def lock_hashes(hashes: Iterable[bytes]) -> None:
    """The same by the keyed hashes of the numbers."""
    if connection.vendor == "postgresql":
        keys = sorted(int.from_bytes(one[:8], signed=True) for one in hashes)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [keys])


def persons_by_number(digits: Iterable[str]) -> dict[str, uuid.UUID]:
    """The persons that have, or once had, the numbers (12 digits): number → person id. Unknown numbers are left out."""
    hashes = {encryption.keyed_hash(one): one for one in digits}
    return {hashes[key]: person for key, person in persons_by_hash(hashes).items()}


def persons_by_hash(hashes: Collection[bytes]) -> dict[bytes, uuid.UUID]:
    """The same by the keyed hashes of the numbers."""
    found: dict[bytes, uuid.UUID] = {}
    keys = list(hashes)
    for at in range(0, len(keys), 5000):
        rows = Nummerhash.unscoped.filter(hash__in=keys[at : at + 5000]).values_list("hash", "person_id")
        found.update((bytes(key), person) for key, person in rows)
    return found


def person_of(digits: str) -> uuid.UUID:
    """The person that has, or once had, the number; else an id that nobody has.

    What is asked with it is then the same for a number that nobody has as for one of somebody out of reach: how long it
    takes tells nothing.
    """
    return persons_by_number([digits]).get(digits, _NOBODY)


def write_in(nya: Sequence[NyttDeltagande], *, facts: Facts, now: dt.datetime) -> list[Deltagande]:
    """Write checked in-registrations. `now` comes from `writing_since`. Returns the deltaganden in the given order."""
    return write_new(nya, facts=facts, now=now).objects()


def write_new(
    nya: Sequence[NyttDeltagande],
    *,
    facts: Facts,
    now: dt.datetime,
    persons: Mapping[bytes, uuid.UUID] | None = None,
) -> NewRows:
    """`write_in` for very many: no objects are made of the rows. persons: as `NewRows`; None looks them up."""
    hashes = [encryption.keyed_hash(ny.nummer.digits) for ny in nya]
    rows = NewRows(facts, now, persons_by_hash(set(hashes)) if persons is None else persons)
    for ny, number in zip(nya, hashes, strict=True):
        rows.add(ny, number)
    rows.insert()
    return rows


def register_out(ut: Sequence[Utskrivning], *, facts: Facts | None = None) -> list[Deltagande]:
    """Register people out. A deltagande out of the actor's scope, or already out, is an error like any other.

    felregistrering (avslutsanledning) takes the deltagande out of every count and of the overlap rule and asks nothing
    more (DOMAIN §3). Raises AccessRefused out of scope or for a time that the actor may not give, RuleError with
    everything that is wrong; then nothing is written.
    """
    deltaganden = deltaganden_to_change([one.deltagande for one in ut])
    times_to_give(one.registrerad for one in ut)
    now = writing_since()
    facts = facts or load_facts({one.insats.insats_id for one in deltaganden.values()})
    known = first_ins(deltaganden)
    findings: list[Finding] = []
    count = Counter(one.deltagande for one in ut)
    for one in ut:
        deltagande = deltaganden[one.deltagande]
        if deltagande.aktuell_ut_id is not None or count[one.deltagande] > 1:
            findings.append(
                Finding(
                    "slutdatum",
                    "redan_ute",
                    "Deltagaren är redan utregistrerad. Rätta utregistreringen i stället.",
                )
            )
        findings += check_leaving(one, deltagande, facts, forst_in=known[one.deltagande], now=now)
    raise_errors(findings)
    with clashes_told():
        return write_out(ut, deltaganden, now=now)


def check_leaving(
    one: Utskrivning, deltagande: Deltagande, facts: Facts, *, forst_in: dt.datetime, now: dt.datetime
) -> Iterator[Finding]:
    """All that is wrong or odd with what is said of somebody who leaves; `aktuell_in` and `insats` at hand.

    forst_in: when the deltagande was first registered in.
    """
    yield from check_reason_to_leave(one.uppgifter)
    found = check_out(
        one.uppgifter, facts, facts.insatser[deltagande.insats.insats_id], startdatum=known_start(deltagande),
        forst_in=forst_in, registrerad=one.registrerad or now, now=now,
    )  # fmt: skip
    yield from without_consequences(found)


def still_in(insats: Insats) -> QuerySet[Identitet]:
    """Those within the actor's scope who are in the insats and not registered out."""
    return Identitet.objects.filter(insats=insats, deltagande__aktuell_ut__isnull=True)


def known_start(deltagande: Deltagande) -> dt.date:
    """The startdatum of a deltagande that still has its identity; only erasure leaves a version without one."""
    start = deltagande.aktuell_in.startdatum
    if start is None:
        raise ValueError("the deltagande has lost its identity")
    return start


def first_in(deltagande: Deltagande) -> dt.datetime:
    """The first time the deltagande was registered in."""
    return first_ins([deltagande.pk])[deltagande.pk]


def first_ins(deltaganden: Collection[uuid.UUID]) -> dict[uuid.UUID, dt.datetime]:
    """The first time that each of them was registered in. One query."""
    rows = Inregistrering.unscoped.filter(deltagande__in=list(deltaganden), nr=1).order_by()
    return dict(rows.values_list("deltagande", "registrerad"))


def write_out(
    ut: Sequence[Utskrivning],
    deltaganden: dict[uuid.UUID, Deltagande],
    *,
    now: dt.datetime,
    corrected_next: Collection[uuid.UUID] = (),
) -> list[Deltagande]:
    """Write checked out-registrations of deltaganden (with `aktuell_in` at hand) that have none yet.

    corrected_next: those that `write_corrections` takes next, which copies the newest dates to their identitet; the
    first slut need not go with the newest start.
    """
    user_id = require_actor().user.pk
    versions = []
    for one in ut:
        deltagande = deltaganden[one.deltagande]
        version = out_version(
            deltagande, 1, one.uppgifter, registrerad=one.registrerad or now, mottagen=now, user_id=user_id,
            kon=one.kon or deltagande.aktuell_in.kon, fodelsear=one.fodelsear or deltagande.aktuell_in.fodelsear,
            kommun_id=deltagande.aktuell_in.kommun_id,
        )  # fmt: skip
        deltagande.aktuell_ut_id = version.pk
        deltagande.forst_ut = version.registrerad
        deltagande.senaste_slut_ar = version.slut_ar
        versions.append(version)
    insert_many(Utregistrering, versions)
    changed = [deltaganden[one.deltagande] for one in ut]
    update_many(
        Deltagande,
        ["aktuell_ut", "forst_ut", "senaste_slut_ar"],
        ([one.aktuell_ut_id, one.forst_ut, one.senaste_slut_ar, one.pk] for one in changed),
    )
    update_many(
        Identitet,
        ["slutdatum", "felregistrerad"],
        (
            [None if v.felregistrering else v.slutdatum, v.felregistrering, v.deltagande_id]
            for v in versions
            if v.deltagande_id not in corrected_next
        ),
        key="deltagande",
    )
    left = ((one.pk, one.insats_id) for one in changed)
    log_by_insats(Handling.ANDRAT, "deltagande", left, syfte="utregistrering")
    return changed
