"""`mentor conversations`: list, search, print, rename, export and delete what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mentor_ui.configured import load_settings, subcommand_follows
from mentor_ui.plan_commands import Json, Who, print_json

if TYPE_CHECKING:
    from mentor.store import Store

app = typer.Typer(help="What was said in the page: list, search, print, rename, delete.")
Which = Annotated[str, typer.Argument(help="The id of a conversation, as the list shows it.")]


@app.callback(invoke_without_command=True)
def conversations(
    context: typer.Context,
    search: Annotated[str, typer.Option(help="Only those that say these words.")] = "",
    as_json: Json = False,
    who: Who = None,
) -> None:
    """The conversations that are kept, the last one first."""
    if subcommand_follows(context):
        return
    from mentor.store.conversations import conversations as listed

    store, learner = _open(who)
    found = listed(store, learner, search=search)
    if as_json:
        print_json([talk.model_dump(mode="json") for talk in found])
        return
    for talk in found:
        typer.echo(f"{talk.id}  {talk.changed:%Y-%m-%d %H:%M}  {talk.turns:>3}  {talk.title}")
    if not found:
        typer.echo("There are none.", err=True)


@app.command()
def show(which: Which, as_json: Json = False, who: Who = None) -> None:
    """Print a conversation with its sources, as Markdown or as JSON."""
    from mentor.store.conversations import conversation, turns
    from mentor.transcript import transcript_json, transcript_markdown

    store, learner = _open(who)
    talk, said = conversation(store, learner, which), turns(store, learner, which)
    if as_json:
        print_json(transcript_json(talk, said))
    else:
        typer.echo(transcript_markdown(talk, said), nl=False)


@app.command()
def rename(which: Which, title: str, who: Who = None) -> None:
    """Give a conversation another title."""
    from mentor.store.conversations import rename as give

    store, learner = _open(who)
    give(store, learner, which, title)
    typer.echo("Renamed.")


@app.command()
def delete(
    which: Which,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    who: Who = None,
) -> None:
    """Delete a conversation and what was thought of its answers."""
    from mentor.store.conversations import delete_conversation

    store, learner = _open(who)
    if not yes and not typer.confirm("Delete this conversation?", default=False):
        typer.echo("Nothing was deleted.", err=True)
        raise typer.Exit(1)
    delete_conversation(store, learner, which)
    typer.echo("Deleted.")


def _open(who: str | None) -> tuple[Store, str]:
    from mentor.store import open_store

    settings = load_settings(learner=who)
    return open_store(settings), settings.learner
