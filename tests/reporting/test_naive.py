"""The naive computation against cases worked by hand, and the generator against the checks of FORMATS §1."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from tests.reporting import naive, registers
from tests.reporting.naive import (
    Anonyma,
    Answers,
    Deltagande,
    Forbund,
    ForbundKommun,
    Insats,
    InVersion,
    Money,
    OutVersion,
    Register,
    Value,
    Version,
    Volym,
)

AS_OF = datetime(2019, 1, 16, 23, 59, 59, tzinfo=naive.STOCKHOLM)
SOON = "2018-01-02"


def day(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    """A date is noon of that day; a time without offset is Stockholm's."""
    moment = datetime.fromisoformat(text if "T" in text else f"{text}T12:00")
    return moment if moment.tzinfo else moment.replace(tzinfo=naive.STOCKHOLM)


def came_in(
    start: str,
    registrerad: str = "",
    person: str = "anna",
    kon: str = "K",
    insats: str = "I1",
    fodd: int = 1980,
    kommun: str = "0114",
    fore: Answers | None = None,
    **answers: str,
) -> InVersion:
    return InVersion(
        at(registrerad or start),
        insats,
        person,
        kon,
        fodd,
        kommun,
        day(start),
        fore=fore or Answers(),
        utbildning=answers.get("utbildning", ""),
        behovsgrupp=answers.get("behovsgrupp", ""),
    )


def went_out(slut: str, registrerad: str = "", efter: Answers | None = None, reason: str = "") -> OutVersion:
    return OutVersion(at(registrerad or slut), day(slut) if slut else None, reason, efter or Answers())


def register(*deltaganden: Iterable[Version]) -> Register:
    """F1 owns the insatser I1 and I2, F2 owns I3; the deltaganden are D1, D2 … with the versions given."""
    result = Register()
    for forbund in ("F1", "F2"):
        result.forbund[forbund] = Forbund(forbund, day("2010-01-01"))
    for insats, forbund in (("I1", "F1"), ("I2", "F1"), ("I3", "F2")):
        result.insatser[insats] = Insats(insats, forbund, day("2012-01-01"))
    for number, versions in enumerate(deltaganden, start=1):
        result.deltaganden[f"D{number}"] = Deltagande(
            f"D{number}",
            [v for v in versions if isinstance(v, InVersion)],
            [v for v in versions if isinstance(v, OutVersion)],
        )
    return result


class Figures:
    """The cells of 2018, read as `figures("deltagare", "antal", kon="K", …)`."""

    def __init__(self, register: Register, as_of: str = "", faststalld: naive.Cells | None = None) -> None:
        self.cells = naive.compute(register, 2018, at(as_of) if as_of else AS_OF, faststalld=faststalld)

    def __call__(self, table: str, measure: str, ar: int = 2018, /, **dimensions: str) -> Value:
        return self.cells[naive.key(table, measure, ar, **dimensions)]

    def persons(self, satt: str = "personuppgifter", kon: str = "totalt", ar: int = 2018) -> Value:
        return self("deltagare", "antal", ar, registreringssatt=satt, kon=kon)


# --- Known when ------------------------------------------------------------------------------------------------------


def test_known_at_the_very_second_counts_and_one_second_later_does_not() -> None:
    in_time = [came_in("2018-12-01", "2019-01-16T23:59:59")]
    too_late = [came_in("2018-12-01", "2019-01-17T00:00:00", person="bo")]
    assert Figures(register(in_time, too_late)).persons() == 1


def test_in_and_out_are_known_apart() -> None:
    versions = [came_in("2018-02-01"), went_out("2018-06-30", "2019-02-01")]
    before, after = Figures(register(versions)), Figures(register(versions), "2019-03-01")
    assert (before.persons(), before("tid_i_insats", "avslutade", preciserad_inriktning="totalt")) == (1, 0)
    assert after("tid_i_insats", "avslutade", preciserad_inriktning="totalt") == 1


def test_a_late_correction_of_the_in_columns_leaves_the_known_slut() -> None:
    versions = [
        came_in("2018-02-01", utbildning="gymnasium"),
        came_in("2018-02-01", "2019-02-01", utbildning="grundskola"),
        went_out("2018-06-30"),
    ]
    for as_of, code in (("2019-01-16", "gymnasium"), ("2019-02-01", "grundskola")):
        figures = Figures(register(versions), as_of)
        assert figures("deltagare_utbildning", "antal", utbildning=code, kon="K") == 1
        assert figures("resultat_okade", "antal", okade="saknas", kon="totalt") == 1


