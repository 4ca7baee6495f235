"""The roadmap as it ships: its facts, its pages, and what a mistake in the file says."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from mentor.errors import MaterialError
from mentor.loaders.markdown import parse_markdown
from mentor.material import sections_of
from mentor.records import Page, Place
from mentor.roadmap import Roadmap, read_roadmap, render_pages

FOLDER = Path(__file__).resolve().parents[1] / "corpus" / "roadmap"
FILE = FOLDER / "roadmap.yaml"

FIGURES = (
    *("420,000+", "$157,000", "90%", "job satisfaction"),
    *("$95,000–$130,000", "$130,000–$157,000", "$157,000–$230,000+", "+10%", "+13%", "+16%"),
    *("Glassdoor (March 2026, 700+ submissions)", "BLS", "LinkedIn Jobs Report"),
    *("+ 4 more skills", "p95", "15% or more", "4–5 case studies"),
    *("five stages", "three levels", "nine technical skills", "seven parts"),
)
TERMS = (
    *("class imbalance", "model selection rationale", "evaluation framework", "overfitting"),
    *("data handling strategy", "baseline comparison", "held-out test sets", "hands-on"),
    *("containerization", "experiment tracking", "data drift", "version management", "reliably"),
    *("problem framing", "business interpretation", "full model lifecycle"),
)
NO_OPENING = re.compile(
    r"-|(it|its|this|these|that|those|they|their|he|she|his|her|we|our|you|your|i|here|there|such)\b",
    re.I,
)
COURSES_OF_TRACKS = {"A": (4, 3, 3, 3), "B": (3, 3, 3, 3), "C": (3, 2, 2, 2)}

Section = tuple[Page, str, str]


@pytest.fixture(scope="module")
def roadmap() -> Roadmap:
    return read_roadmap(FILE)


@pytest.fixture(scope="module")
def documents(roadmap: Roadmap) -> list[str]:
    return render_pages(roadmap, FOLDER)


@pytest.fixture(scope="module")
def pages(documents: list[str]) -> dict[str, Page]:
    return {page.id: page for page in (parse_markdown(text, "roadmap.yaml") for text in documents)}


@pytest.fixture(scope="module")
def sections(pages: dict[str, Page]) -> dict[str, Section]:
    return {
        f"{page.id}#{anchor}": (page, path[-1], text)
        for page in pages.values()
        for anchor, path, text in sections_of(page)
    }


def place_of(section: Section, anchor: str) -> Place:
    page = section[0]
    return page.places.get(anchor, page.place)


def test_every_figure_of_the_roadmap_stands_in_the_pages(documents: list[str]) -> None:
    text = "\n".join(documents)
    assert [figure for figure in FIGURES if figure not in text] == []


def test_terms_that_learners_search_for_stand_in_the_pages(sections: dict[str, Section]) -> None:
    text = "\n".join(text for _, _, text in sections.values()).lower()
    assert [term for term in TERMS if term not in text] == []


def test_every_level_and_stage_has_a_page_of_its_own(pages: dict[str, Page]) -> None:
    assert pages["roadmap/levels/junior"].title == "Junior ML Engineer"
    assert pages["roadmap/levels/mid"].place.level == "mid"
    assert pages["roadmap/stages/stage-2"].place.stage == 2
    titles = {page.title for page in pages.values()}
    assert "Stage 2: Core ML Algorithms and Model Evaluation" in titles
    assert len(pages) == 16


def test_every_question_belongs_to_a_section_that_exists(
    pages: dict[str, Page], sections: dict[str, Section]
) -> None:
    asked = {f"{page.id}#{anchor}" for page in pages.values() for anchor in page.questions}
    placed = {f"{page.id}#{anchor}" for page in pages.values() for anchor in page.places}
    assert asked == set(sections)
    assert placed <= set(sections)


def test_every_section_is_asked_six_to_eight_questions(pages: dict[str, Page]) -> None:
    counts = {
        f"{page.id}#{anchor}": len(questions)
        for page in pages.values()
        for anchor, questions in page.questions.items()
    }
    assert {id_: n for id_, n in counts.items() if not 6 <= n <= 8} == {}


def test_a_question_leads_to_one_section_only(pages: dict[str, Page]) -> None:
    asked = Counter(
        question.lower()
        for page in pages.values()
        for questions in page.questions.values()
        for question in questions
    )
    twice = {question for question, count in asked.items() if count > 1}
    assert twice == set()


def test_every_section_opens_with_a_sentence_that_names_its_subject(
    sections: dict[str, Section],
) -> None:
    wrong = {id_: text[:40] for id_, (_, _, text) in sections.items() if NO_OPENING.match(text)}
    assert wrong == {}


def test_every_list_follows_a_sentence_that_leads_it_in(sections: dict[str, Section]) -> None:
    for id_, (_, _, text) in sections.items():
        lines = [line for line in text.splitlines() if line.strip()]
        for before, line in pairwise(lines):
            if line.startswith("- ") and not before.startswith("- "):
                assert before.endswith(":"), id_


def test_every_sentence_stands_on_one_line_and_is_finished(sections: dict[str, Section]) -> None:
    for id_, (_, _, text) in sections.items():
        prose = [line for line in text.splitlines() if line and not line.startswith("- ")]
        assert [line for line in prose if line[-1] not in ".:"] == [], id_


def test_no_section_is_longer_than_an_embedder_reads(sections: dict[str, Section]) -> None:
    lengths = {
        id_: len(f"{page.title} {heading} {text}".split())
        for id_, (page, heading, text) in sections.items()
    }
    assert {id_: n for id_, n in lengths.items() if n > 165} == {}


def test_headings_say_where_the_editors_speak(sections: dict[str, Section]) -> None:
    for id_, section in sections.items():
        editorial = place_of(section, id_.partition("#")[2]).source == "editorial"
        assert ("(editors' " in section[1]) == editorial, id_


def test_sections_of_the_roadmap_never_speak_for_the_editors(sections: dict[str, Section]) -> None:
    for id_, section in sections.items():
        if place_of(section, id_.partition("#")[2]).source == "roadmap":
            assert "editors" not in section[2], id_


def test_what_the_roadmap_leaves_out_is_said(sections: dict[str, Section]) -> None:
    def text(id_: str) -> str:
        assert place_of(sections[id_], id_.partition("#")[2]).source == "roadmap"
        return sections[id_][2]

    assert "420,000+ without saying" in text("roadmap/figures#the-figure-420000")
    assert "$157,000 without saying" in text("roadmap/figures#the-figure-157000")
    assert "no industry" in text("roadmap/figures#top-industries-in-the-roadmap")
    assert "no tools" in text("roadmap/levels/junior#tool-stack-in-the-roadmap")
    assert "The other four" in text("roadmap/levels/junior#technical-skills")
    assert "only two things" in text("roadmap/levels/mid#what-the-roadmap-shows")
    assert "only two things" in text("roadmap/levels/senior#what-the-roadmap-shows")
    assert "no duration" in text("roadmap/stages#how-long-the-stages-take")
    assert "without description" in text("roadmap/tracks#which-tracks-exist")
    assert "No link" in text("roadmap/resources#links-to-the-free-courses")
    assert "no webinar" in text("roadmap/resources#upcoming-webinars")


def test_everything_but_name_and_salary_of_hidden_levels_is_editorial(
    sections: dict[str, Section],
) -> None:
    for id_, section in sections.items():
        page, _, anchor = id_.partition("#")
        if page in ("roadmap/levels/mid", "roadmap/levels/senior"):
            editorial = place_of(section, anchor).source == "editorial"
            assert editorial == (anchor != "what-the-roadmap-shows"), id_


def test_all_levels_are_described_at_the_same_size(roadmap: Roadmap) -> None:
    sizes = {
        (
            *(len(level.who.items), len(level.outcomes.items), len(level.skills)),
            *(len(level.deliverables.items), len(level.kpis.items)),
            *(len(level.interview.items), len(level.interview.expected)),
        )
        for level in roadmap.levels
    }
    assert sizes == {(3, 4, 14, 3, 6, 2, 4)}


def test_salaries_and_tracks_are_filed_under_level_and_track(pages: dict[str, Page]) -> None:
    salaries, stage = pages["roadmap/salary"], pages["roadmap/stages/stage-3"]
    assert salaries.places["salary-of-a-senior-ml-engineer"].level == "senior"
    assert stage.places["track-b-in-stage-3"] == Place(
        kind="roadmap", source="roadmap", stage=3, track="B"
    )


def test_a_salary_is_two_numbers_and_reads_as_in_the_roadmap(roadmap: Roadmap) -> None:
    salary = roadmap.level["senior"].salary
    assert (salary.low, salary.high, salary.growth_percent) == (157_000, 230_000, 16)
    assert (salary.range, salary.growth) == ("$157,000–$230,000+", "+16%")


def test_five_stages_hold_twenty_topics_and_ten_deliverables(roadmap: Roadmap) -> None:
    assert [len(stage.topics.items) for stage in roadmap.stages] == [4, 4, 4, 4, 4]
    assert [len(stage.deliverables.items) for stage in roadmap.stages] == [2, 2, 2, 2, 2]
    assert len(roadmap.topics) == 20


def test_the_tracks_hold_34_courses_with_33_names(roadmap: Roadmap) -> None:
    assert len(roadmap.courses) == 34
    assert len({course.name for course in roadmap.courses.values()}) == 33
    for track, counts in COURSES_OF_TRACKS.items():
        assert tuple(map(len, roadmap.courses_of(track).values())) == counts
    assert roadmap.stage[5].tracks == ()
    assert roadmap.stage[5].tip is not None


def test_every_key_thing_to_know_has_a_question(roadmap: Roadmap) -> None:
    assert Counter(advice.block for advice in roadmap.advice) == {1: 6, 2: 3, 3: 1}
    assert all(advice.question.endswith("?") for advice in roadmap.advice)


def test_resources_are_named_and_none_has_an_invented_link(
    roadmap: Roadmap, documents: list[str]
) -> None:
    assert len(roadmap.resources.free_courses.items) == 10
    assert len(roadmap.resources.articles.items) == 4
    assert roadmap.resources.webinars.items == ()
    assert not re.search(r"https?://|www\.|\]\(", "\n".join(documents))


def stages_that_build(roadmap: Roadmap, skill: str) -> list[int]:
    return [
        stage.number
        for stage in roadmap.stages
        if any(skill in topic.skills for topic in stage.topics.items)
    ]


def test_skills_are_found_by_id_and_built_in_the_stages_that_it_says(
    roadmap: Roadmap,
) -> None:
    assert roadmap.skills["feature-engineering-selection"].name == "Feature Engineering & Selection"
    assert roadmap.level_of_skill["model-serving-apis"] == "mid"
    assert stages_that_build(roadmap, "model-serving-apis") == [4]
    assert stages_that_build(roadmap, "time-management") == []


def test_every_technical_skill_of_a_junior_is_built_in_some_stage(roadmap: Roadmap) -> None:
    aspects = roadmap.level["junior"].technical_skills
    skills = [skill.id for aspect in aspects for skill in aspect.items]
    assert len(skills) == 9
    assert [skill for skill in skills if not stages_that_build(roadmap, skill)] == []


# --- mistakes in the file ----------------------------------------------------------------


def changed(tmp_path: Path, before: str, after: str) -> Path:
    text = FILE.read_text(encoding="utf-8")
    assert text.count(before) >= 1
    path = tmp_path / "roadmap.yaml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return path


def test_an_unknown_key_is_named_with_its_place(tmp_path: Path) -> None:
    path = changed(tmp_path, "    called: [mid-level ML", "    caled: 1\n    called: [mid-level ML")
    with pytest.raises(
        MaterialError, match=r"roadmap\.yaml: the field levels\.mid\.caled is wrong"
    ):
        read_roadmap(path)


def test_a_number_in_quotes_is_not_taken_for_a_number(tmp_path: Path) -> None:
    path = changed(tmp_path, "low: 95000", 'low: "95000"')
    with pytest.raises(MaterialError, match=r"levels\.junior\.salary\.low"):
        read_roadmap(path)


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    path = changed(tmp_path, "    name: Senior ML Engineer\n", "")
    with pytest.raises(MaterialError, match=r"levels\.senior\.name is wrong: Field required"):
        read_roadmap(path)


def test_a_fact_without_source_is_refused(tmp_path: Path) -> None:
    path = changed(tmp_path, "  work:\n    source: roadmap\n", "  work:\n")
    with pytest.raises(MaterialError, match=r"role\.work\.source"):
        read_roadmap(path)


def test_an_id_given_twice_is_named(tmp_path: Path) -> None:
    path = changed(tmp_path, "id: topic-hyperparameter-tuning", "id: topic-tensorflow-pytorch")
    with pytest.raises(MaterialError, match="'topic-tensorflow-pytorch' is given twice"):
        read_roadmap(path)


def test_a_topic_cannot_build_a_skill_that_no_level_has(tmp_path: Path) -> None:
    path = changed(tmp_path, "skills: [containers-ci-cd]", "skills: [containers]")
    with pytest.raises(MaterialError, match="unknown skill 'containers'"):
        read_roadmap(path)


def test_levels_and_stages_keep_their_order(tmp_path: Path) -> None:
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    for key in ("levels", "stages"):
        path = tmp_path / f"{key}.yaml"
        path.write_text(yaml.safe_dump({**data, key: data[key][::-1]}), encoding="utf-8")
        with pytest.raises(MaterialError, match=f"{key} must be"):
            read_roadmap(path)


def test_a_file_that_is_missing_or_not_yaml_is_named(tmp_path: Path) -> None:
    with pytest.raises(MaterialError, match=r"nowhere\.yaml cannot be read"):
        read_roadmap(tmp_path / "nowhere.yaml")
    broken = tmp_path / "broken.yaml"
    broken.write_text("kind: [roadmap", encoding="utf-8")
    with pytest.raises(MaterialError, match=r"broken\.yaml is not YAML"):
        read_roadmap(broken)
    broken.write_text("- just\n- a list\n", encoding="utf-8")
    with pytest.raises(MaterialError, match=r"broken\.yaml: the roadmap is wrong"):
        read_roadmap(broken)


# --- mistakes in a template ---------------------------------------------------------------


def section_call(heading: str, questions: int) -> str:
    asked = [f"What is {n}?" for n in range(questions)]
    return (
        f'{{% call section("{heading}", source="roadmap", questions={asked}) %}}Ada.{{% endcall %}}'
    )


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{{ roadmap.grades }}", r"page\.md\.j2.*grades"),
        ("# Title\n{% if %}", r"page\.md\.j2, line 2"),
        ("# Title", "does not say which page it is"),
        ("{{ page('one') }}", r"page\.md\.j2.*title"),
        (section_call("Tools", 2), "'Tools' has 2 questions"),
        (section_call("Tools", 9), "'Tools' has 9 questions"),
        (section_call("Tools", 3) * 2, "'Tools' stands there twice"),
        ("{{ roadmap.__class__.__mro__ }}", r"page\.md\.j2.*unsafe"),
    ],
)
def test_a_mistake_in_a_template_is_named(
    tmp_path: Path, roadmap: Roadmap, template: str, says: str
) -> None:
    (tmp_path / "page.md.j2").write_text(template, encoding="utf-8")
    with pytest.raises(MaterialError, match=says):
        render_pages(roadmap, tmp_path)


def test_a_folder_without_templates_says_so(tmp_path: Path, roadmap: Roadmap) -> None:
    shutil.copy(FILE, tmp_path)
    with pytest.raises(MaterialError, match="has no templates"):
        render_pages(roadmap, tmp_path)
