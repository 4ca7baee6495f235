"""Tells the portal of progress and interviews: one POST for each statement, signed, retried.

Signed as Standard Webhooks say (standardwebhooks.com), so that a portal checks it with a library of
its language. The receiver may get a statement twice and knows it by `webhook-id`.
"""

from __future__ import annotations

import json
import logging
import random
import threading
from datetime import timedelta
from typing import Any

import httpx
from standardwebhooks import Webhook

from mentor.errors import MentorError
from mentor.mentor import Mentor
from mentor.settings import Settings
from mentor.store import Store
from mentor.store.outbox import Due, due, tell_at
from mentor.store.tables import now

log = logging.getLogger("mentor")
LOOK_EVERY = 5.0
FIRST_WAIT = 5.0
LONGEST_WAIT = 6 * 3600.0
MOST_TRIES = 25
"""With waits that double up to six hours: about three days."""
_SECONDS = 10


def wait_before(tries: int) -> timedelta:
    """How long to wait after so many tries: twice as long each time, and not all at once."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (tries - 1))
    return timedelta(seconds=wait * random.uniform(0.8, 1.2))


def tell_portal(store: Store, settings: Settings) -> int:
    """Tell everything that is due now; how many statements the portal took."""
    taken = 0
    for statement in due(store):
        trouble = _post(statement, settings)
        if trouble is None:
            taken += 1
            tell_at(store, statement.id, None)
        elif statement.tries >= MOST_TRIES:
            log.error("The portal does not take %s: %s. Given up.", statement.id, trouble)
            tell_at(store, statement.id, None)
        else:
            log.warning("The portal did not take %s: %s.", statement.id, trouble)
            tell_at(store, statement.id, now() + wait_before(statement.tries))
    return taken


def keep_telling(mentor: Mentor, settings: Settings, stop: threading.Event) -> None:
    """Tell what is due every few seconds, until `stop`."""
    while not stop.wait(LOOK_EVERY):
        try:
            if mentor.store is not None:
                tell_portal(mentor.store, settings)
        except MentorError as exc:
            log.error("%s", exc)
        except Exception:  # what nobody foresaw may be over at the next look
            log.exception("The portal could not be told")


def whole_statement(due: Due, settings: Settings) -> dict[str, Any]:
    """The xAPI statement: who, verb, what, how it went, when."""
    home = settings.public_url or "urn:mentor"
    actor = {"objectType": "Agent", "account": {"homePage": home, "name": due.learner}}
    return {"id": due.id, "actor": actor, **due.statement}


def _post(statement: Due, settings: Settings) -> str | None:
    """What went wrong, if anything. A redirect did: followed, it would lose the message."""
    body = json.dumps(whole_statement(statement, settings), ensure_ascii=False).encode()
    moment = now()
    signed = Webhook(str(settings.webhook_secret)).sign(statement.id, moment, body.decode())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": statement.id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signed,
    }
    try:
        address = str(settings.webhook)
        httpx.post(address, content=body, headers=headers, timeout=_SECONDS).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        return str(exc).partition("\n")[0]
    return None
