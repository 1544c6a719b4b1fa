"""What the dataskyddsgranskare's pages add to the frame. Imported by `RegistrationConfig.ready`."""

from __future__ import annotations

from django.urls import reverse

from finsam_site.access.acting import Actor
from finsam_site.access.roles import Roll
from finsam_site.ui import navigation, panels
from finsam_site.ui.components import Button, Text

GRANSKAR = (Roll.DATASKYDDSGRANSKARE,)

navigation.register(navigation.Item("Sök person", "registration:person_find", roles=GRANSKAR, order=10))


@panels.register(roles=GRANSKAR, order=10)
def when_somebody_asks(actor: Actor) -> panels.Panel:
    """Where every task of the role begins: a person who asks."""
    where = "i ditt förbund" if actor.forbund_id is not None else "i hela landet"
    return panels.Panel(
        "När någon frågar om sina uppgifter",
        [
            Text(
                f"Sök personen på personnummer {where}. Sedan kan du återkalla samtycken, ta bort uppgifterna om den "
                "som har fått skyddade personuppgifter, rätta det som är fel och visa vem som har tittat."
            ),
            Text("Det fungerar också när insatsen är slut. Varje sökning sparas i åtkomstloggen."),
            Button("Sök person", url=reverse("registration:person_find")),
        ],
        wide=True,
    )
