"""Who is counted, and where: figures worked out by hand."""

from reporting.tables.compute import compute_tables
from reporting.uttag.dataset import absorbed, build_dataset, fold_absorbed, open_duckdb
from tests.reporting.raw_folders import AS_OF, YEAR, Raw, Tables, run


def volym(raw: Raw, insats: str, antal: int, kvinnor: int | None = None, man: int | None = None) -> None:
    raw.add(
        "volym", insats=insats, nr=1, registrerad="2018-11-01 10:00:00", antal=antal, kvinnor=kvinnor, man=man
    )


def test_two_deltaganden_of_one_person_are_one_deltagare(tmp_path):
    raw = Raw()
    raw.deltagande("d1", "p1", "2018-01-10", "2018-02-10")
    raw.deltagande("d2", "p1", "2018-03-10")
    raw.deltagande("d3", "p2", "2018-03-10", kon="M")
    t = run(tmp_path, raw)
    assert t("deltagare", "antal", registreringssatt="personuppgifter", kon="totalt") == 2
    assert t("deltagare", "antal", registreringssatt="personuppgifter", kon="K") == 1
    assert t("deltagare", "andel", registreringssatt="personuppgifter", kon="K") == 100.0
    assert t("deltagare", "antal", registreringssatt="anonyma", kon="M") == 0


def test_a_person_in_two_förbund_counts_in_both_and_once_in_the_nation(tmp_path):
    raw = Raw()
    raw.deltagande("d1", "p1", "2018-01-10")
    raw.deltagande("d2", "p1", "2018-01-10", insats="I2")
    t = run(tmp_path, raw)
    assert t("forbund", "deltagare", forbund="A") == 1
    assert t("forbund", "deltagare", forbund="B") == 1
    assert t("deltagare", "antal", registreringssatt="totalt", kon="totalt") == 1


def test_the_four_ways_and_their_sum(tmp_path):
    raw = Raw()
    raw.insats("V", "A", registreringssatt="volym")
    raw.insats("S", "A", inriktning="struktur", preciserad_inriktning="dialog", registreringssatt="volym")
    raw.deltagande("d1", "p1", "2018-01-10")
    raw.deltagande("d2", None, None, start_ar=2018, kon="M", registrerad="2018-02-01 10:00:00")
    raw.add("anonyma", insats="I1", nr=1, registrerad="2018-04-01 10:00:00", kvinnor=9, man=9)
    raw.add("anonyma", insats="I1", nr=2, registrerad="2018-05-01 10:00:00", kvinnor=3, man=2)
    raw.add("anonyma", insats="I1", nr=3, registrerad="2019-02-01 10:00:00", kvinnor=8, man=8)
    volym(raw, "V", 10, kvinnor=4, man=1)
    volym(raw, "S", 70)
    t = run(tmp_path, raw)
    expected = {
        "personuppgifter": (1, 0, None, 1),
        "anonyma": (3, 2, None, 5),
        "volym": (4, 1, 5, 10),
        "avidentifierade": (0, 1, None, 1),
        "totalt": (8, 4, 5, 17),
    }
    found = {(row["registreringssatt"], row["kon"]): row["varde"] for row in t.rows("deltagare")
             if row["matt"] == "antal" and "ar" not in row}  # fmt: skip
    for way, numbers in expected.items():
        for kon, number in zip(("K", "M", "okand", "totalt"), numbers, strict=True):
            assert found.pop((way, kon), None) == number, (way, kon)
    assert not found
    assert t("deltagare", "andel", registreringssatt="volym", kon="okand") == 100.0
    assert t("deltagare", "andel", registreringssatt="volym", kon="K") == 50.0
    assert t("struktur_deltagare", "deltagare") == 70
    assert t("insatser_struktur", "deltagare", preciserad_inriktning="dialog") == 70
    assert t("forbund", "deltagare", forbund="A") == 17
    assert t("forbund", "andel_personuppgifter", forbund="A") == 100 / 17


def test_volym_without_sex_is_all_of_it_okand(tmp_path):
    raw = Raw()
    raw.insats("V", "A", registreringssatt="volym")
    volym(raw, "V", 10)
    t = run(tmp_path, raw)
    assert t("deltagare", "antal", registreringssatt="volym", kon="okand") == 10
    assert t("deltagare", "antal", registreringssatt="totalt", kon="K") == 0
    assert t("deltagare", "andel", registreringssatt="volym", kon="K") is None


