"""Raw extraction files become the frozen dataset: which deltaganden are in it, and what of them."""

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from reporting.tables.compute import YearBefore, compute_tables
from reporting.uttag.dataset import (
    DATASET_TABLES,
    DatasetError,
    build_dataset,
    open_duckdb,
    read_dataset,
    write_dataset,
)
from reporting.uttag.output import content_hash
from tests.reporting.raw_folders import AS_OF, YEAR, Raw


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    return open_duckdb(threads=1)


def build(con: duckdb.DuckDBPyConnection, folder: Path, raw: Raw, as_of: dt.datetime = AS_OF) -> list[str]:
    return build_dataset(con, "nu", raw.write(folder), YEAR, as_of)


def column(con: duckdb.DuckDBPyConnection, name: str) -> list[object]:
    return [row[0] for row in con.execute(f"SELECT {name} FROM nu.deltaganden ORDER BY rad").fetchall()]


def test_rad_follows_the_binary_order_of_the_ids(con, tmp_path):
    raw = Raw()
    for deltagande in ("b", "Å", "a", "B", "10", "9"):
        raw.deltagande(deltagande, f"p{deltagande}", "2018-02-01")
    assert build(con, tmp_path, raw) == ["10", "9", "B", "a", "b", "Å"]
    assert column(con, "rad") == [1, 2, 3, 4, 5, 6]


def test_a_deltagande_is_in_the_year_when_one_day_of_it_is(con, tmp_path):
    raw = Raw()
    raw.deltagande("first-day", "p1", "2017-05-01", "2018-01-01")
    raw.deltagande("last-day", "p2", "2018-12-31")
    raw.deltagande("open", "p3", "2011-01-01")
    raw.deltagande("left-before", "p4", "2017-05-01", "2017-12-31")
    raw.deltagande("came-after", "p5", "2019-01-01")
    assert build(con, tmp_path, raw) == ["first-day", "last-day", "open"]
    assert column(con, "start_dag") == [-245, 364, -2557]
    assert column(con, "slut_dag") == [0, None, None]


def test_no_dates_ids_or_birth_years_are_frozen(con, tmp_path):
    raw = Raw()
    raw.deltagande("DELT77", "PERS88", "2018-02-03", "2018-03-04", fodelsear=1977)
    build(con, tmp_path / "raw", raw)
    write_dataset(con, "nu", tmp_path / "frozen")
    assert {path.stem for path in (tmp_path / "frozen").iterdir()} == set(DATASET_TABLES)
    for path in (tmp_path / "frozen").iterdir():
        found = con.execute(f"FROM read_parquet('{path}')")
        kinds = {column[0]: str(column[1]) for column in found.description}
        assert "DATE" not in kinds.values()
        text = str(found.fetchall())
        for secret in ("DELT77", "PERS88", "I1", "1977", "2018-02-03", "2018-03-04"):
            assert secret not in text, (path.stem, secret)


def test_what_is_read_back_gives_the_same_tables(con, tmp_path):
    raw = Raw()
    raw.deltagande("d1", "p1", "2018-02-03", "2018-05-04", forsorjning="sjukpenning:hel|forsorjningsstod:del")
    raw.add("anonyma", insats="I1", nr=1, registrerad="2018-05-01 08:00:00", kvinnor=3, man=2)
    build(con, tmp_path / "raw", raw)
    first = content_hash(YEAR, AS_OF, compute_tables(con, year=YEAR, before=YearBefore()))
    write_dataset(con, "nu", tmp_path / "frozen")
    again = open_duckdb(threads=2)
    read_dataset(again, "nu", tmp_path / "frozen")
    assert content_hash(YEAR, AS_OF, compute_tables(again, year=YEAR, before=YearBefore())) == first


def test_the_latest_known_version_holds_and_one_after_the_as_of_time_does_not(con, tmp_path):
    raw = Raw()
    raw.deltagande("d1", "p1", "2018-02-03", registrerad="2018-02-03 10:00:00", utbildning="grundskola")
    raw.in_version("d1", "2018-02-03", nr=2, registrerad="2019-01-16 22:59:59+00", utbildning="gymnasium")
    raw.in_version("d1", "2018-02-03", nr=3, registrerad="2019-01-16 22:59:59.000001", utbildning="okand")
    build(con, tmp_path, raw)
    assert column(con, "utbildning") == ["gymnasium"]
    build(con, tmp_path, raw, AS_OF + dt.timedelta(seconds=1))
    assert column(con, "utbildning") == ["okand"]


