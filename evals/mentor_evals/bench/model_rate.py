"""How fast the model reads and writes here, beside llama.cpp's own calls on the same tokens.

The mentor's side is all that a learner waits for: template, tokenizer, queue, thread, sampling and
text. The raw side is `llama_decode` with llama.cpp's own batch size and its greedy sampler, nothing
else. Both start from the same kept prefix, and take turns.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from typing import NamedTuple

from langchain_core.messages import BaseMessage

from mentor.answer.draft import messages
from mentor.answer.evidence import Evidence
from mentor.errors import ModelError
from mentor.mentor import Mentor, open_mentor
from mentor.models import llama, weights
from mentor.models.chat import LlamaChat, open_chat, stream_text
from mentor.models.threads import in_a_thread
from mentor.settings import Settings
from mentor_evals.bars import Bar
from mentor_evals.bench.table import Figure
from mentor_evals.cases import Question, load

BAR = Bar(least=0.95)
ANSWER = 48
"""Tokens of an answer."""
_EVIDENCE = 105
"""Words, about 150 tokens."""
_BATCH = 512
"""llama.cpp's own."""


Rates = tuple[float, float]


class Run(NamedTuple):
    """What the mentor's model read and wrote, in tokens, and how many of either in a second."""

    rates: Rates
    prefix: list[int]
    """What it still knew from the last prompt."""
    prompt: list[int]
    answer: list[int]


def figures(settings: Settings, prompts: int = 15) -> list[Figure]:
    """Rates over the prompts of that many questions.

    Raises:
        ModelError: the settings name no model of this process.
    """
    chat = open_chat(settings)
    if not isinstance(chat, LlamaChat):
        raise ModelError("Only a model in this process is measured.", cure="Leave out --model.")
    mentor = open_mentor(settings.model_copy(update={"model": "none"}))
    cases = load("answers", Question, "dev")
    asked = [case.question for case in cases[:: max(1, len(cases) // prompts)]][:prompts]
    return compared(chat, [_prompt(mentor, question) for question in asked])


def compared(chat: LlamaChat, prompts: Sequence[Sequence[BaseMessage]]) -> list[Figure]:
    """Both rates, medians over `prompts`; the first of them warms both sides before it counts."""
    raw = _Raw(chat)
    runs = [
        (run := _ours(chat, prompt), in_a_thread(lambda: raw.rates(run)))
        for prompt in [prompts[0], *prompts]
    ][1:]
    read = statistics.median(len(run.prompt) for run, _ in runs)
    return [
        Figure(
            what=f"{what}: {read:.0f} tokens of prompt past the kept prefix",
            value=statistics.median(run.rates[side] for run, _ in runs),
            unit="tokens/s",
            peer="llama.cpp",
            peer_value=statistics.median(rates[side] for _, rates in runs),
            bar=BAR,
        )
        for side, what in enumerate(("model reads", "model writes"))
    ]


def _prompt(mentor: Mentor, question: str) -> list[BaseMessage]:
    """The prompt over the opening of the best passage, about as long as the evidence is."""
    passage = mentor.retriever.search(question)[0].passage
    end = len(" ".join(passage.text.split(" ")[:_EVIDENCE]))
    return messages(question, [Evidence(passage=passage, start=0, end=end)])


def _ours(chat: LlamaChat, prompt: Sequence[BaseMessage]) -> Run:
    llama_cpp = llama.library()
    model = chat._loaded()
    llama_cpp.llama_perf_context_reset(model.ctx)
    started = time.perf_counter()
    first = None
    for piece in stream_text(chat, prompt, max_tokens=ANSWER):
        if piece and first is None:
            first = time.perf_counter()
    ended = time.perf_counter()
    counted = llama_cpp.llama_perf_context(model.ctx)
    ids = [int(token) for token in model.input_ids[: model.n_tokens]]
    begins, answers = counted.n_p_eval + counted.n_eval, counted.n_eval
    return Run(
        rates=(counted.n_p_eval / ((first or ended) - started), answers / (ended - (first or 0))),
        prefix=ids[: len(ids) - begins],
        prompt=ids[len(ids) - begins : len(ids) - answers],
        answer=ids[len(ids) - answers :],
    )


class _Raw:
    """llama.cpp with the same weights and threads, called as its own benchmark calls it."""

    def __init__(self, chat: LlamaChat) -> None:
        self._lib = llama.library()
        path = weights.user_gguf(chat.path) if chat.path else weights.embedded_gguf(chat.cache_dir)
        tuning = chat.tuning(path)
        self._model = self._lib.Llama(
            str(path),
            n_ctx=tuning.context,
            n_threads=tuning.threads,
            n_threads_batch=tuning.batch_threads,
            n_gpu_layers=tuning.gpu_layers,
            flash_attn=tuning.flash_attention,
            verbose=False,
        )
        self._sampler = self._lib.llama_sampler_init_greedy()

    def rates(self, run: Run) -> Rates:
        """Tokens per second of reading and writing what `run` read and wrote."""
        self._lib.llama_memory_clear(self._lib.llama_get_memory(self._model.ctx), True)
        self._evaluate(run.prefix)
        started = time.perf_counter()
        self._evaluate(run.prompt)
        self._sample()
        read = time.perf_counter()
        for token in run.answer:
            self._evaluate([token])
            self._sample()
        written = time.perf_counter()
        return len(run.prompt) / (read - started), len(run.answer) / (written - read)

    def _evaluate(self, tokens: Sequence[int]) -> None:
        for start in range(0, len(tokens), _BATCH):
            part = tokens[start : start + _BATCH]
            held = (self._lib.llama_token * len(part))(*part)
            if self._lib.llama_decode(
                self._model.ctx, self._lib.llama_batch_get_one(held, len(part))
            ):
                raise ModelError("llama.cpp broke off.", cure="Run `mentor doctor`.")

    def _sample(self) -> int:
        return int(self._lib.llama_sampler_sample(self._sampler, self._model.ctx, -1))