def test_background_is_that_of_the_latest_start(tmp_path):
    raw = Raw()
    raw.deltagande(
        "d1", "p1", "2018-05-02", utbildning="gymnasium", kommun="1480", kon="M", initierad_av="fk"
    )
    raw.deltagande("d2", "p1", "2018-05-01", utbildning="grundskola")
    t = run(tmp_path, raw)
    assert t("deltagare_utbildning", "antal", utbildning="gymnasium", kon="M") == 1
    assert t("deltagare_utbildning", "antal", utbildning="grundskola", kon="totalt") == 0
    assert t("deltagare_initierad", "antal", initierad_av="fk", kon="totalt") == 1
    assert t("kommun", "med_personuppgifter", kommun="1480") == 1
    assert t("lan", "med_personuppgifter", lan="01") == 0
    assert t("deltagare", "antal", registreringssatt="personuppgifter", kon="M") == 1


def test_equal_starts_the_one_first_registered_last_then_the_highest_id(tmp_path):
    raw = Raw()
    raw.deltagande("d1", "p1", "2018-05-02", registrerad="2018-05-04 10:00:00", utbildning="gymnasium")
    raw.deltagande("d2", "p1", "2018-05-02", registrerad="2018-05-03 10:00:00", utbildning="grundskola")
    # a later correction does not make it registered last
    raw.in_version("d2", "2018-05-02", nr=2, registrerad="2018-09-03 10:00:00", utbildning="grundskola")
    raw.deltagande("d3", "p2", "2018-05-02", insats="I1", utbildning="okand", kon="M")
    raw.deltagande("d4", "p2", "2018-05-02", insats="I2", utbildning="eftergymnasial", kon="M")
    t = run(tmp_path, raw)
    assert t("deltagare_utbildning", "antal", utbildning="gymnasium", kon="K") == 1
    assert t("deltagare_utbildning", "antal", utbildning="eftergymnasial", kon="M") == 1


def test_a_missing_answer_has_its_row_and_is_in_the_base(tmp_path):
    raw = Raw()
    raw.deltagande("d1", "p1", "2018-05-02", utbildning="gymnasium", tid_manader=0)
    for number in range(2, 5):
        raw.deltagande(f"d{number}", f"p{number}", "2018-05-02")
    t = run(tmp_path, raw)
    assert t("deltagare_utbildning", "antal", utbildning="saknas", kon="K") == 3
    assert t("deltagare_utbildning", "andel", utbildning="gymnasium", kon="K") == 25.0
    assert t("deltagare_utbildning", "andel", utbildning="gymnasium", kon="M") is None
    assert t("deltagare_tid", "antal", tid_i_forsorjning="saknas", kon="totalt") == 3
    assert t("deltagare_tid", "antal", tid_i_forsorjning="ingen", kon="totalt") == 1
    assert t("deltagare_forsorjning", "antal", forsorjning="saknas", kon="totalt") == 4


def test_two_sources_of_support_count_in_both(tmp_path):
    raw = Raw()
    raw.deltagande("d1", "p1", "2018-05-02", forsorjning="sjukpenning:del|forsorjningsstod:del")
    raw.deltagande("d2", "p2", "2018-05-02", forsorjning="ingen")
    t = run(tmp_path, raw)
    for code in ("sjukpenning", "forsorjningsstod", "ingen"):
        assert t("deltagare_forsorjning", "antal", forsorjning=code, kon="K") == 1
        assert t("deltagare_forsorjning", "andel", forsorjning=code, kon="K") == 50.0


def test_a_code_no_longer_valid_is_shown_when_it_is_used(tmp_path):
    raw = Raw()
    raw.add("koder", lista="utbildning", kod="folkskola", etikett="Folkskola", till="2015-12-31", ordning=90)
    raw.add(
        "koder", lista="utbildning", kod="realexamen", etikett="Realexamen", till="2015-12-31", ordning=91
    )
    raw.deltagande("d1", "p1", "2015-05-02", utbildning="folkskola")
    t = run(tmp_path, raw)
    assert t("deltagare_utbildning", "antal", utbildning="folkskola", kon="K") == 1
    assert all(row["utbildning"] != "realexamen" for row in t.rows("deltagare_utbildning"))


