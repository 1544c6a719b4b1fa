"""The naive computation against cases worked by hand: what is known when, who counts once, the deltagare."""

from __future__ import annotations

import pytest

from tests.reporting import naive
from tests.reporting.naive import Anonyma, Answers, Insats, InVersion, OutVersion, Version, Volym
from tests.reporting.naive_case import AS_OF, Figures, at, came_in, day, register, went_out

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
