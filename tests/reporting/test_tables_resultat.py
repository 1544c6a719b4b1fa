"""What became of those who left, how well it was registered, and the year before: figures worked out by
hand."""

import pytest

from tests.reporting.raw_folders import Field, Raw, run


def work(arbetar: int | None, studerar: int | None, soker: int | None) -> dict[str, Field]:
    return {"arbetar": arbetar, "studerar": studerar, "arbetssokande": soker}


def test_one_avslut_a_person_the_latest_of_equal_ones_the_one_registered_last(tmp_path):
    raw = Raw()
    raw.deltagande("d1", "p1", "2018-01-10", "2018-05-01", efter={"avslutsanledning": "annat"})
    raw.deltagande("d2", "p1", "2018-05-02", "2018-09-01", efter={"avslutsanledning": "enligt_plan"})
    raw.deltagande("d3", "p1", "2018-09-02", "2019-01-05", efter={"avslutsanledning": "avbrott_deltagare"})
    late: dict[str, Field] = {"avslutsanledning": "annat", "registrerad": "2018-07-02 10:00:00"}
    early: dict[str, Field] = {"avslutsanledning": "avbrott_deltagare", "registrerad": "2018-07-01 10:00:00"}
    raw.deltagande("d4", "p2", "2018-01-10", "2018-06-30", kon="M", efter=late)
    raw.deltagande("d5", "p2", "2018-01-10", "2018-06-30", insats="I2", kon="M", efter=early)
    # corrected after d4 came in: still first registered before it
    raw.ut_version(
        "d5", "2018-06-30", nr=2, registrerad="2018-08-01 10:00:00", avslutsanledning="avbrott_deltagare"
    )
    t = run(tmp_path, raw)
    assert t("resultat_sysselsattning", "efter_antal", sysselsattning="avslutade", kon="totalt") == 2
    assert t("avslut", "antal", avslutsanledning="enligt_plan", kon="K") == 1
    assert t("avslut", "antal", avslutsanledning="annat", kon="totalt") == 1
    assert t("avslut", "antal", avslutsanledning="annat", kon="M") == 1
    assert t("avslut", "andel", avslutsanledning="annat", kon="totalt") == 50.0
    assert t("forbund_resultat", "antal", forbund="B", resultat="ovriga") == 1
    assert t("forbund", "avslutade", forbund="B") == 1
    assert all(row["avslutsanledning"] != "felregistrering" for row in t.rows("avslut"))


def test_states_before_and_after(tmp_path):
    raw = Raw()
    answers = [
        (work(0, 0, 1), work(50, 25, 1)),  # arbetssökande -> arbete och studier
        (work(None, None, 1), work(None, 10, None)),  # an empty one counts as no -> studier
        (work(0, None, None), work(0, 0, 1)),  # övriga -> arbetssökande
        (work(None, None, None), work(None, None, None)),  # saknas -> saknas
        (work(20, 0, 0), work(0, 0, 0)),  # arbete -> övriga
    ]
    for number, (before, after) in enumerate(answers):
        raw.deltagande(f"d{number}", f"p{number}", "2018-01-10", "2018-05-01", fore=before, efter=after)
    t = run(tmp_path, raw)
    expected = {
        "arbete": (1, 1), "studier": (0, 2), "arbete_eller_studier": (1, 2), "arbetssokande": (2, 1), "ovriga": (1, 1),
        "malet": (3, 3), "saknas": (1, 1), "avslutade": (5, 5),
    }  # fmt: skip
    for state, numbers in expected.items():
        keys = {"sysselsattning": state, "kon": "K"}
        assert (
            tuple(t("resultat_sysselsattning", m, **keys) for m in ("fore_antal", "efter_antal")) == numbers
        ), state
        assert t("resultat_sysselsattning", "efter_andel", **keys) == 20.0 * numbers[1]
        assert t("resultat_sysselsattning", "forandring_pe", **keys) == 20.0 * (numbers[1] - numbers[0])
    assert [t("forbund_resultat", "antal", forbund="A", resultat=code)
            for code in ("arbete_eller_studier", "arbetssokande", "ovriga")] == [2, 1, 2]  # fmt: skip
    assert [t("forbund_resultat", "antal", forbund="A", kon=kon) for kon in ("K", "M", "totalt")] == [5, 0, 5]
    assert t("forbund", "arbete_eller_studier_andel", forbund="A") == 40.0
    assert t("kommun", "malet_andel", kommun="0180") == 60.0


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (work(20, 0, 0), work(30, 0, 0), "borjade_eller_okade"),
        (work(50, 0, 0), work(0, 10, 0), "borjade_eller_okade"),
        (work(None, None, 1), work(10, None, None), "borjade_eller_okade"),
        (work(50, 50, 0), work(50, 50, 0), "ej_okade"),
        (work(50, 0, 0), work(None, None, 0), "ej_okade"),
        (work(None, None, None), work(50, 0, 0), "saknas"),
        (work(50, 0, 0), work(None, None, None), "saknas"),
    ],
)
def test_began_or_increased(tmp_path, before, after, kind):
    raw = Raw()
    raw.deltagande("d1", "p1", "2018-01-10", "2018-05-01", fore=before, efter=after)
    t = run(tmp_path, raw)
    for code in ("borjade_eller_okade", "ej_okade", "saknas"):
        assert t("resultat_okade", "antal", okade=code, kon="K") == int(code == kind)
        assert t("resultat_okade", "andel", okade=code, kon="totalt") == 100.0 * (code == kind)


