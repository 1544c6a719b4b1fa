"""Rows of `deltaganden.csv`: from cells to the plain values of the rules, and what the rules find in one
row by itself.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any

from ..models import ATERKALLAT_SAMTYCKE, IMPORTED_FORM
from ..personnummer import Nummer
from ..rules.checks import (
    check_in,
    check_in_uppgifter,
    check_original,
    check_out,
    local_day,
)
from ..rules.facts import Facts
from ..rules.findings import Finding
from ..rules.register import check_number_allowed
from ..rules.values import InUppgifter, NyttDeltagande, Samtyckesuppgifter, Sysselsattning, UtUppgifter
from .columns import OUT_COLUMNS
from .reading import Row
from .world import World, anything_goes

RECEIPT = ("samtyckesversion", "samtycke_sprak", "original_skickat", "original_mottaget")
"""Columns about the receipt of a samtycke: they need the referenskod."""

_IN_FREE = frozenset({"deltagande_id", "insats_id", "samtyckesdatum", *OUT_COLUMNS})

_NOBODY = Nummer(
    digits="", kind="personnummer", kon="K", birth_year=1980, birth_date=None, checked=dt.date.min
)
_FAR_AWAY = dt.date.min

DIGEST = 16
"""Bytes of a digest of content."""

SYSSELSATTNING_FIELDS = tuple(field.name for field in dataclasses.fields(Sysselsattning))
IN_FIELDS = (
    "kommun_id", "startdatum", "utbildning", "tid_i_forsorjning_manader", "initierad_av", "behovsgrupp", "stadsdel",
    *SYSSELSATTNING_FIELDS,
)  # fmt: skip
UT_FIELDS = ("slutdatum", "avslutsanledning", *SYSSELSATTNING_FIELDS)
"""The fields of a stored version that are its content, in the order of `in_content` and `ut_content`."""


def has_out(row: Row) -> bool:
    """True when any column of the out-part is filled."""
    texts = row.texts
    return any(name in texts for name in OUT_COLUMNS)


def in_readable(row: Row) -> bool:
    """True when every cell of the in-part could be read, so that it can be compared with stored versions."""
    return not (row.faults and row.faults - _IN_FREE)


def ut_readable(row: Row) -> bool:
    """The same of the out-part, where there is one."""
    return has_out(row) and row.faults.isdisjoint(OUT_COLUMNS)


def sysselsattning(values: dict[str, Any], when: str) -> Sysselsattning:
    """The columns that end in `when` (`fore` or `efter`)."""
    return Sysselsattning(
        values[f"forsorjning_{when}"], values[f"arbetar_{when}"], values[f"typ_av_arbete_{when}"],
        values[f"studerar_{when}"], values[f"arbetssokande_{when}"], values[f"inskriven_af_{when}"],
    )  # fmt: skip


def in_part(values: dict[str, Any]) -> InUppgifter:
    """The in-part of a row. A column without a readable value is None, also where a rule needs one."""
    return InUppgifter(
        values["kommunkod"], values["startdatum"], values["utbildning"], values["tid_i_forsorjning_manader"],
        values["initierad_av"], values["behovsgrupp"], values["stadsdel"], sysselsattning(values, "fore"),
    )  # fmt: skip


def ut_part(values: dict[str, Any]) -> UtUppgifter:
    """The out-part of a row."""
    return UtUppgifter(values["slutdatum"], values["avslutsanledning"], sysselsattning(values, "efter"))


def samtycke(values: dict[str, Any]) -> Samtyckesuppgifter:
    """The samtycke of a row. Without a reference code it came from a system that did not say where the original is."""
    kod = values["referenskod"]
    if kod is None:
        return Samtyckesuppgifter(values["samtyckesdatum"], IMPORTED_FORM, inlast=True)
    return Samtyckesuppgifter(
        values["samtyckesdatum"], values["samtyckesversion"] or IMPORTED_FORM, values["samtycke_sprak"] or "sv", kod,
        values["original_skickat"], values["original_mottaget"],
    )  # fmt: skip


def new_deltagande(values: dict[str, Any], *, left: bool = False) -> NyttDeltagande:
    """The row as somebody to be registered in. left: and out again, as the row says."""
    return NyttDeltagande(
        insats_id=values["insats_id"],
        nummer=values["personnummer"],
        fornamn=values["fornamn"] or "",
        efternamn=values["efternamn"] or "",
        samtycke=samtycke(values),
        uppgifter=in_part(values),
        registrerad=values["registrerad_in"],
        deltagande_id=values["deltagande_id"],
        kon=values["kon"],
        fodelsear=values["fodelsear"],
        ut=ut_part(values) if left else None,
        ut_registrerad=values["registrerad_ut"] if left else None,
    )


def digest(content: Iterable[object]) -> bytes:
    """`DIGEST` bytes that are equal when the content is. Empty text and None are the same: nothing was answered."""
    return blake2b(
        repr([None if one == "" else one for one in content]).encode(), digest_size=DIGEST
    ).digest()


def in_digest(values: dict[str, Any]) -> bytes:
    """The digest of a row's in-part, comparable with that of a stored version's `IN_FIELDS`."""
    return digest(
        [
            values["kommunkod"], values["startdatum"], values["utbildning"], values["tid_i_forsorjning_manader"],
            values["initierad_av"], values["behovsgrupp"], values["stadsdel"],
            *[values[f"{name}_fore"] for name in SYSSELSATTNING_FIELDS],
        ]
    )  # fmt: skip


def ut_digest(values: dict[str, Any]) -> bytes:
    """The digest of a row's out-part, comparable with that of a stored version's `UT_FIELDS`."""
    return digest(
        [
            values["slutdatum"], values["avslutsanledning"],
            *[values[f"{name}_efter"] for name in SYSSELSATTNING_FIELDS],
        ]
    )  # fmt: skip


class RowChecker:
    """The checks of one row by itself. What a faulty column stands in for is never blamed on another column.

    The dates of the insats bind the newest dates only, which are known when all rows are (`versions`); of a row that
    cannot be compared they are told here.
    """

    def __init__(self, world: World, now: dt.datetime) -> None:
        self.world = world
        self.now = now

    def check(self, row: Row) -> Iterator[Finding]:
        """All that the rules find in the row, apart from columns that have a finding already."""
        faults = row.faults
        values = self._stand_in(row) if faults else row.values
        for finding in self._findings(values, row):
            if finding.field not in faults and not _told_later(finding, row):
                yield finding

    def _findings(self, values: dict[str, Any], row: Row) -> Iterator[Finding]:
        world, now = self.world, self.now
        facts, insats_id = world.facts, values["insats_id"]
        ny = new_deltagande(values)
        insats = facts.insatser.get(insats_id) or world.insats(insats_id)
        if insats is None:
            yield from check_in(ny, facts, registrerad=values["registrerad_in"], now=now)
            insats = anything_goes(insats_id)
            yield from _but_kommun(check_in_uppgifter(ny.uppgifter, facts, insats))
        else:
            facts.insatser.setdefault(insats_id, insats)
            yield from check_in(ny, facts, registrerad=values["registrerad_in"], now=now)
        if "personnummer" not in row.faults:
            yield from check_number_allowed(ny.nummer)
            yield from _check_id(values["deltagande_id"], ny.nummer)
        yield from self._receipt(values)
        if has_out(row):
            yield from self._out(values, facts, row)

    def _out(self, values: dict[str, Any], facts: Facts, row: Row) -> Iterator[Finding]:
        insats = self.world.insats(values["insats_id"]) or anything_goes(values["insats_id"])
        registrerad = values["registrerad_ut"]
        if registrerad is None:
            text = "Tiden för utregistreringen saknas men det finns andra uppgifter om den. Ange tiden."
            yield Finding("registrerad_ut", "tid_saknas", text)
            registrerad = self.now
        if values["avslutsanledning"] == ATERKALLAT_SAMTYCKE:
            yield Finding(
                "avslutsanledning", "aterkallat_med_personnummer",
                "Samtycket är återkallat, så personuppgifterna får inte läsas in. Ta bort raden, eller skriv "
                "deltagandet i avidentifierade.csv, som inte säger vem det gäller.",
            )  # fmt: skip
        # Whether start and first registration come before is seen when all versions of the deltagande are known.
        yield from check_out(
            ut_part(values), facts, insats, startdatum=_FAR_AWAY, forst_in=registrerad, registrerad=registrerad,
            now=self.now,
        )  # fmt: skip

    def _receipt(self, values: dict[str, Any]) -> Iterator[Finding]:
        if values["referenskod"] is None:
            for name in RECEIPT:
                if values[name] is not None:
                    text = "Samtyckets referenskod saknas. Ange den, eller ta bort uppgiften om samtycket."
                    yield Finding(name, "referenskod_saknas", text)
            return
        if values["samtyckesversion"] is None:
            text = "Ange vilken version av samtyckesformuläret som undertecknades."
            yield Finding("samtyckesversion", "formular_saknas", text)
        yield from check_original(samtycke(values))

    def _stand_in(self, row: Row) -> dict[str, Any]:
        """The row's values with something harmless where a cell could not be read."""
        values, faults = dict(row.values), row.faults
        today = local_day(self.now)
        start = values["startdatum"] or today
        defaults: dict[str, Any] = {
            "deltagande_id": "", "insats_id": "", "personnummer": _NOBODY, "kommunkod": "", "startdatum": start,
            "samtyckesdatum": min(start, today), "registrerad_in": self.now, "registrerad_ut": self.now,
            "slutdatum": today, "arbetar_fore": 1, "arbetar_efter": 1, "samtyckesversion": IMPORTED_FORM,
            "referenskod": "?",
        }  # fmt: skip
        for name in faults:
            if name in defaults:
                values[name] = defaults[name]
        if "insats_id" in faults:
            self.world.facts.insatser.setdefault("", anything_goes(""))
        return values


def _check_id(deltagande_id: str, nummer: Nummer) -> Iterator[Finding]:
    """An id stays when the identity goes, and must not tell whose it was (DOMAIN §4)."""
    if len(deltagande_id) >= 10 and nummer.digits[2:] in "".join(filter(str.isdecimal, deltagande_id)):
        yield Finding(
            "deltagande_id", "innehaller_personnummer",
            "Här står personnumret, och id:t finns kvar när personuppgifterna tas bort. Ge deltagandet ett annat id.",
        )  # fmt: skip


def _told_later(finding: Finding, row: Row) -> bool:
    if finding.kind != "utanfor_insatsen" or row.values["deltagande_id"] is None:
        return False
    return in_readable(row) if finding.field == "startdatum" else ut_readable(row)


def _but_kommun(findings: Iterable[Finding]) -> Iterator[Finding]:
    return (finding for finding in findings if finding.kind != "kommun_utanfor")