def test_felregistrering_counts_until_it_is_known() -> None:
    versions = [came_in("2018-02-01"), went_out("", "2019-02-01", reason="felregistrering")]
    assert Figures(register(versions)).persons() == 1
    assert Figures(register(versions), "2019-02-01").persons() == 0
    restored = [*versions, went_out("2018-05-01", "2019-03-01", reason="annat")]
    assert Figures(register(restored), "2019-03-01").persons() == 1


@pytest.mark.parametrize(
    ("versions", "days"),
    [
        ([came_in("2018-02-01", "2018-02-11")], 10),
        # A correction of something else does not lengthen it; one of the date does; going back to the date does not.
        ([came_in("2018-02-01", "2018-02-11"), came_in("2018-02-01", "2018-06-01", kommun="0180")], 10),
        ([came_in("2018-02-01", "2018-02-11"), came_in("2018-02-03", "2018-02-23")], 20),
        (
            [
                came_in("2018-02-01", "2018-02-11"),
                came_in("2018-02-03", "2018-02-23"),
                came_in("2018-02-01", "2018-03-01"),
            ],
            10,
        ),
        # Half past midnight in Stockholm is still the day before in UTC.
        ([came_in("2018-02-01", "2018-02-08T23:30:00+00:00")], 8),
        ([came_in("2018-02-01", "2018-02-08T22:30:00+00:00")], 7),
    ],
)
def test_eftersläpning(versions: list[InVersion], days: int) -> None:
    figures = Figures(register(versions))
    assert figures("forbund", "median_eftersl_dagar", forbund="F1") == days
    assert figures("kvalitet", "in_7", forbund="F1") == (100 if days <= 7 else 0)


def test_eftersläpning_of_the_slut() -> None:
    versions = [
        came_in("2018-02-01"),
        went_out("2018-06-01", "2018-06-02"),
        went_out("2018-06-03", "2018-06-13"),
    ]
    figures = Figures(register(versions))
    assert [figures("kvalitet", f"ut_{days}", forbund="F1") for days in (7, 30)] == [0, 100]
    versions.append(went_out("2018-06-03", "2018-12-01", reason="annat"))
    assert Figures(register(versions))("kvalitet", "ut_30", forbund="F1") == 100


# --- Persons ---------------------------------------------------------------------------------------------------------


def test_background_is_that_of_the_latest_start_then_the_last_registered_then_the_highest_id() -> None:
    def kommun(*deltaganden: InVersion) -> str:
        figures = Figures(register(*([d] for d in deltaganden)))
        (code,) = (k for k in naive.KOMMUNER if figures("kommun", "med_personuppgifter", kommun=k))
        return code

    old = came_in("2018-02-01", "2018-09-09", kommun="0114")
    new = came_in("2018-03-01", "2018-03-01", kommun="0180", insats="I2")
    assert kommun(old, new) == kommun(new, old) == "0180"
    same_start = came_in("2018-03-01", "2018-03-02", kommun="1480", insats="I3")
    assert kommun(same_start, new) == "1480"
    same_time = came_in("2018-03-01", "2018-03-01", kommun="2580", insats="I3")
    assert kommun(new, same_time) == "2580"
    assert kommun(same_time, new) == "0180"
    # A start after the year is not of the year, and a slut before it neither.
    assert kommun(old, came_in("2019-01-01", kommun="2580", insats="I2")) == "0114"


def test_registered_out_last_is_by_the_first_registration() -> None:
    corrected = [came_in("2018-03-01"), went_out("2018-06-01", reason="flytt")]
    corrected.append(went_out("2018-06-01", "2018-12-01", reason="pension"))
    other = [came_in("2018-03-01", insats="I2"), went_out("2018-06-01", "2018-06-02", reason="annat")]
    figures = Figures(register(other, corrected))
    assert figures("avslut", "antal", avslutsanledning="annat", kon="totalt") == 1


