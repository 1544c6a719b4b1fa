"""Is an uploaded file a scanned or photographed paper? By its content, never by its name (QUALITY §2, "files in").

PDF, JPEG and PNG. What is two things at once (a PDF that is a zip or a web page too), holds a program or is locked is
refused. Of a photo only what draws the picture is kept: where and when it was taken, with which telephone and by whom,
comments and thumbnails go, all but which side is up. Nothing is decoded; the file is kept encrypted and only ever
handed out as a download.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import Literal

MOST_BYTES = 10 * 1024 * 1024
ALLOWED = "En PDF, JPEG eller PNG. Högst 10 MB."
PHOTOS = "Var och med vilken telefon ett foto är taget tas bort ur filen."

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
    """The scan in `content`; a photo without what a telephone put into it and after it. Raises ScanRefused."""
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


_DRAWS = frozenset({*range(0xC0, 0xD0), 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF}) - {0xC8}
"""Segments that the picture is drawn by: frames, tables, scans, restarts."""
_JFIF, _EXIF, _ADOBE = b"JFIF\0", b"Exif\0\0", b"Adobe"
_JFIF_HEAD, _ADOBE_HEAD = 12, 12  # bytes: without a thumbnail; the whole of what says how colours are stored


def _jpeg(content: bytes) -> bytes:
    """Segment by segment to the end of the image. What does not draw it, and what stands after it, is left out."""
    at, has_size, turned, kept = 2, False, 0, [content[:2]]
    for _ in range(_MOST_PIECES):
        if content[at : at + 1] != b"\xff" or at + 4 > len(content):
            raise ScanRefused(_DAMAGED)
        marker = content[at + 1]
        length = int.from_bytes(content[at + 2 : at + 4])
        has_size = has_size or (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC))
        end = at + 2 + max(length, 2)
        text = content[at + 4 : end]
        if marker == 0xE1 and text.startswith(_EXIF):
            turned = turned or _orientation(text[len(_EXIF) :])
        else:
            kept.append(content[at:end] if marker in _DRAWS else _said(marker, text))
        at = end
        if marker != 0xDA:
            continue
        end = _after_scan(content, at)
        kept.append(content[at:end])
        if content[end + 1] == 0xD9:
            if not has_size:
                raise ScanRefused(_DAMAGED)
            if turned:
                head = 2 if kept[1].startswith(b"\xff\xe0") else 1
                kept.insert(head, _segment(0xE1, _EXIF + _only_orientation(turned)))
            return b"".join([*kept, b"\xff\xd9"])
        at = end
    raise ScanRefused(_DAMAGED)


def _said(marker: int, text: bytes) -> bytes:
    """What is kept of a segment that does not draw: how dense the picture is, and in which colours."""
    if marker == 0xE0 and text.startswith(_JFIF):
        return _segment(marker, text[:_JFIF_HEAD].ljust(_JFIF_HEAD, b"\0") + b"\0\0")
    if marker == 0xEE and text.startswith(_ADOBE):
        return _segment(marker, text[:_ADOBE_HEAD])
    return b""


def _segment(marker: int, text: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(text) + 2).to_bytes(2) + text


_ORIENTATION = 0x0112
_TURNED = range(2, 9)
_SHORT = 3
_MOST_TAGS = 500


def _orientation(tiff: bytes) -> int:
    """How the picture is to be turned (2–8), by its EXIF; 0 when it is upright or nothing sound is said.

    Only the first directory is read, where the tag has to stand (EXIF 2.3, 4.6.4).
    """
    order: Literal["little", "big"] = "little" if tiff.startswith(b"II") else "big"
    if not tiff.startswith((b"II*\0", b"MM\0*")):
        return 0
    at = int.from_bytes(tiff[4:8], order)
    count = int.from_bytes(tiff[at : at + 2], order)
    for place in range(at + 2, at + 2 + 12 * min(count, _MOST_TAGS), 12):
        entry = tiff[place : place + 12]
        if int.from_bytes(entry[:2], order) == _ORIENTATION and int.from_bytes(entry[2:4], order) == _SHORT:
            turned = int.from_bytes(entry[8:10], order)
            return turned if turned in _TURNED else 0
    return 0


def _only_orientation(turned: int) -> bytes:
    """An EXIF that says that and nothing else."""
    entry = _ORIENTATION.to_bytes(2) + _SHORT.to_bytes(2) + (1).to_bytes(4) + turned.to_bytes(2) + b"\0\0"
    return b"MM\0*" + (8).to_bytes(4) + (1).to_bytes(2) + entry + bytes(4)


_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.S)


def _after_scan(content: bytes, at: int) -> int:
    """Where the next marker stands after the data of a scan."""
    found = _MARKER.search(content, at)
    if found is None:
        raise ScanRefused(_DAMAGED)
    return found.start()


_PNG_DRAWS = frozenset({
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"hIST", b"pHYs",
})  # fmt: skip
"""Chunks that the picture is drawn by. Texts, times, profiles, EXIF and what programs put in for themselves are not."""


def _png(content: bytes) -> bytes:
    """Chunk by chunk, each with its check sum; IHDR first, IEND last and nothing after. Only what draws it is kept."""
    at, first, turned, kept = len(_PNG_START), True, 0, [_PNG_START]
    for _ in range(_MOST_PIECES):
        length = int.from_bytes(content[at : at + 4])
        chunk = content[at + 4 : at + 8 + length]
        check = content[at + 8 + length : at + 12 + length]
        if len(check) < 4 or zlib.crc32(chunk) != int.from_bytes(check):
            raise ScanRefused(_DAMAGED)
        if first and not chunk.startswith(b"IHDR"):
            raise ScanRefused(_DAMAGED)
        end, first = at + 12 + length, False
        if chunk[:4] in _PNG_DRAWS:
            kept.append(content[at:end])
        elif chunk.startswith(b"eXIf"):
            turned = turned or _orientation(chunk[4:])
        at = end
        if chunk.startswith(b"IEND"):
            if at != len(content):
                raise ScanRefused(_MIXED)
            if turned:
                kept.insert(2, _chunk(b"eXIf" + _only_orientation(turned)))
            return b"".join(kept)
    raise ScanRefused(_DAMAGED)


def _chunk(named: bytes) -> bytes:
    return (len(named) - 4).to_bytes(4) + named + zlib.crc32(named).to_bytes(4)
