"""The library: every page on a shelf, whole and harmless, with an address for each citation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Build
from fastapi import FastAPI
from fastapi.testclient import TestClient

from mentor.index import IndexReader
from mentor.library import Books, Library
from mentor.material import sections_of
from mentor.mentor import Mentor
from mentor.models.embed import HashingEmbeddings
from mentor.records import Citation, Page, Part, Place
from mentor.settings import shipped
from mentor_ui import render
from mentor_ui.library import address_of, mount_library
from mentor_ui.page_html import page_html
from mentor_ui.pages import STYLE, mount_style

LESSON = """\
---
id: lessons/arrays
title: Arrays
kind: lesson
stage: 1
hours: [2, 4]
---
# Arrays

An array holds numbers of one type. <script>alert(1)</script> ![pixel](https://far.example/p.png)

## The `shape` of an array

See [the stages](../stages.md#stage-2), [nothing](gone.md), [out](https://numpy.org) or
[a trap](javascript:alert(2)).

```python run
print(2 < 3)
```
```text output
True
```

| size | bytes |
|---|---|
| 2 | 16 |

## Check yourself

<details><summary>What does `x.ndim` count?</summary>

The axes, so **2** for a table.

</details>

## The shape of an array

Twice the same heading.
"""


@pytest.fixture
def corpus(roadmap_corpus: Path) -> Path:
    (roadmap_corpus / "lessons").mkdir()
    (roadmap_corpus / "lessons" / "arrays.md").write_text(LESSON, encoding="utf-8")
    return roadmap_corpus


@pytest.fixture
def browser(corpus: Path, build: Build, home: Path) -> Iterator[TestClient]:
    build()
    embedder = HashingEmbeddings()
    mentor = Mentor(reader=IndexReader(home / "index", embedder), embedder=embedder, chat=None)
    app = FastAPI()
    mount_style(app)
    mount_library(app, mentor, Library(corpus, home / "index"))
    with TestClient(app) as client:
        yield client


def test_every_page_of_the_corpus_has_its_place_on_a_shelf(browser: TestClient) -> None:
    shelves = browser.get("/library").text
    for address, title in (
        ("/library/junior", "Junior ML engineer"),
        ("/library/corpus/stages", "The stages"),
        ("/library/lessons/arrays", "Arrays"),
    ):
        assert f'<a href="{address}">{title}</a>' in shelves
        assert f"<h1>{title}</h1>" in browser.get(address).text


def test_a_search_leads_to_the_section(browser: TestClient) -> None:
    found = browser.get("/library", params={"q": "senior salary"}).text
    assert '<a href="/library/senior#salary">Senior ML engineer › Salary</a>' in found
    assert "$157,000" in found


def test_words_of_a_visitor_are_shown_as_they_stand(browser: TestClient) -> None:
    assert "<script>" not in browser.get("/library", params={"q": "<script>"}).text
    gone = browser.get("/library/<script>")
    assert gone.status_code == 404
    assert "<script>" not in gone.text and "no such page" in gone.text


def test_a_page_runs_nothing_and_loads_nothing_from_elsewhere(browser: TestClient) -> None:
    reply = browser.get("/library/lessons/arrays")
    page = reply.text
    assert "&lt;script&gt;" in page and "<script" not in page and "<img" not in page
    assert "javascript:" not in re.sub(r">[^<]*<", "><", page)
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    assert browser.get(STYLE).headers["Content-Type"].startswith("text/css")
    assert "url(" not in browser.get(STYLE).text


def test_links_lead_to_other_pages_openly_away_or_nowhere(browser: TestClient) -> None:
    page = browser.get("/library/lessons/arrays").text
    assert '<a href="/library/corpus/stages#stage-2">the stages</a>' in page
    assert "<a>nothing</a>" in page
    assert 'href="https://numpy.org" rel="noopener noreferrer" target="_blank"' in page


def test_listings_outputs_and_tables_read_as_what_they_are(browser: TestClient) -> None:
    page = browser.get("/library/lessons/arrays").text
    assert re.search(r'class="listing"><figcaption>python<.*?print\(2 &lt; 3\)', page, re.S)
    assert re.search(r'class="output"><figcaption>Output<.*?True', page, re.S)
    assert "<td>16</td>" in page


def test_a_self_check_asks_for_a_try_before_its_answer(browser: TestClient) -> None:
    page = browser.get("/library/lessons/arrays").text
    check = page[page.index('<section class="check">') : page.index("</section>")]
    assert '<label for="try-1">What does <code>x.ndim</code> count?</label>' in check
    assert check.index("<textarea") < check.index("<details>") < check.index("<strong>2</strong>")


def test_a_file_that_is_no_markdown_is_read_part_by_part_where_it_stands() -> None:
    parts = (
        Part(text="Drift is <watched>.", at=1, anchor="page=1", path=("Drift",)),
        Part(text="By whom?\n\nBy us.", at=2, anchor="page=2", path=("Drift",)),
    )
    page = Page(id="mine/a.pdf", title="A", body="", file="mine/a.pdf", unit="page", parts=parts)
    html = page_html(page, lambda _: None)
    assert "<h2>Drift</h2>" in html
    assert '<section id="page=1"><h3>page 1</h3>\n<p>Drift is &lt;watched&gt;.</p>' in html
    assert '<section id="page=2"><h3>page 2</h3>\n<p>By whom?</p>\n<p>By us.</p>' in html
    assert address_of("mine/a.pdf#page=2") == "/library/mine/a.pdf#page%3D2"


def test_a_page_that_broke_since_it_was_indexed_leaves_the_others_to_read(
    browser: TestClient, corpus: Path
) -> None:
    broken = corpus / "lessons" / "arrays.md"
    broken.write_text("---\nid: [\n---\nGone.\n", encoding="utf-8")
    assert browser.get("/library/junior").status_code == 200
    assert browser.get("/library/lessons/arrays").status_code == 404


def test_a_file_that_the_disk_will_not_read_leaves_the_others_to_read(
    browser: TestClient, corpus: Path
) -> None:
    (corpus / "scan.pdf").symlink_to("/proc/self/mem")
    assert browser.get("/library/junior").status_code == 200


def test_the_page_that_is_read_is_the_one_that_is_cited(
    corpus: Path, build: Build, home: Path
) -> None:
    build()
    later = corpus / "an earlier name.md"
    later.write_text("---\nid: lessons/arrays\n---\nAnother page.", encoding="utf-8")
    (corpus / "a b.md").write_text("The first.", encoding="utf-8")
    (corpus / "a-b.md").write_text("The second.", encoding="utf-8")
    build()
    cited = IndexReader(home / "index", HashingEmbeddings()).current().passages
    pages = Library(corpus, home / "index").books().pages
    for id_ in ("lessons/arrays", "corpus/a-b"):
        assert pages[id_].file == cited[f"{id_}~0"].file
    assert pages["lessons/arrays"].title == "Arrays"


def test_a_link_to_a_file_whose_name_has_a_blank_leads_there() -> None:
    books = Books(pages={id_: page_of(id_) for id_ in ("here", "stage 2")})
    here = books.pages["here"]
    assert books.linked(here, "stage%202.md#why") == "stage 2#why"


def test_each_section_that_can_be_cited_has_its_anchor() -> None:
    books = Library(shipped("corpus"), Path("no-index")).books()
    for page in books.pages.values():
        ids = re.findall(r'<h\d id="([^"]+)"', page_html(page, lambda _: None))
        assert len(ids) == len(set(ids))
        assert {anchor for anchor, _, _ in sections_of(page) if anchor} <= set(ids), page.id
        assert "&lt;details" not in page_html(page, lambda _: None), page.id


def test_a_citation_in_the_chat_leads_to_its_section() -> None:
    cited = Citation(
        n=1,
        passage="lessons/arrays#the-shape~1",
        heading="Arrays › The shape",
        path="lessons/arrays.md",
        url=None,
        source="editorial",
        quote="shape",
        start=4,
        end=9,
        passage_text="the shape",
    )
    panel = render.sources([cited], 1)
    assert 'href="/library/lessons/arrays#the-shape"' in panel
    assert '<mark id="source-1-1">shape</mark>' in panel
    assert address_of("glossary/a-c") == "/library/glossary/a-c"


def test_a_passage_that_is_cited_twice_is_one_card_with_two_marks() -> None:
    text = "One `axis` is long. Two are short <b>. Three."

    def cited(n: int, quote: str, passage: str = "a~0") -> Citation:
        start = text.index(quote)
        return Citation(
            n=n,
            passage=passage,
            heading="Arrays",
            path="a.md",
            url=None,
            source="editorial",
            quote=quote,
            start=start,
            end=start + len(quote),
            passage_text=text,
        )

    second = cited(2, "One `axis` is long.")
    panel = render.sources([cited(1, "Two are short <b>."), second, cited(3, "Three", "b~0")], 4)
    assert panel.count("<details") == 2 and panel.count(" open>") == 1
    assert '<b class="n">1 2</b>' in panel and '<b class="n">3</b>' in panel
    assert '<mark id="source-4-2">One <code>axis</code> is long.</mark> <mark id="source-4-1">' in (
        panel
    )
    assert "<b>." not in panel
    assert render.sources([second, second], 4).count("is long") == 1, "nor are words shown twice"


def page_of(id_: str, *, stage: int | None = None, needs: tuple[str, ...] = ()) -> Page:
    place = Place(kind="lesson", stage=stage)
    return Page(id=id_, title=id_, body="x", file=f"{id_}.md", place=place, prerequisites=needs)


def test_a_shelf_is_read_by_stage_and_after_what_a_page_rests_on() -> None:
    pages = (
        page_of("a", stage=2),
        page_of("b", stage=1, needs=("c",)),
        page_of("c", stage=1, needs=("b2",)),
        page_of("b2", stage=1, needs=("c",)),  # a circle, which the linter refuses
        page_of("d", stage=1),
    )
    books = Books(pages={page.id: page for page in pages})
    assert books.shelves["lesson"][0].id == "d"
    assert books.shelves["lesson"][-1].id == "a"
    first, last = books.shelves["lesson"][0], books.shelves["lesson"][-1]
    assert books.beside(first)[0] is None and books.beside(last)[1] is None
    assert books.beside(last)[0] == books.shelves["lesson"][-2]


def test_a_page_that_was_added_is_there_once_it_is_indexed(
    browser: TestClient, corpus: Path, build: Build
) -> None:
    assert browser.get("/library/new").status_code == 404
    (corpus / "new.md").write_text("---\nid: new\ntitle: New\n---\nA new page.\n", encoding="utf-8")
    assert browser.get("/library/new").status_code == 404
    build()
    assert "A new page." in browser.get("/library/new").text