def test_of_versions_from_one_moment_the_higher_number_holds(con, tmp_path):
    raw = Raw()
    raw.deltagande("d1", "p1", "2018-02-03", nr=10, registrerad="2018-03-01 10:00:00", utbildning="gymnasium")
    raw.in_version("d1", "2018-02-03", nr=9, registrerad="2018-03-01 10:00:00", utbildning="grundskola")
    build(con, tmp_path, raw)
    assert column(con, "utbildning") == ["gymnasium"]


def test_felregistrering_takes_it_out_until_it_is_taken_back(con, tmp_path):
    raw = Raw()
    wrong: dict[str, str | int | None] = {"avslutsanledning": "felregistrering", "felregistrering": 1}
    raw.deltagande("wrong", "p1", "2018-02-03")
    raw.ut_version("wrong", None, registrerad="2018-02-10 10:00:00", **wrong)
    raw.deltagande("right-again", "p2", "2018-02-03")
    raw.ut_version("right-again", None, registrerad="2018-02-10 10:00:00", **wrong)
    raw.ut_version("right-again", "2018-02-20", nr=2)
    raw.deltagande("wrong-later", "p3", "2018-02-03")
    raw.ut_version("wrong-later", None, registrerad="2019-01-20 10:00:00", **wrong)
    assert build(con, tmp_path, raw) == ["right-again", "wrong-later"]


def test_without_identity_it_is_only_counted(con, tmp_path):
    raw = Raw()
    raw.deltagande("d1", None, None, start_ar=2016, kon="M", registrerad="2016-03-01 10:00:00")
    raw.deltagande("d2", None, None, start_ar=2018, registrerad="2018-03-01 10:00:00")
    raw.ut_version(
        "d2", None, slut_ar=2018, registrerad="2018-04-01 10:00:00", avslutsanledning="aterkallat_samtycke"
    )
    raw.deltagande("left-before", None, None, start_ar=2016, registrerad="2016-03-01 10:00:00")
    raw.ut_version("left-before", None, slut_ar=2017, registrerad="2017-04-01 10:00:00")
    raw.deltagande("came-after", None, None, start_ar=2019, registrerad="2019-01-05 10:00:00")
    raw.deltagande("wrong", None, None, start_ar=2018, registrerad="2018-03-01 10:00:00")
    raw.ut_version("wrong", None, registrerad="2018-04-01 10:00:00", felregistrering=1)
    assert build(con, tmp_path, raw) == []
    found = con.execute("SELECT forbund, kon, antal FROM nu.avidentifierade ORDER BY kon").fetchall()
    assert found == [("A", "K", 1), ("A", "M", 1)]


@pytest.mark.parametrize(
    ("registered", "days"),
    [
        ("2018-03-24 22:59:59", 0),  # 23.59.59 Swedish winter time on the day itself
        ("2018-03-24 23:00:00", 1),  # midnight
        ("2018-03-25 21:59:59", 1),  # summer time has begun: midnight is at 22 UTC
        ("2018-03-25 22:00:00", 2),
        ("2018-03-23 10:00:00", -1),  # registered before it began
    ],
)
def test_eftersläpning_is_calendar_days_in_sweden(con, tmp_path, registered, days):
    raw = Raw()
    raw.deltagande("d1", "p1", "2018-03-24", registrerad=registered)
    build(con, tmp_path, raw)
    assert column(con, "eftersl_in") == [days]


def test_a_correction_lengthens_eftersläpning_only_when_it_changes_the_date(con, tmp_path):
    raw = Raw()
    raw.deltagande("other-answer", "p1", "2018-03-01", "2018-04-01")
    raw.in_version(
        "other-answer", "2018-03-01", nr=2, registrerad="2018-06-01 10:00:00", utbildning="gymnasium"
    )
    raw.ut_version("other-answer", "2018-04-01", nr=2, registrerad="2018-06-01 10:00:00", arbetar=50)
    raw.deltagande("other-date", "p2", "2018-03-01", "2018-04-01")
    raw.in_version("other-date", "2018-03-05", nr=2, registrerad="2018-03-15 10:00:00")
    raw.ut_version("other-date", "2018-04-02", nr=2, registrerad="2018-04-12 10:00:00")
    raw.in_version("other-date", "2018-03-05", nr=3, registrerad="2018-09-15 10:00:00", kommun="0114")
    build(con, tmp_path, raw)
    assert column(con, "eftersl_in") == [0, 10]
    assert column(con, "eftersl_ut") == [0, 10]


