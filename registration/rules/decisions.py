"""Recorded decisions that the software leans on: what samtycke is legally, and the gallringsbeslut (DOMAIN §4).

They have versions: a decision that is replaced stays, so that what was done under it can be told. The settings name a
reference where none is recorded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils import timezone

from finsam_site.access.acting import log_access, require_actor
from finsam_site.access.models import Handling

from ..models import Beslut
from .clashes import clashes_told
from .doors import require_national
from .findings import Finding, raise_errors

Slag = Beslut.Slag


def record_decision(slag: str, referens: str, giltig_fran: dt.date, *, text: str = "") -> Beslut:
    """Record a decision as the next version of its kind; what was recorded before is not changed.

    Raises AccessRefused for others than a nationell administratör, RuleError without a reference, for a decision that
    would hold from an earlier day than the one before it: that has held in between, or when a colleague records one at
    the same moment.
    """
    require_national("lägga in beslut")
    referens = referens.strip()
    last = _last(slag)
    findings = list(_before(last, giltig_fran))
    if not referens:
        findings.append(Finding("referens", "saknas", "Skriv beslutets beteckning, till exempel dnr."))
    raise_errors(findings)
    return _record(
        last,
        f"beslut inlagt: {Slag(slag).label} {referens}",
        slag=slag,
        referens=referens,
        text=text,
        giltig_fran=giltig_fran,
    )


def end_erasure_decision(giltig_fran: dt.date, *, text: str = "") -> Beslut:
    """Record that there is no gallringsbeslut from that day, whatever the settings name: the last recorded word holds.

    A version as any other: what held until then stays. Raises as `record_decision`; RuleError where there is none.
    """
    require_national("lägga in beslut")
    last = _last(Slag.GALLRING)
    findings = list(_before(last, giltig_fran))
    ended = last.referens if last and not last.upphavt else "" if last else _of_settings()[Slag.GALLRING]
    if not ended:
        findings.append(Finding("slag", "saknas", "Det finns inget gallringsbeslut att upphäva."))
    raise_errors(findings)
    return _record(
        last,
        f"beslut upphävt: {Slag.GALLRING.label} {ended}",
        slag=Slag.GALLRING,
        referens=ended,
        text=text,
        giltig_fran=giltig_fran,
        upphavt=True,
    )


def _last(slag: str) -> Beslut | None:
    return Beslut.objects.filter(slag=slag).order_by("-version").first()


def _before(last: Beslut | None, giltig_fran: dt.date) -> Iterator[Finding]:
    if last and giltig_fran < last.giltig_fran:
        what = f"Upphävandet av {last.referens}" if last.upphavt else f"Beslutet före, {last.referens},"
        yield Finding(
            "giltig_fran", "fore_forra",
            f"{what} gäller från {last.giltig_fran}. Ange den dagen eller en senare.",
        )  # fmt: skip


def _record(last: Beslut | None, syfte: str, **values: Any) -> Beslut:
    with clashes_told():  # two who record at once take the same version
        made = Beslut.objects.create(
            version=last.version + 1 if last else 1,
            registrerad=timezone.now(),
            registrerad_av=require_actor().user,
            **values,
        )
    log_access(Handling.SKAPAT, "beslut", [made.pk], syfte=syfte)
    return made


def decision_in_force(slag: str) -> str:
    """The reference of the decision that holds today, recorded or of the settings; empty when there is none, or the
    last one that was recorded is ended."""
    recorded = Beslut.objects.filter(slag=slag, giltig_fran__lte=timezone.localdate()).order_by("-version")
    newest = recorded.first()
    if newest is None:
        return _of_settings()[slag]
    return "" if newest.upphavt else newest.referens


def _of_settings() -> dict[str, str]:
    return {Slag.GALLRING: settings.ERASURE_DECISION, Slag.SAMTYCKETS_INNEBORD: settings.SAMTYCKE_DECISION}


def erasure_decision() -> str:
    """The reference of the gallringsbeslut that holds today; empty: the software locks instead of erasing."""
    return decision_in_force(Slag.GALLRING)
