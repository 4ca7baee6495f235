"""Plans over the shipped corpus: twenty people, and the rules that hold for anybody."""

from __future__ import annotations

import time
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentor.errors import LearnerError, MaterialError
from mentor.learner import BACKGROUNDS, LEVELS, WAYS, Done, Learner, Skill, changed, with_marks
from mentor.names import item_id, skill_id, specialisation_id
from mentor.plan import Plan, Standing, difference, make_plan, standing_of, up_now
from mentor.plan.order import first_step
from mentor.settings import shipped
from mentor.syllabus import Syllabus, read_syllabus

TODAY = date(2026, 11, 27)


@cache
def shipped_syllabus() -> Syllabus:
    return read_syllabus(shipped("corpus"))


SKILLS = sorted(shipped_syllabus().roadmap.skills)
UNITS = sorted(shipped_syllabus().units)


def plan_for(learner: Learner, today: date = TODAY) -> Plan:
    return make_plan(learner, shipped_syllabus(), today=today)


def standing(learner: Learner) -> Standing:
    return standing_of(learner, shipped_syllabus())


def claims(*skills: str) -> tuple[Skill, ...]:
    return tuple(Skill(id=skill) for skill in skills)


def checked(*skills: str) -> tuple[Skill, ...]:
    return tuple(Skill(id=skill, state="checked", on=TODAY) for skill in skills)


# --- what holds for anybody -------------------------------------------------------------------


def faults(plan: Plan, learner: Learner) -> list[str]:
    """Everything about a plan that a reader would call wrong."""
    return [*_order_faults(plan, learner), *_hour_faults(plan), *_need_faults(plan, learner)]


def _order_faults(plan: Plan, learner: Learner) -> list[str]:
    at = {step.id: n for n, step in enumerate(plan.steps)}
    steps = {step.id: step for step in plan.steps}
    syllabus, found = shipped_syllabus(), []
    for step in plan.steps:
        found += [f"{step.id} before {n}" for n in step.needs if at[n] > at[step.id]]
        unit = syllabus.units.get(step.id)
        if unit is None:
            continue
        for needed in unit.needs:
            if at.get(needed, -1) > at[step.id]:
                found.append(f"{step.id} before its prerequisite {needed}")
        if step.kind == "deliverable":
            for skill in unit.skills:
                for before in (skill, *syllabus.skills.skills[skill].prerequisites):
                    first = first_step(before, standing(learner), steps, step.stage)
                    if first and at[first] > at[step.id]:
                        found.append(f"{step.id} before {first}, which leads to {before}")
    begins = [plan.week_of(step.id) or 0 for step in plan.steps]
    return found if begins == sorted(begins) else [*found, "weeks out of order"]


def _hour_faults(plan: Plan) -> list[str]:
    found = []
    for step in plan.steps:
        placed = sum(p.hours for week in plan.weeks for p in week.pieces if p.step == step.id)
        if abs(placed - step.planned) > 1e-6:
            found.append(f"{step.id}: {placed} hours placed, {step.planned} planned")
        low, high = step.hours
        if not low - 0.25 <= step.planned <= high + 0.25 or low > high:
            found.append(f"{step.id}: {step.planned} is not within {step.hours}")
    full = plan.weeks[:-1]
    if any(abs(week.hours - plan.hours_a_week) > 0.011 for week in full):
        found.append("a week before the last is not full")
    if plan.weeks and plan.weeks[-1].hours > plan.hours_a_week + 1e-6:
        found.append("the last week is overfull")
    if abs(sum(step.hours[0] for step in plan.steps) - plan.hours[0]) > 0.1:
        found.append("the lower sum is wrong")
    if sum(step.hours[1] for step in plan.steps) > plan.hours[1] + 0.1:
        found.append("the upper sum is wrong")
    return found