def test_behovsgrupper_by_any_deltagande_and_nya_by_that_one(tmp_path):
    raw = Raw()
    # sjukpenning in an old deltagande, a new one without: totalt but not ny
    raw.deltagande("d1", "p1", "2017-05-02", forsorjning="sjukpenning:hel")
    raw.deltagande("d2", "p1", "2018-05-02", insats="I2", forsorjning="ingen")
    raw.deltagande("d3", "p2", "2018-05-02", forsorjning="aktivitetsersattning:hel", fodelsear=1989)
    raw.deltagande("d4", "p3", "2018-05-02", forsorjning="aktivitetsersattning:hel", fodelsear=1988, kon="M")
    raw.deltagande("d5", "p4", "2018-05-02", behovsgrupp="unga_funktionsnedsattning")
    t = run(tmp_path, raw)
    expected = {
        "sjukpenning": (1, 0),
        "aktivitetsersattning": (2, 2),
        "unga_aktivitetsersattning": (1, 1),
        "person_langtidssjukskrivna": (0, 0),
        "person_unga_aktivitetsersattning": (0, 0),
        "person_unga_funktionsnedsattning": (1, 1),
    }
    for group, numbers in expected.items():
        found = tuple(t("behovsgrupper", matt, grupp=group, kon="totalt") for matt in ("totalt", "nya"))
        assert found == numbers, group
    assert t("behovsgrupper", "totalt", grupp="unga_aktivitetsersattning", kon="M") == 0
    assert {row["grupp"] for row in t.rows("behovsgrupper")} == set(expected)


def test_insatser_of_the_year_and_their_groups(tmp_path):
    raw = Raw()
    raw.insats(
        "I3", "A", start="2018-12-31", behovsgrupper="missbruk|annan", preciserad_inriktning="kartlaggning"
    )
    raw.insats("I4", "A", slut="2017-12-31", behovsgrupper="missbruk")
    raw.insats("S", "B", inriktning="struktur", preciserad_inriktning="metod", registreringssatt="volym")
    raw.deltagande("d1", "p1", "2018-05-02")
    raw.deltagande("d2", "p1", "2018-12-31", insats="I3")
    raw.deltagande("d3", "p2", "2018-05-02", insats="I2")
    t = run(tmp_path, raw)
    assert t("insatser_inriktning", "antal", inriktning="individ") == 3
    assert t("insatser_inriktning", "andel", inriktning="struktur") == 25.0
    assert t("insatser_inriktning", "antal", inriktning="totalt") == 4
    assert t("insatser_behovsgrupp", "insatser", behovsgrupp="saknas") == 3
    assert t("insatser_behovsgrupp", "insatser", behovsgrupp="missbruk") == 1
    assert t("insatser_behovsgrupp", "insatser", behovsgrupp="annan") == 1
    assert t("insatser_individ", "deltagare", preciserad_inriktning="rehab_arbete") == 2
    assert t("insatser_individ", "andel", preciserad_inriktning="kartlaggning") == 50.0
    assert t("insatser_struktur", "insatser", preciserad_inriktning="metod") == 1


def test_förbund_kommuner_and_those_that_come_and_go(tmp_path):
    raw, before = Raw(), Raw()
    for folder in (raw, before):
        folder.add(
            "forbund", forbund="C", namn="Förbundet C", start="2010-01-01", slut="2018-06-30", uppgatt_i="A"
        )
        folder.add("forbund", forbund="D", namn="Förbundet D", start="2010-01-01", slut="2018-12-31")
        folder.add("forbund", forbund="E", namn="Förbundet E", start="2018-07-01")
        folder.add("forbund", forbund="F", namn="Förbundet F", start="2010-01-01", slut="2017-12-31")
        folder.add("forbund", forbund="G", namn="Förbundet G", start="2019-01-01")
        folder.add("forbund_kommun", forbund="A", kommun="0114", fran="2010-01-01", till="2018-12-30")
        folder.add("forbund_kommun", forbund="B", kommun="0180", fran="2010-01-01")
        folder.add("forbund_kommun", forbund="D", kommun="0180", fran="2010-01-01", till="2018-12-31")
        folder.add("forbund_kommun", forbund="G", kommun="1480", fran="2010-01-01")
    before.deltagande("d1", "p1", "2017-03-01")
    t = run(tmp_path, raw, before)
    assert t("forbund_kommuner", "forbund") == 4  # A, B, D, E
    assert t("forbund_kommuner", "forbund", ar=2017) == 5  # A, B, C, D, F
    assert t("forbund_kommuner", "forandring_forbund") == -1
    assert t("forbund_kommuner", "kommuner") == 1
    assert t("forbund_kommuner", "kommuner_utanfor") == 2
    assert t("forbund_kommuner", "forandring_kommuner") == -1
    notes = t.notes("forbund_kommuner")
    assert "Nytt förbund under året: Förbundet E." in notes
    assert "Upphört förbund under året: Förbundet F." in notes
    assert "Sammanslaget förbund under året: Förbundet C (uppgått i Förbundet A)." in notes
    assert "Förbundet D" not in notes


