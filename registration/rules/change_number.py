"""`change_number`: a samordningsnummer became a personnummer, or a new legal gender gave a new number (DOMAIN §3)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections.abc import Collection, Iterator

from django.db.models import BooleanField, ExpressionWrapper, Q

from finsam_site.access import encryption
from finsam_site.access.acting import log_access
from finsam_site.access.models import Handling
from finsam_site.marks import shown_mark

from ..models import (
    IN_THE_WAY,
    NUMMERBYTEN,
    Deltagande,
    Identitet,
    Inregistrering,
    Nummerhash,
    Person,
    Rattelseslag,
    Utregistrering,
)
from ..personnummer import Nummer
from .checks import find_overlaps
from .clashes import clashes_told
from .clock import writing_since
from .correct import Rattelse, write_corrections
from .doors import deltaganden_to_change
from .findings import ChangedMeanwhile, Finding, raise_errors
from .register import check_number_allowed, lock_numbers, persons_by_number
from .values import InUppgifter, Sysselsattning

NEW_NUMBER = "Nytt personnummer"
LOGGED = NEW_NUMBER.lower()
"""What the access log calls it."""
CHANGED_MEANWHILE = "En kollega har ändrat personens nummer sedan du började. Titta på det nya."


def change_number(deltagande: uuid.UUID, nummer: Nummer, *, orsak: str, seen: str | None = None) -> Person:
    """Give the person of a deltagande a new number. The person stays one; the old number stays only as a look-up hash.

    Versions from before keep the kön they had. Each of the person's deltaganden gets a new version, with kön and birth
    year as they are from now on. Those in the actor's scope say why; of the others nobody may read there what was
    written elsewhere, and they say only that the number changed. If the new number is already that of a person, the two
    are one and are joined. seen: `number_mark` of what was there when somebody began; None skips the look. Raises
    AccessRefused out of scope, RuleError with what `check_new_number` finds.
    """
    # Somebody may be registering the new number as a new person at this moment.
    lock_numbers([nummer.digits])
    person = _lock(deltagande, nummer)
    now = writing_since()
    raise_errors(check_new_number(person.pk, nummer, orsak=orsak, seen=seen))
    whose = set(Deltagande.unscoped.filter(identitet__person=person).values_list("pk", flat=True))
    with clashes_told():
        person = _give_number(person, nummer)
        _tell_deltaganden(person, whose, nummer, orsak, now)
    log_access(Handling.ANDRAT, "person", [person.pk], syfte=LOGGED)
    return person


def check_new_number(
    person: uuid.UUID, nummer: Nummer, *, orsak: str, seen: str | None = None
) -> list[Finding]:
    """All that is wrong with giving a person that number. Of somebody out of the actor's scope it tells nothing."""
    findings = check_said(person, nummer, orsak=orsak, seen=seen)
    other = persons_by_number([nummer.digits]).get(nummer.digits)
    if other is not None and other != person:
        findings += check_same_person(Q(person=person), Q(person=other))
    return findings


def check_said(person: uuid.UUID, nummer: Nummer, *, orsak: str, seen: str | None = None) -> list[Finding]:
    """What is wrong with what is said of a person's number, whether it is a new one or the old one was a slip."""
    findings = list(check_number_allowed(nummer))
    if not orsak.strip():
        findings.append(Finding("orsak", "orsak_saknas", "Skriv varför numret ändras."))
    if seen is not None and seen != number_mark(person):
        findings.append(Finding("", "andrat_av_annan", CHANGED_MEANWHILE))
    elif has_number(person, nummer):
        told = "Det är numret som personen redan har. Kontrollera vilket nummer som är det rätta."
        findings.append(Finding("personnummer", "samma_nummer", told))
    return findings


def changed_number(version: Inregistrering) -> bool:
    """Whether a version was made because the number changed."""
    return version.slag in NUMMERBYTEN


def changed_elsewhere(version: Inregistrering | Utregistrering) -> bool:
    """Whether it was made because the number changed, by somebody who could not reach the deltagande.

    To those who can, who that was would tell where else the person is known."""
    return isinstance(version, Inregistrering) and version.slag == Rattelseslag.NUMMERBYTE_UTIFRAN


def last_change(deltagande: uuid.UUID) -> Inregistrering | None:
    """The last version of a deltagande in scope that was made because the number changed, or a wrong one had been
    typed; `registrerad_av` at hand."""
    ways = (*NUMMERBYTEN, Rattelseslag.NUMMERRATTELSE)
    rows = Inregistrering.objects.filter(deltagande=deltagande, slag__in=ways)
    found: Inregistrering | None = rows.select_related("registrerad_av").order_by("-nr").first()
    return found


def number_mark(person: uuid.UUID) -> str:
    """Says which number a person has now, without telling it: two marks are the same exactly when the numbers are."""
    return _mark(
        Nummerhash.unscoped.filter(person=person, aktuell=True).values_list("hash", flat=True).first()
    )


def mark_of(nummer: Nummer) -> str:
    """The `number_mark` of whoever has the number."""
    return _mark(encryption.keyed_hash(nummer.digits))


