"""Looks over an installation: what is there, what is wrong, and what puts it right.

Every check is honest about what it saw and stands alone: one that fails keeps none from being
made. Nothing is written, loaded into memory for long, or fetched, but for a question to the model
server and to the Chroma server where they are set.
"""

from __future__ import annotations

import json
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil

from mentor import material
from mentor.errors import MentorError
from mentor.generation import current_generation, generation_folder
from mentor.index import Index, is_stale
from mentor.models import hub, llama, weights
from mentor.models.embed import embedder_folder, open_embedder
from mentor.models.tuning import Tuning, memory_needed, shape_of, this_machine, tune, wish_of
from mentor.records import Record
from mentor.settings import Settings
from mentor.stores import ask_server

PYTHON = ((3, 11), (3, 13))
"""The first version that will do, and the first that will not."""
MEMORY = 1.5e9
DISK = 1e9
PATIENCE = 3.0  # seconds for a model server


class Finding(Record):
    """What one check saw; the cure says what to do when it is wrong, or could be better."""

    what: str
    found: str
    ok: bool = True
    cure: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Every check, in the order of the floors: machine, disk, models, material, index, store."""
    return [check(what, settings) for what in CHECKS]


def check(what: str, settings: Settings) -> Finding:
    """One check of `CHECKS`."""
    try:
        finding = CHECKS[what](settings)
    except MentorError as exc:
        finding = Finding(what=what, found=exc.what, ok=False, cure=exc.cure)
    return finding.model_copy(update={"what": what})


def _good(found: str, *, hint: str = "") -> Finding:
    return Finding(what="", found=found, cure=hint)


def _bad(found: str, cure: str) -> Finding:
    return Finding(what="", found=found, ok=False, cure=cure)


def _size(count: float) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


# --- machine ----------------------------------------------------------------------------------


def _python(_settings: Settings) -> Finding:
    found = f"{platform.python_version()} in {sys.prefix}"
    if PYTHON[0] <= sys.version_info[:2] < PYTHON[1]:
        return _good(found)
    return _bad(found, "Install Mentor with Python 3.11 or 3.12.")


def _llama_cpp(_settings: Settings) -> Finding:
    build = llama.build()
    offload = "offloads to a GPU" if build.offloads else "computes on the processor only"
    return _good(f"llama-cpp-python {build.version}, {offload}; uses {', '.join(build.features)}")


def _processor(settings: Settings) -> Finding:
    machine = this_machine()
    usable = machine.threads
    found = f"{_processor_name()}, {machine.cores} cores and {usable} threads usable"
    if settings.threads and settings.threads > usable:
        return _bad(
            f"{found}, {settings.threads} set",
            f"Set MENTOR_THREADS={usable}, or leave it out: more threads slow it down.",
        )
    return _good(found)


def _processor_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _gpu(settings: Settings) -> Finding:
    build = llama.build()
    if build.graphics:
        found = "; ".join(
            f"{g.name}, {_size(g.free)} of {_size(g.total)} free" for g in build.graphics
        )
        idle = settings.gpu_layers == 0
        unused = "MENTOR_GPU_LAYERS=0 leaves it idle; leave that out to use it." if idle else ""
        return _good(found, hint=unused)
    if build.offloads:
        return _good("none that this build of llama.cpp sees", hint="Check the driver of the GPU.")
    if Path("/proc/driver/nvidia/version").exists() or Path("/dev/kfd").exists():
        return _good(
            "there is one, but this build of llama.cpp computes on the processor only",
            hint="docs/models.md has the command that builds llama-cpp-python for it.",
        )
    return _good("none")


def _memory(settings: Settings) -> Finding:
    memory = psutil.virtual_memory()
    found = f"{_size(memory.available)} of {_size(memory.total)} free"
    if memory.available < MEMORY:
        cure = "Close other programs" + (
            "." if settings.model == "none" else ", or set MENTOR_MODEL=none."
        )
        return _bad(found, f"Mentor takes up to {_size(MEMORY)}. {cure}")
    return _good(found)


def _disk(settings: Settings) -> Finding:
    home = settings.home.absolute()
    there = next(path for path in (home, *home.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as exc:
        return _bad(
            f"{home} cannot be written: {exc.strerror}",
            "Give write access to it, or set MENTOR_HOME to another folder.",
        )
    free = shutil.disk_usage(there).free
    found = f"{_size(free)} free at {home}"
    if free < DISK:
        return _bad(found, "Make room, or set MENTOR_HOME to a folder on another disk.")
    return _good(found)


# --- models -----------------------------------------------------------------------------------


def _chat_model(settings: Settings) -> Finding:
    if settings.model == "none":
        return _good("none: answers are quotes")
    if settings.model.startswith(("http://", "https://")):
        return _model_server(settings)
    if settings.lora_path and not settings.lora_path.is_file():
        return _bad(f"there is no adapter {settings.lora_path}", "Check MENTOR_LORA_PATH.")
    if settings.model == "embedded":
        shipped = weights.shipped_gguf()
        copied = weights.requantized(settings.cache_dir) is not None
        return _good(
            f"embedded: {shipped.name}, {_size(shipped.stat().st_size)}, checksum right; "
            f"its requantized copy is {'ready' if copied else 'made when it is first used'}"
        )
    path = _gguf(settings)
    said = llama.metadata(path)
    llama.refuse_without_template(path, said)
    name = said.get("general.name", "a model without a name")
    return _good(f"{path}, {_size(path.stat().st_size)}: {name}, has a chat template")


def _gguf(settings: Settings) -> Path:
    """The file of a model that is neither embedded nor a server's."""
    path = hub.local_gguf(settings.model, settings.models_dir)
    if settings.model.startswith(hub.PREFIX) and not path.is_file():
        raise weights.not_downloaded(settings.model)
    return weights.user_gguf(path)


