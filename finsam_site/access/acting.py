"""Who acts: every request, task and command runs inside `acting_as` (ARCHITECTURE §2, "Who acts").

`acting_as` opens the transaction and sets the actor. Looks at persons are written to the access log in that
transaction; when it is rolled back, the rows are written again as undone or refused, so that a look is never forgotten.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Protocol

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from ..bulk import insert_values
from .key_checks import verify_keys
from .models import SYSTEM_USERNAME, Arbetsgivare, Atkomst, Handling, Resultat, User
from .roles import Roll


class AccessRefused(Exception):
    """The actor may not do this. The text says so in Swedish and who can help."""


class NoActor(RuntimeError):
    """Code that needs to know who acts ran outside `acting_as`: a fault in the program, not in what a user did."""


class UppdragLike(Protocol):
    """What acting needs to know of an uppdrag (the model lives in `registration`)."""

    id: int
    user: User
    roll: str
    forbund_id: int | None
    insats_id: int | None

    def holds_on(self, day: dt.date) -> bool: ...


@dataclass(frozen=True, slots=True)
class LogEntry:
    """Access-log rows that differ only in their object, kept in case the transaction is rolled back.

    actor: who did it, also where the rows are written anew because the work of an outer actor failed.
    """

    actor: Actor
    tid: dt.datetime
    handling: Handling
    objekt: str
    objekt_ids: tuple[object, ...]
    syfte: str
    insats: int | None
    resultat: Resultat


@dataclass(frozen=True)
class Actor:
    """Who acts, in which role, with which uppdrag. `system` is the account of commands and scheduled jobs.

    uppdrag_id: of several that are worked in together (one förbund, one role) the one that stands for all.
    by_insats: the uppdrag of the role that name an insats: insats → uppdrag, for the access log.
    opened: deltaganden that a dataskyddsgranskare has found by number in this transaction.
    reach: what has been read of how far the actor may reach; as the uppdrag, it is settled once in the transaction.
    """

    user: User
    roll: Roll | None = None
    uppdrag_id: int | None = None
    forbund_id: int | None = None
    insats_id: int | None = None
    system: bool = False
    by_insats: Mapping[int, int] = field(default_factory=dict, repr=False, compare=False)
    opened: set[uuid.UUID] = field(default_factory=set, repr=False, compare=False)
    reach: dict[str, list[int]] = field(default_factory=dict, repr=False, compare=False)
    _log: list[LogEntry] = field(default_factory=list, repr=False, compare=False)

    @property
    def only_insats(self) -> int | None:
        """The insats of an actor who has no other to work in."""
        return self.insats_id if len(self.by_insats) <= 1 else None

    def uppdrag_for(self, insats_id: int | None) -> int | None:
        """The uppdrag that covers what is done in the insats."""
        return self.uppdrag_id if insats_id is None else self.by_insats.get(insats_id, self.uppdrag_id)


_actor: ContextVar[Actor | None] = ContextVar("finsam_actor", default=None)


def current_actor() -> Actor | None:
    """The actor, or None outside `acting_as`, where every scoped query is empty."""
    return _actor.get()


def require_actor() -> Actor:
    """The actor. Raises NoActor outside `acting_as`."""
    actor = _actor.get()
    if actor is None:
        raise NoActor("this must run inside acting_as(user, uppdrag)")
    return actor


def _uppdrag_of(user: User, uppdrag: UppdragLike) -> list[UppdragLike]:
    """All uppdrag that the user has in the role of `uppdrag`, newest first, with the account as it is now."""
    rows = type(uppdrag)._default_manager.filter(user=user.pk, roll=uppdrag.roll)  # type: ignore[attr-defined]
    return list(rows.select_related("user").order_by("-pk"))


def _make_actor(user: User, uppdrag: UppdragLike | None) -> Actor:
    # What the caller holds may be old: the account and the uppdrag are read again, in one query where there are both.
    rows = [] if uppdrag is None else _uppdrag_of(user, uppdrag)
    account = rows[0].user if rows else User.objects.filter(pk=user.pk).first()
    if account is None or not account.is_active:
        raise AccessRefused("Kontot är avslutat. Kontakta behörighetsadministratören.")
    user = account
    if uppdrag is None:
        return Actor(user=user, system=user.anvandarnamn == SYSTEM_USERNAME)
    today = timezone.localdate()
    own = {row.id: row for row in rows if row.holds_on(today)}
    chosen = own.get(uppdrag.id)
    if chosen is None:
        raise AccessRefused("Uppdraget gäller inte i dag. Kontakta den som ger uppdrag i förbundet.")
    if not user.has_role(chosen.roll):
        raise AccessRefused(
            "Kontot har inte den roll som uppdraget kräver. Kontakta behörighetsadministratören."
        )
    if (
        chosen.roll == Roll.DELTAGARANSVARIG
        and user.arbetsgivare == Arbetsgivare.FORBUND
        and not settings.FORBUND_EMPLOYEE_REGISTERS
    ):
        raise AccessRefused("Den som är anställd av ett förbund får inte vara deltagaransvarig.")
    return Actor(
        user=user,
        roll=Roll(chosen.roll),
        uppdrag_id=chosen.id,
        forbund_id=chosen.forbund_id,
        insats_id=chosen.insats_id,
        by_insats={row.insats_id: row.id for row in own.values() if row.insats_id is not None},
    )


@contextmanager
def acting_as(
    user: User, uppdrag: UppdragLike | None = None, *, one_snapshot: bool = False
) -> Iterator[Actor]:
    """Run the block in one transaction as `user` with `uppdrag`.

    Account, role and uppdrag are looked at anew each time, so that a right taken away bites at the next
    request. Without an uppdrag only the system account sees anything. `one_snapshot`: all reads see the
    database as it is at the first of them. Raises AccessRefused when account or uppdrag do not hold, WrongKeys
    when the keys are not those of the database.
    """
    verify_keys()
    outer = _actor.get()
    actor = _make_actor(user, uppdrag)
    token = _actor.set(actor)
    outermost = not connection.in_atomic_block
    try:
        with transaction.atomic():
            if one_snapshot and outermost and connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield actor
    except BaseException:
        _keep_log(actor)
        raise
    finally:
        _actor.reset(token)
        # What was written inside another actor's transaction may yet be undone with that one.
        if outer is not None:
            outer._log.extend(actor._log)


def _keep_log(actor: Actor) -> None:
    """Write the log rows that went with the rolled-back transaction once more."""
    _write(
        replace(entry, resultat=Resultat.AVBRUTET) if entry.resultat == Resultat.UTFORT else entry
        for entry in actor._log
    )


def log_access(
    handling: Handling, objekt: str, objekt_ids: Iterable[object], *, syfte: str = "", insats_id: int | None = None,
    resultat: Resultat = Resultat.UTFORT,
) -> None:  # fmt: skip
    """Write one access-log row per object, in the actor's transaction. Ids are opaque; never a value of a person.

    insats_id: the insats that the objects belong to; the row names the actor's uppdrag there. A purpose longer than
    the column is cut: a look is not lost because somebody explained it at length.
    """
    actor = require_actor()
    insats = insats_id if insats_id is not None else actor.only_insats
    _log(
        actor,
        [LogEntry(actor, timezone.now(), handling, objekt, tuple(objekt_ids), syfte[:200], insats, resultat)],
    )


def log_by_insats(
    handling: Handling, objekt: str, objects: Iterable[tuple[object, int]], *, syfte: str = ""
) -> None:
    """`log_access` of objects in several insatser. objects: (id, insats)."""
    actor, now = require_actor(), timezone.now()
    grouped: dict[int, list[object]] = defaultdict(list)
    for one, insats in objects:
        grouped[insats].append(one)
    _log(actor, [
        LogEntry(actor, now, handling, objekt, tuple(ids), syfte[:200], insats, Resultat.UTFORT)
        for insats, ids in grouped.items()
    ])  # fmt: skip


def _log(actor: Actor, entries: list[LogEntry]) -> None:
    _write(entries)
    actor._log.extend(entries)


LOG_FIELDS = (
    "tid", "user_id", "roll", "uppdrag", "forbund", "insats", "handling", "objekt", "objekt_id", "syfte", "resultat",
)  # fmt: skip


def _write(entries: Iterable[LogEntry]) -> None:
    """All of their rows in one statement, however many insatser they are of."""
    insert_values(Atkomst, LOG_FIELDS, [row for entry in entries for row in _rows(entry)])


def _rows(entry: LogEntry) -> Iterator[tuple[object, ...]]:
    actor = entry.actor
    before = (
        entry.tid,
        actor.user.pk,
        str(actor.roll or ""),
        actor.uppdrag_for(entry.insats),
        actor.forbund_id,
        entry.insats,
    )
    said = (str(entry.handling), entry.objekt)
    for one in entry.objekt_ids:
        yield (*before, *said, str(one)[:64], entry.syfte, str(entry.resultat))


def refuse(objekt: str, objekt_id: object, *, syfte: str, message: str) -> AccessRefused:
    """Log a refused try and return the exception to raise. The row survives the rollback that the exception causes."""
    log_access(Handling.LAST, objekt, [objekt_id], syfte=syfte, resultat=Resultat.NEKAT)
    return AccessRefused(message)
