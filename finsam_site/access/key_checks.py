"""Are the configured keys those of this database? Asked once by every process, before anybody acts.

With a wrong encryption key nothing can be read, and with a wrong index key nobody is found and the same person would be
registered as two; both would show long after. So the database keeps a check value of each key that it has met
(`Nyckelkontroll`), never the key: an HMAC with it of a fixed text. `acting_as` asks, so that no request, job or command
can forget to; `migrate` asks and writes, and so does `check --database default`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from .models import Nyckelkontroll

INDEX = "index"
_PREFIX = "kryptering:"
_DOMAIN = b"finsam/nyckelkontroll/1\x00"

_held: set[tuple[tuple[str, bytes], ...]] = set()
"""What this process has found to be right already."""


class WrongKeys(ImproperlyConfigured):
    """The keys are not those of the database. The Swedish text says which, and what to do."""


def name_of(key_id: str) -> str:
    """The name of an encryption key among the check values."""
    return f"{_PREFIX}{key_id}"


def verify_keys() -> None:
    """Raise WrongKeys unless the configured keys are those that the database has met. A key that is new is noted.

    One look per process and set of keys; two processes that note a new key at once are both right or one is refused.
    """
    configured = _check_values()
    said = tuple(sorted(configured.items()))
    if said in _held:
        return
    faults = _faults(configured) or _note(configured)
    if faults:
        raise WrongKeys(" ".join(faults))
    _held.add(said)


def note_keys(using: str = "default", **_: Any) -> None:
    """After a migrate: verify, and note the keys of a new database. Raises WrongKeys."""
    if Nyckelkontroll._meta.db_table in connections[using].introspection.table_names():
        verify_keys()


@register(Tags.database)
def check_keys(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """`check --database default` says what is wrong; nothing where there is no such database or table yet."""
    if "default" not in (databases or ()):
        return []
    if Nyckelkontroll._meta.db_table not in connections["default"].introspection.table_names():
        return []
    return [Error(fault, id="finsam.E001") for fault in _faults(_check_values())]


def _check_values() -> dict[str, bytes]:
    """Name → check value of each configured key. The name is part of the value: it holds for no other id."""
    keys = {name_of(key_id): key for key_id, key in settings.ENCRYPTION_KEYS.items()} | {
        INDEX: settings.INDEX_KEY
    }
    return {
        name: hmac.new(key, _DOMAIN + name.encode(), hashlib.sha256).digest() for name, key in keys.items()
    }


def _faults(configured: dict[str, bytes]) -> list[str]:
    faults = []
    for row in Nyckelkontroll.objects.order_by("namn"):
        value, key_id = configured.get(row.namn), row.namn.removeprefix(_PREFIX)
        if value is None:
            if row.avslutad is None:
                faults.append(
                    f"Nyckeln {key_id} saknas i FINSAM_ENCRYPTION_KEYS, men databasen kan ha uppgifter som bara den "
                    "öppnar. Lägg tillbaka den från nyckelförvaringen. Ska den bort: kör `manage.py rotate_keys`, som "
                    "säger när ingenting behöver den."
                )
        elif not hmac.compare_digest(value, bytes(row.kontroll)):
            faults.append(
                "FINSAM_INDEX_KEY är inte den nyckel som databasens personer finns under. Med en annan hittas ingen, "
                "och samma person skulle registreras som två. Lägg tillbaka nyckeln från nyckelförvaringen."
                if row.namn == INDEX
                else f"Nyckeln {key_id} i FINSAM_ENCRYPTION_KEYS är inte den som databasens uppgifter är krypterade "
                "med. Lägg tillbaka nyckeln från nyckelförvaringen, eller ge den nya ett eget id."
            )
    return faults


def _note(configured: dict[str, bytes]) -> list[str]:
    """Write the keys that are new, and take back into use one that new values are written with; then look again."""
    stored = {row.namn: row for row in Nyckelkontroll.objects.all()}
    new = [
        Nyckelkontroll(namn=name, kontroll=value)
        for name, value in sorted(configured.items())
        if name not in stored
    ]
    current = name_of(next(iter(settings.ENCRYPTION_KEYS)))
    ended = current in stored and stored[current].avslutad is not None
    if ended:
        Nyckelkontroll.objects.filter(namn=current).update(avslutad=None)
    if not new:
        return []
    Nyckelkontroll.objects.bulk_create(new, ignore_conflicts=True)
    return _faults(configured)
