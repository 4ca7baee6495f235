"""`mentor index` and `mentor sources`: what is indexed, brought up to date, watched and removed."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mentor.errors import IndexBusy, MaterialError, MentorError
from mentor_ui.configured import load_settings

if TYPE_CHECKING:
    from mentor.generation import Manifest
    from mentor.indexing import BuildReport
    from mentor.settings import Settings
    from mentor.sources import Problem, Root

SHOWN = 10

sources = typer.Typer(help="What is indexed: list it, remove it, see what was left out.")


def index(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files or folders to index beside the corpus.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Collection they belong to. Default: the folder's name.")
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(help="Address of the one PATH, for links of citations."),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and follow changes.")] = False,
    rebuild: Annotated[bool, typer.Option(help="Build everything anew.")] = False,
) -> None:
    """Bring the index up to date with the material."""
    if (name or url) and not paths:
        raise typer.BadParameter("--name and --url are for a PATH.")
    if url and (len(paths or ()) > 1 or not url.startswith(("http://", "https://"))):
        raise typer.BadParameter("--url is the http(s) address of one PATH.")
    from mentor.sources import root_at

    settings = load_settings()
    extra = [root_at(path, name=name, url=url) for path in paths or ()]
    report = update(settings, extra, rebuild=rebuild)
    print_report(report)
    if watch:
        follow(settings)
    elif report.problems:
        raise typer.Exit(1)


def follow(settings: Settings, *, stop: threading.Event | None = None) -> None:
    """Bring the index up to date after every change, until interrupted.

    An interrupt lets the update that is under way come to its end; a second one does not.
    """
    from mentor.sources import Root, read_roots
    from mentor.watching import changes

    roots = [Root(path=str(settings.corpus.resolve())), *read_roots(settings.sources)]
    stop = stop or _set_by_interrupt()
    typer.echo(f"Watching {', '.join(root.path for root in roots)} (Ctrl+C ends it)")
    for _ in changes(roots, stop=stop):
        try:
            print_report(update(settings))
        except MentorError as exc:  # the next change may find it cured
            complain(exc)


def _set_by_interrupt() -> threading.Event:
    """No KeyboardInterrupt comes of it, which some library's clean-up might swallow."""
    interrupted = threading.Event()

    def interrupt(*_: object) -> None:
        interrupted.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, interrupt)
    return interrupted


@sources.callback(invoke_without_command=True)
def list_sources(context: typer.Context) -> None:
    """List the collections, with their files, passages and what was left out."""
    if context.invoked_subcommand:
        return
    settings = load_settings()
    manifest, skipped = _indexed(settings)
    files = Counter(entry.collection for entry in manifest.files.values())
    passages: Counter[str] = Counter()
    for entry in manifest.files.values():
        passages[entry.collection] += len(entry.passages)
    left_out = Counter(problem.collection for problem in skipped if _left_out(problem, manifest))
    for name in dict.fromkeys(root.collection for root in manifest.roots):
        out = f", {left_out[name]} left out" if left_out[name] else ""
        typer.echo(f"{name}: {files[name]:,} files, {passages[name]:,} passages{out}")
        for root in (root for root in manifest.roots if root.collection == name):
            gone = "" if Path(root.path).exists() else " (is gone; forgotten by `mentor index`)"
            typer.echo(f"  {root.path}{f' at {root.url}' if root.url else ''}{gone}")
    if left_out:
        typer.echo("`mentor sources skipped` says why files were left out.")


@sources.command()
def skipped(
    name: Annotated[str | None, typer.Argument(help="Only of this collection.")] = None,
) -> None:
    """What the last `mentor index` left out or read with a reservation, and why."""
    manifest, problems = _indexed(load_settings())
    if name is not None:
        _refuse_unknown(name, manifest)
    for problem in problems:
        if name in (None, problem.collection):
            mark = "left out" if _left_out(problem, manifest) else "note    "
            typer.echo(f"{mark} {problem.collection}: {problem.why}")


