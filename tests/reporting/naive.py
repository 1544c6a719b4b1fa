"""The national tables, computed the slow and plain way.

This file knows only the texts: the definitions and the table catalogue of REPORTS, the code lists of DOMAIN and the
register files of FORMATS. It imports nothing of the product and shares no thought with its SQL: its only use is to be
held against the product's figures, so each function can be read beside the definition it follows.

It is one file, long as it is: one computation that is read from the first definition to the last, and that nothing else
can borrow a part of. Whoever doubts a figure has all of it here.

    register = Register.read(folder, corrections)
    cells = compute(register, 2018, as_of)
    cells[key("deltagare", "antal", 2018, registreringssatt="anonyma", kon="K")]

A value of None is a cell with the status `ej_tillamplig`.

Where the texts leave a choice, this is how they are read here:

Versions
 1. The in columns and the out columns of a row are two things with a time each. An empty `registrerad_ut` says nothing
    about the out-registration: it does not undo one that is already stored.
 2. Several rows of one id in one file are its versions, as an export writes them, taken in order of their times.
 3. "Registered out not before registered in" is about the first time of each: a correction of the in columns may be
    known later than the out-registration.
 4. The year before is read with the identities that are left today (`taken_at`), not those of that time.

Deltagare
 5. The kön and the age of a person are those of the deltagande that the background rule chooses, in the result
    tables those of the counted avslut. Within a förbund's row both rules look only at that förbund's deltaganden.
 6. "Registered last" compares the first known `registrerad_in` (or `registrerad_ut`) of the deltaganden, whatever was
    corrected later; ids are compared as text.
 7. `med personuppgifter` has no `okand`; `okand` cells are written for `volym` and `totalt` only, as the rule says.
 8. An avidentifierad deltagande keeps the versions of its start year, slut year, kön and insats, so an uttag counts
    it from the time its registration was known, and in no count while its latest known reason is `felregistrering`
    (one known as felregistrering only later is still counted as avidentifierad at earlier times). It has no slut day
    any longer: its förbund is read like that of anonyma.

Förbund
 9. The förbund of a deltagande is the owner of its insats at min(slut, 31 December); of anonyma and volym the owner at
    min(the insats's slut, 31 December). An insats of an absorbed förbund with no slut, or one after the förbund's
    slutdatum, passes on from the day after that; an insats that ended on or before it stays.
10. `forbund.insatser` counts the insatser that a förbund owned on some day of the year on which the insats ran; these
    förbund are the rows of `forbund` and `forbund_resultat`. `kvalitet` has those and every other förbund that a
    counted deltagande belongs to (open ones in insatser that ended before the year): its rows add up to `totalt`.
11. `forbund_resultat` × `kon` has K, M and totalt.
12. `kommun` and `lan` have every kommun and län ("every valid code"), also those without persons.

Measures
13. Eftersläpning is counted from the earliest known version that has the date of the latest known version.
14. `budget` of an insats is without ESF, `budget_esf` stands beside it; money not given is 0.
15. `saknas` of `behovsgrupp` (insatser) is an insats that names none; insatser of both inriktningar count.
16. In `behovsgrupper` the source may stand on any of the person's deltaganden that overlap the year; a new one must
    itself start in the year; "unga" is the age at the year's end.
17. `oppna_over_3_ar`: start before 31 December three years earlier.
18. `avslut.saknas`: a slut without avslutsanledning. A felregistrering without slut is nowhere.

The year before
19. "Nothing of it was registered": no deltagande that overlaps it (felregistrerade left out, avidentifierade not) and
    no row of anonyma or volym of that year was known. Förbund, insatser and money carry no time and cannot tell.
    Then every cell of this year has a null beside it.
20. `forandring` of a year against the year before is given for the year itself, not for the year before; of a base
    of 0 it is null. `resultat_forsorjning.forandring` and `forandring_pe` compare before and after, not years, and are
    given for both.
21. "Exactly one year before" is the same clock time and date in Europe/Stockholm; 29 February becomes 28 February.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")

# DOMAIN §3, the lists.
# fmt: off
INRIKTNING = ("individ", "struktur")
PRECISERAD_INDIVID = (
    "forebyggande", "kartlaggning", "forberedande", "rehab_arbete", "stod_arbete", "annan_individ",
)
PRECISERAD_STRUKTUR = ("dialog", "utbildning", "kunskap", "metod", "samlokalisering", "annan_struktur")
BEHOVSGRUPP = (
    "langtidssjukskrivna", "unga_aktivitetsersattning", "unga_funktionsnedsattning", "langtidsarbetslosa",
    "unga_utan_sysselsattning", "psykisk_ohalsa", "missbruk", "nyanlanda", "annan",
)
BEHOVSGRUPP_PER_PERSON = ("langtidssjukskrivna", "unga_aktivitetsersattning", "unga_funktionsnedsattning")
FINANSIAR = ("stat", "kommun", "region", "esf", "eget_kapital", "ovriga")
KOSTNADSTYP = ("kring", "personal", "annan_kostnad")
FORSORJNING = (
    "sjukpenning", "rehabiliteringspenning", "sjukersattning", "aktivitetsersattning", "arbetsloshetsersattning",
    "aktivitetsstod", "utvecklingsersattning", "etableringsersattning", "forsorjningsstod", "studiestod",
    "annan_offentlig", "ingen",
)
UTBILDNING = ("ej_grundskola", "grundskola", "gymnasium", "eftergymnasial", "okand")
TID_I_FORSORJNING = ("ingen", "under_1", "1_2", "3_5", "6_9", "10_plus")
INITIERAD_AV = ("af", "fk", "kommun", "region", "egen", "annan")
AVSLUTSANLEDNING = (  # and felregistrering, which is in no count
    "enligt_plan", "avbrott_deltagare", "avbrott_sjukdom", "flytt", "foraldraledig", "pension",
    "aterkallat_samtycke", "avliden", "insats_upphor", "annat",
)
ALDER = ("-19", "20-24", "25-29", "30-39", "40-49", "50-59", "60-")
SYSSELSATTNING = (
    "arbete", "studier", "arbete_eller_studier", "arbetssokande", "ovriga", "malet", "saknas", "avslutade",
)
REGISTRERINGSSATT = ("personuppgifter", "anonyma", "volym", "avidentifierade", "totalt")
# fmt: on
# The 290 kommuner; the first two digits are the län.
_KOMMUNER = """
    0114 0115 0117 0120 0123 0125 0126 0127 0128 0136 0138 0139 0140 0160 0162 0163 0180 0181 0182 0183 0184
    0186 0187 0188 0191 0192 0305 0319 0330 0331 0360 0380 0381 0382 0428 0461 0480 0481 0482 0483 0484 0486
    0488 0509 0512 0513 0560 0561 0562 0563 0580 0581 0582 0583 0584 0586 0604 0617 0642 0643 0662 0665 0680
    0682 0683 0684 0685 0686 0687 0760 0761 0763 0764 0765 0767 0780 0781 0821 0834 0840 0860 0861 0862 0880
    0881 0882 0883 0884 0885 0980 1060 1080 1081 1082 1083 1214 1230 1231 1233 1256 1257 1260 1261 1262 1263
    1264 1265 1266 1267 1270 1272 1273 1275 1276 1277 1278 1280 1281 1282 1283 1284 1285 1286 1287 1290 1291
    1292 1293 1315 1380 1381 1382 1383 1384 1401 1402 1407 1415 1419 1421 1427 1430 1435 1438 1439 1440 1441
    1442 1443 1444 1445 1446 1447 1452 1460 1461 1462 1463 1465 1466 1470 1471 1472 1473 1480 1481 1482 1484
    1485 1486 1487 1488 1489 1490 1491 1492 1493 1494 1495 1496 1497 1498 1499 1715 1730 1737 1760 1761 1762
    1763 1764 1765 1766 1780 1781 1782 1783 1784 1785 1814 1860 1861 1862 1863 1864 1880 1881 1882 1883 1884
    1885 1904 1907 1960 1961 1962 1980 1981 1982 1983 1984 2021 2023 2026 2029 2031 2034 2039 2061 2062 2080
    2081 2082 2083 2084 2085 2101 2104 2121 2132 2161 2180 2181 2182 2183 2184 2260 2262 2280 2281 2282 2283
    2284 2303 2305 2309 2313 2321 2326 2361 2380 2401 2403 2404 2409 2417 2418 2421 2422 2425 2460 2462 2463
    2480 2481 2482 2505 2506 2510 2513 2514 2518 2521 2523 2560 2580 2581 2582 2583 2584