def test_support_before_and_after_in_every_pair(tmp_path):
    raw = Raw()
    one, two = "sjukpenning:hel", "sjukpenning:del|forsorjningsstod:del"
    raw.deltagande("d1", "p1", "2018-01-10", "2018-05-01", forsorjning=two, efter={"forsorjning": two})
    raw.deltagande("d2", "p2", "2018-01-10", "2018-05-01", forsorjning=one, efter={"forsorjning": "ingen"})
    raw.deltagande("d3", "p3", "2018-01-10", "2018-05-01", efter={"forsorjning": "studiestod:hel"})
    t = run(tmp_path, raw)
    pairs = {(row["forsorjning_fore"], row["forsorjning_efter"]): row["varde"]
             for row in t.rows("resultat_forsorjning_flode") if "ar" not in row}  # fmt: skip
    assert {pair: number for pair, number in pairs.items() if number} == {
        ("sjukpenning", "sjukpenning"): 1,
        ("sjukpenning", "forsorjningsstod"): 1,
        ("forsorjningsstod", "sjukpenning"): 1,
        ("forsorjningsstod", "forsorjningsstod"): 1,
        ("sjukpenning", "ingen"): 1,
        ("saknas", "studiestod"): 1,
    }
    assert len(pairs) == 36
    assert t("resultat_forsorjning", "fore_antal", forsorjning="sjukpenning", kon="K") == 2
    assert t("resultat_forsorjning", "efter_antal", forsorjning="sjukpenning", kon="K") == 1
    assert t("resultat_forsorjning", "forandring", forsorjning="sjukpenning", kon="K") == -50.0
    assert t("resultat_forsorjning", "forandring", forsorjning="saknas", kon="K") == -100.0
    assert t("resultat_forsorjning", "forandring", forsorjning="studiestod", kon="K") is None


def test_time_and_its_quartiles(tmp_path):
    raw = Raw()
    # both days counted: 1, 10, 365 and 366 days; of another kind 730 and 731
    for number, (start, slut) in enumerate(
        [
            ("2018-05-01", "2018-05-01"),
            ("2018-05-01", "2018-05-10"),
            ("2017-05-02", "2018-05-01"),
            ("2017-05-01", "2018-05-01"),
        ]  # fmt: skip
    ):
        raw.deltagande(f"d{number}", f"p{number}", start, slut)
    raw.insats("I3", "A", preciserad_inriktning="kartlaggning")
    raw.deltagande("e1", "q1", "2016-05-02", "2018-05-01", insats="I3")
    raw.deltagande("e2", "q2", "2016-05-01", "2018-05-01", insats="I3")
    t = run(tmp_path, raw)
    expected = {"avslutade": 4, "median": 187.5, "q1": 7.75, "q3": 365.25, "medel": 185.5}
    expected |= {"andel_over_1_ar": 25.0, "andel_over_2_ar": 0.0}
    for matt, value in expected.items():
        assert t("tid_i_insats", matt, preciserad_inriktning="rehab_arbete") == value, matt
    assert t("tid_i_insats", "andel_over_2_ar", preciserad_inriktning="kartlaggning") == 50.0
    assert t("tid_i_insats", "avslutade", preciserad_inriktning="totalt") == 6
    assert t("tid_i_insats", "avslutade", preciserad_inriktning="stod_arbete") == 0
    assert t("tid_i_insats", "median", preciserad_inriktning="stod_arbete") is None
    assert t("forbund", "median_tid", forbund="A") == 365.5


def test_quality_of_registration(tmp_path):
    raw = Raw()
    raw.insats("I3", "A", slut="2018-12-31")
    raw.deltagande(
        "d1",
        "p1",
        "2018-03-01",
        "2018-04-01",
        registrerad="2018-03-08 10:00:00",
        insats="I3",
        efter={"registrerad": "2018-05-02 10:00:00"},
    )  # 7 and 31 days
    raw.deltagande("d2", "p2", "2018-03-01", registrerad="2018-03-09 10:00:00", insats="I3")  # 8 days, open
    raw.deltagande("d3", "p3", "2015-12-30", utbildning="gymnasium", arbetar=0, forsorjning="ingen")
    raw.deltagande("d4", "p4", "2015-12-31", samtycke=(1, None))
    raw.deltagande("d5", "p5", "2015-12-31", samtycke=(1, "2019-01-16"))
    raw.deltagande("d6", "p6", "2015-12-31", samtycke=(1, "2019-01-17"), insats="I2")
    t = run(tmp_path, raw)
    expected = {
        "in_7": 50.0, "in_30": 100.0, "in_90": 100.0, "ut_7": 0.0, "ut_30": 0.0, "ut_90": 100.0,
        "oppna_avslutad_insats": 1, "oppna_over_3_ar": 1, "saknas_utbildning": 4, "saknas_forsorjning": 4,
        "saknas_sysselsattning": 4, "samtycken_ej_mottagna": 1,
    }  # fmt: skip
    for matt, value in expected.items():
        assert t("kvalitet", matt, forbund="A") == value, matt
    assert t("kvalitet", "samtycken_ej_mottagna", forbund="totalt") == 2
    assert t("kvalitet", "saknas_utbildning", forbund="totalt") == 5
    assert t("kvalitet", "in_7", forbund="B") is None
    assert t("forbund", "median_eftersl_dagar", forbund="A") == 7.5