def _need_faults(plan: Plan, learner: Learner) -> list[str]:
    syllabus, here = shipped_syllabus(), standing(learner)
    found = []
    for step in plan.steps:
        unit = syllabus.units.get(step.id)
        if step.id in learner.finished:
            found.append(f"{step.id} is done and assigned again")
        proves = unit is not None and step.id != syllabus.planning.portfolio
        if proves and unit is not None and set(unit.skills) <= here.shown:
            found.append(f"{step.id} holds nothing that is not shown")
        if set(step.skills) & here.shown:
            found.append(f"{step.id} is assigned for a skill that is shown")
        if not step.cites or any(c.section not in syllabus.sections for c in step.cites):
            found.append(f"{step.id} is not cited")
        for cite in step.cites:
            if cite.quote not in syllabus.sections[cite.section][1]:
                found.append(f"{step.id}: the quote does not stand in {cite.section}")
        if not step.why or not step.done_when:
            found.append(f"{step.id} has no reason or no end")
    assigned = {step.id for step in plan.steps}
    for gap in plan.gaps:
        if not set(gap.closed_by) & assigned:
            proofs = set(syllabus.skills.skills[gap.skill].deliverables)
            if not proofs & learner.finished:
                found.append(f"nothing closes the gap {gap.skill}")
    return found


learners = st.builds(
    Learner,
    background=st.sampled_from([None, *BACKGROUNDS]),
    target=st.sampled_from([None, *LEVELS]),
    specialisation=st.sampled_from(
        [None, *(t.id for t in shipped_syllabus().roadmap.stage[5].topics.items)]
    ),
    track=st.sampled_from([None, *WAYS]),
    hours=st.one_of(st.none(), st.floats(1, 60).map(lambda h: round(h, 1))),
    by=st.one_of(st.none(), st.integers(1, 2000).map(lambda d: TODAY + timedelta(days=d))),
    skills=st.lists(
        st.builds(
            Skill,
            id=st.sampled_from(SKILLS),
            state=st.sampled_from(["claimed", "checked", "evidenced"]),
        ),
        max_size=20,
    ).map(tuple),
    done=st.lists(
        st.builds(
            Done,
            item=st.sampled_from(UNITS),
            on=st.just(TODAY),
            link=st.sampled_from([None, "https://example.org"]),
        ),
        max_size=15,
    ).map(tuple),
)


@given(learners)
@settings(max_examples=100, deadline=None)
def test_for_random_learners_a_plan_is_in_order_adds_up_and_assigns_nothing_shown(
    learner: Learner,
) -> None:
    plan = plan_for(learner)
    assert faults(plan, learner) == []
    assert plan.ready[0] <= plan.ready[1]
    assert plan == plan_for(learner), "the same learner gets the same plan"


@given(learners, st.integers(1, 8))
@settings(max_examples=30, deadline=None)
def test_doing_the_first_steps_never_adds_a_step_that_was_not_there(
    learner: Learner, number: int
) -> None:
    plan = plan_for(learner)
    steps = [step for step in plan.steps[:number] if step.kind != "check"]
    later = with_marks(learner, [Done(item=step.id, on=TODAY) for step in steps])
    again = plan_for(later)
    assert {step.id for step in again.steps} <= {step.id for step in plan.steps}
    assert not {step.id for step in steps} & {step.id for step in again.steps}
    assert faults(again, later) == []


@given(learners)
@settings(max_examples=40, deadline=None)
def test_whoever_does_every_step_is_job_ready(learner: Learner) -> None:
    """Checks passed and steps done with a link, nothing is missing: a plan leads to its end."""
    linked = [done.model_copy(update={"link": "https://example.org"}) for done in learner.done]
    learner = learner.model_copy(update={"done": tuple(linked)})
    marks = [
        Skill(id=step.skills[0], state="checked")
        if step.kind == "check"
        else Done(item=step.id, on=TODAY, link="https://example.org")
        for step in plan_for(learner).steps
    ]
    after = plan_for(with_marks(learner, marks))
    assert after.gaps == after.steps == (), [gap.skill for gap in after.gaps]


