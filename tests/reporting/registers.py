"""Small valid registers for hypothesis: rows of FORMATS §1 that no check refuses, dense where definitions meet.

    @given(registers())
    def test_something(rows, tmp_path):
        folders = rows.write(tmp_path)        # the import, then each round of corrections in a folder of its own
        register = naive.Register.read(*folders)

What is drawn are a few small choices; the rows are built from them, so that a failing register shrinks to a few lines.
Nearly every date and time is one of those at which a definition turns: the ends of the year, the day of a merger, the
as-of time and the second after it, the limits of eftersläpning.

Left out on purpose, since the texts leave open what an import does with them: `aterkallat_samtycke` on a row that has
a personnummer, registration before the event itself, a row without out columns after one that had them, and
corrections that are not newer than what is stored.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

STOCKHOLM = ZoneInfo("Europe/Stockholm")
YEAR = 2018
AS_OF = datetime(2019, 1, 16, 23, 59, 59, tzinfo=STOCKHOLM)
TESTPERSONNUMMER = Path(__file__).parents[2] / "registration" / "reference" / "testpersonnummer.csv"

Row = dict[str, str]

COLUMNS = {
    "forbund": "forbund_id namn organisationsnummer startdatum slutdatum uppgatt_i",
    "forbund_kommun": "forbund_id kommunkod fran till",
    "insatser": (
        "insats_id forbund_id namn inriktning preciserad_inriktning registreringssatt behovsgrupper startdatum"
        " slutdatum esf"
    ),
    "insats_ar": "insats_id ar planerat_antal budget utfall budget_esf utfall_esf",
    "forbund_ar": "forbund_id ar post budget utfall",
    "deltaganden": (
        "deltagande_id insats_id personnummer fornamn efternamn kommunkod samtyckesdatum startdatum utbildning"
        " tid_i_forsorjning_manader forsorjning_fore arbetar_fore typ_av_arbete_fore studerar_fore"
        " arbetssokande_fore inskriven_af_fore initierad_av behovsgrupp registrerad_in slutdatum avslutsanledning"
        " forsorjning_efter arbetar_efter typ_av_arbete_efter studerar_efter arbetssokande_efter"
        " inskriven_af_efter registrerad_ut"
    ),
    "anonyma": "insats_id ar kvinnor man registrerad",
    "volym": "insats_id ar antal kvinnor man registrerad",
}


@dataclass
class RegisterRows:
    """The rows of a register; a missing column is an empty cell. Of each deltagande all its versions in order."""

    year: int
    as_of: datetime
    forbund: list[Row] = field(default_factory=list)
    forbund_kommun: list[Row] = field(default_factory=list)
    insatser: list[Row] = field(default_factory=list)
    insats_ar: list[Row] = field(default_factory=list)
    forbund_ar: list[Row] = field(default_factory=list)
    deltaganden: list[list[Row]] = field(default_factory=list)
    anonyma: list[Row] = field(default_factory=list)
    volym: list[Row] = field(default_factory=list)

    def write(self, folder: Path) -> list[Path]:
        """Folders to import one after the other: `1` has everything once, `2` and on have corrections."""
        rounds = max((len(versions) for versions in self.deltaganden), default=1)
        folders = []
        for number in range(rounds):
            deltaganden = [versions[number] for versions in self.deltaganden if number < len(versions)]
            folders.append(folder / str(number + 1))
            if number == 0:
                self._write_all(folders[-1], deltaganden)
            else:
                _write(folders[-1], "deltaganden", deltaganden)
        return folders

    def write_whole(self, folder: Path) -> Path:
        """One folder with every version, as an export writes it."""
        self._write_all(folder, [row for versions in self.deltaganden for row in versions])
        return folder

    def _write_all(self, folder: Path, deltaganden: list[Row]) -> None:
        for name in COLUMNS:
            _write(folder, name, deltaganden if name == "deltaganden" else getattr(self, name))


def _write(folder: Path, name: str, rows: Iterable[Row]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS[name].split(), restval="", delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


# --- What is drawn ---------------------------------------------------------------------------------------------------

KOMMUNER = ("0114", "0180", "1480", "2580")
POSTER = ("stat", "kommun", "region", "esf", "eget_kapital", "ovriga", "kring", "personal", "annan_kostnad")
INDIVID = ("rehab_arbete", "forebyggande", "kartlaggning", "forberedande", "stod_arbete", "annan_individ")
STRUKTUR = ("dialog", "utbildning", "kunskap", "metod", "samlokalisering", "annan_struktur")
INSATS_BEHOVSGRUPPER = ("", "langtidssjukskrivna", "missbruk|annan", "unga_aktivitetsersattning|nyanlanda")

UTBILDNING = ("gymnasium", "", "okand", "ej_grundskola", "grundskola", "eftergymnasial")
MANADER = ("24", "", "0", "1", "11", "12", "35", "36", "71", "72", "119", "120")
FORSORJNING = (
    "sjukpenning:hel",
    "",
    "ingen",
    "aktivitetsersattning:hel",
    "sjukpenning:del|forsorjningsstod:del",
    "aktivitetsersattning:del|studiestod:del",
    "annan_offentlig:hel",
    "utvecklingsersattning:hel",
)
SYSSELSATTNING = (  # arbetar, typ av arbete, studerar, arbetssökande
    ("0", "", "0", "0"),
    ("", "", "", ""),
    ("50", "ordinarie", "0", "0"),
    ("100", "subventionerat", "", "1"),
    ("0", "", "50", "1"),
    ("0", "", "0", "1"),
    ("", "", "", "1"),
    ("", "", "", "0"),
    ("0", "", "", ""),
    ("25", "eget_foretag", "25", ""),
    ("50", "", "100", "0"),
)
INITIERAD_AV = ("fk", "", "af", "kommun", "region", "egen", "annan")
BEHOVSGRUPP = ("", "langtidssjukskrivna", "unga_aktivitetsersattning", "unga_funktionsnedsattning")
AVSLUTSANLEDNING = (
    "enligt_plan",
    "",
    "felregistrering",
    "avbrott_deltagare",
    "avbrott_sjukdom",
    "flytt",
    "foraldraledig",
    "pension",
    "avliden",
    "insats_upphor",
    "annat",
)
CORRECTIONS = (
    "in_answers",
    "in_as_first",
    "start_earlier",
    "start_later",
    "out_answers",
    "slut_earlier",
    "slut_later",
    "felregistrering",
    "felregistrering_without_slut",
)
PERSONS = 6


class When(NamedTuple):
    """A time after an event by days and clock, or (`moment`) by what it lies beside, whatever the event."""

    days: int = 0
    clock: time = time(12)
    moment: str = ""


NIGHT = time(0, 30)  # written in UTC, where it is still the day before
WHEN = (
    When(0),
    When(moment="as_of"),
    When(moment="after_as_of"),
    When(7),
    When(8),
    When(8, NIGHT),
    When(30),
    When(31),
    When(31, NIGHT),
    When(90),
    When(91),
    When(1, time(23, 30)),
    When(moment="year_before"),
    When(moment="after_year_before"),
    When(400),
)


class InsatsDraw(NamedTuple):
    forbund: int
    kind: str
    preciserad: int
    behovsgrupper: str
    start: int
    slut: int
    esf: bool


class AnswersDraw(NamedTuple):
    forsorjning: str
    sysselsattning: tuple[str, str, str, str]


class DeltagandeDraw(NamedTuple):
    person: int
    insats: int
    start: int
    slut: int
    in_when: When
    out_when: When
    kommun: str
    utbildning: str
    manader: str
    fore: AnswersDraw
    efter: AnswersDraw
    initierad_av: str
    behovsgrupp: str
    anledning: str
    dash: bool
    corrections: list[tuple[str, When, AnswersDraw]]
    twin: bool

    def as_twin_of(self, other: DeltagandeDraw) -> DeltagandeDraw:
        """The same person, days and times, so that only later rules can tell which of the two comes last."""
        return self._replace(
            person=other.person,
            start=other.start,
            slut=other.slut,
            in_when=other.in_when,
            out_when=other.out_when,
        )


class CountDraw(NamedTuple):
    insats: int
    back: int
    counts: tuple[str, str, str]
    when: When


def _picks(sequence: Sequence) -> st.SearchStrategy:
    return st.sampled_from(sequence)


def _index(sequence: Sequence) -> st.SearchStrategy[int]:
    return st.integers(0, len(sequence) - 1)


COUNTS = (  # antal, kvinnor, män
    ("3", "1", "2"),
    ("0", "0", "0"),
    ("10", "", ""),
    ("7", "3", "2"),
    ("5", "2", ""),
    ("3", "", "3"),
)
MERGERS = ("none", "mid", "year_end", "year_before", "chain", "later", "closed", "closed_year_end")
MONEY = ("", "0", "1000", "250000")


def _starts(year: int) -> tuple[date, ...]:
    return (
        date(year, 3, 1),
        date(year, 1, 1),
        date(year, 12, 31),
        date(year - 1, 12, 31),
        date(year, 6, 30),
        date(year, 7, 1),
        date(year - 1, 6, 1),
        date(year - 2, 5, 1),
        date(year - 2, 12, 31),
        date(year - 3, 12, 31),
        date(year - 3, 12, 30),
        date(year + 1, 1, 1),
        date(year + 1, 1, 10),
    )


def _sluts(year: int) -> tuple[date | timedelta | None, ...]:
    """A day, or a time after the start, or none."""
    return (
        date(year, 12, 31),
        None,
        date(year, 6, 30),
        timedelta(0),
        timedelta(1),
        timedelta(364),
        timedelta(365),
        timedelta(729),
        timedelta(730),
        timedelta(30),
        date(year, 1, 1),
        date(year - 1, 12, 31),
        date(year + 1, 1, 1),
        date(year, 7, 1),
    )


def _insats_starts(year: int) -> tuple[date, ...]:
    return (
        date(year - 4, 1, 1),
        date(year - 1, 7, 1),
        date(year, 1, 1),
        date(year, 12, 31),
        date(year + 1, 1, 1),
    )


def _insats_sluts(year: int) -> tuple[date | None, ...]:
    return (
        None,
        date(year, 12, 31),
        date(year, 6, 30),
        date(year, 7, 1),
        date(year - 1, 12, 31),
        date(year, 1, 1),
        date(year + 1, 6, 30),
    )


_answers = st.builds(AnswersDraw, _picks(FORSORJNING), _picks(SYSSELSATTNING))
_insats = st.builds(
    InsatsDraw,
    st.integers(0, 3),
    _picks(("person", "person", "individ_volym", "struktur")),
    st.integers(0, 5),
    _picks(INSATS_BEHOVSGRUPPER),
    _index(_insats_starts(YEAR)),
    _index(_insats_sluts(YEAR)),
    st.booleans(),
)
_deltagande = st.builds(
    DeltagandeDraw,
    st.integers(0, PERSONS - 1),
    st.integers(0, 7),
    _index(_starts(YEAR)),
    _index(_sluts(YEAR)),
    _picks(WHEN),
    _picks(WHEN),
    _picks(KOMMUNER),
    _picks(UTBILDNING),
    _picks(MANADER),
    _answers,
    _answers,
    _picks(INITIERAD_AV),
    _picks(BEHOVSGRUPP),
    _picks(AVSLUTSANLEDNING),
    st.booleans(),
    st.lists(st.tuples(_picks(CORRECTIONS), _picks(WHEN), _answers), max_size=3),
    st.booleans(),
)
_count = st.builds(CountDraw, st.integers(0, 7), st.integers(0, 1), _picks(COUNTS), _picks(WHEN))


@st.composite
def registers(draw: st.DrawFn, year: int = YEAR, as_of: datetime = AS_OF) -> RegisterRows:
    """Registers around an uttag (year, as_of), where the as-of time lies in the January or February after."""
    rows = RegisterRows(year, as_of)
    forbund = draw(st.integers(2, 4))
    _add_forbund(rows, forbund, draw(_picks(MERGERS)), draw(st.integers(0, 3)))
    for number in range(forbund):
        _add_kommuner(rows, number, draw(st.booleans()), draw(st.integers(0, 3)))
    # Always one insats for deltaganden, in the förbund that something may happen to.
    _add_insats(rows, InsatsDraw(forbund - 1, "person", 0, "", 0, draw(_index(_insats_sluts(YEAR))), False))
    for insats in draw(st.lists(_insats, min_size=2, max_size=7)):
        _add_insats(rows, insats)
    taken: list[_Window] = []
    few_or_many = st.lists(_deltagande, max_size=6) | st.lists(_deltagande, min_size=10, max_size=25)
    before: DeltagandeDraw | None = None
    for drawn in draw(few_or_many):
        before = drawn.as_twin_of(before) if before and drawn.twin else drawn
        _add_deltagande(rows, before, taken)
    for count in draw(st.lists(_count, max_size=8)):
        _add_count(rows, count, "anonyma")
    for count in draw(st.lists(_count, max_size=8)):
        _add_count(rows, count, "volym")
    budget_and_utfall = st.tuples(_picks(MONEY), _picks(MONEY))
    for number, post, back, (budget, utfall) in draw(
        st.lists(
            st.tuples(st.integers(0, 3), _picks(POSTER), st.integers(0, 1), budget_and_utfall),
            max_size=4,
            unique_by=lambda money: money[:3],
        )
    ):
        if number < forbund:
            rows.forbund_ar.append(
                {
                    "forbund_id": f"F{number}",
                    "ar": str(year - back),
                    "post": post,
                    "budget": budget,
                    "utfall": utfall,
                }
            )
    for number, back, (budget, utfall), (budget_esf, utfall_esf) in draw(
        st.lists(
            st.tuples(st.integers(0, 7), st.integers(0, 1), budget_and_utfall, budget_and_utfall),
            max_size=4,
            unique_by=lambda money: money[:2],
        )
    ):
        if number < len(rows.insatser) and _runs_in(rows.insatser[number], year - back):
            row = {
                "insats_id": rows.insatser[number]["insats_id"],
                "ar": str(year - back),
                "planerat_antal": "10",
                "budget": budget,
                "utfall": utfall,
            }
            if rows.insatser[number]["esf"] == "1":
                row |= {"budget_esf": budget_esf, "utfall_esf": utfall_esf}
            rows.insats_ar.append(row)
    return rows


# --- Förbund and insatser --------------------------------------------------------------------------------------------


def _add_forbund(rows: RegisterRows, forbund: int, merger: str, young: int) -> None:
    """F0 lasts. The last förbund may end or merge into F0, in a chain by way of the one before; F1 may be young."""
    year, last = rows.year, forbund - 1
    starts = [date(year - 10, 1, 1)] * forbund
    sluts: dict[int, date] = {}
    into: dict[int, int] = {}
    if merger == "chain" and forbund > 2:
        sluts = {last: date(year, 3, 31), last - 1: date(year, 9, 30)}
        into = {last: last - 1, last - 1: 0}
    elif merger != "none":
        day = {
            "mid": date(year, 6, 30),
            "chain": date(year, 6, 30),
            "year_end": date(year, 12, 31),
            "year_before": date(year - 1, 12, 31),
            "later": date(year + 1, 1, 31),
            "closed": date(year, 6, 30),
            "closed_year_end": date(year, 12, 31),
        }[merger]
        sluts[last] = day
        if not merger.startswith("closed"):
            into[last] = 0
    if forbund > 2 and 1 not in sluts:
        starts[1] = (date(year - 10, 1, 1), date(year, 1, 1), date(year, 12, 31), date(year + 1, 1, 1))[young]
    for number, start in enumerate(starts):
        row = {"forbund_id": f"F{number}", "namn": f"Förbund {number}", "startdatum": start.isoformat()}
        if number in sluts:
            row["slutdatum"] = sluts[number].isoformat()
        if number in into:
            row["uppgatt_i"] = f"F{into[number]}"
        rows.forbund.append(row)


def _add_kommuner(rows: RegisterRows, number: int, shared: bool, period: int) -> None:
    """A kommun of its own for a time, and perhaps the first förbund's too."""
    year, forbund = rows.year, rows.forbund[number]
    fran, till = (
        (None, None),
        (None, date(year, 12, 31)),
        (None, date(year, 12, 30)),
        (date(year, 12, 31), None),
    )[period]
    first = max(fran or date.min, date.fromisoformat(forbund["startdatum"]))
    slut = _day(forbund, "slutdatum")
    last = min((day for day in (till, slut) if day), default=None)
    if last and first > last:
        return
    for kommun in {KOMMUNER[number]} | ({KOMMUNER[0]} if shared else set()):
        row = {"forbund_id": forbund["forbund_id"], "kommunkod": kommun, "fran": first.isoformat()}
        if last:
            row["till"] = last.isoformat()
        rows.forbund_kommun.append(row)


