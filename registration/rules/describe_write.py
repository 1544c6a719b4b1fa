"""Writing descriptions that `describe` has checked: create what is new, update what differs, leave the rest.

Each writer takes many and gives how many were new and how many changed. Dates and successors decide who owns an
insats: whoever has written förbund or insatser calls `sync_ownership` afterwards.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, NamedTuple

from ..models import (
    Forbund,
    ForbundAr,
    ForbundKommun,
    Insats,
    InsatsAr,
    InsatsBehovsgrupp,
    Samtyckesformular,
    Stadsdel,
)
from .describe import (
    ForbundAret,
    ForbundUppgifter,
    FormularUppgifter,
    InsatsAret,
    InsatsUppgifter,
    Medlemskap,
)


class Written(NamedTuple):
    """How many rows were created, and how many said something else before."""

    new: int = 0
    changed: int = 0


def write_forbund(forbund: Sequence[ForbundUppgifter]) -> Written:
    """Write förbund. Their successors are stored or among them."""
    stored = {one.forbund_id: one for one in Forbund.unscoped.all()}
    before = {key: one.uppgatt_i_id for key, one in stored.items()}
    # A slutdatum may go only when the successor has gone, and a successor come only when there is a slutdatum.
    cleared = [one.forbund_id for one in forbund if before.get(one.forbund_id) and one.slutdatum is None]
    Forbund.unscoped.filter(forbund_id__in=cleared).update(uppgatt_i=None)
    own = [name for name in _names(ForbundUppgifter) if name != "uppgatt_i"]
    wanted = [(one.forbund_id, {name: getattr(one, name) for name in own}) for one in forbund]
    new, changed = _save(Forbund, stored, wanted)
    pks = dict(Forbund.unscoped.values_list("forbund_id", "pk"))
    moved = []
    for one in forbund:
        row, successor = stored[one.forbund_id], pks[one.uppgatt_i] if one.uppgatt_i else None
        if row.uppgatt_i_id != successor:
            row.uppgatt_i_id = successor
            moved.append(row)
    Forbund.unscoped.bulk_update(moved, ["uppgatt_i"], batch_size=500)
    changed |= {row.forbund_id for row in moved if row.forbund_id in before}
    return Written(len(new), len(changed))


def write_medlemskap(medlemskap: Sequence[Medlemskap]) -> Written:
    """Write memberships, told apart by förbund, kommun, stadsdel and first day."""
    pks = dict(Forbund.unscoped.values_list("forbund_id", "pk"))
    stadsdelar = _Stadsdelar()
    stored = {
        (one.forbund_id, one.kommun_id, one.stadsdel_id, one.fran): one for one in ForbundKommun.objects.all()
    }
    wanted = []
    for one in medlemskap:
        stadsdel = stadsdelar.of(one.kommunkod, one.stadsdel, one.fran) if one.stadsdel else None
        key = (pks[one.forbund_id], one.kommunkod, stadsdel, one.fran)
        values = dict(zip(("forbund_id", "kommun_id", "stadsdel_id", "fran"), key, strict=True))
        wanted.append((key, values | {"till": one.till}))
    return _written(_save(ForbundKommun, stored, wanted))


class _Stadsdelar:
    """Stadsdelar by kommun and name; a name that came back with another organisation has several."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], list[tuple[dt.date, int]]] = {}
        rows = Stadsdel.objects.order_by("giltig_fran").values_list("kommun_id", "namn", "giltig_fran", "pk")
        for kommun, namn, fran, pk in rows:
            self._found.setdefault((kommun, namn), []).append((fran, pk))

    def of(self, kommun: str, namn: str, day: dt.date) -> int:
        """The pk of the newest of that name that had begun on `day`, or of the first one."""
        found = self._found[kommun, namn]
        return next((pk for fran, pk in reversed(found) if fran <= day), found[0][1])


def write_insatser(insatser: Sequence[InsatsUppgifter]) -> Written:
    """Write insatser of stored förbund, with their behovsgrupper."""
    pks = dict(Forbund.unscoped.values_list("forbund_id", "pk"))
    stored = {one.insats_id: one for one in Insats.unscoped.all()}
    own = [name for name in _names(InsatsUppgifter) if name not in ("forbund_id", "behovsgrupper")]
    wanted = [
        (one.insats_id, {name: getattr(one, name) for name in own} | {"forbund_id": pks[one.forbund_id]})
        for one in insatser
    ]
    _free_names(stored, wanted)
    new, changed = _save(Insats, stored, wanted)
    return Written(len(new), len(changed | (_write_behovsgrupper(insatser) - set(new))))


