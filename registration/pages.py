"""What registration adds to the navigation and to the start page. Imported when the app is ready."""

from __future__ import annotations

from django.urls import reverse

from finsam_site.access.acting import Actor
from finsam_site.access.roles import Roll
from finsam_site.ui import navigation, panels
from finsam_site.ui.components import EmptyState, Link, Text

from .models import Forbund, Insats
from .rules.staffing import GIVES
from .views.insatser import READERS, insatser_table
from .views.insatser_common import ended_lately, open_today

REGISTERS = (Roll.DELTAGARANSVARIG,)

navigation.register(
    navigation.Item(
        "Registrera deltagare", "registration:register", roles=REGISTERS, order=10,
        pages=("registration:register_in", "registration:register_in_without_identity"),
    )
)  # fmt: skip
navigation.register(
    navigation.Item(
        "Deltagare", "registration:deltagare", roles=REGISTERS, order=15, under=("/deltaganden/",),
        pages=(
            "registration:deltaganden", "registration:register_out_several", "registration:register_out_answers",
            "registration:register_out_confirm",
        ),
    )
)  # fmt: skip
navigation.register(navigation.Item("Sök", "registration:find", roles=REGISTERS, order=17))
navigation.register(
    navigation.Item("Insatser", "registration:insatser", roles=READERS, order=20, under=("/forbund/",))
)

navigation.register(navigation.Item("Uppdrag", "registration:uppdragen", roles=GIVES, order=40))

ON_START = 12
"""So many insatser stand on the start page; the rest under "Insatser"."""


@panels.register(roles=REGISTERS, order=10)
def own_insatser(actor: Actor) -> panels.Panel:
    """The insatser to register in, with how many take part now."""
    return _insatser("Dina insatser", register=True)


@panels.register(roles=[Roll.INSATSANSVARIG, Roll.FORBUNDSADMINISTRATOR], order=10)
def led_insatser(actor: Actor) -> panels.Panel:
    """The insatser of the förbund or the uppdrag, with counts and no persons."""
    return _insatser("Insatser", register=False)


@panels.register(
    roles=[Roll.FORBUNDSADMINISTRATOR, Roll.INSATSANSVARIG, Roll.RAPPORTLASARE, Roll.BESTALLARE], order=40
)
def own_forbund(actor: Actor) -> panels.Panel | None:
    """The förbund worked in and the way to its page; no panel for who works for the nation."""
    if actor.forbund_id is None and actor.insats_id is None:
        return None
    own = {"pk": actor.forbund_id} if actor.forbund_id else {"slutdatum": None}
    forbund = Forbund.objects.filter(**own).first()
    if forbund is None:
        return None
    about = Link("Mer om förbundet", reverse("registration:forbund", args=[forbund.pk]))
    return panels.Panel(forbund.namn, [Text(forbund.beskrivning)] if forbund.beskrivning else [], link=about)


def _insatser(title: str, *, register: bool) -> panels.Panel:
    # Those that are going on stand first and those that have just ended next, each in the order of names.
    rows = sorted(Insats.objects.all(), key=lambda one: (not open_today(one), not ended_lately(one)))
    if not rows:
        empty = EmptyState("Inga insatser", "Här står de insatser som hör till uppdraget du arbetar i.")
        return panels.Panel(title, [empty], wide=True)
    more = (
        Link(f"Alla {len(rows)} insatser", reverse("registration:insatser")) if len(rows) > ON_START else None
    )
    return panels.Panel(title, [insatser_table(rows[:ON_START], register=register)], link=more, wide=True)
