"""What stands on the start page of the roles that order and keep accounts, until there are pages for it.

Imported by `AccessConfig.ready`.
"""

from __future__ import annotations

from finsam_site.ui import panels
from finsam_site.ui.components import Text

from .acting import Actor
from .roles import Roll


@panels.register(roles=[Roll.BEHORIGHETSADMINISTRATOR], order=10)
def keeps_accounts(actor: Actor) -> panels.Panel:
    """What a behörighetsadministratör does, and that the pages are not there yet."""
    return panels.Panel(
        "Konton",
        [
            Text(
                "Du lägger upp, ändrar och avslutar konton och deras roller, när en beställare har bett om det. Du ser "
                "inga deltagare."
            ),
            Text(
                "Sidor för konton finns inte i den här versionen av Finsam. Till dess görs det av den som sköter "
                "driften. Uppdrag i ett förbund ger förbundsadministratören och de insatsansvariga själva."
            ),
        ],
    )


@panels.register(roles=[Roll.BESTALLARE], order=10)
def orders_accounts(actor: Actor) -> panels.Panel:
    """What a beställare does, and that the pages are not there yet."""
    return panels.Panel(
        "Konton",
        [
            Text(
                "Du beställer konton till dem som ska arbeta med Finsam i ditt förbund, och säger till när ett konto "
                "ska avslutas. Du ser inga deltagare."
            ),
            Text(
                "Sidor för beställningar finns inte i den här versionen av Finsam. Vänd dig till "
                "behörighetsadministratören på Försäkringskassan. Skriv namn, arbetsgivare och vilken roll det gäller."
            ),
        ],
    )
