"""The signed paper, scanned: `attach_scan`, `open_scan`, `remove_scan` (DOMAIN §4). It goes with the identity."""

from __future__ import annotations

import uuid

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from finsam_site.access import encryption
from finsam_site.access.acting import log_access
from finsam_site.access.models import Handling
from finsam_site.access.sealed_columns import context_of

from ..models import Identitet, Samtyckesskanning
from ..scan_check import Scan
from .doors import deltaganden_to_change

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


@sensitive_variables()
def attach_scan(deltagande: uuid.UUID, scan: Scan) -> None:
    """Keep a checked scan with the samtycke of a deltagande, in place of any that there is.

    Raises AccessRefused (logged) out of scope or when the identity is gone; who withdraws at the same time waits.
    """
    found = deltaganden_to_change([deltagande])[deltagande]
    samtycke = Identitet.objects.values_list("samtycke", flat=True).get(deltagande=deltagande)
    kept = Samtyckesskanning.unscoped.filter(samtycke=samtycke).first() or Samtyckesskanning(
        samtycke_id=samtycke, insats_id=found.insats_id
    )
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


def remove_scan(deltagande: uuid.UUID) -> bool:
    """Remove the scan for good; False when there was none. Raises AccessRefused as `attach_scan`."""
    found = deltaganden_to_change([deltagande])[deltagande]
    count, _ = Samtyckesskanning.unscoped.filter(samtycke__identitet__deltagande=deltagande).delete()
    log_access(
        Handling.ANDRAT,
        "deltagande",
        [deltagande],
        syfte="skannat samtycke borttaget",
        insats_id=found.insats_id,
    )
    return bool(count)
