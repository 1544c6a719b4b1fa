"""How jobs are shown: what the end of each kind of job means, and its progress and state as components.

An app says it for its kinds of job, where its pages are registered (AppConfig.ready):

    results.register("uttag", outcome=outcome, what="rader lästa", title=lambda jobb: f"Uttag för {…}")

    def outcome(jobb: Jobb) -> results.Outcome:
        return results.Outcome("Uttaget är taget.", link=Link("Öppna rapporten", url))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from finsam_site.ui import formats
from finsam_site.ui.components import Component, Link, Progress, Tag, Tone, Waiting

from .api import JobStatus, job_status
from .models import Jobb, Tillstand

YOU_MAY_LEAVE = "Du kan lämna sidan."
_SURE_AFTER_SECONDS = 2


@dataclass(frozen=True)
class Outcome:
    """What a job that has ended well means to its reader.

    text: a sentence or two. link: to the result. label and tone: of its tag, where "klart" says too much ("Fel i
    filerna"). parts: stand under it on the job's page.
    """

    text: str
    link: Link | None = None
    label: str = ""
    tone: Tone = Tone.GOOD
    parts: Sequence[Component] = ()


@dataclass(frozen=True)
class _Shown:
    outcome: Callable[[Jobb], Outcome]
    title: Callable[[Jobb], str]
    what: Callable[[Jobb], str]
    about: Callable[[Jobb], str]
    again: Link | None


_shown: dict[str, _Shown] = {}


def register(
    kind: str,
    *,
    outcome: Callable[[Jobb], Outcome],
    title: Callable[[Jobb], str] | None = None,
    what: str | Callable[[Jobb], str] = "klara",
    about: str | Callable[[Jobb], str] = "",
    again_label: str = "",
    again_url_name: str = "",
) -> None:
    """Say how jobs of `kind` are shown.

    what: what the progress counts ("rader kontrollerade"). about: a sentence for those who wait. again_label and
    again_url_name: where to go when it failed or was cancelled.
    """
    again = Link(again_label, again_url_name) if again_url_name else None
    _shown[kind] = _Shown(outcome, title or (lambda jobb: jobb.titel), _said(what), _said(about), again)


def _said(text: str | Callable[[Jobb], str]) -> Callable[[Jobb], str]:
    return (lambda _: text) if isinstance(text, str) else text


_PLAIN = _Shown(
    lambda _: Outcome("Jobbet är klart."), lambda jobb: jobb.titel, lambda _: "klara", lambda _: "", None
)


def _of(jobb: Jobb) -> _Shown:
    return _shown.get(jobb.slag, _PLAIN)


def outcome_of(jobb: Jobb) -> Outcome | None:
    """What the job gave; None unless it is klar."""
    return _of(jobb).outcome(jobb) if jobb.tillstand == Tillstand.KLAR else None


def title_of(jobb: Jobb) -> str:
    """What people call the job."""
    return _of(jobb).title(jobb)


def about(jobb: Jobb) -> str:
    """A sentence for those who wait, or nothing."""
    return _of(jobb).about(jobb)


def again(jobb: Jobb) -> Link | None:
    """Where to go when it failed or was cancelled."""
    link = _of(jobb).again
    return Link(link.label, reverse(link.url)) if link else None


def tag_of(jobb: Jobb) -> Tag:
    """The job's state as a tag."""
    if jobb.tillstand == Tillstand.KLAR:
        outcome = _of(jobb).outcome(jobb)
        return Tag(outcome.label or "Klart", outcome.tone)
    tones = {Tillstand.PAGAR: Tone.WAIT, Tillstand.MISSLYCKAD: Tone.BAD}
    label = jobb.get_tillstand_display()
    if jobb.avbryt_begard and not jobb.ended:
        label = "avbryts"
    return Tag(formats.sentence(label), tones.get(Tillstand(jobb.tillstand), Tone.PLAIN))


def progress_words(jobb: Jobb) -> str:
    """How far it is, for a list: "12 400 av 20 718 rader kontrollerade", or nothing."""
    status = job_status(jobb) if jobb.tillstand == Tillstand.PAGAR else None
    if status is None or not status.of:
        return ""
    return f"{formats.number(status.done)} av {formats.number(status.of)} {_of(jobb).what(jobb)}"


def progress_of(jobb: Jobb, *, url: str = "", title: str = "") -> Progress:
    """The job's progress as the component of the page.

    url: gives this component alone, for a page that asks anew. title: instead of the job's.
    """
    status = job_status(jobb)
    state, text = _state(jobb, status)
    worked = jobb.tillstand == Tillstand.KLAR  # no bar is left, also where what it found is bad
    return Progress(
        title=title or title_of(jobb),
        state=state,
        done=0 if worked else status.done,
        total=0 if worked else status.of or 0,
        what=_of(jobb).what(jobb),
        seconds_left=_seconds_left(jobb, status) if state == Waiting.RUNNING else None,
        text=text,
        url=url,
        may_leave=True,
    )


def _state(jobb: Jobb, status: JobStatus) -> tuple[Waiting, str]:
    if jobb.tillstand == Tillstand.MISSLYCKAD:
        return Waiting.FAILED, status.error
    if jobb.tillstand == Tillstand.AVBRUTEN:
        return Waiting.CANCELLED, "Jobbet avbröts. Inget av det sparades."
    outcome = outcome_of(jobb)
    if outcome is not None:
        return (Waiting.FAILED if outcome.tone == Tone.BAD else Waiting.DONE), outcome.text
    if status.cancel_asked:
        return Waiting.WAITING, f"Jobbet avbryts. Det kan ta några sekunder. {YOU_MAY_LEAVE}"
    if status.waiting:
        return Waiting.WAITING, f"{status.waiting} {YOU_MAY_LEAVE}"
    return Waiting.RUNNING, "" if status.done else status.text


def _seconds_left(jobb: Jobb, status: JobStatus) -> float | None:
    """As long as the rest takes at the pace so far. Nothing in the first seconds, or after a new start."""
    if (
        jobb.paborjad is None
        or not status.of
        or not status.done
        or status.done >= status.of
        or jobb.forsok > 1
    ):
        return None
    elapsed = (timezone.now() - jobb.paborjad).total_seconds()
    if elapsed < _SURE_AFTER_SECONDS:
        return None
    return elapsed * (status.of - status.done) / status.done
