"""Material of one's own: 200 files of ten kinds, a third of them awkward, from first to last."""

from __future__ import annotations

import random
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import files
import numpy as np
import pytest
from conftest import Build, count_words

from mentor.errors import MaterialError, QuestionError
from mentor.index import Index, IndexReader
from mentor.indexing import BuildReport, build_index
from mentor.material import LOADERS
from mentor.mentor import Mentor
from mentor.models.embed import HashingEmbeddings
from mentor.records import Answer, Citation, Passage, Sentence, Spot
from mentor.retrieve import Choice
from mentor.sources import Root, read_roots, read_skipped, root_at
from mentor.watching import changes


class WideEmbeddings(HashingEmbeddings):
    """So wide that no two words of these files share a place."""

    width = 8_192


FAKE = WideEmbeddings()
FACTS = {
    "pdf": "The archive keeps checkpoints of {} for {} days.",
    "docx": "Licences of {} must be renewed after {} days.",
    "pptx": "Invoices from {} are paid within {} days.",
    "html": "Sensors in {} get calibrated every {} days.",
    "ipynb": "Drawings made at {} expire when {} days passed.",
    "srt": "Recipes from {} ripen for {} days.",
    "vtt": "Letters sent to {} travel {} days.",
    "csv": "Seeds bought in {} germinate during {} days.",
    "md": "Maps showing {} are printed again every {} days.",
    "txt": "Coins struck in {} circulate for {} days.",
}
KINDS = list(FACTS)
GOOD, AWKWARD = 13, 7
TOWNS = "Bergen Cadiz Dover Essen Fargo Ghent Hanoi Izmir Jaipur Kyoto Lagos Malmo Natal".split()


def days(kind: str, n: int) -> str:
    return f"{100 + GOOD * KINDS.index(kind) + n} days"


def fact(kind: str, n: int) -> str:
    number = days(kind, n).removesuffix(" days")
    return FACTS[kind].format(f"{TOWNS[n]}{kind}", number)  # no other file has that word


def question(kind: str, n: int) -> str:
    return FACTS[kind].format(f"{TOWNS[n]}{kind}", "how many").rstrip(".") + "?"


def filler(n: int) -> str:
    return f"Section {n} tells of training runs."


def good(folder: Path, kind: str, n: int) -> Path:
    """A file whose third page, slide, cell, row or minute tells the fact."""
    path, words = folder / f"{kind}-{n:02}.{kind}", fact(kind, n)
    match kind:
        case "pdf":
            return files.pdf(path, [filler(1), filler(2), words])
        case "pptx":
            return files.pptx(path, [("Intro", filler(1)), ("More", filler(2)), ("Days", words)])
        case "docx":
            return files.docx(path, [("Heading 1", "Intro"), ("", filler(1)), ("", words)])
        case "html":
            return files.html(path, f"<h1>Book</h1><p>{filler(1)}<h2 id=days>Days</h2><p>{words}")
        case "ipynb":
            return files.notebook(path, [filler(1), "!x = 1", words])
        case "srt" | "vtt":
            return files.srt(path, [(5, filler(1)), (90, filler(2)), (200, words)])
        case "csv":
            return files.csv(
                path, [(f"What is section {n}?", filler(n)), (question(kind, n), words)]
            )
        case "md":
            path.write_text(f"# Book\n\n{filler(1)}\n\n## Days\n\n{words}\n", encoding="utf-8")
        case _:
            path.write_text(f"{filler(1)}\n\n{words}\n", encoding="utf-8")
    return path


