"""The table of settings in docs/operators.md, made from the code.

    python -m mentor_ui.settings_table [--check] [FILE]

The table is made from the fields of `Settings`, so that it can name no setting that there is not.
Without `--check` it is written between the two markers of FILE; with it nothing is written, and
the exit status is 1 where FILE has another table.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic.fields import FieldInfo

from mentor.errors import MentorError, SettingsError
from mentor.settings import CHECKOUT, PREFIX, Settings

BEGIN = "<!-- settings: begin (python -m mentor_ui.settings_table) -->"
END = "<!-- settings: end -->"
FILE = CHECKOUT / "docs" / "operators.md"

COMPUTED = {
    "home": "the checkout, or the user's data directory",
    "corpus": "the corpus that ships with Mentor",
    "threads": "the processor's threads",
}
"""Defaults that differ from machine to machine, in words."""


def settings_table() -> str:
    """The settings as a Markdown table, in the order of `Settings`."""
    rows = [
        "| Key in mentor.toml | Variable | Default | What it sets |",
        "|---|---|---|---|",
        *(
            f"| `{key}` | `{PREFIX}{key.upper()}` | {_default(key, field)} | {field.description} |"
            for key, field in Settings.model_fields.items()
        ),
    ]
    return "\n".join(rows)


def with_table(text: str) -> str:
    """`text` with the table between its markers brought up to date.

    Raises:
        SettingsError: `text` has not both markers, once each and in order.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end) or BEGIN in after or END in before + after:
        raise SettingsError(
            "The file has no place for the table of settings.",
            cure=f"Put {BEGIN} and {END} into it, once each.",
        )
    return f"{before}{BEGIN}\n{settings_table()}\n{END}{after}"


def _default(key: str, field: FieldInfo) -> str:
    if field.default_factory is not None:
        return COMPUTED[key]
    return "none" if field.default in (None, ()) else f"`{field.default}`"


def main(
    file: Annotated[Path, typer.Argument(help="The page that holds the table.")] = FILE,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if stale.")] = False,
) -> None:
    """Write the table of settings into a page, or check that it is current."""
    try:
        text = file.read_text(encoding="utf-8")
        current = with_table(text)
        if check and current != text:
            raise SettingsError(
                f"The table of settings in {file} is stale.",
                cure="Run `python -m mentor_ui.settings_table`.",
            )
        if current != text:
            file.write_text(current, encoding="utf-8")
    except (MentorError, OSError) as exc:
        typer.echo(str(exc), err=True)
        raise typer.Exit(1) from exc


if __name__ == "__main__":
    typer.run(main)