def _add_insats(rows: RegisterRows, insats: InsatsDraw) -> None:
    forbund = rows.forbund[insats.forbund % len(rows.forbund)]
    start = max(_insats_starts(rows.year)[insats.start], date.fromisoformat(forbund["startdatum"]))
    slut = _insats_sluts(rows.year)[insats.slut]
    forbund_slut = _day(forbund, "slutdatum")
    if forbund_slut:
        start = min(start, forbund_slut)
        if "uppgatt_i" not in forbund:  # nobody takes it over
            slut = min(slut or forbund_slut, forbund_slut)
    number = len(rows.insatser)
    row = {
        "insats_id": f"I{number}",
        "forbund_id": forbund["forbund_id"],
        "namn": f"Insats {number}",
        "inriktning": "struktur" if insats.kind == "struktur" else "individ",
        "preciserad_inriktning": (STRUKTUR if insats.kind == "struktur" else INDIVID)[insats.preciserad],
        "registreringssatt": "person" if insats.kind == "person" else "volym",
        "behovsgrupper": insats.behovsgrupper,
        "startdatum": start.isoformat(),
        "esf": str(int(insats.esf)),
    }
    if slut:
        row["slutdatum"] = max(start, slut).isoformat()
    rows.insatser.append(row)


def _day(row: Row, column: str) -> date | None:
    return date.fromisoformat(row[column]) if row.get(column) else None


