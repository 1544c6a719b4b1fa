"""What the log says of a fault: where and of what kind, never the text of an exception."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings

from finsam_site.log import WithoutValues

SECRET = "Kanariella"  # noqa: S105 - stands for a name


def told(error: BaseException) -> str:
    """The line and traceback of a caught error, after another handler has formatted it in full."""
    caught = (type(error), error, error.__traceback__)
    record = logging.LogRecord("prov", logging.ERROR, __file__, 1, "Något %s", ("brast",), caught)
    assert SECRET in logging.Formatter().format(record)
    return WithoutValues("{levelname} {message}", style="{").format(record)


def fail(*, chained: bool) -> None:
    try:
        int(SECRET)
    except ValueError as error:
        if chained:
            raise LookupError(f"ingen {SECRET}") from error
        raise


def test_place_and_kind_without_the_text() -> None:
    try:
        fail(chained=False)
    except ValueError as error:
        text = told(error)
    assert SECRET not in text
    assert text.startswith("ERROR Något brast\nTraceback (most recent call last):\n")
    assert "in fail" in text and text.endswith("builtins.ValueError")


def test_what_led_to_it_comes_first() -> None:
    try:
        fail(chained=True)
    except LookupError as error:
        text = told(error)
    assert SECRET not in text
    assert text.index("builtins.ValueError") < text.index("which led to") < text.index("builtins.LookupError")


def test_every_handler_of_the_settings_uses_it() -> None:
    log: dict[str, Any] = settings.LOGGING
    assert log["handlers"] and all(
        log["formatters"][one["formatter"]]["()"] == "finsam_site.log.WithoutValues"
        for one in log["handlers"].values()
    )
