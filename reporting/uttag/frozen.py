"""The frozen file of an uttag: the dataset as Parquet in one zip, encrypted, hashed, never changed (ARCHITECTURE §2).

What is in it: `uttag.json` (year, as-of time, where the year before comes from, notes), `tabeller.json` (the tables as
they were computed, `frozen_tables`) and the folders `nu` and `fore` with one Parquet file per dataset table. Which row
was which deltagande is not in it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb
from django.core.files.base import ContentFile

from finsam_site.access import encryption
from finsam_site.access.sealed_columns import KeyUse

from ..models import Uttag
from ..tables.compute import TableResult, YearBefore, compute_tables
from .dataset import DatasetError, count_dataset, read_dataset, write_dataset
from .frozen_tables import NAME as TABLES
from .frozen_tables import FrozenTable, dump_tables, load_tables
from .output import content_hash
from .progress import counting

NOW, BEFORE = "nu", "fore"
META = "uttag.json"

Source = Literal["faststalld", "ett_ar_tidigare"]


class FrozenFileChanged(Exception):
    """A frozen file that is not what was written. The text says which uttag and what differs."""


@dataclass(frozen=True)
class FrozenMeta:
    """What the tables of an uttag depend on apart from the dataset, and what is said beside them.

    before_source, before_as_of: where the year before comes from. erased_since: deltaganden of the year that were known
    at the as-of time and lost their identity between it and the taking. arrived_late: registrations known at the as-of
    time that an earlier uttag of the year could not have, because they came in after it. `…_before`: the same of the
    year before, where it is read from the register.
    """

    year: int
    as_of: dt.datetime
    before_source: Source
    before_as_of: dt.datetime
    erased_since: int = 0
    arrived_late: int = 0
    erased_since_before: int = 0
    arrived_late_before: int = 0

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        values = self.__dict__ | {
            "as_of": self.as_of.isoformat(),
            "before_as_of": self.before_as_of.isoformat(),
        }
        return dict(sorted(values.items()))

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> FrozenMeta:
        """The reverse of `to_json`."""
        times = {name: dt.datetime.fromisoformat(values[name]) for name in ("as_of", "before_as_of")}
        return cls(**(values | times))


def tables_of(
    con: duckdb.DuckDBPyConnection,
    meta: FrozenMeta,
    reach: Callable[[int, int], None] = lambda done, of: None,
) -> list[TableResult]:
    """Every table from the datasets in `con`, with the notes that tell of what came or went after the as-of time.
    `reach`: as for `compute_tables`.
    """
    before = YearBefore(schema=BEFORE, source=meta.before_source, as_of=meta.before_as_of)
    tables = compute_tables(con, year=meta.year, schema=NOW, before=before, reach=reach)
    notes = next(result.notes for result in tables if result.table.id == "deltagare")
    notes += _changes("", meta.erased_since, meta.arrived_late)
    notes += _changes(f" i {meta.year - 1} års siffror", meta.erased_since_before, meta.arrived_late_before)
    return tables


def _changes(where: str, erased: int, late: int) -> Iterator[str]:
    """Sentences about what came or went after the as-of time. where: in which figures, empty for those of the year."""
    if erased:
        yield (
            f"{_many(erased, 'deltagande', 'deltaganden')} var kända vid uttagets kunskapstidpunkt men har "
            f"förlorat sin identitet sedan dess och räknas här{where} som avidentifierade. Ett uttag som togs tidigare "
            "kan visa dem med personuppgifter."
        )
    if late:
        yield (
            f"{_many(late, 'registrering', 'registreringar')}{where} är inkommen sent: känd enligt sin källa vid "
            "kunskapstidpunkten, men inläst först efter ett tidigare uttag för samma år."
        )


def _many(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def write_frozen(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    uttag: Uttag,
    meta: FrozenMeta,
    tables: Sequence[TableResult],
    reach: Callable[[int, int], None] = lambda done, of: None,
) -> None:
    """Write the datasets in `con` and the tables computed from them as the frozen file of `uttag`, and its name and
    hash on the unsaved row.

    `folder` is a private temporary folder. `reach` is told how many rows of how many are written.
    """
    tick = counting(reach, sum(count_dataset(con, schema) for schema in (NOW, BEFORE)))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(META, json.dumps(meta.to_json()))
        archive.writestr(TABLES, dump_tables(tables), zipfile.ZIP_DEFLATED)
        for schema in (NOW, BEFORE):
            write_dataset(con, schema, folder / schema, tick)
            for path in sorted((folder / schema).iterdir()):
                archive.write(path, f"{schema}/{path.name}")
    content = encryption.encrypt(buffer.getvalue(), context=_context(uttag))
    uttag.fil_sha256 = hashlib.sha256(content).hexdigest()
    uttag.fil.save(f"{uttag.ar}/{uttag.pk}.uttag", ContentFile(content), save=False)


def read_frozen(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    uttag: Uttag,
    tick: Callable[[int], None] = lambda rows: None,
) -> FrozenMeta:
    """Read the frozen file of `uttag` into schemas `nu` and `fore` of `con`; returns what it says of itself.
    `tick` is told of the rows of each table.

    Raises FrozenFileChanged when it is missing, not as it was written, or in a format of another version,
    encryption.DecryptionFailed without its key.
    """
    with _opened(uttag) as archive:
        meta = FrozenMeta.from_json(json.loads(archive.read(META)))
        archive.extractall(folder)
    try:
        for schema in (NOW, BEFORE):
            read_dataset(con, schema, folder / schema, tick)
    except DatasetError as error:
        raise FrozenFileChanged(
            f"Underlaget till uttag {uttag.pk} har ett format som det här programmet inte läser ({error})."
        ) from error
    return meta


def read_tables(uttag: Uttag) -> list[FrozenTable] | None:
    """The tables of `uttag` as they were when it was taken; None in a file from before they were kept there.

    Raises FrozenFileChanged when the file is missing, not as it was written, or of other figures than the stored hash;
    encryption.DecryptionFailed without its key.
    """
    with _opened(uttag) as archive:
        if TABLES not in archive.namelist():
            return None
        tables = load_tables(archive.read(TABLES))
    if content_hash(uttag.ar, uttag.as_of, tables) != uttag.content_hash:
        raise FrozenFileChanged(f"Tabellerna i filen till uttag {uttag.pk} är inte de som uttaget togs med.")
    return tables


@contextmanager
def _opened(uttag: Uttag) -> Iterator[zipfile.ZipFile]:
    try:
        with uttag.fil.storage.open(str(uttag.fil.name)) as file:
            content = file.read()
    except FileNotFoundError as error:
        raise FrozenFileChanged(f"Filen till uttag {uttag.pk} saknas.") from error
    if hashlib.sha256(content).hexdigest() != uttag.fil_sha256:
        raise FrozenFileChanged(
            f"Filen till uttag {uttag.pk} är ändrad eller skadad: kontrollsumman stämmer inte."
        )
    clear = io.BytesIO(encryption.decrypt(content, context=_context(uttag)))
    with zipfile.ZipFile(clear) as archive:
        yield archive


def key_use() -> KeyUse:
    """Which keys the frozen files need. They keep theirs for ever: the hash of an uttag's file is over its bytes."""
    use: KeyUse = Counter()
    for uttag in Uttag.objects.order_by("pk"):
        try:
            with uttag.fil.storage.open(str(uttag.fil.name)) as file:
                use[encryption.key_id_or_none(file.read(encryption.HEAD_LENGTH)) or ""] += 1
        except FileNotFoundError:
            use[""] += 1
    return use


def _context(uttag: Uttag) -> str:
    return f"uttag.fil:{uttag.pk}"
