"""Absorbed förbund in their successor's row: as if its insatser had belonged to the successor all along.

The tables of a register, folded, against those of the same register where nothing was ever merged away: every cell of
the tables with a row for each förbund, of both years.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from reporting.report.folded import TABLES
from reporting.tables.compute import TableResult, YearBefore, compute_tables
from reporting.tables.registry import get_table
from reporting.uttag.dataset import absorbed, build_dataset, fold_absorbed, open_duckdb
from tests.reporting.raw_folders import AS_OF, YEAR, Field, Raw, Tables

YEAR_BEFORE = AS_OF.replace(year=AS_OF.year - 1)
SCHEMAS = {"nu": (YEAR, AS_OF), "fore": (YEAR - 1, YEAR_BEFORE)}
BEGINNING = "2010-01-01"

Mergers = dict[str, tuple[str, str]]
"""Förbund -> its last day and what it went up in."""

MERGERS: tuple[Mergers, ...] = (
    {"D": ("2018-03-31", "C"), "C": ("2018-06-30", "A")},
    {"D": ("2017-06-30", "C"), "C": ("2018-06-30", "A")},
    {"D": ("2018-03-31", "C"), "C": ("2018-03-31", "A")},
    {"C": ("2018-06-30", "A"), "D": ("2018-06-30", "A")},
    {"C": ("2017-12-31", "A"), "D": ("2018-12-31", "B")},
    {"C": ("2018-06-30", "A")},
)
DAYS = (
    "2014-05-01", "2017-03-01", "2017-06-30", "2017-07-01", "2017-12-31", "2018-01-01", "2018-03-31", "2018-04-01",
    "2018-06-30", "2018-07-01", "2018-12-31",
)  # fmt: skip
LAGS = (0, 7, 8, 30, 31, 90, 91, 300)
ANSWERS: tuple[dict[str, Field], ...] = (
    {"arbetar": 50, "forsorjning": "sjukpenning"},
    {},
    {"arbetar": 0, "studerar": 100, "arbetssokande": 1, "forsorjning": "ingen"},
    {"arbetssokande": 1},
    {"arbetar": 0, "arbetssokande": 0, "forsorjning": "studiestod"},
)
SAMTYCKEN = ((0, None), (1, None), (1, "2018-02-01"))


class Drawn(NamedTuple):
    """A deltagande. person: None where its identity is gone."""

    person: int | None
    insats: int
    start: str
    slut: str | None
    lags: tuple[int, int]
    fore: dict[str, Field]
    efter: dict[str, Field]
    utbildning: str | None
    samtycke: tuple[int, str | None]


class Counted(NamedTuple):
    """Anonyma and volym of an insats in a year."""

    insats: int
    year: int
    kvinnor: int
    man: int


class Register(NamedTuple):
    """insatser: the förbund that made each, and its last day."""

    mergers: Mergers
    insatser: list[tuple[str, str | None]]
    deltaganden: list[Drawn]
    counted: list[Counted]

    def raw(self, *, merged: bool) -> Raw:
        """merged: insatser pass on by the mergers; else they were the last successor's from the beginning."""
        raw = Raw()
        for name in "CD":
            slut, into = self.mergers.get(name, (None, None))
            namn = f"Förbundet {name}"
            raw.add("forbund", forbund=name, namn=namn, start=BEGINNING, slut=slut, uppgatt_i=into)
        names = ["I1", "I2"]
        for number, (forbund, slut) in enumerate(self.insatser, start=3):
            names.append(f"I{number}")
            raw.insats(names[-1], None, slut=slut)
            for owner, fran, till in self._owners(forbund, slut, merged):
                raw.add("agande", insats=names[-1], forbund=owner, fran=fran, till=till)
        for number, one in enumerate(self.deltaganden):
            _add(raw, f"d{number:02}", names[one.insats % len(names)], one)
        for number, count in enumerate(self.counted):
            said: dict[str, Field] = {
                "insats": names[count.insats % len(names)], "ar": count.year, "nr": number,
                "registrerad": f"{count.year}-12-01 10:00:00", "kvinnor": count.kvinnor, "man": count.man,
            }  # fmt: skip
            raw.add("anonyma", **said)
            raw.add("volym", **said, antal=count.kvinnor + count.man + 1)
        return raw

    def _owners(self, forbund: str, slut: str | None, merged: bool) -> list[tuple[str, str, str | None]]:
        if not merged:
            return [(self.last(forbund), BEGINNING, None)]
        found, fran = [], BEGINNING
        while forbund in self.mergers and (slut is None or slut > self.mergers[forbund][0]):
            till, into = self.mergers[forbund]
            if till >= fran:
                found.append((forbund, fran, till))
                fran = str(dt.date.fromisoformat(till) + dt.timedelta(days=1))
            forbund = into
        return [*found, (forbund, fran, None)]

    def last(self, forbund: str) -> str:
        """Where the förbund is now."""
        while forbund in self.mergers:
            forbund = self.mergers[forbund][1]
        return forbund


def _add(raw: Raw, name: str, insats: str, one: Drawn) -> None:
    known_in, known_out = (
        f"{dt.date.fromisoformat(day) + dt.timedelta(days=lag)} 10:00:00" if day else None
        for day, lag in zip((one.start, one.slut), one.lags, strict=True)
    )
    kon = "K" if one.person is None or one.person % 2 else "M"
    if one.person is None:
        raw.deltagande(
            name, None, None, insats=insats, start_ar=one.start[:4], kon=kon, registrerad=known_in,
            efter={"slut_ar": one.slut[:4], "registrerad": known_out} if one.slut else None,
        )  # fmt: skip
        return
    raw.deltagande(
        name, f"p{one.person}", one.start, one.slut, insats=insats, registrerad=known_in, kon=kon,
        utbildning=one.utbildning, samtycke=one.samtycke, fore=one.fore,
        efter={**one.efter, "registrerad": known_out} if one.slut else None,
    )  # fmt: skip