def _running(settings: Settings) -> Finding:
    """How llama.cpp is told to run the model, what of that was set, and whether there is room."""
    if settings.model == "none" or settings.model.startswith(("http://", "https://")):
        return _good("no model runs in this process")
    machine, shape = this_machine(), None
    if settings.model != "embedded":
        path = _gguf(settings)
        shape = shape_of(path, llama.metadata(path))
    wish = wish_of(settings)
    tuning = tune(wish, machine, shape)
    layers = {-1: "all layers on the GPU", 0: "no layers on a GPU"}
    found = (
        f"context {tuning.context:,}, {tuning.threads} threads ({tuning.batch_threads} for "
        f"prompts), batch {tuning.batch}, flash attention "
        f"{'on' if tuning.flash_attention else 'off'}, "
        f"{layers.get(tuning.gpu_layers, f'{tuning.gpu_layers} layers on the GPU')}"
    )
    by_hand = [n for n in Tuning.model_fields if getattr(wish, n, None) is not None]
    found += f"; set by hand: {', '.join(by_hand)}" if by_hand else "; chosen for this machine"
    needed = memory_needed(shape, tuning) if shape else 0
    if needed > machine.memory:
        return _bad(
            f"{found}; the model needs {_size(needed)}, {_size(machine.memory)} are free",
            "Choose a smaller model (`mentor models`), or close other programs.",
        )
    return _good(found)


def _model_server(settings: Settings) -> Finding:
    address = f"{settings.model.rstrip('/')}/models"
    request = Request(address, headers={"Authorization": f"Bearer {settings.model_key}"})
    try:
        with urlopen(request, timeout=PATIENCE) as answer:
            listed = json.load(answer)
        names = [str(entry["id"]) for entry in listed["data"]]
    except HTTPError as exc:
        cure = "Check MENTOR_MODEL_KEY." if exc.code in (401, 403) else "Check MENTOR_MODEL."
        return _bad(f"{address} answers {exc.code} {exc.reason}", cure)
    except OSError as exc:
        reason = getattr(exc, "reason", None) or exc
        return _bad(
            f"{address} does not answer: {reason}",
            "Start the server, correct MENTOR_MODEL, or set MENTOR_MODEL=embedded.",
        )
    except (ValueError, LookupError, TypeError):
        return _bad(
            f"{address} does not answer as an OpenAI-compatible server",
            "Give MENTOR_MODEL the address that ends in /v1.",
        )
    found = f"{settings.model} answers, with {', '.join(names) or 'no model'}"
    if names and settings.model_name not in names:
        hint = f"If it refuses {settings.model_name!r}, set MENTOR_MODEL_NAME={names[0]}."
        return _good(found, hint=hint)
    return _good(found)


