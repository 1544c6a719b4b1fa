"""What the messages about accessibility add to the frame. Imported by `AccessibilityConfig.ready`."""

from __future__ import annotations

from django.urls import reverse

from finsam_site.access.acting import Actor
from finsam_site.ui import navigation, panels
from finsam_site.ui.components import Task, TaskList

from .letters import READERS, waiting

navigation.register(navigation.Item("Meddelanden", "accessibility:letters", roles=READERS, order=95))


@panels.register(roles=READERS, order=70)
def letters_waiting(actor: Actor) -> panels.Panel | None:
    """How many messages nobody has dealt with; no panel where there are none."""
    antal = waiting()
    if not antal:
        return None
    task = Task(
        "Läs och svara",
        reverse("accessibility:letters"),
        hint="Svar ska ges skyndsamt till den som har lämnat en adress",
        count=antal,
    )
    return panels.Panel("Meddelanden om tillgänglighet", [TaskList([task])])
