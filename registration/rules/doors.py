"""Which deltaganden the actor may change: the one place where a rule fetches what it works on."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from finsam_site.access.acting import refuse

from ..models import Deltagande


def deltaganden_to_change(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Deltagande]:
    """The deltaganden, locked for this transaction, with `aktuell_in`, `aktuell_ut` and `insats` at hand.

    Raises AccessRefused (logged) when one is out of the actor's scope, does not exist, or has lost its identity: from
    outside the three look the same.
    """
    found = {
        one.pk: one
        for one in Deltagande.objects.filter(pk__in=ids, avidentifierad__isnull=True)
        .select_related("insats")
        .select_for_update(of=("self",))
    }
    for wanted in ids:
        if wanted not in found:
            raise refuse(
                "deltagande", wanted, syfte="ändra",
                message="Deltagandet finns inte i dina insatser. Kontakta den som ger uppdrag i förbundet.",
            )  # fmt: skip
    versions = Deltagande.unscoped.filter(pk__in=found).select_related("aktuell_in", "aktuell_ut")
    for one in versions:
        found[one.pk].aktuell_in = one.aktuell_in
        found[one.pk].aktuell_ut = one.aktuell_ut
    return found
