"""The start page is composed of panels that the apps add in their `AppConfig.ready`:

    from finsam_site.ui import panels

    @panels.register(roles=[Roll.DELTAGARANSVARIG], order=10)
    def open_deltaganden(actor: Actor) -> panels.Panel | None:
        return panels.Panel("Att göra", [TaskList(...)], link=Link("Alla deltaganden", url))

A panel function runs in the request's `acting_as`, so scoped managers show what the actor may see. None: no panel.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from finsam_site.access.acting import Actor
from finsam_site.access.roles import Roll

from .components import Component, Link


@dataclass(frozen=True)
class Panel:
    """A part of the start page. wide: takes the whole width, for tables and charts. tall: has two beside it."""

    title: str
    body: Sequence[Component]
    link: Link | None = None
    wide: bool = False
    tall: bool = False


PanelFunction = Callable[[Actor], Panel | None]


@dataclass(frozen=True)
class _Registered:
    function: PanelFunction
    roles: frozenset[Roll]
    order: int


_panels: dict[str, _Registered] = {}


def register(*, roles: Collection[Roll], order: int = 100) -> Callable[[PanelFunction], PanelFunction]:
    """Show what the function gives to those who work in one of `roles`; small `order` stands first."""

    def add(function: PanelFunction) -> PanelFunction:
        _panels[f"{function.__module__}.{function.__qualname__}"] = _Registered(
            function, frozenset(roles), order
        )
        return function

    return add


def panels_for(actor: Actor) -> list[Panel]:
    """The panels of the actor's role, in order."""
    mine = [one for one in _panels.values() if actor.roll in one.roles]
    made = [one.function(actor) for one in sorted(mine, key=lambda one: one.order)]
    return [panel for panel in made if panel is not None]
