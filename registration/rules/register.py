"""Registering deltagare in and out: `register_in`, `register_out` (DOMAIN §3).

Each rule is a check and a writer of many. The rule functions check and write; `write_in` and `write_out` write what a
caller has checked already (the importer checks a whole register before it writes a row of it).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from finsam_site.access import encryption
from finsam_site.access.acting import log_by_insats, require_actor
from finsam_site.access.models import Handling
from finsam_site.bulk import insert_many, update_many

from ..models import (
    FELREGISTRERING,
    Deltagande,
    Identitet,
    Inregistrering,
    Nummerhash,
    Person,
    Samtycke,
    Utregistrering,
)
from ..personnummer import Nummer, NummerFel, refuse_in_production
from .checks import (
    check_in,
    check_original,
    check_out,
    check_reason_to_leave,
    find_overlaps,
    local_day,
    overlap_finding,
)
from .clock import writing_since
from .codes import new_code
from .doors import deltaganden_to_change, insatser_to_register_in
from .facts import Facts, load_facts
from .findings import Finding, raise_errors
from .values import InUppgifter, NyttDeltagande, Sysselsattning, UtUppgifter


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

    Raises AccessRefused unless every insats is the actor's own as deltagaransvarig, RuleError with everything that is
    wrong; then nothing is written. DOMAIN §3–4; kommunallag aside, the rules are the data protection safeguards of
    DOMAIN §4: no personal data before a signed samtycke.
    """
    insatser_to_register_in({ny.insats_id for ny in nya})
    lock_numbers({ny.nummer.digits for ny in nya})
    now = writing_since()
    facts = facts or load_facts({ny.insats_id for ny in nya})
    findings = [
        found for ny in nya for found in check_in(ny, facts, registrerad=ny.registrerad or now, now=now)
    ]
    findings += [found for ny in nya for found in check_number_allowed(ny.nummer)]
    findings += [found for ny in nya for found in check_original(ny.samtycke)]
    findings += _overlaps_with_stored(nya, facts)
    raise_errors(findings)
    return write_in(nya, facts=facts, now=now)


def check_number_allowed(nummer: Nummer) -> Iterable[Finding]:
    """In production nobody is registered under a test number or a computed one (QUALITY §1)."""
    if settings.FINSAM_MODE == "production":
        try:
            refuse_in_production(nummer)
        except NummerFel as fel:
            yield Finding("personnummer", "testnummer", str(fel))


def _overlaps_with_stored(nya: Sequence[NyttDeltagande], facts: Facts) -> list[Finding]:
    persons = persons_by_number({ny.nummer.digits for ny in nya})
    periods: dict[tuple[object, str], list[tuple[object, dt.date, dt.date | None]]] = defaultdict(list)
    for ny in nya:
        person = persons.get(ny.nummer.digits, ny.nummer.digits)
        start = ny.uppgifter.startdatum
        periods[person, ny.insats_id].append((None, start, None))
    stored = Identitet.unscoped.filter(
        person__in=set(persons.values()),
        insats__insats_id__in={ny.insats_id for ny in nya},
        felregistrerad=False,
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
    if connection.vendor == "postgresql":
        keys = sorted(int.from_bytes(encryption.keyed_hash(one)[:8], signed=True) for one in digits)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [keys])


def persons_by_number(digits: Iterable[str]) -> dict[str, uuid.UUID]:
    """The persons that have, or once had, the numbers (12 digits): number → person id. Unknown numbers are left out."""
    hashes = {encryption.keyed_hash(one): one for one in digits}
    found: dict[str, uuid.UUID] = {}
    keys = list(hashes)
    for at in range(0, len(keys), 5000):
        rows = Nummerhash.unscoped.filter(hash__in=keys[at : at + 5000]).values_list("hash", "person_id")
        found.update((hashes[bytes(key)], person) for key, person in rows)
    return found