def _runs_in(insats: Row, year: int) -> bool:
    slut = _day(insats, "slutdatum")
    return date.fromisoformat(insats["startdatum"]) <= date(year, 12, 31) and (
        not slut or slut >= date(year, 1, 1)
    )


# --- Deltaganden -----------------------------------------------------------------------------------------------------


class _Window(NamedTuple):
    """All days that some version of a deltagande covers."""

    person: int
    insats: str
    first: date
    last: date


def _add_deltagande(rows: RegisterRows, draw: DeltagandeDraw, taken: list[_Window]) -> None:
    """The deltagande and its corrections; left out when a version would overlap another of the person there."""
    insatser = [insats for insats in rows.insatser if insats["registreringssatt"] == "person"]
    insats = insatser[draw.insats % len(insatser)]
    first_day = date.fromisoformat(insats["startdatum"])
    last_day = _day(insats, "slutdatum") or date.max
    start = min(max(_starts(rows.year)[draw.start], first_day), last_day)
    slut = _sluts(rows.year)[draw.slut]
    if isinstance(slut, timedelta):
        slut = start + slut
    if slut:
        slut = min(max(slut, start), last_day)

    in_times = [_moment(rows, draw.in_when, start)]
    out_times: list[datetime] = []
    number = numbers(rows.year)[draw.person]
    identity = {
        "deltagande_id": f"D{len(rows.deltaganden):02}",
        "insats_id": insats["insats_id"],
        "personnummer": f"{number[:8]}-{number[8:]}" if draw.dash else number,
        "fornamn": "Prov",
        "efternamn": f"Person{draw.person}",
        "samtyckesdatum": start.isoformat(),
    }
    inne = {
        "kommunkod": draw.kommun,
        "startdatum": start.isoformat(),
        "utbildning": draw.utbildning,
        "tid_i_forsorjning_manader": draw.manader,
        **_answer_columns(draw.fore, "fore"),
        "initierad_av": draw.initierad_av,
        "behovsgrupp": draw.behovsgrupp,
        "registrerad_in": _iso(in_times[0]),
    }
    first_in = dict(inne)
    ute: Row = {}

    def register_out(day: date | None, reason: str, answers: AnswersDraw, when: When) -> None:
        moment = max(_moment(rows, when, day or start), in_times[0])
        if out_times:
            moment = _newer(moment, out_times)
        out_times.append(moment)
        ute.clear()
        ute.update(avslutsanledning=reason, registrerad_ut=_iso(moment))
        if day:
            ute["slutdatum"] = day.isoformat()
        if reason != "felregistrering":
            ute.update(_answer_columns(answers, "efter"))

    if slut:
        register_out(slut, draw.anledning, draw.efter, draw.out_when)
    versions = [identity | inne | ute]
    for kind, when, answers in draw.corrections:
        start, slut = date.fromisoformat(inne["startdatum"]), _day(ute, "slutdatum")
        if kind.startswith(("in_", "start_")):
            if kind == "in_answers":
                inne |= _answer_columns(answers, "fore") | {"utbildning": "", "kommunkod": KOMMUNER[-1]}
            elif kind == "in_as_first":
                inne = inne | first_in
            elif kind == "start_earlier":
                inne["startdatum"] = max(first_day, start - timedelta(days=5)).isoformat()
            elif kind == "start_later":
                inne["startdatum"] = min(slut or last_day, start + timedelta(days=2)).isoformat()
            if slut and date.fromisoformat(inne["startdatum"]) > slut:
                continue
            in_times.append(_newer(_moment(rows, when, date.fromisoformat(inne["startdatum"])), in_times))
            inne["registrerad_in"] = _iso(in_times[-1])
        elif kind.startswith("felregistrering"):
            without_slut = kind == "felregistrering_without_slut"
            register_out(None if without_slut else slut, "felregistrering", answers, when)
        else:
            day = slut or min(start + timedelta(days=40), last_day)
            if kind == "slut_earlier":
                day = max(start, day - timedelta(days=5))
            elif kind == "slut_later":
                day = min(last_day, day + timedelta(days=5))
            register_out(day, "annat", answers, when)
        versions.append(identity | inne | ute)

    # A felregistrering from the beginning is not in the overlap rule; any other is, with all its versions.
    if not (len(versions) == 1 and ute.get("avslutsanledning") == "felregistrering"):
        window = _Window(
            draw.person,
            insats["insats_id"],
            min(date.fromisoformat(version["startdatum"]) for version in versions),
            max(_day(version, "slutdatum") or last_day for version in versions),
        )
        if any(
            (other.person, other.insats) == (window.person, window.insats)
            and other.first <= window.last
            and window.first <= other.last
            for other in taken
        ):
            return
        taken.append(window)
    rows.deltaganden.append([{column: text for column, text in row.items() if text} for row in versions])


