"""What a learner says becomes a question that stands alone."""

from __future__ import annotations

import pytest

from mentor import conversation, language, manner
from mentor.errors import QuestionError


@pytest.mark.parametrize("empty", ["", "   ", "\n\t", "\x00\x07", "???", "…"])
def test_an_empty_question_is_refused_with_a_cure(empty: str) -> None:
    with pytest.raises(QuestionError, match="empty") as caught:
        conversation.clean(empty)
    assert caught.value.cure


def test_a_question_of_fifty_kilobytes_is_refused_with_its_length() -> None:
    with pytest.raises(QuestionError, match="49,999 characters"):
        conversation.clean("why? " * 10_000)


def test_control_characters_become_blanks_and_words_stay() -> None:
    assert conversation.clean("what\x00 does\x1b[31m\u202e a\tjunior earn?") == (
        "what does [31m a junior earn?"
    )


def test_characters_that_nobody_sees_part_no_words() -> None:
    assert conversation.clean("what is over\u00adfitting\u200b?") == "what is overfitting?"


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("thx! how long does hiring take?", "how long does hiring take?"),
        ("alright, and how do I write a cv", "and how do I write a cv"),
        ("ok sorry. what is gradient descent then", "what is gradient descent"),
        ("new topic: what is a feature store", "what is a feature store"),
        ("No degree, can I apply?", "No degree, can I apply?"),
        ("no problem", "no problem"),
        ("yes", "yes"),
    ],
)
def test_what_leads_into_a_message_is_no_part_of_it(said: str, asked: str) -> None:
    assert conversation.turn(said, []).question == asked


@pytest.mark.parametrize(
    ("compared", "then"),
    [
        ("What is the difference between track A and track B?", "what about track C?"),
        ("Should I take NLP or computer vision?", "and recommender systems?"),
        ("compare stage 2 and stage 3", "stage 4?"),
        ("What do mids do that juniors do not?", "and seniors?"),
    ],
)
def test_of_two_that_are_compared_none_is_exchanged(compared: str, then: str) -> None:
    asked = conversation.turn(then, [compared]).question
    assert compared.rstrip("?") in asked and asked.endswith(then)


def test_a_word_that_ends_like_the_message_is_not_taken_for_it() -> None:
    asked = conversation.turn("and for seniors?", ["What is the average salary in Poland?"])
    assert asked.question == "What is the average salary in Poland for seniors?"
    assert asked.topic == ""


@pytest.mark.parametrize(
    "asked", ["which of these is shorter?", "and which one is simpler?", "is it easier?"]
)
def test_what_compares_wishes_for_no_shorter_answer(asked: str) -> None:
    assert (
        conversation.turn(asked, ["What is the difference between track A and B?"]).manner
        == "plain"
    )


@pytest.mark.parametrize("what", ["a run", "a metric over time", "a model"])
def test_to_track_something_is_no_track(what: str) -> None:
    asked = conversation.turn(f"How do I track {what}?", ["What do juniors earn?"])
    assert not asked.follows


def test_a_topic_of_messages_without_marks_does_not_grow_for_ever() -> None:
    history = ["what do juniors earn", "and why", "and in europe", "and then", "and for them"]
    asked = conversation.turn("and who pays it", history).question
    assert asked == "what do juniors earn? and in europe? and who pays it"


@pytest.mark.parametrize(
    ("history", "question", "standalone"),
    [
        (
            ["How much do junior engineers make?"],
            "and seniors?",
            "How much do seniors engineers make?",
        ),
        (
            ["What is in track A of stage 3?"],
            "what about track B?",
            "What is in track B of stage 3?",
        ),
        (
            ["What is in track C of stage one?", "and stage two?"],
            "and four?",
            "What is in track C of stage four?",
        ),
        (
            ["Which courses are in track A of stage 3?"],
            "and B?",
            "Which courses are in track B of stage 3?",
        ),
        (
            ["What is the first stage about?"],
            "and what about the last one?",
            "What is the last stage about?",
        ),
        (
            ["What does a junior earn?"],
            "and for mid?",
            "What does a mid earn?",
        ),
        (
            ["What projects do I do in stage 3?"],
            "tell me more about the second one",
            "What projects do I do in stage 3? tell me more about the second one",
        ),
        (
            ["precision or recall?", "I build a spam filter"],
            "the second one then?",
            "precision or recall? I build a spam filter? the second one then?",
        ),
        (
            ["What is stage 1 about?"],
            "What comes after stage 4?",
            "What comes after stage 4?",
        ),
        (
            ["Should I start with deep learning?"],
            "why?",
            "Should I start with deep learning? why?",
        ),
        (
            ["What is stage 2 about?", "thanks!"],
            "and the deliverables?",
            "What is stage 2 about? and the deliverables?",
        ),
    ],
)
def test_a_follow_up_takes_up_what_was_asked_before(
    history: list[str], question: str, standalone: str
) -> None:
    assert conversation.standalone(question, history) == standalone