"""
KOMMUNER = tuple(_KOMMUNER.split())
LAN = tuple(sorted({kommun[:2] for kommun in KOMMUNER}))

SAKNAS = "saknas"
KON = ("K", "M", "totalt")


# --- Cells -----------------------------------------------------------------------------------------------------------


class Key(NamedTuple):
    table: str
    measure: str
    dimensions: tuple[tuple[str, str], ...]
    year: int


Value = int | float | None
Cells = dict[Key, Value]


def key(table: str, measure: str, year: int, **dimensions: str) -> Key:
    return Key(table, measure, tuple(sorted(dimensions.items())), year)


class Writer:
    """Collects the cells of one year."""

    def __init__(self, year: int) -> None:
        self.year = year
        self.cells: Cells = {}

    def put(self, table: str, measure: str, value: Value, **dimensions: str) -> None:
        cell = key(table, measure, self.year, **dimensions)
        assert cell not in self.cells, f"written twice: {cell}"
        self.cells[cell] = value


# --- The register ----------------------------------------------------------------------------------------------------


@dataclass
class Forbund:
    id: str
    startdatum: date
    slutdatum: date | None = None
    uppgatt_i: str | None = None


@dataclass
class ForbundKommun:
    forbund: str
    kommun: str
    fran: date
    till: date | None = None


@dataclass
class Insats:
    id: str
    forbund: str
    startdatum: date
    slutdatum: date | None = None
    inriktning: str = "individ"
    preciserad_inriktning: str = "rehab_arbete"
    behovsgrupper: tuple[str, ...] = ()


@dataclass
class Money:
    year: int
    post: str
    budget: Decimal = Decimal(0)
    utfall: Decimal = Decimal(0)


@dataclass
class Answers:
    """What is asked both before and after. None, or no source at all: not answered."""

    forsorjning: tuple[str, ...] = ()
    arbetar: int | None = None
    studerar: int | None = None
    arbetssokande: bool | None = None


@dataclass
class Version:
    registrerad: datetime
    imported: datetime | None = field(default=None, compare=False, kw_only=True)

    @property
    def known(self) -> datetime:
        return self.imported or self.registrerad


@dataclass
class InVersion(Version):
    """What one in-registration says. `person` is who it is, whatever number the person has had."""

    insats: str
    person: str
    kon: str
    fodelsear: int
    kommun: str
    startdatum: date
    utbildning: str = ""
    manader: int | None = None
    fore: Answers = field(default_factory=Answers)
    initierad_av: str = ""
    behovsgrupp: str = ""


@dataclass
class OutVersion(Version):
    slutdatum: date | None
    avslutsanledning: str = ""
    efter: Answers = field(default_factory=Answers)


@dataclass
class Deltagande:
    id: str
    inne: list[InVersion] = field(default_factory=list)
    ute: list[OutVersion] = field(default_factory=list)


@dataclass
class Anonyma:
    insats: str
    year: int
    kvinnor: int
    man: int
    registrerad: datetime


@dataclass
class Volym:
    insats: str
    year: int
    antal: int
    kvinnor: int
    man: int
    registrerad: datetime


@dataclass
class Register:
    """All that was ever registered. Everything in it may be changed by a test before it is computed.

    `avidentifierade` is not in the files: deltagande_id and the time its identity was removed.
    """

    forbund: dict[str, Forbund] = field(default_factory=dict)
    forbund_kommun: list[ForbundKommun] = field(default_factory=list)
    insatser: dict[str, Insats] = field(default_factory=dict)
    money: list[Money] = field(default_factory=list)
    deltaganden: dict[str, Deltagande] = field(default_factory=dict)
    anonyma: list[Anonyma] = field(default_factory=list)
    volym: list[Volym] = field(default_factory=list)
    avidentifierade: dict[str, datetime] = field(default_factory=dict)

    @classmethod
    def read(cls, *folders: Path | str, import_times: Sequence[datetime] = ()) -> Register:
        """Read folders of FORMATS §1 as if imported one after the other.

        `import_times` (one per folder) is needed only when a correction is not newer than what is stored.
        """
        register = cls()
        rows = {name: [_rows(Path(folder), name) for folder in folders] for name in _FILES}
        for row in _latest(rows["forbund"], "forbund_id"):
            forbund = Forbund(
                row["forbund_id"],
                date.fromisoformat(row["startdatum"]),
                _date(row, "slutdatum"),
                row.get("uppgatt_i") or None,
            )
            register.forbund[forbund.id] = forbund
        for row in _latest(rows["forbund_kommun"], "forbund_id", "kommunkod", "fran"):
            register.forbund_kommun.append(
                ForbundKommun(
                    row["forbund_id"],
                    row["kommunkod"],
                    date.fromisoformat(row["fran"]),
                    _date(row, "till"),
                )
            )
        for row in _latest(rows["insatser"], "insats_id"):
            insats = Insats(
                row["insats_id"],
                row["forbund_id"],
                date.fromisoformat(row["startdatum"]),
                _date(row, "slutdatum"),
                row["inriktning"],
                row["preciserad_inriktning"],
                _list(row.get("behovsgrupper")),
            )
            register.insatser[insats.id] = insats
        for row in _latest(rows["insats_ar"], "insats_id", "ar"):
            year = int(row["ar"])
            register.money += [
                Money(year, "insatskostnad", _money(row, "budget"), _money(row, "utfall")),
                Money(year, "insatskostnad_esf", _money(row, "budget_esf"), _money(row, "utfall_esf")),
            ]
        for row in _latest(rows["forbund_ar"], "forbund_id", "ar", "post"):
            register.money.append(
                Money(int(row["ar"]), row["post"], _money(row, "budget"), _money(row, "utfall"))
            )
        for row in _latest(rows["anonyma"], "insats_id", "ar", "registrerad"):
            register.anonyma.append(
                Anonyma(
                    row["insats_id"],
                    int(row["ar"]),
                    int(row["kvinnor"]),
                    int(row["man"]),
                    datetime.fromisoformat(row["registrerad"]),
                )
            )
        for row in _latest(rows["volym"], "insats_id", "ar", "registrerad"):
            register.volym.append(
                Volym(
                    row["insats_id"],
                    int(row["ar"]),
                    int(row["antal"]),
                    int(row.get("kvinnor") or 0),
                    int(row.get("man") or 0),
                    datetime.fromisoformat(row["registrerad"]),
                )
            )
        for index, imported in enumerate(rows["deltaganden"]):
            time = import_times[index] if index < len(import_times) else None
            for row in sorted(imported, key=_row_time):
                register._take(row, time)
        return register

    def _take(self, row: Mapping[str, str], import_time: datetime | None) -> None:
        """One row of deltaganden.csv: a new deltagande, a correction of one or both of its parts, or nothing."""
        deltagande = self.deltaganden.setdefault(row["deltagande_id"], Deltagande(row["deltagande_id"]))
        _take_version(deltagande.id, deltagande.inne, _in_version(row), import_time)
        if row.get("registrerad_ut"):
            _take_version(deltagande.id, deltagande.ute, _out_version(row), import_time)
        elif row.get("slutdatum") or row.get("avslutsanledning"):
            raise ValueError(f"{deltagande.id}: a slut without registrerad_ut")


_FILES = (
    "forbund",
    "forbund_kommun",
    "insatser",
    "insats_ar",
    "forbund_ar",
    "deltaganden",
    "anonyma",
    "volym",
)


InOrOut = TypeVar("InOrOut", InVersion, OutVersion)
Counts = TypeVar("Counts", Anonyma, Volym)


def _take_version(who: str, stored: list[InOrOut], version: InOrOut, import_time: datetime | None) -> None:
    """FORMATS §1: equal to any stored version, nothing; newer, known from its time; older, from the import."""
    if version in stored:
        return
    if any(version.registrerad == other.registrerad for other in stored):
        raise ValueError(f"{who}: other content with the same time")
    if any(version.registrerad < other.registrerad for other in stored):
        if import_time is None:
            raise ValueError(f"{who}: an older time than what is stored, and the time of import is not given")
        version.imported = import_time
    stored.append(version)


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    path = folder / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = file.readline()
        file.seek(0)
        return list(csv.DictReader(file, delimiter=";" if ";" in header else ","))


def _latest(imports: Iterable[list[dict[str, str]]], *columns: str) -> list[dict[str, str]]:
    """The rows as they stand: of rows with the same key the one of the last import."""
    by_key = {tuple(row[column] for column in columns): row for rows in imports for row in rows}
    return list(by_key.values())


def _row_time(row: Mapping[str, str]) -> tuple[datetime, datetime]:
    registrerad_in = datetime.fromisoformat(row["registrerad_in"])
    registrerad_ut = row.get("registrerad_ut")
    return registrerad_in, datetime.fromisoformat(registrerad_ut) if registrerad_ut else registrerad_in


def _date(row: Mapping[str, str], column: str) -> date | None:
    text = row.get(column)
    return date.fromisoformat(text) if text else None


def _list(text: str | None) -> tuple[str, ...]:
    return tuple(text.split("|")) if text else ()


def _int(text: str | None) -> int | None:
    return int(text) if text else None


def _money(row: Mapping[str, str], column: str) -> Decimal:
    return Decimal(row.get(column) or 0)


def _answers(row: Mapping[str, str], when: str) -> Answers:
    sokande = row.get(f"arbetssokande_{when}")
    return Answers(
        # `sjukpenning:hel` counts as the source sjukpenning, hel or del.
        forsorjning=tuple(source.split(":")[0] for source in _list(row.get(f"forsorjning_{when}"))),
        arbetar=_int(row.get(f"arbetar_{when}")),
        studerar=_int(row.get(f"studerar_{when}")),
        arbetssokande=sokande == "1" if sokande else None,
    )


def _in_version(row: Mapping[str, str]) -> InVersion:
    registrerad = datetime.fromisoformat(row["registrerad_in"])
    personnummer = full_number(row["personnummer"], registrerad)
    return InVersion(
        registrerad=registrerad,
        insats=row["insats_id"],
        person=personnummer,
        kon="M" if int(personnummer[10]) % 2 else "K",
        fodelsear=int(personnummer[:4]),
        kommun=row["kommunkod"],
        startdatum=date.fromisoformat(row["startdatum"]),
        utbildning=row.get("utbildning") or "",
        manader=_int(row.get("tid_i_forsorjning_manader")),
        fore=_answers(row, "fore"),
        initierad_av=row.get("initierad_av") or "",
        behovsgrupp=row.get("behovsgrupp") or "",
    )


def _out_version(row: Mapping[str, str]) -> OutVersion:
    return OutVersion(
        registrerad=datetime.fromisoformat(row["registrerad_ut"]),
        slutdatum=_date(row, "slutdatum"),
        avslutsanledning=row.get("avslutsanledning") or "",
        efter=_answers(row, "efter"),
    )


def full_number(text: str, registrerad: datetime) -> str:
    """A personnummer or samordningsnummer with twelve digits. Ten digits: the latest year that has come by then."""
    digits = "".join(character for character in text if character.isdigit())
    if len(digits) == 12:
        return digits
    now = registrerad.astimezone(STOCKHOLM).year
    year = now // 100 * 100 + int(digits[:2])
    if year > now:
        year -= 100
    if "+" in text:  # a hundred years or more
        year -= 100
    return f"{year}{digits[2:]}"


# --- As known: uttag -------------------------------------------------------------------------------------------------


@dataclass
class Known:
    """A deltagande as known at T. `ute` is None while no slut is known."""

    id: str
    inne: InVersion
    ute: OutVersion | None
    first_in: datetime
    first_out: datetime | None
    start_registered: datetime
    slut_registered: datetime | None

    @property
    def start(self) -> date:
        return self.inne.startdatum

    @property
    def slut(self) -> date | None:
        return self.ute.slutdatum if self.ute else None

    @property
    def efter(self) -> Answers:
        assert self.ute
        return self.ute.efter

    def days(self) -> int:
        """tid_i_insats: from start to slut, both included."""
        assert self.slut
        return (self.slut - self.start).days + 1


def as_known(deltagande: Deltagande, as_of: datetime) -> Known | None:
    """The latest versions registered at or before T; None when it was not registered, or is a felregistrering."""
    inne = sorted((v for v in deltagande.inne if v.known <= as_of), key=lambda v: v.known)
    ute = sorted((v for v in deltagande.ute if v.known <= as_of), key=lambda v: v.known)
    if not inne or (ute and ute[-1].avslutsanledning == "felregistrering"):
        return None
    # eftersläpning: the first time that this very date was registered
    starts = [v.known for v in inne if v.startdatum == inne[-1].startdatum]
    sluts = [v.known for v in ute if v.slutdatum == ute[-1].slutdatum]
    return Known(
        deltagande.id,
        inne[-1],
        ute[-1] if ute else None,
        inne[0].known,
        ute[0].known if ute else None,
        min(starts),
        min(sluts) if sluts else None,
    )


@dataclass
class View:
    """What an uttag of a year has before it: all that touches the year, as known at T."""

    register: Register
    year: int
    deltaganden: list[Known]
    avidentifierade: list[Known]
    anonyma: list[Anonyma]
    volym: list[Volym]

    @property
    def first_day(self) -> date:
        return date(self.year, 1, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, 12, 31)

    def in_year(self, day: date | None) -> bool:
        return day is not None and day.year == self.year

    def overlaps(self, start: date, slut: date | None) -> bool:
        return start <= self.last_day and (slut is None or slut >= self.first_day)

    def insats(self, deltagande: Known) -> Insats:
        return self.register.insatser[deltagande.inne.insats]

    def insatser(self) -> list[Insats]:
        """`insatser` of the year: those whose dates overlap it."""
        return [i for i in self.register.insatser.values() if self.overlaps(i.startdatum, i.slutdatum)]


def uttag(register: Register, year: int, as_of: datetime, taken_at: datetime | None = None) -> View:
    """The uttag (year, as_of), taken at `taken_at`: identities removed by then are gone in it (None: all)."""
    result = View(register, year, [], [], [], [])
    for deltagande in register.deltaganden.values():
        known = as_known(deltagande, as_of)
        if known is None or not result.overlaps(known.start, known.slut):
            continue
        removed = register.avidentifierade.get(deltagande.id)
        if removed is not None and (taken_at is None or removed <= taken_at):
            result.avidentifierade.append(known)
        else:
            result.deltaganden.append(known)
    result.anonyma = [row for row in _latest_counts(register.anonyma, as_of) if row.year == year]
    result.volym = [row for row in _latest_counts(register.volym, as_of) if row.year == year]
    return result


def _latest_counts(rows: Iterable[Counts], as_of: datetime) -> list[Counts]:
    """Of anonyma and volym the row with the latest `registrerad` not after T holds for its insats and year."""
    latest: dict[tuple[str, int], Counts] = {}
    for row in sorted(rows, key=lambda row: row.registrerad):
        if row.registrerad <= as_of:
            latest[row.insats, row.year] = row
    return list(latest.values())


# --- Persons ---------------------------------------------------------------------------------------------------------


def persons(deltaganden: Iterable[Known]) -> set[str]:
    return {d.inne.person for d in deltaganden}


def background(deltaganden: Iterable[Known]) -> dict[str, Known]:
    """Of each person's deltaganden the one with the latest start; equal: registered last; equal: the highest id."""
    return _last_of_each(deltaganden, lambda d: (d.start, d.first_in, d.id))