def test_registered_last_is_by_the_first_registration() -> None:
    corrected = [came_in("2018-03-01", "2018-03-01", utbildning="okand")]
    corrected.append(came_in("2018-03-01", "2018-12-01", utbildning="gymnasium"))
    other = [came_in("2018-03-01", "2018-03-05", utbildning="grundskola", insats="I2")]
    figures = Figures(register(other, corrected))
    assert figures("deltagare_utbildning", "antal", utbildning="grundskola", kon="totalt") == 1


def test_one_avslut_per_person_the_latest_slut_of_equal_ones_the_last_registered() -> None:
    def reason(*outs: OutVersion) -> str:
        insatser = ("I1", "I2", "I3")
        figures = Figures(
            register(
                *([came_in("2018-01-05", insats=i), out] for i, out in zip(insatser, outs, strict=False))
            )
        )
        (code,) = (
            c for c in naive.AVSLUTSANLEDNING if figures("avslut", "antal", avslutsanledning=c, kon="totalt")
        )
        return code

    early = went_out("2018-05-01", "2018-12-01", reason="flytt")
    late = went_out("2018-06-01", reason="pension")
    assert reason(early, late) == reason(late, early) == "pension"
    assert reason(went_out("2018-06-01", "2018-07-01", reason="annat"), late) == "annat"
    assert reason(went_out("2018-06-01", reason="annat"), late) == "pension"
    next_year = went_out("2019-01-02", reason="avliden")
    assert reason(early, next_year) == "flytt"


def test_a_person_counts_once_in_the_nation_and_once_in_each_forbund() -> None:
    figures = Figures(
        register(
            [came_in("2018-01-05"), went_out("2018-02-01", efter=Answers(arbetar=50))],
            [came_in("2018-03-05"), went_out("2018-04-01", efter=Answers(arbetar=0))],
            [came_in("2018-03-05", insats="I3"), went_out("2018-03-31", efter=Answers(arbetar=50))],
        )
    )
    assert figures.persons() == 1
    assert [figures("forbund", "med_personuppgifter", forbund=f) for f in ("F1", "F2")] == [1, 1]
    # Counted in the nation and in F1: the slut in April; in F2 the one in March.
    assert [figures("forbund", "arbete_eller_studier_andel", forbund=f) for f in ("F1", "F2")] == [0, 100]
    assert figures("lan", "arbete_eller_studier_andel", lan="01") == 0
    assert figures("forbund_resultat", "antal", forbund="F2", resultat="arbete_eller_studier") == 1
    assert figures("forbund_resultat", "antal", forbund="F1", resultat="ovriga") == 1
    assert figures("forbund_resultat", "antal", forbund="F1", kon="K") == 1


def test_lan_places_the_person_by_background_with_the_nationally_counted_avslut() -> None:
    figures = Figures(
        register(
            [came_in("2018-01-05", kommun="0114"), went_out("2018-02-03", efter=Answers(arbetar=50))],
            [came_in("2018-03-05", insats="I2", kommun="1480")],
        )
    )
    measures = ("med_personuppgifter", "avslutade", "arbete_eller_studier_andel", "median_tid")
    assert [figures("lan", m, lan="14") for m in measures] == [1, 1, 100, 30]
    assert [figures("lan", m, lan="01") for m in measures] == [0, 0, None, None]


def test_kon_and_age_are_those_of_the_chosen_deltagande() -> None:
    figures = Figures(
        register(
            [came_in("2018-01-05", kon="M", fodd=1988), went_out("2018-12-31", efter=Answers(arbetar=10))],
            [came_in("2018-03-05", insats="I2", kon="K", fodd=1989)],
        )
    )
    assert (figures.persons(kon="K"), figures.persons(kon="M")) == (1, 0)
    assert figures("deltagare_alder", "antal", alder="25-29", kon="K") == 1
    assert figures("resultat_sysselsattning", "efter_antal", sysselsattning="arbete", kon="M") == 1


@pytest.mark.parametrize(
    ("start", "slut", "counts"),
    [
        ("2018-12-31", None, True),
        ("2019-01-01", None, False),
        ("2017-01-01", "2018-01-01", True),
        ("2017-01-01", "2017-12-31", False),
        ("2014-01-01", None, True),
    ],
)
def test_overlap_with_the_year(start: str, slut: str | None, counts: bool) -> None:
    versions: list[Version] = [came_in(start)]
    if slut:
        versions.append(went_out(slut))
    assert Figures(register(versions)).persons() == int(counts)


