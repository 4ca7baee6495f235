"""A larger model judges the points: its quotes are checked, and code does the sums."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from interviewing import NOON, desk
from langchain_core.messages import HumanMessage

from mentor.errors import SettingsError
from mentor.interview.feedback import feedback_on, told
from mentor.interview.grading import RuleGrader, open_grader
from mentor.interview.model_grader import ModelGrader
from mentor.interview.parts import Said, State
from mentor.interview.state import Round
from mentor.interview.teaching import Teaching
from mentor.mentor import open_mentor
from mentor.models.chat import ScriptedChat, open_chat, stream_text
from mentor.models.embed import HashingEmbeddings
from mentor.models.judge import Judge, LexicalJudge, TrainedJudge
from mentor.questions import Bank, read_questions
from mentor.settings import load_settings
from mentor_evals.scripted import ScriptedDrafter

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
ANSWER = "A green light on the server proves little, wrong numbers look the same. I'd watch more."
ALL = ("drift-silent-failure", "drift-layers", "drift-owner-runbook")


@pytest.fixture(scope="module")
def bank() -> Bank:
    return Bank(
        files=(read_questions(CORPUS / "interviews/model-monitoring-drift-detection.yaml"),)
    )


@pytest.fixture(scope="module")
def rules(bank: Bank) -> RuleGrader:
    return open_grader(HashingEmbeddings(), bank)


def judged(*points: tuple[str, State, str], comment: str = "") -> str:
    rows = [
        {"point": point, "state": state, "quote": quote, "comment": comment}
        for point, state, quote in points
    ]
    return json.dumps({"points": rows})


def teaching(judge: Judge | None = None) -> Teaching:
    return Teaching(judge or LexicalJudge(), desk().syllabus.sections)


def grader(bank: Bank, rules: RuleGrader, script: Callable[[str], str]) -> ModelGrader:
    return ModelGrader(ScriptedChat(script=script), rules, bank, teaching())


def test_what_the_model_finds_is_credited_with_its_quote_and_added_up_by_code(
    bank: Bank, rules: RuleGrader
) -> None:
    quote = "A green light on the server proves little"
    says = judged(
        (ALL[0], "met", quote), (ALL[1], "partly", "I'd watch more"), (ALL[2], "missed", "")
    )
    question = bank.questions["drift-why-watch"]
    graded = grader(bank, rules, lambda _: f"Here it is: {says}").grade(
        question, (Said(text="Well."), Said(text=ANSWER, when="probe"))
    )
    first, second, third = graded.points
    assert (first.state, first.when) == ("met", "probe")
    assert first.quote
    assert (first.quote.turn, first.quote.text) == (1, quote)
    assert (second.state, third.state) == ("partly", "missed")
    assert graded.score == round(100 * 0.9 * (3 + 1.5) / 7)


@pytest.mark.parametrize(
    "quote",
    ["A green lamp on the server proves little", "", "latency, inputs, scores, quality, business"],
    ids=["not its words", "no words", "a list of keywords"],
)
def test_a_quote_that_does_not_count_takes_its_point_with_it(
    bank: Bank, rules: RuleGrader, quote: str
) -> None:
    listed = Said(text="latency, inputs, scores, quality, business, labels, alerts, owner, runbook")
    graded = grader(bank, rules, lambda _: judged((ALL[0], "met", quote))).grade(
        bank.questions["drift-why-watch"], (Said(text=ANSWER), listed)
    )
    assert graded.points[0].state == "missed"
    assert graded.points[0].quote is None


@pytest.mark.parametrize("reply", ["I cannot say.", "{}", '{"points": [{"point": 1}]}', ""])
def test_a_model_that_gives_no_judgement_leaves_the_grading_to_the_rules(
    bank: Bank, rules: RuleGrader, reply: str
) -> None:
    question = bank.questions["drift-why-watch"]
    said = (Said(text=bank.points[ALL[0]].met),)
    assert grader(bank, rules, lambda _: reply).grade(question, said) == rules.grade(question, said)


def test_the_same_answer_keeps_its_score_when_the_model_changes_its_mind(
    bank: Bank, rules: RuleGrader
) -> None:
    replies = iter([judged((ALL[0], "met", ANSWER)), judged((ALL[0], "missed", ""))])
    of = grader(bank, rules, lambda _: next(replies))
    question, said = bank.questions["drift-why-watch"], (Said(text=ANSWER),)
    assert of.grade(question, said) == of.grade(question, said)


# --- by a server ----------------------------------------------------------------------------------


@pytest.fixture
def server(socket_enabled: None) -> Iterator[tuple[ScriptedDrafter, str]]:
    drafter = ScriptedDrafter()
    with drafter.running() as url:
        yield drafter, url


def test_a_model_behind_a_url_is_asked_with_rubric_and_answer(
    bank: Bank, rules: RuleGrader, server: tuple[ScriptedDrafter, str], tmp_path: Path
) -> None:
    drafter, url = server
    question = bank.questions["drift-why-watch"]
    drafter.script = {question.question: judged((ALL[1], "met", "I'd watch more."))}
    chat = open_chat(load_settings(home=tmp_path, model=url, model_name="scripted"))
    assert chat
    graded = ModelGrader(chat, rules, bank, teaching()).grade(question, (Said(text=ANSWER),))
    assert graded.points[1].state == "met"
    assert drafter.prompt
    assert ANSWER in drafter.prompt
    assert bank.points[ALL[0]].partly in drafter.prompt
    assert not any(way in drafter.prompt for way in bank.points[ALL[0]].paraphrases)


def test_the_model_may_say_what_was_missing_in_sentences_that_the_section_carries(
    bank: Bank, rules: RuleGrader, server: tuple[ScriptedDrafter, str], tmp_path: Path
) -> None:
    drafter, url = server
    question = bank.questions["drift-why-watch"]
    point = bank.points[ALL[0]]
    taught = teaching().about(point)
    lies = "Great answer! A model that is wrong always raises an error within 5 minutes."
    drafter.script = {
        question.question: judged((ALL[0], "missed", ""), comment=f"{taught} {lies}"),
    }
    chat = open_chat(load_settings(home=tmp_path, model=url, model_name="scripted"))
    assert chat
    grader = ModelGrader(chat, rules, bank, teaching(TrainedJudge()))
    graded = grader.grade(question, (Said(text=ANSWER),))
    assert drafter.prompt
    assert " ".join(taught.split()) in drafter.prompt
    comment = graded.points[0].comment
    assert comment
    assert comment in " ".join(taught.split())
    round_ = Round(question=question.id, said=(Said(text=ANSWER),), graded=graded, at=NOON)
    told_ = "\n".join(line.text for line in told(feedback_on(round_, "junior", desk())))
    assert comment in told_
    assert point.says not in told_
    assert "Great answer" not in told_
    assert "5 minutes" not in told_


@pytest.mark.parametrize(
    "comment", ["Great answer!", "Drift makes a model faster and cheaper.", ""], ids=str
)
def test_where_the_section_carries_nothing_of_it_the_feedback_keeps_its_own_phrasing(
    bank: Bank, rules: RuleGrader, comment: str
) -> None:
    says = judged((ALL[0], "missed", ""), comment=comment)
    question = bank.questions["drift-why-watch"]
    graded = grader(bank, rules, lambda _: says).grade(question, (Said(text=ANSWER),))
    round_ = Round(question=question.id, said=(Said(text=ANSWER),), graded=graded, at=NOON)
    missing = feedback_on(round_, "junior", desk()).missing
    assert bank.points[ALL[0]].says in [each.says for each in missing]


def test_a_point_that_was_made_is_not_commented_on(bank: Bank, rules: RuleGrader) -> None:
    taught = teaching().about(bank.points[ALL[0]])
    says = judged((ALL[0], "met", ANSWER), comment=taught)
    question = bank.questions["drift-why-watch"]
    graded = grader(bank, rules, lambda _: says).grade(question, (Said(text=ANSWER),))
    assert graded.points[0].comment is None


def test_a_server_that_is_gone_leaves_the_grading_to_the_rules(
    bank: Bank, rules: RuleGrader, tmp_path: Path, socket_enabled: None
) -> None:
    chat = open_chat(load_settings(home=tmp_path, model="http://127.0.0.1:9/v1"))
    assert chat
    question, said = bank.questions["drift-why-watch"], (Said(text=ANSWER),)
    assert ModelGrader(chat, rules, bank, teaching()).grade(question, said) == rules.grade(
        question, said
    )


@pytest.mark.real
def test_llama_cpp_writes_by_a_schema(tmp_path: Path) -> None:
    chat = open_chat(load_settings(home=tmp_path))
    assert chat
    schema = {
        "type": "object",
        "properties": {"state": {"enum": ["met", "missed"]}},
        "required": ["state"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "state", "schema": schema}}
    asked = [HumanMessage("Tell me about a sunny day.")]
    text = "".join(stream_text(chat, asked, response_format=form, max_tokens=40))
    assert json.loads(text)["state"] in ("met", "missed")


def test_the_embedded_model_is_too_small_to_judge(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="has to be larger"):
        open_mentor(load_settings(home=tmp_path, model_grades=True))


def test_the_setting_lets_a_larger_model_judge(
    server: tuple[ScriptedDrafter, str], tmp_path: Path
) -> None:
    _, url = server
    settings = load_settings(home=tmp_path, model=url, model_name="scripted", model_grades=True)
    mentor = open_mentor(settings)
    assert mentor.interviews
    assert isinstance(mentor.interviews.desk.grader, ModelGrader)
