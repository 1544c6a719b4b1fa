"""What a dataskyddsgranskare has found by number, from one request to the next (DOMAIN §2).

`find_person` opens deltaganden within one transaction. What it found is an `Uppslag`: ids and the purpose, never the
number. It is kept, sealed for its user (access/kept.py); each later request opens it again by `reopen`, which asks anew
for role, uppdrag, scope and time. Some minutes without use, or an hour in all, and the search has to be made again, and
so be logged, with a purpose of its own. Where an identity is removed, `forget` takes it out of everybody's searches.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from django.db import models
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone

from finsam_site.access import encryption, kept
from finsam_site.access.acting import log_access, log_by_insats, refuse, require_actor
from finsam_site.access.models import Atkomst, Handling, Resultat
from finsam_site.access.roles import Roll

from ..models import Deltagande, Identitet, Person, Uppdrag
from ..personnummer import Nummer
from ..scope import own_forbund_ids, own_insats_ids
from .change_number import LOGGED
from .reveal import Namn, find_person, within_reach

KIND = "uppslag"
UNUSED = dt.timedelta(minutes=15)
LONGEST = dt.timedelta(hours=1)
_DELTAGANDEN = "deltaganden"


class Syfte(models.TextChoices):
    """Why the person is looked for: chosen and not written, so that the access log can hold no words about anybody."""

    ATERKALLA = "aterkalla", "Personen vill återkalla sitt samtycke"
    SKYDD = "skydd", "Personen har fått skyddade personuppgifter"
    RATTA = "ratta", "Personen vill få en uppgift rättad"
    INSYN = "insyn", "Personen vill veta vem som har tittat"
    ANNAT = "annat", "Personen har frågat om något annat"

    @property
    def in_log(self) -> str:
        label = str(self.label)
        return label[:1].lower() + label[1:]


class UppslagBorta(Exception):
    """What was found is not open any more: too old, another's, or there is no identity left of it."""


@dataclass(frozen=True, slots=True)
class Uppslag:
    """One search. deltaganden: those with an identity, locked ones too. tid: when it was made."""

    id: uuid.UUID
    deltaganden: tuple[uuid.UUID, ...]
    syfte: Syfte
    tid: dt.datetime

    def only(self, deltagande: uuid.UUID) -> Uppslag:
        """For a page that shows one of them."""
        return replace(self, deltaganden=(deltagande,))


@dataclass(frozen=True, slots=True)
class Sedd:
    """One deltagande of the person, opened for the actor. namn: None where the identity is locked."""

    identitet: Identitet
    namn: Namn | None

    @property
    def locked(self) -> bool:
        return self.namn is None


def look_up(nummer: Nummer, syfte: Syfte) -> Uppslag | None:
    """Find a person by number at the person's own request; None when there is nobody in reach. Logged by `find_person`.

    What was found is kept for the actor. Raises AccessRefused (logged) for who is no dataskyddsgranskare.
    """
    found = find_person(nummer, f"sökning: {syfte.in_log}")
    if not found:
        return None
    identiteter = Identitet.unscoped.filter(deltagande__in=found)
    # Waits for whoever removes an identity of the person, or finds that one is another's, at this moment; who does it
    # later finds what is kept here.
    whose = Person.unscoped.filter(pk__in=identiteter.values("person")).select_for_update(no_key=True)
    list(whose.values_list("pk", flat=True))
    theirs = identiteter.filter(person__nummerhashar__hash=encryption.keyed_hash(nummer.digits))
    there = set(theirs.values_list("deltagande", flat=True))
    uppslag = Uppslag(uuid.uuid4(), tuple(one for one in found if one in there), syfte, tid=timezone.now())
    if there:
        keep(uppslag)
    return uppslag if there else None


def keep(uppslag: Uppslag) -> None:
    """Keep it for the actor, in the actor's uppdrag, for as long as it can last."""
    value = {
        _DELTAGANDEN: [str(one) for one in uppslag.deltaganden],
        "syfte": str(uppslag.syfte.value),
        "tid": uppslag.tid.isoformat(),
        "uppdrag": require_actor().uppdrag_id,
    }
    kept.put(KIND, value, lasts=uppslag.tid + LONGEST - timezone.now(), key=uppslag.id)


def forget(gone: Collection[uuid.UUID]) -> None:
    """Take deltaganden whose identities are removed, or turn out to be another's, out of every search that is kept,
    whoever made it: nothing may tell that their rows were one person's. A search with nothing left goes.
    """
    names = {str(one) for one in gone}

    def left(said: kept.Kept) -> kept.Kept | None:
        rest = [one for one in said[_DELTAGANDEN] if one not in names]
        return {**said, _DELTAGANDEN: rest} if rest else None

    kept.change(KIND, left)