@sources.command()
def remove(
    name: Annotated[str, typer.Argument(help="A collection, or the path of one of its roots.")],
) -> None:
    """Take a collection out of the index; its files stay where they are."""
    settings = load_settings()
    manifest, _ = _indexed(settings)
    path = str(Path(name).resolve())
    beside = manifest.roots[1:]
    by_name = any(root.collection == name for root in beside)
    if not by_name and not any(root.path == path for root in beside):
        _refuse_unknown(name, manifest)
        raise MaterialError(
            "The corpus cannot be removed.", cure="Set MENTOR_CORPUS to another folder instead."
        )

    def forget(root: Root) -> bool:
        return root.collection == name if by_name else root.path == path

    print_report(update(settings, forget=forget))


def _indexed(settings: Settings) -> tuple[Manifest, Sequence[Problem]]:
    """The manifest of the index in use, and what its last run had to say.

    Raises:
        IndexUnusable: there is none, or it is damaged.
    """
    from mentor.generation import manifest_in_use
    from mentor.sources import SKIPPED, read_skipped

    return manifest_in_use(settings.index_dir), read_skipped(settings.index_dir / SKIPPED)


def _left_out(problem: Problem, manifest: Manifest) -> bool:
    """A note is of a file that stands in the index, or of a whole root."""
    entry = manifest.files.get(problem.file)
    roots = {root.path for root in manifest.roots}
    return problem.file not in roots and (entry is None or problem.why not in entry.notes)


def _refuse_unknown(name: str, manifest: Manifest) -> None:
    names = {root.collection for root in manifest.roots}
    if name not in names:
        raise MaterialError(
            f"There is no collection {name!r}.", cure=f"There are {', '.join(sorted(names))}."
        )


# --- building, and what is said of it -------------------------------------------------------------


def update(
    settings: Settings,
    extra: Sequence[Root] = (),
    *,
    forget: Callable[[Root], bool] = lambda _: False,
    rebuild: bool = False,
) -> BuildReport:
    from mentor.mentor import update_index

    with progress_bar() as progress:
        return update_index(
            settings, extra=extra, forget=forget, rebuild=rebuild, progress=progress
        )


def index_if_stale(settings: Settings) -> None:
    from mentor.index import is_stale
    from mentor.models.embed import open_embedder

    name = open_embedder(settings).name
    where, roots = settings.index_dir, [settings.corpus]
    if not is_stale(where, roots, name, chroma=settings.chroma, sources=settings.sources):
        return
    typer.echo("Bringing the index up to date …", err=True)
    try:
        print_report(update(settings))
    except IndexBusy as exc:
        complain(exc)


def print_report(report: BuildReport) -> None:
    for problem in report.problems[:SHOWN]:
        typer.secho(f"Left out: {problem.why}", fg="yellow", err=True)
    notes = report.notes if report.changed else ()
    for note in notes[:SHOWN]:
        typer.secho(f"Note: {note.why}", fg="yellow", err=True)
    if (more := max(len(report.problems) - SHOWN, 0) + max(len(notes) - SHOWN, 0)) > 0:
        typer.secho(f"… and {more} more: `mentor sources skipped` has all.", fg="yellow", err=True)
    left_out = f" Left out: {len(report.problems)}." if report.problems else ""
    if report.changed:
        typer.echo(
            f"Indexed {report.passages} passages in {report.seconds:.1f} s: "
            f"{report.embedded} new or changed, {report.kept} kept, {report.removed} removed."
            + left_out
        )
    else:
        typer.echo(
            f"Nothing changed: {report.passages} passages, {report.seconds:.2f} s.{left_out}"
        )


def complain(error: MentorError) -> None:
    """One sentence, and its cure."""
    typer.secho(error.what, fg="red", err=True)
    if error.cure:
        typer.echo(f"  → {error.cure}", err=True)


@contextmanager
def progress_bar() -> Iterator[Any]:
    """A bar on stderr for each thing that is counted, with rate and time left."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(TextColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.0f}/s" if task.speed else "")

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(""),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        tasks: dict[str, Any] = {}

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield progress
