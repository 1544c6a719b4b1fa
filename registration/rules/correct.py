"""`correct`: a new version of what was registered in or out; the old one stays for every uttag from before
(DOMAIN §5).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Max

from finsam_site.access.acting import log_by_insats, require_actor
from finsam_site.access.models import Handling
from finsam_site.bulk import insert_many, update_many

from ..models import (
    FELREGISTRERING,
    IN_THE_WAY,
    Deltagande,
    Identitet,
    Inregistrering,
    Rattelseslag,
    Samtycke,
    Utregistrering,
)
from .checks import (
    check_behovsgrupp,
    check_in_uppgifter,
    check_out,
    check_reason_to_leave,
    check_time,
    check_within_insats,
    find_overlaps,
    overlap_finding,
    without_consequences,
)
from .clashes import clashes_told
from .clock import writing_since
from .doors import deltaganden_to_change, times_to_give
from .facts import Facts, InsatsFacts, load_facts
from .findings import Finding, raise_errors
from .register import first_in, known_start
from .values import InUppgifter, UtUppgifter
from .version_rows import in_version, out_version


@dataclass(frozen=True, slots=True)
class Rattelse:
    """What a deltagande's in-part or out-part (or both) should have said, and why.

    registrerad_in, registrerad_ut: None is now; a time is what an import says. seen_in, seen_ut: the version
    numbers that were on the screen; None skips the look (an import). kon, fodelsear: None keeps those of the
    present version. slag: of the in-part; an out-part is corrected in one way only.
    """

    deltagande: uuid.UUID
    orsak: str
    in_: InUppgifter | None = None
    ut: UtUppgifter | None = None
    registrerad_in: dt.datetime | None = None
    registrerad_ut: dt.datetime | None = None
    seen_in: int | None = None
    seen_ut: int | None = None
    kon: str | None = None
    fodelsear: int | None = None
    slag: Rattelseslag = Rattelseslag.RATTELSE


def correct(rattelse: Rattelse, *, facts: Facts | None = None) -> Deltagande:
    """Correct one deltagande. A corrected avslutsanledning may be `felregistrering`, or undo one.

    Raises AccessRefused out of scope or for a time that the actor may not give, RuleError for what breaks a
    rule, lacks a reason, or was changed by somebody else.
    """
    deltaganden = deltaganden_to_change([rattelse.deltagande])
    times_to_give([rattelse.registrerad_in, rattelse.registrerad_ut])
    now = writing_since()
    deltagande = deltaganden[rattelse.deltagande]
    facts = facts or load_facts({deltagande.insats.insats_id})
    raise_errors(check_correction(rattelse, deltagande, facts, now))
    with clashes_told():
        write_corrections([rattelse], deltaganden, now=now)
    return deltagande


def check_correction(
    rattelse: Rattelse, deltagande: Deltagande, facts: Facts, now: dt.datetime
) -> list[Finding]:
    """All that is wrong or odd with a correction; `aktuell_in`, `aktuell_ut` and `insats` of the deltagande at hand."""
    insats = facts.insatser[deltagande.insats.insats_id]
    start = rattelse.in_.startdatum if rattelse.in_ else known_start(deltagande)
    slut, wrong = _end_then(rattelse, deltagande)
    findings = [
        *_check_asked(rattelse),
        *_check_seen(rattelse, deltagande),
        *_check_latest(rattelse, deltagande),
        *_check_in(rattelse, deltagande, facts, insats, now),
        *_check_ut(rattelse, deltagande, facts, insats, start, now),
    ]
    if rattelse.ut is None and slut is not None and not wrong and slut < start:
        text = f"Startdatum ligger efter slutdatum ({slut}). Ändra något av dem."
        findings.append(Finding("startdatum", "slut_fore_start", text))
    if not wrong:
        findings += _overlaps(deltagande, start, slut)
    return without_consequences(findings)


def _end_then(rattelse: Rattelse, deltagande: Deltagande) -> tuple[dt.date | None, bool]:
    """(slut, whether it is a felregistrering) of the deltagande as the correction leaves it."""
    if rattelse.ut:
        return rattelse.ut.slutdatum, rattelse.ut.avslutsanledning == FELREGISTRERING
    ut = deltagande.aktuell_ut
    return (ut.slutdatum, ut.felregistrering) if ut else (None, False)


def _check_asked(rattelse: Rattelse) -> Iterator[Finding]:
    """A correction says what and why."""
    if not rattelse.orsak.strip():
        yield Finding("orsak", "orsak_saknas", "Skriv varför uppgiften rättas.")
    if rattelse.in_ is None and rattelse.ut is None:
        yield Finding("", "inget_att_ratta", "Ange vad som ska rättas.")


def _check_seen(rattelse: Rattelse, deltagande: Deltagande) -> Iterator[Finding]:
    """What was on the screen is still what holds."""
    for seen, version in (
        (rattelse.seen_in, deltagande.aktuell_in),
        (rattelse.seen_ut, deltagande.aktuell_ut),
    ):
        if seen is not None and seen != (version.nr if version else 0):
            text = "En kollega har ändrat uppgifterna sedan du såg dem. Titta på de nya."
            yield Finding("", "andrat_av_annan", text)


def _check_latest(rattelse: Rattelse, deltagande: Deltagande) -> Iterator[Finding]:
    """A correction becomes known after what it corrects."""
    for column, given, version in (
        ("registrerad_in", rattelse.registrerad_in if rattelse.in_ else None, deltagande.aktuell_in),
        ("registrerad_ut", rattelse.registrerad_ut if rattelse.ut else None, deltagande.aktuell_ut),
    ):
        if given is not None and version is not None and given <= version.registrerad:
            text = "Rättelsen skulle vara känd före den uppgift som den rättar. Ge den en senare tid."
            yield Finding(column, "ej_senast", text)


def _check_in(
    rattelse: Rattelse, deltagande: Deltagande, facts: Facts, insats: InsatsFacts, now: dt.datetime
) -> Iterator[Finding]:
    """The in-part, if it is corrected."""
    if rattelse.in_ is None:
        return
    yield from check_in_uppgifter(rattelse.in_, facts, insats)
    yield from check_time("registrerad_in", rattelse.registrerad_in or now, now)
    formular = Samtycke.unscoped.values_list("formular__version", flat=True).get(
        identitet__deltagande=deltagande
    )
    yield from check_behovsgrupp(rattelse.in_.behovsgrupp, formular, facts)


def _check_ut(
    rattelse: Rattelse, deltagande: Deltagande, facts: Facts, insats: InsatsFacts, start: dt.date,
    now: dt.datetime,
) -> Iterator[Finding]:  # fmt: skip
    """The out-part, if it is corrected, of a deltagande that starts on `start`."""
    if rattelse.ut is None:
        return
    before = deltagande.aktuell_ut
    if before is None:
        yield Finding("slutdatum", "ej_ute", "Deltagaren är inte utregistrerad. Registrera ut i stället.")
    yield from check_out(
        rattelse.ut, facts, insats, startdatum=start, forst_in=first_in(deltagande),
        registrerad=rattelse.registrerad_ut or now, now=now,
    )  # fmt: skip
    yield from check_reason_to_leave(rattelse.ut)
    undone = before is not None and before.felregistrering and rattelse.ut.avslutsanledning != FELREGISTRERING
    if undone and rattelse.in_ is None:
        # While nobody counted it, the insats may have got dates that its start is outside.
        yield from check_within_insats(insats, "startdatum", start)


def _overlaps(deltagande: Deltagande, start: dt.date, slut: dt.date | None) -> list[Finding]:
    person = Identitet.unscoped.values_list("person", flat=True).get(deltagande=deltagande)
    others = Identitet.unscoped.filter(IN_THE_WAY, person=person, insats=deltagande.insats_id).exclude(
        deltagande=deltagande
    )
    return [
        overlap_finding(f"{fran}–{till or ''}")
        for fran, till in others.values_list("startdatum", "slutdatum")
        if any(find_overlaps([("own", start, slut), ("other", fran, till)]))
    ]


def write_corrections(
    rattelser: Sequence[Rattelse], deltaganden: dict[uuid.UUID, Deltagande], *, now: dt.datetime,
    syfte: str = "rättelse",
) -> None:  # fmt: skip
    """Write checked corrections, several per deltagande in the order given. syfte: what the access log calls it.

    deltaganden: those that the corrections name, with `aktuell_in` and `aktuell_ut` at hand. An out-part for
    a deltagande that is not out yet is left to `write_out`.
    """
    user_id = require_actor().user.pk
    ids = {one.deltagande for one in rattelser}
    last_in = _last_numbers(Inregistrering, ids)
    last_ut = _last_numbers(Utregistrering, ids)
    ins: list[Inregistrering] = []
    uts: list[Utregistrering] = []
    for one in rattelser:
        deltagande = deltaganden[one.deltagande]
        present = deltagande.aktuell_in
        kon, fodelsear = one.kon or present.kon, one.fodelsear or present.fodelsear
        if one.in_:
            last_in[one.deltagande] += 1
            version = in_version(
                deltagande, last_in[one.deltagande], one.in_, registrerad=one.registrerad_in or now, mottagen=now,
                user_id=user_id, kon=kon, fodelsear=fodelsear, slag=one.slag, orsak=one.orsak,
            )  # fmt: skip
            deltagande.aktuell_in = version
            deltagande.tidigaste_start_ar = min(deltagande.tidigaste_start_ar, version.start_ar)
            ins.append(version)
        if one.ut:
            last_ut[one.deltagande] += 1
            out = out_version(
                deltagande, last_ut[one.deltagande], one.ut, registrerad=one.registrerad_ut or now, mottagen=now,
                user_id=user_id, kon=kon, fodelsear=fodelsear, kommun_id=deltagande.aktuell_in.kommun_id,
                orsak=one.orsak,
            )  # fmt: skip
            deltagande.aktuell_ut = out
            deltagande.senaste_slut_ar = _latest(deltagande.senaste_slut_ar, out.slut_ar)
            uts.append(out)
    insert_many(Inregistrering, ins)
    insert_many(Utregistrering, uts)
    point_to_newest([deltaganden[pk] for pk in ids])
    corrected = ((one.deltagande, deltaganden[one.deltagande].insats_id) for one in rattelser)
    log_by_insats(Handling.ANDRAT, "deltagande", corrected, syfte=syfte)


def point_to_newest(deltaganden: Iterable[Deltagande]) -> None:
    """Write the pointers to the newest versions, and copy their dates to the identitet."""
    changed = list(deltaganden)
    update_many(
        Deltagande,
        ["aktuell_in", "aktuell_ut", "tidigaste_start_ar", "senaste_slut_ar"],
        (
            [one.aktuell_in.pk, one.aktuell_ut.pk if one.aktuell_ut else None, *_years(one), one.pk]
            for one in changed
        ),
    )  # fmt: skip
    rows = []
    for one in changed:
        ut = one.aktuell_ut
        fel = bool(ut and ut.felregistrering)
        rows.append([one.aktuell_in.startdatum, ut.slutdatum if ut and not fel else None, fel, one.pk])
    update_many(Identitet, ["startdatum", "slutdatum", "felregistrerad"], rows, key="deltagande")


def _years(one: Deltagande) -> tuple[int, int | None]:
    return one.tidigaste_start_ar, one.senaste_slut_ar


def _latest(one: int | None, other: int | None) -> int | None:
    years = [year for year in (one, other) if year is not None]
    return max(years) if years else None


def _last_numbers(
    model: type[Inregistrering] | type[Utregistrering], ids: set[uuid.UUID]
) -> dict[uuid.UUID, int]:
    numbers = dict.fromkeys(ids, 0)
    keys = list(ids)
    for at in range(0, len(keys), 5000):
        rows = model.unscoped.filter(deltagande__in=keys[at : at + 5000]).order_by().values_list("deltagande")
        numbers.update(dict(rows.annotate(nr=Max("nr"))))
    return numbers
