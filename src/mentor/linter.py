"""`mentor corpus check`: whether the corpus is whole, and every page of it fit to be searched.

    folder --loaders--> pages --page_rules--> faults of single pages
                          |---- this module: ids, links, references, circles
                          |---- coverage: roadmap entry -> page
                          |---- listings: the code that pages show, run
                          `---- bank_linter: the interview bank

Everything that is wrong is told at once, as findings: file, line or anchor, one sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mentor.bank_linter import BankReport, BankRow, bank_report, section_ids
from mentor.coverage import Row, course_faults, coverage, glossary_terms, proper_names, skill_faults
from mentor.errors import MaterialError
from mentor.listings import Listing, listings_of, run_listings, stray_outputs
from mentor.loaders.text import read_text
from mentor.material import (
    ASKED,
    Count,
    files_of,
    read_asked,
    read_pages,
    sections_of,
    slug,
)
from mentor.page_rules import (
    Fault,
    Finding,
    Grams,
    body_in_place,
    front_matter_faults,
    grams_of,
    heading_faults,
    headings_of,
    links_of,
    overlap_faults,
    section_faults,
    told,
)
from mentor.records import Page, Record
from mentor.roadmap import Roadmap, read_roadmap
from mentor.skills import SkillMap, circle_in, read_skills

ROADMAP = "roadmap/roadmap.yaml"
SKILLS = "skills.yaml"
_MARKDOWN = frozenset({".md", ".markdown"})


class CorpusReport(Record):
    """Everything that is wrong, what covers the roadmap, and how much material there is."""

    findings: tuple[Finding, ...]
    coverage: tuple[Row, ...]
    counts: dict[str, int]
    bank: tuple[BankRow, ...] = ()
    """How many interview questions there are for each topic and soft skill."""


class Document(Record):
    """A file of the corpus and its pages; `body` keeps the lines, and is empty but for Markdown."""

    path: Path
    shown: str
    body: str
    pages: tuple[Page, ...]


def check_corpus(
    folder: Path, *, run_code: bool = True, seed: Path | None = None, count: Count | None = None
) -> CorpusReport:
    """Check the corpus in `folder` against its own roadmap.

    Args:
        run_code: run the listings that are marked as runnable.
        seed: a text whose sentences must not be copied.
        count: length in the embedder's tokens; the one of the settings when not given.

    Raises:
        MaterialError: `folder` or `seed` cannot be read.
    """
    count = count or _token_counter()
    grams = grams_of(read_text(seed, str(seed))) if seed else frozenset()
    findings: list[Finding] = []
    documents = list(_documents(folder, findings))
    pages = [page for document in documents for page in document.pages]
    roadmap, skills = _roadmap(folder, findings), _skills(folder, findings)
    names = proper_names(roadmap) if roadmap else ()
    listings = {d.shown: listings_of(d.body) for d in documents}
    anchors = {d.path.resolve(): _anchors(d.body) for d in documents if d.body}
    for document in documents:
        findings += _document_findings(document, count)
        if grams:
            findings += _overlap_findings(document, grams, names)
        findings += told(document.shown, _link_faults(document, folder, anchors))
        if run_code and listings[document.shown]:
            findings += told(document.shown, run_listings(listings[document.shown]))
    findings += _id_findings(pages)
    findings += _reference_findings(pages, roadmap)
    findings += _asked_findings(folder, pages)
    if roadmap and skills:
        findings += told(SKILLS, skill_faults(skills, roadmap, pages))
    rows = coverage(roadmap, pages, skills) if roadmap else ()
    findings += [
        Finding(file=ROADMAP, at=row.id, what=f"No page covers the {row.what} {row.name!r}.")
        for row in rows
        if row.page is None
    ]
    bank = bank_report(folder, pages, roadmap) if roadmap else BankReport()
    return CorpusReport(
        findings=(*findings, *bank.findings),
        coverage=rows,
        counts=_counts(pages, listings.values()),
        bank=bank.rows,
    )


def _token_counter() -> Count:
    from mentor.models.embed import token_counter
    from mentor.settings import load_settings

    return token_counter(load_settings())


# --- reading ------------------------------------------------------------------------------


def _documents(folder: Path, findings: list[Finding]) -> Iterator[Document]:
    for path, _ in files_of(folder):
        shown = path.relative_to(folder).as_posix()
        if path.name == ASKED:
            continue
        try:
            pages = tuple(read_pages(path, shown))
            markdown = path.suffix.lower() in _MARKDOWN
            body = body_in_place(read_text(path, shown)) if markdown else ""
        except MaterialError as exc:
            findings.append(_unreadable(shown, path, exc))
            continue
        yield Document(path=path, shown=shown, body=body, pages=pages)


def _unreadable(shown: str, path: Path, error: MaterialError) -> Finding:
    what = error.what.removeprefix(str(path)).removeprefix(shown).lstrip(": ")
    return Finding(file=shown, what=what[:1].upper() + what[1:])


def _roadmap(folder: Path, findings: list[Finding]) -> Roadmap | None:
    path = folder / ROADMAP
    try:
        return read_roadmap(path)
    except MaterialError as exc:
        if not path.exists():  # otherwise its loader has told it
            findings.append(_unreadable(ROADMAP, path, exc))
        return None


def _skills(folder: Path, findings: list[Finding]) -> SkillMap | None:
    try:
        return read_skills(folder / SKILLS)
    except MaterialError as exc:
        findings.append(_unreadable(SKILLS, folder / SKILLS, exc))
        return None


def _counts(pages: list[Page], listings: Iterable[tuple[Listing, ...]]) -> dict[str, int]:
    sections = [text for page in pages for _, _, text in sections_of(page)]
    return {
        "pages": len(pages),
        "sections": len(sections),
        "words": sum(len(text.split()) for text in sections),
        "questions": sum(len(asked) for page in pages for asked in page.questions.values()),
        "listings": sum(map(len, listings)),
        "glossary terms": glossary_terms(pages),
    }


# --- rules --------------------------------------------------------------------------------


def _file(document: Document, page: Page) -> str:
    """The file as findings name it: with the page's id where the page is generated."""
    return document.shown if document.body else f"{document.shown} ({page.id})"