def test_a_plan_takes_less_than_fifty_milliseconds() -> None:
    worst = Learner(target="senior", hours=3, by=TODAY + timedelta(days=90), skills=claims(*SKILLS))
    plan_for(worst)
    took = []
    for learner in (worst, Learner(), Learner(target="senior", by=TODAY + timedelta(days=9))) * 5:
        start = time.process_time()
        plan_for(learner)
        took.append(time.process_time() - start)
    assert sorted(took)[len(took) // 2] < 0.05, took


# --- twenty people ----------------------------------------------------------------------------

SQL, PYTHON, GIT = "sql-data-querying", "python-oop-proficiency", "git-testing-code-review"
STATS, EDA, ML = (
    "statistics-linear-algebra",
    "data-cleaning-eda",
    "supervised-unsupervised-learning",
)
EVALUATION, FEATURES = "model-evaluation-metrics", "feature-engineering-selection"
JUNIOR = tuple(s.id for s in shipped_syllabus().roadmap.level["junior"].skills)
MID = tuple(s.id for s in shipped_syllabus().roadmap.level["mid"].skills)

PERSONAS: dict[str, tuple[Learner, str, str, tuple[str, ...]]] = {
    # who: the learner, the track, the first step, steps that must not be there
    "a backend developer of six years, ten hours a week": (
        Learner(background="software-engineer", hours=10, skills=claims(PYTHON, GIT, SQL)),
        "B",
        f"check-{PYTHON}",
        ("lessons/python-for-data-science",),
    ),
    "a web developer who has said nothing of skills, six hours": (
        Learner(background="software-engineer", hours=6),
        "B",
        "lessons/python-for-data-science",
        ("deliverable-production-model-service",),
    ),
    "a developer with an evening a week": (
        Learner(background="software-engineer", hours=3, skills=checked(PYTHON, GIT)),
        "A",
        "lessons/linear-algebra-and-statistics-essentials",
        ("lessons/python-for-data-science", "course-1a-python-for-ml-intensive"),
    ),
    "a platform engineer who wants the mid level": (
        Learner(
            background="software-engineer", target="mid", hours=15, skills=checked(PYTHON, GIT)
        ),
        "B",
        "lessons/linear-algebra-and-statistics-essentials",
        ("lessons/python-for-data-science",),
    ),
    "a data scientist with notebooks, aiming at production": (
        Learner(
            background="data-scientist",
            target="mid",
            hours=8,
            skills=checked(PYTHON, STATS, EDA, ML, EVALUATION, SQL, FEATURES),
        ),
        "B",
        "lessons/python-for-data-science",
        (
            "lessons/linear-algebra-and-statistics-essentials",
            "lessons/intro-to-machine-learning",
            "lessons/data-wrangling-with-pandas",
            "course-1b-data-science-with-python",
        ),
    ),
    "a data scientist who claims everything of the junior level": (
        Learner(background="data-scientist", target="junior", hours=12, skills=claims(*JUNIOR)),
        "B",
        f"check-{PYTHON}",
        ("lessons/intro-to-machine-learning", "course-1b-applied-ml-scikit-learn"),
    ),
    "an analyst with SQL and pandas, five hours": (
        Learner(background="data-scientist", hours=5, skills=claims(SQL, EDA)),
        "B",
        f"check-{SQL}",
        ("lessons/data-wrangling-with-pandas",),
    ),
    "a data scientist on the way to senior, for language models": (
        Learner(
            background="data-scientist",
            target="senior",
            hours=10,
            specialisation="topic-nlp-llms",
            skills=checked(*JUNIOR),
        ),
        "B",
        "lessons/neural-network-architectures",
        ("lessons/time-series-and-forecasting", "lessons/computer-vision-and-multi-modal-ai"),
    ),
    "a mathematician, full time": (
        Learner(background="math-graduate", hours=35, skills=checked(STATS)),
        "A",
        "lessons/python-for-data-science",
        (
            "lessons/linear-algebra-and-statistics-essentials",
            "course-1a-stats-linear-algebra-workshop",
        ),
    ),
    "a statistician who claims statistics, eight hours": (
        Learner(background="math-graduate", hours=8, skills=claims(STATS)),
        "A",
        f"check-{STATS}",
        ("lessons/linear-algebra-and-statistics-essentials",),
    ),
    "a physicist who codes in Python, mid level, vision": (
        Learner(
            background="math-graduate",
            target="mid",
            hours=20,
            specialisation="topic-computer-vision-multi-modal",
            skills=claims(PYTHON, STATS),
        ),
        "A",
        f"check-{PYTHON}",
        ("lessons/linear-algebra-and-statistics-essentials",),
    ),
    "a maths graduate with two hours on Sundays": (
        Learner(background="math-graduate", hours=2),
        "A",
        "lessons/python-for-data-science",
        (),
    ),
    "a fresh computer science graduate, thirty hours": (
        Learner(background="graduate", hours=30, skills=claims(PYTHON, GIT, STATS)),
        "A",
        f"check-{PYTHON}",
        ("lessons/python-for-data-science", "course-1a-python-for-ml-intensive"),
    ),
    "a student of economics, six hours": (
        Learner(background="graduate", hours=6),
        "A",
        "lessons/python-for-data-science",
        (),
    ),
    "a graduate who wants no courses": (
        Learner(background="graduate", hours=10, track="self-study"),
        "self-study",
        "lessons/python-for-data-science",
        ("course-1a-python-for-ml-intensive", "course-1b-build-a-predictive-model"),
    ),
    "a graduate who dreams of the senior level": (
        Learner(background="graduate", target="senior", hours=25),
        "A",
        "lessons/python-for-data-science",
        (),
    ),
    "a self-taught hobbyist, six hours": (
        Learner(background="self-taught", hours=6),
        "C",
        "course-1c-program-orientation",
        ("course-1a-python-for-ml-intensive",),
    ),
    "a self-taught tinkerer whose notebook is online": (
        Learner(
            background="self-taught",
            hours=8,
            done=(
                Done(
                    item="deliverable-data-exploration-notebook",
                    on=TODAY,
                    link="https://example.org/notebook",
                ),
            ),
        ),
        "C",
        "course-1c-program-orientation",
        ("deliverable-data-exploration-notebook", "lessons/data-wrangling-with-pandas"),
    ),
    "a nurse who has never programmed": (
        Learner(background="other", hours=7),
        "A",
        "lessons/python-for-data-science",
        (),
    ),
    "a teacher who is halfway through stage 1": (
        Learner(
            background="other",
            hours=9,
            done=(
                Done(item="lessons/python-for-data-science", on=TODAY),
                Done(item="course-1a-python-for-ml-intensive", on=TODAY),
            ),
        ),
        "A",
        "lessons/linear-algebra-and-statistics-essentials",
        ("lessons/python-for-data-science", "course-1a-python-for-ml-intensive"),
    ),
}


def test_there_are_twenty_people_of_all_backgrounds_and_levels() -> None:
    people = [learner for learner, *_ in PERSONAS.values()]
    assert len(people) == 20
    assert {p.background for p in people} == set(BACKGROUNDS)
    assert {p.target or "junior" for p in people} == set(LEVELS)


@pytest.mark.parametrize("who", PERSONAS)
def test_a_reader_finds_the_plan_right(who: str) -> None:
    learner, way, first, never = PERSONAS[who]
    plan = plan_for(learner)
    assert faults(plan, learner) == []
    assert plan.chosen.way == way, plan.chosen.why
    assert plan.steps[0].id == first, [step.id for step in plan.first]
    assert not {step.id for step in plan.steps} & set(never)
    assert plan.steps[-1].kind == "practice" and len(plan.first) == 3
    assert any(step.id == "deliverable-updated-portfolio" for step in plan.steps)
    assert plan.chosen.cite.quote in shipped_syllabus().sections[plan.chosen.cite.section][1]
    assert "no job" in plan.job_ready
    assert any("estimates" in said for said in plan.assumptions)


def test_a_lesson_of_two_skills_is_planned_by_the_share_that_is_left() -> None:
    """Data wrangling teaches cleaning and SQL; who knows SQL needs half of its 8 to 14 hours."""
    plan = plan_for(Learner(skills=checked(SQL)))
    lesson = next(s for s in plan.steps if s.id == "lessons/data-wrangling-with-pandas")
    assert lesson.hours == (4, 7) and lesson.skills == (EDA,)
    assert "Skim what is about SQL" in lesson.why


def test_a_prerequisite_stays_when_only_a_lesser_skill_of_it_is_known() -> None:
    """Git is taught beside model serving; knowing Git does not skip serving before Docker."""
    plan = plan_for(Learner(skills=claims(GIT, PYTHON)))
    order = [step.id for step in plan.steps]
    serving = order.index("lessons/model-serving-and-rest-apis")
    assert serving < order.index("lessons/containerization-with-docker")


def test_who_has_shown_everything_is_told_what_remains() -> None:
    everything = Learner(
        skills=checked(*JUNIOR),
        done=(
            Done(item="deliverable-updated-portfolio", on=TODAY, link="https://example.org"),
            Done(item="practice-junior", on=TODAY),
        ),
    )
    plan = plan_for(everything)
    assert plan.steps == plan.gaps == plan.weeks == ()
    assert plan.hours == (0, 0) and plan.ready == (TODAY, TODAY)
    assert "14 of 14 so far" in plan.job_ready and "(it is)" in plan.job_ready


def test_two_checks_do_not_promise_the_same_hours_twice() -> None:
    """Python and Git share a lesson of 10 to 16 hours: each check saves half of it at most."""
    plan = plan_for(Learner(skills=claims(PYTHON, GIT)))
    python, *_ = [step for step in plan.steps if step.kind == "check"]
    assert "save 5–8 hours of Python for Data Science" in python.why


def test_what_people_of_a_background_often_know_is_asked_for_and_not_assumed() -> None:
    plan = plan_for(Learner(background="software-engineer", skills=claims(PYTHON)))
    (asked,) = [said for said in plan.assumptions if "you may know" in said]
    assert "SQL & Data Querying" in asked and "Python & OOP" not in asked
    assert any(step.id == "lessons/data-wrangling-with-pandas" for step in plan.steps)
    assert not [said for said in plan_for(Learner()).assumptions if "you may know" in said]


def test_a_course_that_would_repeat_what_is_known_is_left_out() -> None:
    """A data scientist need not sit through the predictive model again to decompose problems."""
    known = checked(PYTHON, STATS, EDA, ML, EVALUATION, SQL, FEATURES)
    plan = plan_for(Learner(background="data-scientist", target="mid", skills=known))
    courses = {step.id for step in plan.steps if step.kind == "course"}
    assert not courses & {
        "course-1b-build-a-predictive-model",
        "course-2b-kaggle-competition-entry",
    }
    assert "course-3b-full-deep-learning-project" in courses
    newcomer = {step.id for step in plan_for(Learner(track="C")).steps}
    assert "course-1c-program-orientation" in newcomer, "a course about soft skills alone stays"


def test_a_specialization_that_the_target_does_not_reach_is_said_to_change_nothing() -> None:
    plan = plan_for(Learner(target="junior", specialisation="topic-nlp-llms"))
    assert any("changes nothing yet" in said for said in plan.assumptions)


def test_a_failed_check_is_reckoned_with_in_the_later_date() -> None:
    sure, unsure = plan_for(Learner(skills=checked(STATS))), plan_for(Learner(skills=claims(STATS)))
    assert unsure.hours[0] == pytest.approx(sure.hours[0] + 0.25 + 1)  # a check, and practice
    assert unsure.hours[1] >= sure.hours[1] + 16, "the statistics lesson may come back"
    assert any("claims hold" in said for said in unsure.assumptions)


# --- target dates -----------------------------------------------------------------------------


def test_a_date_that_cannot_be_held_is_said_with_what_would_hold_it() -> None:
    learner = Learner(background="self-taught", hours=6, by=date(2027, 5, 1))
    plan = plan_for(learner)
    assert plan.verdict is not None and "cannot be held with 6 hours a week" in plan.verdict
    hours = next(lever for lever in plan.levers if "hold it in any case" in lever)
    enough = float(hours.split()[0])
    held = plan_for(changed(learner, hours=enough, track=plan.chosen.way))
    assert held.verdict is not None and "can be held" in held.verdict
    assert any(lever.startswith("Leaving out the courses") for lever in plan.levers)
    assert plan.levers[-1].startswith("A later date")


def test_a_date_far_away_can_be_held_and_needs_nothing() -> None:
    plan = plan_for(Learner(hours=10, by=date(2035, 1, 1)))
    assert plan.verdict is not None and "can be held" in plan.verdict
    assert plan.levers == ()


def test_a_date_between_the_estimates_is_uncertain() -> None:
    plan = plan_for(Learner(hours=10))
    middle = plan.ready[0] + (plan.ready[1] - plan.ready[0]) / 2
    again = plan_for(Learner(hours=10, by=middle))
    assert again.verdict is not None and "uncertain" in again.verdict and again.levers


def test_a_date_of_next_week_says_that_no_week_holds_it() -> None:
    plan = plan_for(Learner(target="senior", by=TODAY + timedelta(days=6)))
    assert "No week holds the hours that it would take." in plan.levers


# --- nonsense ---------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [0, -3, 200, 0.5, float("nan"), "many"])
def test_hours_that_no_week_has_are_refused_with_the_range(hours: object) -> None:
    with pytest.raises(LearnerError, match="hours a week") as caught:
        changed(Learner(), hours=hours)
    assert "1 to 60" in caught.value.cure


@pytest.mark.parametrize("by", [date(2020, 1, 1), TODAY])
def test_a_past_date_is_refused(by: date) -> None:
    with pytest.raises(LearnerError, match="not in the future"):
        plan_for(Learner(by=by))


@pytest.mark.parametrize("field", ["background", "target", "track", "by"])
def test_a_word_that_is_no_choice_is_refused_with_the_choices(field: str) -> None:
    named = "target date" if field == "by" else field
    with pytest.raises(LearnerError, match=f"with wizard as the {named}") as caught:
        changed(Learner(), **{field: "wizard"})
    assert caught.value.cure


def test_a_skill_is_found_by_id_name_or_word_and_an_unknown_one_is_refused() -> None:
    syllabus = shipped_syllabus()
    for called in (PYTHON, "Python & OOP Proficiency", "python", "  NumPy "):
        assert skill_id(syllabus, called) == PYTHON
    with pytest.raises(LearnerError, match="no skill 'juggling'"):
        skill_id(syllabus, "juggling")
    with pytest.raises(LearnerError) as caught:
        skill_id(syllabus, "deep-learning-pytorsh")
    assert "deep-learning-pytorch" in caught.value.cure


def test_a_step_is_found_by_id_page_or_title() -> None:
    syllabus = shipped_syllabus()
    lesson = "lessons/python-for-data-science"
    for called in (lesson, "Python for Data Science", "python-for-data-science"):
        assert item_id(syllabus, called) == lesson
    assert item_id(syllabus, "projects/deliverable-updated-portfolio").startswith("deliverable")
    for practice in ("practice-topic-nlp-llms", "practice-junior"):
        assert item_id(syllabus, practice) == practice
        assert item_id(syllabus, syllabus.name(practice)) == practice
    assert item_id(syllabus, "sql") == SQL
    for called in ("basket weaving", "junior"):
        with pytest.raises(LearnerError, match="no lesson"):
            item_id(syllabus, called)
    assert specialisation_id(syllabus, "vision") == "topic-computer-vision-multi-modal"
    with pytest.raises(LearnerError, match="no specialization"):
        specialisation_id(syllabus, "quantum")


def test_a_corpus_without_a_roadmap_makes_no_plan(roadmap_corpus: Path) -> None:
    with pytest.raises(MaterialError, match="holds no roadmap"):
        read_syllabus(roadmap_corpus)


# --- replanning -------------------------------------------------------------------------------


def test_progress_is_kept_and_the_rest_moves() -> None:
    learner = Learner(hours=6, background="self-taught")
    before = plan_for(learner)
    step = before.steps[1]
    later = with_marks(learner, [Done(item=step.id, on=TODAY)])
    after = plan_for(later, today=TODAY + timedelta(weeks=2))
    change = difference(before, after)
    assert change.done == (step.title,) and not change.dropped and not change.added
    assert step.id in after.done and change.moved
    assert f"Done: {step.title}" in change.lines


def test_a_check_that_was_passed_is_done_and_falls_not_away() -> None:
    claimed = Learner(skills=claims(PYTHON))
    before, after = plan_for(claimed), plan_for(with_marks(claimed, checked(PYTHON)))
    change = difference(before, after)
    assert change.done == ("Check: Python & OOP Proficiency",) and not change.dropped
    assert difference(before, plan_for(Learner())).dropped == change.done, "the claim is gone"


def test_swapping_the_track_shows_which_courses_come_and_go() -> None:
    learner = Learner(hours=6, background="self-taught")
    change = difference(plan_for(learner), plan_for(changed(learner, track="A")))
    assert "Way: track C → track A" in change.lines
    comes = next(line for line in change.lines if line.startswith("Comes in: "))
    goes = next(line for line in change.lines if line.startswith("Falls away: "))
    assert "Python for ML Intensive" in comes and "Structured ML Curriculum" in goes
    assert any(line.startswith("Ready: ") for line in change.lines)


def test_the_same_plan_differs_in_nothing() -> None:
    plan = plan_for(Learner())
    assert difference(plan, plan).nothing
    assert difference(plan, plan).lines == ["Nothing changes."]


# --- the corpus's part ------------------------------------------------------------------------


def test_the_planning_file_names_only_what_there_is() -> None:
    syllabus = shipped_syllabus()
    planning = syllabus.planning
    assert set(planning.words) <= set(syllabus.roadmap.skills)
    assert planning.portfolio in syllabus.units
    for reason in (planning.few, *(o.choice for o in planning.backgrounds.values())):
        assert reason.quote in syllabus.sections[reason.section][1]
    for origin in planning.backgrounds.values():
        assert set(origin.likely) <= set(syllabus.roadmap.skills)
        assert origin.page in {section.partition("#")[0] for section in syllabus.sections}
    words = [word for known in planning.words.values() for word in known]
    assert len(words) == len(set(words)), "a word speaks for one skill"
    assert all(word == word.lower() for word in words)


def test_no_hours_of_a_plan_stand_in_the_code(tmp_path: Path) -> None:
    """Other hours in the front matter make another plan."""
    import shutil

    corpus = tmp_path / "corpus"
    shutil.copytree(shipped("corpus"), corpus, ignore=shutil.ignore_patterns("glossary", "*.jsonl"))
    page = corpus / "lessons" / "stage-1" / "python-for-data-science.md"
    page.write_text(page.read_text().replace("hours: [10, 16]", "hours: [100, 160]"))
    plan = make_plan(Learner(), read_syllabus(corpus), today=TODAY)
    assert plan.steps[0].hours == (100, 160)


# --- a kept plan on a later day ----------------------------------------------------------------


def test_the_first_open_step_is_what_to_do_on_a_day() -> None:
    learner = Learner(hours=6.0)
    plan = plan_for(learner)
    now = up_now(plan, standing(learner), TODAY)
    assert now.week == plan.weeks[0] and now.open == plan.steps and now.behind == 0
    done = with_marks(learner, [Done(item=plan.steps[0].id, on=TODAY)])
    now = up_now(plan, standing(done), TODAY)
    assert now.open[0] == plan.steps[1] and now.over == {plan.steps[0].id}


def test_who_did_nothing_for_weeks_is_told_how_many() -> None:
    learner = Learner(hours=13.0)
    plan = plan_for(learner)
    ends = max(w.n for w in plan.weeks if any(p.step == plan.steps[0].id for p in w.pieces))
    on_time = TODAY + timedelta(weeks=ends, days=-1)
    assert up_now(plan, standing(learner), on_time).behind == 0
    late = up_now(plan, standing(learner), on_time + timedelta(weeks=2))
    assert late.behind == 2 and late.week is not None and late.week.n == ends + 2
    years = up_now(plan, standing(learner), TODAY + timedelta(weeks=500))
    assert years.week == plan.weeks[-1]


def test_a_check_is_over_once_its_skill_is_shown() -> None:
    claimed = Learner(skills=(Skill(id="sql-data-querying"),))
    plan = plan_for(claimed)
    check = "check-sql-data-querying"
    assert check not in up_now(plan, standing(claimed), TODAY).over
    checked = with_marks(claimed, [Skill(id="sql-data-querying", state="checked")])
    assert check in up_now(plan, standing(checked), TODAY).over


def test_nothing_is_open_of_a_plan_that_is_done() -> None:
    learner = Learner()
    plan = plan_for(learner)
    done = with_marks(learner, [Done(item=step.id, on=TODAY) for step in plan.steps])
    now = up_now(plan, standing(done), TODAY)
    assert now.open == () and now.behind == 0


def test_practice_has_a_name_for_people() -> None:
    name = shipped_syllabus().name
    assert name("practice-topic-data-wrangling-pandas").startswith("Interview practice: Data")
    assert name("practice-junior") == "Mock interview: Junior ML Engineer"