def _embedder(settings: Settings) -> Finding:
    folder = embedder_folder(settings.embedder, settings.models_dir)
    size = _size(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()))
    if settings.embedder == "embedded":
        return _good(f"embedded: all-MiniLM-L6-v2, {size}, checksum right")
    window = _window(folder)
    if window < material.PASSAGE_TOKENS:
        return _bad(
            f"{folder}, {size}, reads {window} tokens; passages have up to "
            f"{material.PASSAGE_TOKENS}",
            "Choose an embedder with a longer window: the ends of passages are not seen.",
        )
    return _good(f"{folder}, {size}, reads {window} tokens")


def _window(folder: Path) -> int:
    """How many tokens an embedder reads, as its own configuration says."""
    try:
        said = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
        return int(said["max_seq_length"])
    except (OSError, ValueError, LookupError, TypeError):
        return 512  # what its library takes where nothing is said


# --- material, index, store --------------------------------------------------------------------


def _corpus(settings: Settings) -> Finding:
    if not settings.corpus.is_dir():
        return _bad(f"there is no folder {settings.corpus}", "Set MENTOR_CORPUS to the material.")
    files = list(material.files_of(settings.corpus))
    if not files:
        return _bad(f"{settings.corpus} holds no material", "Set MENTOR_CORPUS to the material.")
    return _good(f"{settings.corpus}, {len(files)} files")


def _vectors(settings: Settings) -> Finding:
    if settings.chroma is None:
        return _good(f"on this disk, in {settings.index_dir}")
    ask_server(settings.chroma)
    return _good(f"on the Chroma server at {settings.chroma}, which answers")


def _index(settings: Settings) -> Finding:
    name = current_generation(settings.index_dir)
    if name is None:
        named = open_embedder(settings).name
        return _bad(f"none made by the embedder {named}", "Run `mentor index`.")
    embedder = open_embedder(settings)
    folder = generation_folder(settings.index_dir, name)
    index = Index(folder, embedder, chroma=settings.chroma)
    found = (
        f"generation {int(name)}, {len(index.passages)} passages from "
        f"{len(index.manifest.files)} files, embedded by {embedder.name}"
    )
    if is_stale(
        settings.index_dir,
        [settings.corpus],
        embedder.name,
        chroma=settings.chroma,
        sources=settings.sources,
    ):
        return _bad(f"{found}; the material has changed since", "Run `mentor index`.")
    return _good(f"{found}; up to date")


def _store(settings: Settings) -> Finding:
    from mentor.store.examine import examine_store  # SQLAlchemy takes a while to import

    state = examine_store(settings)
    if state.revision is None:
        return _good(f"{state.where}: nothing is kept yet; it is made when something is")
    count = f"{state.learners} learner{'' if state.learners == 1 else 's'}"
    found = ", ".join((state.where, *state.details, f"tables at {state.revision}", count))
    if not state.is_current:
        return _good(found, hint="It is brought up to date when Mentor opens it next.")
    if not settings.database_url and "wal journal" not in state.details:
        return _bad(
            f"{found}: without WAL a reader blocks a writer",
            "Keep it on a local disk: network disks cannot hold WAL. Or set MENTOR_DATABASE_URL.",
        )
    return _good(found)


CHECKS: dict[str, Callable[[Settings], Finding]] = {
    "Python": _python,
    "llama.cpp": _llama_cpp,
    "Processor": _processor,
    "GPU": _gpu,
    "Memory": _memory,
    "Disk": _disk,
    "Chat model": _chat_model,
    "Running it": _running,
    "Embedder": _embedder,
    "Corpus": _corpus,
    "Vectors": _vectors,
    "Index": _index,
    "Store": _store,
}