def awkward(folder: Path, kind: str) -> Iterator[Path]:
    """Seven files of a kind as people really have them."""
    whole = good(folder, kind, 0).read_bytes()
    path = folder / f"{kind}-00.{kind}"
    path.unlink()
    contents: dict[str, bytes] = {
        "empty": b"",
        "rubbish": random.Random(kind).randbytes(3_000),
        "in-truth-a-pdf": b"%PDF-1.7 rubbish" if kind != "pdf" else b"PK\x03\x04 rubbish",
        "cut-short": whole[: len(whole) // 2],
        "latin-1": "Überprüfung größerer Maße für Fußgänger und Gänse. ".encode("latin-1") * 9,
        "mixed": "Größe Übung Maß\n".encode() * 3 + "Größe\n".encode("latin-1"),
    }
    for name, content in contents.items():
        made = folder / f"{kind}-{name}.{kind}"
        made.write_bytes(content)
        yield made
    large = folder / f"{kind}-2-gb.{kind}"
    with large.open("wb") as file:
        file.truncate(2_000_000_000)
    yield large


@pytest.fixture
def build(build: Build) -> Build:
    return partial(build, embedder=FAKE)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """200 files in nested folders, and some that no loader reads."""
    root = tmp_path / "mine"
    for kind in KINDS:
        folder = root / "by kind" / kind
        folder.mkdir(parents=True)
        made = [*awkward(folder, kind), *(good(folder, kind, n) for n in range(GOOD))]
        assert len(made) == GOOD + AWKWARD
    (root / "film.mp4").write_bytes(b"\0" * 10)
    (root / "all.zip").write_bytes(b"PK\x03\x04")
    return root


@pytest.fixture
def index_of(home: Path) -> Callable[[], Index]:
    return lambda: IndexReader(home / "index", FAKE).current()


@pytest.fixture
def ask(home: Path) -> Callable[..., Answer]:
    def run(question: str, **choice: str) -> Answer:
        mentor = Mentor(reader=IndexReader(home / "index", FAKE), embedder=FAKE, chat=None)
        return mentor.answer(question, choice=Choice(**choice))

    return run


def citation_of(answer: Answer, words: str) -> Citation:
    return next(c for c in answer.citations if words in c.quote)


def test_a_folder_of_200_mixed_files_from_first_to_last(
    build: Build,
    home: Path,
    mine: Path,
    index_of: Callable[[], Index],
    ask: Callable[..., Answer],
    tmp_path: Path,
) -> None:
    assert sum(1 for p in mine.rglob("*") if p.suffix[1:] in KINDS) == 200
    root = root_at(mine, name="handbooks", url="https://portal.example/books")

    # indexed: every file is in, or is told by its name with a cure
    report = build(root)
    entries = index_of().manifest.files
    read = {name for name in entries if name.startswith("mine/")}
    left_out = {problem.file for problem in report.problems}
    assert len(read) + len(left_out) == 200
    assert not read & left_out
    assert all(f"{kind}-{n:02}.{kind}" in str(read) for kind in KINDS for n in range(GOOD))
    assert all(p.why.startswith(p.file) and p.why.endswith(".") for p in report.problems)
    for kind in KINDS:
        of_kind = {Path(name).stem for name in left_out if name.endswith(f".{kind}")}
        assert of_kind >= {f"{kind}-{name}" for name in ("empty", "rubbish", "in-truth-a-pdf")}
        assert f"{kind}-2-gb" in of_kind
    assert any("1 .mp4" in note.why and "1 .zip" in note.why for note in report.notes)
    assert read_skipped(home / "index" / "skipped.json") == (*report.problems, *report.notes)

    # asked, and cited to the page
    places = {"pdf": "page 3", "pptx": "slide 3", "ipynb": "cell 3", "csv": "row 3"}
    places |= {"srt": "03:20", "vtt": "03:20"}
    ends = {"pdf": "#page=3", "pptx": "#slide=3", "csv": "#row=3", "srt": "#t=200"}
    ends |= {"vtt": "#t=200", "html": "#days", "md": "#days"}
    for n, kind in enumerate(KINDS):
        cited = citation_of(ask(question(kind, n), only="handbooks"), days(kind, n))
        assert (cited.collection, cited.location) == ("handbooks", places.get(kind))
        assert cited.path == f"mine/by kind/{kind}/{kind}-{n:02}.{kind}"
        address = f"https://portal.example/books/by%20kind/{kind}/{kind}-{n:02}.{kind}"
        assert (cited.url or "").startswith(address)
        assert (cited.url or "").endswith(ends.get(kind, ""))

    # nothing changed: nothing is done, and the same is told
    again = build()
    assert (again.changed, again.problems) == (False, report.problems)

    # changed: the new words are found, the old ones are gone
    changed = mine / "by kind" / "pdf" / "pdf-04.pdf"
    files.pdf(changed, [filler(1), fact("pdf", 4).replace(days("pdf", 4), "99 days")])
    (mine / "by kind" / "md" / "md-empty.md").write_text("# Now it says something\n\nWords.")
    mended = build()
    assert (len(mended.problems), mended.embedded) == (len(report.problems) - 1, 2)
    answer = ask(question("pdf", 4), only="handbooks")
    assert citation_of(answer, "99 days").location == "page 2"
    assert days("pdf", 4) not in answer.answer

    # watched: what is added and removed while it runs
    roots = read_roots(home / "index" / "sources.json")
    assert roots == (root,)
    with watched(roots, build):
        good(mine, "txt", 12).rename(mine / "new.txt")
        shutil.rmtree(mine / "by kind" / "vtt")
        wait_until(
            lambda: (
                {"mine/new.txt"} <= set(now := index_of().manifest.files)
                and not any(name.endswith(".vtt") for name in now)
            )
        )

    # removed: the corpus alone is left
    gone = build(forget=lambda root: root.collection == "handbooks")
    assert gone.problems == ()
    assert index_of().collections == {"corpus"}
    assert {p.file.partition("/")[0] for p in index_of().passages.values()} == {"corpus"}
    assert mine.is_dir()
    with pytest.raises(QuestionError, match="no collection 'handbooks'"):
        ask("Which tools does a junior use?", only="handbooks")


class watched:  # noqa: N801
    """Builds after each change of `roots`, in a thread, while the block runs."""

    def __init__(self, roots: tuple[Root, ...], build: Build) -> None:
        self._stop = threading.Event()

        def run() -> None:
            for _ in changes(roots, stop=self._stop, quiet_ms=200):
                build()

        self._thread = threading.Thread(target=run)

    def __enter__(self) -> None:
        self._thread.start()
        time.sleep(0.5)  # until the watch stands

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(60)


def wait_until(true: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


# --- collections ----------------------------------------------------------------------------------


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A portal's course, which contradicts the corpus on a salary."""
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "pay.md").write_text(
        "# Pay in our town\n\n## Salary\n\nA junior ML engineer earns 61,000 euros in our town.\n"
    )
    return folder


def test_answers_are_kept_to_a_collection_or_prefer_it_and_citations_say_which(
    build: Build, course: Path, ask: Callable[..., Answer]
) -> None:
    build(root_at(course, name="our course"))
    asked = "What does a junior ML engineer earn?"
    assert ask(asked).citations[0].collection == "corpus"
    preferred = ask(asked, prefer="our course")
    assert preferred.citations[0].collection == "our course"
    assert "61,000" in preferred.sentences[0].text
    kept = ask(asked, only="our course")
    assert {c.collection for c in kept.citations} == {"our course"}
    assert (
        ask("Which tools does a junior use?", prefer="our course")
        .citations[0]
        .path.startswith("corpus/")
    )
    assert ask("How are stages organised?", only="our course").refused
    assert {c.collection for c in ask(asked, only="corpus").citations} == {"corpus"}
    both = ask(asked, only="corpus", prefer="our course")
    assert {c.collection for c in both.citations} == {"corpus"}


def test_a_course_may_have_more_stages_than_the_roadmap(
    build: Build, course: Path, ask: Callable[..., Answer]
) -> None:
    (course / "board.md").write_text("# Board\n\nIn stage 6 of our course you meet the board.\n")
    build(course)
    asked = "What happens in stage 6 of our course?"
    assert "you meet the board" in ask(asked, only="course").answer
    assert "there is no stage 6" in ask("What is in stage 6?", only="corpus").answer


def test_a_collection_that_is_not_there_is_told_with_those_that_are(
    build: Build, ask: Callable[..., Answer]
) -> None:
    build()
    with pytest.raises(QuestionError, match="no collection 'x'") as caught:
        ask("What does a junior earn?", prefer="x")
    assert "corpus" in caught.value.cure


def test_a_collection_renamed_or_moved_to_another_address_is_brought_up_to_date(
    build: Build, course: Path, index_of: Callable[[], Index]
) -> None:
    def urls() -> set[tuple[str, str | None]]:
        passages = index_of().passages.values()
        return {(p.collection, p.url) for p in passages if p.file.startswith("course")}

    build(course)
    assert urls() == {("course", None)}
    build(root_at(course, name="ours", url="https://a.example/c/"))
    assert urls() == {("ours", "https://a.example/c/pay.md#salary")}
    assert not build().changed


def test_a_name_that_is_taken_by_the_corpus_or_empty_is_refused(course: Path) -> None:
    for name in ("corpus", " ", "x" * 61, "a\nb"):
        with pytest.raises(MaterialError, match="cannot have the name"):
            root_at(course, name=name)


def test_a_damaged_list_of_sources_is_told(build: Build, course: Path, home: Path) -> None:
    build(course)
    (home / "index" / "sources.json").write_text("[{")
    with pytest.raises(MaterialError, match="cannot be read"):
        build()


def test_a_bad_file_is_not_read_again_until_it_changes(
    build: Build, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (course / "scan.pdf").write_bytes(files.pdf(course / "scan.pdf", [""]).read_bytes())
    read: list[str] = []
    load = LOADERS[".pdf"]
    monkeypatch.setitem(LOADERS, ".pdf", lambda p, s: [read.append(s), load(p, s)][1])
    first = build(course)
    assert build().problems == build().problems == first.problems
    assert read == ["course/scan.pdf"]
    files.pdf(course / "scan.pdf", ["Now its text is recognized, every word."])
    assert build().problems == ()
    assert read == ["course/scan.pdf"] * 2
    files.pdf(course / "scan.pdf", [""])
    build()
    assert build(rebuild=True).problems != ()
    assert read == ["course/scan.pdf"] * 4


def test_an_index_that_is_full_says_so_and_keeps_what_it_has(
    build: Build, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mentor.draft.MOST_PASSAGES", 8)
    report = build(course)
    assert report.passages == 8
    assert "finds no room" in report.problems[0].why
    monkeypatch.undo()
    assert build().passages == 9


def test_a_root_that_is_one_file_has_its_own_address(tmp_path: Path) -> None:
    path = tmp_path / "a b.pdf"
    path.touch()
    root = root_at(path, url="https://a.example/book.pdf")
    assert (root.collection, root.url_of(path)) == ("a b", "https://a.example/book.pdf")
    assert root_at(path).url_of(path) is None


@contextmanager
def waking(folder: Path) -> Iterator[list[frozenset[Path]]]:
    """The changes of `folder` that wake the watch, as they come."""
    seen: list[frozenset[Path]] = []
    stop = threading.Event()

    def run() -> None:
        seen.extend(changes([root_at(folder)], stop=stop, quiet_ms=100))

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(0.5)
    yield seen
    stop.set()
    thread.join(60)


def test_changes_of_the_index_itself_and_of_other_kinds_wake_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    with waking(folder) as seen:
        (folder / "film.mp4").write_text("x")
        time.sleep(0.5)
        assert seen == []
        (folder / "a.md").write_text("x")
        wait_until(lambda: bool(seen))
    assert seen[0] == {folder / "a.md"}


def test_a_folder_with_a_dot_and_a_template_wake_the_watch(tmp_path: Path) -> None:
    folder, week = tmp_path / "mine", tmp_path / "week 1.2"
    for each in (folder, week):
        each.mkdir()
        (each / "a.md").write_text("x")
    with waking(folder) as seen:
        changed = [folder / week.name, folder / "level.md.j2"]
        steps = [
            lambda: week.rename(changed[0]),
            lambda: changed[0].rename(week),
            lambda: changed[1].write_text("x"),
        ]
        for n, (step, path) in enumerate(zip(steps, [changed[0], *changed], strict=True), start=1):
            step()
            wait_until(lambda n=n: len(seen) >= n)
            assert path in seen[-1]


def test_folders_whose_names_have_dots_are_collections_of_their_own(tmp_path: Path) -> None:
    for name in ("course-1.1", "course-1.2"):
        (tmp_path / name).mkdir()
        assert root_at(tmp_path / name).collection == name


def test_a_report_for_people_counts_what_it_does_not_show(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from mentor_ui.index_commands import print_report

    folder = tmp_path / "many"
    folder.mkdir()
    for n in range(14):
        (folder / f"{n:02}.pdf").touch()
    empty = tmp_path / "none"
    empty.mkdir()
    report: BuildReport = build_index(
        tmp_path / "index", [empty, folder], embedder=FAKE, count=lambda: count_words
    )
    print_report(report)
    out = capsys.readouterr()
    assert out.err.count("Left out: many/") == 10
    assert "… and 4 more" in out.err
    assert "Left out: 14." in out.out


def test_the_panel_of_sources_names_the_collection_the_page_and_links_to_it() -> None:
    from mentor_ui import render

    passage = Passage(
        id="mine/a.pdf#page=2~0",
        section="mine/a.pdf#page=2",
        path=("A book",),
        text="Words. More words.",
        file="mine/a.pdf",
        url="https://a.example/a.pdf",
        collection="our <course>",
        unit="page",
        spots=(Spot(start=0, at=2, anchor="page=2"), Spot(start=7, at=3, anchor="page=3")),
    )
    cited = Citation.of(1, passage, 7, 18)
    card = render.sources([cited], turn=1)
    assert '<a href="https://a.example/a.pdf#page=3">mine/a.pdf, page 3</a>' in card
    assert "our &lt;course&gt;</em>" in card
    answer = Answer(
        question="?",
        answer="More words.",
        sentences=(Sentence(text="More words.", citations=(1,)),),
        citations=(cited,),
        mode="quoted",
        model="x",
    )
    assert "From our &lt;course&gt;, in the words of the material" in render.small_print(answer)


def test_a_file_without_questions_leaves_the_learned_border_but_makes_its_names_known(
    build: Build, home: Path, course: Path, roadmap_corpus: Path
) -> None:
    def border() -> dict[str, bytes]:
        index = IndexReader(home / "index", FAKE).current()
        file = home / "index" / "generations" / index.generation / "answerable.npz"
        with np.load(file, allow_pickle=False) as saved:
            return {name: saved[name].tobytes() for name in saved.files}

    def strange(question: str) -> tuple[str, ...]:
        learned = IndexReader(home / "index", FAKE).current().answerable
        assert learned is not None
        return learned.unfamiliar(question, frozenset()).names

    rows = [f'{{"question": "Who is Zorro {n}?", "answered": false}}' for n in range(30)]
    listed = "\n".join(f"    - Is topic {n} taught here?" for n in range(30))
    (roadmap_corpus / "asked.jsonl").write_text("\n".join(rows))
    (roadmap_corpus / "topics.md").write_text(f'---\nquestions:\n  "":\n{listed}\n---\nTopics.\n')
    build()
    before = border()
    assert strange("Who is Zorro 3?") == ("zorro",)

    (course / "hero.md").write_text("# Zorro\n\nZorro is a hero of ours.\n")
    build(course)
    after = border()
    assert {name for name in before if before[name] != after[name]} == {"familiar"}
    assert strange("Who is Zorro 3?") == ()  # the material knows the name now

    build(rebuild=True)  # learned anew, it is the same
    assert border()["familiar"] == after["familiar"]

    (roadmap_corpus / "asked.jsonl").write_text("\n".join(rows[:25]))
    build()
    assert border()["vectors"] != after["vectors"]


def test_the_bar_tells_how_far_it_is_at_which_rate_and_how_long_it_will_take(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from mentor_ui.index_commands import progress_bar

    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "100")
    with progress_bar() as progress:
        for done in range(0, 100, 10):
            progress("Reading", done, 1_000)
            time.sleep(0.02)
        time.sleep(0.3)  # until it is drawn again
    drawn = re.sub(r"\x1b\[[\d;?]*\w", "", capsys.readouterr().err)
    assert re.search(r"Reading .*  90/1000 \d+/s 0:00:\d\d", drawn)