def avslutade(view: View, deltaganden: Iterable[Known]) -> dict[str, Known]:
    """One avslut per person: the latest slut in the year; equal: registered last; equal: the highest id."""
    ended = [d for d in deltaganden if view.in_year(d.slut)]
    return _last_of_each(ended, lambda d: (d.slut, d.first_out, d.id))


def _last_of_each(deltaganden: Iterable[Known], order: Callable[[Known], tuple]) -> dict[str, Known]:
    chosen: dict[str, Known] = {}
    for deltagande in deltaganden:
        other = chosen.get(deltagande.inne.person)
        if other is None or order(deltagande) > order(other):
            chosen[deltagande.inne.person] = deltagande
    return chosen


def of_kon(deltaganden: Iterable[Known], kon: str) -> list[Known]:
    return [d for d in deltaganden if kon in ("totalt", d.inne.kon)]


def works(answers: Answers) -> bool:
    return (answers.arbetar or 0) > 0


def studies(answers: Answers) -> bool:
    return (answers.studerar or 0) > 0


def unanswered(answers: Answers) -> bool:
    return answers.arbetar is None and answers.studerar is None and answers.arbetssokande is None


def sysselsattning(answers: Answers) -> set[str]:
    """The rows of `resultat_sysselsattning` that these answers count in."""
    rows = {"avslutade"}
    if unanswered(answers):
        return rows | {SAKNAS}
    if works(answers):
        rows |= {"arbete", "arbete_eller_studier", "malet"}
    if studies(answers):
        rows |= {"studier", "arbete_eller_studier", "malet"}
    if "arbete_eller_studier" not in rows:
        rows |= {"arbetssokande", "malet"} if answers.arbetssokande else {"ovriga"}
    return rows


