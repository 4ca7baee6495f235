"""`mentor models`: the model in use, larger ones worth trying, how to get and use them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mentor.errors import SettingsError, StorageError, WeightsError
from mentor_ui.configured import load_settings

if TYPE_CHECKING:
    from mentor.models.catalogue import Listed
    from mentor.settings import Settings

app = typer.Typer(help="Look at, download and choose the model that writes.")
FILE = Path("mentor.toml")


@app.callback(invoke_without_command=True)
def list_models(context: typer.Context) -> None:
    """List the model in use, and larger ones worth trying."""
    if context.invoked_subcommand:
        return
    from mentor.models.catalogue import CATALOGUE

    settings = load_settings()
    typer.echo(f"In use: {settings.model}")
    typer.echo("\nLarger models, all in 4 bits; memory includes Mentor itself:\n")
    head = ("name", "size", "memory", "context", "licence", "good for")
    rows = [_row(model, settings) for model in CATALOGUE]
    widths = [max(len(row[n]) for row in [head, *rows]) for n in range(len(head))]
    for row in [head, *rows]:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())
    typer.echo()
    for model in CATALOGUE:
        typer.echo(f"{model.name.ljust(widths[0])}  {model.hub}")
    typer.echo("\n`mentor models pull NAME` downloads one, `mentor models use NAME` chooses it.")


def _row(model: Listed, settings: Settings) -> tuple[str, ...]:
    from mentor.models.hub import downloaded

    here = downloaded(model.reference, settings.models_dir) is not None
    return (
        f"{model.name}{' (here)' if here else ''}",
        f"{model.bytes / 1e9:.1f} GB",
        f"{model.memory / 1e9:.1f} GB",
        f"{model.context:,}",
        model.licence,
        model.good_for,
    )


@app.command()
def pull(
    name: Annotated[
        str,
        typer.Argument(
            help="A name of the list, hf:owner/repo/file.gguf, or owner/repo of an embedder."
        ),
    ],
) -> None:
    """Download a model; a download that broke off goes on where it stopped."""
    from mentor.models.hub import is_repo, pull_embedder

    settings = load_settings()
    if is_repo(name):
        with _download_bar() as progress:
            folder = pull_embedder(name, _hub(settings), progress)
        typer.echo(f"The embedder is in {folder}.")
        typer.echo(f"Use it: MENTOR_EMBEDDER={name}, then `mentor index`.")
        return
    named = _named(name)
    path = fetch(settings, named)
    typer.echo(f"The model is in {path}.")
    typer.echo(f"Use it: `mentor models use {name}`.")


@app.command()
def use(
    name: Annotated[
        str,
        typer.Argument(
            help="embedded, none, a name of the list, hf:…, a GGUF file, or http(s)://…"
        ),
    ],
) -> None:
    """Choose the model that writes, in mentor.toml of this folder; download it if need be."""
    import os

    model = name
    if name not in ("embedded", "none") and not name.startswith(("http://", "https://")):
        model = _checked(name, load_settings())
    _write_setting("model", model)
    typer.echo(f"{FILE.resolve()} now says model = {model!r}.")
    if "MENTOR_MODEL" in os.environ:
        typer.secho(
            "The environment's MENTOR_MODEL goes before it; unset that.", fg="yellow", err=True
        )


def _checked(name: str, settings: Settings) -> str:
    """What the settings should say for a model that is a file, which is there and can talk.

    Raises:
        WeightsError: it cannot be downloaded, is damaged, or has no chat template.
    """
    from mentor.models import llama, weights
    from mentor.models.catalogue import listed

    local = Path(name).expanduser()
    file = local.exists() or "/" in name or local.suffix == ".gguf"
    if listed(name) is None and not name.startswith("hf:") and file:
        path, model = weights.user_gguf(local), str(local.resolve())
    else:
        model = _named(name)
        path = fetch(settings, model)
    llama.refuse_without_template(path, llama.metadata(path))
    return model


def _named(name: str) -> str:
    """The reference that a name of the catalogue stands for; a reference stands for itself.

    Raises:
        WeightsError: it is neither.
    """
    from mentor.models.catalogue import CATALOGUE, listed
    from mentor.models.hub import reference

    if model := listed(name):
        return model.hub
    if not name.startswith("hf:"):
        names = ", ".join(model.name for model in CATALOGUE)
        raise WeightsError(
            f"No model is called {name!r}.",
            cure=f"Choose {names}, or write hf:owner/repo/file.gguf.",
        )
    return str(reference(name))


def ensure_model(settings: Settings) -> None:
    """Download the model that the settings name, where it is on a hub and not here yet."""
    if settings.model.startswith("hf:"):
        fetch(settings, settings.model)


def fetch(settings: Settings, name: str) -> Path:
    """The file that `name` (hf:…) stands for, downloaded if need be."""
    from mentor.models.hub import downloaded, pull, reference

    ref = reference(name)
    if path := downloaded(ref, settings.models_dir):
        return path
    with _download_bar() as progress:
        return pull(ref, _hub(settings), progress)


def _hub(settings: Settings) -> Any:
    from mentor.models.hub import Hub

    return Hub(address=settings.hub, models=settings.models_dir, token=settings.hub_token)


def _write_setting(key: str, value: str) -> None:
    """Set one key of mentor.toml; its comments and other keys stay.

    Raises:
        SettingsError: the file cannot be read.
        StorageError: it cannot be written.
    """
    import tomlkit
    from tomlkit.exceptions import ParseError

    try:
        text = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
        document = tomlkit.parse(text)
    except (ParseError, UnicodeDecodeError, OSError) as exc:
        raise SettingsError(f"{FILE} cannot be read: {exc}.", cure="Correct the file.") from exc
    document[key] = value
    try:
        FILE.write_text(tomlkit.dumps(document), encoding="utf-8")
    except OSError as exc:
        raise StorageError(
            f"{FILE.resolve()} cannot be written: {exc.strerror}.",
            cure=f"Set MENTOR_{key.upper()}={value} instead.",
        ) from exc


@contextmanager
def _download_bar() -> Iterator[Any]:
    """A bar on stderr for each file, with size, rate and time left."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        tasks: dict[str, Any] = {}

        def progress(name: str, had: int, size: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name.rpartition("/")[2], total=size or None)
            bar.update(tasks[name], completed=had, total=size or None)

        yield progress
