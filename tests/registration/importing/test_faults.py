"""Every fault at once, by file, row and column; nothing written; never a number or a name in what is said."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from registration.models import Forbund, Kod
from registration.personnummer import check_digit

from . import folders
from .folders import OPEN, deltagande, forbund, insats

pytestmark = [pytest.mark.both, pytest.mark.django_db]

AT = "2018-12-01T12:00:00+01:00"


def wrong_check_digit(number: str) -> str:
    """The number with another last digit: no number that anybody has."""
    assert check_digit(number[2:11]) == int(number[11])
    return number[:11] + str((int(number[11]) + 1) % 10)


def faulty() -> tuple[folders.Register, set[tuple[str, int, str, str]]]:
    """A register with one fault of each kind, and the findings it must give."""
    register = folders.register()
    expected: set[tuple[str, int, str, str]] = set()

    def add(name: str, row: folders.Row, *faults: tuple[str, str]) -> None:
        register[name].append(row)
        expected.update((f"{name}.csv", len(register[name]) + 1, column, kind) for column, kind in faults)

    add("forbund", forbund("F3", startdatum="2010-02-30"), ("startdatum", "datum"))
    add("forbund", forbund("F4", slutdatum="2009-01-01"), ("slutdatum", "slut_fore_start"))
    add("forbund", forbund("F5", slutdatum="2017-01-01", uppgatt_i="F99"), ("uppgatt_i", "forbund_okant"))
    add("forbund", forbund("F6", uppgatt_i="F1"), ("slutdatum", "slut_saknas"))
    add("forbund", forbund("F1"), ("forbund_id", "dubblett"))
    add("forbund", forbund("F7", slutdatum="2017-01-01", uppgatt_i="F7"), ("uppgatt_i", "cirkel"))
    late = forbund("F8", slutdatum="2017-12-30", uppgatt_i="F10")
    add("forbund", late, ("uppgatt_i", "efterfoljare_ej_startad"))
    add("forbund", forbund("F10", startdatum="2018-01-01"))
    add("forbund", forbund("=1+1"), ("forbund_id", "id_som_formel"))
    add("forbund", forbund("F11", slutdatum="2017-01-01", uppgatt_i="@F1"), ("uppgatt_i", "id_som_formel"))
    add(
        "forbund_kommun",
        {"forbund_id": "F1", "kommunkod": "9999", "fran": "2010-01-01"},
        ("kommunkod", "kommun_okand"),
    )
    add(
        "forbund_kommun",
        {"forbund_id": "F9", "kommunkod": "0114", "fran": "2010-01-01"},
        ("forbund_id", "forbund_okant"),
    )
    add("insatser", insats("I5", inriktning="grupp"), ("inriktning", "kod_okand"))
    add("insatser", insats("I6", preciserad_inriktning="dialog"), ("preciserad_inriktning", "kod_okand"))
    add(
        "insatser",
        insats("I7", struktur=True, registreringssatt="person"),
        ("registreringssatt", "struktur_kraver_volym"),
    )
    add("insatser", insats("I8", startdatum="2009-12-31"), ("startdatum", "utanfor_forbundet"))
    add("insatser", insats("I9", namn="Insats I1"), ("namn", "namn_upptaget"))
    add("insatser", insats("I10", behovsgrupper="missbruk|missbruk"), ("behovsgrupper", "koder"))
    add("insatser", insats("I11", esf="ja"), ("esf", "ja_nej"))
    add("insatser", insats("+I12"), ("insats_id", "id_som_formel"))
    add("insats_ar", {"insats_id": "I1", "ar": "18"}, ("ar", "ar"))
    add("insats_ar", {"insats_id": "I2", "ar": "2018", "budget": "1 000"}, ("budget", "heltal"))
    add("forbund_ar", {"forbund_id": "F1", "ar": "2018", "post": "gava"}, ("post", "kod_okand"))
    add("deltaganden", deltagande("D2", 2, insats_id="I99"), ("insats_id", "insats_okand"))
    add("deltaganden", deltagande("D3", 3, insats_id="I2"), ("insats_id", "insats_registrerar_antal"))
    add("deltaganden", deltagande("-D3", 3), ("deltagande_id", "id_som_formel"))
    add("deltaganden", deltagande("D4", 4, personnummer="abc"), ("personnummer", "form"))
    wrong = wrong_check_digit(folders.number(5))
    add("deltaganden", deltagande("D5", 5, personnummer=wrong), ("personnummer", "kontrollsiffra"))
    add(
        "deltaganden",
        deltagande("D6", 6, samtyckesdatum="2018-02-01"),
        ("samtyckesdatum", "samtycke_efter_registrering"),
    )
    add("deltaganden", deltagande("D7", 7, startdatum="2014-12-31"), ("startdatum", "utanfor_insatsen"))
    add("deltaganden", deltagande("D8", 8, slutdatum="2018-01-14"), ("slutdatum", "slut_fore_start"))
    add(
        "deltaganden",
        deltagande("D9", 9, registrerad_ut="2018-01-19T10:00:00+01:00"),
        ("registrerad_ut", "ut_fore_in"),
    )
    add("deltaganden", deltagande("D10", 10, utbildning="doktor"), ("utbildning", "kod_okand"))
    add(
        "deltaganden",
        deltagande("D11", 11, forsorjning_fore="ingen|sjukpenning:hel"),
        ("forsorjning_fore", "forsorjning"),
    )
    add(
        "deltaganden",
        deltagande("D12", 12, typ_av_arbete_fore="ordinarie"),
        ("typ_av_arbete_fore", "arbete_utan_procent"),
    )
    add(
        "deltaganden",
        deltagande("D13", 13, registrerad_in="2018-01-20T10:00:00"),
        ("registrerad_in", "tid_utan_tidszon"),
    )
    add("deltaganden", deltagande("D14", 14, registrerad_in="2918-01-20T10:00:00+01:00", **OPEN),
        ("registrerad_in", "registrerad_i_framtiden"))  # fmt: skip
    add("deltaganden", deltagande("D15", 0, startdatum="2018-06-30", slutdatum="2018-08-31",
        registrerad_ut="2018-09-01T10:00:00+02:00"), ("startdatum", "overlapp"))  # fmt: skip
    add("deltaganden", deltagande("D16", 16, slutdatum=""), ("slutdatum", "slut_saknas"))
    add("deltaganden", deltagande("D17", 17, registrerad_ut=""), ("registrerad_ut", "tid_saknas"))
    add("deltaganden", deltagande("D18", 18, kommunkod=""), ("kommunkod", "saknas"))
    # Three faults in one row give three findings.
    add("deltaganden", deltagande("D19", 19, arbetar_fore="101", studerar_fore="x", initierad_av="ufo"),
        ("arbetar_fore", "procent"), ("studerar_fore", "heltal"), ("initierad_av", "kod_okand"))  # fmt: skip
    add("deltaganden", deltagande("D1", 0), ("deltagande_id", "dubblett"))
    add(
        "deltaganden",
        deltagande("D20", 20, behovsgrupp="missbruk"),
        ("behovsgrupp", "behovsgrupp_ej_per_person"),
    )
    own_number = f"D-{folders.number(21)}"
    add("deltaganden", deltagande(own_number, 21), ("deltagande_id", "innehaller_personnummer"))
    add("deltaganden", deltagande(folders.number(22)[2:], 22), ("deltagande_id", "innehaller_personnummer"))
    add("deltaganden", deltagande(folders.number(21)[:8] + "0000", 23))
    count = {"insats_id": "I1", "ar": "2018", "kvinnor": "1", "man": "1", "registrerad": AT}
    add(
        "anonyma",
        count | {"kvinnor": "-1", "registrerad": "2018-12-02T12:00:00+01:00"},
        ("kvinnor", "negativt"),
    )
    add("anonyma", count | {"ar": "2014"}, ("ar", "insats_ej_det_aret"))
    add("anonyma", count | {"insats_id": "I4"}, ("insats_id", "insats_registrerar_antal"))
    add("anonyma", count, ("insats_id", "dubblett"))
    volym = {"insats_id": "I2", "ar": "2017", "antal": "5", "kvinnor": "3", "man": "3", "registrerad": AT}
    add("volym", volym, ("antal", "kon_over_antal"))
    add("volym", volym | {"insats_id": "I3", "man": "1"}, ("insats_id", "insats_registrerar_personer"))
    return register, expected


def test_every_fault_of_a_register_is_found_at_once(tmp_path: Path) -> None:
    """More than thirty faults of different kinds: as many findings, each in its place; nothing is written."""
    register, expected = faulty()
    folder = folders.write(tmp_path / "in", register)
    (folder / "anteckningar.txt").write_text("hej")
    (folder / ".DS_Store").write_text("")
    expected.add(("anteckningar.txt", 0, "", "okand_fil"))
    result = folders.run(folder)
    assert folders.found(result) == expected
    assert len(result.findings) == len(expected) > 40
    assert set(folders.row_counts().values()) == {0}


def test_no_finding_tells_a_number_or_a_name(tmp_path: Path) -> None:
    """Not in the lines, not in the values; also when a number stands in another column."""
    register, _ = faulty()
    register["deltaganden"].append(deltagande("D30", 30, utbildning=folders.number(30)))
    register["deltaganden"].append(deltagande("D31", 31, fornamn="x" * 300))
    with pytest.raises(CommandError) as caught:
        call_command(
            "import_register", folders.write(tmp_path / "in", register), "--warnings", stdout=StringIO()
        )
    told = str(caught.value)
    assert "Provia" not in told and "Testdotter" not in told and "xxx" not in told
    for row in register["deltaganden"]:
        if row["personnummer"].isdigit():
            assert row["personnummer"] not in told and row["personnummer"][2:] not in told
    assert "(visas inte)" in told


def test_the_command_lists_the_findings_by_file_and_row(tmp_path: Path) -> None:
    """`fil, rad, kolumn, värde: vad som är fel`, and at the end how many there are."""
    register = folders.register()
    register["insatser"][1]["startdatum"] = "2018-5-1"
    register["deltaganden"][0]["arbetar_fore"] = "halvtid"
    with pytest.raises(CommandError) as caught:
        call_command("import_register", folders.write(tmp_path / "in", register), stdout=StringIO())
    assert str(caught.value).splitlines() == [
        "deltaganden.csv, rad 2, arbetar_fore, halvtid: "
        "Här ska stå ett heltal, utan mellanslag och decimaler. Rätta talet.",
        "insatser.csv, rad 3, startdatum, 2018-5-1: "
        "Datum skrivs som år-månad-dag, till exempel 2018-05-31. Rätta texten.",
        "2 fel. Ingenting har lästs in. Rätta raderna och läs in hela registret igen.",
    ]
    assert not Forbund.unscoped.exists()


def test_faults_of_files(tmp_path: Path) -> None:
    """Ragged rows, unknown, double and missing columns, wrong encoding, an empty file; each hides no other."""
    folder = folders.write(tmp_path / "in", folders.register())
    text = (folder / "forbund_ar.csv").read_text("utf-8")
    (folder / "forbund_ar.csv").write_text(
        text + "F1;2018;kommun\nF1;2018;esf;1;2;3;4\nF1;x;stat;;\n", "utf-8"
    )
    (folder / "forbund_kommun.csv").write_text(
        "forbund_id;kommunkod;fran;farg;fran\nF1;0114;2010-01-01;röd;\n", "utf-8"
    )
    (folder / "insats_ar.csv").write_text("insats_id;planerat_antal\nI1;tio\n", "utf-8")
    (folder / "volym.csv").write_text("", "utf-8")
    latin = (folder / "forbund.csv").read_text("utf-8").encode("latin-1")
    (folder / "forbund.csv").write_bytes(latin)
    assert folders.found(folders.run(folder)) == {
        ("forbund.csv", 2, "namn", "kodning"),
        ("forbund.csv", 3, "namn", "kodning"),
        ("forbund_ar.csv", 3, "", "antal_celler"),
        ("forbund_ar.csv", 4, "", "antal_celler"),
        ("forbund_ar.csv", 5, "ar", "ar"),
        ("forbund_kommun.csv", 1, "farg", "okand_kolumn"),
        ("forbund_kommun.csv", 1, "fran", "dubbel_kolumn"),
        ("insats_ar.csv", 1, "ar", "kolumn_saknas"),
        ("insats_ar.csv", 2, "planerat_antal", "heltal"),
        ("volym.csv", 0, "", "tom_fil"),
    }


def test_a_column_without_a_name_may_not_hold_anything(tmp_path: Path) -> None:
    """Excel's empty columns at the end may stay; what stands under no heading is told once, and never shown."""
    folder = folders.write(tmp_path / "in", folders.register())
    path = folder / "deltaganden.csv"
    header, row = path.read_text("utf-8").splitlines()
    path.write_text(f"{header};;\n{row};;\n", "utf-8")
    assert folders.run(folder, check_only=True).ok
    other = row.replace("D1", "D2")
    path.write_text(f"{header};;\n{row};;\n{other};;Provia\n{other};;\n{other};;Provia\n", "utf-8")
    result = folders.run(folder)
    told = [one for one in result.findings if one.kind == "kolumn_utan_namn"]
    assert [(one.file, one.row, one.column, one.value) for one in told] == [("deltaganden.csv", 3, "", "")]
    assert f"Kolumn {header.count(';') + 3} " in told[0].message and "Provia" not in str(told[0])


