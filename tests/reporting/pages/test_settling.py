"""One uttag of a year is fastställt, by a nationell administratör, for good."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from finsam_site.access.acting import AccessRefused
from finsam_site.access.models import Atkomst, Resultat
from reporting.models import Uttag
from reporting.report.settling import SettlingRefused, settle
from tests import factories
from tests.reporting.pages.world import logged_in, people, small_register, taken

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def test_read_through_then_settled_for_good() -> None:
    """A GET changes nothing; a POST does, once; the other uttag of the year is refused in words."""
    who = people()
    small_register()
    one, other = taken().uttag, taken(as_of=dt.datetime.fromisoformat("2025-03-01T12:00:00+01:00")).uttag
    client = logged_in(who.greta)
    url, other_url = (reverse("reporting:uttag_settle", args=[each.pk]) for each in (one, other))
    report = reverse("reporting:report", args=[one.pk])

    assert url in client.get(report).content.decode()
    page = client.get(url).content.decode()
    assert "Fastställ uttaget" in page and "Inget uttag är fastställt" in page
    assert Uttag.objects.filter(faststalld__isnull=False).count() == 0

    assert client.post(url)["Location"] == report
    one.refresh_from_db()
    assert one.faststalld and abs(one.faststalld - timezone.now()) < dt.timedelta(minutes=1)
    page = client.get(report).content.decode()
    assert "Uttaget är nu det fastställda för 2024." in page and "Fastställt" in page and url not in page

    first = one.faststalld
    for again in (url, other_url):
        answer = client.post(again)
        assert answer.status_code == 409
        assert "Uttaget kan inte fastställas" in answer.content.decode()
        assert "Fastställ uttaget</button>" not in client.get(again).content.decode()
    one.refresh_from_db()
    other.refresh_from_db()
    assert one.faststalld == first and other.faststalld is None
    assert "har redan ett fastställt uttag" in client.get(other_url).content.decode()


def test_the_rule_holds_below_the_page() -> None:
    """Two at once: the second is refused by the database and told in words; others may not at all."""
    who = people()
    small_register()
    one, other = taken().uttag, taken().uttag
    with factories.acting(who.farid), pytest.raises(AccessRefused, match="nationell administratör"):
        settle(one)
    assert Atkomst.objects.filter(objekt="uttag", resultat=Resultat.NEKAT, user=who.farid).exists()
    with factories.acting(who.greta):
        settle(one)
        stale = Uttag.objects.get(pk=other.pk)
        with pytest.raises(SettlingRefused, match="har redan ett fastställt uttag"):
            settle(stale)
        with pytest.raises(SettlingRefused, match="Det kan inte ändras"):
            settle(one)


def test_an_uttag_of_an_unfinished_year_is_pointed_out() -> None:
    who = people()
    small_register()
    early = taken(as_of=dt.datetime.fromisoformat("2024-08-01T12:00:00+02:00")).uttag
    page = logged_in(who.greta).get(reverse("reporting:uttag_settle", args=[early.pk])).content.decode()
    assert "År 2024 var inte slut när uppgifterna var kända" in page