# --- Deltagare -------------------------------------------------------------------------------------------------------


def test_deltagare_of_all_four_kinds() -> None:
    everything = register(
        [came_in("2018-01-05")],
        [came_in("2018-01-05", person="bo", kon="M")],
        [came_in("2018-01-05", person="cia", insats="I3")],
        [came_in("2018-05-05", person="cia", insats="I1")],
    )
    everything.avidentifierade = {"D3": at("2018-06-01")}
    everything.insatser["V"] = Insats("V", "F2", day("2012-01-01"))
    everything.insatser["S"] = Insats("S", "F2", day("2012-01-01"), None, "struktur", "dialog")
    everything.anonyma = [
        Anonyma("I1", 2018, 4, 1, at("2018-06-01")),
        Anonyma("I1", 2018, 5, 2, AS_OF),  # a new total, not four more
        Anonyma("I1", 2018, 9, 9, at("2019-02-01")),
        Anonyma("I1", 2017, 9, 9, at("2018-06-01")),
    ]
    everything.volym = [
        Volym("V", 2018, 10, 3, 2, at("2018-06-01")),
        Volym("S", 2018, 100, 0, 0, at("2018-06-01")),
    ]
    figures = Figures(everything)
    rows = ("personuppgifter", "anonyma", "volym", "avidentifierade", "totalt")
    assert [figures.persons(satt, "K") for satt in rows] == [2, 5, 3, 1, 11]
    assert [figures.persons(satt, "M") for satt in rows] == [1, 2, 2, 0, 5]
    assert [figures.persons(satt, "totalt") for satt in rows] == [3, 7, 10, 1, 21]
    assert [figures.persons(satt, "okand") for satt in ("volym", "totalt")] == [5, 5]
    assert (
        naive.key("deltagare", "antal", 2018, registreringssatt="anonyma", kon="okand") not in figures.cells
    )
    assert figures("deltagare", "andel", registreringssatt="volym", kon="K") == pytest.approx(100 * 3 / 11)
    assert [figures("forbund", "deltagare", forbund=f) for f in ("F1", "F2")] == [10, 11]
    assert [figures("forbund", "med_personuppgifter", forbund=f) for f in ("F1", "F2")] == [3, 0]
    assert figures("struktur_deltagare", "deltagare") == 100
    assert figures("insatser_struktur", "deltagare", preciserad_inriktning="dialog") == 100


def test_avidentifierad_is_in_no_other_table_and_not_before_it_was_registered() -> None:
    lost = register([came_in("2018-01-05", "2018-03-01"), went_out("2018-06-30", "2019-02-01")])
    lost.avidentifierade = {"D1": at("2020-01-01")}
    figures = Figures(lost)
    assert (figures.persons(), figures.persons("avidentifierade")) == (0, 1)
    assert figures("kvalitet", "in_90", forbund="totalt") is None
    assert figures("kvalitet", "saknas_utbildning", forbund="F1") == 0
    assert Figures(lost, "2018-02-01").persons("avidentifierade") == 0
    # Taken while the identity was still there, the uttag has it.
    then = naive.compute(lost, 2018, AS_OF, taken_at=at("2019-01-17"))
    assert then[naive.key("deltagare", "antal", 2018, registreringssatt="personuppgifter", kon="K")] == 1


def test_insatser_individ_counts_a_person_in_each_kind() -> None:
    both = register(
        [came_in("2018-01-05")], [came_in("2018-01-05", insats="I3")], [came_in("2018-01-05", person="bo")]
    )
    both.insatser["I3"].preciserad_inriktning = "kartlaggning"
    figures = Figures(both)
    for kind, insatser, persons, share in (("rehab_arbete", 2, 2, 100), ("kartlaggning", 1, 1, 50)):
        row = {"preciserad_inriktning": kind}
        assert figures("insatser_individ", "insatser", **row) == insatser
        assert figures("insatser_individ", "deltagare", **row) == persons
        assert figures("insatser_individ", "andel", **row) == share