def _mark(key: bytes | None) -> str:
    return shown_mark("registration.number", bytes(key or b"").hex())


def has_number(person: uuid.UUID, nummer: Nummer) -> bool:
    """Whether that is the number that the person has now."""
    key = encryption.keyed_hash(nummer.digits)
    return Nummerhash.unscoped.filter(person=person, hash=key, aktuell=True).exists()


def _lock(deltagande: uuid.UUID, nummer: Nummer) -> Person:
    """Lock all that changes, in the order that erasure has too, so that neither waits for the other: the deltaganden by
    key, of the person and of who has the number already, then the two by key. Gives the person.

    Raises AccessRefused out of scope, ChangedMeanwhile when one of them was joined with somebody before the lock held.
    """
    both = _persons(deltagande, nummer)
    if both:  # else it is refused below, and nobody's rows are locked for it
        _lock_deltaganden(both)
    deltaganden_to_change([deltagande])
    locked = Person.unscoped.filter(pk__in=both).order_by("pk").select_for_update()
    persons = {one.pk: one for one in locked}
    if _persons(deltagande, nummer) != both:
        raise ChangedMeanwhile([Finding("", "andrat_av_annan", CHANGED_MEANWHILE)])
    return persons[both[0]]


def _persons(deltagande: uuid.UUID, nummer: Nummer) -> list[uuid.UUID]:
    """Whose deltagande it is and, if there is one, who else has the number; nobody out of scope."""
    whose = Identitet.objects.filter(deltagande=deltagande).values_list("person", flat=True)
    return list(dict.fromkeys([*whose, *persons_by_number([nummer.digits]).values()])) if whose else []


def _lock_deltaganden(persons: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Those of the persons that have their identity, by key."""
    theirs = Deltagande.unscoped.filter(identitet__person__in=persons, avidentifierad__isnull=True)
    return list(theirs.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))


def check_same_person(own: Q, others: Q) -> Iterator[Finding]:
    """What keeps two sets of identiteter from being one person's: they take part in one insats at one time."""
    both = Identitet.unscoped.filter(IN_THE_WAY, own | others).select_related("insats")
    rows = {one.pk: one for one in both.annotate(others=ExpressionWrapper(others, BooleanField()))}
    periods: dict[int, list[tuple[object, dt.date, dt.date | None]]] = {}
    for one in rows.values():
        periods.setdefault(one.insats_id, []).append((one.pk, one.startdatum, one.slutdatum))
    clashes = [pair for each in periods.values() for pair in find_overlaps(each)]
    # Those who may be told of: not who is out of scope.
    known = set(Identitet.objects.filter(pk__in=list(rows)).values_list("pk", flat=True))
    told = [pair for pair in clashes if known.issuperset(pair)]
    for first, second in told:
        one = rows[second if rows[second].others else first]
        yield Finding(
            "personnummer", "overlapp",
            f"Numret hör till en annan person i {one.insats.namn}, och de två deltar där samtidigt "
            f"({one.startdatum}–{one.slutdatum or ''}). De kan inte vara samma person. Kontrollera numret. Är den ena "
            "registrerad av misstag avslutar du först den som felregistrering.",
        )  # fmt: skip
    if len(told) < len(clashes):
        yield Finding(
            "personnummer", "kan_inte_bytas",
            "Det går inte att ange det numret här. Kontrollera numret. Stämmer det hjälper "
            "dataskyddsombudet till.",
        )  # fmt: skip


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


def _tell_deltaganden(
    person: Person, whose: set[uuid.UUID], nummer: Nummer, orsak: str, now: dt.datetime
) -> None:
    """A new version of each deltagande whose number it is from now on, or that has another kön or birth year.

    whose: the deltaganden of the person before it may have been joined with another.
    """
    # Once more: somebody may have been registered in between the first lock and that of the person.
    locked = _lock_deltaganden([person.pk])
    # What is locked for want of a gallringsbeslut keeps the versions that it has, as what is erased does.
    alive = Deltagande.unscoped.filter(
        pk__in=locked, avidentifierad__isnull=True, identitet__begransad__isnull=True
    )
    affected = {one.pk: one for one in alive.select_related("aktuell_in", "aktuell_ut")}
    in_scope = set(Deltagande.objects.filter(pk__in=locked).values_list("pk", flat=True))
    write_corrections(
        [
            Rattelse(
                one.pk,
                orsak if one.pk in in_scope else "",
                in_=in_uppgifter(one.aktuell_in),
                kon=nummer.kon,
                fodelsear=nummer.birth_year,
                slag=Rattelseslag.NUMMERBYTE if one.pk in in_scope else Rattelseslag.NUMMERBYTE_UTIFRAN,
            )
            for one in affected.values()
            if one.pk in whose
            or (one.aktuell_in.kon, one.aktuell_in.fodelsear) != (nummer.kon, nummer.birth_year)
        ],
        affected,
        now=now,
        syfte=LOGGED,
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
    Identitet.unscoped.filter(person=person).update(person=other_id)
    Nummerhash.unscoped.filter(person=person).update(person=other_id, aktuell=False)
    Person.unscoped.filter(pk=person.pk).delete()
    return Person.unscoped.get(pk=other_id)
