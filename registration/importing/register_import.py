"""`import_register`: moving a register in (FORMATS §1). All is checked first; one bad row and nothing is written."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path

from django.db import OperationalError, connection, transaction
from django.db.models import Model

from finsam_site.access.lock_waits import waited_too_long
from finsam_site.bulk import seldom_collected

from ..models import Anonyma, Deltagande, Forbund, Identitet, Insats, Nummerhash, Samtycke, Volym
from ..rules.checks import local_day
from ..rules.clock import database_now, writing_since
from ..rules.doors import require_national
from ..rules.facts import load_facts
from ..rules.ownership import sync_ownership
from .columns import (
    ANONYMA,
    AVIDENTIFIERADE,
    DELTAGANDEN,
    FORBUND,
    FORBUND_AR,
    FORBUND_KOMMUN,
    INSATS_AR,
    INSATSER,
    SAMTYCKESFORMULAR,
    VOLYM,
)
from .counting import CountImport
from .deltaganden import DeltagandeImport
from .describing import Described, DescriptionChecker, Kept
from .erased import ErasedImport
from .findings import Findings
from .late import Late
from .reading import TableReader
from .reports import Count, ImportResult
from .sources import Source, SourceFault, spec_meant
from .traces import Traces
from .world import World

Progress = Callable[[int, int, str], None]
"""Told of (rows of deltaganden done, all of them or 0, what is being done). It may raise, to cancel."""

WAITS = "Väntar på dem som registrerar"
CHECKS = "Kontrollerar raderna"
READS_IN = "Läser in raderna"

_DESCRIPTIVE = (SAMTYCKESFORMULAR, FORBUND, FORBUND_KOMMUN, INSATSER, INSATS_AR, FORBUND_AR)
_ONE_SECOND = dt.timedelta(seconds=1)
_LOCKED = (Deltagande, Samtycke, Identitet, Nummerhash, Anonyma, Volym, Insats, Forbund)
_LOCK_TRY_MS = 100
"""So long one table is waited for; for all of them less than a second, after which PostgreSQL looks for deadlocks."""
_LONGEST_PAUSE = 1.0  # seconds
_WAIT_SECONDS = 300.0
"""So long writers are waited for, as an uttag waits for them."""
_STILL_WRITING = (
    "Någon skriver fortfarande i registret. Ingenting är inläst. Läs in registret igen om en stund. Händer det igen, "
    "kontakta supporten."
)
_VACUUM_TRY_MS = 2000
"""More than the second (deadlock_timeout) after which PostgreSQL stops an autovacuum that somebody waits for."""
_TRIES_BETWEEN = 5


class ImportAborted(Exception):
    """The import cannot be carried through. The Swedish text says what to do; nothing was written."""


def import_register(
    source: Path | str,
    *,
    check_only: bool = False,
    keep_warnings: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Check the register in `source` (a folder or an .xlsx) and, when nothing is wrong, write it.

    Runs inside `acting_as`, in that one transaction; the caller rolls back when this raises. progress: called now and
    then with (rows of deltaganden done, all of them or 0 while that is not known, what is being done), over both
    passes. Raises ImportAborted when `source` cannot be read at all or changes while it is read, and when others have
    not stopped writing for _WAIT_SECONDS. FORMATS §1.
    """
    require_national("läs in register")
    findings = Findings(keep_warnings=keep_warnings)
    try:
        opened = Source(Path(source), findings)
    except SourceFault as fault:
        raise ImportAborted(str(fault)) from fault
    if not check_only:
        _let_nobody_else_write(progress)
    run = _Run(opened, findings, progress)
    with seldom_collected():
        run.check()
    findings.sort()
    result = ImportResult(findings.errors, findings.warnings, findings.warning_counts, {}, check_only)
    if not result.ok:
        return result
    if not check_only:
        with seldom_collected():
            run.write()
        if not opened.unchanged():
            raise ImportAborted("Filerna ändrades under inläsningen. Läs in dem igen när de är färdiga.")
    result.counts, result.late = run.counts(), run.late.told()
    return result


def _let_nobody_else_write(progress: Progress | None) -> None:
    """Keep others from writing until the import ends, so that what was checked is still so when it is written.

    A withdrawal between the two passes would otherwise get its data back. Reading goes on; whoever registers waits.
    (SQLite has one writer anyway.) progress: is told while it waits, so that the import can be cancelled. Raises
    ImportAborted when they go on for too long.

    All tables or none: others come to them in many orders (who registers in writes numbers before deltaganden, who
    corrects locks deltaganden first, a foreign key is looked up at the very end), so that an import which held one
    table while it waited for the next could wait for somebody who waits for it.
    """
    if connection.vendor != "postgresql":
        return
    pause, tries, until = 0.05, 0, time.monotonic() + _WAIT_SECONDS
    while not _locked_all():
        if time.monotonic() > until:
            raise ImportAborted(_STILL_WRITING)
        for model in _LOCKED:
            if progress:
                progress(0, 0, WAITS)
            if tries % _TRIES_BETWEEN == 0:
                _stop_autovacuum(model)
        tries += 1
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
    if progress and tries:
        progress(0, 0, CHECKS)


