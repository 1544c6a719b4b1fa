"""What registration adds to the navigation and to the start page. Imported when the app is ready."""

from __future__ import annotations

from django.urls import reverse

from finsam_site.access.acting import Actor
from finsam_site.access.roles import Roll
from finsam_site.ui import navigation, panels
from finsam_site.ui.components import EmptyState, Link

from .models import Insats
from .views.insatser import READERS, insatser_table

navigation.register(
    navigation.Item(
        "Insatser", "registration:insatser", roles=READERS, order=20, under=("/deltaganden/", "/forbund/")
    )
)

ON_START = 12
"""So many insatser stand on the start page; the rest under "Insatser"."""


@panels.register(roles=[Roll.DELTAGARANSVARIG], order=10)
def own_insatser(actor: Actor) -> panels.Panel:
    """The insatser to register in, with how many take part now."""
    return _insatser("Dina insatser", register=True)


@panels.register(roles=[Roll.INSATSANSVARIG, Roll.FORBUNDSADMINISTRATOR], order=10)
def led_insatser(actor: Actor) -> panels.Panel:
    """The insatser of the förbund or the uppdrag, with counts and no persons."""
    return _insatser("Insatser", register=False)


def _insatser(title: str, *, register: bool) -> panels.Panel:
    # Those that are going on stand first.
    rows = sorted(Insats.objects.all(), key=lambda one: (one.slutdatum is not None, one.namn.casefold()))
    if not rows:
        empty = EmptyState("Inga insatser", "Här står de insatser som hör till uppdraget du arbetar i.")
        return panels.Panel(title, [empty], wide=True)
    more = (
        Link(f"Alla {len(rows)} insatser", reverse("registration:insatser")) if len(rows) > ON_START else None
    )
    return panels.Panel(title, [insatser_table(rows[:ON_START], register=register)], link=more, wide=True)
