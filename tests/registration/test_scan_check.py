"""What is taken as the scan of a paper, and what is refused with words within a second (QUALITY §2, "files in")."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from registration.scan_check import JPEG, MOST_BYTES, PDF, PNG, ScanRefused, check_scan
from tests import scans


@pytest.mark.parametrize(
    ("content", "mediatyp"),
    [(scans.pdf(), PDF), (scans.jpeg(), JPEG), (scans.png(), PNG)],
    ids=[PDF, JPEG, PNG],
)
def test_what_scanners_and_telephones_make(content: bytes, mediatyp: str) -> None:
    scan = check_scan(content)
    assert (scan.mediatyp, scan.innehall) == (mediatyp, content)
    assert "PDF" not in repr(scan)


@pytest.mark.parametrize("more", [b"MotionPhoto_Data" * 100, scans.jpeg()], ids=len)
def test_what_a_telephone_puts_after_a_photo_is_cut_off(more: bytes) -> None:
    assert check_scan(scans.jpeg() + more).innehall == scans.jpeg()


MARK = b"Marigolds telefon 59.3293N 18.0686E"


@pytest.mark.parametrize("content", [scans.photo(MARK), scans.picture(MARK)], ids=[JPEG, PNG])
def test_only_what_draws_a_photo_is_kept(content: bytes) -> None:
    """Where it was taken, whose telephone it is, comments, thumbnails and profiles are gone; it is sound still."""
    assert content.count(MARK) > 10
    kept = check_scan(content).innehall
    assert MARK not in kept and b"Marigold" not in kept and b"xmpmeta" not in kept
    assert check_scan(kept).innehall == kept


@pytest.mark.parametrize("turned", range(2, 9))
@pytest.mark.parametrize("little", [False, True])
def test_which_side_is_up_is_kept(turned: int, little: bool) -> None:
    """A telephone held upright turns the picture by EXIF alone."""
    kept = check_scan(scans.jpeg(more=scans.exif(turned, MARK, little=little))).innehall
    only = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0" + bytes([turned, 0, 0, 0, 0, 0, 0])
    assert kept.count(only) == 1 and MARK not in kept
    assert check_scan(scans.picture(MARK, turned)).innehall.count(only[6:]) == 1


@pytest.mark.parametrize(
    "exif",
    [scans.exif(1), scans.exif(0), scans.exif(9), scans.exif(6)[:14], scans.exif(6).replace(b"MM", b"XX")],
    ids=["upright", "0", "9", "cut off", "no tiff"],
)
def test_an_exif_that_says_nothing_goes_whole(exif: bytes) -> None:
    exif = exif[:2] + (len(exif) - 2).to_bytes(2) + exif[4:]
    assert check_scan(scans.jpeg(more=exif)).innehall == scans.jpeg()


def test_how_colours_are_stored_is_kept() -> None:
    """Without it a picture in CMYK or RGB is shown in wrong colours."""
    kept = check_scan(scans.photo(MARK)).innehall
    assert b"\xff\xee\x00\x0eAdobe\0\x64\0\0\0\0\x01\xff" in kept
    assert kept.startswith(b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0")


@pytest.mark.parametrize("end", [b"", b"\r\n", b"\n\n \n"])
def test_blank_lines_after_a_pdf_do_no_harm(end: bytes) -> None:
    assert check_scan(scans.pdf().rstrip() + end).mediatyp == PDF


@pytest.mark.parametrize(
    "filling",
    [b"stream\n", b"endstream", b"/a#20", b"#41", b"startxref", b"<", b"\xff", b"PK\x05\x06"],
    ids=repr,
)
def test_nothing_makes_the_check_slow(filling: bytes) -> None:
    large = scans.pdf(filling * ((MOST_BYTES - 2000) // len(filling)) + b"\n")
    began = time.process_time()
    with suppress(ScanRefused):
        check_scan(large)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("what", scans.HOSTILE)
def test_hostile_files(what: str) -> None:
    content, word = scans.HOSTILE[what]
    began = time.process_time()
    with pytest.raises(ScanRefused) as refused:
        check_scan(content)
    assert time.process_time() - began < 1
    assert word in str(refused.value) and str(refused.value).endswith(".")
