"""The colours for what is no page."""

from __future__ import annotations

import pytest

from finsam_site.ui.tokens import color


def test_light_colours_are_given() -> None:
    assert (color("ink"), color("women"), color("paper")) == ("1E1B1F", "0E5A61", "FFFFFF")


def test_unknown_tokens_are_refused() -> None:
    with pytest.raises(KeyError):
        color("pink")