def _answer_columns(answers: AnswersDraw, when: str) -> Row:
    arbetar, typ, studerar, arbetssokande = answers.sysselsattning
    return {
        f"forsorjning_{when}": answers.forsorjning,
        f"arbetar_{when}": arbetar,
        f"typ_av_arbete_{when}": typ,
        f"studerar_{when}": studerar,
        f"arbetssokande_{when}": arbetssokande,
        f"inskriven_af_{when}": arbetssokande,
    }


@cache
def numbers(year: int) -> list[str]:
    """Official test numbers of people on both sides of the age limits, the last a samordningsnummer."""
    with TESTPERSONNUMMER.open(encoding="utf-8-sig", newline="") as file:
        official = sorted(row["nummer"] for row in csv.DictReader(file))

    def first(ages: range, man: int, samordning: bool = False) -> str:
        return next(
            number
            for number in official
            if year - int(number[:4]) in ages
            and int(number[10]) % 2 == man
            and (int(number[6:8]) > 60) == samordning
        )

    limits = ((30, 0), (29, 1), (20, 0), (19, 1), (60, 0))
    return [first(range(age, age + 1), man) for age, man in limits] + [
        first(range(16, 60), 1, samordning=True)
    ]


# --- Anonyma, volym, times -------------------------------------------------------------------------------------------


