"""What is stored of the deltaganden of a file: digests of their versions, and whose they are."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from ..models import FELREGISTRERING, Deltagande, Inregistrering, Nummerhash, Utregistrering
from .beside import Beside, load_beside
from .rows import IN_FIELDS, UT_FIELDS, digest
from .traces import NO_TIME, Traces, demo_of, microseconds

CHUNK = 5000
_BEHOVSGRUPP = IN_FIELDS.index("behovsgrupp")


class Meaning(Enum):
    """What one part of a row is. `VERSION_NOW`: known from the time of the import, not from the row's own."""

    NOTHING = 0
    VERSION = 1
    VERSION_NOW = 2
    CONFLICT = 3


@dataclass(slots=True)
class Part:
    """The versions of one part, stored ones first: what is newest, and what has been said when.

    late: the last content that becomes known by the import, older than what is stored. It is never the newest here, so
    that it does not make the rows after it late too.
    """

    by_time: dict[int, bytes] = field(default_factory=dict)
    contents: set[bytes] = field(default_factory=set)
    newest: int = NO_TIME
    newest_content: bytes = b""
    late: bytes = b""

    def append(self, time: int, content: bytes) -> None:
        """A version that is the newest from now on."""
        self.by_time[time] = content
        self.contents.add(content)
        self.newest, self.newest_content = time, content

    def meet(self, time: int, content: bytes) -> Meaning:
        """What a row's part means beside the versions so far; a new version is remembered."""
        if time in self.by_time:
            return Meaning.NOTHING if self.by_time[time] == content else Meaning.CONFLICT
        if content == self.newest_content:
            return Meaning.NOTHING
        if time > self.newest:
            self.append(time, content)
            return Meaning.VERSION
        if content in self.contents or content == self.late:
            return Meaning.NOTHING
        self.by_time[time] = self.late = content
        return Meaning.VERSION_NOW


@dataclass(slots=True)
class Stored:
    """A stored deltagande, as far as an import needs to know it. behovsgrupp: whether any version has one.

    starts, sluts: (time, ordinal of the day) of every version; the day is 0 where there is none that counts.
    first_year, last_year: of the earliest start and the latest slut of any version, as an uttag looks for them.
    """

    pk: uuid.UUID
    insats_id: str
    gone: bool
    person: uuid.UUID | None
    undertecknat: dt.date | None
    first_year: int
    last_year: int | None
    first_in: int = NO_TIME
    demo: int = 0
    start: int = 0
    slut: int = 0
    felregistrering: bool = False
    has_ut: bool = False
    behovsgrupp: bool = False
    starts: list[tuple[int, int]] = field(default_factory=list)
    sluts: list[tuple[int, int]] = field(default_factory=list)
    ins: Part = field(default_factory=Part)
    uts: Part = field(default_factory=Part)
    beside: Beside = field(default_factory=Beside)

    @property
    def last_known(self) -> int:
        """When the newest of its versions was known."""
        return max(self.ins.newest, self.uts.newest)


def load_stored(ids: Sequence[str], traces: Traces) -> dict[str, Stored]:
    """The stored deltaganden of these ids with the digests of their versions. traces: of the file."""
    rows = Deltagande.unscoped.filter(deltagande_id__in=ids).values_list(
        "pk", "deltagande_id", "insats__insats_id", "avidentifierad", "identitet__begransad", "identitet__person_id",
        "identitet__undertecknat", "tidigaste_start_ar", "senaste_slut_ar",
    )  # fmt: skip
    found: dict[str, Stored] = {}
    by_pk: dict[uuid.UUID, Stored] = {}
    for pk, deltagande_id, insats_id, gone, locked, *known in rows:
        found[deltagande_id] = by_pk[pk] = Stored(pk, insats_id, bool(gone or locked), *known)
    ins = Inregistrering.unscoped.filter(deltagande__in=by_pk).order_by("registrerad", "nr")
    for pk, registrerad, kon, fodelsear, *content in ins.values_list(
        "deltagande_id", "registrerad", "kon", "fodelsear", *IN_FIELDS
    ):
        one = by_pk[pk]
        one.demo = demo_of(kon, fodelsear)
        one.start = content[1].toordinal() if content[1] else 0
        one.behovsgrupp = one.behovsgrupp or bool(content[_BEHOVSGRUPP])
        time = microseconds(registrerad)
        one.starts.append((time, one.start))
        one.first_in = time if one.first_in == NO_TIME else one.first_in
        one.ins.append(time, digest(content) + one.demo.to_bytes(2, "little"))
    uts = Utregistrering.unscoped.filter(deltagande__in=by_pk).order_by("registrerad", "nr")
    for pk, registrerad, *content in uts.values_list("deltagande_id", "registrerad", *UT_FIELDS):
        one = by_pk[pk]
        one.has_ut, one.felregistrering = True, content[1] == FELREGISTRERING
        one.slut = content[0].toordinal() if content[0] else 0
        time = microseconds(registrerad)
        one.sluts.append((time, 0 if one.felregistrering else one.slut))
        one.uts.append(time, digest(content))
    alive = {one.pk: key for key, one in found.items() if not one.gone}
    for key, beside in load_beside(alive, traces).items():
        found[key].beside = beside
    return found


def stored_persons(hashes: Iterable[bytes]) -> dict[bytes, tuple[uuid.UUID, bool]]:
    """hash → (person, True if it is the person's present number), of those that are stored."""
    keys = list(hashes)
    found: dict[bytes, tuple[uuid.UUID, bool]] = {}
    for at in range(0, len(keys), CHUNK):
        rows = Nummerhash.unscoped.filter(hash__in=keys[at : at + CHUNK]).values_list(
            "hash", "person_id", "aktuell"
        )
        found.update((bytes(key), (person, present)) for key, person, present in rows)
    return found
