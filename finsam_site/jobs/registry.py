"""Kinds of job: plain functions registered under a name, and what such a function is given.

    @job(kind="uttag", title="Uttag {year}", expected=(UttagRefused,), seen_by=(Roll.NATIONELL_ADMINISTRATOR,))
    def uttag(job: RunningJob, year: int) -> dict[str, object]:
        ...

The function may run twice (a worker can be killed at any moment), so what it writes must be written in one transaction
in which it also calls `job.publish(result)`; then either all of it is there and the job is klar, or nothing is.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from finsam_site.access.acting import AccessRefused, Actor, UppdragLike
from finsam_site.access.models import User
from finsam_site.access.roles import Roll

Result = dict[str, Any]


class JobFailed(Exception):
    """An expected failure. The text is Swedish, holds no personal data and is shown to the user as it stands."""


class JobCancelled(Exception):
    """The user asked for the job to be cancelled. Let it through: the transaction is undone."""


class LeaseLost(Exception):
    """The job is no longer ours: another worker has it or has ended it. Let it through."""


class RunningJob(Protocol):
    """What a job's function is given (finsam_site/jobs/running.py)."""

    id: uuid.UUID
    attempt: int

    @property
    def user(self) -> User:
        """Who started the job."""

    @property
    def uppdrag(self) -> UppdragLike | None:
        """The uppdrag in which it was started, read anew; None for the system account."""

    def acting(self, *, one_snapshot: bool = False) -> AbstractContextManager[Actor]:
        """`acting_as` of that user and uppdrag: one transaction."""

    def progress(self, done: int, of: int | None = None, text: str = "") -> None:
        """Tell how far it is. Cheap, may be called for every row. Raises JobCancelled and LeaseLost."""

    def check_cancelled(self) -> None:
        """Raises JobCancelled when the user has asked for it, LeaseLost when the job is somebody else's."""

    def publish(self, result: Result) -> None:
        """End the job as klar with `result` (ids only), in the transaction that is open. Raises LeaseLost."""


JobFunction = Callable[..., Result | None]


@dataclass(frozen=True)
class Kind:
    """A registered kind. `expected`: exceptions whose text users read; `seen_by`: roles that see every job of it."""

    name: str
    title: str
    function: JobFunction
    expected: tuple[type[Exception], ...] = ()
    seen_by: tuple[Roll, ...] = ()


class UnknownKind(LookupError):
    """No function is registered under this name."""


_kinds: dict[str, Kind] = {}


def job(
    *,
    kind: str,
    title: str,
    expected: tuple[type[Exception], ...] = (),
    seen_by: tuple[Roll, ...] = (),
) -> Callable[[JobFunction], JobFunction]:
    """Register a function as a kind of job. `title` may name arguments in braces. ValueError for a taken name."""

    def register(function: JobFunction) -> JobFunction:
        taken = _kinds.get(kind)
        if taken is not None and taken.function.__qualname__ != function.__qualname__:
            raise ValueError(f"the kind of job {kind!r} is registered twice")
        if len(kind) > 40:
            raise ValueError(f"the name {kind!r} is longer than 40 characters")
        _kinds[kind] = Kind(kind, title, function, (JobFailed, AccessRefused, *expected), seen_by)
        return function

    return register


def kind_of(name: str) -> Kind:
    """The kind of that name. Raises UnknownKind."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(f"no job of kind {name!r} is registered; is its tasks.py loaded?") from None


def kinds_seen_by(roll: str | None) -> list[str]:
    """The kinds of which somebody acting in `roll` sees every job, not only the own ones."""
    return [kind.name for kind in _kinds.values() if roll in kind.seen_by]


def title_of(name: str, arguments: dict[str, Any]) -> str:
    """The title of a job of this kind; the bare name when the kind is no longer there."""
    kind = _kinds.get(name)
    if kind is None:
        return name
    try:
        return kind.title.format(**arguments)
    except (KeyError, IndexError):
        return kind.title