def _document_findings(document: Document, count: Count) -> Iterator[Finding]:
    for page in document.pages:
        file = _file(document, page)
        if document.body:
            yield from told(file, front_matter_faults(page))
            yield from told(file, heading_faults(page, document.body))
            for line in stray_outputs(document.body):
                yield Finding(file=file, at=line, what="The output stands behind no listing.")
        yield from told(file, section_faults(page, count))


def _overlap_findings(document: Document, seed: Grams, names: Sequence[str]) -> Iterator[Finding]:
    for page in document.pages:
        text = document.body or page.body
        yield from told(_file(document, page), overlap_faults(text, seed, names))


def _anchors(body: str) -> frozenset[str]:
    return frozenset(slug(text) for _, _, text in headings_of(body))


def _link_faults(
    document: Document, folder: Path, anchors: dict[Path, frozenset[str]]
) -> Iterator[Fault]:
    for line, target in links_of(document.body):
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            continue
        path = document.path.resolve()
        if parts.path:
            path = (path.parent / unquote(parts.path)).resolve()
        if not path.is_relative_to(folder.resolve()):
            yield line, f"The link {target!r} leads out of the corpus."
        elif not path.exists():
            yield line, f"The link {target!r} leads to no file."
        elif parts.fragment and unquote(parts.fragment) not in anchors.get(path, ()):
            yield line, f"The link {target!r} leads to no heading."


def _id_findings(pages: list[Page]) -> Iterator[Finding]:
    files: dict[str, str] = {}
    for page in pages:
        if page.id in files:
            what = f"The id {page.id!r} is also that of {files[page.id]}."
            yield Finding(file=page.file, at=1, what=what)
        files.setdefault(page.id, page.file)


def _reference_findings(pages: list[Page], roadmap: Roadmap | None) -> Iterator[Finding]:
    ids = {page.id for page in pages}
    known = {"prerequisites": ids}
    if roadmap:
        known |= {"topics": set(roadmap.topics), "skills": set(roadmap.skills)}
    for page in pages:
        for key, there in known.items():
            for id_ in getattr(page, key):
                if id_ not in there:
                    yield Finding(file=page.file, at=1, what=f"{key} names the unknown {id_!r}.")
        if roadmap and page.place.kind == "course":
            yield from told(page.file, course_faults(page, roadmap))
    if circle := circle_in({page.id: page.prerequisites for page in pages}):
        file = next(page.file for page in pages if page.id == circle[0])
        what = f"The prerequisites run in a circle: {' → '.join(circle)}."
        yield Finding(file=file, at=1, what=what)


def _asked_findings(folder: Path, pages: list[Page]) -> Iterator[Finding]:
    sections = section_ids(pages)
    for path in sorted(folder.rglob(ASKED)):
        shown = path.relative_to(folder).as_posix()
        try:
            asked = read_asked(path, shown)
        except MaterialError as exc:
            yield _unreadable(shown, path, exc)
            continue
        for line, question in enumerate(asked, start=1):
            if question.section and question.section not in sections:
                what = f"There is no section {question.section!r}."
                yield Finding(file=shown, at=line, what=what)
