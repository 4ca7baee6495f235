"""The index: real Chroma and BM25 on a real disk, written in generations and read beside them."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from conftest import Build, count_words

from mentor import material
from mentor.errors import IndexBusy, IndexUnusable, MaterialError, StorageError
from mentor.generation import FORMAT, current_generation, read_manifest
from mentor.index import Index, IndexReader, is_stale
from mentor.indexing import build_index
from mentor.models.embed import HashingEmbeddings
from mentor.records import Page
from mentor.settings import Settings, load_settings
from mentor.sources import Root

FAKE = HashingEmbeddings()


class OtherEmbeddings(HashingEmbeddings):
    name = "other"


class CountingEmbeddings(HashingEmbeddings):
    """Remembers which texts it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.asked += texts
        return super().embed_documents(texts)


@pytest.fixture
def folder(home: Path) -> Path:
    return home / "index"


def opened(folder: Path) -> Index:
    return IndexReader(folder, FAKE).current()


def generation(folder: Path) -> Path:
    name = current_generation(folder)
    assert name is not None
    return folder / "generations" / name


def found(index: Index, text: str) -> str:
    """The id of the passage nearest to `text`."""
    vector = FAKE.embed_query(text)
    ((document, _),) = index.dense.similarity_search_by_vector_with_relevance_scores(vector, k=1)
    return str(document.metadata["passage"])


def assert_whole(index: Index) -> None:
    """Every passage stands in Chroma with its own words and the vector of them."""
    held = index.dense.get(include=["documents", "embeddings"])
    assert sorted(held["ids"]) == sorted(index.passages)
    words = [index.passages[name].readable for name in held["ids"]]
    assert held["documents"] == words
    assert np.allclose(held["embeddings"], FAKE.embed_documents(words), atol=1e-6)


def refuse(_path: Path, shown: str) -> list[Page]:
    raise MaterialError(f"{shown} cannot be read.")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


# --- building and reading -----------------------------------------------------------------------


def test_passages_questions_and_words_can_be_found(build: Build, folder: Path) -> None:
    report = build()
    index = opened(folder)
    assert (report.changed, report.embedded, report.passages) == (True, 8, 8)
    assert found(index, "Senior ML engineer › Salary earns $157,000") == "senior#salary~0"
    held = index.questions.get(include=["documents", "metadatas"])
    assert dict(zip(held["documents"], (m["passage"] for m in held["metadatas"]), strict=True)) == {
        "What does a junior ML engineer earn?": "junior#salary~0",
        "How much is a junior paid?": "junior#salary~0",
        "Which tools does a junior use?": "junior#tools~0",
    }
    assert index.bm25.vocab_dict.keys() >= {"salari", "statist", "scikit"}
    assert {"salary", "python", "statistics"} <= set(index.vocabulary)
    assert [p.id for p in index.by_section["junior#salary"]] == ["junior#salary~0"]
    assert index.rarity("statist") > index.rarity("engin") > 0


def test_metadata_lets_a_search_keep_to_a_level(build: Build, folder: Path) -> None:
    build()
    index = opened(folder)
    held = index.dense.get(where={"level": "senior"})
    assert sorted(held["ids"]) == ["senior#salary~0", "senior~0"]


def test_nothing_is_done_when_nothing_changed(build: Build, folder: Path) -> None:
    first = build()
    counting = CountingEmbeddings()
    second = build(embedder=counting)
    assert (second.changed, second.kept, second.embedded) == (False, 8, 0)
    assert second.generation == first.generation
    assert counting.asked == []
    assert second.seconds < 1.0


def test_only_what_changed_is_embedded(build: Build, folder: Path, roadmap_corpus: Path) -> None:
    build()
    path = roadmap_corpus / "stages.md"
    write(path, path.read_text().replace("machine learning", "deep learning"))
    counting = CountingEmbeddings()
    report = build(embedder=counting)
    assert counting.asked == ["The stages › Stage 2\nStage 2 teaches deep learning."]
    assert (report.embedded, report.kept, report.removed) == (1, 7, 0)
    assert "deep" in opened(folder).vocabulary


def test_a_file_that_was_only_touched_is_not_read_again(build: Build, roadmap_corpus: Path) -> None:
    build()
    (roadmap_corpus / "stages.md").touch()
    assert not build().changed


