"""Chat models: LangChain's `BaseChatModel`, over llama.cpp in this process or a server by URL.

The fake beside them, `ScriptedChat`, says what it is told to.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from langchain_core import exceptions as foreign
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr, SecretStr

from mentor.errors import MentorError, ModelBusy, ModelError, WeightsError
from mentor.models import hub, llama, weights
from mentor.models.queue import Turnstile
from mentor.models.tuning import Tuning, Wish, shape_of, this_machine, tune, wish_of
from mentor.settings import Settings

if TYPE_CHECKING:
    from langchain_core.callbacks import CallbackManagerForLLMRun
    from llama_cpp import Llama

_ROLES = {"human": "user", "ai": "assistant", "system": "system"}


class LlamaChat(BaseChatModel):
    """A GGUF model in this process, loaded when first used.

    One learner at a time decodes, in order of arrival. Closing the stream ends the decoding.
    The system prompt never varies, so llama.cpp keeps its KV cache from turn to turn.
    """

    path: Path | None = None
    """The GGUF file; None for the embedded model."""
    cache_dir: Path
    origin: str = ""
    """What the settings call it, where it has to be downloaded first."""
    wish: Wish = Wish()
    lora_path: Path | None = None
    room: int = 16
    max_tokens: int = 160

    _llama: Any = PrivateAttr(default=None)
    _takes_system: bool = PrivateAttr(default=True)
    _turnstile: Turnstile = PrivateAttr()
    _opening: Any = PrivateAttr(default_factory=threading.Lock)

    def model_post_init(self, _context: Any, /) -> None:
        self._turnstile = Turnstile(self.room)

    @property
    def _llm_type(self) -> str:
        return "llama.cpp"

    @property
    def ahead(self) -> int:
        """Learners who are served before one who came now."""
        return self._turnstile.ahead

    @property
    def wait(self) -> float:
        """Seconds until one who came now would be served."""
        return self._turnstile.wait

    def warm(self) -> None:
        """Load the weights."""
        with self._turnstile.turn():
            self._loaded()

    def get_num_tokens(self, text: str) -> int:
        # LangChain's own would fetch a GPT-2 tokenizer from a hub.
        return len(self._loaded().tokenize(text.encode(), add_bos=False))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        with self._turnstile.turn(kwargs.get("is_wanted", lambda: True)):
            model = self._loaded()
            try:
                pieces = model.create_chat_completion(
                    messages=_as_dicts(messages, with_system=self._takes_system),
                    stream=True,
                    temperature=0.0,
                    max_tokens=kwargs.get("max_tokens", self.max_tokens),
                    response_format=_grammar(kwargs.get("response_format")),
                    stop=stop or [],
                )
                for piece in pieces:
                    text = piece["choices"][0]["delta"].get("content")
                    if text:
                        yield ChatGenerationChunk(message=AIMessageChunk(content=text))
            except (RuntimeError, ValueError) as exc:
                raise ModelError(
                    f"The model {self.name} broke off: {exc}.", cure="Ask a shorter question."
                ) from exc

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "".join(str(c.message.content) for c in self._stream(messages, stop, **kwargs))
        return ChatResult(generations=[ChatGeneration(message=AIMessageChunk(content=text))])

    def tuning(self, path: Path) -> Tuning:
        """How the model in `path` is run on this machine.

        Raises:
            WeightsError: the file is damaged.
        """
        shape = None if self.path is None else shape_of(path, llama.metadata(path))
        return tune(self.wish, this_machine(), shape)

    def _loaded(self) -> Llama:
        with self._opening:  # counting tokens waits for no turn, but must not load a second time
            if self._llama is None:
                if self.origin and self.path and not self.path.is_file():
                    raise weights.not_downloaded(self.origin)
                given, cache = self.path, self.cache_dir
                path = weights.user_gguf(given) if given else weights.embedded_gguf(cache)
                self._llama = _open_llama(self, path, self.tuning(path))
                self._takes_system = llama.takes_system(self._llama)
            return self._llama


def _grammar(wanted: Any) -> Any:
    """A JSON schema as OpenAI's protocol names it, in llama.cpp's own words."""
    return wanted and {"type": "json_object", "schema": wanted["json_schema"]["schema"]}


def _as_dicts(messages: Sequence[BaseMessage], *, with_system: bool) -> list[dict[str, str]]:
    """The messages as llama.cpp takes them.

    A model whose template knows no system role is given the system prompt before the question.
    """
    given = [{"role": _ROLES[m.type], "content": str(m.content)} for m in messages]
    if with_system or len(given) < 2 or given[0]["role"] != "system":
        return given
    system, first, *rest = given
    return [{**first, "content": f"{system['content']}\n\n{first['content']}"}, *rest]


def _open_llama(chat: LlamaChat, path: Path, tuning: Tuning) -> Llama:
    if chat.lora_path and not chat.lora_path.is_file():
        raise WeightsError(f"There is no adapter {chat.lora_path}.", cure="Check MENTOR_LORA_PATH.")
    try:
        model: Llama = llama.library().Llama(
            str(path),
            n_ctx=tuning.context,
            n_batch=tuning.batch,
            n_threads=tuning.threads,
            n_threads_batch=tuning.batch_threads,
            n_gpu_layers=tuning.gpu_layers,
            flash_attn=tuning.flash_attention,
            lora_path=str(chat.lora_path) if chat.lora_path else None,
            verbose=False,
        )
    except (ValueError, RuntimeError, AssertionError) as exc:
        raise llama.damaged(path) from exc
    llama.refuse_without_template(path, model.metadata)
    return model


class ScriptedChat(BaseChatModel):
    """The fake: streams what `script` returns for the last message, a few letters at a time."""

    script: Callable[[str], str]

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def get_num_tokens(self, text: str) -> int:
        return len(text.split())

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        text = self.script(str(messages[-1].content))
        for start in range(0, len(text), 7):
            yield ChatGenerationChunk(message=AIMessageChunk(content=text[start : start + 7]))

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = self.script(str(messages[-1].content))
        return ChatResult(generations=[ChatGeneration(message=AIMessageChunk(content=text))])


def open_chat(settings: Settings) -> BaseChatModel | None:
    """The chat model that `settings.model` names; None for `none`. Nothing is loaded yet."""
    model = settings.model
    if model == "none":
        return None
    if model.startswith(("http://", "https://")):
        from langchain_openai import ChatOpenAI

        return ChatOpenAI(
            name=f"{settings.model_name} at {model}",
            model=settings.model_name,
            base_url=model,
            api_key=SecretStr(settings.model_key),
            temperature=0.0,
            timeout=60,
            max_retries=1,
            max_completion_tokens=400,
        )
    path = None if model == "embedded" else hub.local_gguf(model, settings.models_dir)
    return LlamaChat(
        name="SmolLM2-135M-Instruct (Q8_0)" if path is None else path.name,
        path=path,
        origin=model if model.startswith(hub.PREFIX) else "",
        cache_dir=settings.cache_dir,
        wish=wish_of(settings),
        lora_path=settings.lora_path,
        room=settings.queue,
        max_tokens=160 if path is None else 400,
    )


HEARTBEAT = 0.25


def stream_text(
    chat: BaseChatModel, messages: Sequence[BaseMessage], **options: Any
) -> Generator[str]:
    """The model's words as they come, and "" at least every `HEARTBEAT` seconds of silence.

    A thread of its own decodes, so that whoever listens can lose patience while a prompt is read,
    and a listener who walks off without closing the stream cannot keep the model from others.
    Closing the generator ends the decoding.

    Args:
        options: fields of the request, as OpenAI's protocol names them: `response_format`,
            `max_tokens`.

    Raises:
        ModelError: whatever went wrong in a foreign model; this is the one border for it.
    """
    heard: SimpleQueue[str | Exception | None] = SimpleQueue()
    given_up = threading.Event()
    if isinstance(chat, LlamaChat):
        options["is_wanted"] = lambda: not given_up.is_set()

    def decode() -> None:
        try:
            for chunk in chat.stream(list(messages), **options):
                if given_up.is_set():
                    break
                if text := chunk.text:
                    heard.put(text)
            heard.put(None)
        except Exception as exc:
            heard.put(exc)

    # A server may leave the thread waiting for minutes, and no process ends before its threads do
    # unless they are daemons. llama.cpp must not be torn down at work; it ends at the next token.
    daemon = not isinstance(chat, LlamaChat)
    threading.Thread(target=decode, name="decode", daemon=daemon).start()
    try:
        while (piece := _next_of(heard)) is not None:
            if isinstance(piece, MentorError):
                raise piece
            if isinstance(piece, Exception):
                raise _model_error(chat, piece) from piece
            yield piece
    finally:
        given_up.set()


def _next_of(heard: SimpleQueue[str | Exception | None]) -> str | Exception | None:
    try:
        return heard.get(timeout=HEARTBEAT)
    except Empty:
        return ""


def _model_error(chat: BaseChatModel, exc: Exception) -> ModelError:
    if isinstance(exc, foreign.ModelRateLimitError):
        return ModelBusy(f"The model {chat.name} is busy.", cure="Ask again in a moment.")
    what, cure = f"The model {chat.name} broke off: {str(exc).rstrip('.')}.", "Look into its log."
    match exc:
        case foreign.ModelConnectionError() | foreign.ModelTimeoutError():
            what = f"The model server of {chat.name} cannot be reached."
            cure = "Start it, or set MENTOR_MODEL=embedded."
        case foreign.ContextOverflowError():
            cure = "Ask a shorter question."
        case foreign.ModelAuthenticationError() | foreign.ModelPermissionDeniedError():
            cure = "Check MENTOR_MODEL_KEY."
        case foreign.ModelNotFoundError():
            cure = "Check MENTOR_MODEL_NAME, and that MENTOR_MODEL ends in /v1."
    return ModelError(what, cure=cure)
