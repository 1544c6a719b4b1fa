"""Which columns are encrypted, and what each value of them is bound to: declared on the model, read by all.

    @sealed(nummer_krypterat="person.nummer:{id}")
    class Person(models.Model): ...

The text is the `context` of `finsam_site.access.encryption`, with the row's own columns filled in. Writers and readers
ask `context_of` for it, and `rotate_keys` finds every column by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeVar

from django.apps import apps
from django.db import models

from . import encryption

ModelT = TypeVar("ModelT", bound=type[models.Model])


def sealed(**contexts: str) -> Callable[[ModelT], ModelT]:
    """Declare the encrypted columns of a model: field name → context, with names of the row's columns in braces."""

    def mark(model: ModelT) -> ModelT:
        model.sealed_columns = contexts  # type: ignore[attr-defined]
        return model

    return mark


def sealed_models() -> Iterator[tuple[type[models.Model], dict[str, str]]]:
    """Every model with encrypted columns, and their contexts."""
    for model in apps.get_models():
        contexts = model.__dict__.get("sealed_columns")
        if contexts:
            yield model, contexts


def context_of(row: models.Model, field: str) -> str:
    """What the value of an encrypted column of `row` is bound to. Raises KeyError for a column that is not declared."""
    contexts: dict[str, str] = type(row).__dict__["sealed_columns"]
    return contexts[field].format_map(row.__dict__)


def seal_text(row: models.Model, field: str, text: str) -> None:
    """Set an encrypted column of an unsaved or stored row. Errors as in `encryption.encrypt_text`."""
    setattr(row, field, encryption.encrypt_text(text, context=context_of(row, field)))


def sealed_text(model: type[models.Model], field: str, text: str, **columns: object) -> bytes:
    """The value of an encrypted column for a row of which no object is made. columns: those that it is bound to."""
    contexts: dict[str, str] = model.__dict__["sealed_columns"]
    return encryption.encrypt_text(text, context=contexts[field].format_map(columns))


def open_text(row: models.Model, field: str) -> str:
    """The text in an encrypted column. Errors as in `encryption.decrypt_text`."""
    return encryption.decrypt_text(getattr(row, field), context=context_of(row, field))


KeyUse = Counter[str]
"""Key id → how many values need it."""

_kept_elsewhere: dict[str, Callable[[], KeyUse]] = {}


def keeps_keys(what: str, count: Callable[[], KeyUse]) -> None:
    """Tell that something besides sealed columns needs keys. what: in Swedish, plural, for whoever rotates keys."""
    _kept_elsewhere[what] = count


def kept_elsewhere() -> dict[str, Callable[[], KeyUse]]:
    """What was told to `keeps_keys`."""
    return dict(_kept_elsewhere)
