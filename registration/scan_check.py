"""Is an uploaded file a scanned or photographed paper? By its content, never by its name (QUALITY §2, "files in").

PDF, JPEG and PNG. What is two things at once (a PDF that is a zip or a web page too), holds a program or is locked is
refused. Nothing is decoded; the file is kept encrypted and only ever handed out as a download.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass

MOST_BYTES = 10 * 1024 * 1024
ALLOWED = "En PDF, JPEG eller PNG. Högst 10 MB."

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
ENDINGS = {PDF: "pdf", JPEG: "jpg", PNG: "png"}

_EMPTY = "Filen är tom. Skanna eller fotografera papperet igen."
TOO_BIG = "Filen är större än 10 MB. Skanna med lägre upplösning, till exempel 150 punkter per tum."
_KIND = "Filen är varken PDF, JPEG eller PNG. Spara skanningen eller fotot som någon av dem."
_HEIC = "Fotot är i formatet HEIC. Spara eller dela det som JPEG och välj den filen."
_DAMAGED = "Filen är skadad eller inte fullständig. Skanna eller fotografera papperet igen."
_MIXED = "Filen innehåller något mer än en bild eller ett dokument. Skanna eller fotografera papperet igen."
_ACTIVE = "PDF-filen innehåller program eller bifogade filer. Skriv ut papperet på nytt till en vanlig PDF."
_LOCKED = "PDF-filen är skyddad med lösenord. Spara den utan lösenord."

_MOST_PIECES = 50_000
_PNG_START = b"\x89PNG\r\n\x1a\n"
_WEB = re.compile(rb"<(?:!doctype\s+html|html|script|iframe|svg|\?php)", re.I)
_PROGRAM = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData)\b")
_DISGUISED = re.compile(rb"/[^\s()<>\[\]{}/%]*#(?:[46][1-9a-fA-F]|[57][0-9aA])")
"""A name with a letter written as its number, which no scanner does."""
_PDF_END = re.compile(rb"startxref\s+\d+\s+%%EOF\s*\Z")


class ScanRefused(Exception):
    """The file is not taken. The Swedish text says why and what to do, without anything from the file."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A sound scan. Its repr says nothing of the content."""

    mediatyp: str
    innehall: bytes

    def __repr__(self) -> str:
        return f"<Scan {self.mediatyp}>"


def check_scan(content: bytes) -> Scan:
    """The scan in `content`; a photo without what a telephone put after it. Raises ScanRefused."""
    if len(content) > MOST_BYTES:
        raise ScanRefused(TOO_BIG)
    if not content:
        raise ScanRefused(_EMPTY)
    if content.startswith(b"%PDF-"):
        scan = Scan(PDF, _pdf(content))
    elif content.startswith(b"\xff\xd8\xff"):
        scan = Scan(JPEG, _jpeg(content))
    elif content.startswith(_PNG_START):
        scan = Scan(PNG, _png(content))
    elif content[4:8] == b"ftyp":
        raise ScanRefused(_HEIC)
    else:
        raise ScanRefused(_KIND)
    if _WEB.search(content) or zipfile.is_zipfile(io.BytesIO(content)):
        raise ScanRefused(_MIXED)
    return scan


def _pdf(content: bytes) -> bytes:
    """Ends as a PDF ends, with nothing after; no password; no program outside its streams."""
    if not _PDF_END.search(content[-1024:]):
        raise ScanRefused(_DAMAGED if b"%%EOF" not in content else _MIXED)
    *closed, last = content.split(b"endstream")
    objects = b"".join([*(one.partition(b"stream")[0] for one in closed), last])
    if re.search(rb"/Encrypt\b", objects):
        raise ScanRefused(_LOCKED)
    if _PROGRAM.search(objects) or _DISGUISED.search(objects):
        raise ScanRefused(_ACTIVE)
    return content


def _jpeg(content: bytes) -> bytes:
    """Segment by segment to the end of the image. What telephones add after it is cut off."""
    at, has_size = 2, False
    for _ in range(_MOST_PIECES):
        if content[at : at + 1] != b"\xff" or at + 4 > len(content):
            raise ScanRefused(_DAMAGED)
        marker = content[at + 1]
        length = int.from_bytes(content[at + 2 : at + 4])
        has_size = has_size or (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC))
        at += 2 + max(length, 2)
        if marker != 0xDA:
            continue
        end = _after_scan(content, at)
        if content[end + 1] == 0xD9:
            if not has_size:
                raise ScanRefused(_DAMAGED)
            return content[: end + 2]
        at = end
    raise ScanRefused(_DAMAGED)


_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.S)


def _after_scan(content: bytes, at: int) -> int:
    """Where the next marker stands after the data of a scan."""
    found = _MARKER.search(content, at)
    if found is None:
        raise ScanRefused(_DAMAGED)
    return found.start()


def _png(content: bytes) -> bytes:
    """Chunk by chunk, each with its check sum; IHDR first, IEND last and nothing after."""
    at, first = len(_PNG_START), True
    for _ in range(_MOST_PIECES):
        length = int.from_bytes(content[at : at + 4])
        chunk = content[at + 4 : at + 8 + length]
        check = content[at + 8 + length : at + 12 + length]
        if len(check) < 4 or zlib.crc32(chunk) != int.from_bytes(check):
            raise ScanRefused(_DAMAGED)
        if first and not chunk.startswith(b"IHDR"):
            raise ScanRefused(_DAMAGED)
        at, first = at + 12 + length, False
        if chunk.startswith(b"IEND"):
            if at != len(content):
                raise ScanRefused(_MIXED)
            return content
    raise ScanRefused(_DAMAGED)
