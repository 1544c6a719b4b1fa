"""Is an uploaded file a register by its form? Looked at before any row is read, and quickly (QUALITY §2, "files in").

Type by content, never by name; parts counted before the archive is opened; nothing unpacked but the first bytes of XML.
"""

from __future__ import annotations

import enum
import os
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO
from xml.parsers import expat

from .importing.columns import FILES

MOST_PARTS = 200
MOST_UNPACKED = 10 * 200 * 1024 * 1024
MOST_TIMES = 10
MOST_TIMES_XLSX = 25
"""The XML of an ordinary workbook is often ten times what it is packed to or more; a bomb a thousand times."""
ALWAYS_ALLOWED = 1 << 20
"""Unpacked bytes that are never too many: a small register may be very even."""

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = b"PK\x05\x06"
_END_SIZE = 22
_MOST_DIRECTORY = 1 << 20
_PROLOG = 1 << 16
_SYMLINK, _TYPE = 0o120000, 0o170000
_FAULTS = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError, struct.error, zlib.error,
)  # fmt: skip

_DAMAGED = "Filen är skadad och går inte att öppna. Spara eller packa den på nytt och försök igen."
_NEITHER = "Filen är varken en xlsx-fil eller en zip-fil med CSV-filer. Välj en sådan fil."
_OLD = "Filen är i Excels äldre format eller skyddad med lösenord. Spara den som xlsx utan lösenord och försök igen."
_MANY = f"Filen består av fler än {MOST_PARTS} delar, och så ser inget register ut. Packa bara registrets egna filer."
_BIG = (
    "Filen blir orimligt stor när den packas upp. Kontrollera att det är rätt fil. Är den det, dela upp registret "
    "eller låt driften läsa in det från kommandoraden."
)
_OUTSIDE = (
    "Zip-filen innehåller sökvägar som leder ut ur den eller länkar. Packa CSV-filerna på nytt, utan mappar."
)
_LOCKED = "Filen är skyddad med lösenord. Spara den utan lösenord och försök igen."
_METHOD = "Zip-filen är packad på ett sätt som inte stöds. Packa den på nytt som en vanlig zip-fil."
_DECLARES = (
    "Filen innehåller egna definitioner (DTD), som inget kalkylprogram skriver. Spara den på nytt som xlsx."
)
_FILES = ", ".join(spec.filename for spec in FILES)


class UploadRefused(Exception):
    """The file is not taken. The Swedish text says why and what to do, without any name from the file."""


class Sort(enum.Enum):
    """What the file is."""

    XLSX = "xlsx"
    CSV = "csv"


@dataclass(frozen=True)
class Checked:
    """What a sound upload is. unpacked: bytes that its files take when they lie open."""

    sort: Sort
    unpacked: int


def check_upload(file: BinaryIO) -> Checked:
    """Look at an upload from its beginning. Raises UploadRefused."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    start = file.read(len(_OLE))
    if start == _OLE:
        raise UploadRefused(_OLD)
    if not start.startswith(_ZIP):
        raise UploadRefused(_NEITHER)
    _count_parts(file, size)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            sort = Sort.XLSX if {"[Content_Types].xml", "xl/workbook.xml"} <= names else Sort.CSV
            unpacked = _check_parts(parts, size, MOST_TIMES_XLSX if sort is Sort.XLSX else MOST_TIMES)
            if sort is Sort.XLSX:
                for part in parts:
                    _check_xml(archive, part)
                return Checked(sort, size)
            csv_parts(archive)
            return Checked(sort, unpacked)
    except _FAULTS as fault:
        raise UploadRefused(_DAMAGED) from fault


def csv_parts(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The files of the format by the names that the importer knows. They stand in the archive itself or in one folder.

    Raises UploadRefused for anything else, but for what a Mac adds by itself.
    """
    known = {spec.filename for spec in FILES}
    found: dict[str, zipfile.ZipInfo] = {}
    folders: set[PurePosixPath] = set()
    for part in archive.infolist():
        path = PurePosixPath(part.filename)
        if part.is_dir() or path.parts[:1] == ("__MACOSX",) or path.name == ".DS_Store":
            continue
        name = path.name.lower()
        if name not in known:
            raise UploadRefused(
                f"Zip-filen innehåller en fil som inte hör till formatet. Filerna heter {_FILES}."
            )
        if name in found:
            raise UploadRefused(f"Zip-filen innehåller två filer som heter {name}. Ta bort den ena.")
        found[name] = part
        folders.add(path.parent)
    if not found:
        raise UploadRefused(f"Zip-filen innehåller inga CSV-filer. Filerna heter {_FILES}.")
    if len(folders) > 1:
        raise UploadRefused("CSV-filerna ligger i olika mappar. Lägg dem i samma mapp och packa den på nytt.")
    return found


def _count_parts(file: BinaryIO, size: int) -> None:
    """Read the end record by ourselves: zipfile would first build an object for each of a million parts."""
    file.seek(max(0, size - 65535 - _END_SIZE))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise UploadRefused(_DAMAGED)
    parts, directory = struct.unpack("<HI", tail[at + 10 : at + 16])
    if parts > MOST_PARTS or directory > _MOST_DIRECTORY:
        raise UploadRefused(_MANY)
    file.seek(0)


def _check_parts(parts: list[zipfile.ZipInfo], size: int, most_times: int) -> int:
    """The unpacked size. Raises UploadRefused."""
    if len(parts) > MOST_PARTS:
        raise UploadRefused(_MANY)
    for part in parts:
        path = PurePosixPath(part.filename.replace("\\", "/"))
        outside = (
            path.is_absolute()
            or ".." in path.parts
            or ":" in part.filename
            or part.orig_filename != part.filename
        )
        if outside or (part.external_attr >> 16) & _TYPE == _SYMLINK:
            raise UploadRefused(_OUTSIDE)
        if part.flag_bits & 0x1:
            raise UploadRefused(_LOCKED)
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UploadRefused(_METHOD)
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    # Parts that share their bytes are packed to more than the file has.
    if packed > size or unpacked > MOST_UNPACKED or unpacked > max(most_times * size, ALWAYS_ALLOWED):
        raise UploadRefused(_BIG)
    return unpacked


class _Begun(Exception):
    """The first element is reached: what could declare anything lies behind."""


def _check_xml(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Raise UploadRefused when an XML part has a document type before its first element, in whatever encoding."""
    if not part.filename.lower().endswith((".xml", ".rels", ".vml")):
        return
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise UploadRefused(_DECLARES)

    def begun(*_: object) -> None:
        raise _Begun

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = begun
    read = 0
    try:
        with archive.open(part) as file:
            while read < _PROLOG and (block := file.read(4096)):
                read += len(block)
                parser.Parse(block, False)
    except _Begun:
        return
    except expat.ExpatError as error:
        raise UploadRefused(_DAMAGED) from error
    raise UploadRefused(_DAMAGED)
