"""Every page of the URLconf in a browser, in each state that it has: normal, with errors, empty.

On each: axe finds nothing against WCAG 2.2 AA (in `make audit` pa11y neither), the console and the CSP are silent,
nothing scrolls sideways but tables in their frames, at both widths; and in the dark all has contrast. A url without a
row here fails. With FINSAM_TEST_SHOTS each is a picture too. States on the way through a flow (each step of registering
in, a job at work) are in the other files of this folder.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from playwright.sync_api import Page
from psycopg.errors import LockNotAvailable

from finsam_site.access import throttle
from finsam_site.access.roles import Roll
from registration.models import Samtyckesformular, Uppdrag
from tests import factories
from tests.browser.conftest import Look
from tests.matrix import table, world
from tests.matrix.addresses import every_address

pytestmark = pytest.mark.slow

Act = Callable[[Page], None]


def press(page: Page) -> None:
    """Send the page's form as it stands."""
    with page.expect_navigation():
        page.locator("main .actions button[type=submit]").first.click()


def fill_and_press(**fields: str) -> Act:
    """Write into fields by their names, then send."""

    def act(page: Page) -> None:
        for name, value in fields.items():
            page.fill(f"#id_{name}", value)
        press(page)

    return act


POST = """([address, said]) => {
  const form = document.createElement("form");
  const token = document.getElementsByName("csrfmiddlewaretoken")[0].value;
  form.method = "post";
  form.action = address;
  for (const [name, value] of Object.entries({ csrfmiddlewaretoken: token, ...said })) {
    const field = form.appendChild(document.createElement("input"));
    field.type = "hidden";
    field.name = name;
    field.value = value;
  }
  document.body.append(form);
  form.submit();
}"""
"""Sends what no page of ours sends, with the page's token unless something else is said."""


@dataclass(frozen=True)
class Row:
    """A page. who: of the matrix' cast. error: what to do there to be told of a fault. empty: whether it can have
    nothing to show, in a product where nobody has done anything yet.
    """

    who: str
    error: Act | None = None
    empty: bool = False


PAGES = {
    "start": Row("D", empty=True),
    "accessibility:statement": Row("-"),
    "accessibility:letter": Row("-", error=press),
    "accessibility:thanks": Row("-"),
    "accessibility:letters": Row("N", empty=True),
    "guide:contents": Row("D"),
    "guide:whole": Row("u"),
    "guide:chapter": Row("D"),
    "access:log_in": Row("-", error=press),
    "access:uppdrag": Row("D"),
    "access:settings": Row("D"),
    "ui:components": Row("-", error=lambda page: page.locator("text=Formulär med fel").click()),
    "jobs:jobs": Row("N", empty=True),
    "jobs:job": Row("N"),
    "registration:insatser": Row("D", empty=True),
    "registration:insats": Row("D", empty=True),
    "registration:forbund": Row("F", empty=True),
    "registration:deltaganden": Row("D", empty=True),
    "registration:deltagare": Row("D"),
    "registration:find": Row("D", error=press),
    "registration:register": Row("D"),
    "registration:register_in": Row("D", error=press),
    "registration:register_in_without_identity": Row("D"),
    "registration:deltagande": Row("D"),
    "registration:register_out": Row("D", error=press),
    "registration:register_out_several": Row("D", error=press, empty=True),
    "registration:register_out_answers": Row("D"),
    "registration:register_out_confirm": Row("D"),
    "registration:register_out_one_of_several": Row("D", error=press),
    "registration:draft": Row("D"),
    "registration:drafts": Row("D", empty=True),
    "registration:correct_in": Row("D", error=press),
    "registration:correct_out": Row("D", error=press),
    "registration:correct_samtycke": Row("D", error=press),
    "registration:correct_names": Row("D", error=fill_and_press(fornamn="")),
    "registration:change_number": Row("D", error=press),
    "registration:wrong_insats": Row("D"),
    "registration:withdraw": Row("D"),
    "registration:protect": Row("D"),
    "registration:anonyma": Row("D", empty=True),
    "registration:anonyma_set": Row("D", error=fill_and_press(kvinnor="några", man="")),
    "registration:volymer": Row("I", empty=True),
    "registration:volym": Row("I", empty=True),
    "registration:volym_set": Row("I", error=fill_and_press(antal="10", kvinnor="8", man="5")),
    "registration:uppdragen": Row("F", empty=True),
    "registration:uppdrag_new": Row("F", empty=True),
    "registration:insats_uppdrag": Row("F", empty=True),
    "registration:uppdrag_give": Row("F", error=press),
    "registration:uppdrag_give_forbund": Row("F", error=press),
    "registration:uppdrag_end": Row("F", error=press),
    "registration:planned": Row("N", empty=True),
    "registration:planned_new": Row("N", error=press),
    "registration:planned_change": Row("N", error=fill_and_press(dag="1999-01-16")),
    "registration:samtycke_blank": Row("D", error=fill_and_press(antal="0"), empty=True),
    "registration:samtycke_blanketter": Row("D"),
    "registration:samtycke_print": Row("D"),
    "registration:samtycke_scan": Row("D", error=press),
    "registration:samtycken": Row("D", empty=True),
    "registration:samtycken_sent_codes": Row("D", error=press),
    "registration:samtycken_received": Row("S", error=press),
    "registration:person_find": Row("G", error=press),
    "registration:person": Row("G"),
    "registration:person_looks": Row("G"),
    "registration:person_withdraw": Row("G", error=press),
    "registration:person_protect": Row("G"),
    "registration:person_names": Row("G", error=fill_and_press(fornamn="", efternamn=" ")),
    "registration:person_number": Row("G", error=fill_and_press(personnummer="19")),
    "registration:person_correct_in": Row("G", error=press),
    "registration:person_correct_out": Row("G", error=press),
    "registration:person_samtycke": Row("G", error=press),
    "registration:kvitto": Row("D"),
    "registration:register_import": Row("N", error=press),
    "registration:import_findings": Row("N"),
    "reporting:uttag_list": Row("N", empty=True),
    "reporting:uttag_new": Row("N", error=fill_and_press(ar="1999")),
    "reporting:uttag_settle": Row("N"),
    "reporting:definitions": Row("R"),
    "reporting:report": Row("R"),
    "reporting:table": Row("R"),
}