def write_in(nya: Sequence[NyttDeltagande], *, facts: Facts, now: dt.datetime) -> list[Deltagande]:
    """Write checked in-registrations. `now` comes from `writing_since`. Returns the deltaganden in the given order."""
    user = require_actor().user
    known = persons_by_number({ny.nummer.digits for ny in nya})
    persons, hashes, samtycken, deltaganden, identiteter, versions = [], [], [], [], [], []
    for ny in nya:
        digits = ny.nummer.digits
        insats = facts.insatser[ny.insats_id].pk
        person_id = known.get(digits)
        if person_id is None:
            person = new_person(digits)
            person_id = known[digits] = person.pk
            persons.append(person)
            hashes.append(Nummerhash(hash=encryption.keyed_hash(digits), person_id=person.pk))
        registrerad = ny.registrerad or now
        samtycke = Samtycke(
            referenskod=ny.samtycke.referenskod or new_code(),
            insats_id=insats,
            undertecknat=ny.samtycke.undertecknat,
            formular_id=facts.formular[ny.samtycke.formular][0],
            sprak=ny.samtycke.sprak,
            mottaget_av=None if ny.samtycke.inlast else user,
            original_skickat=ny.samtycke.original_skickat,
            original_mottaget=ny.samtycke.original_mottaget,
            inlast=ny.samtycke.inlast,
        )
        deltagande = Deltagande(
            id=ny.pk or uuid.uuid4(),
            deltagande_id=ny.deltagande_id or new_code(12),
            insats_id=insats,
            tidigaste_start_ar=ny.uppgifter.startdatum.year,
        )
        version = in_version(
            deltagande, 1, ny.uppgifter, registrerad=registrerad, mottagen=now, user_id=user.pk,
            kon=ny.kon or ny.nummer.kon, fodelsear=ny.fodelsear or ny.nummer.birth_year,
        )  # fmt: skip
        deltagande.aktuell_in = version
        identitet = Identitet(
            deltagande_id=deltagande.pk,
            person_id=person_id,
            insats_id=insats,
            samtycke_id=samtycke.pk,
            undertecknat=samtycke.undertecknat,
            registrerad_dag=local_day(registrerad),
            startdatum=ny.uppgifter.startdatum,
        )
        identitet.encrypt_names(ny.fornamn, ny.efternamn)
        samtycken.append(samtycke)
        deltaganden.append(deltagande)
        identiteter.append(identitet)
        versions.append(version)
    insert_many(Person, persons)
    insert_many(Nummerhash, hashes)
    insert_many(Samtycke, samtycken)
    insert_many(Deltagande, deltaganden)
    insert_many(Inregistrering, versions)
    insert_many(Identitet, identiteter)
    created = ((one.pk, one.insats_id) for one in deltaganden)
    log_by_insats(Handling.SKAPAT, "deltagande", created, syfte="inregistrering")
    return deltaganden


def new_person(digits: str) -> Person:
    """An unsaved person with the number encrypted and bound to its row."""
    person = Person()
    person.nummer_krypterat = encryption.encrypt_text(digits, context=person.nummer_context)
    return person


def in_version(
    deltagande: Deltagande, nr: int, uppgifter: InUppgifter, *, registrerad: dt.datetime, mottagen: dt.datetime,
    user_id: int, kon: str, fodelsear: int | None, orsak: bytes | None = None, pk: uuid.UUID | None = None,
) -> Inregistrering:  # fmt: skip
    """An unsaved version of an in-registration."""
    return Inregistrering(
        id=pk or uuid.uuid4(),
        deltagande_id=deltagande.pk,
        nr=nr,
        insats_id=deltagande.insats_id,
        registrerad=registrerad,
        mottagen=mottagen,
        registrerad_av_id=user_id,
        orsak_krypterad=orsak,
        kon=kon,
        fodelsear=fodelsear,
        kommun_id=uppgifter.kommunkod,
        stadsdel=uppgifter.stadsdel,
        startdatum=uppgifter.startdatum,
        start_ar=uppgifter.startdatum.year,
        utbildning=uppgifter.utbildning,
        tid_i_forsorjning_manader=uppgifter.tid_i_forsorjning_manader,
        initierad_av=uppgifter.initierad_av,
        behovsgrupp=uppgifter.behovsgrupp,
        **_sysselsattning(uppgifter.fore),
    )


