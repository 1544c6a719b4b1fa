"""What is remembered of each row of `deltaganden.csv` between the passes: about 200 bytes, and nothing that says who.

The number is only its keyed hash, the content and the names only digests.
"""

from __future__ import annotations

import datetime as dt
import secrets
import struct
from collections.abc import Iterator
from hashlib import blake2b
from typing import NamedTuple

from finsam_site.access import encryption

from ..models import FELREGISTRERING
from .reading import Row
from .rows import has_out, in_digest, in_readable, ut_digest, ut_readable

NO_TIME = -(2**62)
UNSAID = bytes(8)
"""The digest of a name or a reference code that is not there."""

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_PACKED = struct.Struct("<IB32siiiiqq16s16sH8s8s8s8sii")
_NO_HASH, _NO_DIGEST = bytes(32), bytes(16)
_OUT, _FEL, _KON_SAID, _IN_READABLE, _UT_READABLE, _OTHER_KON, _BEHOVSGRUPP = 1, 2, 4, 8, 16, 32, 64


class Trace(NamedTuple):
    """A row, as far as other rows and stored versions need to know it. Times are microseconds from 1970, UTC.

    insats: a number for the insats_id, -1 unreadable. start, slut, samtycke: ordinals of days, 0 unreadable or empty.
    t_in, t_ut: `NO_TIME` unreadable or empty. demo: kön and birth year as one number. fornamn, efternamn, kod, form:
    digests of the names, the reference code and the version of its form, `UNSAID` empty. skickat, mottaget: ordinals of
    days, 0 empty.
    """

    row: int
    flags: int
    hash: bytes
    insats: int
    start: int
    slut: int
    samtycke: int
    t_in: int
    t_ut: int
    in_digest: bytes
    ut_digest: bytes
    demo: int
    fornamn: bytes
    efternamn: bytes
    kod: bytes
    form: bytes
    skickat: int
    mottaget: int

    @property
    def has_out(self) -> bool:
        return bool(self.flags & _OUT)

    @property
    def felregistrering(self) -> bool:
        return bool(self.flags & _FEL)

    @property
    def kon_said(self) -> bool:
        """True when the row says kön or birth year itself, apart from the number."""
        return bool(self.flags & _KON_SAID)

    @property
    def other_kon(self) -> bool:
        """True when it is not the kön or the birth year of the number."""
        return bool(self.flags & _OTHER_KON)

    @property
    def behovsgrupp(self) -> bool:
        """True when the row says a behovsgrupp."""
        return bool(self.flags & _BEHOVSGRUPP)

    @property
    def in_readable(self) -> bool:
        return bool(self.flags & _IN_READABLE)

    @property
    def ut_readable(self) -> bool:
        return bool(self.flags & _UT_READABLE)

    @property
    def has_person(self) -> bool:
        return self.hash != _NO_HASH


class Traces:
    """The traces of a file by deltagande_id."""

    def __init__(self) -> None:
        self._packed: dict[str, bytes] = {}
        self._insatser: dict[str, int] = {}
        self.insats_names: list[str] = []
        self.rows = 0
        self.any_names = False
        self.any_receipts = False
        self.any_behovsgrupp = False
        self._key = secrets.token_bytes(16)

    def __len__(self) -> int:
        return len(self._packed)

    def __contains__(self, deltagande_id: object) -> bool:
        return deltagande_id in self._packed

    def ids(self) -> list[str]:
        """Every deltagande_id, in the order of the file."""
        return list(self._packed)

    def of(self, deltagande_id: str) -> Iterator[Trace]:
        """The rows of a deltagande, in the order of the file."""
        return (Trace(*fields) for fields in _PACKED.iter_unpack(self._packed[deltagande_id]))

    def insats_number(self, insats_id: str) -> int:
        """The number that traces name the insats by."""
        number = self._insatser.get(insats_id)
        if number is None:
            number = self._insatser[insats_id] = len(self.insats_names)
            self.insats_names.append(insats_id)
        return number

    def seal(self, text: str | None) -> bytes:
        """A digest that is equal when the text is, under a key that nobody has after this import."""
        return blake2b(text.encode(), digest_size=8, key=self._key).digest() if text else UNSAID

    def add(self, row: Row) -> None:
        """Remember a row. One without a readable id is only counted."""
        self.rows += 1
        values = row.values
        deltagande_id = values["deltagande_id"]
        if deltagande_id is None:
            return
        out, in_part, ut_part = has_out(row), in_readable(row), ut_readable(row)
        nummer, said = values["personnummer"], bool(values["kon"] or values["fodelsear"])
        demo = 0
        if nummer:
            demo = demo_of(values["kon"] or nummer.kon, values["fodelsear"] or nummer.birth_year)
        other = nummer is not None and demo != demo_of(nummer.kon, nummer.birth_year)
        flags = out * _OUT | (values["avslutsanledning"] == FELREGISTRERING) * _FEL | said * _KON_SAID
        flags |= in_part * _IN_READABLE | ut_part * _UT_READABLE | other * _OTHER_KON
        flags |= bool(values["behovsgrupp"]) * _BEHOVSGRUPP
        packed = _PACKED.pack(
            row.number,
            flags,
            encryption.keyed_hash(nummer.digits) if nummer else _NO_HASH,
            self.insats_number(values["insats_id"]) if values["insats_id"] else -1,
            _ordinal(values["startdatum"]),
            _ordinal(values["slutdatum"]),
            _ordinal(values["samtyckesdatum"]),
            microseconds(values["registrerad_in"]),
            microseconds(values["registrerad_ut"]),
            in_digest(values) if in_part else _NO_DIGEST,
            ut_digest(values) if ut_part else _NO_DIGEST,
            demo,
            self.seal(values["fornamn"]),
            self.seal(values["efternamn"]),
            self.seal(values["referenskod"]),
            self.seal(values["samtyckesversion"] if values["referenskod"] else None),
            _ordinal(values["original_skickat"]),
            _ordinal(values["original_mottaget"]),
        )
        self.any_names = self.any_names or bool(values["fornamn"] or values["efternamn"])
        self.any_receipts = self.any_receipts or bool(values["referenskod"])
        self.any_behovsgrupp = self.any_behovsgrupp or bool(values["behovsgrupp"])
        before = self._packed.get(deltagande_id)
        self._packed[deltagande_id] = packed if before is None else before + packed


def demo_of(kon: str, fodelsear: int | None) -> int:
    """Kön and birth year as one small number."""
    return (fodelsear or 0) * 2 + (kon == "M")


def microseconds(moment: dt.datetime | None) -> int:
    """Microseconds from 1970 UTC, `NO_TIME` for None."""
    return NO_TIME if moment is None else (moment - EPOCH) // _MICROSECOND


def moment_of(microseconds: int) -> dt.datetime:
    """The other way."""
    return EPOCH + microseconds * _MICROSECOND


def _ordinal(day: dt.date | None) -> int:
    return 0 if day is None else day.toordinal()
