"""Back to the portal: completions come in; what learners achieve goes out, signed and retried."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from conftest import SECRET, Serve, bearer
from standardwebhooks import Webhook

from mentor.learner import Done, Skill, with_marks
from mentor.settings import Settings
from mentor.store import Store, open_store, outbox
from mentor.store.counts import count
from mentor.store.replies import answer, claim
from mentor.store.tables import now
from mentor_ui.api.limits import StoreCounts
from mentor_ui.api.webhook import MOST_TRIES, keep_telling, tell_portal, wait_before

pytestmark = pytest.mark.enable_socket
TODAY = date(2026, 11, 27)
KEY = "whsec_c2VjcmV0IG9mIGEgcG9ydGFsLCAzMiBjaGFyYWN0ZXJz"
VERBS = "http://adlnet.gov/expapi/verbs/"


class Portal:
    """The portal's end of the webhook: a real server that refuses the first `failures` messages."""

    def __init__(self) -> None:
        self.failures = 0
        self.moved = False
        self.taken: list[dict[str, Any]] = []
        portal = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if portal.failures:
                    portal.failures -= 1
                    self.send_response(503)
                elif portal.moved:
                    self.send_response(302)
                    self.send_header("Location", "/login")
                else:
                    Webhook(KEY).verify(body, dict(self.headers.items()))  # raises if forged
                    portal.taken.append(json.loads(body))
                    self.send_response(204)
                self.end_headers()

            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/in"

    @property
    def verbs(self) -> list[str]:
        return [taken["verb"]["id"].removeprefix(VERBS) for taken in self.taken]


@pytest.fixture
def portal() -> Iterator[Portal]:
    made = Portal()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def telling(settings: Settings, portal: Portal) -> Settings:
    """Settings of SQLite and of PostgreSQL, with a portal to tell."""
    return settings.model_copy(update={"webhook": portal.url, "webhook_secret": KEY})


@pytest.fixture
def told(telling: Settings) -> Iterator[Store]:
    store = open_store(telling)
    yield store
    store.close()


def test_what_a_learner_achieves_is_told_in_the_words_of_xapi(
    told: Store, telling: Settings, portal: Portal
) -> None:
    lesson = Done(item="lessons/x", on=TODAY, link="https://example.org/x")
    told.mark("ada", lesson, Skill(id="python", state="claimed"))
    told.update_learner(
        "ada", lambda ada: with_marks(ada, [Skill(id="sql", state="checked"),
                                            Skill(id="git", state="evidenced")])
    )  # fmt: skip
    told.save_interview("ada", "i1", state={"phase": "question"}, seen=0)
    results = [
        {"question": "q1", "skill": "python", "passed": True},
        {"question": "q1", "skill": "sql", "passed": True},
        {"question": "q2", "skill": "git", "passed": False},
        {"question": "q3", "skill": "git", "passed": True},
    ]
    ended = {"phase": "done", "results": results}
    told.save_interview("ada", "i1", state=ended, seen=1)
    told.save_interview("ada", "i1", state={**ended, "read": True}, seen=2)
    assert tell_portal(told, telling) == 4
    assert portal.verbs == ["completed", "passed", "mastered", "completed"]
    first, *_, interview = portal.taken
    assert first["actor"]["account"]["name"] == "ada"
    assert first["object"]["id"] == "urn:mentor:lessons/x"
    assert first["result"]["extensions"] == {"urn:mentor:evidence": "https://example.org/x"}
    assert interview["result"]["score"] == {"raw": 2, "min": 0, "max": 3}, "questions, not skills"
    assert tell_portal(told, telling) == 0, "each is told once"


def test_what_is_taken_back_is_voided(told: Store, telling: Settings, portal: Portal) -> None:
    told.mark("ada", Done(item="lessons/x", on=TODAY))
    tell_portal(told, telling)
    told.undo("ada")
    tell_portal(told, telling)
    completed, voided = portal.taken
    assert voided["verb"]["id"] == f"{VERBS}voided"
    assert voided["object"] == {"objectType": "StatementRef", "id": completed["id"]}


def test_what_waits_to_be_told_is_handed_over_and_exported_with_all_else(told: Store) -> None:
    told.mark("local", Done(item="lessons/x", on=TODAY))
    claim(told, "local", "key 1", request="0" * 64)
    answer(told, "local", "key 1", {"status": 201})
    exported = told.export("local")
    assert [each["about"].split("/")[0] for each in exported["statements"]] == ["mark"]
    assert [each["reply"] for each in exported["replies"]] == [{"status": 201}]
    told.hand_over("local", "ada")
    told.undo("ada")
    completed, voided = sorted(_all_due(told), key=lambda each: "result" not in each.statement)
    assert (completed.learner, voided.learner) == ("ada", "ada")
    assert voided.statement["object"]["id"] == completed.id


