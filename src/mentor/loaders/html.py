"""HTML and DOCX, by way of Markdown: their headings are sections, as those of Markdown are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mentor.errors import MaterialError
from mentor.loaders.markdown import escaped, first_heading
from mentor.loaders.page import (
    foreign_errors,
    page_id,
    refuse_bomb,
    refuse_other_kind,
    title_from,
)
from mentor.loaders.text import direction_note, without_direction_marks
from mentor.records import Page

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_NO_CONTENT = (
    *("script", "style", "noscript", "template", "nav", "aside", "form", "button", "svg"),
    *("iframe", "object", "head"),
)
_AROUND = ("header", "footer")
_PARTS = ("article", "section")
_DOCX_STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => p:fresh"


def load_html(path: Path, shown: str) -> list[Page]:
    refuse_other_kind(path, shown, starts=b"")
    raw = path.read_bytes()
    if b"\0" in raw and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise MaterialError(f"{shown} is binary, not HTML.", cure="Save it as HTML.")
    with foreign_errors(shown, "HTML page"):
        from bs4 import BeautifulSoup

        soup = BeautifulSoup(raw, "lxml")
        notes: tuple[str, ...] = ()
        if soup.contains_replacement_characters:
            notes = ("some letters could not be read; save it in UTF-8",)
        title = soup.title.get_text(" ", strip=True) if soup.title else ""
        canonical = soup.select_one('link[rel~="canonical"][href^="http"]')
        url = str(canonical["href"]) if canonical else None
        return [_page(_content(soup), shown, title=title, url=url, notes=notes)]


def load_docx(path: Path, shown: str) -> list[Page]:
    refuse_other_kind(path, shown, starts=b"PK\x03\x04")
    with foreign_errors(shown, "DOCX"), path.open("rb") as file:
        import mammoth
        from bs4 import BeautifulSoup

        refuse_bomb(path, shown)
        html = mammoth.convert_to_html(
            file, style_map=_DOCX_STYLES, convert_image=lambda _: [], ignore_empty_paragraphs=True
        ).value
        return [_page(BeautifulSoup(html, "lxml"), shown)]


def _page(
    content: Tag | BeautifulSoup,
    shown: str,
    *,
    title: str = "",
    url: str | None = None,
    notes: tuple[str, ...] = (),
) -> Page:
    body = without_direction_marks(_markdown(content))
    if not any(map(str.isalpha, body)):
        raise MaterialError(
            f"{shown} holds no text.", cure="Save it with its text, not as a shell or a picture."
        )
    return Page(
        id=page_id(shown),
        title=first_heading(body) or title or title_from(shown),
        body=body,
        file=shown,
        url=url,
        notes=(*notes, *direction_note(body)),
    )


def _content(soup: BeautifulSoup) -> Tag | BeautifulSoup:
    """What a reader came for, without menus, forms and scripts."""
    main = soup.select_one("main, [role=main]")
    if main is None and len(articles := soup.select("article")) == 1:
        main = articles[0]
    content: Tag | BeautifulSoup = main or soup.body or soup
    for around in () if main else content.find_all(_AROUND):
        if not around.find_parent(_PARTS):  # whose heading it may hold
            around.decompose()
    for idle in content.find_all(_NO_CONTENT):
        idle.decompose()
    return content


def _markdown(content: Tag | BeautifulSoup) -> str:
    from markdownify import MarkdownConverter

    for heading in content.find_all(["h1", "h2", "h3", "h4", "h5", "h6"]):
        anchor = heading.get("id") or ""
        words = " ".join(heading.get_text().replace("¶", " ").split())
        heading.string = f"{words} {{#{anchor}}}" if anchor else words

    class Converter(MarkdownConverter):
        def escape(self, text: str, parent_tags: set[str]) -> str:
            return escaped(text)

    converter = Converter(
        heading_style="ATX", bullets="-", strip=["a", "img", "b", "strong", "i", "em"]
    )
    return str(converter.convert_soup(content)).strip()
