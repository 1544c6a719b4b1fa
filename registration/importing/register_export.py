"""`export_register`: every version in the format of the import (FORMATS §1), so that nothing is lost on the way back.

Numbers and names leave the database here and nowhere else in bulk: each deltagande is logged as exported in the same
transaction. Those whose identity is locked are written as avidentifierade.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import shutil
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db.models import F

from finsam_site.access.acting import log_access
from finsam_site.access.models import Handling

from ..models import (
    IMPORTED_FORM,
    Anonyma,
    Deltagande,
    Forbund,
    ForbundAr,
    ForbundKommun,
    Identitet,
    Inregistrering,
    Insats,
    InsatsAr,
    InsatsBehovsgrupp,
    Samtyckesformular,
    Utregistrering,
    Volym,
)
from ..personnummer import parse
from ..rules.doors import require_national
from ..rules.reveal import decrypt
from .columns import (
    ANONYMA,
    AVIDENTIFIERADE,
    DELTAGANDEN,
    FORBUND,
    FORBUND_AR,
    FORBUND_KOMMUN,
    INSATS_AR,
    INSATSER,
    SAMTYCKESFORMULAR,
    VOLYM,
    FileSpec,
)
from .rows import SYSSELSATTNING_FIELDS

CHUNK = 2000
Values = dict[str, Any]


class ExportRefused(Exception):
    """The export cannot be made. The Swedish text says what to do; nothing was written."""


def export_register(folder: Path | str, *, syfte: str = "export av registret") -> dict[str, int]:
    """Write the whole register to `folder`, which must be empty or not exist; returns rows by file name.

    Runs inside `acting_as`. The files are made in a folder beside and renamed into place when all of them are whole,
    for the owner's eyes only (0700, 0600). Raises ExportRefused for a folder that holds something or cannot be made.
    """
    require_national("exportera register")
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise ExportRefused(f"{target} är en fil. Ange en ny eller tom mapp.")
    if target.exists() and any(target.iterdir()):
        raise ExportRefused(f"{target} är inte tom. Ange en ny eller tom mapp.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise ExportRefused(f"Mappen {target} kan inte skapas: {error.strerror}. Välj en annan.") from error
    try:
        counts = _write_all(beside, syfte)
        if target.exists():
            target.rmdir()
        beside.rename(target)
    except OSError as error:
        raise ExportRefused(f"Filerna kan inte skrivas till {target}: {error.strerror}.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return counts


def _write_all(folder: Path, syfte: str) -> dict[str, int]:
    counts = {
        spec.filename: _write(folder, spec, rows)
        for spec, rows in (
            (SAMTYCKESFORMULAR, _formular()),
            (FORBUND, _forbund()), (FORBUND_KOMMUN, _forbund_kommun()), (INSATSER, _insatser()),
            (INSATS_AR, _insats_ar()), (FORBUND_AR, _forbund_ar()), (ANONYMA, _totals(ANONYMA, Anonyma)),
            (VOLYM, _totals(VOLYM, Volym)),
        )
    }  # fmt: skip
    # Both in one go through the deltaganden: each is either live or erased.
    with _Csv(folder, DELTAGANDEN) as live, _Csv(folder, AVIDENTIFIERADE) as erased:
        for chunk in _chunks():
            _write_chunk(chunk, live, erased, syfte)
    return counts | {DELTAGANDEN.filename: live.rows, AVIDENTIFIERADE.filename: erased.rows}


class _Csv:
    """A CSV file of the format: UTF-8, semicolons, durable when closed."""

    def __init__(self, folder: Path, spec: FileSpec) -> None:
        descriptor = os.open(folder / spec.filename, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, delimiter=";")
        self._names = [column.name for column in spec.columns]
        self._writer.writerow(self._names)
        self.rows = 0

    def __enter__(self) -> _Csv:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def write(self, values: Values) -> None:
        """Write a row; what `values` lacks is empty."""
        self._writer.writerow([_text(values.get(name)) for name in self._names])
        self.rows += 1


def _write(folder: Path, spec: FileSpec, rows: Iterable[Values]) -> int:
    with _Csv(folder, spec) as file:
        for row in rows:
            file.write(row)
    return file.rows


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return str(value)


def _forbund() -> Iterator[Values]:
    names = ("forbund_id", "namn", "organisationsnummer", "startdatum", "slutdatum")
    for one in Forbund.unscoped.order_by("forbund_id").select_related("uppgatt_i"):
        yield {name: getattr(one, name) for name in names} | {
            "uppgatt_i": one.uppgatt_i.forbund_id if one.uppgatt_i else None
        }


def _forbund_kommun() -> Iterator[Values]:
    rows = ForbundKommun.objects.order_by(
        "forbund__forbund_id", "kommun", F("stadsdel__namn").asc(nulls_first=True), "fran"
    )
    for forbund, kommun, stadsdel, fran, till in rows.values_list(
        "forbund__forbund_id", "kommun_id", "stadsdel__namn", "fran", "till"
    ):
        yield {"forbund_id": forbund, "kommunkod": kommun, "fran": fran, "till": till, "stadsdel": stadsdel}


def _insatser() -> Iterator[Values]:
    behovsgrupper: dict[int, list[str]] = {}
    for insats, kod in InsatsBehovsgrupp.objects.order_by("insats", "kod").values_list("insats_id", "kod"):
        behovsgrupper.setdefault(insats, []).append(kod)
    names = (
        "insats_id", "namn", "inriktning", "preciserad_inriktning", "registreringssatt", "startdatum", "slutdatum",
        "esf",
    )  # fmt: skip
    for one in Insats.unscoped.order_by("insats_id").select_related("forbund"):
        yield {name: getattr(one, name) for name in names} | {
            "forbund_id": one.forbund.forbund_id,
            "behovsgrupper": "|".join(behovsgrupper.get(one.pk, [])),
        }


def _insats_ar() -> Iterator[Values]:
    names = ("ar", "planerat_antal", "budget", "utfall", "budget_esf", "utfall_esf")
    rows = InsatsAr.objects.order_by("insats__insats_id", "ar").values("insats__insats_id", *names)
    for row in rows.iterator():
        yield row | {"insats_id": row["insats__insats_id"]}


def _forbund_ar() -> Iterator[Values]:
    rows = ForbundAr.objects.order_by("forbund__forbund_id", "ar", "post")
    for row in rows.values("forbund__forbund_id", "ar", "post", "budget", "utfall").iterator():
        yield row | {"forbund_id": row["forbund__forbund_id"]}


def _formular() -> Iterator[Values]:
    names = [column.name for column in SAMTYCKESFORMULAR.columns]
    yield from Samtyckesformular.objects.exclude(version=IMPORTED_FORM).order_by("version").values(*names)


def _totals(spec: FileSpec, model: Any) -> Iterator[Values]:
    names = [column.name for column in spec.columns if column.name != "insats_id"]
    rows = model.unscoped.order_by("insats__insats_id", "ar", "nr").values("insats__insats_id", *names)
    for row in rows.iterator():
        yield row | {"insats_id": row["insats__insats_id"]}


def _chunks() -> Iterator[list[Deltagande]]:
    """Every deltagande, in the order of the ids, some at a time."""
    last = ""
    while True:
        rows = (
            Deltagande.unscoped.filter(deltagande_id__gt=last)
            .order_by("deltagande_id")
            .select_related("insats")
        )
        chunk = list(rows[:CHUNK])
        if not chunk:
            return
        yield chunk
        last = chunk[-1].deltagande_id


def _write_chunk(chunk: Sequence[Deltagande], live: _Csv, erased: _Csv, syfte: str) -> None:
    ins, uts = _by_deltagande(Inregistrering, chunk), _by_deltagande(Utregistrering, chunk)
    found = Identitet.unscoped.filter(deltagande__in=[one.pk for one in chunk])
    identiteter = {one.deltagande_id: one for one in found.select_related("person", "samtycke__formular")}
    revealed = {
        pk: identitet for pk, identitet in identiteter.items() if identitet.begransad is None
    }  # fmt: skip
    log_access(Handling.EXPORTERAT, "deltagande", revealed, syfte=syfte)
    for one in chunk:
        pairs = _pairs(ins[one.pk], uts.get(one.pk, []))
        if one.pk in revealed:
            who = _reveal(revealed[one.pk])
            for inne, ute in pairs:
                live.write(_live_row(one, who, inne, ute))
        else:
            gone = _gone(one, identiteter.get(one.pk))
            for inne, ute in pairs:
                erased.write(_erased_row(one, gone, inne, ute))


def _by_deltagande(model: Any, chunk: Sequence[Deltagande]) -> dict[Any, list[Any]]:
    rows = model.unscoped.filter(deltagande__in=[one.pk for one in chunk]).order_by(
        "deltagande", "registrerad", "nr"
    )
    return {
        pk: list(versions) for pk, versions in groupby(rows.iterator(), key=lambda one: one.deltagande_id)
    }


def _pairs(ins: list[Any], uts: list[Any]) -> list[tuple[Any, Any]]:
    """Rows that together say every version of both parts: the k-th of each, or the last, where that is possible.

    Start and slut may have been corrected by turns, and a row that says a slut before its start is read in nowhere;
    then the shortest way through the versions on which each row is possible.
    """
    if not uts:
        return [(one, None) for one in ins]
    last = len(ins) - 1, len(uts) - 1
    straight = [(min(k, last[0]), min(k, last[1])) for k in range(max(last) + 1)]
    way = (
        straight
        if all(_possible(ins[i], uts[j]) for i, j in straight)
        else _possible_way(ins, uts) or straight
    )
    return [(ins[i], uts[j] if j >= 0 else None) for i, j in way]


def _possible_way(ins: list[Any], uts: list[Any]) -> list[tuple[int, int]]:
    """From the first versions (-1: not out yet) to the last ones, a version of one part or of both at a time."""
    came: dict[tuple[int, int], tuple[int, int] | None] = {(0, -1): None}
    if _possible(ins[0], uts[0]):
        came = {(0, 0): None, **came}
    ahead = deque(came)
    while ahead:
        here = i, j = ahead.popleft()
        for there in ((i + 1, j + 1), (i + 1, j), (i, j + 1)):
            inside = there[0] < len(ins) and there[1] < len(uts)
            if inside and there not in came and (there[1] < 0 or _possible(ins[there[0]], uts[there[1]])):
                came[there] = here
                ahead.append(there)
    way: list[tuple[int, int]] = []
    at: tuple[int, int] | None = (len(ins) - 1, len(uts) - 1)
    while at is not None and at in came:
        way.append(at)
        at = came[at]
    return way[::-1]


def _possible(inne: Inregistrering, ute: Utregistrering) -> bool:
    """Slut not before start; of a felregistrering nobody asks, and what is erased has no days."""
    if ute.felregistrering or ute.slutdatum is None or inne.startdatum is None:
        return True
    return ute.slutdatum >= inne.startdatum


def _reveal(identitet: Identitet) -> Values:
    """Number, names and samtycke in clear text. The caller has logged it."""
    who, samtycke = decrypt(identitet), identitet.samtycke
    values = {
        "personnummer": who.personnummer,
        "fornamn": who.fornamn,
        "efternamn": who.efternamn,
        "samtyckesdatum": samtycke.undertecknat,
    }
    if not samtycke.inlast:
        values |= {
            "samtyckesversion": samtycke.formular.version,
            "samtycke_sprak": samtycke.sprak,
            "referenskod": samtycke.referenskod,
            "original_skickat": samtycke.original_skickat,
            "original_mottaget": samtycke.original_mottaget,
        }
    return values


def _live_row(one: Deltagande, who: Values, inne: Inregistrering, ute: Utregistrering | None) -> Values:
    nummer = parse(who["personnummer"], today=dt.date.max)
    values = who | {
        "deltagande_id": one.deltagande_id,
        "insats_id": one.insats.insats_id,
        "kommunkod": inne.kommun_id,
        "registrerad_in": inne.registrerad,
        "kon": inne.kon if inne.kon != nummer.kon else None,
        "fodelsear": inne.fodelsear if inne.fodelsear != nummer.birth_year else None,
    }
    for name in (
        "startdatum",
        "utbildning",
        "tid_i_forsorjning_manader",
        "initierad_av",
        "behovsgrupp",
        "stadsdel",
    ):
        values[name] = getattr(inne, name)
    for name in SYSSELSATTNING_FIELDS:
        values[f"{name}_fore"] = getattr(inne, name)
    if ute:
        values |= {
            "slutdatum": ute.slutdatum,
            "avslutsanledning": ute.avslutsanledning,
            "registrerad_ut": ute.registrerad,
        }
        for name in SYSSELSATTNING_FIELDS:
            values[f"{name}_efter"] = getattr(ute, name)
    return values


def _gone(one: Deltagande, identitet: Identitet | None) -> Values:
    """When and why the identity went, or was locked because it was to go."""
    if identitet is None or one.avidentifierad:
        return {"avidentifierad": one.avidentifierad, "orsak": one.avidentifierad_orsak}
    return {"avidentifierad": identitet.begransad, "orsak": identitet.begransad_orsak}


def _erased_row(one: Deltagande, gone: Values, inne: Inregistrering, ute: Utregistrering | None) -> Values:
    values = gone | {
        "deltagande_id": one.deltagande_id,
        "insats_id": one.insats.insats_id,
        "kon": inne.kon,
        "start_ar": inne.start_ar,
        "registrerad_in": inne.registrerad,
    }
    if ute:
        values |= {
            "slut_ar": ute.slut_ar,
            "felregistrering": ute.felregistrering,
            "registrerad_ut": ute.registrerad,
        }
    return values