def test_a_portal_that_is_down_is_told_later_and_nothing_is_lost(
    told: Store, telling: Settings, portal: Portal
) -> None:
    portal.failures = 1
    told.mark("ada", Done(item="lessons/x", on=TODAY))
    assert tell_portal(told, telling) == 0 and outbox.untold(told) == 1
    assert tell_portal(told, telling) == 0, "not before its time"
    (waiting,) = _all_due(told)
    assert waiting.tries == 2
    outbox.tell_at(told, waiting.id, now())
    assert tell_portal(told, telling) == 1
    assert portal.verbs == ["completed"] and outbox.untold(told) == 0


def _all_due(store: Store) -> list[outbox.Due]:
    from sqlalchemy import update

    from mentor.store.tables import StatementRow

    with store.changing() as session:
        session.execute(update(StatementRow).values(due=now()))
    return outbox.due(store)


def test_a_portal_that_redirects_has_not_heard_it(
    told: Store, telling: Settings, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    portal.moved = True
    told.mark("ada", Done(item="lessons/x", on=TODAY))
    assert tell_portal(told, telling) == 0 and outbox.untold(told) == 1
    assert "302" in caplog.text


class Rounds(threading.Event):
    """Stops after so many looks, and waits for none of them."""

    def __init__(self, many: int) -> None:
        super().__init__()
        self._left = many

    def wait(self, timeout: float | None = None) -> bool:
        self._left -= 1
        return self._left < 0


def test_a_round_that_breaks_is_logged_and_the_next_one_comes(
    serve: Serve, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    mentor = serve(webhook=portal.url, webhook_secret=KEY).app.state.mentor  # type: ignore[attr-defined]
    mentor.store.mark("ada", Done(item="lessons/x", on=TODAY))
    no_base64 = Settings.model_construct(webhook=portal.url, webhook_secret=f"{KEY}a")
    keep_telling(mentor, no_base64, Rounds(2))
    assert "The portal could not be told" in caplog.text and "binascii" in caplog.text
    assert outbox.untold(mentor.store) == 1


def test_waits_grow_to_hours_and_end_after_days() -> None:
    waits = [wait_before(tries) for tries in range(1, MOST_TRIES + 1)]
    assert timedelta(seconds=4) <= waits[0] <= timedelta(seconds=6)
    assert max(waits) <= timedelta(hours=7.2)
    assert timedelta(days=2) < sum(waits, timedelta()) < timedelta(days=5)


def test_two_processes_never_tell_the_same(told: Store) -> None:
    for n in range(8):
        told.mark("ada", Done(item=f"lessons/{n}", on=TODAY))
    with ThreadPoolExecutor(4) as pool:
        leased = [each.id for got in pool.map(lambda _: outbox.due(told, most=3), range(4))
                  for each in got]  # fmt: skip
    assert len(leased) == len(set(leased)) == 8


def test_nothing_is_kept_to_tell_where_there_is_no_portal(store: Store) -> None:
    store.mark("ada", Done(item="lessons/x", on=TODAY))
    assert outbox.untold(store) == 0


def test_what_is_to_be_told_of_a_learner_goes_with_them(told: Store) -> None:
    told.mark("ada", Done(item="lessons/x", on=TODAY))
    told.delete("ada")
    assert outbox.untold(told) == 0


def test_the_portal_pushes_a_completion_in_and_does_not_hear_of_it(
    serve: Serve, portal: Portal
) -> None:
    client = serve(token_secret=SECRET, webhook=portal.url, webhook_secret=KEY)
    service = bearer("portal", role="service")
    lesson = {"item": "lessons/python-for-data-science"}
    for _ in range(2):
        pushed = client.post("/api/v1/learners/ada/completions", json=lesson, headers=service)
        assert pushed.status_code == 201
    mine = client.get("/api/v1/progress", headers=bearer("ada")).json()["done"]
    assert [done["item"] for done in mine] == [lesson["item"]], "a repetition adds nothing"
    store = client.app.state.mentor.store  # type: ignore[attr-defined]
    assert outbox.untold(store) == 0
    client.post("/api/v1/progress", json={"item": "lessons/intro-to-machine-learning"},
                headers=bearer("ada"))  # fmt: skip
    assert outbox.untold(store) == 1
    wrong = {"item": "lessons/alchemy"}
    reply = client.post("/api/v1/learners/ada/completions", json=wrong, headers=service)
    assert (reply.status_code, reply.json()["type"]) == (422, "urn:mentor:problem:learner")


# --- counts that processes share -----------------------------------------------------------------


def test_counts_are_shared_and_end_with_their_window(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        counts = sorted(pool.map(lambda _: count(store, "ada", seconds=60), range(8)))
    assert counts == list(range(1, 9))
    counter = StoreCounts(store)
    assert counter.get("ada") == 8 and counter.get("bob") == 0
    assert 0 < counter.get_expiry("ada") - now().timestamp() <= 60
    assert count(store, "short", seconds=0) == count(store, "short", seconds=0) == 1
    counter.clear("ada")
    assert counter.get("ada") == 0
