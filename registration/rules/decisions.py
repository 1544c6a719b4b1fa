"""Recorded decisions that the software leans on: what samtycke is legally, and the gallringsbeslut (DOMAIN §4).

They have versions: a decision that is replaced stays, so that what was done under it can be told. The settings name a
reference where none is recorded.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import timezone

from ..models import Beslut
from .doors import require_national
from .findings import Finding, raise_errors

Slag = Beslut.Slag


def record_decision(slag: str, referens: str, giltig_fran: dt.date, *, text: str = "") -> Beslut:
    """Record a decision as the next version of its kind; what was recorded before is not changed.

    Raises AccessRefused for others than a nationell administratör, RuleError without a reference, or for a decision
    that would hold from an earlier day than the one before it: that has held in between.
    """
    require_national("lägga in beslut")
    referens = referens.strip()
    last = Beslut.objects.filter(slag=slag).order_by("-version").first()
    findings = []
    if not referens:
        findings.append(Finding("referens", "saknas", "Skriv beslutets beteckning, till exempel dnr."))
    if last and giltig_fran < last.giltig_fran:
        findings.append(
            Finding(
                "giltig_fran", "fore_forra",
                f"Beslutet före, {last.referens}, gäller från {last.giltig_fran}. Ange den dagen eller en senare.",
            )
        )  # fmt: skip
    raise_errors(findings)
    return Beslut.objects.create(
        slag=slag,
        version=last.version + 1 if last else 1,
        referens=referens,
        text=text,
        giltig_fran=giltig_fran,
    )


def decision_in_force(slag: str) -> str:
    """The reference of the decision that holds today, recorded or of the settings; empty when there is none."""
    recorded = Beslut.objects.filter(slag=slag, giltig_fran__lte=timezone.localdate()).order_by("-version")
    newest = recorded.first()
    return newest.referens if newest else _of_settings()[slag]


def _of_settings() -> dict[str, str]:
    return {Slag.GALLRING: settings.ERASURE_DECISION, Slag.SAMTYCKETS_INNEBORD: settings.SAMTYCKE_DECISION}


def erasure_decision() -> str:
    """The reference of the gallringsbeslut that holds today; empty: the software locks instead of erasing."""
    return decision_in_force(Slag.GALLRING)
