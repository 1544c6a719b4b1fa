"""The receipt of a samtycke: its reference code, the form that was signed, and when the paper was sent and received."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import replace

from finsam_site.access.acting import log_by_insats
from finsam_site.access.models import Handling
from finsam_site.bulk import update_many

from ..models import Samtycke
from .facts import Facts
from .values import Samtyckesuppgifter

_CHUNK = 5000
_RECEIPT = ("inlast", "referenskod", "sprak", "formular", "original_skickat", "original_mottaget")


def later_receipt(one: Samtyckesuppgifter, other: Samtyckesuppgifter | None) -> Samtyckesuppgifter:
    """Of two that say something of the same paper: `one`, with the later days of both."""
    if other is None:
        return one
    return replace(
        one,
        original_skickat=_latest(one.original_skickat, other.original_skickat),
        original_mottaget=_latest(one.original_mottaget, other.original_mottaget),
    )


def write_receipts(kvitton: Mapping[uuid.UUID, Samtyckesuppgifter], facts: Facts) -> list[uuid.UUID]:
    """Take what is new of checked receipts (deltagande → samtycke); gives the deltaganden that it changed.

    A day on which the original was sent or received is taken where there was none, or an earlier one. A samtycke that
    came without a receipt (`inlast`) gets the whole of it; one that has a receipt keeps its code.
    """
    rows = []
    changed = []
    ids = list(kvitton)
    for at in range(0, len(ids), _CHUNK):
        stored = Samtycke.unscoped.filter(identitet__deltagande__in=ids[at : at + _CHUNK])
        for one in stored.select_related("identitet"):
            deltagande = one.identitet.deltagande_id
            said = kvitton[deltagande]
            before = _receipt(one)
            if one.inlast and said.referenskod:
                one.inlast, one.referenskod, one.sprak = False, said.referenskod, said.sprak
                one.formular_id = facts.formular[said.formular].pk
            one.original_skickat = _latest(one.original_skickat, said.original_skickat)
            one.original_mottaget = _latest(one.original_mottaget, said.original_mottaget)
            if _receipt(one) != before:
                rows.append([*_receipt(one), one.pk])
                changed.append((deltagande, one.insats_id))
    update_many(Samtycke, _RECEIPT, rows)
    log_by_insats(Handling.ANDRAT, "deltagande", changed, syfte="samtyckets kvitto")
    return [deltagande for deltagande, _ in changed]


def _receipt(one: Samtycke) -> tuple[object, ...]:
    return (
        one.inlast, one.referenskod, one.sprak, one.formular_id, one.original_skickat, one.original_mottaget,
    )  # fmt: skip


def _latest(one: dt.date | None, other: dt.date | None) -> dt.date | None:
    """The later of two days, or the one that there is."""
    return max((day for day in (one, other) if day is not None), default=None)
