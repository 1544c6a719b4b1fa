"""How the naive computation reads a register, and the generator against the checks of FORMATS §1."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from tests.reporting import naive, registers
from tests.reporting.naive import Register
from tests.reporting.naive_case import AS_OF, SOON, at, day

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