def test_a_changed_question_is_embedded_and_the_old_one_leaves(
    build: Build, folder: Path, roadmap_corpus: Path
) -> None:
    build()
    path = roadmap_corpus / "levels" / "junior.md"
    write(path, path.read_text().replace("How much is a junior paid?", "Is a junior paid well?"))
    counting = CountingEmbeddings()
    build(embedder=counting)
    assert counting.asked == ["Is a junior paid well?"]
    index = opened(folder)
    held = index.questions.get()["documents"]
    assert "Is a junior paid well?" in held
    assert "How much is a junior paid?" not in held


def test_what_left_the_material_leaves_the_index(
    build: Build, folder: Path, roadmap_corpus: Path
) -> None:
    build()
    (roadmap_corpus / "levels" / "junior.md").unlink()
    report = build()
    index = opened(folder)
    assert (report.embedded, report.removed, report.passages) == (0, 3, 5)
    assert not any(name.startswith("junior") for name in index.dense.get()["ids"])
    assert index.questions.get()["ids"] == []


def test_an_index_grown_in_steps_equals_one_built_at_once(
    build: Build, folder: Path, roadmap_corpus: Path, tmp_path: Path
) -> None:
    build()
    write(roadmap_corpus / "a.md", "# A\n\nFirst words.")
    build()
    write(roadmap_corpus / "a.md", "# A\n\nOther words.")
    (roadmap_corpus / "stages.md").unlink()
    build()
    fresh = tmp_path / "fresh"
    build_index(fresh, [roadmap_corpus], embedder=FAKE, count=lambda: count_words)
    grown, whole = opened(folder), opened(fresh)
    assert grown.ids == whole.ids
    assert grown.passages == whole.passages
    for name in ("dense", "questions"):
        held = [getattr(i, name).get(include=["documents", "metadatas"]) for i in (grown, whole)]
        rows = [
            dict(zip(h["ids"], zip(h["documents"], h["metadatas"], strict=True), strict=True))
            for h in held
        ]
        assert rows[0] == rows[1]


def test_many_sections_are_indexed_and_counted(
    build: Build, folder: Path, roadmap_corpus: Path
) -> None:
    write(roadmap_corpus / "big.md", "\n\n".join(f"## Head {n}\n\nText {n}." for n in range(1200)))
    steps: list[tuple[str, int, int]] = []
    report = build(progress=lambda *step: steps.append(step))
    assert report.passages == 1208
    assert {what for what, done, total in steps if done == total} >= {"Reading", "Embedding"}
    index = opened(folder)
    assert_whole(index)
    write(roadmap_corpus / "big.md", "Gone.")
    build()
    assert len(opened(folder).passages) == 9


