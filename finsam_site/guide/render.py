"""Markdown to the HTML of our pages: headings with ids, pictures as figures, tables in frames, links between chapters.

HTML in the Markdown is text. What is wrong in a chapter (a link that leads nowhere, a picture that is not there) raises
ValueError; the tests render every chapter, so no user meets it.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from . import chapters

STATIC_PREFIX = "anvandarguide"
"""Where the pictures are among the static files (settings.STATICFILES_DIRS)."""

_PNG = b"\x89PNG\r\n\x1a\n"
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
_renderer = RendererHTML()


@dataclass(frozen=True)
class Heading:
    """A section of a chapter. id: what a link leads to."""

    id: str
    text: str


@dataclass(frozen=True)
class Chapter:
    """A chapter, rendered. lead: its first paragraph. body: the rest."""

    slug: str
    title: str
    lead: str
    headings: Sequence[Heading]
    body: SafeString

    @property
    def url(self) -> str:
        return chapter_url(self.slug)


def chapter_url(slug: str, heading: str = "") -> str:
    """Where a chapter, or a section of it, is read."""
    return reverse("guide:chapter", args=[slug]) + (f"#{heading}" if heading else "")


@cache
def chapter(slug: str, *, whole: bool = False) -> Chapter:
    """The chapter as it stands on its own page, or as a part of the page that has all of them. KeyError: there is none.

    Read once: the files are a part of the product and do not change while it runs.
    """
    title, tokens = title_of(slug), _tokens(slug)
    if [one.type for one in tokens[3:6]] != ["paragraph_open", "inline", "paragraph_close"]:
        raise ValueError(f"{slug}: a chapter begins with a paragraph that says what it is about")
    lead, body = plain(tokens[4]), tokens[6:]
    _headings_and_frames(slug, body, whole=whole)
    for token in body:
        for child in token.children or []:
            _link(slug, child, whole=whole)
    html = _renderer.render(_figures(slug, body), _markdown.options, {})
    return Chapter(slug, title, lead, headings(slug), mark_safe(html))  # noqa: S308 - what we wrote, without HTML


@cache
def title_of(slug: str) -> str:
    """What a chapter is called."""
    tokens = _tokens(slug)
    if not tokens or (tokens[0].type, tokens[0].tag) != ("heading_open", "h1"):
        raise ValueError(f"{slug}: a chapter begins with its title (#)")
    return plain(tokens[1])


@cache
def headings(slug: str) -> Sequence[Heading]:
    """The sections of a chapter, in order. Raises ValueError when two have the same id."""
    tokens = _tokens(slug)
    found = [
        Heading(slugify(plain(after)), plain(after))
        for one, after in zip(tokens, tokens[1:], strict=False)
        if one.type == "heading_open" and one.tag == "h2"
    ]
    if len({one.id for one in found}) < len(found):
        raise ValueError(f"{slug}: two sections have the same heading")
    return tuple(found)


def plain(token: Token) -> str:
    """The text of an inline token, without its marks."""
    return "".join(one.content for one in token.children or [] if one.type in ("text", "code_inline")).strip()


def slugify(text: str) -> str:
    """ "Så här går det till" is "sa-har-gar-det-till"."""
    letters = unicodedata.normalize("NFKD", text.lower())
    return re.sub(r"[^a-z0-9]+", "-", letters.encode("ascii", "ignore").decode()).strip("-")


def size_of(path: Path) -> tuple[int, int]:
    """(width, height) of a PNG in pixels. Raises ValueError for what is none."""
    with path.open("rb") as file:
        head = file.read(24)
    if not head.startswith(_PNG) or len(head) < 24:
        raise ValueError(f"{path.name} is no PNG")
    width, height = struct.unpack(">II", head[16:])
    return width, height


def _tokens(slug: str) -> list[Token]:
    return _markdown.parse(chapters.text_of(slug))


def _id(slug: str, heading: str, *, whole: bool) -> str:
    """The id of a section: on the page with all chapters it has to differ from those of the others."""
    return f"{slug}.{heading}" if whole else heading


def _headings_and_frames(slug: str, body: list[Token], *, whole: bool) -> None:
    """Ids and levels of headings; what tables and notes need to look like ours. Changes the tokens."""
    last = slug
    for place, token in enumerate(body):
        if token.type == "heading_open":
            last = _id(slug, slugify(plain(body[place + 1])), whole=whole)
            token.attrSet("id", last)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{int(token.tag[1]) + whole}"
        elif token.type in ("blockquote_open", "blockquote_close"):
            token.tag = "div"
            token.attrSet("class", "notice")
        elif token.type == "table_open":
            token.attrSet("class", "figures-table")
            token.meta = {"heading": last}
        elif token.type == "th_open":
            token.attrSet("scope", "col")
        elif token.type == "tr_open" and body[place + 1].type == "td_open":
            _row_header(body, place + 1)


def _row_header(body: list[Token], first: int) -> None:
    """The first cell of a row names it."""
    body[first].tag = "th"
    body[first].attrSet("scope", "row")
    end = next(token for token in body[first:] if token.type == "td_close")
    end.tag = "th"


def _link(slug: str, token: Token, *, whole: bool) -> None:
    """A link between chapters ("registrera-ut.md#flera-pa-en-gang") or within one leads to our pages."""
    if token.type != "link_open":
        return
    target, _, heading = str(token.attrGet("href")).partition("#")
    to = target.removesuffix(".md") or slug
    if to not in chapters.CHAPTERS or (target and not target.endswith(".md")):
        raise ValueError(f"{slug}: {target} is no chapter of the guide")
    if heading and heading not in {one.id for one in headings(to)}:
        raise ValueError(f"{slug}: {to} has no section {heading}")
    if whole:
        token.attrSet("href", f"#{_id(to, heading, whole=True)}" if heading else f"#{to}")
    else:
        token.attrSet("href", chapter_url(to, heading) if target else f"#{heading}")


def _figures(slug: str, body: list[Token]) -> list[Token]:
    """The tokens with each picture (alone in its paragraph) as a figure, and each table in its frame."""
    made: list[Token] = []
    for token in body:
        if token.type == "table_open":
            made.append(_html(_frame(str(token.meta["heading"]))))
        if token.type == "inline" and (picture := _picture(token)):
            made.pop()  # its paragraph
            made.append(_html(_figure(slug, picture)))
        elif not (token.type == "paragraph_close" and made[-1].type == "html_block"):
            made.append(token)
        if token.type == "table_close":
            made.append(_html("</div>\n"))
    return made


def _html(text: str) -> Token:
    """Our own HTML between the rest. The parser makes none of this type: HTML in a chapter is text."""
    return Token("html_block", "", 0, content=text)


def _frame(heading: str) -> str:
    return f'<div class="table-frame" role="region" aria-labelledby="{heading}" tabindex="0">'


def _picture(token: Token) -> Token | None:
    children = token.children or []
    if any(one.type == "image" for one in children) and len(children) > 1:
        raise ValueError(f"a picture stands in a paragraph of its own: {token.content}")
    return children[0] if children and children[0].type == "image" else None


def _figure(slug: str, token: Token) -> str:
    """A picture with its size, so that nothing moves when it comes; its title is the caption."""
    folder, _, name = str(token.attrGet("src")).rpartition("/")
    path = chapters.PICTURES / name
    if folder != "bilder" or not path.is_file():
        raise ValueError(f"{slug}: the picture {name} is not in docs/anvandarguide/bilder")
    width, height = size_of(path)
    alt = _renderer.renderInlineAsText(token.children, _markdown.options, {})
    image = Token("html_inline", "img", 0)
    image.attrs = {"src": static(f"{STATIC_PREFIX}/{name}"), "width": width, "height": height, "alt": alt}
    title = token.attrGet("title")
    caption = f"<figcaption>{_markdown.renderInline(str(title))}</figcaption>" if title else ""
    return f'<figure class="guide-picture"><img{_renderer.renderAttrs(image)}>{caption}</figure>\n'
