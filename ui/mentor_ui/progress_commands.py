"""`mentor progress`: what is done, claimed and shown; undo, export, delete."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from mentor.errors import LearnerError
from mentor.settings import Settings, load_settings
from mentor_ui.plan_commands import LOCAL, Json, Who, print_json, store_if_there

if TYPE_CHECKING:
    from mentor.learner import Mark
    from mentor.store import Store

app = typer.Typer(help="Mark what is done; show, undo, export or delete it.")


@app.callback(invoke_without_command=True)
def progress(context: typer.Context, as_json: Json = False, who: Who = LOCAL) -> None:
    """What is done, claimed and shown."""
    if context.invoked_subcommand is None:
        _show(who, as_json=as_json)


@app.command()
def done(
    item: Annotated[str, typer.Argument(help="A lesson, course, deliverable, practice or skill.")],
    link: Annotated[str | None, typer.Option(help="Where the evidence can be seen.")] = None,
    on: Annotated[str | None, typer.Option(help="The day, as 2027-05-31; today if none.")] = None,
    as_json: Json = False,
    who: Who = LOCAL,
) -> None:
    """Mark something as done. A skill needs a link, or it is a claim."""
    from mentor.progress import mark_for
    from mentor.syllabus import read_syllabus

    settings = load_settings()
    mark = mark_for(
        read_syllabus(settings.corpus), item, today=date.today(), on=_day(on), link=link
    )
    store = _open(settings)
    store.mark(who, mark)
    _tell("Marked", mark, as_json=as_json)


@app.command()
def undo(
    item: Annotated[str | None, typer.Argument(help="The last mark, if none.")] = None,
    as_json: Json = False,
    who: Who = LOCAL,
) -> None:
    """Take back the last mark, or the last one of an item."""
    from mentor.names import item_id
    from mentor.syllabus import read_syllabus

    settings = load_settings()
    id_ = item_id(read_syllabus(settings.corpus), item) if item else None
    mark = _open(settings).undo(who, id_)
    if mark is None:
        raise LearnerError("There is nothing to undo.", cure="`mentor progress` shows the marks.")
    _tell("Undone", mark, as_json=as_json)


@app.command()
def export(who: Who = LOCAL) -> None:
    """Print everything that is kept of a learner, as JSON."""
    print_json(_open(load_settings()).export(who))


@app.command()
def delete(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
    who: Who = LOCAL,
) -> None:
    """Delete everything that is kept of a learner."""
    if not yes and (as_json or not typer.confirm("Delete everything?", default=False)):
        typer.echo("Nothing was deleted. --yes deletes without asking.", err=True)
        raise typer.Exit(1)
    deleted = _open(load_settings()).delete(who)
    if as_json:
        print_json({"learner": who, "deleted": deleted})
    else:
        typer.echo("Deleted." if deleted else "Nothing was kept of this learner.")


def _show(who: str, *, as_json: bool) -> None:
    from mentor.learner import Learner
    from mentor.plan import standing_of
    from mentor.syllabus import read_syllabus

    settings = load_settings()
    syllabus = read_syllabus(settings.corpus)
    store = store_if_there(settings, needed=False)
    learner = (store.learner(who) if store else None) or Learner()
    standing = standing_of(learner, syllabus)
    if as_json:
        skills = {id_: standing.states.get(id_) for id_ in standing.wanted}
        finished = [done.model_dump(mode="json") for done in learner.done]
        shown = len(standing.wanted) - len(standing.missing)
        row = {"learner": who, "target": standing.target, "skills": skills, "done": finished}
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