def test_insatser_inriktning_and_behovsgrupp_count_those_whose_dates_overlap_the_year() -> None:
    some = register()
    some.insatser["I1"].slutdatum = day("2017-12-31")
    some.insatser["I2"].slutdatum = day("2018-01-01")
    some.insatser["I2"].behovsgrupper = ("missbruk", "annan")
    some.insatser["S"] = Insats("S", "F1", day("2018-12-31"), None, "struktur", "dialog")
    some.insatser["T"] = Insats("T", "F1", day("2019-01-01"), None, "struktur", "dialog")
    figures = Figures(some)
    inriktningar = ("individ", "struktur", "totalt")
    assert [figures("insatser_inriktning", "antal", inriktning=i) for i in inriktningar] == [2, 1, 3]
    groups = ("missbruk", "annan", "nyanlanda", "saknas")
    assert [figures("insatser_behovsgrupp", "insatser", behovsgrupp=g) for g in groups] == [1, 1, 0, 2]


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


# --- Reading ---------------------------------------------------------------------------------------------------------


def write(folder: Path, *rows: str) -> Path:
    folder.mkdir()
    columns = (
        "deltagande_id,insats_id,personnummer,kommunkod,startdatum,registrerad_in,slutdatum,registrerad_ut"
    )
    # With a byte order mark, and with commas, as FORMATS allows.
    (folder / "deltaganden.csv").write_text("\n".join((columns, *rows)), encoding="utf-8-sig")
    return folder


def test_read_versions(tmp_path: Path) -> None:
    number = registers.numbers(2018)[0]
    start = f"D1,I1,{number},0114,2018-01-05,"
    moved = f"D1,I1,{number},0114,2018-01-06,"
    base = write(tmp_path / "1", start + "2018-01-05T08:00:00+01:00,,")
    out = write(tmp_path / "2", start + "2018-01-05T08:00:00+01:00,2018-02-01,2018-02-02T08:00:00+01:00")
    correction = write(
        tmp_path / "3", moved + "2018-01-10T08:00:00+01:00,2018-02-01,2018-02-02T08:00:00+01:00"
    )
    read = Register.read(base, out, correction, base).deltaganden["D1"]
    assert [v.startdatum for v in read.inne] == [day("2018-01-05"), day("2018-01-06")]
    assert [v.slutdatum for v in read.ute] == [day("2018-02-01")]

    same_time = write(tmp_path / "4", moved + "2018-01-05T08:00:00+01:00,,")
    with pytest.raises(ValueError, match="other content with the same time"):
        Register.read(base, same_time)
    older = write(tmp_path / "5", moved + "2018-01-04T08:00:00+01:00,,")
    read = Register.read(base, older, import_times=[at(SOON), at("2018-09-09")]).deltaganden["D1"]
    assert [v.known for v in read.inne] == [at("2018-01-05T08:00"), at("2018-09-09")]


def test_read_personnummer() -> None:
    number, samordningsnummer = registers.numbers(2018)[0], registers.numbers(2018)[-1]
    for text in (number, f"{number[:8]}-{number[8:]}", number[2:], f"{number[2:8]}-{number[8:]}"):
        assert naive.full_number(text, AS_OF) == number
    assert naive.full_number(f"{number[2:8]}+{number[8:]}", AS_OF) == f"18{number[2:]}"
    assert int(samordningsnummer[6:8]) > 60