def test_a_question_of_its_own_leaves_the_history_alone() -> None:
    question = "Which free courses cover statistics for beginners?"
    assert conversation.standalone(question, ["What does a senior earn?"]) == question


@pytest.mark.parametrize("question", ["What is drift?", "so what does overfitting mean?"])
def test_a_question_for_a_definition_stands_alone(question: str) -> None:
    assert conversation.standalone(question, ["What does a senior earn?"]) == question


@pytest.mark.parametrize(
    "question",
    [
        "can you give me the links?",
        "what about a friend of mine who has been a data scientist for years?",
        "what is the difference between them?",
    ],
)
def test_a_question_without_a_topic_of_its_own_takes_the_last_one(question: str) -> None:
    assert conversation.standalone(question, ["Are there free courses?"]) == (
        f"Are there free courses? {question}"
    )


def test_a_pronoun_that_means_somebody_in_the_question_leans_on_nothing() -> None:
    question = "How satisfied are ML engineers with their job?"
    assert conversation.standalone(question, ["Should I learn one cloud or several?"]) == question


def test_the_stage_after_the_one_talked_about_is_named() -> None:
    asked = conversation.standalone("what comes after that?", ["What is stage 3 about?"])
    assert "stage 4" in asked


@pytest.mark.parametrize(
    "said",
    [
        *("Hi!", "hello there", "Thanks a lot!", "ok, thank you", "thanks, that helps", "bye"),
        *("ah got it, thanks!", "thank you, I needed that", "thanks, that makes sense"),
    ],
)
def test_small_talk_gets_a_human_reply(said: str) -> None:
    assert manner.small_talk(said)


@pytest.mark.parametrize("said", ["help", "Can you help me?", "what can you do?", "who are you"])
def test_who_asks_for_help_learns_what_can_be_asked(said: str) -> None:
    assert "interview me" in str(manner.small_talk(said))


def test_who_is_stuck_is_asked_on_what() -> None:
    assert "What are you stuck on?" in str(manner.small_talk("I'm stuck"))
    assert manner.small_talk("I'm stuck on data leakage") is None


@pytest.mark.parametrize("said", ["Can you review my CV?", "please look over my resume"])
def test_who_wants_a_cv_read_learns_how_and_what_comes_of_it(said: str) -> None:
    reply = str(manner.small_talk(said))
    assert "I have a CV" in reply and "mentor plan --cv" in reply
    assert manner.small_talk("What should my CV look like?") is None


@pytest.mark.parametrize("said", ["how does this work?", "help me understand drift"])
def test_a_question_that_only_sounds_so_is_a_question(said: str) -> None:
    assert manner.small_talk(said) is None


@pytest.mark.parametrize("said", ["hi, what does a junior earn?", "thanks, and the senior?"])
def test_a_question_after_a_greeting_is_a_question(said: str) -> None:
    assert manner.small_talk(said) is None


@pytest.mark.parametrize(
    ("said", "manner"),
    [
        ("shorter please", "short"),
        ("in one sentence?", "short"),
        ("can you explain it like I am new?", "simple"),
        ("I don't get it", "simple"),
        ("what is drift?", "plain"),
    ],
)
def test_a_wish_for_fewer_or_easier_words_keeps_the_question(said: str, manner: str) -> None:
    turn = conversation.turn(said, ["what is drift?"])
    assert (turn.question, turn.manner) == ("what is drift?", manner)


@pytest.mark.parametrize(
    "question",
    [
        "Which track is easier?",
        "Is my resume too long?",
        "Which project is good for a beginner?",
        "How do I summarise a paper?",
        "the group totals dont sum up to my row count",
        "what can I do in short time?",
    ],
)
def test_what_sounds_like_a_wish_may_be_the_question(question: str) -> None:
    turn = conversation.turn(question, [])
    assert (turn.question, turn.manner) == (question, "plain")


