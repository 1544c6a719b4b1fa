"""Taking an uttag and verifying one: extraction, dataset, tables, hash, frozen file (REPORTS §1, ARCHITECTURE §2)."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from finsam_site.access.acting import acting_as, refuse, require_actor
from finsam_site.access.encryption import DecryptionFailed
from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.bulk import insert_values
from finsam_site.clock import STOCKHOLM
from registration.models import Identitet
from registration.rules.clock import database_now

from ..models import Uttag, UttagRad
from ..tables.compute import TableResult
from ..tables.definitions import DEFINITIONS_VERSION
from . import extraction
from .dataset import (
    DATASET_TABLES,
    drop_raw,
    make_dataset,
    open_duckdb,
    read_dataset,
    read_raw,
    write_dataset,
)
from .frozen import (
    BEFORE,
    NOW,
    FrozenFileChanged,
    FrozenMeta,
    read_frozen,
    read_tables,
    tables_of,
    write_frozen,
)
from .output import content_hash, same_figures
from .progress import PASSES, Progress, RowProgress, counting

FIRST_YEAR = 2004  # lag (2003:1210) came into force on 1 January 2004

WAITS = "Väntar in pågående registreringar"


class UttagRefused(Exception):
    """An uttag that cannot be taken. The text says why in Swedish."""


@dataclass(frozen=True)
class TakenUttag:
    """A stored uttag with its tables at hand."""

    uttag: Uttag
    tables: list[TableResult]

    @property
    def meta(self) -> dict[str, Any]:
        """What the JSON of FORMATS §3 says of the uttag itself."""
        uttag = self.uttag
        return {
            "id": str(uttag.pk),
            "year": uttag.ar,
            "as_of": uttag.as_of.astimezone(STOCKHOLM).isoformat(),
            "taken_at": uttag.taken_at.astimezone(STOCKHOLM).isoformat(),
            "content_hash": uttag.content_hash,
            "software": uttag.software,
            "definitions": uttag.definitions,
        }


def take_uttag(
    user: User,
    year: int,
    as_of: dt.datetime | None = None,
    *,
    uppdrag: Any = None,
    progress: Progress | None = None,
    publish: Callable[[Uttag], None] | None = None,
) -> TakenUttag:
    """Take an uttag of `year` as it was known at `as_of` (None: now), store it frozen, and return it with its tables.

    Nothing can become known before the as-of time once this has begun, except by an import that says so itself.
    `progress` is told how many rows of how many are passed, and what is being done; `publish` gets the stored
    uttag within its transaction, so that a job can be done in the same moment. Raises UttagRefused for a time that is
    not past or a year that no register can hold, AccessRefused for the wrong role, extraction.WritersStillAtWork when
    somebody writes for too long.
    """
    rows = RowProgress(progress)
    rows.begin(WAITS)
    _check_times(year, as_of, database_now())  # what cannot be taken is refused at once, not after the wait
    started = extraction.wait_for_writers(meanwhile=rows.say)
    as_of = as_of or started - dt.timedelta(microseconds=1)
    with acting_as(user, uppdrag, one_snapshot=True) as actor, workplace() as (con, folder):
        if not (actor.system or actor.roll == Roll.NATIONELL_ADMINISTRATOR):
            raise refuse(
                "uttag", year, syfte="ta uttag",
                message="Bara en nationell administratör tar uttag. Kontakta Försäkringskassan.",
            )  # fmt: skip
        rows.begin("Räknar raderna")
        meta = FrozenMeta(year, as_of, "ett_ar_tidigare", a_year_before(as_of))
        fixed = Uttag.objects.filter(ar=year - 1, faststalld__isnull=False).first()
        times = {year: as_of} if fixed else {year: as_of, year - 1: meta.before_as_of}
        rows.rows = extraction.count_rows(times)
        rows.begin("Hämtar årets registreringar", 0, 1)
        extraction.extract(folder / "raw", times, counting(rows.reach, rows.rows))
        identiteter = _identiteter(folder / "raw")
        rows.begin("Läser årets registreringar", 1, 2)
        read_raw(con, folder / "raw", counting(rows.reach, rows.rows))
        rows.begin("Ordnar årets registreringar", 2, 2.5)
        deltaganden = make_dataset(con, NOW, year, as_of, rows.reach)
        rows.begin("Ordnar året före", 2.5, 3)
        if fixed:
            found = _copy_frozen(con, folder / "fixed", fixed, rows)
            meta = replace(meta, before_source="faststalld", before_as_of=found.as_of)
        else:
            make_dataset(con, BEFORE, year - 1, meta.before_as_of, rows.reach)
        drop_raw(con)
        meta = _with_changes(meta)
        rows.begin("Räknar tabellerna", 3, 4)
        tables = tables_of(con, meta, rows.reach)
        if fixed:
            _tell_of_other_rules(tables, fixed)
        rows.begin("Räknar kontrollsumman", 4)
        uttag = Uttag(
            ar=year,
            as_of=as_of,
            taken_at=started,
            taken_by=require_actor().user,
            content_hash=content_hash(year, as_of, tables),
            software=settings.SOFTWARE_VERSION,
            definitions=DEFINITIONS_VERSION,
            noteringar=meta.to_json(),
        )
        rows.begin("Fryser underlaget", 4.1, 4.5)
        write_frozen(con, folder / "frozen", uttag, meta, tables, rows.reach)
        rows.begin("Sparar uttaget", 4.5, PASSES)
        uttag.save(force_insert=True)
        kept = [(uttag.pk, rad, uuid.UUID(identiteter[one])) for rad, one in enumerate(deltaganden, start=1)]
        for some in rows.batches(kept):
            insert_values(UttagRad, ("uttag_id", "rad", "identitet_id"), some)
        rows.begin("Uttaget är klart", PASSES)
        if publish:
            publish(uttag)
    with acting_as(User.objects.system()):
        alive = Identitet.unscoped.filter(pk=OuterRef("identitet"))
        UttagRad.objects.filter(~Exists(alive), uttag=uttag).delete()
    return TakenUttag(uttag, tables)


def verify_uttag(uttag: Uttag) -> list[TableResult]:
    """Compute the tables of a stored uttag anew from its frozen file and hold them against those it was taken with.

    Returns the tables; those that came into the program later are left out. Raises FrozenFileChanged when the file is
    not the one that was frozen, or when a table, which its text names, gives other figures or is not there any more.
    """
    frozen = read_tables(uttag)
    with workplace() as (con, folder):
        meta = read_frozen(con, folder, uttag)
        try:
            computed = tables_of(con, meta)
        except duckdb.Error as error:  # its own text could show values of a row
            raise FrozenFileChanged(
                f"Uttag {uttag.pk} kan inte räknas om av det här programmet, men visas som det togs."
            ) from error
    if (meta.year, meta.as_of) != (uttag.ar, uttag.as_of):
        raise FrozenFileChanged(f"Filen till uttag {uttag.pk} gäller ett annat år eller en annan tid.")
    if frozen is None:
        if content_hash(uttag.ar, uttag.as_of, computed) != uttag.content_hash:
            raise FrozenFileChanged(_other_figures(uttag, []))
        return computed
    anew = {one.id: one for one in computed}
    if differing := [one.id for one in frozen if one.id not in anew or not same_figures(anew[one.id], one)]:
        raise FrozenFileChanged(_other_figures(uttag, differing))
    of = {one.id for one in frozen}
    return [one for one in computed if one.id in of]


def _other_figures(uttag: Uttag, tables: list[str]) -> str:
    where = f" i {', '.join(tables)}" if tables else ""
    because = (
        f" Uttaget räknades med definitioner {uttag.definitions}, programmet har {DEFINITIONS_VERSION}."
        if uttag.definitions != DEFINITIONS_VERSION
        else f" Uttaget räknades av program {uttag.software}, det här är {settings.SOFTWARE_VERSION}."
    )
    return f"Uttag {uttag.pk} ger andra siffror{where} när det räknas om än när det togs.{because}"


def a_year_before(as_of: dt.datetime) -> dt.datetime:
    """The same local date and time one year earlier in Europe/Stockholm; 29 February becomes the 28th."""
    local = as_of.astimezone(STOCKHOLM)
    try:
        return local.replace(year=local.year - 1)
    except ValueError:
        return local.replace(year=local.year - 1, day=28)


@contextmanager
def workplace() -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """A DuckDB in memory and a private temporary folder, both gone afterwards."""
    parent = settings.FINSAM_VAR / "tmp"
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent) as folder, open_duckdb() as con:
        yield con, Path(folder)


def _check_times(year: int, as_of: dt.datetime | None, now: dt.datetime) -> None:
    """Raises UttagRefused when no uttag of `year` as known at `as_of` (None: now) can be taken at `now`."""
    last = now.astimezone(STOCKHOLM).year
    if not FIRST_YEAR <= year <= last:
        raise UttagRefused(f"Året {year} kan inte tas ut. Ange ett år från {FIRST_YEAR} till {last}.")
    if as_of is None:
        return
    if timezone.is_naive(as_of):
        raise ValueError("as_of must know its time zone")
    if as_of >= now:
        raise UttagRefused(
            f"Kunskapstidpunkten {as_of.isoformat(sep=' ', timespec='seconds')} har inte passerat. "
            "Ange en tidigare tid."
        )
    if as_of < dt.datetime(year, 1, 1, tzinfo=STOCKHOLM):
        raise UttagRefused(f"Vid kunskapstidpunkten hade år {year} inte börjat. Ange en senare tid.")


def _identiteter(raw: Path) -> dict[str, str]:
    """deltagande_id → identitet of those that have one, from the same snapshot as the versions."""
    with (raw / "deltaganden.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        deltagande, identitet = header.index("deltagande"), header.index("identitet")
        return {row[deltagande]: row[identitet] for row in rows if row[identitet]}


def _copy_frozen(con: duckdb.DuckDBPyConnection, folder: Path, fixed: Uttag, rows: RowProgress) -> FrozenMeta:
    """Put the year of a fastställt uttag in schema `fore`; returns what the uttag says of itself.

    Raises UttagRefused when its file cannot be read: no other source may stand in for what was fastställt.
    """
    done = counting(rows.reach, 4 * len(DATASET_TABLES))  # two years are read, one is written and read again

    def table_done(_: int) -> None:
        done(1)

    with workplace() as (other, other_folder):
        try:
            found = read_frozen(other, other_folder, fixed, table_done)
        except (FrozenFileChanged, DecryptionFailed) as error:
            raise UttagRefused(
                f"Det fastställda uttaget för {fixed.ar} går inte att läsa, och året före räknas ur det. Kontakta den "
                f"som driver systemet. ({error})"
            ) from error
        write_dataset(other, NOW, folder, table_done)
    read_dataset(con, BEFORE, folder, table_done)
    return found


def _tell_of_other_rules(tables: list[TableResult], fixed: Uttag) -> None:
    """Note each table in which the fastställda uttaget showed other figures of its year than stand here as the year
    before: both years are counted by the rules of today, or no change between them would mean anything.
    """
    shown = {one.id: one for one in read_tables(fixed) or []}
    for result in tables:
        counted = {measure.id for measure in result.table.measures if measure.change is None}
        before = [{**row, "ar": None} for row in result.rows if "ar" in row]
        then = [
            {**row, "ar": None} for row in (shown[result.id].rows if result.id in shown else ())
            if "ar" not in row and row["matt"] in counted
        ]  # fmt: skip
        if result.id in shown and not same_figures(replace(result, rows=before), replace(result, rows=then)):
            result.notes.append(
                f"Det fastställda uttaget för {fixed.ar} visar andra siffror i den här tabellen, eftersom räknesättet "
                "har ändrats sedan dess. Här är båda åren räknade på samma sätt."
            )


def _with_changes(meta: FrozenMeta) -> FrozenMeta:
    """With how much came or went after the as-of time; of the year before where it too is read from the register."""
    year, as_of, before = meta.year, meta.as_of, meta.before_as_of
    earlier = [
        (FrozenMeta.from_json(noteringar), taken)
        for noteringar, taken in Uttag.objects.filter(ar=year).values_list("noteringar", "taken_at")
    ]
    meta = replace(
        meta,
        erased_since=extraction.count_erased_since(year, as_of),
        arrived_late=extraction.count_arrived_late(
            year, as_of, [(one.as_of, taken) for one, taken in earlier]
        ),
    )
    if meta.before_source == "faststalld":
        return meta
    shown = [(one.before_as_of, taken) for one, taken in earlier if one.before_source == meta.before_source]
    return replace(
        meta,
        erased_since_before=extraction.count_erased_since(year - 1, before, since=as_of),
        arrived_late_before=extraction.count_arrived_late(year - 1, before, shown),
    )
