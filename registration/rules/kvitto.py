"""The receipt of a withdrawal or a protection: what was done, when, and the reference codes; never who (DOMAIN §4).

It is made while the way from the deltaganden to their samtycken is still there. What is stored for good is the samtycke
with its code and the day of withdrawal; the receipt itself is kept for an hour, to be printed.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from finsam_site.access.acting import require_actor

from ..models import Avidentifiering, Samtycke
from .erase import erasure_decision, protect_identity, withdraw_samtycke

KIND = "kvitto"
LASTS = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Kvittorad:
    """One samtycke on a receipt."""

    referenskod: str
    undertecknat: dt.date
    version: str


@dataclass(frozen=True, slots=True)
class Kvitto:
    """vad: why identity went. tid: when. erased: removed for good, or locked for want of a gallringsbeslut.

    av: who did it, with the role and the organisation of then: who looks may work in another role by now.
    """

    vad: Avidentifiering
    tid: dt.datetime
    erased: bool
    av: str
    rader: tuple[Kvittorad, ...]

    def as_kept(self) -> dict[str, Any]:
        """As it is kept for an hour."""
        rader = [[one.referenskod, one.undertecknat.isoformat(), one.version] for one in self.rader]
        return {
            "vad": str(self.vad.value),
            "tid": self.tid.isoformat(),
            "erased": self.erased,
            "av": self.av,
            "rader": rader,
        }

    @classmethod
    def from_kept(cls, said: Any) -> Kvitto:
        """What `as_kept` gave."""
        rader = tuple(
            Kvittorad(kod, dt.date.fromisoformat(day), version) for kod, day, version in said["rader"]
        )
        return cls(
            Avidentifiering(said["vad"]),
            dt.datetime.fromisoformat(said["tid"]),
            said["erased"],
            said["av"],
            rader,
        )


def withdraw(deltaganden: Sequence[uuid.UUID]) -> Kvitto:
    """`withdraw_samtycke`, and its receipt."""
    return _with_receipt(deltaganden, Avidentifiering.ATERKALLAT, withdraw_samtycke)


def protect(deltaganden: Sequence[uuid.UUID]) -> Kvitto:
    """`protect_identity`, and its receipt."""
    return _with_receipt(deltaganden, Avidentifiering.SKYDDAD, protect_identity)


def _with_receipt(
    deltaganden: Sequence[uuid.UUID],
    vad: Avidentifiering,
    rule: Callable[[Sequence[uuid.UUID]], dt.datetime],
) -> Kvitto:
    # Read before the rule has asked for the right to them: a refusal throws it away unseen.
    stored = Samtycke.unscoped.filter(identitet__deltagande__in=list(deltaganden)).order_by(
        "undertecknat", "pk"
    )
    rader = tuple(
        Kvittorad(*one) for one in stored.values_list("referenskod", "undertecknat", "formular__version")
    )
    actor = require_actor()
    roll = str(actor.roll.label) if actor.roll else ""
    av = ", ".join(filter(None, (actor.user.namn, roll, actor.user.organisation)))
    return Kvitto(vad, rule(deltaganden), bool(erasure_decision()), av, rader)
