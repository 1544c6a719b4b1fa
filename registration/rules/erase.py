"""Removing identity: `withdraw_samtycke`, `protect_identity`, `remove_felregistrerade` (DOMAIN §3–4).

What is left is a row without identity: insats, kön, start and slut year, in every version. The receipt of the samtycke
stays, no longer tied to anything. Withdrawal needs no reason and no decision of anybody; whether the
software may erase at all rests on a recorded gallringsbeslut, and without one it locks the identity instead
(DOMAIN §4).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from finsam_site.access.acting import AccessRefused, log_by_insats, require_actor
from finsam_site.access.guards import guard_of
from finsam_site.access.models import Handling
from finsam_site.bulk import insert_many, update_many

from ..models import (
    ATERKALLAT_SAMTYCKE,
    Avidentifiering,
    Deltagande,
    Identitet,
    Inregistrering,
    Person,
    Samtycke,
    Samtyckesandring,
    Samtyckesskanning,
    Svar,
    Utregistrering,
)
from ..scope import own_insats_ids
from .checks import local_day
from .clock import writing_since
from .decisions import erasure_decision
from .doors import deltaganden_to_change
from .drafts import remove_drafts_about
from .register import known_start
from .uppslag import forget
from .values import UtUppgifter
from .version_rows import out_version


def withdraw_samtycke(deltaganden: Sequence[uuid.UUID]) -> dt.datetime:
    """Withdraw the samtycke of each deltagande; returns the time of it. GDPR art. 7.3.

    An open deltagande, and one whose last day has not come, ends today with `aterkallat_samtycke`; then the identity is
    removed at once and for good. The person is not entered again as anonym. Raises AccessRefused out of scope.
    """
    found = deltaganden_to_change(deltaganden)
    now = writing_since()
    # Asked in two steps: just after a large import PostgreSQL may believe the tables empty and join them row by row.
    samtycken = list(Identitet.unscoped.filter(deltagande__in=found).values_list("samtycke", flat=True))
    # Locked in the order in which whoever marks several at once locks them.
    holding = Samtycke.unscoped.filter(pk__in=samtycken, aterkallat__isnull=True).order_by("pk")
    locked = list(holding.select_for_update().values_list("pk", flat=True))
    Samtycke.unscoped.filter(pk__in=locked).update(aterkallat=local_day(now))
    _end(found.values(), ATERKALLAT_SAMTYCKE, now)
    remove_drafts_about(found, by_number=True)
    remove_identity(found, Avidentifiering.ATERKALLAT, now)
    return now


def protect_identity(deltaganden: Sequence[uuid.UUID]) -> dt.datetime:
    """The person got skyddade personuppgifter: remove the identity at once; returns the time of it (DOMAIN §4).

    A deltagande that goes on ends today, so that it is counted as avidentifierad for what was and not for the years
    to come, in which the person is counted through anonyma. Raises AccessRefused out of scope.
    """
    found = deltaganden_to_change(deltaganden)
    now = writing_since()
    _end(found.values(), None, now)
    remove_drafts_about(found, by_number=True)
    remove_identity(found, Avidentifiering.SKYDDAD, now)
    return now


def remove_felregistrerade() -> int:
    """Remove the identity of deltaganden that have been felregistrering for longer than the setting; returns how many.

    Counted from when the felregistrering was received by us; correcting it again, still as a felregistrering, does not
    begin the time anew. What was locked for want of a gallringsbeslut goes once there is one. For a scheduled job
    under the system account; raises AccessRefused for everybody else.
    """
    if not require_actor().system:
        raise AccessRefused("Det här görs av systemet varje dag. Kontakta den som driver systemet.")
    limit = writing_since() - dt.timedelta(days=settings.FELREGISTRERING_DAYS)
    undone_later = Utregistrering.unscoped.filter(
        deltagande=OuterRef("deltagande"), nr__gt=OuterRef("nr"), felregistrering=False
    )
    old = Utregistrering.unscoped.filter(
        ~Exists(undone_later), deltagande=OuterRef("pk"), felregistrering=True, mottagen__lte=limit
    )
    found = Deltagande.objects.filter(
        Exists(old), aktuell_ut__felregistrering=True, avidentifierad__isnull=True
    )
    if not erasure_decision():
        found = found.filter(identitet__begransad__isnull=True)
    # Asked again under the lock: somebody may be undoing one, or withdrawing its samtycke, at this moment.
    due = list(found.filter(pk__in=_locked(found.values_list("pk", flat=True))).values_list("pk", flat=True))
    remove_identity(due, Avidentifiering.FELREGISTRERING, writing_since())
    return len(due)


def erase_locked() -> int:
    """Remove the identities that were locked for want of a gallringsbeslut, once there is one; returns how many.

    For a scheduled job under the system account; raises AccessRefused for everybody else.
    """
    if not require_actor().system:
        raise AccessRefused("Det här görs av systemet varje dag. Kontakta den som driver systemet.")
    if not erasure_decision():
        return 0
    waiting = Identitet.unscoped.filter(begransad__isnull=False)
    # Asked again under the lock: the same job may be running twice.
    waiting = waiting.filter(deltagande__in=_locked(waiting.values_list("deltagande", flat=True)))
    orsaker = dict(waiting.values_list("deltagande", "begransad_orsak"))
    _remove_identities(orsaker, writing_since())
    return len(orsaker)


@dataclass(frozen=True, slots=True)
class Borta:
    """A deltagande that is nobody's any more. insats: its key. erased: removed for good, or locked for want of a
    gallringsbeslut."""

    insats: int
    erased: bool


def removed_or_locked(deltagande: uuid.UUID) -> Borta | None:
    """Where a deltagande of the actor's insatser was and how its identity went; None while it is there or out of scope.

    For the second press of what removes it, which no scoped query finds any more. Tells nothing of who it was.
    """
    gone = Q(avidentifierad__isnull=False) | Q(identitet__begransad__isnull=False)
    own = Deltagande.unscoped.filter(gone, pk=deltagande, insats__in=own_insats_ids(require_actor()))
    row = own.values_list("insats", "avidentifierad").first()
    return None if row is None else Borta(row[0], row[1] is not None)


def remove_identity(
    deltaganden: Sequence[uuid.UUID] | dict[uuid.UUID, Deltagande], orsak: str, now: dt.datetime
) -> None:
    """Remove (or, without a gallringsbeslut, lock) the identities of deltaganden that the caller may change."""
    _remove_identities(dict.fromkeys(deltaganden, orsak), now)


def _remove_identities(orsaker: Mapping[uuid.UUID, str], now: dt.datetime) -> None:
    """The same with an orsak for each. All in one go, whatever their orsaker: who locked the rows of one orsak and
    came back for those of the next could wait for somebody who has locked them all in the order that everybody has.
    """
    ids = list(orsaker)
    if not ids:
        return
    where = _locked(ids)  # who was asked by the person has them locked already
    decision = erasure_decision()
    under = f"enligt gallringsbeslut {decision}" if decision else "spärrat i väntan på gallringsbeslut"
    for orsak in sorted(set(orsaker.values())):
        theirs = [(pk, insats) for pk, insats in where.items() if orsaker[pk] == orsak]
        log_by_insats(
            Handling.AVIDENTIFIERAT, "deltagande", theirs, syfte=f"{Avidentifiering(orsak).label}, {under}"
        )
    remove_drafts_about(ids, by_number=False)
    identiteter = Identitet.unscoped.filter(deltagande__in=ids)
    if not decision:
        for orsak in set(orsaker.values()):
            whose = [pk for pk in ids if orsaker[pk] == orsak]
            identiteter.filter(deltagande__in=whose).update(begransad=now, begransad_orsak=orsak)
        return
    told = list(identiteter.values_list("deltagande", "begransad", "person", "samtycke"))
    # Whoever was locked has been avidentifierad since then: every uttag as of later has counted it so.
    locked = {deltagande: begransad for deltagande, begransad, *_ in told if begransad}
    samtycken = [samtycke for *_, samtycke in told]
    # Locked in the order in which whoever marks several at once locks them.
    receipts = Samtycke.unscoped.filter(pk__in=samtycken).order_by("pk")
    list(receipts.select_for_update(of=("self",)).values_list("pk", flat=True))
    # Locked, so that of two who remove a person's last identities at once the later sees that none is left.
    persons = list(
        Person.unscoped.filter(pk__in={person for _, _, person, _ in told})
        .order_by("pk")
        .select_for_update(of=("self",))
        .values_list("pk", flat=True)
    )
    Samtyckesskanning.unscoped.filter(samtycke__in=samtycken).delete()
    Svar.unscoped.filter(deltagande__in=ids).delete()
    # The tie goes first: the guard refuses to blank a version that is still tied to a person. Rows of frozen uttag that
    # point at the identity go with it.
    identiteter.delete()
    forget(ids)
    for model, about in (
        (Inregistrering, Q(deltagande__in=ids)),
        (Utregistrering, Q(deltagande__in=ids)),
        (Samtyckesandring, Q(samtycke__in=samtycken)),
    ):
        model.unscoped.filter(about).update(**dict.fromkeys(guard_of(model).erasable))
    # Code, days and version are the receipt (DOMAIN §4); who took the paper and its language only narrow down whose.
    receipts.update(sprak="", mottaget_av=None)
    since = ([locked.get(pk, now), orsaker[pk], pk] for pk in ids)
    update_many(Deltagande, ["avidentifierad", "avidentifierad_orsak"], since)
    Person.unscoped.filter(Q(pk__in=persons) & Q(identiteter__isnull=True)).delete()


def _locked(deltaganden: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Lock the deltaganden, by key and before the persons, as everybody does; gives the insats of each."""
    rows = Deltagande.unscoped.filter(pk__in=list(deltaganden)).order_by("pk")
    return dict(rows.select_for_update(of=("self",)).values_list("pk", "insats_id"))


