"""A register folder of FORMATS §1 from the same invented register, with persons from the list of test numbers."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from tests import numbers

from . import batches
from .batches import make_batches
from .generate import counts, day, kind_of, money
from .world import EPOCH, PERSON, STRUKTUR, Size, make_world

Cells = Iterable[object]
ANSWERS = "forsorjning arbetar typ_av_arbete studerar arbetssokande inskriven_af"
COLUMNS = {
    "forbund": "forbund_id namn organisationsnummer startdatum slutdatum uppgatt_i",
    "forbund_kommun": "forbund_id kommunkod fran till",
    "insatser": "insats_id forbund_id namn inriktning preciserad_inriktning registreringssatt behovsgrupper startdatum "
    "slutdatum esf",
    "insats_ar": "insats_id ar planerat_antal budget utfall",
    "forbund_ar": "forbund_id ar post budget utfall",
    "anonyma": "insats_id ar kvinnor man registrerad",
    "volym": "insats_id ar antal kvinnor man registrerad",
    "deltaganden": "deltagande_id insats_id personnummer fornamn efternamn kommunkod samtyckesdatum startdatum "
    "utbildning tid_i_forsorjning_manader initierad_av behovsgrupp "
    + " ".join(f"{name}_fore" for name in ANSWERS.split())
    + " registrerad_in slutdatum avslutsanledning "
    + " ".join(f"{name}_efter" for name in ANSWERS.split())
    + " registrerad_ut",
}


def register_size(deltaganden: int) -> Size:
    """Two years of about the real size. Raises ValueError when the list of test numbers is too short for it."""
    if deltaganden > len(numbers.test_numbers()):
        raise ValueError("a register folder has no more deltaganden than there are test numbers")
    return Size(deltaganden=deltaganden, years=2)


def write_folder(folder: Path, size: Size) -> int:
    """Write the files into `folder` (made) and give the number of deltaganden. Only first versions that kept their
    identity are written: what was removed or corrected is nothing that another system hands over.
    """
    world = make_world(size)
    folder.mkdir(parents=True, exist_ok=True)
    rows = world.insatser
    of_forbund, of_insats = money(world)
    _write(
        folder,
        "forbund",
        (
            (f"F{at:03d}", f"Samordningsförbundet Provbygd {at:03d}", "", day(one.start), day(one.slut),
             f"F{one.successor:03d}" if one.successor >= 0 else "")
            for at, one in enumerate(world.forbund)
        ),
    )  # fmt: skip
    _write(
        folder,
        "forbund_kommun",
        (
            (f"F{at:03d}", kod, day(first), day(last))
            for at, one in enumerate(world.forbund)
            for kod, first, last in one.kommuner
        ),
    )
    _write(
        folder,
        "insatser",
        (
            (f"I{at:05d}", f"F{rows.forbund[at]:03d}", f"Insats {at:05d}",
             "struktur" if rows.way[at] == STRUKTUR else "individ", kind_of(world, at),
             "person" if rows.way[at] == PERSON else "volym", "|".join(rows.groups[at]), day(rows.start[at]),
             day(rows.slut[at]), rows.esf[at])
            for at in range(len(rows))
        ),
    )  # fmt: skip
    _write(folder, "insats_ar", ((f"I{at:05d}", *rest) for at, *rest in of_insats))
    _write(folder, "forbund_ar", ((f"F{at:03d}", *rest) for at, *rest in of_forbund))
    told = list(counts(world))
    for name in ("anonyma", "volym"):
        _write(
            folder,
            name,
            (
                (
                    f"I{at:05d}",
                    year,
                    *("" if number < 0 else number for number in values),
                    _moment(known, 43200),
                )
                for what, at, year, _, known, values in told
                if what == name
            ),
        )
    return _write(
        folder, "deltaganden", (row for batch in make_batches(world) for row in _rows(batch, world.kommuner))
    )


def _rows(batch: batches.Batch, kommuner: tuple[str, ...]) -> Iterable[Cells]:
    people = sorted(numbers.test_numbers(), key=lambda number: abs(int(number[:4]) - 1980))
    ins, uts = batch.ins, batch.uts
    out = {int(of): at for at, of in enumerate(uts["of"]) if uts["nr"][at] == 1}
    for at in range(len(batch)):  # the first versions stand in the order of the batch
        if batch.gone[at] != batches.KEPT:
            continue
        person = int(batch.person[at])
        row: list[object] = [
            f"D{batch.number[at]:08d}", f"I{batch.insats[at]:05d}", people[person], "Prov", f"Person{person}",
            kommuner[ins["kommun"][at]], day(batch.signed[at]), day(ins["start"][at]),
            _code(batches.UTBILDNING, ins["utbildning"][at]), _number(ins["tid"][at]),
            _code(batches.INITIERAD, ins["initierad"][at]), _code(batches.PER_PERSON, ins["grupp"][at]),
            *_answers(ins, at), _moment(ins["day"][at], ins["second"][at]),
        ]  # fmt: skip
        if at in out:
            place = out[at]
            row += [day(uts["slut"][place]), _code(batches.ANLEDNING, uts["anledning"][place]), *_answers(uts, place),
                    _moment(uts["day"][place], uts["second"][place])]  # fmt: skip
        else:
            row += [""] * 9
        yield row


def _answers(versions: batches.Versions, at: int) -> Cells:
    return (
        _code(batches.FORSORJNING, versions["forsorjning"][at]), _number(versions["arbetar"][at]),
        _code(batches.TYP, versions["typ"][at]), _number(versions["studerar"][at]), _number(versions["soker"][at]),
        _number(versions["inskriven"][at]),
    )  # fmt: skip


def _code(codes: tuple[str, ...], at: int) -> str:
    return "" if at < 0 else codes[at]


def _number(value: int) -> str:
    return "" if value < 0 else str(value)


def _moment(on: int, second: int) -> str:
    at = dt.datetime.combine(EPOCH, dt.time(), dt.UTC) + dt.timedelta(days=int(on), seconds=int(second))
    return at.isoformat()


def _write(folder: Path, name: str, rows: Iterable[Cells]) -> int:
    header = COLUMNS[name].split()
    count = 0
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            cells = ["" if cell is None else cell for cell in row]
            assert len(cells) == len(header), name
            writer.writerow(cells)
            count += 1
    return count
