"""What is taken as the scan of a paper, and what is refused with words within a second (QUALITY §2, "files in")."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from registration.scan_check import JPEG, MOST_BYTES, PDF, PNG, ScanRefused, check_scan
from tests import scans

pytestmark = pytest.mark.both


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