def goes_on(identitet: Identitet, day: dt.date) -> bool:
    """Whether withdrawal and protection on that day end the deltagande: it is open, or its last day is later."""
    last = identitet.slutdatum
    return not identitet.felregistrerad and (last is None or last > max(day, identitet.startdatum))


def _end(deltaganden: Iterable[Deltagande], anledning: str | None, now: dt.datetime) -> None:
    """End today what goes on; what was to begin later, as it begins."""
    user_id = require_actor().user.pk
    versions, rows, periods = [], [], []
    for one in deltaganden:
        known, last = one.aktuell_ut, max(local_day(now), known_start(one))
        if known and (known.felregistrering or known.slutdatum is None or known.slutdatum <= last):
            continue
        version = out_version(
            one, known.nr + 1 if known else 1, UtUppgifter(slutdatum=last, avslutsanledning=anledning),
            registrerad=now, mottagen=now, user_id=user_id, kon=one.aktuell_in.kon,
            fodelsear=one.aktuell_in.fodelsear, kommun_id=one.aktuell_in.kommun_id,
        )  # fmt: skip
        versions.append(version)
        # The last year of every version: as of a time before, it was still to go on to the last day known then.
        rows.append([version.pk, one.forst_ut or now, max(last.year, one.senaste_slut_ar or 0), one.pk])
        periods.append([last, one.pk])
    insert_many(Utregistrering, versions)
    update_many(Deltagande, ["aktuell_ut", "forst_ut", "senaste_slut_ar"], rows)
    # Without a gallringsbeslut the identitet stays, locked; open, it would bar the person from the insats for ever.
    update_many(Identitet, ["slutdatum"], periods, key="deltagande")
