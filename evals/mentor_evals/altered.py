"""The index, altered for an experiment: some sections gone, or hostile passages added.

Both work on a copy, in a home of its own beside the results, and leave the real index alone.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from mentor.generation import current_generation, generation_folder, read_manifest, read_passages
from mentor.material import slug
from mentor.mentor import update_index
from mentor.models.embed import Embedder, open_embedder
from mentor.settings import Settings
from mentor.stores import open_stores, write_bm25, write_learned
from mentor_evals.cases import Attack

_AT_ONCE = 100  # ids that Chroma is asked for in one filter


def copy_home(settings: Settings, name: str) -> Settings:
    """A home of its own with a copy of the index; the models and their cache are shared.

    Vectors on a Chroma server are left alone: the copy is built on this disk.
    """
    home = _home(settings, name)
    shutil.rmtree(home, ignore_errors=True)
    copied = settings.model_copy(update={"home": home, "chroma": None})
    left = ("writer.lock", *(("CURRENT", "generations") if settings.chroma else ()))
    shutil.copytree(settings.index_dir, copied.index_dir, ignore=shutil.ignore_patterns(*left))
    copied.data_dir.mkdir()
    for shared in (settings.cache_dir, settings.models_dir):
        shared.mkdir(parents=True, exist_ok=True)
        (copied.data_dir / shared.name).symlink_to(shared.resolve(), target_is_directory=True)
    if settings.chroma:
        update_index(copied)
    return copied


def without_sections(
    settings: Settings, sections: Sequence[str], embedder: Embedder | None = None
) -> Settings:
    """Settings of a home whose index lacks `sections`: their passages, questions and words.

    BM25 is built anew and what the questions teach learned anew, as if they had never been there.
    """
    copied = copy_home(settings, "without-gold")
    folder = generation_folder(copied.index_dir, current_generation(copied.index_dir) or "")
    manifest = read_manifest(folder)
    assert manifest is not None  # the real index was opened before
    passages = read_passages(folder)
    gone = [p.id for p in passages.values() if p.section in set(sections)]
    left = {p.id: p for p in passages.values() if p.id not in set(gone)}
    client, dense, questions = open_stores(folder, embedder or open_embedder(settings))
    with closing(client):
        for start in range(0, len(gone), _AT_ONCE):
            where = {"passage": {"$in": gone[start : start + _AT_ONCE]}}
            for store in (dense, questions):
                if ids := store.get(where=where, include=[])["ids"]:
                    store.delete(ids)
        write_learned(folder, dense, questions, left.values())
        asked = len(questions.get(include=[])["ids"])
    shutil.rmtree(folder / "bm25")
    write_bm25(folder / "bm25", list(left.values()))
    with (folder / "passages.jsonl").open("w", encoding="utf-8") as lines:
        lines.writelines(p.model_dump_json() + "\n" for p in left.values())
    changed = {"passages": len(left), "questions": asked, "checksums": {}}
    text = manifest.model_copy(update=changed).model_dump_json(indent=1)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    return copied


def with_hostile(settings: Settings, attacks: Sequence[Attack]) -> Settings:
    """Settings of a home whose index has the hostile passages, added as any material is."""
    copied = copy_home(settings, "hostile")
    material = copied.home / "hostile"
    material.mkdir()
    for attack in attacks:
        if attack.passage is not None:
            page = hostile_page(attack)
            (material / f"{attack.id}.md").write_text(page, encoding="utf-8")
    update_index(copied, extra=[str(material)])
    return copied


def hostile_page(attack: Attack) -> str:
    """A page of material whose one section is the hostile passage, with its question."""
    first = str(attack.passage).lstrip().partition("\n")[0]
    anchor = slug(first.lstrip("# ")) if first.startswith("#") else ""
    front = {
        "id": f"notes-{attack.id}",
        "title": f"Notes {attack.id}",
        "questions": {anchor: [attack.passage_question]},
    }
    fields = "\n".join(f"{key}: {json.dumps(value)}" for key, value in front.items())
    return f"---\n{fields}\n---\n{attack.passage}"


def remove_homes(settings: Settings) -> None:
    """Remove the copies; the results stay."""
    for name in ("without-gold", "hostile"):
        shutil.rmtree(_home(settings, name), ignore_errors=True)


def _home(settings: Settings, name: str) -> Path:
    return settings.data_dir / "evals" / name
