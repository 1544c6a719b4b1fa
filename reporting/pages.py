"""What uttag put on the start page and into the navigation, and the jobs that take them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from django.urls import reverse

from finsam_site.access import encryption
from finsam_site.access.acting import Actor
from finsam_site.access.roles import Roll
from finsam_site.jobs import results
from finsam_site.jobs.api import job_status, visible_jobs
from finsam_site.jobs.models import OPEN, Jobb
from finsam_site.ui import formats, navigation, panels
from finsam_site.ui.components import Component, EmptyState, KeyFigures, Link, Tag, Task, TaskList, Text, Tone

from .models import Uttag
from .report import words
from .report.figures import key_figures
from .report.store import stored_tables
from .tasks import KIND
from .uttag.frozen import FrozenFileChanged

READERS = (Roll.NATIONELL_ADMINISTRATOR, Roll.RAPPORTLASARE)
ON_START = 4
"""Key figures on the start page."""


def register() -> None:
    """At start-up."""
    navigation.register(navigation.Item("Uttag", "reporting:uttag_list", roles=READERS, order=30))
    panels.register(roles=READERS, order=10)(latest_uttag)
    panels.register(roles=[Roll.NATIONELL_ADMINISTRATOR], order=20)(jobs_panel)
    results.register(
        KIND,
        outcome=outcome,
        title=title,
        what=_rows_done,
        about="Varje rad hämtas, läses, ordnas, räknas och fryses. Uttaget räknas på det som är känt vid tidpunkten. "
        "Det som registreras under tiden påverkar det inte.",
        again_label="Ta ett nytt uttag",
        again_url_name="reporting:uttag_new",
    )


def may_take(actor: Actor) -> bool:
    """Whether the actor takes uttag and makes them fastställda."""
    return actor.system or actor.roll == Roll.NATIONELL_ADMINISTRATOR


def job_url(job: Jobb) -> str:
    """The page that tells how far the job is."""
    return reverse("jobs:job", args=[job.pk])


def outcome(job: Jobb) -> results.Outcome:
    """What a job that has taken an uttag gave."""
    found = str(job.result_ids.get("uttag", ""))
    link = Link("Öppna rapporten", reverse("reporting:report", args=[found])) if found else None
    return results.Outcome("Uttaget är taget och fryst.", link=link, label="Taget")


def title(job: Jobb) -> str:
    """ "Uttag för 2018, känt per 16 januari 2019 kl. 23.59". Without a time asked for it is when the work began,
    which is known of the first try alone.
    """
    asked = job.argument.get("as_of")
    as_of = dt.datetime.fromisoformat(asked) if asked else (job.paborjad if job.forsok == 1 else None)
    return f"{job.titel}, känt per {formats.moment(as_of)}" if as_of else f"{job.titel}, känt när det tas"


def _rows_done(job: Jobb) -> str:
    """ "12 400 av 62 154 rader klara, nu: hämtar årets registreringar" (the numbers stand before it)."""
    text = job_status(job).text
    return f"rader klara, nu: {text[:1].lower()}{text[1:]}" if text else "rader klara"


@dataclass(frozen=True)
class UttagJobs(TaskList):
    """Jobs that take uttag and are not at their end, each leading to its page; `open` are their rows."""

    template_name: ClassVar[str] = TaskList.template_name
    open: Sequence[Jobb] = field(default=())


def uttag_jobs(actor: Actor) -> UttagJobs:
    """The jobs at work that the actor may see: a nationell administratör sees those of all."""
    at_work = list(visible_jobs(actor.user, actor.roll).filter(slag=KIND, tillstand__in=OPEN))
    tasks = [
        Task(
            results.title_of(one),
            job_url(one),
            hint=f"Startat {formats.moment(one.skapad)} av {one.skapad_av}",
            status=results.tag_of(one),
        )
        for one in at_work
    ]
    return UttagJobs(tasks, empty="Inget uttag tas just nu.", open=at_work)


def status_tag(uttag: Uttag) -> Tag:
    """Whether it is the one of its year that counts."""
    return Tag("Fastställt", Tone.GOOD) if uttag.faststalld else Tag("Ej fastställt")


@dataclass(frozen=True)
class Standing(Component):
    """Before figures that stand outside their report: whether they count, and that they are for those who work here."""

    template_name: ClassVar[str] = "reporting/standing.html"
    status: Tag


def latest_uttag(actor: Actor) -> panels.Panel:
    """The key figures of the newest uttag."""
    uttag = Uttag.objects.order_by("-ar", "-taken_at").first()
    if uttag is None:
        text = (
            "Ta det första uttaget, så står årets siffror här."
            if may_take(actor)
            else "Här står årets siffror när en nationell administratör har tagit ett uttag."
        )
        action = Link("Ta ett uttag", reverse("reporting:uttag_new")) if may_take(actor) else None
        return panels.Panel(
            "Senaste uttaget", [EmptyState("Inget uttag är taget än", text, action)], wide=True
        )
    try:
        figures: Component = KeyFigures(key_figures(uttag, stored_tables(uttag))[:ON_START])
    except (FrozenFileChanged, encryption.DecryptionFailed):
        figures = Text("Uttagets fil kan inte läsas. Öppna rapporten för att se varför.")
    return panels.Panel(
        f"Uttag {words.name(uttag)}",
        [Standing(status_tag(uttag)), figures],
        link=Link("Öppna rapporten", reverse("reporting:report", args=[uttag.pk])),
        wide=True,
    )


def jobs_panel(actor: Actor) -> panels.Panel:
    """Uttag that are being taken, by anybody."""
    return panels.Panel(
        "Ta uttag",
        [uttag_jobs(actor)],
        link=Link("Ta ett uttag", reverse("reporting:uttag_new")),
    )
