"""Small sound files as a scanner or a telephone makes them, and hostile ones, with the word that refuses them."""

from __future__ import annotations

import io
import zipfile
import zlib

from registration.scan_check import MOST_BYTES


def pdf(more: bytes = b"") -> bytes:
    """A PDF of one empty page. more: an object put into it."""
    return (
        b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>endobj\n"
        b"4 0 obj<</Length 24>>\nstream\n/JS and <p> in a picture\nendstream endobj\n" + more + b"xref\n0 1\n"
        b"0000000000 65535 f \ntrailer<</Size 5/Root 1 0 R>>\nstartxref\n300\n%%EOF\n"
    )


def _segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2) + content


def jpeg(comment: bytes = b"", *, more: bytes = b"") -> bytes:
    """A JPEG by its structure: two scans, stuffed bytes and restart marks between them. more: segments put into it."""
    frame = _segment(0xC2, bytes([8, 0, 8, 0, 8, 1, 1, 0x11, 0]))
    scan = _segment(0xDA, bytes([1, 1, 0, 0, 63, 0])) + b"\x12\xff\x00\x34\xff\xd0\x56"
    notes = _segment(0xFE, comment) if comment else b""
    return (
        b"\xff\xd8"
        + _segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
        + notes
        + more
        + frame
        + scan
        + more
        + scan
        + b"\xff\xd9"
    )


def tiff(orientation: int, text: bytes = b"", *, little: bool = False) -> bytes:
    """What EXIF is: a directory that says how the picture is turned, and a text (the camera's owner)."""
    order = "little" if little else "big"

    def number(value: int, size: int) -> bytes:
        return value.to_bytes(size, order)  # type: ignore[arg-type]

    owner = number(0xA430, 2) + number(2, 2) + number(len(text), 4) + number(38, 4)
    turned = number(0x0112, 2) + number(3, 2) + number(1, 4) + number(orientation, 2) + b"\0\0"
    start = (b"II*\0" if little else b"MM\0*") + number(8, 4)
    return start + number(2, 2) + turned + owner + number(0, 4) + text


def exif(orientation: int, text: bytes = b"", *, little: bool = False) -> bytes:
    """The segment of a JPEG that holds it."""
    return _segment(0xE1, b"Exif\0\0" + tiff(orientation, text, little=little))


def photo(mark: bytes, orientation: int = 6) -> bytes:
    """A photo as a telephone makes it, with the mark wherever a program may write something."""
    xmp = _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + mark + b"</x:xmpmeta>")
    others = b"".join(_segment(0xE0 + n, b"Program\0" + mark) for n in range(16))
    profile = _segment(0xE2, b"ICC_PROFILE\0\x01\x01" + mark)
    thumbnail = _segment(0xE0, b"JFXX\0\x10" + mark)
    adobe = _segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01" + mark)
    notes = _segment(0xFE, mark)
    return jpeg(mark, more=exif(orientation, mark) + xmp + others + profile + thumbnail + adobe + notes)


def _chunk(name: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + name + content + zlib.crc32(name + content).to_bytes(4)


def png(text: bytes = b"", *, more: bytes = b"") -> bytes:
    """A PNG of one grey point. more: chunks put into it."""
    notes = _chunk(b"tEXt", b"Comment\0" + text) if text else b""
    size = (1).to_bytes(4) * 2 + bytes([8, 0, 0, 0, 0])
    pixels = _chunk(b"IDAT", zlib.compress(b"\0\x80"))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", size) + notes + more + pixels + more + _chunk(b"IEND", b"")


def picture(mark: bytes, orientation: int = 8) -> bytes:
    """A PNG with the mark in every chunk that holds words, and in one of some program's own."""
    names = (b"tEXt", b"iTXt", b"zTXt", b"iCCP", b"tIME", b"prVt", b"dSIG")
    more = b"".join(_chunk(name, b"Author\0" + mark) for name in names)
    return png(mark, more=more + _chunk(b"eXIf", tiff(orientation, mark)))


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.html", "<script>alert(1)</script>")
    return file.getvalue()


HTML = b"<!doctype html><html><script>alert(1)</script></html>"

HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "tom"),
    "too large": (pdf() + b" " * MOST_BYTES, "större än 10 MB"),
    "html named pdf": (HTML, "varken"),
    "svg": (b'<?xml version="1.0"?><svg onload="alert(1)"/>', "varken"),
    "word document": (_zip(), "varken"),
    "program": (b"MZ\x90\0" + b"\0" * 400, "varken"),
    "gif": (b"GIF89a" + b"\0" * 40, "varken"),
    "tiff": (b"II*\0" + b"\0" * 40, "varken"),
    "heic": (b"\0\0\0\x24ftypheic" + b"\0" * 40, "HEIC"),
    "pdf after other things": (b"\n" * 30 + pdf(), "varken"),
    "only the beginning of a pdf": (b"%PDF-1.4\n", "skadad"),
    "html in pdf clothes": (b"%PDF-1.4\n" + HTML, "skadad"),
    "pdf and html": (pdf(b"%" + HTML + b"\n"), "något mer"),
    "pdf and zip": (pdf() + _zip(), "något mer"),
    "pdf with a zip in it": (pdf(b"% " + _zip() + b"\n"), "något mer"),
    "pdf with javascript": (pdf(b"5 0 obj<</S/JavaScript/JS(app.alert(1))>>endobj\n"), "program"),
    "pdf with javascript in disguise": (pdf(b"5 0 obj<</S/#4aavaScript>>endobj\n"), "program"),
    "pdf that starts a program": (pdf(b"5 0 obj<</S/Launch/F(cmd.exe)>>endobj\n"), "program"),
    "pdf with a file in it": (pdf(b"5 0 obj<</Type/EmbeddedFile>>endobj\n"), "program"),
    "pdf with a password": (pdf(b"5 0 obj<</Encrypt 6 0 R>>endobj\n"), "lösenord"),
    "jpeg cut off": (jpeg()[:-6], "skadad"),
    "jpeg without an image": (b"\xff\xd8\xff\xd9", "skadad"),
    "jpeg of marks only": (jpeg()[:-2] + b"\xff" * (MOST_BYTES - 1000), "skadad"),
    "jpeg and zip": (jpeg() + _zip(), "något mer"),
    "jpeg of empty segments": (b"\xff\xd8" + b"\xff\xe0\0\x02" * (2 << 20), "skadad"),
    "jpeg with a script in it": (jpeg(b"<script>alert(1)</script>"), "något mer"),
    "png cut off": (png()[:-6], "skadad"),
    "png with a wrong check sum": (png()[:-20] + b"\x01" + png()[-19:], "skadad"),
    "png and zip": (png() + _zip(), "något mer"),
    "png with php in it": (png(b"<?php system($_GET[0]); ?>"), "något mer"),
    "png of empty chunks": (png()[:33] + _chunk(b"tEXt", b"") * (MOST_BYTES // 13), "skadad"),
    "png of endless length": (b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR", "skadad"),
}
"""What → (the file, a word of the sentence that refuses it)."""