def okade(avslut: Known) -> str:
    fore, efter = avslut.inne.fore, avslut.efter
    if unanswered(fore) or unanswered(efter):
        return SAKNAS
    more_work = (efter.arbetar or 0) > (fore.arbetar or 0)
    more_study = (efter.studerar or 0) > (fore.studerar or 0)
    return "borjade_eller_okade" if more_work or more_study else "ej_okade"


def forsorjning(answers: Answers) -> set[str]:
    return set(answers.forsorjning) or {SAKNAS}


def alder(year: int, deltagande: Known) -> int:
    return year - deltagande.inne.fodelsear


def alder_band(age: int) -> str:
    limits = ((19, "-19"), (24, "20-24"), (29, "25-29"), (39, "30-39"), (49, "40-49"), (59, "50-59"))
    return next((band for last, band in limits if age <= last), "60-")


def tid_band(months: int | None) -> str:
    if months is None:
        return SAKNAS
    if months == 0:
        return "ingen"
    limits = ((1, "under_1"), (3, "1_2"), (6, "3_5"), (10, "6_9"))
    return next((band for years, band in limits if months < years * 12), "10_plus")


# --- Förbund ---------------------------------------------------------------------------------------------------------


def owners(register: Register, insats: Insats) -> Iterator[tuple[str, date, date | None]]:
    """Who owned the insats, from and to (None: still), through any chain of mergers."""
    forbund = register.forbund[insats.forbund]
    fran = insats.startdatum
    while True:
        ends = forbund.slutdatum
        handed_on = forbund.uppgatt_i and ends and (insats.slutdatum is None or insats.slutdatum > ends)
        if not (handed_on and forbund.uppgatt_i and ends):
            yield forbund.id, fran, insats.slutdatum
            return
        yield forbund.id, fran, ends
        fran = max(fran, ends + timedelta(days=1))
        forbund = register.forbund[forbund.uppgatt_i]


