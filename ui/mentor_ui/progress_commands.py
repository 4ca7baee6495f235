"""`mentor progress`: what is done, claimed and shown; undo, export, delete."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from mentor.errors import LearnerError
from mentor_ui.configured import load_settings, subcommand_follows
from mentor_ui.plan_commands import Json, Who, print_json, store_if_there

if TYPE_CHECKING:
    from mentor.learner import Mark
    from mentor.settings import Settings
    from mentor.store import Store

app = typer.Typer(help="Mark what is done; show, undo, export or delete it.")


@app.callback(invoke_without_command=True)
def progress(context: typer.Context, as_json: Json = False, who: Who = None) -> None:
    """What is done, claimed and shown."""
    if not subcommand_follows(context):
        _show(load_settings(learner=who), as_json=as_json)


@app.command()
def done(
    item: Annotated[str, typer.Argument(help="A lesson, course, deliverable, practice or skill.")],
    link: Annotated[str | None, typer.Option(help="Where the evidence can be seen.")] = None,
    on: Annotated[str | None, typer.Option(help="The day, as 2027-05-31; today if none.")] = None,
    as_json: Json = False,
    who: Who = None,
) -> None:
    """Mark something as done. A skill needs a link, or it is a claim."""
    from mentor.learner import Learner
    from mentor.progress import is_news, mark_for
    from mentor.syllabus import read_syllabus

    settings = load_settings(learner=who)
    mark = mark_for(
        read_syllabus(settings.corpus), item, today=date.today(), on=_day(on), link=link
    )
    store = _open(settings)
    if is_news(mark, store.learner(settings.learner) or Learner()):
        store.mark(settings.learner, mark)
    _tell("Marked", mark, as_json=as_json)


@app.command()
def undo(
    item: Annotated[str | None, typer.Argument(help="The last mark, if none.")] = None,
    as_json: Json = False,
    who: Who = None,
) -> None:
    """Take back the last mark, or the last one of an item."""
    from mentor.names import item_id
    from mentor.syllabus import read_syllabus

    settings = load_settings(learner=who)
    id_ = item_id(read_syllabus(settings.corpus), item) if item else None
    mark = _open(settings).undo(settings.learner, id_)
    if mark is None:
        raise LearnerError("There is nothing to undo.", cure="`mentor progress` shows the marks.")
    _tell("Undone", mark, as_json=as_json)


@app.command()
def export(who: Who = None) -> None:
    """Print everything that is kept of a learner, as JSON."""
    settings = load_settings(learner=who)
    print_json(_open(settings).export(settings.learner))


@app.command()
def delete(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
    who: Who = None,
) -> None:
    """Delete everything that is kept of a learner."""
    if not yes and (as_json or not typer.confirm("Delete everything?", default=False)):
        typer.echo("Nothing was deleted. --yes deletes without asking.", err=True)
        raise typer.Exit(1)
    settings = load_settings(learner=who)
    deleted = _open(settings).delete(settings.learner)
    if as_json:
        print_json({"learner": settings.learner, "deleted": deleted})
    else:
        typer.echo("Deleted." if deleted else "Nothing was kept of this learner.")


@app.command("hand-over")
def hand_over(
    to: Annotated[str, typer.Argument(help="The learner who gets it, such as the page's id.")],
    as_json: Json = False,
    who: Who = None,
) -> None:
    """Give everything that is kept of a learner to another: the plan made here, to the page."""
    settings = load_settings(learner=who)
    if not _open(settings).hand_over(settings.learner, to):
        raise LearnerError(
            f"Nothing is kept of the learner {settings.learner!r}.", cure="Name another: --learner."
        )
    if as_json:
        print_json({"learner": settings.learner, "to": to, "handed_over": True})
    else:
        typer.echo(f"All that was kept of {settings.learner} is {to}'s now.")


def _show(settings: Settings, *, as_json: bool) -> None:
    from mentor.learner import Learner
    from mentor.plan import standing_of
    from mentor.syllabus import read_syllabus

    syllabus = read_syllabus(settings.corpus)
    store = store_if_there(settings, needed=False)
    learner = (store.learner(settings.learner) if store else None) or Learner()
    standing = standing_of(learner, syllabus)
    if as_json:
        skills = {id_: standing.states.get(id_) for id_ in standing.wanted}
        finished = [done.model_dump(mode="json") for done in learner.done]
        shown = len(standing.wanted) - len(standing.missing)
        row = {
            "learner": settings.learner,
            "target": standing.target,
            "skills": skills,
            "done": finished,
        }
        print_json({**row, "shown": shown, "of": len(standing.wanted)})
        return
    for each in learner.done:
        where = f"  {each.link}" if each.link else ""
        typer.echo(f"✓ {each.on.isoformat()}  {syllabus.name(each.item)}{where}")
    for id_ in standing.wanted:
        typer.echo(f"  {standing.states.get(id_) or '—':<10} {syllabus.name(id_)}")


def _open(settings: Settings) -> Store:
    from mentor.store import open_store

    return open_store(settings)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as exc:
        raise LearnerError(f"{text!r} is no day.", cure="Write it as 2027-05-31.") from exc


def _tell(what: str, mark: Mark, *, as_json: bool) -> None:
    if as_json:
        print_json({what.lower(): mark.model_dump(mode="json")})
        return
    named = mark.model_dump()
    state = f" as {named['state']}" if "state" in named else ""
    typer.echo(f"{what}: {named.get('item') or named['id']}{state}.")
