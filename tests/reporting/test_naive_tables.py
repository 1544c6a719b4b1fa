"""The naive computation against cases worked by hand: answers, förbund, the year before."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.reporting import naive
from tests.reporting.naive import Anonyma, Answers, Forbund, ForbundKommun, Money, Register, Value, Version
from tests.reporting.naive_case import SOON, Figures, at, came_in, day, register, went_out

# --- Answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "rows"),
    [
        (Answers(), {"saknas"}),
        (Answers(arbetssokande=False), {"ovriga"}),
        (Answers(arbetar=0), {"ovriga"}),
        (Answers(arbetssokande=True), {"arbetssokande", "malet"}),
        (Answers(arbetar=50, arbetssokande=True), {"arbete", "arbete_eller_studier", "malet"}),
        (Answers(arbetar=0, studerar=0, arbetssokande=False), {"ovriga"}),
        (Answers(arbetar=1, studerar=1), {"arbete", "studier", "arbete_eller_studier", "malet"}),
        (Answers(studerar=100), {"studier", "arbete_eller_studier", "malet"}),
    ],
)
def test_sysselsattning(answers: Answers, rows: set[str]) -> None:
    figures = Figures(register([came_in("2018-01-05", fore=answers), went_out("2018-12-31", efter=answers)]))
    for when in ("fore", "efter"):
        counted = {
            code
            for code in naive.SYSSELSATTNING
            if figures("resultat_sysselsattning", f"{when}_antal", sysselsattning=code, kon="totalt")
        }
        assert counted == rows | {"avslutade"}


@pytest.mark.parametrize(
    ("fore", "efter", "row"),
    [
        (Answers(), Answers(arbetar=50), "saknas"),
        (Answers(arbetar=50), Answers(), "saknas"),
        (Answers(arbetssokande=True), Answers(arbetar=50), "borjade_eller_okade"),  # empty is 0 %
        (Answers(arbetar=50), Answers(arbetssokande=True), "ej_okade"),
        (Answers(arbetar=50), Answers(arbetar=50), "ej_okade"),
        (Answers(arbetar=100), Answers(arbetar=50, studerar=10), "borjade_eller_okade"),
    ],
)
def test_borjade_eller_okade(fore: Answers, efter: Answers, row: str) -> None:
    figures = Figures(register([came_in("2018-01-05", fore=fore), went_out("2018-12-31", efter=efter)]))
    assert figures("resultat_okade", "antal", okade=row, kon="K") == 1
    assert figures("resultat_okade", "andel", okade=row, kon="M") is None


def test_forsorjning_counts_every_source_and_every_pair() -> None:
    two = Answers(("sjukpenning", "forsorjningsstod"))
    figures = Figures(
        register(
            [came_in("2018-01-05", fore=two), went_out("2018-12-31", efter=Answers(("ingen",)))],
            [came_in("2018-01-05", fore=two, person="bo"), went_out("2018-12-31", efter=two)],
        )
    )
    source = {"forsorjning": "sjukpenning", "kon": "totalt"}
    assert [figures("resultat_forsorjning", f"{when}_antal", **source) for when in ("fore", "efter")] == [
        2,
        1,
    ]
    assert figures("resultat_forsorjning", "forandring", **source) == -50
    assert figures("resultat_forsorjning", "forandring", forsorjning="ingen", kon="totalt") is None
    assert figures("deltagare_forsorjning", "andel", **source) == 100

    def pair(fore: str, efter: str) -> Value:
        return figures("resultat_forsorjning_flode", "antal", forsorjning_fore=fore, forsorjning_efter=efter)

    assert pair("sjukpenning", "ingen") == pair("forsorjningsstod", "ingen") == 1
    assert pair("sjukpenning", "forsorjningsstod") == pair("sjukpenning", "sjukpenning") == 1
    assert pair("ingen", "sjukpenning") == 0


def test_behovsgrupper_counts_any_deltagande_and_as_new_only_one_that_itself_started() -> None:
    young = Answers(("aktivitetsersattning",))
    figures = Figures(
        register(
            [came_in("2017-05-05", fore=young, fodd=1989, behovsgrupp="langtidssjukskrivna")],
            [came_in("2018-05-05", insats="I2", fodd=1989, behovsgrupp="unga_funktionsnedsattning")],
            [came_in("2018-05-05", fore=young, fodd=1988, person="bo", kon="M")],
        )
    )
    groups = ("aktivitetsersattning", "unga_aktivitetsersattning", "sjukpenning")
    persons = ("person_langtidssjukskrivna", "person_unga_funktionsnedsattning")
    for measure, expected in (("totalt", [2, 1, 0, 1, 1]), ("nya", [1, 0, 0, 0, 1])):
        found = [figures("behovsgrupper", measure, grupp=g, kon="totalt") for g in (*groups, *persons)]
        assert found == expected


def test_bands() -> None:
    months = (None, 0, 1, 11, 12, 35, 36, 71, 72, 119, 120)
    assert [naive.tid_band(m) for m in months] == [
        "saknas",
        "ingen",
        "under_1",
        "under_1",
        "1_2",
        "1_2",
        "3_5",
        "3_5",
        "6_9",
        "6_9",
        "10_plus",
    ]
    ages = (19, 20, 24, 25, 29, 30, 39, 40, 49, 50, 59, 60, 99)
    assert [naive.alder_band(age) for age in ages] == [
        "-19",
        "20-24",
        "20-24",
        "25-29",
        "25-29",
        "30-39",
        "30-39",
        "40-49",
        "40-49",
        "50-59",
        "50-59",
        "60-",
        "60-",
    ]


def test_tid_i_insats() -> None:
    def days(person: str, start: str) -> list[Version]:
        return [came_in(start, person=person), went_out("2018-12-31")]

    figures = Figures(
        register(
            days("a", "2018-12-31"),  # one day, both included
            days("b", "2018-01-01"),  # 365: not over a year
            days("c", "2017-12-31"),  # 366
            days("d", "2016-12-31"),  # 731
            days("e", "2017-01-01"),  # 730: not over two
        )
    )
    expected = {
        "avslutade": 5,
        "median": 366,
        "medel": (1 + 365 + 366 + 730 + 731) / 5,
        "q1": 365,
        "q3": 730,
        "andel_over_1_ar": 60,
        "andel_over_2_ar": 20,
    }
    for measure, value in expected.items():
        assert figures("tid_i_insats", measure, preciserad_inriktning="totalt") == pytest.approx(value)
    assert figures("tid_i_insats", "median", preciserad_inriktning="kartlaggning") is None
    assert [naive.quantile([7], part) for part in (0.25, 0.75)] == [7, 7]
    assert [naive.quantile([4, 1, 3, 2], part) for part in (0.25, 0.75)] == [1.75, 3.25]


# --- Förbund ---------------------------------------------------------------------------------------------------------


def test_forbund_and_kommuner_are_counted_at_the_end_of_the_year() -> None:
    some = register()
    some.forbund["F2"].slutdatum = day("2018-12-31")
    some.forbund["F3"] = Forbund("F3", day("2010-01-01"), day("2018-12-30"))
    some.forbund["F4"] = Forbund("F4", day("2019-01-01"))
    some.forbund_kommun = [
        ForbundKommun("F1", "0114", day("2010-01-01")),
        ForbundKommun("F2", "0114", day("2010-01-01")),
        ForbundKommun("F2", "0117", day("2010-01-01"), day("2018-12-31")),
        ForbundKommun("F2", "0180", day("2018-12-31")),
        ForbundKommun("F1", "1480", day("2010-01-01"), day("2018-12-30")),
        ForbundKommun("F3", "2580", day("2010-01-01")),
    ]
    figures = Figures(some)
    measures = ("forbund", "kommuner", "kommuner_utanfor")
    assert [figures("forbund_kommuner", measure) for measure in measures] == [2, 3, 287]


def merged() -> Register:
    """F1 passes into F2 on 30 June 2018. I1 goes on, I2 ended that very day."""
    result = register(
        [came_in("2018-01-05"), went_out("2018-06-30")],  # F1
        [came_in("2018-01-05", person="bo"), went_out("2018-07-01")],  # F2
        [came_in("2018-01-05", person="cia")],  # F2
        [came_in("2018-01-05", person="dan", insats="I2")],  # open, but the insats stayed: F1
    )
    result.forbund["F1"].slutdatum = day("2018-06-30")
    result.forbund["F1"].uppgatt_i = "F2"
    result.insatser["I2"].slutdatum = day("2018-06-30")
    result.anonyma = [Anonyma("I1", 2018, 10, 0, at(SOON)), Anonyma("I2", 2018, 20, 0, at(SOON))]
    return result


def test_a_merger_passes_open_insatser_on() -> None:
    figures = Figures(merged())
    assert [figures("forbund", "insatser", forbund=f) for f in ("F1", "F2")] == [2, 2]
    assert [figures("forbund", "med_personuppgifter", forbund=f) for f in ("F1", "F2")] == [2, 2]
    assert [figures("forbund", "deltagare", forbund=f) for f in ("F1", "F2")] == [22, 12]
    assert [figures("forbund", "avslutade", forbund=f) for f in ("F1", "F2")] == [1, 1]
    assert figures("kvalitet", "oppna_avslutad_insats", forbund="F1") == 1
    assert figures("kvalitet", "oppna_avslutad_insats", forbund="totalt") == 1
    # The year after, F1 has no insats and no row.
    cells = naive.compute(merged(), 2019, at("2020-01-16"))
    assert naive.key("forbund", "insatser", 2019, forbund="F1") not in cells


def test_a_merger_on_the_last_day_of_the_year_is_of_the_next() -> None:
    late = merged()
    late.forbund["F1"].slutdatum = day("2018-12-31")
    figures = Figures(late)
    assert [figures("forbund", "insatser", forbund=f) for f in ("F1", "F2")] == [2, 1]
    assert [figures("forbund", "med_personuppgifter", forbund=f) for f in ("F1", "F2")] == [4, 0]


def test_mergers_in_a_chain() -> None:
    chain = merged()
    chain.forbund["F3"] = Forbund("F3", day("2010-01-01"))
    chain.forbund["F2"].slutdatum = day("2018-09-30")
    chain.forbund["F2"].uppgatt_i = "F3"
    figures = Figures(chain)
    forbund = ("F1", "F2", "F3")
    assert [figures("forbund", "insatser", forbund=f) for f in forbund] == [2, 2, 2]
    assert [figures("forbund", "med_personuppgifter", forbund=f) for f in forbund] == [2, 1, 1]
    assert [figures("forbund", "deltagare", forbund=f) for f in forbund] == [22, 1, 11]


def test_kvalitet_open_deltaganden() -> None:
    some = register(
        [came_in("2015-12-31")],  # three years before 31 December, not more
        [came_in("2015-12-30", person="bo")],
        [came_in("2015-12-30", person="cia"), went_out("2019-01-10")],  # a slut is known
        [came_in("2018-12-30", person="dan", insats="I2", fore=Answers(arbetssokande=False))],
    )
    some.insatser["I2"].slutdatum = day("2018-12-31")
    figures = Figures(some)
    expected = {
        "oppna_over_3_ar": 1,
        "oppna_avslutad_insats": 1,
        "saknas_sysselsattning": 3,
        "saknas_forsorjning": 4,
        "samtycken_ej_mottagna": None,
        "in_7": 100,
        "ut_7": None,
    }
    assert {measure: figures("kvalitet", measure, forbund="totalt") for measure in expected} == expected


def test_ekonomi() -> None:
    some = register()
    some.money = [
        Money(2018, "stat", Decimal(100), Decimal(90)),
        Money(2018, "stat", Decimal("50.5")),
        Money(2017, "stat", Decimal(1)),
    ]
    figures = Figures(some)
    assert [figures("ekonomi", measure, post="stat") for measure in ("budget", "utfall")] == [150.5, 90]
    assert figures("ekonomi", "budget", post="insatskostnad_esf") == 0


# --- The year before -------------------------------------------------------------------------------------------------


def test_the_year_before_is_as_known_one_year_before() -> None:
    some = register(
        [came_in("2017-05-01", "2018-01-16T23:59:59")],
        [came_in("2017-05-01", "2018-01-17T00:00:00", person="bo")],
        [came_in("2018-05-01", person="cia")],
    )
    some.forbund["F2"].startdatum = day("2018-01-01")
    figures = Figures(some)
    assert (figures.persons(ar=2017), figures.persons()) == (1, 3)
    assert figures("deltagare", "forandring", registreringssatt="personuppgifter", kon="K") == 200
    assert figures("deltagare", "forandring", registreringssatt="anonyma", kon="K") is None
    assert figures("forbund_kommuner", "forandring_forbund") == 1
    assert figures("forbund_kommuner", "forandring_kommuner") == 0


def test_nothing_registered_the_year_before_is_null() -> None:
    some = register([came_in("2018-05-01")], [came_in("2017-05-01", "2018-02-01", person="bo")])
    figures = Figures(some)
    assert figures.persons(ar=2017) is None
    assert figures("forbund_kommuner", "forbund", 2017) is None
    assert figures("forbund_kommuner", "forandring_forbund") is None
    assert figures("struktur_deltagare", "forandring") is None


def test_the_year_before_is_read_from_its_faststallda_uttag() -> None:
    some = register([came_in("2017-05-01", "2017-05-01")])
    frozen = naive.compute(some, 2017, at("2018-03-01"))
    frozen[naive.key("deltagare", "antal", 2017, registreringssatt="personuppgifter", kon="K")] = 4
    figures = Figures(some, faststalld=frozen)
    assert figures.persons(kon="K", ar=2017) == 4
    assert figures("deltagare", "forandring", registreringssatt="personuppgifter", kon="K") == -75


def test_one_year_before_is_the_same_clock_in_stockholm() -> None:
    assert naive.one_year_before(at("2019-04-01T00:30")) == datetime(2018, 3, 31, 22, 30, tzinfo=UTC)
    # 26 March 2017 was the first day of summer time, 26 March 2016 was not.
    assert naive.one_year_before(at("2017-03-26T12:00")) == datetime(2016, 3, 26, 11, tzinfo=UTC)
    assert naive.one_year_before(at("2020-02-29T12:00")) == at("2019-02-28T12:00")