STARTS = "DIFRNBSGA"
"""Whose start pages differ."""

NO_PAGES = {
    "accessibility:letter_handled": "only POST; leads to the messages",
    "access:log_out": "only POST; leads to log-in",
    "access:session": "answers the script of every page",
    "ui:progress": "a part of the component page",
    "jobs:progress": "a part of the job's page",
    "jobs:cancel": "only POST; leads to the job",
    "registration:deltagande_number": "only POST; the deltagande's page with the number (test_registering)",
    "registration:planned_remove": "only POST; leads to the planned uttag",
    "registration:anonyma_add": "only POST; leads to the anonyma, or is test_import's conflict",
    "registration:samtycke_scan_file": "a file",
    "registration:samtycke_scan_remove": "only POST; leads to the page of the scan",
    "registration:samtycken_sent": "only POST; leads to the samtycken",
    "registration:samtycken_sent_undo": "of one samtycke, which the address names (test_samtycke)",
    "registration:samtycken_received_undo": "of one samtycke, which the address names (test_samtycke)",
    "registration:import_findings_csv": "a file",
    "reporting:workbook": "a file",
    "reporting:csv": "a file",
    "reporting:json": "a file",
}

KINDS = {row.name: row.kind for row in table.rows()}


def test_every_url_has_a_row() -> None:
    assert PAGES.keys() | NO_PAGES.keys() == every_address().keys()
    assert not PAGES.keys() & NO_PAGES.keys()


@pytest.mark.django_db
def test_what_is_no_page_is_none() -> None:
    made = world.build()
    for name in NO_PAGES:
        who = next(row.cells for row in table.rows() if row.name == name)
        reader = next((one for one in who if "2" in who[one].values()), "D")
        answer = made.client(reader).get(address(made, name, reader))
        whole = answer.headers.get("Content-Type", "").startswith("text/html") and b"<html" in answer.content
        assert answer.status_code in (403, 405) or not whole, name


def address(made: world.World, name: str, who: str) -> str:
    """The page's address for what is that user's own."""
    kind = KINDS[name]
    target = {"job": "own", "import": "own"}.get(kind, table.KINDS[kind].split()[0])
    return made.url(name, kind, target, who)


