"""Reading the text of a cell: one reader per kind, each text of a value or a `CellFault` that says what to write."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from finsam_site.formulas import FORMULA_STARTS

from ..personnummer import Nummer, NummerFel, parse
from ..rules.describe import OrganisationsnummerFel, read_organisationsnummer
from ..rules.values import ForsorjningFel, read_forsorjning
from .columns import Column, Kind

_MOST_CACHED = 50_000
_LONGEST_COUNT = 9
_LONGEST_KRONOR = 15
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_INTEGER = re.compile(r"-?[0-9]+")


class CellFault(ValueError):
    """A cell that cannot be read. `kind` is short and stable; the message is Swedish and holds no value."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


Reader = Callable[[str], Any]


def reader_of(column: Column, today: dt.date) -> Reader:
    """The reader of a column's cells: takes text without blanks around, never empty. Remembers what it has read where
    the same texts come again and again."""
    if column.kind is Kind.NUMBER:
        return lambda text: _number(text, today)
    if column.kind is Kind.ID:
        return _id_reader(column.longest)
    if column.kind in (Kind.TEXT, Kind.CODE, Kind.NAME):
        return _text_reader(column.longest)
    read = _READERS[column.kind]
    return read if column.kind is Kind.TIME else _Remembering(read).read


class _Remembering:
    def __init__(self, read: Reader) -> None:
        self._read = read
        self._known: dict[str, Any] = {}

    def read(self, text: str) -> Any:
        try:
            return self._known[text]
        except KeyError:
            value = self._read(text)
        if len(self._known) < _MOST_CACHED:
            self._known[text] = value
        return value


def _number(text: str, today: dt.date) -> Nummer:
    try:
        return parse(text, today=today)
    except NummerFel as fel:
        raise CellFault(fel.code, fel.text) from None


def _text_reader(longest: int) -> Reader:
    def read(text: str) -> str:
        if len(text) > longest:
            raise CellFault("for_lang", f"Texten är längre än {longest} tecken. Korta den.")
        if "\x00" in text:
            raise CellFault(
                "tecken", "Texten innehåller ett tecken som inte kan sparas. Skriv in den på nytt."
            )
        return text

    return read


def _id_reader(longest: int) -> Reader:
    """An id stands as it is in the files that go out, where a spreadsheet would reckon such a one as a formula."""
    text_of = _text_reader(longest)

    def read(text: str) -> str:
        if text.startswith(FORMULA_STARTS):
            raise CellFault(
                "id_som_formel",
                "Ett id får inte börja med =, +, - eller @: ett kalkylprogram läser det som en formel. Byt id på alla "
                "rader där det står.",
            )
        return str(text_of(text))

    return read


def _date(text: str) -> dt.date:
    if _DATE.fullmatch(text):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            raise CellFault("datum", "Datumet finns inte. Rätta år, månad eller dag.") from None
    raise CellFault("datum", "Datum skrivs som år-månad-dag, till exempel 2018-05-31. Rätta texten.")


def _time(text: str) -> dt.datetime:
    found = _TIME.fullmatch(text)
    if found is None:
        raise CellFault("tid", "Tid skrivs som 2018-05-31T13:45:00+02:00. Rätta texten.")
    if found[3] is None:
        raise CellFault(
            "tid_utan_tidszon", "Tiden saknar tidszon. Skriv till exempel 2018-05-31T13:45:00+02:00."
        )
    try:
        moment = dt.datetime.fromisoformat(text).astimezone(dt.UTC)
        if moment.year == dt.MAXYEAR:  # its last hours have no day in Sweden
            raise OverflowError
        return moment
    except (ValueError, OverflowError):
        raise CellFault("tid", "Tiden finns inte. Rätta datum eller klockslag.") from None


def _integer(text: str, longest: int) -> int:
    if not _INTEGER.fullmatch(text):
        raise CellFault("heltal", "Här ska stå ett heltal, utan mellanslag och decimaler. Rätta talet.")
    if len(text.lstrip("-").lstrip("0")) > longest:
        raise CellFault("orimligt_tal", f"Talet har fler än {longest} siffror. Rätta talet.")
    return int(text)


def _count(text: str) -> int:
    count = _integer(text, _LONGEST_COUNT)
    if count < 0:
        raise CellFault("negativt", "Antal kan inte vara negativt. Rätta talet.")
    return count


def _percent(text: str) -> int:
    percent = _integer(text, _LONGEST_COUNT)
    if not 0 <= percent <= 100:
        raise CellFault("procent", "Procent anges som ett heltal 0–100. Rätta talet.")
    return percent


def _year(text: str) -> int:
    if re.fullmatch(r"[0-9]{4}", text) and 1800 <= int(text) <= 2200:
        return int(text)
    raise CellFault("ar", "År skrivs med fyra siffror, till exempel 2018. Rätta året.")


def _flag(text: str) -> bool:
    if text in ("0", "1"):
        return text == "1"
    raise CellFault("ja_nej", "Här ska stå 1 för ja eller 0 för nej. Rätta värdet.")


def _kommun(text: str) -> str:
    if re.fullmatch(r"[0-9]{4}", text):
        return text
    raise CellFault("kommunkod", "Kommunkod skrivs med fyra siffror, till exempel 0180. Rätta koden.")


def _kon(text: str) -> str:
    if text in ("K", "M"):
        return text
    raise CellFault("kon", "Kön skrivs K eller M. Rätta värdet.")


def _codes(text: str) -> tuple[str, ...]:
    codes = [code.strip() for code in text.split("|")]
    if "" in codes:
        raise CellFault("koder", "Koder skrivs med | emellan, utan tomma. Rätta texten.")
    if len(set(codes)) < len(codes):
        raise CellFault("koder", "Samma kod anges två gånger. Ta bort den ena.")
    return tuple(sorted(codes))


def _sources(text: str) -> str | None:
    try:
        return read_forsorjning(text)
    except ForsorjningFel as fel:
        raise CellFault("forsorjning", str(fel)) from None


def _organisation(text: str) -> str:
    try:
        return read_organisationsnummer(text)
    except OrganisationsnummerFel as fel:
        raise CellFault("organisationsnummer", str(fel)) from None


_READERS: dict[Kind, Reader] = {
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.YEAR: _year,
    Kind.COUNT: _count,
    Kind.PERCENT: _percent,
    Kind.KRONOR: lambda text: _integer(text, _LONGEST_KRONOR),
    Kind.FLAG: _flag,
    Kind.KOMMUN: _kommun,
    Kind.KON: _kon,
    Kind.CODES: _codes,
    Kind.SOURCES: _sources,
    Kind.ORGANISATION: _organisation,
}