def test_after_a_merger_the_owner_at_the_end_has_the_deltagande(tmp_path):
    raw = Raw()
    raw.insats("I3", None)
    raw.add("agande", insats="I3", forbund="C", fran="2010-01-01", till="2018-06-30")
    raw.add("agande", insats="I3", forbund="A", fran="2018-07-01")
    raw.add("forbund", forbund="C", namn="Förbundet C", start="2010-01-01", slut="2018-06-30", uppgatt_i="A")
    raw.deltagande("d1", "p1", "2018-01-10", "2018-06-30", insats="I3")
    raw.deltagande("d2", "p2", "2018-01-10", insats="I3")
    t = run(tmp_path, raw)
    assert [t("forbund", "deltagare", forbund=code) for code in "ABC"] == [1, 0, 1]
    assert [t("forbund", "insatser", forbund=code) for code in "ABC"] == [2, 1, 1]
    assert t("forbund", "avslutade", forbund="C") == 1
    assert t("forbund", "avslutade", forbund="A") == 0


def test_rows_by_förbund_are_those_with_an_insats_in_the_year(tmp_path):
    """An open deltagande in an insats that ended before the year is in the nation's figures; its förbund has a row only
    where that very fault is told."""
    raw = Raw()
    raw.add("forbund", forbund="C", namn="Förbundet C", start="2010-01-01")
    raw.insats("I3", "C", slut="2016-12-31")
    raw.deltagande("d1", "p1", "2016-01-10", insats="I3")
    raw.deltagande("d2", "p2", "2016-01-10", insats="I3")
    raw.add("forbund", forbund="D", namn="Förbundet D", start="2010-01-01")
    t = run(tmp_path, raw)
    rows = {
        table: {row["forbund"] for row in t.rows(table)}
        for table in ("forbund", "forbund_resultat", "kvalitet")
    }
    assert rows == {"forbund": {*"AB"}, "forbund_resultat": {*"AB"}, "kvalitet": {*"ABC", "totalt"}}
    assert t("deltagare", "antal", registreringssatt="personuppgifter", kon="totalt") == 2
    assert t("kvalitet", "oppna_avslutad_insats", forbund="C") == 2


def test_absorbed_förbund_may_count_as_their_successor(tmp_path):
    raw = Raw()
    raw.insats("I3", None)
    raw.add("agande", insats="I3", forbund="D", fran="2010-01-01", till="2018-03-31")
    raw.add("agande", insats="I3", forbund="C", fran="2018-04-01", till="2018-06-30")
    raw.add("agande", insats="I3", forbund="A", fran="2018-07-01")
    raw.add("forbund", forbund="D", namn="Förbundet D", start="2010-01-01", slut="2018-03-31", uppgatt_i="C")
    raw.add("forbund", forbund="C", namn="Förbundet C", start="2010-01-01", slut="2018-06-30", uppgatt_i="A")
    raw.deltagande("d1", "p1", "2018-01-10", "2018-01-30", insats="I3")
    raw.deltagande("d2", "p1", "2018-07-10", insats="I3")
    con = open_duckdb(threads=1)
    build_dataset(con, "nu", raw.write(tmp_path), YEAR, AS_OF)
    own = Tables(compute_tables(con, year=YEAR))
    assert [own("forbund", "deltagare", forbund=code) for code in "ACD"] == [1, 0, 1]
    assert absorbed(con, "nu") == {"C": "A", "D": "A"}
    fold_absorbed(con, "nu", absorbed(con, "nu"))
    folded = Tables(compute_tables(con, year=YEAR))
    assert folded("forbund", "deltagare", forbund="A") == 1
    assert folded("forbund", "insatser", forbund="A") == 2
    assert {row["forbund"] for row in folded.rows("forbund")} == {"A", "B"}
    fold_absorbed(con, "nu", {"B": "N"})  # a successor that the dataset has never heard of
    newer = Tables(compute_tables(con, year=YEAR))
    assert {row["forbund"] for row in newer.rows("forbund")} == {"A", "N"}


def test_ekonomi(tmp_path):
    raw = Raw()
    raw.deltagande("d1", "p1", "2018-05-02")
    raw.deltagande("d2", "p2", "2018-05-02")
    raw.add("forbund_ar", forbund="A", post="stat", budget="1000", utfall="900.50")
    raw.add("forbund_ar", forbund="B", post="stat", budget="500")
    raw.add("insats_ar", insats="I1", budget="300", utfall="200", budget_esf="70", utfall_esf="3800")
    t = run(tmp_path, raw)
    assert t("ekonomi", "budget", post="stat") == 1500
    assert isinstance(t("ekonomi", "budget", post="stat"), int)
    assert t("ekonomi", "utfall", post="stat") == 900.5
    assert t("ekonomi", "utfall", post="insatskostnad") == 200
    assert t("ekonomi", "utfall", post="insatskostnad_esf") == 3800
    assert t("ekonomi", "budget", post="kring") == 0
    assert "2\u00a0000 kronor per deltagare" in t.notes("ekonomi")
