"""The llama.cpp build of this environment: how it is opened, what it can do, where it chatters.

llama.cpp is a C++ library compiled on the learner's own machine, so two installations of one
version differ: one knows the graphics card, another was compiled for another processor.
"""

from __future__ import annotations

import ctypes
import logging
from functools import lru_cache
from pathlib import Path
from typing import Any

from mentor.errors import ModelError, WeightsError
from mentor.records import Record

log = logging.getLogger(__name__)
_GRAPHICS = (1, 2)  # GGML_BACKEND_DEVICE_TYPE_GPU and _IGPU


class Graphics(Record):
    """A graphics processor that the build can compute on; memory in bytes."""

    name: str
    free: int
    total: int


class Build(Record):
    """What was compiled in."""

    version: str
    offloads: bool
    """Whether layers can be offloaded to a graphics processor at all."""
    features: tuple[str, ...]
    """Instruction sets of the processor that the build uses: AVX2, FMA, …"""
    graphics: tuple[Graphics, ...]


@lru_cache(maxsize=1)
def library() -> Any:
    """The module `llama_cpp`, with its chatter sent to our log.

    Raises:
        ModelError: it is not installed, or its shared library cannot be loaded.
    """
    try:
        import llama_cpp
    except (ImportError, OSError, RuntimeError) as exc:
        raise ModelError(
            f"llama.cpp cannot be loaded: {exc}.",
            cure="Run `make setup`, or `pip install --force-reinstall llama-cpp-python`.",
        ) from exc
    llama_cpp.llama_log_set(_to_log(llama_cpp), ctypes.c_void_p(0))
    return llama_cpp


@lru_cache(maxsize=1)
def _to_log(llama_cpp: Any) -> Any:
    # Kept for ever by the cache: C code holds a pointer to it.
    def callback(_level: int, text: bytes, _data: ctypes.c_void_p) -> None:
        log.debug("%s", text.decode(errors="replace").rstrip())

    return llama_cpp.llama_log_callback(callback)


def build() -> Build:
    """What this build of llama.cpp is.

    Raises:
        ModelError: it cannot be loaded.
    """
    llama_cpp = library()
    flags = llama_cpp.llama_print_system_info().decode()
    pairs = (flag.rpartition(":")[2].partition("=") for flag in flags.split("|"))
    return Build(
        version=llama_cpp.__version__,
        offloads=bool(llama_cpp.llama_supports_gpu_offload()),
        features=tuple(name.strip() for name, _, value in pairs if value.strip() == "1"),
        graphics=tuple(_graphics()),
    )


def _graphics() -> list[Graphics]:
    from llama_cpp._ggml import libggml

    libggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    libggml.ggml_backend_dev_get.restype = ctypes.c_void_p
    libggml.ggml_backend_dev_description.restype = ctypes.c_char_p
    found = []
    for n in range(libggml.ggml_backend_dev_count()):
        device = ctypes.c_void_p(libggml.ggml_backend_dev_get(ctypes.c_size_t(n)))
        if libggml.ggml_backend_dev_type(device) in _GRAPHICS:
            free, total = ctypes.c_size_t(), ctypes.c_size_t()
            libggml.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
            name = libggml.ggml_backend_dev_description(device).decode(errors="replace")
            found.append(Graphics(name=name, free=free.value, total=total.value))
    return found


def metadata(path: Path) -> dict[str, str]:
    """What a GGUF file says of itself; its tensors are held against the file's size, not loaded.

    Raises:
        WeightsError: the file is damaged, cut short, or of a kind that this build does not know.
    """
    llama_cpp = library()
    try:
        model = llama_cpp.Llama(str(path), vocab_only=True, verbose=False)
    except (ValueError, RuntimeError, AssertionError) as exc:
        raise damaged(path) from exc
    try:
        return dict(model.metadata)
    finally:
        model.close()


def takes_system(model: Any) -> bool:
    """Whether the chat template of a loaded model lets a conversation begin with a system prompt.

    Some templates raise an error instead, and would do so at every question.
    """
    from jinja2 import TemplateError
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    try:
        shape = Jinja2ChatFormatter(
            model.metadata["tokenizer.chat_template"], eos_token="", bos_token=""
        )
        shape(messages=[{"role": r, "content": "x"} for r in ("system", "user")])
    except (TemplateError, ValueError):
        return False
    return True


def damaged(path: Path) -> WeightsError:
    return WeightsError(
        f"llama.cpp cannot load {path}: the file is damaged, cut short, or of a kind that "
        f"this build does not know.",
        cure="Download it again, or set MENTOR_MODEL=embedded.",
    )


def refuse_without_template(path: Path, said: dict[str, str]) -> None:
    """A model without a chat template was not taught to talk.

    Raises:
        WeightsError: `said`, the file's metadata, holds none.
    """
    if "tokenizer.chat_template" not in said:
        raise WeightsError(
            f"{path} carries no chat template, so the mentor cannot talk with it.",
            cure="Use an instruct (chat) version of this model.",
        )