def _add_count(rows: RegisterRows, draw: CountDraw, name: str) -> None:
    satt = "person" if name == "anonyma" else "volym"
    insatser = [insats for insats in rows.insatser if insats["registreringssatt"] == satt]
    year = rows.year - draw.back
    if not insatser or not _runs_in(insatser[draw.insats % len(insatser)], year):
        return
    insats = insatser[draw.insats % len(insatser)]
    row = {
        "insats_id": insats["insats_id"],
        "ar": str(year),
        "registrerad": _iso(_moment(rows, draw.when, date(year, 12, 1))),
    }
    known = rows.anonyma if name == "anonyma" else rows.volym
    if any(all(other[column] == row[column] for column in row) for other in known):
        return
    antal, kvinnor, man = draw.counts
    if name == "anonyma":
        row |= {"kvinnor": kvinnor or "0", "man": man or "0"}
    else:
        row |= {"antal": antal, "kvinnor": kvinnor, "man": man}
    known.append(row)


def _moment(rows: RegisterRows, when: When, event: date) -> datetime:
    """Never before the event."""
    second = timedelta(seconds=1)
    year_before = rows.as_of.astimezone(STOCKHOLM).replace(year=rows.as_of.year - 1)
    moment = {
        "as_of": rows.as_of,
        "after_as_of": rows.as_of + second,
        "year_before": year_before,
        "after_year_before": year_before + second,
    }.get(when.moment)
    if moment is not None and moment.astimezone(STOCKHOLM).date() >= event:
        return moment
    return datetime.combine(event + timedelta(days=when.days), when.clock, STOCKHOLM)


def _newer(moment: datetime, times: Sequence[datetime]) -> datetime:
    """A correction is newer than what it corrects."""
    return moment if moment > max(times) else max(times) + timedelta(days=1)


def _iso(moment: datetime) -> str:
    night = moment.astimezone(STOCKHOLM).time() == NIGHT
    return moment.astimezone(UTC if night else STOCKHOLM).isoformat()