def test_receipts_of_imported_deltaganden_are_not_known(tmp_path):
    raw = Raw()
    raw.deltagande("d1", "p1", "2018-03-01")
    t = run(tmp_path, raw)
    assert t("kvalitet", "samtycken_ej_mottagna", forbund="A") is None
    assert t("kvalitet", "samtycken_ej_mottagna", forbund="B") is None


def test_without_identity_in_no_result_or_background(tmp_path):
    raw = Raw()
    raw.deltagande("d1", None, None, start_ar=2018, registrerad="2018-02-01 10:00:00")
    raw.ut_version("d1", None, slut_ar=2018, registrerad="2018-03-01 10:00:00")
    t = run(tmp_path, raw)
    assert t("deltagare", "antal", registreringssatt="totalt", kon="K") == 1
    assert t("forbund", "deltagare", forbund="A") == 1
    assert t("forbund", "andel_personuppgifter", forbund="A") == 0.0
    assert t("deltagare_alder", "antal", alder="30-39", kon="totalt") == 0
    assert t("resultat_sysselsattning", "efter_antal", sysselsattning="avslutade", kon="totalt") == 0
    assert t("kvalitet", "saknas_utbildning", forbund="totalt") == 0


def test_shares_of_an_empty_base_do_not_apply(tmp_path):
    t = run(tmp_path, Raw())
    assert t("deltagare_alder", "antal", alder="-19", kon="K") == 0
    assert t("deltagare_alder", "andel", alder="-19", kon="K") is None
    assert t("resultat_sysselsattning", "forandring_pe", sysselsattning="arbete", kon="totalt") is None
    assert t("resultat_okade", "andel", okade="saknas", kon="M") is None
    assert t("tid_i_insats", "medel", preciserad_inriktning="totalt") is None
    assert t("kommun", "median_tid", kommun="0114") is None


def test_the_year_before_stands_beside(tmp_path):
    raw, before = Raw(), Raw()
    for number in range(6):
        raw.deltagande(f"d{number}", f"p{number}", "2018-03-01")
    for number in range(4):
        before.deltagande(f"d{number}", f"p{number}", "2017-03-01")
    before.add(
        "koder", lista="utbildning", kod="folkskola", etikett="Folkskola", till="2017-12-31", ordning=90
    )
    t = run(tmp_path, raw, before)
    keys = {"registreringssatt": "totalt", "kon": "totalt"}
    assert t("deltagare", "antal", **keys) == 6
    assert t("deltagare", "antal", **keys, ar=2017) == 4
    assert t("deltagare", "forandring", **keys) == 50.0
    assert t("deltagare", "forandring", registreringssatt="totalt", kon="M") is None
    assert not [row for row in t.rows("deltagare") if row["matt"] == "forandring" and "ar" in row]
    assert t("deltagare_utbildning", "antal", utbildning="folkskola", kon="K", ar=2017) == 0
    assert t("struktur_deltagare", "forandring") is None
    assert (
        "exakt ett år före detta uttags kunskapstidpunkt, den 16\u00a0januari\u00a02018 kl.\u00a023.59."
        in t.notes("deltagare")
    )


@pytest.mark.parametrize("there", [False, True])
def test_a_year_before_with_nothing_registered_does_not_apply(tmp_path, there):
    raw = Raw()
    raw.deltagande("d1", "p1", "2018-03-01")
    t = run(tmp_path, raw, Raw() if there else None)
    keys = {"registreringssatt": "totalt", "kon": "totalt"}
    assert t("deltagare", "antal", **keys, ar=2017) is None
    assert t("deltagare", "forandring", **keys) is None
    assert (
        t("resultat_forsorjning_flode", "antal", forsorjning_fore="ingen", forsorjning_efter="ingen", ar=2017)
        is None
    )
    assert t("ekonomi", "budget", post="stat", ar=2017) is None
    assert "För 2017 fanns inget registrerat." in t.notes("deltagare")
    # förbund and insatser carry no time of registration, so they do not tell that the year was followed up
    assert t("forbund_kommuner", "forbund", ar=2017) is None
    assert t("forbund_kommuner", "forandring_forbund") is None
    assert t("insatser_individ", "insatser", preciserad_inriktning="rehab_arbete", ar=2017) is None
    assert t("insatser_individ", "deltagare", preciserad_inriktning="rehab_arbete", ar=2017) is None