def out_version(
    deltagande: Deltagande, nr: int, uppgifter: UtUppgifter, *, registrerad: dt.datetime, mottagen: dt.datetime,
    user_id: int, kon: str, fodelsear: int | None, kommun_id: str | None, orsak: bytes | None = None,
    pk: uuid.UUID | None = None,
) -> Utregistrering:  # fmt: skip
    """An unsaved version of an out-registration."""
    return Utregistrering(
        id=pk or uuid.uuid4(),
        deltagande_id=deltagande.pk,
        nr=nr,
        insats_id=deltagande.insats_id,
        registrerad=registrerad,
        mottagen=mottagen,
        registrerad_av_id=user_id,
        orsak_krypterad=orsak,
        kon=kon,
        fodelsear=fodelsear,
        kommun_id=kommun_id,
        slutdatum=uppgifter.slutdatum,
        slut_ar=uppgifter.slutdatum.year if uppgifter.slutdatum else None,
        felregistrering=uppgifter.avslutsanledning == FELREGISTRERING,
        avslutsanledning=uppgifter.avslutsanledning,
        **_sysselsattning(uppgifter.efter),
    )


def _sysselsattning(what: Sysselsattning) -> dict[str, Any]:
    return {
        "forsorjning": what.forsorjning,
        "arbetar": what.arbetar,
        "typ_av_arbete": what.typ_av_arbete,
        "studerar": what.studerar,
        "arbetssokande": what.arbetssokande,
        "inskriven_af": what.inskriven_af,
    }


def register_out(ut: Sequence[Utskrivning], *, facts: Facts | None = None) -> list[Deltagande]:
    """Register people out. A deltagande out of the actor's scope, or already out, is an error like any other.

    felregistrering (avslutsanledning) takes the deltagande out of every count and of the overlap rule and asks nothing
    more (DOMAIN §3). Raises RuleError with everything that is wrong, and then nothing is written.
    """
    deltaganden = deltaganden_to_change([one.deltagande for one in ut])
    now = writing_since()
    facts = facts or load_facts({one.insats.insats_id for one in deltaganden.values()})
    findings: list[Finding] = []
    for one in ut:
        deltagande = deltaganden[one.deltagande]
        if deltagande.aktuell_ut_id is not None:
            findings.append(
                Finding(
                    "slutdatum",
                    "redan_ute",
                    "Deltagaren är redan utregistrerad. Rätta utregistreringen i stället.",
                )
            )
        findings += check_reason_to_leave(one.uppgifter)
        findings += check_out(
            one.uppgifter,
            facts,
            facts.insatser[deltagande.insats.insats_id],
            startdatum=known_start(deltagande),
            forst_in=first_in(deltagande),
            registrerad=one.registrerad or now,
            now=now,
        )
    raise_errors(findings)
    return write_out(ut, deltaganden, now=now)


def known_start(deltagande: Deltagande) -> dt.date:
    """The startdatum of a deltagande that still has its identity; only erasure leaves a version without one."""
    start = deltagande.aktuell_in.startdatum
    if start is None:
        raise ValueError("the deltagande has lost its identity")
    return start


def first_in(deltagande: Deltagande) -> dt.datetime:
    """The first time the deltagande was registered in."""
    return Inregistrering.unscoped.get(deltagande=deltagande, nr=1).registrerad


def write_out(
    ut: Sequence[Utskrivning], deltaganden: dict[uuid.UUID, Deltagande], *, now: dt.datetime
) -> list[Deltagande]:
    """Write checked out-registrations of deltaganden (with `aktuell_in` at hand) that have none yet."""
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
        ([None if v.felregistrering else v.slutdatum, v.felregistrering, v.deltagande_id] for v in versions),
        key="deltagande",
    )
    left = ((one.pk, one.insats_id) for one in changed)
    log_by_insats(Handling.ANDRAT, "deltagande", left, syfte="utregistrering")
    return changed