def test_an_empty_corpus_makes_an_empty_index(tmp_path: Path, folder: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    report = build_index(folder, [empty], embedder=FAKE, count=lambda: count_words)
    assert (report.changed, report.passages) == (True, 0)
    index = opened(folder)
    assert (index.passages, index.vocabulary) == ({}, [])
    assert not is_stale(folder, [empty], FAKE.name)
    write(empty / "a.md", "Words.")
    assert build_index(folder, [empty], embedder=FAKE, count=lambda: count_words).passages == 1


def test_a_single_file_can_be_the_material(tmp_path: Path, folder: Path) -> None:
    write(tmp_path / "notes.txt", "Words.")
    root = tmp_path / "notes.txt"
    build_index(folder, [root], embedder=FAKE, count=lambda: count_words)
    (passage,) = opened(folder).passages.values()
    assert passage.file == "notes.txt"


def test_rebuilding_embeds_everything_again(build: Build, folder: Path) -> None:
    build()
    report = build(rebuild=True)
    assert (report.changed, report.embedded, report.generation) == (True, 8, "000002")
    assert len(opened(folder).passages) == 8


def test_another_embedder_has_an_index_of_its_own_beside_the_old_one(
    roadmap_corpus: Path, tmp_path: Path
) -> None:
    write(tmp_path / "mine" / "a.md", "Words.")
    first, second = load_settings(), load_settings(embedder="owner/other")
    other = OtherEmbeddings()

    def build_with(settings: Settings, embedder: HashingEmbeddings, *beside: Path) -> int:
        return build_index(
            settings.index_dir,
            [roadmap_corpus, *beside],
            embedder=embedder,
            count=lambda: count_words,
            sources=settings.sources,
        ).passages

    assert build_with(first, FAKE, tmp_path / "mine") == 9
    with pytest.raises(IndexUnusable, match="no index made by the embedder other yet") as caught:
        IndexReader(second.index_dir, other).current()
    assert caught.value.cure == "Run `mentor index`: it is built beside the old one."
    reader = IndexReader(first.index_dir, FAKE)
    before = reader.current()
    assert build_with(second, other) == 9  # what was indexed beside the corpus is shared
    assert IndexReader(second.index_dir, other).current().manifest.embedder == "other"
    assert reader.current() is before


# --- roots --------------------------------------------------------------------------------------


def test_what_was_indexed_beside_the_corpus_is_remembered(
    build: Build, folder: Path, tmp_path: Path
) -> None:
    write(tmp_path / "mine" / "a.md", "Words.")
    build(tmp_path / "mine")
    assert not build().changed
    assert not build(tmp_path / "mine").changed
    write(tmp_path / "mine" / "b.md", "More words.")
    assert build().embedded == 1
    assert build(rebuild=True).passages == 10


def test_a_root_that_was_removed_takes_its_passages_with_it(
    build: Build, folder: Path, tmp_path: Path, roadmap_corpus: Path
) -> None:
    write(tmp_path / "mine" / "a.md", "Words.")
    build(tmp_path / "mine")
    shutil.rmtree(tmp_path / "mine")
    assert is_stale(folder, [roadmap_corpus], FAKE.name)
    assert build().removed == 1
    assert not is_stale(folder, [roadmap_corpus], FAKE.name)


def test_another_corpus_takes_the_place_of_the_first(
    build: Build, folder: Path, tmp_path: Path
) -> None:
    write(tmp_path / "mine" / "a.md", "Words.")
    build(tmp_path / "mine")
    write(tmp_path / "other" / "b.md", "Other words.")
    build_index(folder, [tmp_path / "other"], embedder=FAKE, count=lambda: count_words)
    assert {p.file for p in opened(folder).passages.values()} == {"other/b.md", "mine/a.md"}


def test_two_roots_of_one_name_lose_no_file(build: Build, folder: Path, tmp_path: Path) -> None:
    for owner in ("ann", "ben"):
        write(tmp_path / owner / "notes" / "a.md", f"Words of {owner}.")
    report = build(tmp_path / "ann" / "notes", tmp_path / "ben" / "notes")
    assert report.problems == ()
    assert {"notes/a.md", "ben/notes/a.md"} <= {p.file for p in opened(folder).passages.values()}


def test_a_root_that_takes_the_name_of_one_that_left_takes_none_of_its_words(
    build: Build, folder: Path, tmp_path: Path
) -> None:
    for owner in ("ann", "ben"):
        write(tmp_path / owner / "notes" / "a.md", f"Words of {owner}.")
    build(*(Root(path=str(tmp_path / each / "notes"), collection=each) for each in ("ann", "ben")))
    write(tmp_path / "ben" / "notes" / "a.md", "---\nid: [\n---\nBroken.")
    build(forget=lambda root: root.collection == "ann")
    assert "ann" not in {passage.collection for passage in opened(folder).passages.values()}


def test_a_root_that_does_not_exist_is_an_error_and_changes_nothing(
    build: Build, folder: Path, tmp_path: Path
) -> None:
    build()
    with pytest.raises(MaterialError, match="no file or folder"):
        build(tmp_path / "nowhere")
    assert generation(folder).name == "000001"


# --- bad files ----------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"\0\1\2", b"Gr\xf6\xdfe", b"---\nlevl: x\n---\nWords."])
def test_a_file_that_turns_bad_is_reported_and_keeps_its_last_good_passages(
    content: bytes, build: Build, folder: Path, roadmap_corpus: Path
) -> None:
    build()
    path = roadmap_corpus / "levels" / "junior.md"
    good = path.read_bytes()
    path.write_bytes(content)
    write(roadmap_corpus / "new.md", "New words.")
    report = build()
    assert [problem.file for problem in report.problems] == ["corpus/levels/junior.md"]
    assert report.problems[0].why.startswith("corpus/levels/junior.md")
    assert (report.embedded, report.removed) == (1, 0)
    index = opened(folder)
    assert "junior#salary~0" in index.passages
    assert found(index, "Junior ML engineer › Salary earns $95,000") == "junior#salary~0"
    assert not is_stale(folder, [roadmap_corpus], FAKE.name), "another run would change nothing"
    path.write_bytes(content + b" ")
    assert is_stale(folder, [roadmap_corpus], FAKE.name)
    path.write_bytes(good)
    assert build().problems == ()
    assert not is_stale(folder, [roadmap_corpus], FAKE.name)


def test_a_file_that_was_never_good_is_reported_and_the_rest_is_indexed(
    build: Build, folder: Path, roadmap_corpus: Path
) -> None:
    (roadmap_corpus / "bad.md").write_bytes(b"\0")
    (roadmap_corpus / "link.md").symlink_to("/proc/self/mem")
    report = build()
    assert [problem.file for problem in report.problems] == ["corpus/bad.md", "corpus/link.md"]
    assert report.passages == 8


def test_what_an_older_mentor_could_not_read_is_tried_again(
    build: Build, folder: Path, roadmap_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(roadmap_corpus / "new.md", "New words.")
    with monkeypatch.context() as older:
        older.setitem(material.LOADERS, ".md", refuse)
        assert build().passages == 0
    assert build().passages == 0, "the same Mentor would read no more"
    manifest = generation(folder) / "manifest.json"
    manifest.write_text(manifest.read_text().replace(f'"format": {FORMAT}', '"format": 1'))
    assert build().passages == 9


def test_bad_files_are_reported_again_when_nothing_else_changed(
    build: Build, roadmap_corpus: Path
) -> None:
    (roadmap_corpus / "bad.md").write_bytes(b"\0")
    assert build().problems == build().problems != ()


def test_the_second_file_with_an_id_is_reported(
    build: Build, folder: Path, roadmap_corpus: Path
) -> None:
    write(roadmap_corpus / "levels" / "later.md", "---\nid: junior\n---\nAnother junior.")
    report = build()
    (problem,) = report.problems
    assert "later.md has the id 'junior', which corpus/levels/junior.md has already" in problem.why
    assert "Give one of them another `id`" in problem.why
    assert opened(folder).passages["junior~0"].file == "corpus/levels/junior.md"


def test_a_new_file_cannot_take_the_id_of_one_that_is_indexed(
    build: Build, folder: Path, roadmap_corpus: Path
) -> None:
    build()
    write(roadmap_corpus / "a.md", "---\nid: senior\n---\nFirst in the alphabet.")
    report = build()
    assert [problem.file for problem in report.problems] == ["corpus/a.md"]
    assert opened(folder).passages["senior~0"].file == "corpus/levels/senior.md"


def test_two_files_may_exchange_their_ids(build: Build, folder: Path, roadmap_corpus: Path) -> None:
    levels = roadmap_corpus / "levels"
    build()
    junior, senior = (levels / "junior.md").read_text(), (levels / "senior.md").read_text()
    write(levels / "junior.md", senior)
    write(levels / "senior.md", junior)
    assert build().problems == ()
    assert opened(folder).passages["senior~0"].file == "corpus/levels/junior.md"


def test_a_file_may_be_moved_with_its_id(build: Build, folder: Path, roadmap_corpus: Path) -> None:
    build()
    (roadmap_corpus / "levels" / "junior.md").rename(roadmap_corpus / "first.md")
    report = build()
    assert (report.problems, report.embedded) == ((), 0)
    assert opened(folder).passages["junior~0"].file == "corpus/first.md"


def test_a_changed_template_brings_its_yaml_file_up_to_date(tmp_path: Path, folder: Path) -> None:
    corpus = tmp_path / "corpus"
    shipped = Path(__file__).parents[1] / "corpus" / "roadmap"
    shutil.copytree(shipped, corpus / "roadmap")

    def run() -> int:
        report = build_index(folder, [corpus], embedder=FAKE, count=lambda: count_words)
        assert report.problems == ()
        return report.embedded

    assert run() > 50
    template = corpus / "roadmap" / "role.md.j2"
    text = template.read_text(encoding="utf-8")
    first = next(line for line in text.splitlines() if "{% endcall %}" in line)
    template.write_text(text.replace(first, f"Added by a test.\n{first}", 1), encoding="utf-8")
    assert is_stale(folder, [corpus], FAKE.name)
    assert run() == 1


# --- stale, foreign, damaged --------------------------------------------------------------------


def test_an_index_is_stale_when_missing_changed_or_of_another_embedder(
    build: Build, folder: Path, roadmap_corpus: Path
) -> None:
    assert is_stale(folder, [roadmap_corpus], FAKE.name)
    build()
    assert not is_stale(folder, [roadmap_corpus], FAKE.name)
    assert is_stale(folder, [roadmap_corpus], "other")
    write(roadmap_corpus / "new.md", "Words.")
    assert is_stale(folder, [roadmap_corpus], FAKE.name)


def test_a_file_that_cannot_be_read_makes_no_index_stale_until_it_changes(
    build: Build, folder: Path, roadmap_corpus: Path
) -> None:
    (roadmap_corpus / "bad.md").write_bytes(b"\0")
    assert build().problems != ()
    assert not is_stale(folder, [roadmap_corpus], FAKE.name)
    write(roadmap_corpus / "bad.md", "Good now.")
    assert is_stale(folder, [roadmap_corpus], FAKE.name)


def test_a_missing_index_says_how_to_build_it(folder: Path) -> None:
    reader = IndexReader(folder, FAKE)
    with pytest.raises(IndexUnusable, match="There is no index") as caught:
        reader.current()
    assert "mentor index" in caught.value.cure
    assert reader.passages() == []


def test_an_index_of_another_embedder_is_refused_and_rebuilding_cures_it(
    build: Build, folder: Path
) -> None:
    build()
    for use in (
        lambda: IndexReader(folder, OtherEmbeddings()).current(),
        lambda: build(embedder=OtherEmbeddings()),
    ):
        with pytest.raises(IndexUnusable, match="built with the embedder 'hashing'") as caught:
            use()
        assert "mentor index --rebuild" in caught.value.cure
        assert "MENTOR_EMBEDDER" in caught.value.cure
    build(embedder=OtherEmbeddings(), rebuild=True)
    assert IndexReader(folder, OtherEmbeddings()).current().manifest.embedder == "other"


@pytest.mark.parametrize("change", [{"format": FORMAT - 1, "extra": 1}, {"passage_tokens": 99}])
def test_an_index_of_another_version_is_built_anew_with_all_its_roots(
    change: dict[str, int], build: Build, folder: Path, roadmap_corpus: Path, tmp_path: Path
) -> None:
    write(tmp_path / "mine" / "a.md", "Words.")
    build(tmp_path / "mine")
    path = generation(folder) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert is_stale(folder, [roadmap_corpus], FAKE.name)
    with pytest.raises(IndexUnusable, match="of another version") as caught:
        opened(folder)
    assert caught.value.cure == "Run `mentor index`."
    report = build()
    assert (report.embedded, report.passages) == (9, 9)
    assert len(opened(folder).passages) == 9


def _overwrite(name: str, content: bytes) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (generation(folder) / name).write_bytes(content)

    return damage


def _cut(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        path = generation(folder) / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    return damage


def _remove(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        path = generation(folder) / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return damage


def _point(content: bytes) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / "CURRENT").write_bytes(content)

    return damage


DAMAGE = {
    "database overwritten": _overwrite("chroma/chroma.sqlite3", b"rubbish" * 1000),
    "database emptied": _overwrite("chroma/chroma.sqlite3", b""),
    "database cut": _cut("chroma/chroma.sqlite3"),
    "chroma removed": _remove("chroma"),
    "manifest removed": _remove("manifest.json"),
    "manifest cut": _cut("manifest.json"),
    "manifest overwritten": _overwrite("manifest.json", b"[1, 2]"),
    "passages removed": _remove("passages.jsonl"),
    "passages cut": _cut("passages.jsonl"),
    "passages not text": _overwrite("passages.jsonl", b"\xff\xfe\n"),
    "bm25 removed": _remove("bm25"),
    "bm25 overwritten": _overwrite("bm25/vocab.index.json", b"{}"),
    "generation removed": _remove(""),
    "pointer to nowhere": _point(b"000099\n"),
    "pointer to a path": _point(b"../../etc\n"),
    "pointer not text": _point(b"\xff\xfe"),
    "pointer empty": _point(b""),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_index_says_so_and_rebuilding_cures_it(
    damage: Callable[[Path], None], build: Build, folder: Path
) -> None:
    build()
    damage(folder)
    with pytest.raises(IndexUnusable) as caught:
        opened(folder)
    assert str(folder) in caught.value.what
    assert caught.value.cure == "Run `mentor index --rebuild`."
    assert build(rebuild=True).embedded == 8
    assert found(opened(folder), "Senior ML engineer › Salary earns $157,000") == "senior#salary~0"


def test_vectors_that_are_no_longer_as_written_are_never_handed_to_chroma(
    build: Build, folder: Path, roadmap_corpus: Path
) -> None:
    write(roadmap_corpus / "big.md", "\n\n".join(f"## Head {n}\n\nText {n}." for n in range(1100)))
    build()
    (vectors,) = (
        path
        for path in generation(folder).glob("chroma/*/data_level0.bin")
        if path.with_name("index_metadata.pickle").exists()
    )
    vectors.write_bytes(b"\xff" * vectors.stat().st_size)
    with pytest.raises(IndexUnusable, match="not as written"):
        opened(folder)
    write(roadmap_corpus / "new.md", "New words.")
    with pytest.raises(IndexUnusable, match="not as written"):
        build()


def test_a_database_that_lost_everything_is_filled_again_by_the_next_change(
    build: Build, folder: Path, roadmap_corpus: Path
) -> None:
    build()
    (generation(folder) / "chroma" / "chroma.sqlite3").write_bytes(b"")
    write(roadmap_corpus / "new.md", "New words.")
    assert build().embedded == 9
    assert len(opened(folder).passages) == 9


# --- disks --------------------------------------------------------------------------------------


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """The system refuses to let a file grow past `size` bytes, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room", [0, 1_000, 100_000, 300_000])
def test_a_full_disk_is_a_storage_error_and_the_last_generation_stays(
    room: int, build: Build, folder: Path, roadmap_corpus: Path
) -> None:
    build()
    write(roadmap_corpus / "big.md", "\n\n".join(f"## Head {n}\n\nText {n}." for n in range(300)))
    with files_no_larger_than(room), pytest.raises(StorageError) as caught:
        build()
    assert str(folder) in caught.value.what
    assert "Make room" in caught.value.cure
    assert [path.name for path in (folder / "generations").iterdir()] == ["000001"]
    assert len(opened(folder).passages) == 8
    assert build().passages == 308
    assert len(opened(folder).passages) == 308


@pytest.mark.parametrize("where", ["/proc/mentor/index", "file/index"])
def test_a_place_that_cannot_hold_folders_is_a_storage_error(
    where: str, tmp_path: Path, roadmap_corpus: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / where  # an absolute path stays itself
    with pytest.raises(StorageError, match="cannot be written") as caught:
        build_index(folder, [roadmap_corpus], embedder=FAKE, count=lambda: count_words)
    assert "MENTOR_HOME" in caught.value.cure


SCRIPT = """
import sys, time
from pathlib import Path
from conftest import count_words
from mentor.errors import MentorError
from mentor.index import IndexReader
from mentor.indexing import build_index
from mentor.models.embed import HashingEmbeddings

folder, corpus, stop = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]

def progress(what, done, total):
    if what == stop and done:
        print("reached", flush=True)
        time.sleep(600)

def run(work):
    try:
        work()
        print("fine")
    except MentorError as exc:
        print(type(exc).__name__, exc)

fake = HashingEmbeddings()
if stop == "both":
    run(lambda: IndexReader(folder, fake).current())
run(lambda: build_index(folder, [corpus], embedder=fake, count=lambda: count_words,
                        progress=progress))
"""


def process(*arguments: object, **more: object) -> subprocess.Popen[str]:
    """Another process that builds: folder, corpus, and where to stop, or `both` to read first."""
    command = [sys.executable, "-c", SCRIPT, *map(str, arguments)]
    here = (str(Path(__file__).parent), os.environ.get("PYTHONPATH", ""))
    path = {"PYTHONPATH": os.pathsep.join(filter(None, here))}
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | path,
        **more,  # type: ignore[call-overload]
    )


def bound_by_modes() -> None:
    """Takes from the next program root's power to write where the mode forbids it."""
    libc = ctypes.CDLL(None)
    drop = 24  # PR_CAPBSET_DROP; refused to a common user, who has not the power anyway
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        libc.prctl(drop, capability, 0, 0, 0)


def test_a_folder_that_may_only_be_read_is_a_storage_error(
    build: Build, folder: Path, roadmap_corpus: Path
) -> None:
    build()
    write(roadmap_corpus / "new.md", "New words.")
    paths = [folder, *folder.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    answer, _ = process(folder, roadmap_corpus, "both", preexec_fn=bound_by_modes).communicate()
    for path in paths:
        path.chmod(0o755 if path.is_dir() else 0o644)
    reading, building = answer.splitlines()
    for line in (reading, building):
        assert line.startswith("StorageError")
        assert "cannot be written" in line
        assert "MENTOR_HOME" in line
    assert len(opened(folder).passages) == 8


# --- several processes --------------------------------------------------------------------------


def test_a_killed_run_leaves_the_last_generation_and_the_next_run_repairs(
    build: Build, folder: Path, roadmap_corpus: Path
) -> None:
    build()
    questions = "".join(f"  head-{n}: ['What is {n}?']\n" for n in range(300))
    sections = "\n\n".join(f"## Head {n}\n\nText {n}." for n in range(300))
    write(roadmap_corpus / "big.md", f"---\nquestions:\n{questions}---\n{sections}")
    writer = process(folder, roadmap_corpus, "Embedding")
    assert writer.stdout is not None
    assert writer.stdout.readline() == "reached\n"
    with pytest.raises(IndexBusy, match="Another process is writing") as caught:
        build()
    assert caught.value.cure
    writer.send_signal(signal.SIGKILL)
    writer.wait(20)
    writer.stdout.close()

    assert current_generation(folder) == "000001"
    assert len(opened(folder).passages) == 8
    assert is_stale(folder, [roadmap_corpus], FAKE.name)
    report = build()
    assert (report.passages, report.embedded, report.kept) == (308, 300, 8)
    index = opened(folder)
    assert_whole(index)
    assert len(index.questions.get()["ids"]) == 303
    kept = sorted(path.name for path in (folder / "generations").iterdir())
    assert kept == ["000001", index.generation]


def test_a_reader_follows_what_another_process_writes(
    build: Build, folder: Path, roadmap_corpus: Path
) -> None:
    build()
    reader = IndexReader(folder, FAKE)
    before = reader.current()
    assert reader.current() is before
    write(roadmap_corpus / "new.md", "# Kubernetes\n\nKubernetes runs containers.")
    answer, _ = process(folder, roadmap_corpus, "nowhere").communicate()
    assert answer == "fine\n"
    after = reader.current()
    assert (before.generation, after.generation) == ("000001", "000002")
    assert found(after, "Kubernetes runs containers") == "corpus/new~0"
    assert any("Kubernetes" in passage.text for passage in reader.passages())
    assert found(before, "Senior ML engineer › Salary earns $157,000") == "senior#salary~0"


def test_a_reader_lets_go_of_generations_that_nobody_uses(
    build: Build, folder: Path, roadmap_corpus: Path
) -> None:
    def files_open() -> set[str]:
        links = (path.readlink() for path in Path("/proc/self/fd").iterdir() if path.is_symlink())
        here = str(folder / "generations")
        return {str(link) for link in links if str(link).startswith(here)}

    build()
    reader = IndexReader(folder, FAKE)
    reader.current()
    assert any("000001" in name for name in files_open())
    for n in range(3):
        write(roadmap_corpus / "new.md", f"Words {n}.")
        build()
        reader.current()
    gc.collect()
    assert not any("000001" in name or "000002" in name for name in files_open())


def test_threads_share_one_open_index(build: Build, folder: Path) -> None:
    build()
    reader = IndexReader(folder, FAKE)
    with ThreadPoolExecutor(8) as threads:
        opened_by_threads = list(threads.map(lambda _: reader.current(), range(16)))
    assert len({id(index) for index in opened_by_threads}) == 1


def test_the_manifest_says_what_was_built_from_what(
    build: Build, folder: Path, roadmap_corpus: Path
) -> None:
    build()
    manifest = read_manifest(generation(folder))
    assert manifest is not None
    assert manifest.roots == (Root(path=str(roadmap_corpus)),)
    assert set(manifest.files) == {
        *("corpus/levels/junior.md", "corpus/levels/senior.md", "corpus/stages.md")
    }
    assert (manifest.format, manifest.passages, manifest.questions) == (FORMAT, 8, 3)
    assert "passages.jsonl" in manifest.checksums