# --- The generator ---------------------------------------------------------------------------------------------------


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    path = folder / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def faults(folders: list[Path]) -> list[str]:
    """What FORMATS §1 would refuse, after each of the imports."""
    found: list[str] = []

    def must(holds: bool, what: str) -> None:
        if not holds:
            found.append(what)

    def runs(row: dict[str, str]) -> tuple[date, date]:
        return day(row["startdatum"]), day(row["slutdatum"]) if row["slutdatum"] else date.max

    base = folders[0]
    forbund = {row["forbund_id"]: row for row in rows_of(base, "forbund")}
    insatser = {row["insats_id"]: row for row in rows_of(base, "insatser")}
    must(len(insatser) == len(rows_of(base, "insatser")), "duplicate insats_id")
    for row in rows_of(base, "forbund_kommun"):
        first, last = runs(forbund[row["forbund_id"]])
        till = day(row["till"]) if row["till"] else date.max
        must(first <= day(row["fran"]) <= till <= last, "kommun outside its förbund's dates")
        must(row["kommunkod"] in naive.KOMMUNER, "kommunkod")
    for insats in insatser.values():
        owner = forbund[insats["forbund_id"]]
        first, last = runs(owner)
        start, slut = runs(insats)
        must(first <= start <= min(last, slut), "insats starts outside its förbund's dates")
        must(slut <= last or bool(owner["uppgatt_i"]), "insats outside its förbund's dates")
        must(insats["registreringssatt"] == "volym" or insats["inriktning"] == "individ", "registreringssatt")
    for name, satt in (("anonyma", "person"), ("volym", "volym")):
        rows = rows_of(base, name)
        must(
            len({(r["insats_id"], r["ar"], r["registrerad"]) for r in rows}) == len(rows), f"duplicate {name}"
        )
        for row in rows:
            start, slut = runs(insatser[row["insats_id"]])
            must(insatser[row["insats_id"]]["registreringssatt"] == satt, f"{name} on the wrong insats")
            must(
                start.year <= int(row["ar"]) <= slut.year, f"{name} of a year in which the insats did not run"
            )
            if name == "volym":
                must(
                    int(row["kvinnor"] or 0) + int(row["man"] or 0) <= int(row["antal"]),
                    "kvinnor + man > antal",
                )
    latest: dict[str, dict[str, str]] = {}
    first_in: dict[str, datetime] = {}
    for folder in folders:
        ids = [row["deltagande_id"] for row in rows_of(folder, "deltaganden")]
        must(len(ids) == len(set(ids)), "duplicate deltagande_id")
        for row in rows_of(folder, "deltaganden"):
            who = row["deltagande_id"]
            before = latest.get(who)
            must(not before or before["personnummer"] == row["personnummer"], "another personnummer")
            must(not before or before != row, "a correction that corrects nothing")
            for column in ("registrerad_in", "registrerad_ut"):
                if before and before[column] and before[column] != row[column]:
                    must(datetime.fromisoformat(row[column]) > datetime.fromisoformat(before[column]), column)
            latest[who] = row
            registrerad_in = datetime.fromisoformat(row["registrerad_in"])
            first_in.setdefault(who, registrerad_in)
            start, slut = runs(row)
            first, last = runs(insatser[row["insats_id"]])
            must(insatser[row["insats_id"]]["registreringssatt"] == "person", "deltagande on a volyminsats")
            must(first <= start <= slut, "deltagande before its insats, or slut before start")
            must(start <= last and (not row["slutdatum"] or slut <= last), "deltagande after its insats")
            samtycke = day(row["samtyckesdatum"])
            must(samtycke <= registrerad_in.astimezone(naive.STOCKHOLM).date(), "samtycke after registration")
            must(bool(row["registrerad_ut"]) == bool(row["slutdatum"] or row["avslutsanledning"]), "slut")
            if row["registrerad_ut"]:
                must(datetime.fromisoformat(row["registrerad_ut"]) >= first_in[who], "out before in")
                must(bool(row["slutdatum"]) or row["avslutsanledning"] == "felregistrering", "no slutdatum")
            for when in ("fore", "efter"):
                sources = row[f"forsorjning_{when}"].split("|")
                must("ingen" not in sources or sources == ["ingen"], "ingen with others")
                must(
                    not row[f"typ_av_arbete_{when}"] or int(row[f"arbetar_{when}"] or 0) > 0, "typ av arbete"
                )
        spans: dict[tuple[str, str], list[tuple[date, date]]] = {}
        for row in latest.values():
            if row["avslutsanledning"] != "felregistrering":
                person = row["personnummer"].replace("-", "")
                spans.setdefault((person, row["insats_id"]), []).append(runs(row))
        for several in spans.values():
            several.sort()
            for one, following in zip(several, several[1:], strict=False):
                must(one[1] < following[0], "overlap")
    return found


@settings(deadline=None, max_examples=60)
@given(registers.registers())
def test_generated_registers_are_valid_and_read_the_same_in_one_folder(rows: registers.RegisterRows) -> None:
    with TemporaryDirectory() as folder:
        folders = rows.write(Path(folder, "rounds"))
        assert faults(folders) == []
        in_rounds = Register.read(*folders)
        assert in_rounds == Register.read(rows.write_whole(Path(folder, "whole")))
    naive.compute(in_rounds, rows.year, rows.as_of)
