"""The learning consultant: a person to turn to when the material does not help.

    mailto:help@example.org          opens a letter in the learner's mail program
    https://example.org/contact      opens that page
    webhook+https://example.org/in   Mentor posts the letter there as JSON

Nothing is sent but what the learner has read, edited and approved.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from mentor.errors import ConsultantError, LearnerError, SettingsError
from mentor.records import Record

MOST_CHARACTERS = 4_000
_HOOK = "webhook+"
_SECONDS = 10


class Letter(Record):
    subject: str
    body: str


def check_consultant(setting: str | None) -> None:
    """
    Raises:
        SettingsError: the address is none of the three kinds.
    """
    if setting is None:
        return
    parts = urlsplit(setting.removeprefix(_HOOK))
    mail = parts.scheme == "mailto" and "@" in parts.path and not setting.startswith(_HOOK)
    if not mail and not (parts.scheme in ("http", "https") and parts.netloc):
        raise SettingsError(
            f"The consultant cannot be reached at {setting[:80]!r}.",
            cure="Write mailto:…, https://… or webhook+https://….",
        )


def draft_letter(question: str, *, about: str = "") -> Letter:
    """A letter to begin with, which the learner edits."""
    body = f"Hello,\n\nI asked Mentor:\n\n{question}\n\nIt could not help me with that.\n"
    return Letter(subject="A question about ML engineering", body=body + (about and f"\n{about}\n"))


def send(setting: str, letter: Letter) -> str | None:
    """Send an approved letter; or, for mail and pages, the address that the face has to open.

    Raises:
        LearnerError: the letter is empty or too long.
        ConsultantError: the webhook does not take it; the face still has the letter.
    """
    if not letter.body.strip() or len(letter.body) > MOST_CHARACTERS:
        raise LearnerError(
            f"A letter has 1 to {MOST_CHARACTERS:,} characters.", cure="Edit it and send it again."
        )
    if setting.startswith("mailto:"):
        return f"{setting}?subject={quote(letter.subject)}&body={quote(letter.body)}"
    if not setting.startswith(_HOOK):
        return setting
    import httpx

    address = setting.removeprefix(_HOOK)
    try:
        httpx.post(address, json=letter.model_dump(), timeout=_SECONDS).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        raise ConsultantError(
            "The letter did not reach the consultant.", cure="Try again later, or copy it."
        ) from exc
    return None
