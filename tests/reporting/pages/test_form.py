"""Starting an uttag: what the form takes, what it says, and the job that it starts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from finsam_site.jobs.api import start_job
from finsam_site.jobs.models import Jobb
from reporting.forms import UttagForm
from tests import factories
from tests.reporting.pages.world import logged_in, people

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def answers(**overrides: str) -> dict[str, str]:
    return {"ar": "2018", "kand": "annan", "dag": "2019-03-01", "tid": "12.00"} | overrides


def errors(**overrides: str) -> Any:
    form = UttagForm(answers(**overrides))
    assert not form.is_valid()
    return form.errors


@pytest.mark.parametrize(
    ("given", "as_of"),
    [
        ({}, "2019-03-01T12:00:59+01:00"),
        ({"tid": "23:59"}, "2019-03-01T23:59:59+01:00"),
        ({"dag": "2019-07-01"}, "2019-07-01T12:00:59+02:00"),
        ({"kand": "januari", "dag": "", "tid": ""}, "2019-01-16T23:59:59+01:00"),
        ({"kand": "nu", "dag": "fel", "tid": "fel"}, None),
    ],
)
def test_the_time_is_swedish_and_the_minute_counts(given: dict[str, str], as_of: str | None) -> None:
    form = UttagForm(answers(**given))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["as_of"] == (dt.datetime.fromisoformat(as_of) if as_of else None)


def test_errors_say_what_to_do() -> None:
    this_year = str(timezone.localdate().year)
    assert "Ange ett år från 2004 till" in errors(ar="2003")["ar"][0]
    assert errors(ar="")["ar"] == ["Ange vilket år uttaget gäller."]
    assert errors(kand="")["kand"] == ["Välj vilka uppgifter som ska räknas med."]
    assert errors(tid="kvart i tolv")["tid"] == [
        "Skriv klockslaget som timmar och minuter, till exempel 23.59."
    ]
    assert "har inte passerat" in errors(dag="2199-01-01")["dag"][0]
    assert "Välj uppgifterna som är kända nu" in errors(ar=this_year, kand="januari")["kand"][0]
    assert set(errors(dag="", tid="")) == {"dag", "tid"}


def test_a_post_starts_a_job_and_leads_to_its_page() -> None:
    """The same one sent twice is one job; an error starts none."""
    client = logged_in(people().greta)
    assert client.post("/uttag/nytt/", answers(ar="1850")).status_code == 200
    assert not Jobb.objects.exists()
    first = client.post("/uttag/nytt/", answers())
    job = Jobb.objects.get()
    assert first.status_code == 302 and str(job.pk) in first["Location"]
    assert (
        job.argument == {"year": 2018, "as_of": "2019-03-01T12:00:59+01:00"} and job.titel == "Uttag för 2018"
    )
    assert client.post("/uttag/nytt/", answers())["Location"] == first["Location"]
    assert Jobb.objects.count() == 1
    client.post("/uttag/nytt/", answers(kand="nu"))
    assert [one.argument["as_of"] for one in Jobb.objects.order_by("skapad")] == [
        "2019-03-01T12:00:59+01:00",
        None,
    ]
    page = client.get("/uttag/").content.decode()
    assert "Tas just nu" in page and first["Location"] in page
    assert "Uttag för 2018" in client.get("/").content.decode()


def test_jobs_of_one_year_are_told_apart() -> None:
    """By the time whose knowledge counts, in the list and on each one's page."""
    who = people()
    with factories.acting(who.greta):
        jobs = [
            start_job("uttag", year=2018, as_of=f"2019-0{month}-16T23:59:59+01:00") for month in (1, 2)
        ] + [start_job("uttag", year=2018, as_of=None)]
    client = logged_in(who.greta)
    titles = [
        "Uttag för 2018, känt per 16\u00a0januari\u00a02019 kl.\u00a023.59",
        "Uttag för 2018, känt per 16\u00a0februari\u00a02019 kl.\u00a023.59",
        "Uttag för 2018, känt när det tas",
    ]
    lists = [client.get(url).content.decode() for url in ("/jobb/", "/uttag/", "/")]
    for job, title in zip(jobs, titles, strict=True):
        assert [title in one for one in lists] == [True, True, True], title
        assert f"<h1>{title}</h1>" in client.get(f"/jobb/{job.pk}/").content.decode()