def test_days_at_the_end_of_the_calendar_are_told(tmp_path: Path) -> None:
    """A time that has no day in Sweden, and a förbund that ends when there is no day after."""
    register = folders.register()
    register["forbund"][0] |= {"slutdatum": "9999-12-31", "uppgatt_i": "F2"}
    late = deltagande("D2", 1, **OPEN | {"registrerad_in": "9999-12-31T23:59:59+00:00"})
    register["deltaganden"].append(late)
    assert folders.found(folders.run(folders.write(tmp_path / "in", register))) == {
        ("forbund.csv", 2, "slutdatum", "ingen_dag_efter"),
        ("deltaganden.csv", 3, "registrerad_in", "tid"),
    }


def test_who_has_withdrawn_is_not_read_in_with_the_number(tmp_path: Path) -> None:
    """A withdrawn samtycke leaves no identity (DOMAIN §4), in whichever version the row says it."""
    register = folders.register()
    register["deltaganden"].append(deltagande("D2", 1, avslutsanledning="aterkallat_samtycke"))
    assert folders.found(folders.run(folders.write(tmp_path / "in", register))) == {
        ("deltaganden.csv", 3, "avslutsanledning", "aterkallat_med_personnummer")
    }


def test_a_faulty_row_does_not_put_the_blame_on_rows_that_refer_to_it(tmp_path: Path) -> None:
    """A wrong förbund and a ragged insats: one finding each, none for insatser and deltaganden in them."""
    register = folders.register()
    register["forbund"][0]["startdatum"] = "igår"
    folder = folders.write(tmp_path / "in", register)
    text = (folder / "insatser.csv").read_text("utf-8").splitlines()
    text[1] += ";"
    (folder / "insatser.csv").write_text("\n".join(text), "utf-8")
    assert folders.found(folders.run(folder)) == {
        ("forbund.csv", 2, "startdatum", "datum"),
        ("insatser.csv", 2, "", "antal_celler"),
    }


