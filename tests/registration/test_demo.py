"""The demo: everything that is promised is there, nothing in it is anybody's, and a second run changes nothing."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from finsam_site.access.acting import AccessRefused, acting_as
from finsam_site.access.models import Atkomst, Handling, User
from finsam_site.access.roles import Roll
from finsam_site.access.sealed_columns import open_text
from finsam_site.accessibility.models import Meddelande
from finsam_site.clock import STOCKHOLM
from finsam_site.jobs.models import Jobb, Tillstand
from registration import uploads
from registration.demo.names import MEN, SURNAMES, WOMEN
from registration.demo.plan import FORMULAR, Plan, make_plan
from registration.demo.users import PASSWORD, USERS
from registration.demo.world import FORBUND, INSATSER, OPEN_IN_ENDED, Period
from registration.forms.register_in import IdentityStep, StartStep
from registration.models import (
    Anonyma,
    Avidentifiering,
    Deltagande,
    Forbund,
    ForbundAr,
    ForbundKommun,
    Fraga,
    Identitet,
    Inregistrering,
    Insats,
    InsatsAgande,
    InsatsAr,
    InsatsBehovsgrupp,
    Kod,
    Kommun,
    Person,
    Samtycke,
    Samtyckesformular,
    Uppdrag,
    Utkast,
    Utregistrering,
    Volym,
)
from registration.personnummer import listed_numbers
from registration.rules.drafts import find_draft
from registration.rules.planned import missing_for, next_plan
from registration.rules.reveal import decrypt
from registration.rules.worklist import unstaffed
from reporting.models import Uttag
from reporting.tables.compute import TableResult
from reporting.tasks import KIND as UTTAG
from reporting.uttag.take import verify_uttag
from tests import factories
from tests.registration.pages.conftest import text_of

both = pytest.mark.both


def run(command: str) -> str:
    out = io.StringIO()
    call_command(command, stdout=out)
    return out.getvalue()


def rows_of_all() -> dict[str, int]:
    """Table → how many rows."""
    return {
        model._meta.label: getattr(model, "unscoped", model._default_manager).count()
        for model in apps.get_models()
    }


# --- The plan, without a database ------------------------------------------------------------------------------------

DAYS = ("2026-01-01", "2026-02-26", "2026-02-27", "2026-11-21", "2027-05-31", "2028-02-29", "2028-12-31")


@both
@pytest.mark.parametrize("day", DAYS)
def test_the_plan_holds_on_any_day(day: str) -> None:
    """The same day gives the same plan; all of it is past; nobody is in the same insats twice at once."""
    now = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(13, 30), tzinfo=STOCKHOLM)
    plan = make_plan(now)
    assert plan == make_plan(now)
    assert len(plan.deltaganden) == 1500
    assert (len(plan.withdrawn), len(plan.protected)) == (4, 2)
    assert now.date() > dt.date(plan.period.reported + 1, 2, 26)

    times = [
        time
        for one in plan.deltaganden
        for time in (one.registrerad, one.registrerad_ut, *(new.registrerad for new in one.rattelser))
        if time is not None
    ]
    assert max(times) < now
    signed = plan.deltaganden[0].ny.samtycke
    assert {one.ny.samtycke.formular for one in plan.deltaganden} == {signed.formular}
    for one in plan.deltaganden:
        assert one.ny.samtycke.undertecknat <= one.registrerad.date()
        assert one.ny.uppgifter.startdatum <= one.registrerad.date()
    assert_no_overlap(plan)


def assert_no_overlap(plan: Plan) -> None:
    periods: dict[tuple[str, str], list[tuple[dt.date, dt.date]]] = {}
    for one in plan.deltaganden:
        end = one.ut.slutdatum if one.ut and one.ut.slutdatum else dt.date.max
        key = one.person.nummer.digits, one.insats.id
        periods.setdefault(key, []).append((one.ny.uppgifter.startdatum, end))
    for found in periods.values():
        found.sort()
        assert all(end < start for (_, end), (start, _) in zip(found, found[1:], strict=False))


@both
def test_names_are_nobodys() -> None:
    """Surnames show that they are made up; a name of a förbund is not that of a kommun."""
    assert all(
        surname.startswith(("Prov", "Exempel", "Övnings", "Påhitts", "Låtsas")) for surname in SURNAMES
    )
    assert all(" Demo" in user.namn for user in USERS)
    assert len(set(WOMEN)) == len(WOMEN) and len(set(MEN)) == len(MEN)
    assert len({spec.namn for spec in INSATSER}) == 30 and len({spec.namn for spec in FORBUND}) == 4


# --- What is made ----------------------------------------------------------------------------------------------------


@both
@pytest.mark.slow
@pytest.mark.django_db
def test_the_demo_is_what_it_promises(settings: Any) -> None:
    """One run, looked at from every side; a second one changes nothing."""
    settings.JOB_LEASE_SECONDS = 600  # the heartbeat of its import cannot see into the test's transaction
    said = run("demo_data")
    assert "4 förbund, 30 insatser, 1500 deltaganden och 3 uttag" in said
    period = Period(timezone.localdate())

    assert_world(period)
    assert_deltaganden(period)
    assert_identities_gone()
    assert_samtycken()
    assert_counts_and_money(period)
    assert_users()
    assert_uttag(period)
    assert_planned(period)
    assert_begun()
    assert_nothing_is_anybodys()
    assert_no_page_is_empty()

    before = rows_of_all()
    assert "Inget har lagts in" in run("demo_data")
    assert rows_of_all() == before


def assert_world(period: Period) -> None:
    """Four förbund, one over a länsgräns, one gone up in another; thirty insatser of every kind."""
    assert Forbund.unscoped.count() == 4
    absorbed = Forbund.unscoped.get(uppgatt_i__isnull=False)
    assert absorbed.slutdatum == dt.date(period.reported, 6, 30)
    passed = InsatsAgande.objects.filter(insats__forbund=absorbed, forbund=absorbed.uppgatt_i)
    assert passed.count() == 3 and {one.till for one in passed} == {None}
    lan = (
        ForbundKommun.objects.filter(till__isnull=True)
        .values("forbund")
        .annotate(n=Count("kommun__lan", distinct=True))
    )
    assert sorted(row["n"] for row in lan) == [1, 1, 2]
    assert not set(Forbund.unscoped.values_list("namn", flat=True)) & set(
        Kommun.objects.values_list("namn", flat=True)
    )

    assert Insats.unscoped.count() == 30
    for lista in ("preciserad_individ", "preciserad_struktur"):
        wanted = set(Kod.objects.filter(lista=lista).values_list("kod", flat=True))
        assert wanted <= set(Insats.unscoped.values_list("preciserad_inriktning", flat=True))
    assert set(Kod.objects.filter(lista="behovsgrupp").values_list("kod", flat=True)) == set(
        InsatsBehovsgrupp.objects.values_list("kod", flat=True)
    )
    assert all(one.beskrivning for one in Insats.unscoped.all())
    assert Insats.unscoped.filter(esf=True).count() >= 3
    assert set(Fraga.objects.values_list("tillfalle", flat=True)) == {"in", "ut"}


def assert_deltaganden(period: Period) -> None:
    """1,500 over the years, late, corrected, mistaken, left open, and several of one person."""
    assert Deltagande.unscoped.count() == 1500
    years = Counter(Inregistrering.unscoped.filter(nr=1).values_list("start_ar", flat=True))
    # Of the present year there is nothing in its first days.
    assert set(years) <= set(period.years) and min(years[period.first], years[period.reported]) > 300
    ended_in = Counter(Utregistrering.unscoped.filter(nr=1).values_list("slut_ar", flat=True))
    assert min(ended_in[period.first], ended_in[period.reported]) > 200

    corrections = (
        Inregistrering.unscoped.filter(nr__gt=1).count() + Utregistrering.unscoped.filter(nr__gt=1).count()
    )
    assert 45 <= corrections <= 75
    assert Deltagande.unscoped.filter(aktuell_ut__felregistrering=True).count() == 6
    ended = Deltagande.unscoped.filter(insats__slutdatum__lt=period.today, aktuell_ut__isnull=True)
    assert 3 <= ended.count() <= 2 * OPEN_IN_ENDED

    several = Identitet.unscoped.values("person").annotate(n=Count("pk")).filter(n__gt=1)
    assert several.count() > 50
    again = Identitet.unscoped.values("person", "insats").annotate(n=Count("pk")).filter(n__gt=1)
    assert again.exists()

    lags = [
        (registrerad.astimezone(STOCKHOLM).date() - start).days
        for registrerad, start in Inregistrering.unscoped.filter(nr=1, startdatum__isnull=False).values_list(
            "registrerad", "startdatum"
        )
    ]
    assert sum(lag <= 7 for lag in lags) > 600 and max(lags) > 90
    assert not Inregistrering.unscoped.filter(registrerad__gt=F("mottagen")).exists()


def assert_identities_gone() -> None:
    """Four withdrawn, one of them through the dataskyddsgranskare; two protected."""
    gone = Deltagande.unscoped.filter(avidentifierad__isnull=False)
    assert Counter(gone.values_list("avidentifierad_orsak", flat=True)) == {
        Avidentifiering.ATERKALLAT: 4,
        Avidentifiering.SKYDDAD: 2,
    }
    assert Samtycke.unscoped.filter(aterkallat__isnull=False).count() == 4
    assert Atkomst.objects.filter(handling=Handling.SOKT, roll=Roll.DATASKYDDSGRANSKARE).count() == 1


def assert_samtycken() -> None:
    """Originals received, on their way, still to be sent, and late; signed on the form that names behovsgrupp."""
    form = Samtyckesformular.objects.get(version=FORMULAR)
    assert form.namner_behovsgrupp and all(
        word in form.texter.get(slag="blankett", sprak="sv").stycken
        for word in ("frivilligt", "ta tillbaka ditt samtycke", "behovsgrupp", "sekretessen")
    )
    samtycken = Samtycke.unscoped.all()
    assert samtycken.filter(formular=form).count() == 1500
    whose = samtycken.filter(identitet__isnull=False)  # who took the paper goes with the identity
    assert 1400 < whose.count() < 1500 and not whose.filter(mottaget_av__isnull=True).exists()
    late = timezone.localdate() - dt.timedelta(days=90)
    assert samtycken.filter(original_mottaget__isnull=False).count() > 1200
    assert samtycken.filter(original_skickat__isnull=False, original_mottaget__isnull=True).exists()
    assert samtycken.filter(original_skickat__isnull=True, undertecknat__gt=late).exists()
    assert samtycken.filter(original_mottaget__isnull=True, undertecknat__lt=late).count() > 20
    assert not samtycken.filter(undertecknat__lt=form.giltig_fran).exists()


def assert_counts_and_money(period: Period) -> None:
    """Anonyma in versions, volym, and money of every kind for each year."""
    assert Anonyma.unscoped.filter(nr__gte=3).exists() and Volym.unscoped.filter(nr__gt=1).exists()
    assert set(Anonyma.unscoped.values_list("ar", flat=True)) >= {period.first, period.reported}
    assert Volym.unscoped.filter(kvinnor__isnull=True).exists()
    assert set(InsatsAr.objects.values_list("ar", flat=True)) == set(period.years)
    assert InsatsAr.objects.filter(utfall_esf__gt=0).exists()
    poster = set(Kod.objects.filter(lista__in=["finansiar", "kostnadstyp"]).values_list("kod", flat=True))
    for year in period.years:
        assert set(ForbundAr.objects.filter(ar=year).values_list("post", flat=True)) == poster


def assert_users() -> None:
    """Somebody of each role can log in and act; one cannot any longer; the table tells of them all."""
    table = run("demo_users")
    today = timezone.localdate()
    seen = set()
    for one in USERS:
        account = User.objects.get(anvandarnamn=one.anvandarnamn)
        assert account.check_password(PASSWORD)
        assert all(text in table for text in (one.namn, one.anvandarnamn, one.vad, str(one.roll.label)))
        uppdrag = list(Uppdrag.objects.filter(user=account))
        assert len(uppdrag) == max(1, len(one.omfattning))
        for each in uppdrag:
            if one.ended:
                assert not each.holds_on(today)
                with pytest.raises(AccessRefused), acting_as(account, each):
                    pass
                continue
            with acting_as(account, each) as actor:
                seen.add(actor.roll)
                assert Deltagande.objects.exists() == (one.roll == Roll.DELTAGARANSVARIG)
                if one.anvandarnamn == "elsa" and each.forbund.forbund_id == "DF02":
                    [waiting] = unstaffed()
                    assert waiting.insats.namn == "Mitt nästa steg" and waiting.antal > 0
    assert seen == set(Roll)
    assert PASSWORD in table
    others = User.objects.exclude(anvandarnamn__in=[one.anvandarnamn for one in USERS])
    assert not any(account.has_usable_password() for account in others)


def assert_planned(period: Period) -> None:
    """The next uttag stands on every start page, with something left to do for it."""
    plan = next_plan()
    assert plan is not None and plan.dag >= period.today and (plan.dag.month, plan.dag.day) == (1, 16)
    with acting_as(
        User.objects.get(anvandarnamn="anna"), Uppdrag.objects.filter(user__anvandarnamn="anna")[0]
    ):
        assert missing_for(plan).utregistreringar > 0


def assert_begun() -> None:
    """A letter that waits and one that is dealt with; a draft in the middle of a page; an import with faults."""
    assert Counter(Meddelande.objects.values_list("hanterat_av__anvandarnamn", flat=True)) == {
        None: 1,
        "hugo": 1,
    }
    row = Utkast.unscoped.get()
    assert row.steg == StartStep.name and row.nummerhash is not None
    anna = logged_in("anna")
    page = text_of(anna.get("/utkast/"))
    assert "Fortsätt: registrera in i Stegvis" in page and StartStep.title in page and "Vera" not in page
    address = f"/insatser/{row.insats_id}/registrera-in/?utkast={row.pk}"
    assert "steg 3 av 5" in text_of(anna.get(address, follow=True))

    jobb = Jobb.objects.get(slag=uploads.KIND)
    assert (jobb.tillstand, jobb.skapad_av.anvandarnamn, jobb.forsok) == (Tillstand.KLAR, "greta", 1)
    assert dict(jobb.result_ids["fel_per_fil"]) == {"insatser.csv": 2, "deltaganden.csv": 3, "volym.csv": 2}
    greta = logged_in("greta")
    found = greta.get(f"/jobb/{jobb.pk}/")
    assert "Kontrollen hittade 7 fel. Ingenting har lästs in." in text_of(found).replace("\u00a0", " ")
    findings = greta.get(reverse("registration:import_findings", args=[jobb.pk]))
    assert "Förbundet finns inte" in text_of(findings) and "Numret går inte att läsa" in text_of(findings)
    assert not uploads.folder().exists() or not list(uploads.folder().iterdir())


ALL_DONE = {"Allt är gjort"}
"""Titles of what is no empty page, but a work list that has been worked through."""
BEYOND_THE_MENU = {"anna": ["/utkast/"]}
NOWHERE = {"karin", "lars"}
"""Who has no menu yet: no uppdrag any longer, or a role whose pages come later."""


def assert_no_page_is_empty() -> None:
    """Nobody meets one, wherever the menu leads; and it would be seen if what is under way were missing."""
    assert empty_pages() == []
    with transaction.atomic():
        Meddelande.objects.all().delete()
        Utkast.unscoped.all().delete()
        assert {page.partition(":")[0] for page in empty_pages()} == {
            "greta /tillganglighet/meddelanden/", "hugo /tillganglighet/meddelanden/", "anna /utkast/",
        }  # fmt: skip
        transaction.set_rollback(True)


def empty_pages() -> list[str]:
    """user, address: what is said there instead of something; of all that each demo user has in the menu."""
    found, without_menu = [], set()
    for one in USERS:
        for client in everywhere(one.anvandarnamn):
            addresses = menu(client)
            if not addresses:
                without_menu.add(one.anvandarnamn)
            for address in [*addresses, *BEYOND_THE_MENU.get(one.anvandarnamn, [])]:
                answer = client.get(address, follow=True)
                assert answer.status_code == 200, (one.anvandarnamn, address)
                titles = set(re.findall(r'class="empty-title">([^<]*)', answer.content.decode())) - ALL_DONE
                found += [f"{one.anvandarnamn} {address}: {title}" for title in titles]
    assert without_menu == NOWHERE
    return found


def everywhere(anvandarnamn: str) -> Iterator[Client]:
    """A browser in each of the places where the user can choose to work; one where there is nothing to choose."""
    client = logged_in(anvandarnamn)
    choices = re.findall(r'name="uppdrag" value="([^"]+)"', client.get("/uppdrag/").content.decode())
    for choice in choices:
        client.post("/uppdrag/", {"uppdrag": choice})
        yield client
    if not choices:
        yield client


def menu(client: Client) -> list[str]:
    """Where the menu leads."""
    page = client.get("/", follow=True).content.decode()
    found = re.search(r'<nav class="nav".*?</nav>', page, re.S)
    return re.findall(r'href="([^"]+)"', found[0]) if found else []


def logged_in(anvandarnamn: str) -> Client:
    client = Client()
    client.post("/logga-in/", {"username": anvandarnamn, "password": PASSWORD})
    return client


def assert_uttag(period: Period) -> None:
    """The first year is fastställt; of the reported one there are two, which differ; no table is empty."""
    first = Uttag.objects.get(ar=period.first)
    assert first.faststalld is not None
    early, late = Uttag.objects.filter(ar=period.reported).order_by("as_of")
    assert [one.as_of.astimezone(STOCKHOLM).date() for one in (early, late)] == [
        dt.date(period.reported + 1, 1, 16),
        dt.date(period.reported + 1, 2, 26),
    ]
    assert early.content_hash != late.content_hash
    assert (early.faststalld, late.faststalld) == (None, None)
    assert early.noteringar["before_source"] == late.noteringar["before_source"] == "faststalld"
    # Nothing came in after an uttag that said it was complete; what went is told.
    assert (early.noteringar["arrived_late"], late.noteringar["arrived_late"]) == (0, 0)
    assert late.noteringar["erased_since"] == 6

    jobs = Jobb.objects.filter(skapad_av__anvandarnamn="greta", slag=UTTAG, tillstand=Tillstand.KLAR)
    assert {one.result_ids["uttag"] for one in jobs} == {str(one.pk) for one in (first, early, late)}

    tables = {result.table.id: result for result in verify_uttag(late)}
    earlier = {result.table.id: result for result in verify_uttag(early)}
    for result in tables.values():
        assert any(row["varde"] for row in result.rows), result.table.id
    for name in ("deltagare", "avslut"):
        assert values(tables[name]) != values(earlier[name])

    share = dict(
        values(tables["resultat_sysselsattning"], "efter_andel", sysselsattning="arbete_eller_studier")
    )
    assert 29 <= share["totalt"] <= 36 and share["K"] < share["totalt"] < share["M"]
    deltagare: dict[Any, Any] = {
        row["registreringssatt"]: row["varde"]
        for row in tables["deltagare"].rows
        if row["matt"] == "antal" and row["kon"] == "totalt" and row.get("ar") is None
    }
    assert 0.33 <= deltagare["anonyma"] / deltagare["totalt"] <= 0.47
    assert deltagare["avidentifierade"] == 6
    avslutade = dict(values(tables["resultat_sysselsattning"], "efter_antal", sysselsattning="avslutade"))
    assert 0.38 <= avslutade["totalt"] / deltagare["personuppgifter"] <= 0.55


def values(result: TableResult, matt: str = "antal", **dimensions: str) -> list[tuple[Any, Any]]:
    """(kön, value) of the year's cells."""
    return [
        (row.get("kon"), row["varde"])
        for row in result.rows
        if row["matt"] == matt
        and row.get("ar") is None
        and all(row.get(name) == one for name, one in dimensions.items())
    ]


