"""What a user has for some minutes, sealed for that user: what was found about a person, a receipt.

    key = put("kvitto", {"koder": […]}, lasts=dt.timedelta(hours=1))     # key: random, may stand in an address
    get("kvitto", key)                                                   # None when it is too old or not ours

Rows of the actor's transaction: what was done and its receipt are there together or not at all, and two requests at
once undo nothing of each other, as they would in a session, which is saved whole. The address says nothing, the table
can be read by nobody without the keys, and another user does not open it. It goes when the user logs out.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from .acting import require_actor
from .encryption import DecryptionFailed
from .models import Undanlagt
from .sealed_columns import open_text, seal_text

MOST = 5
"""So many of one kind a user has; the oldest goes first."""

Kept = Mapping[str, Any]
_SEALED = "innehall_krypterat"


def put(what: str, value: Kept, *, lasts: dt.timedelta, key: uuid.UUID | None = None) -> uuid.UUID:
    """Keep `value` (as JSON can hold it) for the actor; gives its key, a new one where none is given."""
    row = Undanlagt(
        user=require_actor().user, slag=what, nyckel=key or uuid.uuid4(), till=timezone.now() + lasts
    )
    seal_text(row, _SEALED, json.dumps(value))
    row.save(force_insert=True)
    mine = Undanlagt.objects.filter(user=row.user_id, slag=what)
    old = list(mine.order_by("-pk").values_list("pk", flat=True)[MOST:])
    if old:
        _remove(mine.filter(pk__in=old))
    return row.nyckel


def get(what: str, key: uuid.UUID) -> Kept | None:
    """What `put` kept; None when its time is over, it is another's, or no key opens it."""
    mine = Undanlagt.objects.filter(user=require_actor().user.pk, slag=what, nyckel=key)
    row = mine.filter(till__gt=timezone.now()).first()
    return _opened(row) if row else None


def change(what: str, new: Callable[[Kept], Kept | None]) -> None:
    """Take something out of what everybody has of one kind, old rows too. new: gives what shall stand there instead,
    None to drop it. What no key opens is dropped, since nobody can say what is in it.
    """
    for row in Undanlagt.objects.filter(slag=what).order_by("pk").select_for_update():
        value = _opened(row)
        wanted = None if value is None else new(value)
        if wanted is None:
            row.delete()
        elif wanted != value:
            seal_text(row, _SEALED, json.dumps(wanted))
            row.save(update_fields=[_SEALED])


def forget_mine() -> None:
    """The actor logs out."""
    _remove(Undanlagt.objects.filter(user=require_actor().user.pk))


def remove_old() -> int:
    """Remove what nobody can open any more; returns how many."""
    return _remove(Undanlagt.objects.filter(till__lte=timezone.now()))


def _remove(rows: QuerySet[Undanlagt]) -> int:
    """Remove rows, locked in the order in which `change` locks them, so that neither waits for the other for ever.

    In a transaction of its own where there is none: the daily removal runs outside.
    """
    with transaction.atomic(savepoint=False):
        keys = list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))
        return Undanlagt.objects.filter(pk__in=keys).delete()[0]


def _opened(row: Undanlagt) -> Kept | None:
    try:
        value: Kept = json.loads(open_text(row, _SEALED))
    except DecryptionFailed:
        return None
    return value