def _free_names(stored: dict[str, Insats], wanted: list[tuple[str, dict[str, Any]]]) -> None:
    """Let insatser swap names: the unique constraint looks at every row at once."""
    renamed = [
        one
        for key, values in wanted
        if (one := stored.get(key)) and (one.namn, one.forbund_id) != (values["namn"], values["forbund_id"])
    ]
    for one in renamed:
        one.namn = f"\x1a{one.pk}"
    if len(renamed) > 1:
        Insats.unscoped.bulk_update(renamed, ["namn"], batch_size=500)


def _write_behovsgrupper(insatser: Sequence[InsatsUppgifter]) -> set[str]:
    """Gives the ids of insatser whose behovsgrupper were others before."""
    pks = dict(Insats.unscoped.values_list("insats_id", "pk"))
    stored: dict[int, set[str]] = {}
    for insats, kod in InsatsBehovsgrupp.objects.values_list("insats_id", "kod"):
        stored.setdefault(insats, set()).add(kod)
    new, changed = [], set()
    for one in insatser:
        pk, wanted = pks[one.insats_id], set(one.behovsgrupper)
        had = stored.get(pk, set())
        if gone := had - wanted:
            InsatsBehovsgrupp.objects.filter(insats=pk, kod__in=gone).delete()
        if had != wanted:
            changed.add(one.insats_id)
        new += [InsatsBehovsgrupp(insats_id=pk, kod=kod) for kod in sorted(wanted - had)]
    InsatsBehovsgrupp.objects.bulk_create(new, batch_size=1000)
    return changed


def write_insats_ar(years: Sequence[InsatsAret]) -> Written:
    """Write plans and money of stored insatser."""
    pks = dict(Insats.unscoped.values_list("insats_id", "pk"))
    stored = {(one.insats_id, one.ar): one for one in InsatsAr.objects.all()}
    wanted = [
        ((pks[one.insats_id], one.ar), _values(one) | {"insats_id": pks[one.insats_id]}) for one in years
    ]
    return _written(_save(InsatsAr, stored, wanted))


def write_forbund_ar(years: Sequence[ForbundAret]) -> Written:
    """Write money of stored förbund."""
    pks = dict(Forbund.unscoped.values_list("forbund_id", "pk"))
    stored = {(one.forbund_id, one.ar, one.post): one for one in ForbundAr.objects.all()}
    wanted = [
        ((pks[one.forbund_id], one.ar, one.post), _values(one) | {"forbund_id": pks[one.forbund_id]})
        for one in years
    ]
    return _written(_save(ForbundAr, stored, wanted))


def write_formular(formular: Sequence[FormularUppgifter]) -> Written:
    """Write versions of the consent form."""
    stored = {one.version: one for one in Samtyckesformular.objects.all()}
    return _written(_save(Samtyckesformular, stored, [(one.version, _values(one)) for one in formular]))


def _names(kind: type) -> list[str]:
    return [field.name for field in fields(kind)]


def _values(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _names(type(one))}


def _written(found: tuple[list[Any], set[Any]]) -> Written:
    new, changed = found
    return Written(len(new), len(changed))


def _save(
    model: Any, stored: dict[Any, Any], wanted: Iterable[tuple[Any, dict[str, Any]]]
) -> tuple[list[Any], set[Any]]:
    """Create or update rows; gives the keys of both kinds. stored: key → row, added to. wanted: (key, every field)."""
    new: dict[Any, Any] = {}
    changed: dict[Any, Any] = {}
    names: set[str] = set()
    for key, values in wanted:
        one = stored.get(key)
        if one is None:
            stored[key] = new[key] = model(**values)
            continue
        differing = {name: value for name, value in values.items() if getattr(one, name) != value}
        for name, value in differing.items():
            setattr(one, name, value)
        if differing:
            names |= set(differing)
            changed[key] = one
    manager = model._base_manager
    manager.bulk_create(new.values(), batch_size=1000)
    if changed:
        manager.bulk_update(changed.values(), sorted(names), batch_size=500)
    return list(new), set(changed)