def assert_nothing_is_anybodys() -> None:
    """Every number is on the list of test numbers, every surname is made up."""
    listed = listed_numbers()
    persons = Person.unscoped.all()
    assert persons.count() > 1200
    for person in persons:
        assert open_text(person, "nummer_krypterat") in listed
    [draft] = Utkast.unscoped.all()
    with acting_as(draft.user, Uppdrag.objects.get(user=draft.user, insats=draft.insats_id)):
        named = find_draft(draft.pk).steps[IdentityStep.name]
    assert named["personnummer"][0] in listed and named["efternamn"][0] in SURNAMES
    for identitet in Identitet.unscoped.select_related("person")[:200]:
        assert decrypt(identitet).efternamn in SURNAMES


# --- Where it is refused ---------------------------------------------------------------------------------------------


@both
@pytest.mark.django_db
def test_refused_outside_demo_mode(settings: Any) -> None:
    settings.FINSAM_MODE = "production"
    with pytest.raises(CommandError, match="bara in i demoläget"):
        call_command("demo_data")
    assert not Forbund.unscoped.exists()
    assert PASSWORD not in run("demo_users")


@both
@pytest.mark.django_db
@pytest.mark.parametrize("what", ["forbund", "user"])
def test_nothing_is_added_to_what_is_there(what: str) -> None:
    """A förbund or an account of one's own is enough."""
    getattr(factories, what)()
    before = rows_of_all()
    assert "Inget har lagts in" in run("demo_data")
    assert rows_of_all() == before
    assert "inga demoanvändare" in run("demo_users")
