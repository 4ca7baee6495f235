"""Settings: where they come from, and what is said of the wrong ones."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from pydantic import ValidationError

from mentor.errors import SettingsError
from mentor.settings import CHECKOUT, default_home, load_settings, shipped


def test_a_flag_beats_the_environment_which_beats_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings().port == 7860
    (tmp_path / "mentor.toml").write_text('port = 7001\nhost = "0.0.0.0"\n')
    assert load_settings().port == 7001
    monkeypatch.setenv("MENTOR_PORT", "7002")
    assert load_settings().port == 7002
    assert load_settings(port=7003).port == 7003
    assert load_settings(port=7003).host == "0.0.0.0"


def test_a_flag_that_is_none_was_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENTOR_MODEL", "none")
    assert load_settings(model=None).model == "none"


def test_index_data_and_cache_lie_in_the_home(home: Path) -> None:
    settings = load_settings()
    assert settings.index_dir == home / "index"
    assert settings.data_dir == home / "data"
    assert settings.cache_dir == home / "data" / "cache"


def test_in_a_checkout_home_and_corpus_are_the_checkouts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MENTOR_HOME")
    settings = load_settings()
    assert settings.home == default_home() == CHECKOUT
    assert settings.corpus == shipped("corpus") == CHECKOUT / "corpus"
    assert (settings.corpus / "roadmap" / "roadmap.yaml").is_file()


def test_a_tilde_means_the_users_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_settings(home="~/mentor").home == tmp_path / "mentor"


def test_an_unknown_variable_is_refused_and_the_nearest_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MENTOR_MODLE", "none")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "MENTOR_MODLE" in caught.value.what
    assert caught.value.cure == "Did you mean 'model'?"


def test_an_unknown_key_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mentor.toml").write_text("prot = 1\n")
    with pytest.raises(SettingsError, match="no setting named 'prot'") as caught:
        load_settings()
    assert "'port'" in caught.value.cure


def test_a_key_that_is_like_none_is_answered_with_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MENTOR_XYZZY", "1")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "evidence_tokens" in caught.value.cure


@pytest.mark.parametrize(
    ("name", "value"),
    [("port", "eighty"), ("port", "70000"), ("context", "1"), ("queue", "0"), ("threads", "0")],
)
def test_a_value_that_cannot_be_right_is_refused_by_name(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"MENTOR_{name.upper()}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert repr(name) in caught.value.what
    assert value in caught.value.what
    assert f"MENTOR_{name.upper()}" in caught.value.cure


@pytest.mark.parametrize("content", [b"port = ", b"[[[", b"\xff\xfe"])
def test_a_broken_file_is_named_with_its_cure(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "mentor.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=r"mentor\.toml cannot be read") as caught:
        load_settings()
    assert caught.value.cure == "Correct the file."


def test_settings_are_frozen_and_keep_the_key_out_of_their_repr() -> None:
    settings = load_settings(model_key="hush")
    assert "hush" not in repr(settings)
    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("TOKEN_SECRET", "hunter2short", "at least 32 characters"),
        ("WEBHOOK_SECRET", "whsec_hunter2", "no whole secret"),
        ("WEBHOOK", "https://learn.example.org/in", "needs MENTOR_WEBHOOK_SECRET"),
    ],
)
def test_an_error_in_the_settings_says_what_is_wrong_and_tells_no_secret(
    name: str, wrong: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENTOR_MODEL_KEY", "sk-hunter2")
    monkeypatch.setenv("MENTOR_DATABASE_URL", "postgresql://mentor:hunter2@localhost/mentor")
    monkeypatch.setenv(f"MENTOR_{name}", wrong)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert said in caught.value.what and caught.value.cure
    assert "hunter2" not in str(caught.value)


def test_a_webhook_secret_that_lost_or_gained_a_character_is_refused() -> None:
    for whole in ("whsec_" + base64.b64encode(bytes(n)).decode() for n in (24, 31, 32)):
        for good in (whole, whole.rstrip("=")):
            assert load_settings(webhook_secret=good).webhook_secret == good
        before, after = whole[:9], whole[9:]
        for broken in (before + after[1:], f"{before}x{after}", f"{whole}=", f"{whole} "):
            with pytest.raises(SettingsError, match="no whole secret"):
                load_settings(webhook_secret=broken)
