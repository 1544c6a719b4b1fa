"""The user guide cannot rot in silence: its chapters, links, pictures and the names of buttons that it quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from finsam_site.access.roles import Roll
from finsam_site.guide import chapters, render
from finsam_site.guide.help import HELP, link_to
from registration.rules.samtycke import WORDS
from tests import factories
from tests.browser.test_every_page import PAGES
from tests.guide.labels import is_shown
from tests.matrix.addresses import every_address
from tests.matrix.table import rows

PASSWORD = "prov-losenord-7"
MOST_BYTES, MOST_TOGETHER = 150_000, 2_500_000
SHORTEST_ALT = 30
"""A picture of a page says what stands on it, not that it is a picture."""

NO_HELP = {
    "access:log_in": "nobody is logged in, and the guide is for those who are",
    "access:uppdrag": "says itself what it is for, and is left at once",
    "accessibility:letter": "for everybody, also who is not logged in",
    "registration:register_import": "the guide tells of the daily flows",
    "reporting:uttag_new": "the guide tells of the daily flows",
    "reporting:uttag_settle": "the guide tells of the daily flows",
    "ui:components": "a page of examples",
}
"""Pages with a form that have no section of the guide."""


class Seen(HTMLParser):
    """The ids, links and pictures of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.pictures: list[dict[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a":
            self.links.append(found["href"])
        if tag == "img":
            self.pictures.append(found)


def inline(slug: str) -> Iterator[render.Token]:
    """The inline tokens of a chapter: text, strong, links, pictures."""
    for token in render._tokens(slug):
        yield from token.children or []


def bold(slug: str) -> Iterator[str]:
    """What a chapter has in bold: the names of what stands on the pages."""
    text = None
    for token in inline(slug):
        if token.type == "strong_open":
            text = ""
        elif token.type == "strong_close":
            assert text is not None
            yield text
            text = None
        elif text is not None:
            text += token.content


@pytest.fixture
def client() -> Client:
    """Somebody with an uppdrag, logged in."""
    with factories.as_system():
        user = factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=factories.forbund(), password=PASSWORD)
    one = Client()
    one.post("/logga-in/", {"username": user.anvandarnamn, "password": PASSWORD})
    return one


def test_every_file_is_a_chapter_and_every_chapter_a_file() -> None:
    assert sorted(chapters.CHAPTERS) == sorted(path.stem for path in chapters.FOLDER.glob("*.md"))
    assert set(chapters.FIRST.values()) <= set(chapters.CHAPTERS)


@pytest.mark.parametrize("slug", chapters.CHAPTERS)
def test_links_and_headings(slug: str) -> None:
    """Rendering refuses what leads nowhere; the ids of a page are different; a title and a lead are there."""
    for whole in (False, True):
        one = render.chapter(slug, whole=whole)
        ids = Seen(one.body).ids
        assert one.title and one.lead.endswith(".") and len(set(ids)) == len(ids)
        assert "<script" not in one.body and "style=" not in one.body


@pytest.mark.parametrize("slug", chapters.CHAPTERS)
def test_names_in_bold_stand_in_the_product(slug: str) -> None:
    gone = [one for one in bold(slug) if not is_shown(one)]
    assert not gone, f"docs/anvandarguide/{slug}.md quotes what no page says: {gone}"


def test_each_status_of_a_samtycke_is_told_of() -> None:
    """Their list is whole, with the words of the pages."""
    listed = re.findall(r"^\| \*\*(.+?)\*\* \|", chapters.text_of("originalet"), flags=re.MULTILINE)
    assert sorted(listed) == sorted(WORDS.values())


def test_what_no_page_says_is_found() -> None:
    assert is_shown("Registrera deltagaren") and is_shown("Skicka 3 samtycken i original")
    assert not is_shown("Registrera deltagarna") and not is_shown("Skicka 3 samtycken")


@pytest.mark.parametrize("slug", chapters.CHAPTERS)
def test_pictures_have_words(slug: str) -> None:
    for one in Seen(render.chapter(slug).body).pictures:
        assert len(one["alt"]) >= SHORTEST_ALT and one["alt"].endswith("."), one
        assert int(one["width"]) and int(one["height"])


def test_every_picture_is_used_and_small() -> None:
    used = {
        Path(one["src"]).name
        for slug in chapters.CHAPTERS
        for one in Seen(render.chapter(slug).body).pictures
    }
    found = {path.name: path.stat().st_size for path in chapters.PICTURES.iterdir()}
    assert used == set(found)
    assert max(found.values()) < MOST_BYTES and sum(found.values()) < MOST_TOGETHER


@pytest.mark.django_db
def test_every_chapter_is_reached_and_every_link_leads_somewhere(client: Client) -> None:
    queue, pages = ["/hjalp/"], dict[str, Seen]()
    while queue:
        path = queue.pop()
        answer = client.get(path)
        assert answer.status_code == 200, path
        pages[path] = Seen(answer.content.decode())
        links = {one.partition("#")[0] for one in pages[path].links if one.startswith("/hjalp/")}
        queue += sorted(links - pages.keys() - set(queue))
    assert {render.chapter_url(slug) for slug in chapters.CHAPTERS} | {"/hjalp/hela/"} < pages.keys()
    for path, page in pages.items():
        for link in page.links:
            to, _, heading = link.partition("#")
            if heading:
                assert heading in pages[to or path].ids, f"{link} on {path}"
    for one in pages["/hjalp/hela/"].pictures:
        answer = client.get(one["src"])
        assert answer.status_code == 200 and answer["Content-Type"] == "image/png"
        answer.close()


@pytest.mark.django_db
def test_the_contents_begin_with_the_chapter_of_the_role(client: Client) -> None:
    page = client.get("/hjalp/").content.decode()
    assert "Du arbetar som förbundsadministratör" in page
    assert client.get("/hjalp/finns-inte/").status_code == 404
    assert Client().get("/hjalp/").status_code == 302


def test_every_form_has_help() -> None:
    """A page where something is filled in leads to the section about it."""
    assert HELP.keys() <= every_address().keys() and NO_HELP.keys() <= every_address().keys()
    forms = {one.name for one in rows() if one.method == "POST" and one.name in PAGES}
    assert forms - HELP.keys() == NO_HELP.keys()
    for where in HELP.values():
        assert link_to(where).label


@pytest.mark.django_db
def test_help_stands_where_the_question_is() -> None:
    with factories.as_system():
        factories.formular()
        insats = factories.insats()
        user = factories.user(Roll.DELTAGARANSVARIG, insats=insats, password=PASSWORD)
    one = Client()
    one.post("/logga-in/", {"username": user.anvandarnamn, "password": PASSWORD})
    page = one.get(reverse("registration:register_in", args=[insats.pk])).content.decode()
    assert re.search(r'<a href="/hjalp/registrera-in/" target="_blank">Hjälp: Registrera in</a>', page)


# What is wrong in a chapter is refused


def _forget() -> None:
    render.headings.cache_clear()
    render.title_of.cache_clear()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Ingen rubrik.", "begins with its title"),
        ("# A\n\n## B", "begins with a paragraph"),
        ("# A\n\nB.\n\n[x](finns-inte.md)", "is no chapter"),
        ("# A\n\nB.\n\n[x](/uttag/)", "is no chapter"),
        ("# A\n\nB.\n\n[x](#finns-inte)", "has no section"),
        ("# A\n\nB.\n\n[x](hitta.md#finns-inte)", "has no section"),
        ("# A\n\nB.\n\n![x](bilder/finns-inte.png)", "is not in docs"),
        ("# A\n\nB.\n\nText ![x](bilder/listan.png)", "a paragraph of its own"),
        ("# A\n\nB.\n\n## C\n\n## C", "the same heading"),
    ],
)
def test_what_is_wrong_in_a_chapter_is_refused(text: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = chapters.text_of
    monkeypatch.setattr(chapters, "text_of", lambda slug: text if slug == "samtycket" else real(slug))
    _forget()
    with pytest.raises(ValueError, match=told):
        render.chapter.__wrapped__("samtycket")
    _forget()


def test_html_in_a_chapter_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chapters, "text_of", lambda slug: "# A\n\nB.\n\n<b onclick=x>C</b>\n\n<div>D</div>")
    _forget()
    body = render.chapter.__wrapped__("samtycket").body
    _forget()
    assert "&lt;b onclick=x&gt;" in body and "&lt;div&gt;" in body and "<div>" not in body


def test_names_become_ids() -> None:
    assert render.slugify("Så här går det till: 2 av 3") == "sa-har-gar-det-till-2-av-3"