def test_a_wish_and_a_new_question_are_both_heard() -> None:
    turn = conversation.turn("briefly: which metrics suit a ranking?", ["what is drift?"])
    assert turn.manner == "short"
    assert "ranking" in turn.question and "drift" not in turn.question


@pytest.mark.parametrize(
    "said",
    [
        "I failed my third interview",
        "I'm scared I am too old for this",
        "honestly I feel like a fraud at work",
        "Is it normal to feel lost in the first months?",
        "I just got fired",
        "I froze in the interview",
        "my application was rejected again",
        "I lost all motivation",
        "I'm terrified of my first day",
        "I feel like a total idiot at work",
        "I feel worthless after this review",
    ],
)
def test_a_worry_gets_a_kind_word_first(said: str) -> None:
    assert conversation.turn(said, []).opening


@pytest.mark.parametrize(
    "said",
    [
        "Why do tests fail in CI?",
        "I'd rather not quit, so how do I get into ML where I work?",
        "My loss is noisy, should I be worried?",
        "My tests are failing on CI, how do I debug them?",
        "Why has my Airflow job failed?",
        "I froze the encoder layers, what now?",
        "How do I handle rejected requests in my API?",
        "Are my uncommitted changes lost when I switch branches?",
        "Do I need to worry about overfitting?",
        "My model is not good enough, what next?",
        "How do I quit vim?",
        "what do I give up if I take track C",
        "what do I have to give up to learn this next to a job?",
    ],
)
def test_a_question_of_fact_is_no_worry(said: str) -> None:
    assert conversation.turn(said, []).opening is None


@pytest.mark.parametrize(
    "said",
    [
        "How do I embed a sentence?",
        "How do I measure the similarity of two sentences?",
        "Which simple language model should I start with?",
        "What is natural language processing in easy language processing books?",
    ],
)
def test_sentences_and_languages_that_are_asked_about_are_no_manner(said: str) -> None:
    assert manner.manner_and_matter(said) == ("plain", said)


@pytest.mark.parametrize(
    "said",
    [
        "Wie viel verdient ein Junior?",
        "¿Cómo puedo empezar con la etapa uno?",
        "как начать учиться?",
    ],
)
def test_another_language_is_told_from_english(said: str) -> None:
    assert manner.foreign(said)


@pytest.mark.parametrize("said", ["What is a Wasserstein distance?", "pandas vs polars", "SQL?"])
def test_english_with_foreign_names_is_english(said: str) -> None:
    assert not manner.foreign(said)


def test_what_the_material_does_not_know_is_no_topic_to_come_back_to() -> None:
    known = {language.stem(word) for word in ("junior", "earn", "senior")}
    turn = conversation.turn(
        "and a senior?",
        ["What does a junior earn?", "Who is Zlatan Ibrahimovic?"],
        lambda stem: 1.0 if stem in known else 9.0,
    )
    assert turn.question == "What does a senior earn?"


@pytest.mark.parametrize(
    "question",
    ["What is stage 4 about?", "what is track B?", "Tell me about seniors", "explain track A"],
)
def test_a_part_of_the_roadmap_that_is_asked_about_whole_leans_on_nothing(question: str) -> None:
    assert conversation.turn(question, ["How much does a junior earn?"]).question == question


@pytest.mark.parametrize("said", ["summarise stage 3", "can you sum up track B"])
def test_a_summary_of_what_is_named_leans_on_nothing(said: str) -> None:
    turn = conversation.turn(said, ["How much does a junior earn?"])
    assert turn.manner == "short"
    assert "earn" not in turn.question and not turn.follows


def test_a_summary_of_what_was_said_goes_on_with_it() -> None:
    said = "summarise that for seniors"
    assert "earn" in conversation.turn(said, ["How much does a junior earn?"]).question


def test_a_part_that_is_only_named_goes_on_with_what_was_asked() -> None:
    assert "earn" in conversation.turn("and seniors?", ["How much does a junior earn?"]).question
    assert (
        "earn"
        in conversation.turn("What is it for seniors?", ["How much does a junior earn?"]).question
    )
