"""An answer in pieces: what counted is marked, and nothing of it is lost."""

from __future__ import annotations

from interviewing import answered, desk, half, started, strong

from mentor.interview.feedback import Feedback, feedback_on
from mentor.interview.marked import marked
from mentor.interview.parts import MadeMistake, Quote, Said
from mentor.interview.state import InterviewState


def feedback_of(state: InterviewState) -> Feedback:
    return feedback_on(state.now, "junior", desk())


def test_the_pieces_of_a_turn_are_the_turn_and_say_what_counted() -> None:
    for candidate, mark in ((strong, "met"), (half, "partly")):
        state = answered(started(), candidate)
        (pieces,) = marked(state.now.said, feedback_of(state))
        assert "".join(piece.text for piece in pieces) == state.now.said[0].text
        assert {piece.mark for piece in pieces} - {None} == {mark}


def test_words_that_counted_for_nothing_have_no_mark() -> None:
    state = answered(started(), lambda question: f"{strong(question)} I also like tea.")
    *_, last = marked(state.now.said, feedback_of(state))[0]
    assert last.text.endswith("I also like tea.") and last.mark is None


def test_quotes_that_overlap_are_each_shown_and_no_word_twice() -> None:
    text = "It is always right and it never drifts."
    first = Quote(turn=0, start=0, end=22, text=text[:22])
    over = Quote(turn=0, start=6, end=len(text), text=text[6:])
    within = Quote(turn=0, start=9, end=15, text=text[9:15])
    feedback = feedback_of(answered(started(), strong)).model_copy(
        update={
            "made": (),
            "missing": (),
            "mistakes": tuple(
                MadeMistake(says="", why="", section="x", quote=quote)
                for quote in (over, within, first)
            ),
        }
    )
    (pieces,) = marked([Said(text=text)], feedback)
    assert [piece.text for piece in pieces] == [text[:22], text[22:]]
    assert marked([], feedback) == ()