@pytest.mark.parametrize("column", ["inriktning", "registreringssatt"])
def test_a_code_that_does_not_exist_is_told_once(tmp_path: Path, column: str) -> None:
    """What registers in the insats is not told that it registers in another way."""
    register = folders.register()
    register["insatser"][0][column] = "ingetsadant"
    result = folders.run(folders.write(tmp_path / "in", register))
    assert folders.found(result) == {("insatser.csv", 2, column, "kod_okand")}


@pytest.mark.parametrize("misnamed", ["Förbund.CSV", "forbund.txt", "FORBUND.csv"])
def test_a_misnamed_file_is_told_once(tmp_path: Path, misnamed: str) -> None:
    folder = folders.write(tmp_path / "in", folders.register())
    (folder / "forbund.csv").rename(folder / misnamed)
    assert folders.found(folders.run(folder)) == {(misnamed, 0, "", "okand_fil")}


def test_any_other_file_does_not_hide_that_a_forbund_is_missing(tmp_path: Path) -> None:
    folder = folders.write(tmp_path / "in", folders.register())
    (folder / "forbund.csv").rename(folder / "gamla.csv")
    assert ("insatser.csv", 2, "forbund_id", "forbund_okant") in folders.found(folders.run(folder))


def test_rows_are_numbered_as_a_spreadsheet_does(tmp_path: Path) -> None:
    """A quoted line break is inside one row, and an empty line is a row."""
    register = folders.register()
    register["forbund"][0]["namn"] = "Förbund\nmed radbrytning"
    register["forbund"][1]["startdatum"] = "fel"
    folder = folders.write(tmp_path / "in", register)
    lines = (folder / "anonyma.csv").read_text("utf-8").splitlines()
    (folder / "anonyma.csv").write_text("\n".join([lines[0], "", lines[1].replace(";3;", ";tre;")]), "utf-8")
    assert folders.found(folders.run(folder)) == {
        ("forbund.csv", 3, "startdatum", "datum"),
        ("anonyma.csv", 3, "kvinnor", "heltal"),
    }