def reopen(key: uuid.UUID, *, used: dt.datetime | None = None, sent: bool = False) -> Uppslag:
    """Open what was found to the actor once more, for this transaction. Whoever shows or changes anything logs it.

    Only to the dataskyddsgranskare who found it, in the same uppdrag, in time, and only what is still in reach and has
    its identity. used: when it was used last, None for not since the search. sent: what an open page asks for is
    carried out, which may have taken long to fill in: that it was unused meanwhile closes nothing, the hour does.
    Raises UppslagBorta (logged) otherwise, AccessRefused (logged) for other roles.
    """
    actor = require_actor()
    if actor.roll != Roll.DATASKYDDSGRANSKARE:
        raise refuse(
            "person", KIND, syfte="öppna en sökning",
            message="Bara dataskyddsgranskaren söker på personnummer i hela registret. Kontakta dataskyddsombudet.",
        )  # fmt: skip
    uppslag = _kept(key)
    alive: tuple[uuid.UUID, ...] = ()
    if uppslag is not None and (sent or timezone.now() - max(used or uppslag.tid, uppslag.tid) < UNUSED):
        rows = Deltagande.unscoped.filter(pk__in=uppslag.deltaganden, identitet__isnull=False)
        alive = tuple(within_reach(rows).values_list("pk", flat=True))
    if uppslag is None or not alive:
        log_access(Handling.LAST, "person", [KIND], syfte="öppna en sökning", resultat=Resultat.NEKAT)
        raise UppslagBorta
    actor.opened.update(alive)
    return replace(uppslag, deltaganden=alive)


def _kept(key: uuid.UUID) -> Uppslag | None:
    """What the actor found in the present uppdrag, in time."""
    said = kept.get(KIND, key)
    if said is None or said["uppdrag"] != require_actor().uppdrag_id:
        return None
    ids = tuple(map(uuid.UUID, said[_DELTAGANDEN]))
    return Uppslag(key, ids, Syfte(said["syfte"]), tid=dt.datetime.fromisoformat(said["tid"]))


def look(uppslag: Uppslag, what: str) -> list[Sedd]:
    """The person's deltaganden, newest start first, with names. what: what is looked at, for the access log.

    One row of the access log for each. The numbers stay closed.
    """
    rows = _identiteter(uppslag)
    _log(rows, uppslag, what)
    return [Sedd(one, None if one.begransad else Namn(*one.decrypt_names())) for one in rows]


def live(uppslag: Uppslag) -> list[Identitet]:
    """The identiteter that can be changed or removed, newest start first; nothing of them is decrypted or shown."""
    return [one for one in _identiteter(uppslag) if one.begransad is None]


def who_looked(uppslag: Uppslag) -> tuple[list[Identitet], QuerySet[Any]]:
    """(the deltaganden, the rows of the access log about them), newest first, up to and with the search itself.

    Also about their identity and samtycke, and where the number was changed. Itself one look at each, in the log. A row
    has tid, handling, objekt, objekt_id, syfte and resultat as they stand, and who it was: konto (user name), namn,
    organisation and i_roll, empty where `utifran`: a förbund's granskare is told that the number was changed elsewhere,
    and not by whom, which would tell where else the person is known.
    """
    rows = _identiteter(uppslag)
    _log(rows, uppslag, "vem har tittat")
    about = [
        *(one.deltagande_id for one in rows),
        *(one.pk for one in rows),
        *(one.samtycke_id for one in rows),
    ]
    outside = _number_changed_outside()
    wanted = Q(objekt_id__in=[str(one) for one in about])
    # Each deltagande has a row of its own about it, so that nothing is left out by leaving out the person's.
    number = Q(objekt="person", objekt_id__in=[str(pk) for pk in {one.person_id for one in rows}]) & ~outside
    found = Atkomst.objects.filter(wanted | number, tid__lte=uppslag.tid).order_by("-tid", "-pk")
    who = {
        "konto": "user__anvandarnamn",
        "namn": "user__namn",
        "organisation": "user__organisation",
        "i_roll": "roll",
    }
    told = found.annotate(
        utifran=Case(When(outside, then=Value(True)), default=Value(False)),
        **{name: Case(When(outside, then=Value("")), default=F(column)) for name, column in who.items()},
    )
    return rows, told.values_list(
        "tid", "handling", "objekt", "objekt_id", "syfte", "resultat", "utifran", *who, named=True
    )


def _number_changed_outside() -> Q:
    """Rows of the access log about a number that was changed by somebody who worked for no insats within the actor's
    reach. The system account works for none, and tells nothing of any."""
    actor = require_actor()
    if actor.forbund_id is None:
        return Q(pk__in=[])
    own = Q(forbund__in=own_forbund_ids(actor)) | Q(insats__in=own_insats_ids(actor))
    within = Uppdrag.objects.filter(own).values("pk")
    return Q(handling=Handling.ANDRAT, syfte=LOGGED, uppdrag__isnull=False) & ~Q(uppdrag__in=within)


def _identiteter(uppslag: Uppslag) -> list[Identitet]:
    found = Identitet.objects.filter(deltagande__in=uppslag.deltaganden)
    related = found.select_related("insats", "samtycke", "deltagande__aktuell_in", "deltagande__aktuell_ut")
    return list(related.order_by("-startdatum", "pk"))


def _log(rows: list[Identitet], uppslag: Uppslag, what: str) -> None:
    whose = [(one.deltagande_id, one.insats_id) for one in rows]
    log_by_insats(Handling.LAST, "deltagande", whose, syfte=f"{what}: {uppslag.syfte.in_log}")
