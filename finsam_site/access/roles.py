"""The roles of DOMAIN §2 and the pairs that one person may never hold together."""

from django.db import models


class Roll(models.TextChoices):
    """A role. It opens nothing by itself: work needs an uppdrag (DOMAIN §2)."""

    DELTAGARANSVARIG = "deltagaransvarig", "deltagaransvarig"
    INSATSANSVARIG = "insatsansvarig", "insatsansvarig"
    FORBUNDSADMINISTRATOR = "forbundsadministrator", "förbundsadministratör"
    RAPPORTLASARE = "rapportlasare", "rapportläsare"
    NATIONELL_ADMINISTRATOR = "nationell_administrator", "nationell administratör"
    BEHORIGHETSADMINISTRATOR = "behorighetsadministrator", "behörighetsadministratör"
    SAMTYCKESMOTTAGARE = "samtyckesmottagare", "samtyckesmottagare"
    DATASKYDDSGRANSKARE = "dataskyddsgranskare", "dataskyddsgranskare"
    BESTALLARE = "bestallare", "beställare"


FORBIDDEN_PAIRS: tuple[tuple[Roll, Roll], ...] = (
    (Roll.DELTAGARANSVARIG, Roll.FORBUNDSADMINISTRATOR),
    (Roll.DELTAGARANSVARIG, Roll.BESTALLARE),
    (Roll.DELTAGARANSVARIG, Roll.NATIONELL_ADMINISTRATOR),
)
"""Pairs that the account row's CHECK refuses (DOMAIN §2, "not together with")."""

INSATS_ROLES = frozenset({Roll.DELTAGARANSVARIG})
"""Roles whose uppdrag is always for one insats."""

FORBUND_ROLES = frozenset({Roll.FORBUNDSADMINISTRATOR, Roll.BESTALLARE})
"""Roles whose uppdrag is always for one förbund."""

FORBUND_OR_INSATS_ROLES = frozenset({Roll.INSATSANSVARIG})
"""Roles whose uppdrag is for one förbund or for one insats."""

NATIONAL_ROLES = frozenset(
    {Roll.NATIONELL_ADMINISTRATOR, Roll.BEHORIGHETSADMINISTRATOR, Roll.SAMTYCKESMOTTAGARE}
)
"""Roles that work for Försäkringskassan as a whole: their uppdrag names neither förbund nor insats."""

ANY_ROLES = frozenset({Roll.RAPPORTLASARE, Roll.DATASKYDDSGRANSKARE})
"""Roles that exist nationally, for one förbund and (rapportläsare) for one insats."""
