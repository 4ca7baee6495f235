"""The page that a person reads, and the scripted server."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from langchain_core.messages import HumanMessage

from mentor.errors import StorageError
from mentor.models.chat import open_chat, stream_text
from mentor.settings import Settings
from mentor_evals import baseline, plots
from mentor_evals.bars import Bar
from mentor_evals.figures import Complaint, Failure, Figure, Run
from mentor_evals.report import page, parts
from mentor_evals.sample_sentences import sample
from mentor_evals.scripted import NOTHING, ScriptedDrafter
from mentor_evals.task import Evidence, Exhibit, Metric
from mentor_evals.words import sooner, trust

HOSTILE = '<script>alert(1)</script> <img src="https://evil.example/x.png">'


def figure(name: str, value: float, *, bar: Bar | None = None, unit: str = "share") -> Figure:
    metric = Metric(name=name, definition=f"what {name} is", unit=unit)  # type: ignore[arg-type]
    return Figure(
        suite="speed" if unit == "ms" else "answers",
        metric=metric,
        value=value,
        low=value * 0.9,
        high=min(1.0, value * 1.05) if unit == "share" else value * 1.1,
        cases=10,
        bar=bar,
        holds=None if bar is None else bar.holds(value, value, value),
    )


def a_run(subject: str = "embedded", first_ms: float = 500) -> Run:
    failure = Failure(
        suite="answers",
        case="aa-1",
        exhibit=Exhibit(
            question=f"Why? {HOSTILE}",
            said=("A true sentence. [1]", f"A false one. {HOSTILE} [1]"),
            evidence=(Evidence(n=1, heading="Salary", text=f"What stands there. {HOSTILE}"),),
        ),
        complaints=(
            Complaint(
                metric="faithfulness", why="1 of 2 sentences", at=(f"A false one. {HOSTILE}",)
            ),
            Complaint(metric="citation recall", why="1 of 2 sentences", at=()),
        ),
    )
    return Run(
        subject=subject,
        model=f"model of {subject}",
        split="dev",
        part=False,
        fingerprint="abc",
        figures=(
            figure("expected facts", 0.8, bar=Bar(least=0.9)),
            figure("faithfulness", 1.0, bar=Bar(least=0.99)),
            figure("over-refusal", 0.0, bar=Bar(most=0)),
            figure("first sentence", first_ms, unit="ms", bar=Bar(most=1000)),
        ),
        failures=(failure,),
        seconds=12.5,
    )


class Elements(HTMLParser):
    """The elements of a page, and what stands in its marks."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.marked: list[str] = []
        self._in_mark = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_mark = self._in_mark or tag == "mark"

    def handle_endtag(self, tag: str) -> None:
        self._in_mark = self._in_mark and tag != "mark"

    def handle_data(self, data: str) -> None:
        if self._in_mark:
            self.marked.append(data)


def elements(text: str) -> Elements:
    parser = Elements()
    parser.feed(text)
    return parser


# --- the page -------------------------------------------------------------------------------------


def test_the_page_loads_nothing_and_runs_nothing_whatever_was_said() -> None:
    found = elements(page([a_run()])).tags
    assert not {tag for tag, _ in found} & {"script", "img", "iframe", "link", "object"}
    assert not [
        a for _, attributes in found for a in attributes if a in {"src", "href"} or a[:2] == "on"
    ]
    policy = [a.get("content") for tag, a in found if tag == "meta" and "http-equiv" in a]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_the_sentence_at_fault_is_marked_and_no_other() -> None:
    marked = "".join(elements(page([a_run()])).marked)
    assert marked.startswith("A false one.")
    assert "A true sentence" not in marked


def test_the_page_tells_how_many_bars_fall_and_draws_every_figure() -> None:
    text = page([a_run()])
    assert "1 of 4 bars fall." in text
    assert text.count('<svg class="row"') == 4
    assert text.count('<svg class="overview"') == 1
    assert "faithfulness, citation recall:" in re.sub(r"<[^>]+>", "", text)


