"""A sweep through everything that is stored, for marks of a person (QUALITY §1, "withdrawal, skydd").

    before = sweep({"fornamn": "Marigold", "nummer": "…"})       # mark → the places where it stands
    withdraw_samtycke([…])
    assert sweep({…}) == {"fornamn": set(), "nummer": set()}

It knows no list of tables: it asks the database which tables and columns there are, reads every row, decrypts every
value that is a ciphertext with all keys, unpacks archives and Parquet, opens sessions, and
reads every file under FINSAM_VAR (uploads and lists of import errors are sealed in pieces) and in every storage. A
ciphertext that it cannot read is an error, since nobody could say what is in it.

What it cannot see: pages that the database has freed but not yet overwritten, back-ups, and what is only in memory.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import gzip
import io
import itertools
import json
import re
import tempfile
import unicodedata
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.storage import Storage, storages
from django.db import connection

from finsam_site.access import encryption
from finsam_site.access.models import User
from registration.sealed import SealedReader

Mark = str | bytes | re.Pattern[str]
Places = dict[str, set[str]]

KNOWN_CONTEXTS = (
    *("person.nummer", "identitet.fornamn", "identitet.efternamn", "version.orsak", "uttag.fil"),
    *("undanlagt.uppslag", "undanlagt.kvitto"),
)
"""What stands before the colon where it cannot be told from the names of table and column."""

SEALED_FILES = ("import_report:{file}", "upload:{user}:{file}")
"""The contexts of files that are sealed in pieces (registration/sealed.py)."""

_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}")
_SQLITE = b"SQLite format 3\x00"
_DEEPEST = 8  # archives in archives


class Unreadable(AssertionError):
    """Something is stored that the sweep cannot read. The text names the place, never the value."""


def sweep(marks: Mapping[str, Mark], *, also: Mapping[str, str] | None = None) -> Places:
    """Where each mark stands: `table.column [primary key]` or `file:path`, in both with `!member` of an archive.

    Text is compared without regard to case and to how letters are composed; bytes also as hexadecimal text.
    also: texts from elsewhere (a log) by what to call them. Raises Unreadable.
    """
    found: Places = {name: set() for name in marks}
    wanted = {name: _folded(mark) if isinstance(mark, str) else mark for name, mark in marks.items()}
    everything: list[Iterator[tuple[str, str | bytes]]] = [
        _database(),
        _files(),
        _storages(),
        iter((also or {}).items()),
    ]
    for source in everything:
        for place, value in source:
            for name in _marks_in(value, wanted):
                found[name].add(place)
    return found


def tables_of(places: Iterable[str]) -> set[str]:
    """`table.column` of places in the database, and `file` of the others."""
    return {"file" if place.startswith("file:") else place.split(" ")[0] for place in places}


def code_mark(code: str) -> re.Pattern[str]:
    """A short code as a mark: not as a part of a checksum, an id or a time."""
    return re.compile(rf"(?<![0-9a-z.:-]){re.escape(code)}(?![0-9a-z-])")


def number_marks(digits: str) -> dict[str, Mark]:
    """A number as it may be written, twelve digits or ten, with a hyphen or without; and its look-up hash."""
    return {
        "twelve digits": digits,
        "ten digits": digits[2:],
        "with a hyphen": f"{digits[2:8]}-{digits[8:]}",
        "look-up hash": encryption.keyed_hash(digits),
    }


# --- Looking ---------------------------------------------------------------------------------------------------------


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _marks_in(value: str | bytes, wanted: Mapping[str, Mark]) -> Iterator[str]:
    texts = (
        [value]
        if isinstance(value, str)
        else [value.decode(how, "replace") for how in ("utf-8", "utf-16-le")]
    )
    folded = [_folded(text) for text in texts]
    for name, mark in wanted.items():
        if isinstance(mark, bytes):
            if (isinstance(value, bytes) and mark in value) or any(mark.hex() in text for text in folded):
                yield name
        elif any(mark.search(text) if isinstance(mark, re.Pattern) else mark in text for text in folded):
            yield name


def _unpacked(place: str, raw: bytes, ids: Iterable[str], contexts: Iterable[str], depth: int = 0) -> Iterator[
    tuple[str, str | bytes]
]:  # fmt: skip
    """The bytes themselves and all that is in them: zip, gzip, Parquet; of ciphertext what is in it."""
    if depth > _DEEPEST:
        raise Unreadable(f"{place}: packed too deep to be read")
    if _is_token(raw):
        # What it says is what it opens to. The bytes themselves are random: a short code stands there now and then.
        plain = _decrypted(place, raw, ids, contexts)
        yield from _unpacked(place, plain, ids, contexts, depth + 1)
        return
    yield place, raw
    if raw.startswith(b"PK") and zipfile.is_zipfile(io.BytesIO(raw)):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for name in archive.namelist():
                yield f"{place}!{name}", name
                yield from _unpacked(f"{place}!{name}", archive.read(name), ids, contexts, depth + 1)
    elif raw.startswith(b"\x1f\x8b"):
        yield from _unpacked(place, gzip.decompress(raw), ids, contexts, depth + 1)
    elif raw.startswith(b"PAR1"):
        yield from ((place, text) for text in _parquet(raw))


def _is_token(raw: bytes) -> bool:
    # A look-up hash or a signature may begin like one; so short, one would hold a byte at most.
    if len(raw) <= encryption.HASH_LENGTH:
        return False
    try:
        encryption.key_id(raw)
    except encryption.DecryptionFailed:
        return False
    return True


def _decrypted(place: str, raw: bytes, ids: Iterable[str], contexts: Iterable[str]) -> bytes:
    pairs = (
        f"{one}:{other}" for one, other in itertools.permutations(ids, 2)
    )  # a draft is bound to user and row
    for one in itertools.chain(ids, pairs):
        for prefix in contexts:
            try:
                return encryption.decrypt(raw, context=f"{prefix}:{one}")
            except encryption.DecryptionFailed:
                continue
    raise Unreadable(f"{place}: a ciphertext (key {encryption.key_id(raw)}) that no key and context opens")


def _parquet(raw: bytes) -> Iterator[str]:
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file, duckdb.connect() as con:
        file.write(raw)
        file.flush()
        rows = con.execute("SELECT * FROM read_parquet(?)", [file.name])
        for column in rows.description or []:
            yield str(column[0])
        while row := rows.fetchone():
            yield from (str(value) for value in row if value is not None)


# --- Where -----------------------------------------------------------------------------------------------------------


def _database() -> Iterator[tuple[str, str | bytes]]:
    """Every value of every row of every table and view."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor, include_views=True):
            keys = connection.introspection.get_primary_key_columns(cursor, table) or []
            cursor.execute(f"SELECT * FROM {quote(table)}")  # noqa: S608
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                values = dict(zip(columns, row, strict=True))
                key = ",".join(str(_plain(values[name])) for name in keys)
                for column, value in values.items():
                    yield from _value(f"{table}.{column} [{key}]", table, column, value, values)