def owner(register: Register, insats: Insats, day: date) -> str:
    """The owner on a day; after the insats's slut its last owner."""
    owned = [forbund for forbund, fran, _ in owners(register, insats) if fran <= day]
    return owned[-1] if owned else insats.forbund


def forbund_of(view: View, deltagande: Known) -> str:
    """The förbund that owned its insats when the deltagande or the year ended, whichever came first."""
    day = min(deltagande.slut or view.last_day, view.last_day)
    return owner(view.register, view.insats(deltagande), day)


def by_forbund(view: View) -> dict[str, list[Known]]:
    found: dict[str, list[Known]] = {}
    for deltagande in view.deltaganden:
        found.setdefault(forbund_of(view, deltagande), []).append(deltagande)
    return found


def forbund_of_insats(view: View, insats_id: str) -> str:
    """For anonyma, volym and avidentifierade: the owner when the insats or the year ended."""
    return owner(view.register, view.register.insatser[insats_id], view.last_day)


def forbund_insatser(view: View) -> dict[str, set[str]]:
    """For each förbund the insatser it owned on some day of the year on which they ran."""
    found: dict[str, set[str]] = {}
    for insats in view.register.insatser.values():
        for forbund, fran, till in owners(view.register, insats):
            if (till is None or fran <= till) and view.overlaps(fran, till):
                found.setdefault(forbund, set()).add(insats.id)
    return found


# --- Measures --------------------------------------------------------------------------------------------------------


def share(part: int, base: int) -> float | None:
    """`andel`: percent of the base; of an empty base null."""
    return 100 * part / base if base else None


def change(now: Value, before: Value) -> float | None:
    """`forandring` of a count: percent."""
    return 100 * (now - before) / before if before and now is not None else None


def quantile(values: Sequence[int], part: float) -> float | None:
    """Linear interpolation between closest ranks (type 7)."""
    if not values:
        return None
    ordered = sorted(values)
    rank = (len(ordered) - 1) * part
    below = int(rank)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (rank - below) * (ordered[above] - ordered[below])


def middle(values: Sequence[int]) -> float | None:
    return median(values) if values else None


def lag(day: date, registered: datetime) -> int:
    """`eftersläpning`: calendar days in Europe/Stockholm from the event to its first registration."""
    return (registered.astimezone(STOCKHOLM).date() - day).days


def number(amount: Decimal) -> int | float:
    return int(amount) if amount == int(amount) else float(amount)


# --- The tables, in the order of REPORTS §2 --------------------------------------------------------------------------


def forbund_kommuner(out: Writer, view: View) -> None:
    day = view.last_day
    forbund = [
        f
        for f in view.register.forbund.values()
        if f.startdatum <= day and (f.slutdatum is None or f.slutdatum >= day)
    ]
    ids = {f.id for f in forbund}
    kommuner = {
        belongs.kommun
        for belongs in view.register.forbund_kommun
        if belongs.forbund in ids and belongs.fran <= day and (belongs.till is None or belongs.till >= day)
    }
    out.put("forbund_kommuner", "forbund", len(forbund))
    out.put("forbund_kommuner", "kommuner", len(kommuner))
    out.put("forbund_kommuner", "kommuner_utanfor", 290 - len(kommuner))


def insatser_inriktning(out: Writer, view: View) -> None:
    insatser = view.insatser()
    for inriktning in (*INRIKTNING, "totalt"):
        antal = sum(inriktning in ("totalt", i.inriktning) for i in insatser)
        out.put("insatser_inriktning", "antal", antal, inriktning=inriktning)
        out.put("insatser_inriktning", "andel", share(antal, len(insatser)), inriktning=inriktning)


