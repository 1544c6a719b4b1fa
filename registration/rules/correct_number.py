"""`correct_number`: somebody typed a wrong number, and the deltagande has been another's than it says (DOMAIN §3).

Not for a number that really changed, which is the person's everywhere (`change_number`). What a slip says of one
deltagande it says of no other: only those that are named move, to whoever has the right number. Whoever the wrong
number belongs to keeps it, untouched; where nobody else has it, no trace of it is left, since nobody of that number has
given a samtycke (DOMAIN §4).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from django.db.models import Q
from django.utils import timezone

from finsam_site.access import encryption
from finsam_site.access.sealed_columns import open_text

from ..models import Deltagande, Identitet, Inregistrering, Nummerhash, Person, Rattelseslag
from ..personnummer import Nummer, parse
from .change_number import CHANGED_MEANWHILE, check_said, check_same_person, in_uppgifter
from .clashes import clashes_told
from .clock import writing_since
from .correct import Rattelse, write_corrections
from .doors import deltaganden_to_change
from .findings import ChangedMeanwhile, Finding, raise_errors
from .register import lock_hashes, persons_by_hash
from .reveal import within_reach
from .uppslag import forget

NUMBER_CORRECTED = "Personnumret rättat"
LOGGED_SLIP = NUMBER_CORRECTED.lower()
"""What the access log calls it."""
FORMER = (
    "Det är ett nummer som personen har haft förut. När du rättar får deltagandet kön och födelseår från det nummer "
    "som personen har nu."
)


def correct_number(
    deltaganden: Sequence[uuid.UUID], nummer: Nummer, *, orsak: str, seen: str | None = None
) -> Person:
    """Give deltaganden of one person the number that should have been typed; returns whose they are.

    They move to the person who has that number, or had it, and to a new one when nobody has. Each gets a new version
    that says why, with kön and birth year of the number that the person has now; how each was known before stays. The
    person of the wrong number goes with the last identitet. seen: `number_mark` of what was there when somebody began;
    None skips the look. Raises AccessRefused out of scope, RuleError with what `check_corrected_number` finds.
    """
    wrong, right = _lock(deltaganden, nummer)
    now = writing_since()
    raise_errors(check_corrected_number(wrong.pk, deltaganden, nummer, orsak=orsak, seen=seen))
    affected = deltaganden_to_change(deltaganden)
    known = _present(right) if right and former_of(wrong.pk, nummer) else nummer
    with clashes_told():
        right = right or _new_person(nummer)
        Identitet.unscoped.filter(deltagande__in=deltaganden).update(person=right)
        Person.unscoped.filter(pk=wrong.pk, identiteter__isnull=True).delete()
        write_corrections(
            [
                Rattelse(
                    pk, orsak, in_=in_uppgifter(one.aktuell_in), kon=known.kon, fodelsear=known.birth_year,
                    slag=Rattelseslag.NUMMERRATTELSE,
                )
                for pk, one in affected.items()
            ],
            affected, now=now, syfte=LOGGED_SLIP,
        )  # fmt: skip
    # Whoever has found the one by number is not to go on with what is the other's.
    forget(deltaganden)
    return right


def check_corrected_number(
    person: uuid.UUID,
    deltaganden: Sequence[uuid.UUID],
    nummer: Nummer,
    *,
    orsak: str,
    seen: str | None = None,
) -> list[Finding]:
    """All that is wrong or odd with moving deltaganden of a person to that number. Of somebody out of the actor's scope
    it tells nothing."""
    findings = check_said(person, nummer, orsak=orsak, seen=seen)
    other = _owner(encryption.keyed_hash(nummer.digits))
    if other is None:
        return findings
    if other == person and not findings:
        told = (
            "Det är ett nummer som personen har haft förut. När du rättar räknas deltagandet som en annan persons än "
            "de deltaganden som har numret som står där nu."
        )
        findings.append(Finding("personnummer", "tidigare_nummer", told, warning=True))
    elif other != person:
        findings += check_same_person(Q(deltagande__in=deltaganden), Q(person=other))
        if known_as(person, nummer) != nummer:
            findings.append(Finding("personnummer", "tidigare_nummer", FORMER, warning=True))
    return findings


def former_of(person: uuid.UUID, nummer: Nummer) -> Person | None:
    """Who, other than `person`, has had the number and has another now."""
    key = encryption.keyed_hash(nummer.digits)
    rows = Nummerhash.unscoped.filter(hash=key, aktuell=False).exclude(person=person)
    found = rows.select_related("person").first()
    return found.person if found else None


def has_had(person: uuid.UUID, nummer: Nummer) -> bool:
    """Whether the person has that number, or had it."""
    return _owner(encryption.keyed_hash(nummer.digits)) == person


def known_as(person: uuid.UUID, nummer: Nummer) -> Nummer:
    """The number whose kön and birth year a deltagande of `person` gets when `nummer` is the right one: that which its
    person has now. As far as may be told: of somebody out of the actor's scope nothing is."""
    former = former_of(person, nummer)
    if former is None or not Identitet.objects.filter(person=former).exists():
        return nummer
    return _present(former)