def _value(
    place: str, table: str, column: str, value: Any, row: Mapping[str, Any]
) -> Iterator[tuple[str, str | bytes]]:
    if value is None:
        return
    plain = _plain(value)
    ids, contexts = sorted(_ids(row.values())), sorted({*KNOWN_CONTEXTS, *_contexts(table, column)})
    if isinstance(plain, bytes):
        if column.endswith("_krypterat") and plain and not _is_token(plain):
            raise Unreadable(f"{place}: should be a ciphertext and is not")
        yield from _unpacked(place, plain, ids, contexts)
        return
    yield from _text(place, plain, ids, contexts)
    if column == "session_data":
        yield from _session(place, plain)


def _text(
    place: str, text: str, ids: Iterable[str], contexts: Iterable[str]
) -> Iterator[tuple[str, str | bytes]]:
    """A text, and every ciphertext that stands in it as Base64."""
    yield place, text
    for piece in _BASE64.findall(text):
        try:
            raw = base64.urlsafe_b64decode(piece.rstrip("=") + "=" * (-len(piece.rstrip("=")) % 4))
        except (binascii.Error, ValueError):
            continue
        if _is_token(raw):
            yield from _unpacked(place, raw, ids, contexts)


def _session(place: str, data: str) -> Iterator[tuple[str, str | bytes]]:
    """What a session holds."""
    said = SessionStore().decode(data)
    text = json.dumps(said, ensure_ascii=False)
    yield from _text(place, text, sorted(_ids([text, said.get("_auth_user_id")])), ())


