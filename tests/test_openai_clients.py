"""The official client of the OpenAI protocol talks to the mentor over a real connection."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest
from conftest import SECRET, Serve, listening
from openai import OpenAI

from mentor_ui.api.identity import mint

pytestmark = pytest.mark.enable_socket
SALARY = "What does a junior ML engineer earn?"


@pytest.fixture
def client(serve: Serve) -> Iterator[OpenAI]:
    with listening(serve(token_secret=SECRET).app) as address:
        yield OpenAI(base_url=f"{address}/v1", api_key=mint(SECRET, "ada"), max_retries=0)


def test_a_client_gets_an_answer_with_its_citations(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model="mentor",
        messages=[{"role": "system", "content": "Be kind."}, {"role": "user", "content": SALARY}],
        temperature=0.3,
    )
    assert "$95,000" in str(answer.choices[0].message.content)
    assert answer.choices[0].finish_reason == "stop"
    assert answer.model_extra is not None
    (citation,) = answer.model_extra["citations"]
    assert f"[{citation['n']}]" in str(answer.choices[0].message.content)
    assert citation["passage"] == "junior#salary~0"


def test_a_client_gets_the_same_answer_in_pieces_with_citations_on_the_way(client: OpenAI) -> None:
    whole = client.chat.completions.create(
        model="mentor", messages=[{"role": "user", "content": SALARY}]
    )
    chunks = list(
        client.chat.completions.create(
            model="mentor", messages=[{"role": "user", "content": SALARY}], stream=True
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == whole.choices[0].message.content
    assert chunks[-1].choices[0].finish_reason == "stop"
    cited = [c for chunk in chunks for c in (chunk.model_extra or {})["citations"]]
    assert cited == (whole.model_extra or {})["citations"]


def test_earlier_messages_are_the_history(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model="mentor",
        messages=[
            {"role": "user", "content": SALARY},
            {"role": "assistant", "content": "It depends."},
            {"role": "user", "content": [{"type": "text", "text": "and seniors?"}]},
        ],
    )
    assert "$157,000" in str(answer.choices[0].message.content)


def test_each_chat_has_an_interview_of_its_own(client: OpenAI) -> None:
    def say(*said: str) -> str:
        answer = client.chat.completions.create(
            model="mentor", messages=[{"role": "user", "content": each} for each in said]
        )
        return str(answer.choices[0].message.content)

    first, second = (f"interview me on {topic}, junior level" for topic in ("drift", "docker"))
    assert "Question 1" in say(first)
    assert "paused" not in say(second)
    told = say(first, "It is about the inputs.")
    assert "?" in told and "another window" not in told


def test_what_is_not_in_the_material_is_refused_in_words(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model="mentor", messages=[{"role": "user", "content": "How long do I boil an egg?"}]
    )
    assert answer.choices[0].message.content
    assert (answer.model_extra or {})["citations"] == []


def test_a_client_lists_the_models_and_is_told_what_is_wrong(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["mentor"]
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="nobody").models.list()
    with pytest.raises(openai.UnprocessableEntityError, match="last message"):
        client.chat.completions.create(
            model="mentor", messages=[{"role": "assistant", "content": "Hello"}]
        )