def _present(person: Person) -> Nummer:
    """The number that a person has now."""
    return parse(open_text(person, "nummer_krypterat"), today=timezone.localdate())


def are_corrected(deltaganden: Collection[uuid.UUID], nummer: Nummer) -> bool:
    """Whether all of them are, since a wrong number was corrected in them, of whoever has that number, or had it.

    Asked by a dataskyddsgranskare whose search no longer finds them, of what is within reach and neither removed nor
    locked."""
    theirs = Identitet.unscoped.filter(
        deltagande__in=deltaganden, begransad__isnull=True,
        person__nummerhashar__hash=encryption.keyed_hash(nummer.digits),
    )  # fmt: skip
    corrected = Inregistrering.unscoped.filter(slag=Rattelseslag.NUMMERRATTELSE).values("deltagande")
    found = Deltagande.unscoped.filter(pk__in=theirs.values("deltagande")).filter(pk__in=corrected)
    return within_reach(found).count() == len(set(deltaganden))


def _owner(right: bytes) -> uuid.UUID | None:
    return persons_by_hash([right]).get(right)


def _whose(deltaganden: Sequence[uuid.UUID]) -> tuple[set[uuid.UUID], set[bytes]]:
    """(the persons, the hashes by which they are found): nobody out of scope."""
    persons = set(Identitet.objects.filter(deltagande__in=deltaganden).values_list("person", flat=True))
    hashes = Nummerhash.unscoped.filter(person__in=persons).values_list("hash", flat=True)
    return persons, set(map(bytes, hashes))


def _lock(deltaganden: Sequence[uuid.UUID], nummer: Nummer) -> tuple[Person, Person | None]:
    """(whose they are, who else has the right number): locked in the order that everybody has, numbers, deltaganden,
    persons. The numbers on both sides: somebody may be registering who has one of them at this moment.

    Raises AccessRefused out of scope, ChangedMeanwhile when what the locks are for changed before they held.
    """
    right = encryption.keyed_hash(nummer.digits)
    before = _whose(deltaganden)
    lock_hashes({right, *before[1]})
    deltaganden_to_change(deltaganden)
    owner = _owner(right)
    wanted = before[0] | ({owner} if owner else set())
    locked = Person.unscoped.filter(pk__in=wanted).order_by("pk").select_for_update()
    persons = {one.pk: one for one in locked}
    owner = _owner(right)  # once more: who had it may have been waited for
    if _whose(deltaganden) != before or len(before[0]) > 1 or (owner and owner not in persons):
        raise ChangedMeanwhile([Finding("", "andrat_av_annan", CHANGED_MEANWHILE)])
    (wrong,) = before[0]
    # A number that the person had before is taken from there: the two were made one by mistake.
    return persons[wrong], persons[owner] if owner and owner != wrong else None


def _new_person(nummer: Nummer) -> Person:
    person = Person()
    person.encrypt_number(nummer.digits)
    person.save(force_insert=True)
    key = encryption.keyed_hash(nummer.digits)
    Nummerhash.unscoped.update_or_create(hash=key, defaults={"person": person, "aktuell": True})
    return person