def test_the_owner_is_that_of_the_last_day_in_the_year(con, tmp_path):
    raw = Raw()
    raw.insats("I3", None)
    raw.add("agande", insats="I3", forbund="A", fran="2010-01-01", till="2018-06-30")
    raw.add("agande", insats="I3", forbund="B", fran="2018-07-01")
    raw.deltagande("a-last-day", "p1", "2018-01-10", "2018-06-30", insats="I3")
    raw.deltagande("b-first-day", "p2", "2018-01-10", "2018-07-01", insats="I3")
    raw.deltagande("c-open", "p3", "2018-01-10", insats="I3")
    raw.deltagande("d-next-year", "p4", "2018-01-10", "2019-01-10", insats="I3")
    raw.add("anonyma", insats="I3", nr=1, registrerad="2018-02-01 10:00:00", kvinnor=1, man=0)
    build(con, tmp_path, raw)
    assert column(con, "forbund") == ["A", "B", "B", "B"]
    assert con.execute("SELECT forbund FROM nu.anonyma").fetchall() == [("B",)]


def test_without_an_owner_that_day_the_nearest_is_taken(con, tmp_path):
    raw = Raw()
    raw.insats("I3", None)
    raw.add("agande", insats="I3", forbund="A", fran="2018-01-01", till="2018-03-31")
    raw.add("agande", insats="I3", forbund="B", fran="2018-06-01")
    raw.deltagande("a-near-first", "p1", "2018-01-10", "2018-04-15", insats="I3")
    raw.deltagande("b-near-second", "p2", "2018-01-10", "2018-05-20", insats="I3")
    build(con, tmp_path, raw)
    assert column(con, "forbund") == ["A", "B"]


@pytest.mark.parametrize(
    ("months", "band"),
    [(None, None), (0, "ingen"), (1, "under_1"), (11, "under_1"), (12, "1_2"), (35, "1_2"), (36, "3_5"), (71, "3_5"),
     (72, "6_9"), (119, "6_9"), (120, "10_plus")],
)  # fmt: skip
def test_bands_of_time(con, tmp_path, months, band):
    raw = Raw()
    raw.deltagande("d1", "p1", "2018-02-01", tid_manader=months)
    build(con, tmp_path, raw)
    assert column(con, "tid_i_forsorjning") == [band]


@pytest.mark.parametrize(
    ("born", "band", "young"),
    [
        (1999, "-19", True),
        (1998, "20-24", True),
        (1989, "25-29", True),
        (1988, "30-39", False),
        (1958, "60-", False),
    ],
)
def test_age_is_counted_at_the_end_of_the_year(con, tmp_path, born, band, young):
    raw = Raw()
    raw.deltagande("d1", "p1", "2018-02-01", fodelsear=born)
    build(con, tmp_path, raw)
    assert (column(con, "alder"), column(con, "ung")) == ([band], [young])


def test_faults_of_the_raw_files_are_named(con, tmp_path):
    raw = Raw()
    raw.deltagande("d1", "p1", "2018-02-01", insats="I9")
    with pytest.raises(DatasetError, match="have no insats"):
        build(con, tmp_path / "a", raw)
    raw = Raw()
    raw.insats("I3", None)
    with pytest.raises(DatasetError, match="no owner"):
        build(con, tmp_path / "b", raw)
    raw = Raw()
    raw.deltagande("d1", "p1", "2018-02-01", arbetar="mycket")
    with pytest.raises(DatasetError, match="wrong kind") as caught:
        build(con, tmp_path / "c", raw)
    assert "mycket" not in str(caught.value)
    (tmp_path / "c" / "volym.csv").unlink()
    with pytest.raises(DatasetError, match=r"volym\.csv is missing"):
        build_dataset(con, "nu", tmp_path / "c", YEAR, AS_OF)
    (tmp_path / "c" / "volym.csv").write_text("insats,nr\n")
    with pytest.raises(DatasetError, match="lacks the column ar, registrerad, antal"):
        build_dataset(con, "nu", tmp_path / "c", YEAR, AS_OF)
    with pytest.raises(DatasetError, match="missing in the dataset"):
        read_dataset(con, "nu", tmp_path / "c")


def test_names_may_hold_line_breaks_commas_and_quotes(con, tmp_path):
    raw = Raw()
    raw.add("forbund", forbund="C", namn='Ett, "två"\noch tre', start="2010-01-01")
    build(con, tmp_path, raw)
    assert con.execute("SELECT namn FROM nu.forbund WHERE forbund = 'C'").fetchone() == (
        'Ett, "två"\noch tre',
    )


def test_times_without_zone_and_other_names_are_refused(con, tmp_path):
    with pytest.raises(ValueError, match="time zone"):
        build_dataset(con, "nu", tmp_path, YEAR, dt.datetime(2019, 1, 1))
    with pytest.raises(ValueError, match="schema"):
        build_dataset(con, "nu; DROP", tmp_path, YEAR, AS_OF)