def test_two_subjects_stand_side_by_side_with_their_speeds() -> None:
    runs = [a_run(), a_run("quickstart", first_ms=2_000)]
    assert sooner(runs) == ["embedded shows its first sentence 4.0 times sooner than quickstart."]
    text = page(runs)
    assert "4.0 times sooner" in text
    assert "What went wrong: quickstart" in text


def test_a_change_since_the_baseline_is_good_or_bad_by_the_bar() -> None:
    before = {"dev, embedded": {"answers": {"expected facts": 0.85, "over-refusal": 0.0}}}
    rows = {row.figure.metric.name: row for part in parts([a_run()], before) for row in part.rows}
    assert (rows["expected facts"].change, rows["expected facts"].better) == ("−0.050", False)
    assert (rows["over-refusal"].change, rows["over-refusal"].better) == ("=", None)
    assert rows["faithfulness"].change == ""


def test_what_a_baseline_kept_is_read_again_beside_other_splits(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    baseline.save(a_run(), file)
    baseline.save(a_run().model_copy(update={"split": "test"}), file)
    found = baseline.load(file)
    assert list(found) == ["dev, embedded", "test, embedded"]
    assert found["dev, embedded"]["answers"]["expected facts"] == 0.8


def test_a_baseline_that_is_no_json_is_named(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    file.write_text("{")
    with pytest.raises(StorageError, match=r"baseline\.json cannot be read"):
        baseline.load(file)


def test_a_figure_below_zero_stays_within_its_plot() -> None:
    gained = figure("lost", -4.0, bar=Bar(most=5), unit="points")
    drawn = plots.row_plot(gained, [figure("lost", -2.0, unit="points")], None)
    zero, at = (
        float(x) for x in re.findall(r'class="(?:bar" x1|point holds" cx)="([\d.]+)"', drawn)
    )
    assert plots.EDGE < at < zero
    (bar,) = re.findall(
        r'<rect class="holds" x="([\d.]+)" y="\d+" width="([\d.]+)"', plots.overview([gained])
    )
    assert float(bar[0]) + float(bar[1]) <= 780


def test_figures_of_the_referee_say_how_far_it_can_be_trusted() -> None:
    assert "sample_sentences" in trust(a_run())


def test_a_run_survives_being_written_as_json() -> None:
    run = a_run()
    assert Run.model_validate(json.loads(run.model_dump_json())) == run


def test_the_sentences_to_be_labelled_begin_with_the_drafted_ones() -> None:
    rows = [(n % 3 == 0, {"sentence": str(n)}) for n in range(9)]
    drawn = [str(row["sentence"]) for row in sample(rows, 4)]
    assert set(drawn[:3]) == {"0", "3", "6"}
    assert len(drawn) == 4


# --- the scripted drafter -------------------------------------------------------------------------


def test_the_question_in_the_prompt_selects_the_sentence() -> None:
    drafter = ScriptedDrafter()
    drafter.script = {"What is X?": "X.", "What is X good for?": "Good."}
    assert drafter.says("Notes: …\nQuestion: what is  x good for?") == "Good."
    assert drafter.says("Question: What is Xe?") == "X."
    assert drafter.says("Question: Who are you, and where do you live?") == NOTHING


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_the_mentor_hears_the_scripted_server_as_any_other() -> None:
    drafter = ScriptedDrafter()
    drafter.script = {"What is X?": "X is the first of three. It is old."}
    with drafter.running() as url:
        chat = open_chat(Settings(model=url, model_name="scripted"))
        assert chat is not None
        said = "".join(stream_text(chat, [HumanMessage("Question: What is X?")]))
        plain = httpx.post(
            f"{url}/chat/completions", json={"messages": [{"content": "What is X?"}]}
        )
    assert said == "X is the first of three. It is old."
    assert plain.json()["choices"][0]["message"]["content"] == said
    assert drafter.prompt == "What is X?"
