"""Counts without persons: `record_anonyma` and `record_volym` (DOMAIN §3).

A new total is a new version. Whoever writes says which version was on the screen; two colleagues who both
add one to the same version cannot both succeed, and the second is asked to look again.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Max

from finsam_site.access.acting import refuse, require_actor
from finsam_site.access.roles import Roll
from finsam_site.bulk import insert_many

from ..models import Anonyma, Insats, Volym
from ..scope import insatser_held_now
from .checks import check_time
from .clock import writing_since
from .doors import times_to_give
from .facts import InsatsFacts, load_facts
from .findings import Finding, RuleError, raise_errors


class Known(Protocol):
    """A version of a count: from when it is known."""

    @property
    def registrerad(self) -> dt.datetime: ...


KnownT = TypeVar("KnownT", bound=Known)


def holding(versions: Iterable[KnownT]) -> KnownT | None:
    """The version that holds of an insats and year: the one with the latest `registrerad` (FORMATS §1); None of none.

    Not the last one written: an import may bring an older total. No two have the same time (`anonyma_tid`).
    """
    return max(versions, key=lambda one: one.registrerad, default=None)


@dataclass(frozen=True, slots=True)
class AnonymaRad:
    """A total of anonyma for an insats (its primary key) and year. registrerad: None is now."""

    insats: int
    ar: int
    kvinnor: int
    man: int
    registrerad: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class VolymRad:
    """A total of volym for an insats (its primary key) and year; women and men where known."""

    insats: int
    ar: int
    antal: int
    kvinnor: int | None = None
    man: int | None = None
    registrerad: dt.datetime | None = None


def check_anonyma(
    rad: AnonymaRad, insats: InsatsFacts, *, registrerad: dt.datetime, now: dt.datetime
) -> Iterator[Finding]:
    """Anonyma stand on an insats that ran in the year and registers persons."""
    yield from _check_year(insats, rad.ar)
    if not insats.counts_anonyma:
        yield Finding(
            "insats_id", "insats_registrerar_antal",
            "Insatsen registrerar bara antal. Ange antalet som volym i stället.",
        )  # fmt: skip
    yield from _check_not_negative(kvinnor=rad.kvinnor, man=rad.man)
    yield from check_time("registrerad", registrerad, now)


def check_volym(
    rad: VolymRad, insats: InsatsFacts, *, registrerad: dt.datetime, now: dt.datetime
) -> Iterator[Finding]:
    """Volym stands on an insats that ran in the year and registers by number only; kvinnor + män ≤ antal."""
    yield from _check_year(insats, rad.ar)
    if not insats.counts_volym:
        yield Finding(
            "insats_id", "insats_registrerar_personer",
            "Insatsen registrerar personer. Ange antalet som anonyma i stället.",
        )  # fmt: skip
    yield from _check_not_negative(antal=rad.antal, kvinnor=rad.kvinnor, man=rad.man)
    if (rad.kvinnor or 0) + (rad.man or 0) > rad.antal:
        yield Finding(
            "antal", "kon_over_antal", "Kvinnor och män är tillsammans fler än antalet. Rätta något av talen."
        )
    yield from check_time("registrerad", registrerad, now)


def _check_year(insats: InsatsFacts, ar: int) -> Iterator[Finding]:
    if not insats.runs_in(ar):
        yield Finding("ar", "insats_ej_det_aret", f"Insatsen pågick inte år {ar}. Rätta året eller insatsen.")


def _check_not_negative(**counts: int | None) -> Iterator[Finding]:
    for field, count in counts.items():
        if count is not None and count < 0:
            yield Finding(field, "negativt", "Antal kan inte vara negativt. Rätta talet.")


def record_anonyma(rad: AnonymaRad, *, seen_nr: int) -> Anonyma:
    """Write a new total of anonyma. `seen_nr`: number of the last version when the page was made (0: none yet).

    Raises AccessRefused out of scope or for a time that the actor may not give, RuleError when the total breaks a rule
    or somebody has written since.
    """
    return _record(Anonyma, rad, seen_nr, check_anonyma, {Roll.DELTAGARANSVARIG})


def record_volym(rad: VolymRad, *, seen_nr: int) -> Volym:
    """Write a new total of volym; as `record_anonyma`, for the insatsansvarig."""
    return _record(Volym, rad, seen_nr, check_volym, {Roll.INSATSANSVARIG})


def _record(
    model: Any, rad: Any, seen_nr: int, check: Callable[..., Iterator[Finding]], roles: set[Roll]
) -> Any:
    actor = require_actor()
    insats = Insats.objects.filter(pk=rad.insats).first()
    may = actor.system or (actor.roll in roles and insatser_held_now(actor).filter(pk=rad.insats).exists())
    if insats is None or not may:
        raise refuse(
            "insats", rad.insats, syfte="ange antal",
            message="Du kan inte ange antal för insatsen. Kontakta den som ger uppdrag i förbundet.",
        )  # fmt: skip
    times_to_give([rad.registrerad])
    now = writing_since()
    facts = load_facts({insats.insats_id}).insatser[insats.insats_id]
    raise_errors(check(rad, facts, registrerad=rad.registrerad or now, now=now))
    row = _row(model, rad, seen_nr + 1, now, actor.user.pk)
    stored_nr = model.unscoped.filter(insats=rad.insats, ar=rad.ar).aggregate(nr=Max("nr"))["nr"] or 0
    try:
        if stored_nr != seen_nr:
            raise IntegrityError("somebody has written since")
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise RuleError(
            [
                Finding(
                    "antal",
                    "andrat_av_annan",
                    "En kollega har ändrat antalet sedan du såg det. Titta på det nya talet.",
                )
            ]
        ) from error
    return row


def write_anonyma(rader: Sequence[AnonymaRad], *, now: dt.datetime) -> None:
    """Append checked totals as versions, numbered in the order given."""
    _write(Anonyma, rader, now)


def write_volym(rader: Sequence[VolymRad], *, now: dt.datetime) -> None:
    """Append checked totals as versions, numbered in the order given."""
    _write(Volym, rader, now)


def _write(model: Any, rader: Sequence[Any], now: dt.datetime) -> None:
    user_id = require_actor().user.pk
    last: dict[tuple[int, int], int] = defaultdict(int)
    stored = model.unscoped.filter(insats__in={rad.insats for rad in rader}).values_list("insats", "ar")
    last.update({(insats, ar): nr for insats, ar, nr in stored.annotate(nr=Max("nr")).order_by()})
    rows = []
    for rad in rader:
        last[rad.insats, rad.ar] += 1
        rows.append(_row(model, rad, last[rad.insats, rad.ar], now, user_id))
    insert_many(model, rows)


def _row(model: Any, rad: Any, nr: int, now: dt.datetime, user_id: int) -> Any:
    values: dict[str, Any] = {"kvinnor": rad.kvinnor, "man": rad.man}
    if isinstance(rad, VolymRad):
        values["antal"] = rad.antal
    return model(
        insats_id=rad.insats, ar=rad.ar, nr=nr, registrerad=rad.registrerad or now, mottagen=now,
        registrerad_av_id=user_id, **values,
    )  # fmt: skip