def come_in(look: Look, client: Client) -> None:
    """Be who that client is: its session in the browser."""
    look.page.context.clear_cookies()
    cookies = client.cookies
    if settings.SESSION_COOKIE_NAME in cookies:
        value = cookies[settings.SESSION_COOKIE_NAME].value
        look.page.context.add_cookies([
            {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": look.server}
        ])  # fmt: skip


@pytest.fixture
def full(live_server: Any) -> world.World:
    """Something of everything."""
    return world.build(size=2)


@pytest.fixture
def bare(live_server: Any) -> world.World:
    """People and insatser, and nothing done yet."""
    made = world.World()
    with factories.as_system():
        factories.formular()
        kust = factories.forbund(namn="Samordningsförbundet Ångermanlandskustens inland", kommuner=())
        made.forbund = {"own": kust}
        made.insats = {"own": factories.insats(namn="Arbetslivsinriktad förrehabilitering", forbund=kust)}
        made.volym = {"own": factories.volyminsats(namn="Kunskapsutvecklingsdagarna", forbund=kust)}
        for who in "DFIN":
            made.users[who] = factories.user(world.ROLES[who], namn=f"Prov {world.ROLES[who].label}")
        factories.uppdrag(made.users["D"], Roll.DELTAGARANSVARIG, insats=made.insats["own"])
        factories.uppdrag(made.users["F"], Roll.FORBUNDSADMINISTRATOR, forbund=kust)
        factories.uppdrag(made.users["I"], Roll.INSATSANSVARIG, forbund=kust)
        factories.uppdrag(made.users["N"], Roll.NATIONELL_ADMINISTRATOR)
    return made


def test_normal_and_with_errors(look: Look, full: world.World) -> None:
    for name, row in PAGES.items():
        come_in(look, full.client(row.who))
        look.go(address(full, name, row.who))
        assert look.page.url == look.server + address(full, name, row.who)
        assert look.page.locator("h1").count() == 1, name
        look.check(f"alla-{name}")
        if row.error:
            row.error(look.page)
            assert look.page.locator(".error-summary").count(), name
            look.check(f"alla-{name}-fel")
    for who in STARTS:
        come_in(look, full.client(who))
        look.go("/")
        look.check(f"alla-start-{who}")


def test_empty(look: Look, bare: world.World) -> None:
    for name, row in PAGES.items():
        if row.empty:
            come_in(look, bare.client(row.who))
            look.go(address(bare, name, row.who))
            assert look.page.url == look.server + address(bare, name, row.who)
            look.check(f"alla-{name}-tom")


def test_empty_start_pages(look: Look, bare: world.World) -> None:
    """What each is told who has nothing to do yet; that of the deltagaransvariga is among the pages."""
    bare.users["S"] = factories.user(Roll.SAMTYCKESMOTTAGARE, national=True, namn="Prov Samtyckesmottagare")
    for who, says in (
        ("F", "Allt är gjort"),
        ("N", "Inget uttag är planerat"),
        ("S", "Alla samtycken som är registrerade har kommit."),
        ("I", "Hej"),
    ):
        come_in(look, bare.client(who))
        look.go("/")
        assert says in look.page.locator("main").inner_text()
        look.check(f"alla-start-{who}-tom")


def test_nothing_to_register(look: Look, bare: world.World) -> None:
    """Nobody registered in several insatser, no samtycke to sign, and nobody to register where the user works."""
    with factories.as_system():
        factories.uppdrag(
            bare.users["D"], Roll.DELTAGARANSVARIG, insats=factories.insats(forbund=bare.forbund["own"])
        )
    come_in(look, bare.client("D"))
    for path, heading, says, state in (
        ("/samtycke/", "Inget samtycke att skriva ut", "Det finns ingen text", "samtycke_blank"),
        ("/registrera-in/", "Det finns inget samtycke att skriva under", "Ingen person kan", "register_in"),
    ):
        if state == "register_in":
            Samtyckesformular.objects.all().delete()
        look.go(f"/insatser/{bare.insats['own'].pk}{path}")
        assert look.page.locator("h1").inner_text() == heading
        assert says in look.page.locator("main").inner_text()
        look.check(f"alla-registration:{state}-tom")
    look.go("/deltagare/")
    assert "Inga deltaganden ännu" in look.page.locator("main").inner_text()
    look.check("alla-registration:deltagare-tom")
    with factories.as_system():
        Uppdrag.objects.filter(user=bare.users["D"]).update(insats=bare.volym["own"])
    come_in(look, bare.client("D"))
    for path, state in (("/deltagare/", "deltagare"), ("/registrera-in/", "register")):
        look.go(path)
        assert "Inga insatser med deltagare" in look.page.locator("main").inner_text()
        look.check(f"alla-registration:{state}-inga-insatser")


def test_what_goes_wrong(look: Look, full: world.World) -> None:
    for who, path, status, heading in (
        ("D", "/finns-inte/", 404, "Sidan finns inte"),
        ("D", f"/uttag/{uuid.uuid4()}/", 403, "Du kan inte göra det här"),
        ("u", "/uppdrag/", 200, "Du har inget uppdrag"),
    ):
        come_in(look, full.client(who))
        look.go(path)
        look.expect(status)
        assert look.page.locator("h1").inner_text() == heading
        look.check(f"alla-svar-{status}")


def test_lists_and_searches(look: Look, full: world.World) -> None:
    """With hits and without, narrowed to nothing, with a filter that is wrong, and as each role sees a list."""
    search, people = "/sok/", f"/insatser/{full.insats['own'].pk}/deltaganden/"
    come_in(look, full.client("D"))
    for text, shows, state in (
        ("Förnamn0", "#traffar, table", "traffar"),
        ("Finns Inte", ".empty", "inga-traffar"),
    ):
        look.go(search)
        look.page.fill("#id_sok", text)
        press(look.page)
        assert look.page.locator("main").locator(shows).count(), state
        look.check(f"alla-sok-{state}")
    look.go(f"{people}?fran=2090-01-01")
    assert look.page.locator("main .empty").count()
    look.check("alla-deltaganden-inga-sadana")
    look.go(f"{people}?fran=2024-03-01&till=2024-02-01")
    assert look.page.locator(".error-summary").count()
    look.check("alla-deltaganden-fel-filter")
    look.go("/deltagare/?lage=slut&slut=2024-12-31&fran=2024-03-01&till=2024-02-01")
    assert look.page.get_by_label("Insatsens läge").input_value() == "slut"
    look.check("alla-deltagare-fel-filter")
    look.go("/deltagare/?status=pagar&lage=pagar&till=2090-01-01")
    assert "insatsen pågår" in look.page.locator(".filters-chosen").inner_text()
    look.check("alla-deltagare-filter")
    come_in(look, full.client("S"))
    look.go("/samtycken/?status=alla")
    assert look.page.locator("main table tbody tr").count()
    look.check("alla-samtycken-mottagare")


def _locked(*_: Any, **__: Any) -> None:
    """What PostgreSQL says when somebody else had a lock for too long."""
    raise OperationalError from LockNotAvailable()


def test_refused(look: Look, full: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is answered to a request that is not as it should be, and to one that fails."""
    come_in(look, full.client("D"))
    for status, heading, said in (
        (400, "Det gick inte att läsa", {"samtycke": "inget-id"}),
        (403, "Sidan hade gått ut", {"csrfmiddlewaretoken": "gammal"}),
        (409, "Du har bytt förbund eller roll", {"_uppdrag": "ett-annat"}),
    ):
        look.go("/samtycken/")
        with look.page.expect_navigation():
            look.page.evaluate(POST, ["/samtycken/skickade/", said])
        look.expect(status)
        assert look.page.locator("h1").inner_text() == heading
        look.check(f"alla-svar-{status}-post")
    for status, heading, wrong in ((500, "Något gick fel", None), (503, "Försök igen om en stund", _locked)):
        with monkeypatch.context() as broken:
            broken.setattr("registration.views.samtycken._filtered", wrong)
            look.go("/samtycken/")
        look.expect(status)
        assert look.page.locator("h1").inner_text() == heading
        look.check(f"alla-svar-{status}")


def test_too_many_tries(look: Look, full: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MOST_FOR_NAME", 1)
    for _ in range(2):
        look.log_in(full.users["D"], f"fel-{look.width}")
    look.expect(429)
    assert look.page.locator(".error-summary").count()
    look.check("alla-svar-429")


def test_dark(look_dark: Look, full: world.World) -> None:
    """The same tokens in the dark: everything can still be read."""
    for name, row in PAGES.items():
        come_in(look_dark, full.client(row.who))
        look_dark.go(address(full, name, row.who))
        look_dark.shot(f"mork-{name}")
        look_dark.axe("color-contrast")
        look_dark.pa11y()
