"""What the pages of samtycken add to the frame. Imported by `RegistrationConfig.ready`."""

from __future__ import annotations

from django.urls import reverse

from finsam_site.access.acting import Actor
from finsam_site.access.roles import Roll
from finsam_site.ui import navigation, panels
from finsam_site.ui.components import Button, Component, Tag, Task, TaskList, Tone

from .rules.samtycke import Vantan, samtycken_awaited
from .views.samtycke_words import awaited_url

navigation.register(
    navigation.Item(
        "Samtycken",
        "registration:samtycken",
        roles=[Roll.DELTAGARANSVARIG, Roll.SAMTYCKESMOTTAGARE],
        order=25,
    )
)
navigation.register(
    navigation.Item("Ta emot", "registration:samtycken_received", roles=[Roll.SAMTYCKESMOTTAGARE], order=26)
)


@panels.register(roles=[Roll.SAMTYCKESMOTTAGARE], order=10)
def to_receive(actor: Actor) -> panels.Panel:
    """How many originals have not come, and how many of them should have."""
    waiting, late = samtycken_awaited(), samtycken_awaited(Vantan.FORSENADE)
    every = awaited_url(waiting.vantan)
    tasks = [Task("Inte mottagna", every, hint="Undertecknade och skickade", count=waiting.antal)]
    if late.antal:
        hint = "Borde ha kommit. De deltagaransvariga påminns, eller förbundet där ingen är det."
        status = Tag("Försenade", Tone.BAD)
        tasks.append(
            Task("Original saknas", awaited_url(late.vantan), hint=hint, count=late.antal, status=status)
        )
    body: list[Component] = [
        TaskList(tasks if waiting.antal else [], empty="Alla samtycken som är registrerade har kommit."),
        Button("Ta emot samtycken", url=reverse("registration:samtycken_received")),
    ]
    return panels.Panel("Samtycken att ta emot", body, wide=True)
