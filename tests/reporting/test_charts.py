"""The ten diagrams: what their titles say, and that they show the table's own figures."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from reporting.charts import CHARTS, ChartData, charts_of, source_line
from reporting.charts.figures import Figures
from reporting.charts.words import percent, swedish_time
from reporting.tables.compute import Row, TableResult
from reporting.tables.registry import get_table
from tests.reporting.workbook_case import META, small_tables, with_hidden

TITLES = {
    "deltagare": "26 deltagare, ungefär lika många som 2017; 35 procent med personuppgifter",
    "resultat_sysselsattning": (
        "50 procent gick till arbete eller studier, 0 procent av kvinnorna och 100 procent av männen"
    ),
}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: Any) -> list[TableResult]:
    return small_tables(tmp_path_factory.mktemp("charts"))


def one(tables: list[TableResult], table: str) -> ChartData:
    [found] = [data for data in charts_of(tables, META) if data.table == table]
    return found


def made(table: str, cells: dict[tuple[str, ...], float | int | None], names: tuple[str, ...], year: int = 2018,
         labels: dict[str, dict[str, str]] | None = None) -> TableResult:  # fmt: skip
    """A result with a few cells: the keys are `names` and then `matt`; a name `ar` marks the year before."""
    rows: list[Row] = []
    for key, value in cells.items():
        row: Row = dict(zip((*names, "matt"), key, strict=True))
        rows.append(row | {"varde": value, "status": "ej_tillamplig" if value is None else None})
    return TableResult(table=get_table(table), year=year, rows=rows, notes=[], labels=labels or {})


def every_value(data: ChartData) -> Iterator[tuple[str, float | int | None, str | None]]:
    for series in data.series:
        yield from zip(data.codes, series.values, series.statuses, strict=True)


def test_ten_are_declared_of_tables_that_exist() -> None:
    assert len(CHARTS) == len({chart.id for chart in CHARTS}) == len({chart.table for chart in CHARTS}) == 10
    for chart in CHARTS:
        table = get_table(chart.table)
        measures = {measure.id for measure in table.measures}
        dimensions = {dimension.id for dimension in table.dimensions}
        assert bool(chart.dimension) != bool(chart.categories)
        assert not chart.dimension or chart.dimension in dimensions
        for series in chart.series:
            for place in chart.categories or (None,):
                keys = {**series.keys, **(place.keys if place else {})}
                assert keys["matt"] in measures
                assert set(keys) <= {"matt", "kon", *dimensions}
        unit = {"procent": "procent", "dagar": "dagar", "individer": "individer"}[chart.unit]
        assert chart.axis_title.endswith(f"({unit})")


def test_they_come_in_the_catalogues_order_and_only_of_tables_that_are_there(
    tables: list[TableResult],
) -> None:
    assert [data.table for data in charts_of(tables, META)] == [
        result.table.id for result in tables if result.table.id in {chart.table for chart in CHARTS}
    ]
    assert charts_of(tables[:1], META) == []


@pytest.mark.parametrize("hide", [False, True])
def test_every_bar_is_a_cell_of_the_table(tables: list[TableResult], hide: bool) -> None:
    tables = with_hidden(tables) if hide else tables
    results = {result.table.id: result for result in tables}
    declared = {chart.id: chart for chart in CHARTS}
    gaps = 0
    for data in charts_of(tables, META):
        chart, result = declared[data.id], results[data.table]
        for series, drawn in zip(chart.series, data.series, strict=True):
            for at, code in enumerate(data.codes):
                keys = {
                    **series.keys,
                    **(chart.categories[at].keys if chart.categories else {chart.dimension: code}),
                }
                [row] = [
                    row for row in result.rows
                    if ("ar" in row) == series.year_before
                    and {k: v for k, v in row.items() if k not in ("ar", "varde", "status")} == keys
                ]  # fmt: skip
                assert (drawn.values[at], drawn.statuses[at]) == (row["varde"], row["status"])
                gaps += drawn.statuses[at] == "skyddat"
        hidden = any("skyddat" in series.statuses for series in data.series)
        assert hidden == ("Skyddade uppgifter visas inte i diagrammet." in data.notes)
        assert hidden == ("skyddat" in data.description)
        assert len(data.categories) == len(data.codes) == len(set(data.codes))
    assert bool(gaps) == hide


@pytest.mark.parametrize("table", sorted(TITLES))
def test_the_title_says_the_finding(tables: list[TableResult], table: str) -> None:
    assert one(tables, table).title.replace("\u00a0", " ") == TITLES[table]


def test_without_its_figures_the_title_is_the_tables_own(tables: list[TableResult]) -> None:
    for result in tables:
        nothing = replace(result, rows=[row | {"varde": None, "status": "skyddat"} for row in result.rows])
        for data in charts_of([nothing], META):
            assert data.title == f"{result.table.title} {result.year}"
        for data in charts_of([replace(result, rows=[])], META):
            assert data.title == f"{result.table.title} {result.year}"


def test_nothing_is_called_the_most_common_while_a_cell_is_hidden(tables: list[TableResult]) -> None:
    """A hidden cell may be hidden only to protect another one, and be the largest."""
    for name, dimension, code in (
        ("deltagare_alder", "alder", "-19"), ("resultat_forsorjning", "forsorjning", "saknas"),
        ("tid_i_insats", "preciserad_inriktning", "rehab_arbete"),
    ):  # fmt: skip
        result = next(result for result in tables if result.table.id == name)
        assert one(tables, name).title != f"{result.table.title} 2018"
        rows = [
            row | ({"varde": None, "status": "skyddat"} if row[dimension] == code else {})
            for row in result.rows
        ]
        assert one([replace(result, rows=rows)], name).title == f"{result.table.title} 2018"


def test_women_come_first_and_the_year_before_only_where_it_is_known(tmp_path: Any) -> None:
    data = one(small_tables(tmp_path, before=False), "deltagare")
    assert (data.kind, [series.name for series in data.series]) == ("bar", ["2018"])
    assert data.title.startswith("26 deltagare; ")
    both = one(small_tables(tmp_path / "b"), "deltagare")
    assert (both.kind, [(each.name, each.earlier) for each in both.series]) == (
        "grouped", [("2018", False), ("2017", True)],
    )  # fmt: skip
    tones = [series.tone for series in one(small_tables(tmp_path / "c"), "resultat_sysselsattning").series]
    assert tones == ["kvinnor", "kvinnor", "man", "man"]


def test_the_headline_follows_the_year() -> None:
    cells: dict[tuple[str, ...], float | int | None] = {
        (code, kon, "efter_andel"): value
        for code, values in {"arbete_eller_studier": (29.4, 36.5, 32.0), "malet": (55.5, 64.4, 60.0)}.items()
        for kon, value in zip(("K", "M", "totalt"), values, strict=True)
    }
    table, names = "resultat_sysselsattning", ("sysselsattning", "kon")
    title = {year: one([made(table, cells, names, year)], table).title for year in (2020, 2021)}
    assert (
        title[2020]
        == "32 procent gick till arbete eller studier, 29 procent av kvinnorna och 37 procent av männen"
    )
    assert title[2021] == (
        "60 procent gick till arbete, studier eller arbetssökande, 56 procent av kvinnorna och 64 procent av männen"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (4.4, "4 procent fler än 2017"),
        (-12.5, "12 procent färre än 2017"),
        (0.3, "ungefär lika många som 2017"),
    ],
)
def test_the_change_is_said_in_words(change: float, words: str) -> None:
    cells: dict[tuple[str, ...], float | int | None] = {
        ("totalt", "totalt", "antal"): 32715,
        ("personuppgifter", "totalt", "andel"): 58.54,
        ("totalt", "totalt", "forandring"): change,
    }
    title = one([made("deltagare", cells, ("registreringssatt", "kon"))], "deltagare").title
    if change == -12.5:
        words = "13 procent färre än 2017"
    assert title == f"32\u00a0715 deltagare, {words}; 59 procent med personuppgifter"


@pytest.mark.parametrize(
    ("after", "title"),
    [
        ((60, 45), "Antalet med sjukpenning minskade mest, från 100 före till 60 efter insatsen"),
        ((90, 75), "Antalet utan offentlig försörjning ökade mest, från 40 före till 75 efter insatsen"),
        ((100, 40), "Avslutade efter försörjning före och efter insatsen och kön 2018"),
    ],
)  # fmt: skip
def test_what_changed_most(after: tuple[int, int], title: str) -> None:
    before = {"sjukpenning": 100, "ingen": 40, "saknas": 500}
    later = {"sjukpenning": after[0], "ingen": after[1], "saknas": 0}
    cells: dict[tuple[str, ...], float | int | None] = {
        (code, "totalt", f"{when}_antal"): value
        for when, values in (("fore", before), ("efter", later))
        for code, value in values.items()
    }
    labels = {"forsorjning": {"sjukpenning": "sjukpenning", "ingen": "ingen", "saknas": "Uppgift saknas"}}
    data = one(
        [made("resultat_forsorjning", cells, ("forsorjning", "kon"), labels=labels)], "resultat_forsorjning"
    )
    assert data.title == title
    assert data.codes[-1] == "saknas" and data.categories[0] == "Sjukpenning"


def test_time_and_timeliness() -> None:
    cells: dict[tuple[str, ...], float | int | None] = {
        ("totalt", "median"): 203.5, ("stod", "median"): 250.0, ("kart", "median"): 90.0,
    }  # fmt: skip
    labels = {"preciserad_inriktning": {"stod": "stöd i arbete", "kart": "kartläggning", "totalt": "Totalt"}}
    data = one([made("tid_i_insats", cells, ("preciserad_inriktning",), labels=labels)], "tid_i_insats")
    assert data.title == "Mediantiden i insats var 204 dagar; längst i stöd i arbete, 250 dagar"
    shares: dict[tuple[str, ...], float | int | None] = {("totalt", "in_30"): 60.0, ("totalt", "ut_30"): 56.3}
    data = one([made("kvalitet", shares, ("forbund",))], "kvalitet")
    assert data.title == "60 procent av starterna och 56 procent av avsluten registrerades inom 30 dagar"
    assert data.series[0].values == (None, 60.0, None, None, 56.3, None)


def test_the_source_tells_when() -> None:
    known = "16\u00a0januari\u00a02019 kl.\u00a023.59"
    assert source_line(META) == f"Källa: Finsam, uttag för 2018, uppgifter kända per {known}."
    assert swedish_time("2019-06-30T22:30:00+00:00") == "1\u00a0juli\u00a02019 kl.\u00a000.30"


def test_the_description_says_every_bar(tables: list[TableResult]) -> None:
    data = one(tables, "deltagare")
    assert data.description.startswith("Stapeldiagram. 26 deltagare, ")
    assert (
        "2018: Med personuppgifter 9, Anonyma 7, Endast antal (volym) 10, Avidentifierade 0."
        in data.description
    )
    assert sum(value or 0 for _, value, _ in every_value(data)) == 26 + 26


def test_shares_in_words() -> None:
    assert (percent(32.5), percent(0.4), percent(-0.4)) == ("33 procent", "0 procent", "0 procent")
    assert percent(1800) == "1\u00a0800 procent"


def test_a_cell_that_is_not_there_does_not_apply(tables: list[TableResult]) -> None:
    figures = Figures(next(result for result in tables if result.table.id == "deltagare"))
    assert figures.cell({"matt": "antal", "registreringssatt": "anonyma", "kon": "okand"}) == (
        None,
        "ej_tillamplig",
    )
    assert figures("antal", registreringssatt="anonyma", kon="K") == 4