def insatser_individ(out: Writer, view: View) -> None:
    everybody = persons(view.deltaganden)
    for kind in PRECISERAD_INDIVID:
        insatser = [i for i in view.insatser() if i.preciserad_inriktning == kind]
        there = persons(d for d in view.deltaganden if view.insats(d).preciserad_inriktning == kind)
        out.put("insatser_individ", "insatser", len(insatser), preciserad_inriktning=kind)
        out.put("insatser_individ", "deltagare", len(there), preciserad_inriktning=kind)
        out.put("insatser_individ", "andel", share(len(there), len(everybody)), preciserad_inriktning=kind)


def volym_of(view: View, inriktning: str) -> list[Volym]:
    return [row for row in view.volym if view.register.insatser[row.insats].inriktning == inriktning]


def insatser_struktur(out: Writer, view: View) -> None:
    for kind in PRECISERAD_STRUKTUR:
        insatser = [i for i in view.insatser() if i.preciserad_inriktning == kind]
        deltagare = sum(
            row.antal
            for row in volym_of(view, "struktur")
            if view.register.insatser[row.insats].preciserad_inriktning == kind
        )
        out.put("insatser_struktur", "insatser", len(insatser), preciserad_inriktning=kind)
        out.put("insatser_struktur", "deltagare", deltagare, preciserad_inriktning=kind)


def insatser_behovsgrupp(out: Writer, view: View) -> None:
    for code in (*BEHOVSGRUPP, SAKNAS):
        insatser = [i for i in view.insatser() if code in (i.behovsgrupper or (SAKNAS,))]
        out.put("insatser_behovsgrupp", "insatser", len(insatser), behovsgrupp=code)


def deltagare(out: Writer, view: View) -> None:
    chosen = background(view.deltaganden).values()
    volym = volym_of(view, "individ")
    antal: dict[tuple[str, str], int] = {}
    for kon in ("K", "M"):
        antal["personuppgifter", kon] = len(of_kon(chosen, kon))
        antal["avidentifierade", kon] = len(of_kon(view.avidentifierade, kon))
    antal["anonyma", "K"] = sum(row.kvinnor for row in view.anonyma)
    antal["anonyma", "M"] = sum(row.man for row in view.anonyma)
    antal["volym", "K"] = sum(row.kvinnor for row in volym)
    antal["volym", "M"] = sum(row.man for row in volym)
    antal["volym", "okand"] = sum(row.antal - row.kvinnor - row.man for row in volym)
    for satt in REGISTRERINGSSATT[:-1]:
        antal[satt, "totalt"] = sum(antal.get((satt, kon), 0) for kon in ("K", "M", "okand"))
    for kon in ("K", "M", "okand", "totalt"):
        antal["totalt", kon] = sum(antal.get((satt, kon), 0) for satt in REGISTRERINGSSATT[:-1])
    for (satt, kon), count in antal.items():
        out.put("deltagare", "antal", count, registreringssatt=satt, kon=kon)
        out.put("deltagare", "andel", share(count, antal["totalt", kon]), registreringssatt=satt, kon=kon)


def _counts_and_shares(
    out: Writer,
    table: str,
    dimension: str,
    codes: Iterable[str],
    rows: Iterable[Known],
    answers: Callable[[Known], set[str]],
) -> None:
    """One row per person; `answers` gives the codes the person counts in."""
    for kon in KON:
        base = of_kon(rows, kon)
        for code in codes:
            antal = sum(code in answers(d) for d in base)
            out.put(table, "antal", antal, **{dimension: code, "kon": kon})
            out.put(table, "andel", share(antal, len(base)), **{dimension: code, "kon": kon})


def background_tables(out: Writer, view: View) -> None:
    """deltagare_alder … deltagare_initierad; base: persons med personuppgifter."""
    rows = list(background(view.deltaganden).values())
    _counts_and_shares(
        out, "deltagare_alder", "alder", ALDER, rows, lambda d: {alder_band(alder(view.year, d))}
    )
    _counts_and_shares(
        out,
        "deltagare_utbildning",
        "utbildning",
        (*UTBILDNING, SAKNAS),
        rows,
        lambda d: {d.inne.utbildning or SAKNAS},
    )
    _counts_and_shares(
        out,
        "deltagare_tid",
        "tid_i_forsorjning",
        (*TID_I_FORSORJNING, SAKNAS),
        rows,
        lambda d: {tid_band(d.inne.manader)},
    )
    _counts_and_shares(
        out,
        "deltagare_forsorjning",
        "forsorjning",
        (*FORSORJNING, SAKNAS),
        rows,
        lambda d: forsorjning(d.inne.fore),
    )
    _counts_and_shares(
        out,
        "deltagare_initierad",
        "initierad_av",
        (*INITIERAD_AV, SAKNAS),
        rows,
        lambda d: {d.inne.initierad_av or SAKNAS},
    )


def behovsgrupper(out: Writer, view: View) -> None:
    chosen = background(view.deltaganden)

    def ung(deltagande: Known) -> bool:
        return alder(view.year, chosen[deltagande.inne.person]) < 30

    def groups(deltagande: Known) -> set[str]:
        sources = set(deltagande.inne.fore.forsorjning)
        found = sources & {"sjukpenning", "aktivitetsersattning"}
        if "aktivitetsersattning" in sources and ung(deltagande):
            found.add("unga_aktivitetsersattning")
        if deltagande.inne.behovsgrupp:
            found.add(f"person_{deltagande.inne.behovsgrupp}")
        return found

    codes = ["sjukpenning", "aktivitetsersattning", "unga_aktivitetsersattning"]
    codes += [f"person_{code}" for code in BEHOVSGRUPP_PER_PERSON]
    for code in codes:
        there = [d for d in view.deltaganden if code in groups(d)]
        totalt = persons(there)
        nya = persons(d for d in there if view.in_year(d.start))
        for kon in KON:
            in_kon = persons(of_kon(chosen.values(), kon))
            out.put("behovsgrupper", "totalt", len(totalt & in_kon), grupp=code, kon=kon)
            out.put("behovsgrupper", "nya", len(nya & in_kon), grupp=code, kon=kon)


