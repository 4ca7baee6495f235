"""The commands: `python -m mentor_evals.bench` runs all subjects, or the one that is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from mentor.mentor import update_index
from mentor.settings import Settings, load_settings
from mentor.telemetry import no_telemetry
from mentor_evals.bench import first_sentence, indexing, learners, model_rate, retrieval, start
from mentor_evals.bench.table import Figure, show

app = typer.Typer(invoke_without_command=True, add_completion=False)
Model = Annotated[str | None, typer.Option(help="As MENTOR_MODEL.")]


@app.callback()
def everything(context: typer.Context) -> None:
    """Measure all subjects, about a quarter of an hour on two cores, or one of them."""
    no_telemetry()
    if context.invoked_subcommand is not None:
        return
    settings = _ready()
    subjects: dict[str, Callable[[], list[Figure]]] = {
        "the start": lambda: start.figures(settings),
        "the first sentence": lambda: first_sentence.figures(settings),
        "the model": lambda: model_rate.figures(settings),
        "indexing": lambda: indexing.figures(settings),
        "retrieval": retrieval.figures,
        "many learners": lambda: learners.figures(settings),
    }
    for name, measured in subjects.items():
        typer.echo(f"Measuring {name} …", err=True)
        show(measured())


def _ready(model: str | None = None) -> Settings:
    """The settings, once the index is up to date."""
    settings = load_settings(model=model)
    update_index(settings)
    return settings


@app.command(name="first-sentence")
def _first_sentence(questions: int = 30, model: Model = None) -> None:
    """The first whole checked sentence, beside the quickstart chain's."""
    show(first_sentence.figures(_ready(model), questions))


@app.command(name="model-rate")
def _model_rate(prompts: int = 15, model: Model = None) -> None:
    """Tokens read and written in a second, beside llama.cpp's own calls."""
    show(model_rate.figures(_ready(model), prompts))


@app.command(name="retrieval")
def _retrieval(passages: Annotated[list[int] | None, typer.Argument()] = None) -> None:
    """A search over synthetic passages: 1,000, 10,000 and 100,000, or as many as are named."""
    show(retrieval.figures(passages or retrieval.SIZES))


@app.command(name="indexing")
def _indexing(files: int = 8) -> None:
    """Texts indexed in a second, beside the embedder alone; and a run that finds no change."""
    show(indexing.figures(_ready(), files))


@app.command(name="start")
def _start(times: int = 3, model: Model = None) -> None:
    """Process start to HTTP, to the page, to warm; memory."""
    show(start.figures(_ready(model), times))


@app.command(name="learners")
def _learners(
    at_once: Annotated[list[int] | None, typer.Argument()] = None,
    seconds: float = 30,
    model: Model = None,
) -> None:
    """Many at once: 1, 4, 16 and 64, or as many as are named, for so many seconds each."""
    show(learners.figures(_ready(model), at_once or learners.AT_ONCE, seconds))


if __name__ == "__main__":
    app()