def _plain(value: Any) -> str | bytes:
    """A database value as text or bytes."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, dt.date | dt.datetime | dt.time):
        return value.isoformat()
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)


def _ids(values: Iterable[Any]) -> set[str]:
    """What a ciphertext of the row may be bound to: every short value, and every UUID within one, in both spellings."""
    found: set[str] = set()
    for value in values:
        text = "" if isinstance(value, bytes | bytearray | memoryview) or value is None else str(value)
        if 0 < len(text) <= 64:
            found.add(text)
        found.update(str(uuid.UUID(one)) for one in _UUID.findall(text))
    return found


def _contexts(table: str, column: str) -> set[str]:
    """`table.column` as rules name it: with and without the app's name and the ending that says it is encrypted."""
    short = column.removesuffix("_krypterat")
    return {f"{one}.{field}" for one in (table, table.split("_", 1)[-1]) for field in (column, short)}


def _files() -> Iterator[tuple[str, str | bytes]]:
    """Every file under the data folder; a database in a file is read as a database, above.

    The files of that database are never opened here. Closing one would drop every lock that this process has on it;
    the next process to open the database would then take itself for the first and cut the shared index short under
    our feet (SIGBUS).
    """
    root = Path(settings.FINSAM_VAR)
    name = str(connection.settings_dict["NAME"])
    databases = {f"{name}{ending}" for ending in ("", "-wal", "-shm", "-journal")}
    for path in sorted(root.rglob("*")):
        if str(path) in databases:
            continue
        try:
            raw = path.read_bytes() if path.is_file() else None
        except FileNotFoundError:
            continue
        if raw is None:
            continue
        if raw.startswith(_SQLITE):
            raise Unreadable(f"file:{path.name} is a database that nothing reads")
        yield from _file(str(path.relative_to(root)), raw)


def _storages() -> Iterator[tuple[str, str | bytes]]:
    """Every file of every storage that can list its files. One that cannot must keep them in the database."""
    for alias in settings.STORAGES:
        if alias == "staticfiles":
            continue
        storage = storages[alias]
        try:
            names = list(_listed(storage))
        except NotImplementedError:
            if type(storage).__name__ != "DatabaseStorage":
                raise Unreadable(f"the storage {alias} cannot list its files") from None
            continue
        for name in names:
            with storage.open(name) as file:
                yield from _file(f"{alias}/{name}", file.read())


def _listed(storage: Storage, folder: str = "") -> Iterator[str]:
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}{name}" for name in files)
    for name in folders:
        yield from _listed(storage, f"{folder}{name}/")


def _file(name: str, raw: bytes) -> Iterator[tuple[str, str | bytes]]:
    yield f"file:{name}", name
    if Path(name).parts[0] == "sessions":
        yield from _session(f"file:{name}", raw.decode("ascii"))
    if _is_sealed_in_pieces(raw):
        yield from _unpacked(f"file:{name}", _sealed_file(name, raw), (), ())
        return
    yield from _unpacked(
        f"file:{name}", raw, sorted(_ids([name, *Path(name).parts, Path(name).stem])), KNOWN_CONTEXTS
    )


def _is_sealed_in_pieces(raw: bytes) -> bool:
    length = int.from_bytes(raw[:4])
    return len(raw) >= 4 + length > 4 and _is_token(raw[4 : 4 + length])


def _sealed_file(name: str, raw: bytes) -> bytes:
    with tempfile.NamedTemporaryFile() as copy:
        copy.write(raw)
        copy.flush()
        for user, context in itertools.product([0, *User.objects.values_list("pk", flat=True)], SEALED_FILES):
            try:
                with SealedReader.open(
                    Path(copy.name), context.format(user=user, file=Path(name).stem)
                ) as file:
                    return file.read()
            except encryption.DecryptionFailed:
                continue
    raise Unreadable(f"file:{name}: sealed in pieces that no key and context opens")