def _from_days(first: str, last: str | None, **others: Any) -> Drawn:
    return Drawn(start=min(first, last or first), slut=last and max(first, last), **others)


@st.composite
def registers(draw: st.DrawFn) -> Register:
    """Always an insats of each förbund that may be merged away, open, with somebody who left it before and another
    after, and one person in the successor's insats too."""
    days, person, insats = st.sampled_from(DAYS), st.none() | st.integers(0, 5), st.integers(0, 9)

    def deltagande(
        who: st.SearchStrategy[int | None], where: st.SearchStrategy[int]
    ) -> st.SearchStrategy[Drawn]:
        return st.builds(
            _from_days, days, st.none() | days, person=who, insats=where,
            lags=st.tuples(st.sampled_from(LAGS), st.sampled_from(LAGS)), fore=st.sampled_from(ANSWERS),
            efter=st.sampled_from(ANSWERS), utbildning=st.sampled_from((None, "gymnasium")),
            samtycke=st.sampled_from(SAMTYCKEN),
        )  # fmt: skip

    ends = st.sampled_from((None, "2016-12-31", "2017-12-31", "2018-05-31"))
    more = draw(st.lists(st.tuples(st.sampled_from("ABCD"), ends), max_size=4))
    everywhere = [draw(deltagande(st.just(1), st.just(number))) for number in range(4)]
    return Register(
        draw(st.sampled_from(MERGERS)),
        [("C", None), ("D", None), *more],
        everywhere + draw(st.lists(deltagande(person, insats), min_size=8, max_size=20)),
        draw(
            st.lists(
                st.builds(
                    Counted, insats, st.sampled_from((YEAR - 1, YEAR)), st.integers(0, 3), st.integers(0, 3)
                ),
                max_size=4,
            )
        ),
    )


def built(raw: Raw) -> duckdb.DuckDBPyConnection:
    """A connection with the datasets of both years."""
    con = open_duckdb(threads=1)
    with TemporaryDirectory() as folder:
        raw.write(Path(folder))
        for schema, (year, as_of) in SCHEMAS.items():
            build_dataset(con, schema, Path(folder), year, as_of)
    return con


def tables(con: duckdb.DuckDBPyConnection) -> list[TableResult]:
    before = YearBefore(schema="fore", as_of=YEAR_BEFORE)
    return compute_tables(con, year=YEAR, before=before, tables=[get_table(id_) for id_ in TABLES])


def folded(register: Register) -> list[TableResult]:
    con = built(register.raw(merged=True))
    successors = absorbed(con, "nu")
    assert successors == {one: register.last(one) for one in register.mergers}
    for schema in SCHEMAS:
        fold_absorbed(con, schema, successors)
    return tables(con)


@settings(max_examples=8)
@given(registers())
def test_folded_is_as_if_it_had_been_the_successors_all_along(register: Register) -> None:
    for result, other in zip(folded(register), tables(built(register.raw(merged=False))), strict=True):
        assert result.rows == other.rows, result.table.id
        assert result.labels == other.labels, result.table.id


def test_the_figures_of_a_chain_by_hand() -> None:
    """D went up in C in March and C in A in June. Of one who left in all three, the last avslut counts; medians and
    shares are those of everybody together and no mean of the rows that were."""
    one = Drawn(1, 3, "2018-01-01", "2018-01-10", (0, 0), {}, ANSWERS[0], "gymnasium", (1, None))
    register = Register(
        MERGERS[0],
        [("C", None), ("D", None)],
        [
            one,
            one._replace(insats=2, start="2018-04-01", slut="2018-04-30", efter=ANSWERS[3], lags=(8, 8)),
            one._replace(insats=0, start="2018-07-01", slut="2018-09-08", efter={}, lags=(31, 91)),
            one._replace(person=2, slut="2018-01-20", lags=(7, 30)),
            one._replace(person=3, insats=2, slut="2018-04-10", efter=ANSWERS[3], samtycke=(0, None)),
            one._replace(person=4, start="2014-05-01", slut=None, utbildning=None),
        ],
        [Counted(2, YEAR, 2, 1)],
    )
    t = Tables(folded(register))

    def of_a(table: str, *measures: str, **codes: str) -> list[int | float | None]:
        return [t(table, one, forbund="A", **codes) for one in measures]

    assert of_a("forbund", "insatser", "deltagare", "med_personuppgifter") == [3, 11, 4]
    assert of_a("forbund", "avslutade", "arbete_eller_studier_andel", "malet_andel") == [3, 100 / 3, 200 / 3]
    # 70 days of the one counted avslut, 20 and 100; lags 0, 8, 31, 7, 0 of those who started in the year
    assert of_a("forbund", "median_tid", "median_eftersl_dagar") == [70, 7]
    assert [
        of_a("forbund_resultat", "antal", resultat=code)[0] for code in ("arbete_eller_studier", "ovriga")
    ] == [1, 1]
    assert of_a("forbund_resultat", "antal", kon="K") == [2]
    assert of_a("kvalitet", "in_7", "in_30", "ut_7", "ut_90") == [60, 80, 40, 80]
    assert of_a("kvalitet", "oppna_over_3_ar", "saknas_utbildning", "samtycken_ej_mottagna") == [1, 1, 5]
    assert {row["forbund"] for row in t.rows("forbund")} == {"A", "B"}
