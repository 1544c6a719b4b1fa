"""`change_number`: a samordningsnummer became a personnummer, or a new legal gender gave a new number (DOMAIN §3)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid

from finsam_site.access import encryption
from finsam_site.access.acting import log_access
from finsam_site.access.models import Handling

from ..models import Deltagande, Identitet, Inregistrering, Nummerhash, Person
from ..personnummer import Nummer
from .checks import find_overlaps, overlap_finding
from .clashes import clashes_told
from .clock import writing_since
from .correct import Rattelse, write_corrections
from .doors import deltaganden_to_change
from .findings import raise_errors
from .register import check_number_allowed, lock_numbers
from .values import InUppgifter, Sysselsattning


def change_number(deltagande: uuid.UUID, nummer: Nummer, *, orsak: str) -> Person:
    """Give the person of a deltagande a new number. The person stays one; the old number stays only as a look-up hash.

    Versions from before keep the kön they had. Where kön or birth year change, each of the person's deltaganden gets a
    new version from now on. If the new number is already that of a person, the two are one and are joined. Raises
    AccessRefused out of scope, RuleError when joining would make two deltaganden overlap.
    """
    deltaganden_to_change([deltagande])
    # Somebody may be registering the new number as a new person at this moment.
    lock_numbers([nummer.digits])
    now = writing_since()
    raise_errors(check_number_allowed(nummer))
    with clashes_told():
        person = _give_number(
            Person.unscoped.select_for_update().get(identiteter__deltagande=deltagande), nummer
        )
        _tell_deltaganden(person, nummer, orsak, now)
    log_access(Handling.ANDRAT, "person", [person.pk], syfte="nytt personnummer")
    return person


def _give_number(person: Person, nummer: Nummer) -> Person:
    """Store the number; returns the person that has it now."""
    key = encryption.keyed_hash(nummer.digits)
    owner = Nummerhash.unscoped.filter(hash=key).first()
    if owner is not None and owner.person_id != person.pk:
        person = _join(person, owner.person_id)
    person.encrypt_number(nummer.digits)
    person.save(update_fields=["nummer_krypterat"])
    Nummerhash.unscoped.filter(person=person, aktuell=True).exclude(hash=key).update(aktuell=False)
    Nummerhash.unscoped.update_or_create(hash=key, defaults={"person": person, "aktuell": True})
    return person


def _tell_deltaganden(person: Person, nummer: Nummer, orsak: str, now: dt.datetime) -> None:
    """A new version of each of the person's deltaganden that has another kön or birth year."""
    # Locked first and read then: somebody may be withdrawing another of the person's samtycken at this moment.
    theirs = Deltagande.unscoped.filter(identitet__person=person, avidentifierad__isnull=True)
    locked = list(theirs.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    alive = Deltagande.unscoped.filter(pk__in=locked, avidentifierad__isnull=True)
    affected = {one.pk: one for one in alive.select_related("aktuell_in", "aktuell_ut")}
    write_corrections(
        [
            Rattelse(
                one.pk, orsak, in_=in_uppgifter(one.aktuell_in), kon=nummer.kon, fodelsear=nummer.birth_year
            )
            for one in affected.values()
            if (one.aktuell_in.kon, one.aktuell_in.fodelsear) != (nummer.kon, nummer.birth_year)
        ],
        affected,
        now=now,
    )


def in_uppgifter(version: Inregistrering) -> InUppgifter:
    """The plain values of a stored version that still has its identity."""
    assert version.startdatum is not None and version.kommun_id is not None
    fore = Sysselsattning(
        **{field.name: getattr(version, field.name) for field in dataclasses.fields(Sysselsattning)}
    )
    return InUppgifter(
        kommunkod=version.kommun_id,
        startdatum=version.startdatum,
        utbildning=version.utbildning,
        tid_i_forsorjning_manader=version.tid_i_forsorjning_manader,
        initierad_av=version.initierad_av,
        behovsgrupp=version.behovsgrupp,
        stadsdel=version.stadsdel,
        fore=fore,
    )


def _join(person: Person, other_id: uuid.UUID) -> Person:
    """Make `person` and the one who has the new number one person; returns the one that stays."""
    both = Identitet.unscoped.filter(person__in=[person.pk, other_id], felregistrerad=False)
    periods: dict[int, list[tuple[object, object, object]]] = {}
    for insats, start, slut in both.values_list("insats", "startdatum", "slutdatum"):
        periods.setdefault(insats, []).append((f"{start}–{slut or ''}", start, slut))
    raise_errors(overlap_finding(str(one)) for rows in periods.values() for one, _ in find_overlaps(rows))  # type: ignore[arg-type]
    Identitet.unscoped.filter(person=person).update(person=other_id)
    Nummerhash.unscoped.filter(person=person).update(person=other_id, aktuell=False)
    Person.unscoped.filter(pk=person.pk).delete()
    return Person.unscoped.select_for_update().get(pk=other_id)
