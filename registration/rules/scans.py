"""The signed paper, scanned: `attach_scan`, `open_scan`, `remove_scan` (DOMAIN §4). It goes with the identity."""

from __future__ import annotations

import uuid

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from finsam_site.access import encryption
from finsam_site.access.acting import log_access
from finsam_site.access.models import Handling
from finsam_site.access.sealed_columns import context_of
from finsam_site.marks import shown_mark

from ..models import Identitet, Samtyckesskanning
from ..scan_check import Scan
from .doors import deltaganden_to_change
from .findings import ChangedMeanwhile, Finding

OPEN = "visa skannat samtycke"
CONTENT = "innehall_krypterat"


def scan_of(deltagande: uuid.UUID) -> Samtyckesskanning | None:
    """The scan of a deltagande in the actor's scope, without its content; None when there is none."""
    found: Samtyckesskanning | None = (
        Samtyckesskanning.objects.filter(samtycke__identitet__deltagande=deltagande)
        .defer("innehall_krypterat")
        .first()
    )
    return found


def scan_mark(found: Samtyckesskanning | None) -> str:
    """The mark of the scan that a page shows, or of none (`shown_mark`)."""
    return shown_mark("samtyckesskanning", *([found.pk, found.inlagd.isoformat()] if found else []))


@sensitive_variables()
def attach_scan(deltagande: uuid.UUID, scan: Scan, *, seen: str) -> None:
    """Keep a checked scan with the samtycke of a deltagande, in place of the one that was seen.

    seen: `scan_mark` of what stood on the page. Raises AccessRefused (logged) out of scope or when the identity is
    gone; who withdraws at the same time waits. Raises ChangedMeanwhile when a colleague has kept or removed one since.
    """
    found = deltaganden_to_change([deltagande])[deltagande]
    samtycke = Identitet.objects.values_list("samtycke", flat=True).get(deltagande=deltagande)
    there = Samtyckesskanning.unscoped.filter(samtycke=samtycke).first()
    _demand_seen(
        there, seen, "Titta på det som är sparat nu, och välj din fil igen om den ska sparas i stället."
    )
    kept = there or Samtyckesskanning(samtycke_id=samtycke, insats_id=found.insats_id)
    kept.mediatyp, kept.inlagd = scan.mediatyp, timezone.now()
    kept.innehall_krypterat = encryption.encrypt(scan.innehall, context=context_of(kept, CONTENT))
    kept.save()
    log_access(
        Handling.ANDRAT, "deltagande", [deltagande], syfte="skannat samtycke", insats_id=found.insats_id
    )


@sensitive_variables()
def open_scan(deltagande: uuid.UUID) -> Scan | None:
    """The scan in clear; None when there is none in scope. One look in the access log."""
    found = Samtyckesskanning.objects.filter(samtycke__identitet__deltagande=deltagande).first()
    if found is None:
        return None
    log_access(Handling.LAST, "deltagande", [deltagande], syfte=OPEN, insats_id=found.insats_id)
    return Scan(
        found.mediatyp, encryption.decrypt(found.innehall_krypterat, context=context_of(found, CONTENT))
    )


def remove_scan(deltagande: uuid.UUID, *, seen: str) -> bool:
    """Remove the scan that was seen for good; False when there is none. seen and what is raised: as `attach_scan`."""
    found = deltaganden_to_change([deltagande])[deltagande]
    there = Samtyckesskanning.unscoped.filter(samtycke__identitet__deltagande=deltagande).first()
    if there is not None:
        _demand_seen(there, seen, "Titta på det som är sparat nu, innan du tar bort något.")
        there.delete()
        log_access(
            Handling.ANDRAT,
            "deltagande",
            [deltagande],
            syfte="skannat samtycke borttaget",
            insats_id=found.insats_id,
        )
    return there is not None


def _demand_seen(there: Samtyckesskanning | None, seen: str, what_to_do: str) -> None:
    """Raise ChangedMeanwhile when what stands there is not what was seen. Asked under the lock of the deltagande."""
    if scan_mark(there) != seen:
        raise ChangedMeanwhile(
            [Finding("skanning", "andrat_av_annan", f"En kollega hann före. {what_to_do}")]
        )