def test_the_successor_takes_over_what_is_open(tmp_path: Path) -> None:
    """In any number of steps; what nobody takes over must end with its förbund."""
    register = {
        "forbund": [
            forbund("F1"),
            forbund("F2", slutdatum="2018-06-30", uppgatt_i="F3"),
            forbund("F3", slutdatum="2018-12-31", uppgatt_i="F1"),
            forbund("F4", slutdatum="2018-06-30"),
        ],
        "insatser": [
            insats("I1", forbund_id="F2"),
            insats("I2", forbund_id="F2", slutdatum="2019-03-31"),
            insats("I3", forbund_id="F4", slutdatum="2018-06-30"),
            insats("I4", forbund_id="F4"),
            insats("I5", forbund_id="F4", slutdatum="2018-07-01"),
            insats("I6", forbund_id="F2", startdatum="2018-07-01"),
        ],
    }
    assert folders.found(folders.run(folders.write(tmp_path / "in", register))) == {
        ("insatser.csv", 5, "slutdatum", "utanfor_forbundet"),
        ("insatser.csv", 6, "slutdatum", "utanfor_forbundet"),
        ("insatser.csv", 7, "startdatum", "utanfor_forbundet"),
    }


def test_odd_but_possible_is_counted_and_listed_only_on_request(tmp_path: Path) -> None:
    """Warnings refuse nothing."""
    odd = deltagande(
        "D2", 2, kommunkod="0180", samtyckesdatum="2018-01-18", forsorjning_fore="sjukpenning:hel|studiestod:hel",
        registrerad_ut="2018-06-01T10:00:00+02:00",
    )  # fmt: skip
    register = folders.register()
    register["deltaganden"].append(odd)
    folder = folders.write(tmp_path / "in", register)
    out = StringIO()
    call_command("import_register", folder, "--check", stdout=out)
    assert out.getvalue().splitlines()[-4:] == [
        "Varningar, fler än en hel försörjning: 1",
        "Varningar, kommun utanför insatsens förbund: 1",
        "Varningar, samtycket undertecknat efter start: 1",
        "Varningar, slutdatum efter dagen för utregistreringen: 1",
    ]
    assert "Varning:" not in out.getvalue()
    result = folders.run(folder, keep_warnings=True)
    assert result.ok and {(one.row, one.column) for one in result.warnings} == {
        (3, "forsorjning_fore"), (3, "kommunkod"), (3, "samtyckesdatum"), (3, "slutdatum"),
    }  # fmt: skip


def test_what_is_suggested_would_be_taken(tmp_path: Path) -> None:
    """The column that is meant, unless the header has it already; only codes that hold there on that day."""
    register = folders.register()
    register["deltaganden"] = [deltagande("D2", 2, behovsgrupp="x", utbildning="doktor")]
    Kod.objects.filter(lista="utbildning", kod="okand").update(giltig_till="2017-12-31")
    folder = folders.write(tmp_path / "in", register)
    header = "forbund_id;Kommunkod;fran;till;zzz\n"
    (folder / "forbund_kommun.csv").write_text(header, "utf-8")
    told = {(one.column, one.kind): one.message for one in folders.run(folder).findings}
    assert "Menas kommunkod?" in told["Kommunkod", "okand_kolumn"]
    assert told["zzz", "okand_kolumn"].endswith("ett av namnen kommunkod, stadsdel.")
    per_person = set(Kod.objects.filter(lista="behovsgrupp", per_person=True).values_list("kod", flat=True))
    offered = told["behovsgrupp", "kod_okand"].partition("en av: ")[2].rstrip(".").split(", ")
    assert set(offered) == per_person and len(offered) > 1
    assert "gymnasium" in told["utbildning", "kod_okand"] and "okand" not in told["utbildning", "kod_okand"]
