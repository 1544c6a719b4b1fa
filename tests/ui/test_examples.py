"""The component page (docs/decisions/0010): no part is drawn by pages without standing there to be looked at."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client

from finsam_site import ui
from finsam_site.ui import examples
from finsam_site.ui.charts import Chart
from finsam_site.ui.comparison import Comparison
from finsam_site.ui.components import Component, PostButton, Text

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def every_component() -> set[type[Component]]:
    """Whatever in `finsam_site.ui` can be drawn; those of the apps are put together of them."""
    for module in pkgutil.walk_packages(ui.__path__, f"{ui.__name__}."):
        importlib.import_module(module.name)
    return {
        one
        for one in _below(Component)
        if one.__module__.startswith(f"{ui.__name__}.")
        and hasattr(one, "template_name")
        and not inspect.isabstract(one)
    }


def _below(kind: type[Component]) -> Iterator[type[Component]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def drawn_on_the_page(client: Client) -> set[type[Component]]:
    """What the component page draws, by itself or within another part."""
    drawn: set[type[Component]] = set()
    render = Component.render

    def noted(component: Component, extra: Any = None) -> Any:
        drawn.add(type(component))
        return render(component, extra)

    with patch.object(Component, "render", noted):
        assert client.get("/komponenter/").status_code == 200
    return drawn


def test_every_component_is_on_its_page(client: Client) -> None:
    missing = sorted(one.__qualname__ for one in every_component() - drawn_on_the_page(client))
    assert not missing, f"add these to finsam_site/ui/examples.py, in each state: {missing}"


def test_what_is_missing_is_found(client: Client) -> None:
    lists = [one for one in examples.groups() if one.id == "listor"]
    with patch.object(examples, "groups", lambda: lists):
        missing = every_component() - drawn_on_the_page(client)
    assert {PostButton, Text, Chart} <= missing and Comparison not in missing
