"""Chat models: the queue before them, the one in this process, one behind a URL, and the fake."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from mentor.errors import ModelBusy, ModelError, WeightsError
from mentor.models import weights
from mentor.models.chat import LlamaChat, ScriptedChat, open_chat, stream_text
from mentor.models.queue import SECONDS_A_TURN, Turnstile
from mentor.models.tuning import Wish
from mentor.settings import load_settings

ASKED: list[BaseMessage] = [
    SystemMessage("You answer in one sentence."),
    HumanMessage("Name three colours."),
]


def until(true: object, seconds: float = 20.0) -> None:
    """Waits for `true()`; fails when it does not come."""
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


# --- the queue ----------------------------------------------------------------------------------


def test_learners_are_served_one_at_a_time_in_order_of_arrival() -> None:
    turnstile = Turnstile(room=10)
    served: list[int] = []
    inside: list[int] = []

    def learner(n: int) -> None:
        with turnstile.turn():
            inside.append(n)
            assert inside == [n]
            served.append(n)
            time.sleep(0.002)
            inside.remove(n)

    with turnstile.turn():
        threads = []
        for n in range(8):
            assert turnstile.ahead == n + 1
            threads.append(threading.Thread(target=learner, args=(n,)))
            threads[-1].start()
            until(lambda n=n: turnstile.ahead == n + 2)
    for thread in threads:
        thread.join(10)
    assert served == list(range(8))
    assert turnstile.ahead == 0


def test_a_full_queue_says_so_and_when_to_come_back() -> None:
    turnstile = Turnstile(room=1)
    with turnstile.turn():
        waiting = threading.Thread(target=lambda: turnstile.turn().__enter__())
        waiting.start()
        until(lambda: turnstile.ahead == 2)
        with pytest.raises(ModelBusy, match="1 learners are waiting") as caught, turnstile.turn():
            pass
        assert caught.value.retry_after > 0
        assert caught.value.cure
        assert turnstile.ahead == 2
    waiting.join(10)


def test_the_line_tells_how_long_it_takes_by_the_turns_so_far() -> None:
    turnstile = Turnstile(room=1)
    with turnstile.turn():
        assert turnstile.wait == 0.0
        time.sleep(0.05)
    assert turnstile.wait == 0.0
    with turnstile.turn():
        assert 0.05 <= turnstile.wait < SECONDS_A_TURN
        waiting = threading.Thread(target=lambda: turnstile.turn().__enter__())
        waiting.start()
        until(lambda: turnstile.ahead == 2)
        with pytest.raises(ModelBusy) as caught, turnstile.turn():
            pass
        assert caught.value.retry_after < SECONDS_A_TURN
    waiting.join(10)


def test_a_turn_that_ends_in_an_error_lets_the_next_one_in() -> None:
    turnstile = Turnstile(room=1)
    with pytest.raises(RuntimeError), turnstile.turn():
        raise RuntimeError
    with turnstile.turn():
        assert turnstile.ahead == 1


def test_a_learner_who_lost_patience_leaves_the_line_and_no_prompt_is_read_for_them(
    tmp_path: Path,
) -> None:
    chat = LlamaChat(cache_dir=tmp_path, path=tmp_path / "never-opened.gguf")
    with chat._turnstile.turn():
        stream = stream_text(chat, ASKED)
        assert next(stream) == ""
        assert chat.ahead == 2
        stream.close()
        until(lambda: chat.ahead == 1)
    assert chat.ahead == 0
    assert chat._llama is None


# --- the fake -----------------------------------------------------------------------------------


def test_the_fake_streams_what_its_script_says_to_the_last_message() -> None:
    chat = ScriptedChat(script=lambda asked: f"You said: {asked}")
    pieces = list(stream_text(chat, ASKED))
    assert "".join(pieces) == "You said: Name three colours."
    assert len(pieces) > 1
    assert chat.invoke(ASKED).text == "".join(pieces)
    assert chat.get_num_tokens("two words") == 2


def test_whatever_a_foreign_model_raises_becomes_a_model_error() -> None:
    def broken(_asked: str) -> str:
        raise ZeroDivisionError("by nought")

    with pytest.raises(ModelError, match="broke off: by nought") as caught:
        list(stream_text(ScriptedChat(name="Broken", script=broken), ASKED))
    assert caught.value.cure
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_an_error_of_ours_passes_as_it_is() -> None:
    def busy(_asked: str) -> str:
        raise ModelBusy("Full.", retry_after=9)

    with pytest.raises(ModelBusy) as caught:
        list(stream_text(ScriptedChat(script=busy), ASKED))
    assert caught.value.retry_after == 9


# --- which model --------------------------------------------------------------------------------


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_none_opens_no_model_and_a_url_opens_a_client() -> None:
    assert open_chat(load_settings(model="none")) is None
    client = open_chat(load_settings(model="http://127.0.0.1:1/v1", model_name="big"))
    assert client is not None
    assert client.name == "big at http://127.0.0.1:1/v1"


def test_opening_a_local_model_loads_nothing(tmp_path: Path) -> None:
    chat = open_chat(load_settings(model=str(tmp_path / "absent.gguf"), queue=3))
    assert isinstance(chat, LlamaChat)
    assert (chat.name, chat.room, chat.ahead) == ("absent.gguf", 3, 0)
    embedded = open_chat(load_settings())
    assert isinstance(embedded, LlamaChat)
    assert "SmolLM2" in str(embedded.name)


def test_a_model_file_that_is_missing_or_no_gguf_is_said_when_first_asked(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    chat = open_chat(load_settings(model=str(path)))
    assert chat is not None
    with pytest.raises(WeightsError, match="There is no model file"):
        list(stream_text(chat, ASKED))
    path.write_bytes(b"MZ not a model")
    with pytest.raises(WeightsError, match="not a GGUF file") as caught:
        list(stream_text(chat, ASKED))
    assert caught.value.cure


def test_a_model_of_the_hub_that_is_not_downloaded_names_the_command() -> None:
    chat = open_chat(load_settings(model="hf:owner/repo/model.gguf"))
    assert chat is not None
    with pytest.raises(WeightsError, match="is not downloaded") as caught:
        list(stream_text(chat, ASKED))
    assert caught.value.cure == "Run `mentor models pull hf:owner/repo/model.gguf`."
    with pytest.raises(WeightsError, match="names no file"):
        open_chat(load_settings(model="hf:repo"))


# --- llama.cpp in this process ------------------------------------------------------------------


@pytest.fixture(scope="module")
def llama_chat(weights_cache: Path) -> LlamaChat:
    return LlamaChat(name="SmolLM2", cache_dir=weights_cache, room=1, max_tokens=60)


@pytest.mark.real
@pytest.mark.parametrize("share", [1e-7, 0.001, 0.5, 0.999])
def test_a_gguf_that_was_cut_short_is_refused(share: float, tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    whole = weights.shipped_gguf().read_bytes()
    path.write_bytes(whole[: max(8, int(len(whole) * share))])
    chat = open_chat(load_settings(model=str(path)))
    assert chat is not None
    with pytest.raises(WeightsError, match="damaged, cut short") as caught:
        list(stream_text(chat, ASKED))
    assert str(path) in caught.value.what
    assert "MENTOR_MODEL=embedded" in caught.value.cure
    path.unlink()


@pytest.mark.real
def test_a_gguf_without_a_chat_template_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "base.gguf"
    whole = weights.shipped_gguf().read_bytes()
    path.write_bytes(whole.replace(b"tokenizer.chat_template", b"tokenizer.what_template", 1))
    chat = open_chat(load_settings(model=str(path)))
    assert chat is not None
    with pytest.raises(WeightsError, match="carries no chat template") as caught:
        list(stream_text(chat, ASKED))
    assert "instruct" in caught.value.cure
    path.unlink()


@pytest.mark.real
def test_a_template_without_a_system_role_gets_the_instructions_with_the_question(
    tmp_path: Path,
) -> None:
    path = tmp_path / "strict.gguf"
    whole = weights.shipped_gguf().read_bytes()
    mark = b"{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    start = whole.index(mark)
    end = whole.index(b"<|im_end|>\n' }}{% endif %}", start) + len(b"<|im_end|>\n' }}{% endif %}")
    strict = (
        b"{% for message in messages %}{% if message['role'] == 'system' %}"
        b"{{ raise_exception('There is no system role') }}{% endif %}"
    )
    path.write_bytes(whole[:start] + strict.ljust(end - start) + whole[end:])
    chat = open_chat(load_settings(model=str(path)))
    assert isinstance(chat, LlamaChat)
    assert "".join(stream_text(chat, ASKED)).strip()
    path.unlink()


@pytest.mark.real
def test_an_adapter_that_is_missing_is_named(weights_cache: Path, tmp_path: Path) -> None:
    chat = LlamaChat(cache_dir=weights_cache, lora_path=tmp_path / "lora.gguf")
    with pytest.raises(WeightsError, match="no adapter") as caught:
        chat.warm()
    assert "MENTOR_LORA_PATH" in caught.value.cure


@pytest.mark.real
def test_the_embedded_model_streams_and_says_the_same_every_time(llama_chat: LlamaChat) -> None:
    pieces = list(stream_text(llama_chat, ASKED))
    assert len(pieces) > 3
    assert llama_chat.invoke(ASKED).text == "".join(pieces)


@pytest.mark.real
def test_who_asks_for_a_few_tokens_gets_no_more_streamed_or_whole(llama_chat: LlamaChat) -> None:
    few = "".join(stream_text(llama_chat, ASKED, max_tokens=3))
    assert llama_chat.get_num_tokens(few) <= 3
    assert llama_chat.invoke(ASKED, max_tokens=3).text == few


@pytest.mark.real
def test_tokens_are_counted_by_the_models_own_tokenizer(llama_chat: LlamaChat) -> None:
    assert llama_chat.get_num_tokens("") == 0
    assert 2 <= llama_chat.get_num_tokens("hello world") <= 4
    assert llama_chat.get_num_tokens("hello world " * 50) >= 100


@pytest.mark.real
def test_closing_the_stream_ends_the_decoding_and_frees_the_place(llama_chat: LlamaChat) -> None:
    stream = stream_text(llama_chat, [HumanMessage("Count from 1 to 1000, one by one.")])
    assert next(filter(None, stream))
    assert llama_chat.ahead == 1
    stream.close()
    until(lambda: llama_chat.ahead == 0, seconds=2)
    assert "".join(stream_text(llama_chat, ASKED))


@pytest.mark.real
def test_a_second_learner_waits_and_a_third_is_told_to_come_back(llama_chat: LlamaChat) -> None:
    first = stream_text(llama_chat, ASKED)
    assert next(filter(None, first))
    second: list[str] = []
    waiting = threading.Thread(target=lambda: second.extend(stream_text(llama_chat, ASKED)))
    waiting.start()
    until(lambda: llama_chat.ahead == 2)
    with pytest.raises(ModelBusy):
        list(stream_text(llama_chat, ASKED))
    assert "".join(second) == ""
    first.close()
    waiting.join(60)
    assert "".join(second)
    until(lambda: llama_chat.ahead == 0)


@pytest.mark.real
def test_a_prompt_beyond_the_context_is_an_error_with_a_cure(weights_cache: Path) -> None:
    chat = LlamaChat(name="Small", cache_dir=weights_cache, wish=Wish(context=512))
    with pytest.raises(ModelError, match="The model Small broke off") as caught:
        list(stream_text(chat, [HumanMessage("word " * 2000)]))
    assert caught.value.cure == "Ask a shorter question."
    until(lambda: chat.ahead == 0)


# --- a server by URL ----------------------------------------------------------------------------


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_server_that_is_not_there_is_a_model_error_with_a_cure() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    chat = open_chat(load_settings(model=f"http://127.0.0.1:{port}/v1"))
    assert chat is not None
    with pytest.raises(ModelError, match="cannot be reached") as caught:
        list(stream_text(chat, ASKED))
    assert f"127.0.0.1:{port}" in caught.value.what
    assert "MENTOR_MODEL=embedded" in caught.value.cure


@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.parametrize(
    ("status", "kind", "cure"),
    [
        (401, ModelError, "MENTOR_MODEL_KEY"),
        (404, ModelError, "MENTOR_MODEL_NAME"),
        (429, ModelBusy, "Ask again"),
        (500, ModelError, "Look into its log"),
    ],
)
def test_a_server_that_refuses_is_a_model_error_with_a_cure(
    status: int, kind: type[ModelError], cure: str
) -> None:
    class Refuses(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_error(status, "No.")

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Refuses) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        chat = open_chat(load_settings(model=f"http://127.0.0.1:{server.server_port}/v1"))
        assert chat is not None
        with pytest.raises(kind) as caught:
            list(stream_text(chat, ASKED))
        server.shutdown()
    assert cure in caught.value.cure


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a real OpenAI-compatible server, over the embedded weights."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "llama_cpp.server", "--host", "127.0.0.1"),
            *("--port", str(port), "--model", str(weights.shipped_gguf()), "--n_ctx", "1024"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def answers() -> bool:
        assert process.poll() is None, "the server ended"
        try:
            return bool(urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=1).read())
        except (URLError, OSError):
            return False

    try:
        until(answers, seconds=120)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait(20)


def opened(url: str) -> BaseChatModel:
    chat = open_chat(load_settings(model=url, model_name="smollm2"))
    assert chat is not None
    return chat


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_real_server_streams_over_the_same_interface(server: str) -> None:
    pieces = list(stream_text(opened(server), ASKED))
    assert len(pieces) > 3
    assert len("".join(pieces)) > 10


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_stream_from_a_real_server_can_be_closed(server: str) -> None:
    stream = stream_text(opened(server), [HumanMessage("Count from 1 to 1000, one by one.")])
    assert next(filter(None, stream))
    stream.close()
    assert "".join(stream_text(opened(server), ASKED))
