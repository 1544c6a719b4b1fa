"""Changing the encryption key: every sealed column is sealed anew with the first key of `ENCRYPTION_KEYS`.

Batches of rows that are not yet sealed with it, each a transaction of its own, until there are none: it may be stopped
and started at any time. A row is locked while it is sealed anew, so nothing that somebody writes meanwhile is lost.
The guard of an append-only table is lifted for a batch under a lock that lets nobody else write to the table
(guards.lifted); what stands there says the same afterwards.

Frozen files of uttag are never touched: their hash is over their bytes. They, and what lies in files, keep their keys,
and `key_uses` says which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from ..bulk import update_many
from . import encryption
from .acting import acting_as, log_access
from .guards import lifted
from .key_checks import name_of
from .models import Handling, Nyckelkontroll, User
from .sealed_columns import KeyUse, context_of, kept_elsewhere, sealed_models

BATCH = 500
"""Rows of one transaction. A withdrawal that meets it waits that long."""

TOGETHER = 20
"""Rows in memory at a time: a scan is some megabytes."""

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Column:
    """A sealed column of a model."""

    model: type[models.Model]
    field: str

    @property
    def label(self) -> str:
        """In Swedish, for whoever rotates keys."""
        return f"{self.model._meta.verbose_name_plural}: {self.field.rpartition('_')[0]}"

    def rows(self) -> models.QuerySet[Any]:
        """Every row with a value, past every scope."""
        manager = getattr(self.model, "unscoped", self.model._default_manager)
        found: models.QuerySet[Any] = manager.filter(**{f"{self.field}__isnull": False})
        return found

    def beginnings(self, length: int) -> models.Func:
        """The first bytes of the value, in which its key is named."""
        return models.Func(
            models.F(self.field),
            models.Value(1),
            models.Value(length),
            function="SUBSTR",
            output_field=models.BinaryField(),
        )

    def stale(self) -> models.QuerySet[Any]:
        """The rows that another key than the present one sealed."""
        header = encryption.current_header()
        rows = self.rows().annotate(sealed_with=self.beginnings(len(header)))
        return rows.exclude(sealed_with=header).order_by("pk")


@dataclass
class Rotated:
    """What a run did. rows: column → sealed anew. unreadable: column → values that no key here opens.

    uses: what → key id → how many values need it now. ended: key ids that nothing needs.
    """

    rows: dict[str, int] = field(default_factory=dict)
    unreadable: dict[str, int] = field(default_factory=dict)
    uses: dict[str, KeyUse] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)


def columns() -> Iterator[Column]:
    """Every sealed column of every model."""
    for model, contexts in sealed_models():
        for name in contexts:
            yield Column(model, name)


def rotate(progress: Progress | None = None) -> Rotated:
    """Seal every sealed column with the present key, and note which keys nothing needs any more.

    progress: called with the label of a column and its rows done, after each batch. Raises WrongKeys when a key that
    is needed is missing or another; `ProgrammingError` on PostgreSQL for a role that does not own the tables.
    """
    result = Rotated()
    end_unneeded(key_uses())
    with acting_as(User.objects.system()):
        log_access(Handling.ANDRAT, "nyckel", [_current_id()], syfte="byte av krypteringsnyckel")
    for column in columns():
        done, after = 0, None
        unreadable = 0
        while True:
            sealed, skipped, after = _seal_batch(column, after)
            if after is None:
                break
            done, unreadable = done + sealed, unreadable + skipped
            if progress:
                progress(column.label, done)
        if done:
            result.rows[column.label] = done
        if unreadable:
            result.unreadable[column.label] = unreadable
    result.uses = key_uses()
    result.ended = end_unneeded(result.uses)
    return result


def key_uses() -> dict[str, KeyUse]:
    """What → key id → how many values need the key. What cannot be read is counted under an empty id."""
    found = {column.label: _use(column) for column in columns()}
    found |= {what: count() for what, count in kept_elsewhere().items()}
    return {what: use for what, use in found.items() if use}


def end_unneeded(uses: dict[str, KeyUse]) -> list[str]:
    """Note the keys that nothing needs, but for the present one: from now on they may be missing. Returns their ids."""
    needed = {key_id for use in uses.values() for key_id in use} | {_current_id()}
    known = {
        row.namn.removeprefix(name_of("")): row
        for row in Nyckelkontroll.objects.filter(namn__startswith=name_of(""))
    }
    ended = sorted(set(known) - needed)
    names = [known[key_id].namn for key_id in ended if known[key_id].avslutad is None]
    Nyckelkontroll.objects.filter(namn__in=names).update(avslutad=timezone.now())
    return ended


def _current_id() -> str:
    return next(iter(settings.ENCRYPTION_KEYS))


def _use(column: Column) -> KeyUse:
    heads = column.rows().annotate(head=column.beginnings(encryption.HEAD_LENGTH))
    return Counter(
        encryption.key_id_or_none(head) or ""
        for head in heads.order_by().values_list("head", flat=True).iterator()
    )


def _seal_batch(column: Column, after: Any) -> tuple[int, int, Any]:
    """(sealed, unreadable, the last primary key looked at or None when there was nothing) of the next rows."""
    with transaction.atomic(), lifted(column.model):
        rows = column.stale() if after is None else column.stale().filter(pk__gt=after)
        keys = list(rows.select_for_update(of=("self",)).values_list("pk", flat=True)[:BATCH])
        sealed = 0
        for at in range(0, len(keys), TOGETHER):
            new = []
            for row in column.rows().filter(pk__in=keys[at : at + TOGETHER]):
                token = getattr(row, column.field)
                try:
                    new.append([encryption.reencrypt(token, context_of(row, column.field)), row.pk])
                except encryption.DecryptionFailed:
                    continue
            update_many(column.model, [column.field], new)
            sealed += len(new)
    return sealed, len(keys) - sealed, keys[-1] if keys else None