def resultat_sysselsattning(out: Writer, view: View) -> None:
    avslut = avslutade(view, view.deltaganden).values()
    for kon in KON:
        base = of_kon(avslut, kon)
        for code in SYSSELSATTNING:
            fore = sum(code in sysselsattning(d.inne.fore) for d in base)
            efter = sum(code in sysselsattning(d.efter) for d in base)
            fore_andel, efter_andel = share(fore, len(base)), share(efter, len(base))
            pe = None if fore_andel is None or efter_andel is None else efter_andel - fore_andel
            for measure, value in (
                ("fore_antal", fore),
                ("fore_andel", fore_andel),
                ("efter_antal", efter),
                ("efter_andel", efter_andel),
                ("forandring_pe", pe),
            ):
                out.put("resultat_sysselsattning", measure, value, sysselsattning=code, kon=kon)


def resultat_okade(out: Writer, view: View) -> None:
    avslut = avslutade(view, view.deltaganden).values()
    codes = ("borjade_eller_okade", "ej_okade", SAKNAS)
    _counts_and_shares(out, "resultat_okade", "okade", codes, avslut, lambda d: {okade(d)})


def resultat_forsorjning(out: Writer, view: View) -> None:
    avslut = avslutade(view, view.deltaganden).values()
    for kon in KON:
        base = of_kon(avslut, kon)
        for code in (*FORSORJNING, SAKNAS):
            fore = sum(code in forsorjning(d.inne.fore) for d in base)
            efter = sum(code in forsorjning(d.efter) for d in base)
            out.put("resultat_forsorjning", "fore_antal", fore, forsorjning=code, kon=kon)
            out.put("resultat_forsorjning", "efter_antal", efter, forsorjning=code, kon=kon)
            out.put("resultat_forsorjning", "forandring", change(efter, fore), forsorjning=code, kon=kon)


def resultat_forsorjning_flode(out: Writer, view: View) -> None:
    """A person counts in every pair of sources."""
    avslut = avslutade(view, view.deltaganden).values()
    for fore in (*FORSORJNING, SAKNAS):
        for efter in (*FORSORJNING, SAKNAS):
            antal = sum(fore in forsorjning(d.inne.fore) and efter in forsorjning(d.efter) for d in avslut)
            out.put(
                "resultat_forsorjning_flode", "antal", antal, forsorjning_fore=fore, forsorjning_efter=efter
            )


def avslut(out: Writer, view: View) -> None:
    rows = avslutade(view, view.deltaganden).values()
    _counts_and_shares(
        out,
        "avslut",
        "avslutsanledning",
        (*AVSLUTSANLEDNING, SAKNAS),
        rows,
        lambda d: {(d.ute.avslutsanledning if d.ute else "") or SAKNAS},
    )


def tid_i_insats(out: Writer, view: View) -> None:
    avslut = avslutade(view, view.deltaganden).values()
    for kind in (*PRECISERAD_INDIVID, "totalt"):
        days = [d.days() for d in avslut if kind in ("totalt", view.insats(d).preciserad_inriktning)]
        measures: dict[str, Value] = {
            "avslutade": len(days),
            "median": middle(days),
            "q1": quantile(days, 0.25),
            "q3": quantile(days, 0.75),
            "medel": sum(days) / len(days) if days else None,
            "andel_over_1_ar": share(sum(n > 365 for n in days), len(days)),
            "andel_over_2_ar": share(sum(n > 730 for n in days), len(days)),
        }
        for measure, value in measures.items():
            out.put("tid_i_insats", measure, value, preciserad_inriktning=kind)


def ekonomi(out: Writer, view: View) -> None:
    for post in (*FINANSIAR, "insatskostnad", "insatskostnad_esf", *KOSTNADSTYP):
        rows = [m for m in view.register.money if m.year == view.year and m.post == post]
        out.put("ekonomi", "budget", number(sum((m.budget for m in rows), Decimal(0))), post=post)
        out.put("ekonomi", "utfall", number(sum((m.utfall for m in rows), Decimal(0))), post=post)


def _results(avslut: Iterable[Known]) -> dict[str, Value]:
    """The measures that `forbund`, `lan` and `kommun` share."""
    rows = list(avslut)
    after = [sysselsattning(d.efter) for d in rows]
    return {
        "avslutade": len(rows),
        "arbete_eller_studier_andel": share(sum("arbete_eller_studier" in a for a in after), len(rows)),
        "malet_andel": share(sum("malet" in a for a in after), len(rows)),
        "median_tid": middle([d.days() for d in rows]),
    }


def forbund(out: Writer, view: View) -> None:
    deltaganden = by_forbund(view)
    for forbund_id, insatser in forbund_insatser(view).items():
        there = deltaganden.get(forbund_id, [])
        med_personuppgifter = len(persons(there))
        deltagare = (
            med_personuppgifter
            + sum(a.kvinnor + a.man for a in view.anonyma if forbund_of_insats(view, a.insats) == forbund_id)
            + sum(
                v.antal for v in volym_of(view, "individ") if forbund_of_insats(view, v.insats) == forbund_id
            )
            + sum(forbund_of_insats(view, d.inne.insats) == forbund_id for d in view.avidentifierade)
        )
        measures: dict[str, Value] = {
            "insatser": len(insatser),
            "deltagare": deltagare,
            "med_personuppgifter": med_personuppgifter,
            "andel_personuppgifter": share(med_personuppgifter, deltagare),
            **_results(avslutade(view, there).values()),
            "median_eftersl_dagar": middle(
                [lag(d.start, d.start_registered) for d in there if view.in_year(d.start)]
            ),
        }
        for measure, value in measures.items():
            out.put("forbund", measure, value, forbund=forbund_id)


def places(out: Writer, view: View) -> None:
    """`lan` and `kommun`: where the background rule places the person, with the nationally counted avslut."""
    chosen = background(view.deltaganden)
    avslut = avslutade(view, view.deltaganden)
    for table, codes, digits in (("lan", LAN, 2), ("kommun", KOMMUNER, 4)):
        for code in codes:
            there = {person for person, d in chosen.items() if d.inne.kommun[:digits] == code}
            measures = {
                "med_personuppgifter": len(there),
                **_results(d for person, d in avslut.items() if person in there),
            }
            for measure, value in measures.items():
                out.put(table, measure, value, **{table: code})


