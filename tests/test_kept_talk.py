"""The conversation of a browser: there again after a reload and a restart, and nobody else's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest
from conftest import SECRET, Serve, bearer, said

from mentor.errors import LearnerError
from mentor.index import IndexReader
from mentor.mentor import Mentor
from mentor.models.chat import ScriptedChat
from mentor.models.embed import HashingEmbeddings
from mentor.next_steps import NextSteps
from mentor.records import Answer, Citation, Sentence
from mentor.settings import Settings, shipped
from mentor.store import open_store
from mentor.store.conversations import add_turn, conversations, turns
from mentor_ui import proposal_panel, render
from mentor_ui.asking import Asking, forget
from mentor_ui.chat_page import chat_blocks
from mentor_ui.kept_talk import Messages, keep, new_id, own, said_before, turn_of
from mentor_ui.replying import Reply
from mentor_ui.sessions import Sessions

ADA, BOB, TALK = (new_id() for _ in range(3))


def mentor_of(home: Path) -> Mentor:
    embedder = HashingEmbeddings()
    reader = IndexReader(home / "index", embedder)
    steps = NextSteps(
        shipped("corpus"), reader.passages, open_store=lambda: open_store(Settings(home=home))
    )
    return Mentor(reader=reader, embedder=embedder, chat=None, steps=steps)


@pytest.fixture
def mentor(home: Path) -> Iterator[Mentor]:
    made = mentor_of(home)
    yield made
    assert made.steps is not None
    made.steps.store.close()


def ask(mentor: Mentor, *asked: str, who: str | None = ADA, talk: str = TALK) -> str:
    """The last message of the page; the status line has to be told apart."""
    messages = [{"role": "user", "content": text} for text in asked]
    *_, (after, _, status) = Reply(mentor, messages, learner=who, conversation=talk).run()
    assert "could not be kept" not in status
    return str(after[-1]["content"])


def test_a_conversation_is_there_again_after_a_restart(mentor: Mentor, home: Path) -> None:
    first = ask(mentor, "what next?")
    second = ask(mentor, "what next?", "what if I do 12?")
    messages, panel = said_before(mentor_of(home), ADA, TALK)
    assert [m["role"] for m in messages] == ["user", "assistant"] * 2
    assert [m["content"] for m in messages] == ["what next?", first, "what if I do 12?", second]
    assert panel == render.NO_SOURCES, "no index, no sources"


def test_a_conversation_with_the_widget_goes_on_here(mentor: Mentor) -> None:
    assert mentor.store is not None
    add_turn(mentor.store, ADA, "xY-_3kQ", said("What is drift?", "Change."))
    assert len(said_before(mentor, ADA, "xY-_3kQ")[0]) == 2


def test_another_browser_sees_nothing_of_it(mentor: Mentor) -> None:
    ask(mentor, "what next?")
    assert said_before(mentor, BOB, TALK) == ([], render.NO_SOURCES)
    assert said_before(mentor, None, TALK) == ([], render.NO_SOURCES)


@pytest.mark.parametrize("name", ["", None, "a" * 101, "../etc/passwd", "a b"])
def test_what_cannot_be_an_id_names_no_conversation(mentor: Mentor, name: str | None) -> None:
    assert own(name) is None
    assert own(new_id()) is not None
    assert keep(mentor, ADA, name, said("q")) == (None, "")
    assert mentor.store is not None
    assert conversations(mentor.store, ADA) == []


def test_an_answer_stands_although_it_could_not_be_kept(home: Path) -> None:
    home.write_text("a file where the data folder should be")
    mentor = mentor_of(home)
    turn, told = keep(mentor, ADA, TALK, said("q"))
    assert turn is None
    assert "could not be kept" in told and "cannot be written" in told


SOURCE = Citation(
    n=1, passage="p#a~0", heading="P › A", path="p.md", url=None, source="roadmap",
    quote="One.", start=0, end=4, passage_text="One.",
)  # fmt: skip


def test_paragraphs_are_where_they_were_although_sentences_no_longer_say_so() -> None:
    texts = ("One.", "Two.", "Three:\n- four")
    answer = Answer(
        question="q",
        answer="One. Two.\n\nThree:\n- four",
        sentences=tuple(Sentence(text=text, citations=(1,)) for text in texts),
        citations=(SOURCE,),
        mode="quoted",
        model="none",
    )
    cite = '<a class="cite" href="#source-7-1"><sup>1</sup></a>'
    assert render.whole(answer, 7).startswith(
        f"One.{cite} Two.{cite}\n\nThree:{cite}\n\n- four\n\n"
    )
    assert "the words of the material" in render.whole(answer, 7)


def test_code_in_a_sentence_looks_like_code_and_no_markup_of_it_works() -> None:
    assert render.plain("Use `a_b < c` or <b>*x*</b>") == (
        r"Use <code>a\_b &lt; c</code> or &lt;b&gt;\*x\*&lt;/b&gt;"
    )
    assert render.plain("one ` tick") == r"one \` tick"


def tab_of(who: str) -> gr.Request:
    return gr.Request(username=who, session_hash="tab")


WHAT_NEXT = [{"role": "user", "content": "what next?"}]


def test_what_was_said_before_a_stop_is_kept_once(mentor: Mentor) -> None:
    reply = Reply(mentor, WHAT_NEXT, learner=ADA, conversation=TALK)
    under_way = reply.run()
    for messages, _, _ in under_way:
        if render.THINKING not in messages[-1]["content"]:
            break
    cut = reply.cut()
    assert cut is not None and turn_of(cut[0]) == 1
    assert reply.cut() is None, "a second stop keeps nothing more"
    assert said_before(mentor, ADA, TALK)[0] == cut[0]
    assert mentor.store is not None
    assert [turn.answer.reason for turn in turns(mentor.store, ADA, TALK)] == ["stopped"]


def test_who_leaves_the_page_in_mid_answer_finds_question_and_answer_again(mentor: Mentor) -> None:
    asking, tab = Asking(mentor, Sessions()), tab_of(ADA)
    _, _, _, _, _, talk, *_ = asking.typed("what next?", [], "", tab)
    under_way = asking.answered(tab)
    for messages, *_ in under_way:
        if render.THINKING not in messages[-1]["content"]:
            break
    under_way.close()  # type: ignore[attr-defined]
    question, answer = said_before(mentor, ADA, talk)[0]
    assert question["content"] == "what next?" and messages[-1]["content"] in answer["content"]


def test_who_leaves_before_the_answer_was_fetched_finds_the_question_again(mentor: Mentor) -> None:
    reply = Reply(mentor, WHAT_NEXT, learner=ADA, conversation=TALK)
    reply.cut_unless_run(0.01)
    for _ in range(500):
        if kept := said_before(mentor, ADA, TALK)[0]:
            break
        time.sleep(0.01)
    question, answer = kept
    assert question["content"] == "what next?"
    assert answer["content"] == render.plain(render.STOPPED)


def test_an_answer_that_is_being_fetched_is_not_cut_for_taking_long(mentor: Mentor) -> None:
    reply = Reply(mentor, WHAT_NEXT, learner=ADA, conversation=TALK)
    reply.cut_unless_run(0.05)
    under_way = reply.run()
    next(under_way)
    time.sleep(0.1)
    assert not reply.is_over
    *_, (messages, _, _) = under_way
    assert said_before(mentor, ADA, TALK)[0] == messages


def test_a_stop_after_the_last_word_leaves_the_answer_whole(mentor: Mentor) -> None:
    reply = Reply(mentor, WHAT_NEXT, learner=ADA, conversation=TALK)
    *_, (messages, _, _) = reply.run()
    assert reply.cut() is None and reply.is_over
    assert said_before(mentor, ADA, TALK)[0] == messages


def test_who_stops_before_a_word_was_said_reads_that(mentor: Mentor) -> None:
    reply = Reply(mentor, WHAT_NEXT, learner=ADA, conversation=TALK)
    reply.cut()
    assert list(reply.run()) == []
    assert said_before(mentor, ADA, TALK)[0][-1]["content"] == render.plain(render.STOPPED)


def test_the_next_question_follows_a_stopped_answer_that_has_its_number(mentor: Mentor) -> None:
    asking, tab = Asking(mentor, Sessions()), tab_of(ADA)
    messages, _, _, _, _, talk, *_ = asking.typed("what next?", [], "", tab)
    under_way = asking.answered(tab)
    next(under_way)
    stopped, *_ = asking.stopped(tab)
    messages, *_ = asking.typed("what if I do 12?", stopped, talk, tab)
    assert [turn_of([m]) for m in messages] == [0, 1, 0]
    late = list(under_way)
    assert late == [(gr.skip(),) * 3], "what comes late of the stopped answer changes nothing"
    *_, (after, _, _), _ = asking.answered(tab)
    assert [turn_of([m]) for m in after] == [0, 1, 0, 2]
    assert said_before(mentor, ADA, talk)[0] == after


def test_a_question_that_overtakes_an_answer_keeps_what_was_said(mentor: Mentor) -> None:
    asking, tab = Asking(mentor, Sessions()), tab_of(ADA)
    messages, _, _, _, _, talk, *_ = asking.typed("what next?", [], "", tab)
    under_way = asking.answered(tab)
    shown, *_ = next(under_way)
    messages, *_ = asking.typed("what if I do 12?", shown, talk, tab)
    assert render.plain(render.STOPPED) in messages[1]["content"]
    assert asking.idle(tab) == (gr.skip(), gr.skip()), "the buttons stay those of the second"
    *_, (after, _, _), _ = asking.answered(tab)
    list(under_way)
    assert said_before(mentor, ADA, talk)[0] == after


def test_a_deleted_conversation_does_not_come_back_with_what_was_under_way(mentor: Mentor) -> None:
    asking, tab = Asking(mentor, Sessions()), tab_of(ADA)
    _, _, _, _, _, talk, *_ = asking.typed("what next?", [], "", tab)
    under_way = asking.answered(tab)
    next(under_way)
    asking.forgotten(tab)
    list(under_way)
    assert said_before(mentor, ADA, talk)[0] == []


def test_what_was_under_way_elsewhere_is_not_written_over_another_conversation(
    mentor: Mentor,
) -> None:
    asking, tab = Asking(mentor, Sessions()), tab_of(ADA)
    asking.typed("what next?", [], "", tab)
    next(asking.answered(tab))
    ask(mentor, "my progress")
    there = said_before(mentor, ADA, TALK)[0]
    messages, *_ = asking.typed("what if I do 12?", there, TALK, tab)
    assert messages[:-1] == there


def test_an_answer_is_cut_before_another_conversation_is_shown_or_this_one_deleted(
    mentor: Mentor,
) -> None:
    wired = [str(each.api_name) for each in chat_blocks(mentor).fns.values()]
    for cut, page in (("left", "opened"), ("left", "begun"), ("forgotten", "deleted")):
        assert wired.index(cut) < wired.index(page), "listeners of a click run in this order"


def test_the_next_question_takes_away_what_the_last_answer_offered(mentor: Mentor) -> None:
    hidden = proposal_panel.shown([])
    *_, status = begun = Asking(mentor, Sessions()).typed("what next?", [], "", tab_of(ADA))
    assert begun[-1 - len(hidden) : -1] == hidden and status == ""


def test_only_a_question_that_was_typed_clears_the_box(mentor: Mentor) -> None:
    asking = Asking(mentor, Sessions())
    _, box, *_ = asking.typed("what next?", [], "", tab_of(ADA))
    assert box == ""
    here = answer_of(asking)
    last = gr.RetryData(None, {"index": 1, "value": ""})
    _, box, *_ = asking.regenerated(last, here, "", tab_of(ADA))
    assert box == gr.skip(), "what is being typed stays"


def test_an_offer_that_is_over_says_so_and_leaves_the_conversation_as_it_is(
    mentor: Mentor,
) -> None:
    first = next(f for f in chat_blocks(mentor).fns.values() if f.api_name == "handle")
    messages, body, *_, note = first.fn([], tab_of(ADA))  # type: ignore[misc]
    assert (messages, body) == (gr.skip(), gr.skip()) and "ask again" in note


def test_what_cannot_be_asked_is_answered_in_words_and_not_kept(mentor: Mentor) -> None:
    assert "2,000 is the most" in ask(mentor, "why? " * 2_000)
    assert said_before(mentor, ADA, TALK)[0] == []


def test_asking_anew_forgets_what_followed(mentor: Mentor) -> None:
    ask(mentor, "what next?")
    ask(mentor, "what next?", "what if I do 12?")
    forget(mentor, ADA, TALK, keep=1)
    messages, _ = said_before(mentor, ADA, TALK)
    assert [m["content"] for m in messages][::2] == ["what next?"]
    forget(mentor, BOB, TALK, keep=0)
    assert len(said_before(mentor, ADA, TALK)[0]) == 2, "nobody else's can be forgotten"


def retry(asking: Asking, messages: Messages, talk: str) -> Messages:
    """The last answer is asked for anew and comes."""
    last = gr.RetryData(None, {"index": len(messages) - 1, "value": ""})
    asking.regenerated(last, messages, talk, tab_of(ADA))
    return answer_of(asking)


def answer_of(asking: Asking) -> Messages:
    *_, (messages, _, _), _ = asking.answered(tab_of(ADA))
    return messages


def test_a_question_asked_before_the_conversation_has_loaded_goes_on_in_it(mentor: Mentor) -> None:
    ask(mentor, "what next?")
    ask(mentor, "what next?", "what if I do 12?")
    asking = Asking(mentor, Sessions())
    shown, *_ = asking.typed("and 8?", [], TALK, tab_of(ADA))
    assert [turn_of([m]) for m in shown] == [0, 1, 0, 2, 0], "all that was said before is there"
    after = retry(asking, answer_of(asking), TALK)
    assert said_before(mentor, ADA, TALK)[0] == after
    assert len(after) == 6, "asking anew took nothing away but the answer"


def test_asking_anew_leaves_what_another_tab_has_added(mentor: Mentor) -> None:
    ask(mentor, "what next?")
    here = said_before(mentor, ADA, TALK)[0]
    ask(mentor, "what next?", "what if I do 12?")
    asking = Asking(mentor, Sessions())
    asking.typed("and 8?", here, TALK, tab_of(ADA))
    retry(asking, answer_of(asking), TALK)
    kept = said_before(mentor, ADA, TALK)[0]
    assert [m["content"] for m in kept][::2] == ["what next?", "what if I do 12?", "and 8?"]


def test_a_question_that_is_edited_in_mid_answer_is_not_kept_twice(mentor: Mentor) -> None:
    asking, tab = Asking(mentor, Sessions()), tab_of(ADA)
    _, _, _, _, _, talk, *_ = asking.typed("what next?", [], "", tab)
    under_way = asking.answered(tab)
    shown, *_ = next(under_way)
    new = gr.EditData(None, {"index": 0, "previous_value": "", "value": "my progress"})
    asking.edited(new, shown, talk, tab)
    after = answer_of(asking)
    list(under_way)
    assert said_before(mentor, ADA, talk)[0] == after and len(after) == 2


def test_an_answer_that_was_not_kept_is_asked_anew_and_takes_nothing_away(mentor: Mentor) -> None:
    ask(mentor, "what next?")
    here = said_before(mentor, ADA, TALK)[0]
    asking = Asking(mentor, Sessions())
    asking.typed("why? " * 2_000, here, TALK, tab_of(ADA))
    retry(asking, answer_of(asking), TALK)
    assert said_before(mentor, ADA, TALK)[0] == here


def test_what_was_said_in_an_interview_stays_said(mentor: Mentor) -> None:
    graded = said("my answer").model_copy(update={"reason": "interview"})
    keep(mentor, ADA, TALK, graded)
    with pytest.raises(LearnerError, match="stays said"):
        forget(mentor, ADA, TALK, keep=0)


def test_the_sources_of_an_earlier_answer_are_there_for_its_learner_alone(
    serve: Serve,
) -> None:
    page = serve(page=True, token_secret=SECRET)
    store = page.app.state.mentor.store  # type: ignore[attr-defined]
    answer = said("q").model_copy(update={"citations": (SOURCE,)})
    add_turn(store, "ada", TALK, answer)
    there = f"/sources/{TALK}/1"
    assert ">One.</mark>" in page.get(there, headers=bearer("ada")).text
    for address, who in ((there, "eve"), (f"/sources/{TALK}/2", "ada"), ("/sources/x.y/1", "ada")):
        assert page.get(address, headers=bearer(who)).status_code == 404


class Busy(ScriptedChat):
    """A model that others are asking."""

    ahead: int = 2


def test_who_waits_for_the_model_is_told_how_long(serve: Serve) -> None:
    page = serve(chat=Busy(script=lambda _: "I am not sure."))
    asked = [{"role": "user", "content": "What does a junior earn?"}]
    shown = list(Reply(page.app.state.mentor, asked).run())  # type: ignore[attr-defined]
    told = [status for _, _, status in shown]
    assert "The model is busy: 2 learners are ahead of you, about 6 seconds …" in told
    assert told[-1] == "" and "$95,000" in shown[-1][0][-1]["content"]
