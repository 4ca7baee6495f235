"""Which passages speak beside the best one: those that were asked for, and say something."""

from __future__ import annotations

from mentor.answer.evidence import gather
from mentor.answer.search import Found
from mentor.models.judge import LexicalJudge
from mentor.records import Hit, Passage, Place

ASKED = "How do people notice drift?"


def passage(name: str, text: str, *path: str) -> Passage:
    return Passage(
        id=f"{name}~0",
        section=name,
        path=path or ("Drift", name),
        text=text,
        file="drift.md",
        place=Place(source="editorial"),
    )


BEST = passage("alarms", "People notice drift by alarms. An alarm compares two weeks.")
OTHER = passage("charts", "People notice drift on charts. A chart shows each week.")


def hits(*passages: Passage) -> tuple[Hit, ...]:
    return tuple(Hit(passage=each, score=1.0, similarity=1.0) for each in passages)


def speak(found: Found) -> list[str]:
    evidence = gather(ASKED, found, LexicalJudge())
    return list(dict.fromkeys(each.passage.section for each in evidence))


def test_a_passage_as_near_as_the_best_speaks_too() -> None:
    assert speak(Found(hits=hits(BEST, OTHER))) == ["alarms", "charts"]


def test_an_opening_that_has_no_room_for_what_it_leads_up_to_is_left_out() -> None:
    room = passage("long", "People notice drift by looking. " + "It takes many words. " * 60)
    beside = passage(
        "list", "People notice drift in five ways. " + "One of the ways is this. " * 60
    )
    assert speak(Found(hits=hits(BEST, OTHER, beside))) == ["alarms", "charts", "list"]
    assert speak(Found(hits=hits(room, beside))) == ["long"]


def test_what_a_page_is_for_answers_nothing_beside_an_answer() -> None:
    opening = passage("page", "People notice drift on this page. It goes step by step.", "Drift")
    goals = "What you will be able to do about drift"
    ends = passage("goals", "People notice drift after this. They act on it.", "Drift", goals)
    assert speak(Found(hits=hits(BEST, opening, ends))) == ["alarms"]
    assert speak(Found(hits=hits(opening, BEST))) == ["page", "alarms"]


def test_in_a_conversation_only_what_fits_its_subject_speaks_beside_the_best() -> None:
    told = (("how do people notice it?", hits(BEST, OTHER)), ("drift: how?", hits(BEST)))
    assert speak(Found(hits=hits(BEST, OTHER), wordings=told)) == ["alarms"]
    told = (("how do people notice it?", hits(BEST)), ("drift: how?", hits(BEST, OTHER)))
    assert speak(Found(hits=hits(BEST, OTHER), wordings=told)) == ["alarms", "charts"]
