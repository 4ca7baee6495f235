"""A page of the material as HTML: Markdown without raw HTML, an anchor at each section.

The corpus is data. Its own tags stay text, links lead to other pages or openly away, and nothing
is loaded from anywhere. The one tag that is understood is <details> with a <summary> on the same
line, the form of a self-check: it becomes a field to try in, and the answer stays hidden until
something stands there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from mentor.material import headings_of
from mentor.records import Page, spoken_place

Linked = Callable[[str], str | None]
"""A relative link of the page -> the address it leads to; None where that is no page."""

_OPENS = re.compile(r"<details>\s*<summary>(.*?)</summary>\s*$")
_CLOSES = "</details>"
_AWAY = ("https://", "http://", "mailto:")


def page_html(page: Page, linked: Linked) -> str:
    """The body of `page`; its title is left to whoever frames it."""
    if page.parts:
        return "".join(_parts(page))
    markdown = _reader()
    tokens = markdown.parse(page.body)
    anchors = {heading.line: heading.anchor for heading in headings_of(page)}
    tokens = _without_title(tokens, anchors)
    for token in tokens:
        if token.type == "heading_open" and token.map and anchors.get(token.map[0]):
            token.attrSet("id", anchors[token.map[0]])
        for inline in token.children or ():
            if inline.type == "link_open":
                _lead(inline, linked)
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def _parts(page: Page) -> Iterator[str]:
    """The parts of a file that is no Markdown, each under where in the file it stands."""
    for path, parts in groupby(page.parts, key=lambda part: part.path):
        if path:
            yield f"<h2>{escape(path[-1])}</h2>\n"
        for part in parts:
            where = escape(spoken_place(page.unit, [part.at]) or "")
            text = "".join(f"<p>{escape(piece)}</p>\n" for piece in part.text.split("\n\n"))
            yield f'<section id="{escape(part.anchor)}"><h3>{where}</h3>\n{text}</section>\n'


def _reader() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    markdown.block.ruler.before("paragraph", "self_check", _self_check, {"alt": ["paragraph"]})
    for rule in (check_open, check_close, fence, table_open, table_close):
        markdown.add_render_rule(rule.__name__, rule)
    return markdown


def _without_title(tokens: Sequence[Token], anchors: dict[int, str]) -> list[Token]:
    """`tokens` without the first heading that repeats the title."""
    for n, token in enumerate(tokens):
        if token.type == "heading_open" and token.map and anchors.get(token.map[0]) == "":
            return [*tokens[:n], *tokens[n + 3 :]]
    return list(tokens)


def _lead(link: Token, linked: Linked) -> None:
    """Point a link to a page of the library, or openly away, or nowhere."""
    target = str(link.attrGet("href") or "")
    if target.startswith(_AWAY):
        link.attrSet("rel", "noopener noreferrer")
        link.attrSet("target", "_blank")
    elif address := linked(target):
        link.attrSet("href", address)
    else:
        link.attrs.pop("href", None)


# --- self-checks ----------------------------------------------------------------------------


def _self_check(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A block rule of markdown-it: from the line of <details> to that of </details>."""
    opening = _OPENS.match(_line(state, start))
    if opening is None:
        return False
    last = next((n for n in range(start + 1, end) if _line(state, n) == _CLOSES), None)
    if last is None:
        return False
    if silent:
        return True
    token = state.push("check_open", "section", 1)
    token.map = [start, last]
    token.meta = {"n": state.env.setdefault("checks", 0) + 1}
    state.env["checks"] += 1
    token.content = state.md.renderInline(opening.group(1))
    before, state.lineMax = state.lineMax, last
    state.md.block.tokenize(state, start + 1, last)
    state.lineMax = before
    state.push("check_close", "section", -1)
    state.line = last + 1
    return True


def _line(state: StateBlock, n: int) -> str:
    return state.src[state.bMarks[n] + state.tShift[n] : state.eMarks[n]].strip()


def check_open(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    token = tokens[at]
    field = f"try-{token.meta['n']}"
    return (
        f'<section class="check"><label for="{field}">{token.content}</label>\n'
        f'<textarea id="{field}" rows="2" placeholder="Your answer, in a few words"></textarea>\n'
        '<p class="first">Try it first: the answer can be opened when something stands here.</p>\n'
        "<details><summary>Compare with the answer</summary>\n"
    )


def check_close(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any
) -> str:
    return "</details></section>\n"


# --- listings and tables --------------------------------------------------------------------


def fence(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    """A listing says its language, what it prints says so; both can be scrolled by keyboard."""
    words = tokens[at].info.split()
    name = "Output" if "output" in words else (words[0] if words else "text")
    kind = "output" if name == "Output" else "listing"
    return (
        f'<figure class="{kind}"><figcaption>{escape(name)}</figcaption>'
        f'<pre tabindex="0" aria-label="{escape(name)}"><code>{escape(tokens[at].content)}'
        "</code></pre></figure>\n"
    )


def table_open(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    return '<div class="wide" tabindex="0" role="group" aria-label="Table"><table>\n'


def table_close(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any
) -> str:
    return "</table></div>\n"