def _locked_all() -> bool:
    """Lock every table that others write of persons and counts; False, and none is locked, when one was not free.

    EXCLUSIVE shuts out those too who have locked rows and are yet to write them, and foreign keys that look at a row:
    they would wait for the import, and the import for their rows.
    """
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in _LOCKED)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {_LOCK_TRY_MS}")
            cursor.execute(f"LOCK TABLE {tables} IN EXCLUSIVE MODE")
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError as error:
        if not waited_too_long(error):
            raise
        return False
    return True


def _stop_autovacuum(model: type[Model]) -> None:
    """Have an autovacuum of the table stopped, which after a large import goes on for minutes. It comes back.

    PostgreSQL stops it for whoever has waited for it for deadlock_timeout, which no try to lock them all does. This
    lock meets that of an autovacuum, and of nobody who reads or writes rows: none of them waits behind it. It is given
    back at once, so that nothing is held while the next table is waited for. (What a person started, or what prevents
    wraparound, is not stopped.)
    """
    table = connection.ops.quote_name(model._meta.db_table)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {_VACUUM_TRY_MS}")
            cursor.execute(f"LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE")
            transaction.set_rollback(True)
    except OperationalError as error:
        if not waited_too_long(error):
            raise


class _Run:
    """One import: its files, in the order of the format."""

    def __init__(self, source: Source, findings: Findings, progress: Progress | None) -> None:
        self._findings = findings
        self._progress = progress
        self._now = database_now()
        self._world = World.load()
        # All that is told so far is names of files and sheets that are wrong.
        misnamed = {spec_meant(one.file) for one in findings.errors}
        self._world.forbund_whole, self._world.insatser_whole = (
            FORBUND not in misnamed,
            INSATSER not in misnamed,
        )
        self._described: list[Described] = []
        self._counts: dict[str, Count] = {}
        today = local_day(self._now)
        self._readers = {
            table.spec: TableReader(table, findings, today) for table in source.tables.values()
        }  # fmt: skip
        self.late = Late()
        world, now = self._world, self._now
        deltaganden, erased = self._readers.get(DELTAGANDEN), self._readers.get(AVIDENTIFIERADE)
        self._deltaganden = (
            DeltagandeImport(deltaganden, world, findings, now, self.late) if deltaganden else None
        )
        self._erased = ErasedImport(erased, world, findings, now) if erased else None
        self._numbers = [
            (spec, CountImport(self._readers[spec], world, findings, now))
            for spec in (ANONYMA, VOLYM)
            if spec in self._readers
        ]

    def check(self) -> None:
        """The first pass, over every file."""
        checker = DescriptionChecker(self._world, self._findings)
        for spec in _DESCRIPTIVE:
            if spec in self._readers:
                described = checker.read(self._readers[spec])
                self._described.append(described)
                self._counts[spec.filename] = described.count
        checker.finish()
        ids: set[str] = set()
        kept: Kept = Counter()
        if self._deltaganden:
            self._tell_progress(CHECKS, self._deltaganden.check(), 0)
            self._deltaganden.resolve()
            ids.update(self._deltaganden.traces.ids())
            kept = self._deltaganden.kept_outside
        checker.still_outside(ids, kept)
        for _, numbers in self._numbers:
            numbers.check()
            numbers.count_late(self.late)
        if self._erased:
            self._erased.check(self._deltaganden.traces if self._deltaganden else Traces())
            self._erased.count_late(self.late)

    def write(self) -> None:
        """The second pass."""
        since = writing_since()
        for described in self._described:
            self._counts[described.spec.filename] = described.write()
        if self._described:
            sync_ownership()
        facts = load_facts()
        now = max(writing_since(), since + _ONE_SECOND / 1000)
        if self._erased:
            self._erased.write(facts, now)
        if self._deltaganden:
            rows = self._deltaganden.traces.rows
            self._tell_progress(READS_IN, self._deltaganden.write(facts, since, now), rows)
        for _, numbers in self._numbers:
            numbers.write(facts, now)

    def _tell_progress(self, text: str, steps: Generator[int, None, None], before: int) -> None:
        """before: rows of earlier passes; 0 in the first, when nobody knows yet how many there are.

        Who is told may raise, to cancel: then nothing goes on behind that exception.
        """
        with closing(steps):
            for done in steps:
                if self._progress:
                    self._progress(before + done, 2 * before, text)

    def counts(self) -> dict[str, Count]:
        """By file, in the order of the format: what was written, or what would be."""
        counts = dict(self._counts)
        if self._deltaganden:
            counts[DELTAGANDEN.filename] = self._deltaganden.count
        for spec, numbers in self._numbers:
            counts[spec.filename] = Count(numbers.new, 0, numbers.unchanged)
        if self._erased:
            counts[AVIDENTIFIERADE.filename] = Count(self._erased.new, 0, self._erased.unchanged)
        return counts