def forbund_resultat(out: Writer, view: View) -> None:
    deltaganden = by_forbund(view)
    for forbund_id in forbund_insatser(view):
        avslut = avslutade(view, deltaganden.get(forbund_id, [])).values()
        after = [sysselsattning(d.efter) for d in avslut]
        for resultat, codes in (
            ("arbete_eller_studier", {"arbete_eller_studier"}),
            ("arbetssokande", {"arbetssokande"}),
            ("ovriga", {"ovriga", SAKNAS}),
        ):
            antal = sum(bool(codes & rows) for rows in after)
            out.put("forbund_resultat", "antal", antal, forbund=forbund_id, resultat=resultat)
        for kon in KON:
            out.put("forbund_resultat", "antal", len(of_kon(avslut, kon)), forbund=forbund_id, kon=kon)


def struktur_deltagare(out: Writer, view: View) -> None:
    out.put("struktur_deltagare", "deltagare", sum(row.antal for row in volym_of(view, "struktur")))


def kvalitet(out: Writer, view: View) -> None:
    deltaganden = by_forbund(view) | {"totalt": view.deltaganden}
    for forbund_id in {*forbund_insatser(view), *deltaganden}:
        there = deltaganden.get(forbund_id, [])
        in_days = [lag(d.start, d.start_registered) for d in there if view.in_year(d.start)]
        out_days = [
            lag(d.slut, d.slut_registered)
            for d in there
            if d.slut and d.slut_registered and view.in_year(d.slut)
        ]
        for limit in (7, 30, 90):
            in_share = share(sum(n <= limit for n in in_days), len(in_days))
            out_share = share(sum(n <= limit for n in out_days), len(out_days))
            out.put("kvalitet", f"in_{limit}", in_share, forbund=forbund_id)
            out.put("kvalitet", f"ut_{limit}", out_share, forbund=forbund_id)
        still_open = [d for d in there if d.slut is None]
        insats_slut = [view.insats(d).slutdatum for d in still_open]
        three_years_before = date(view.year - 3, 12, 31)
        counts: dict[str, Value] = {
            "oppna_avslutad_insats": sum(s is not None and s <= view.last_day for s in insats_slut),
            "oppna_over_3_ar": sum(d.start < three_years_before for d in still_open),
            "saknas_utbildning": sum(not d.inne.utbildning for d in there),
            "saknas_forsorjning": sum(not d.inne.fore.forsorjning for d in there),
            "saknas_sysselsattning": sum(unanswered(d.inne.fore) for d in there),
            "samtycken_ej_mottagna": None,  # all of these are imported
        }
        for measure, value in counts.items():
            out.put("kvalitet", measure, value, forbund=forbund_id)


TABLES: tuple[Callable[[Writer, View], None], ...] = (
    forbund_kommuner,
    insatser_inriktning,
    insatser_individ,
    insatser_struktur,
    insatser_behovsgrupp,
    deltagare,
    background_tables,
    behovsgrupper,
    resultat_sysselsattning,
    resultat_okade,
    resultat_forsorjning,
    resultat_forsorjning_flode,
    avslut,
    tid_i_insats,
    ekonomi,
    forbund,
    places,
    forbund_resultat,
    struktur_deltagare,
    kvalitet,
)


def one_year(seen: View) -> Cells:
    """Every table of one year, without what needs the year before."""
    out = Writer(seen.year)
    for table in TABLES:
        table(out, seen)
    return out.cells


# --- The year and the year before ------------------------------------------------------------------------------------


def one_year_before(time: datetime) -> datetime:
    local = time.astimezone(STOCKHOLM)
    try:
        return local.replace(year=local.year - 1)
    except ValueError:  # 29 February
        return local.replace(year=local.year - 1, day=28)


def something_registered(seen: View) -> bool:
    return bool(seen.deltaganden or seen.avidentifierade or seen.anonyma or seen.volym)


YEARLY = (
    ("forbund_kommuner", "forandring_forbund"),
    ("forbund_kommuner", "forandring_kommuner"),
    ("deltagare", "forandring"),
    ("struktur_deltagare", "forandring"),
)


def forandring(cells: Cells, year: int) -> Cells:
    """What compares the year with the year before: counts in percent, förbund and kommuner in number."""
    found: Cells = {}
    for cell, now in cells.items():
        if cell.year != year:
            continue
        before = cells.get(cell._replace(year=year - 1))
        if (cell.table, cell.measure) in (("deltagare", "antal"), ("struktur_deltagare", "deltagare")):
            found[cell._replace(measure="forandring")] = change(now, before)
        elif cell.table == "forbund_kommuner" and cell.measure in ("forbund", "kommuner"):
            difference = now - before if now is not None and before is not None else None
            found[cell._replace(measure=f"forandring_{cell.measure}")] = difference
    return found


def of_fastställt(register: Register, year: int, as_of: datetime, taken_at: datetime | None = None) -> Cells:
    """The cells of `year` itself in its fastställda uttag, for `compute` of the year after; none where nothing of the
    year was registered.
    """
    seen = uttag(register, year, as_of, taken_at)
    return one_year(seen) if something_registered(seen) else {}


def compute(
    register: Register,
    year: int,
    as_of: datetime,
    *,
    faststalld: Cells | None = None,
    taken_at: datetime | None = None,
) -> Cells:
    """Every cell of the uttag (year, as_of) and of the year before.

    `faststalld` holds the cells of the year before's fastställda uttag, where there is one, and is empty where nothing
    was registered in that (19). `taken_at` is when the
    uttag is taken: identities removed later are still there. Without it, every removed identity is gone.
    """
    cells = one_year(uttag(register, year, as_of, taken_at))
    seen_before = uttag(register, year - 1, one_year_before(as_of), taken_at)
    if faststalld:
        before = {
            cell: value
            for cell, value in faststalld.items()
            if cell.year == year - 1 and (cell.table, cell.measure) not in YEARLY
        }
    elif faststalld is None and something_registered(seen_before):
        before = one_year(seen_before)
    else:
        before = {cell._replace(year=year - 1): None for cell in cells}
    cells |= before
    return cells | forandring(cells, year)
