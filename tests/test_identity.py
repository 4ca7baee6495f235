"""Who is asking: each route as the wrong learner, with each kind of bad token, from elsewhere."""

from __future__ import annotations

import asyncio
import hmac
import json
import threading
import time
from base64 import urlsafe_b64encode
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jwt
import pytest
from conftest import PORTAL, SECRET, Serve, bearer
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi.testclient import TestClient

from mentor.errors import SettingsError
from mentor.settings import Settings, load_settings
from mentor_ui.api.identity import mint
from mentor_ui.api.limits import limited
from mentor_ui.api.problems import Problem
from mentor_ui.server import listen

SALARY = "What does a junior ML engineer earn?"
OPEN = {"/api/v1/health", "/api/v1/ready"}
"""What anybody may have."""


@pytest.fixture
def portal(serve: Serve) -> TestClient:
    """A mentor that a portal's back end makes tokens for."""
    return serve(token_secret=SECRET, origins=PORTAL)


def routes(client: TestClient) -> list[tuple[str, str]]:
    """(method, path) of every route, with a value in each place of a path."""
    paths = client.get("/api/openapi.json").json()["paths"]
    filled = {
        "conversation": "c1", "turn": "1", "proposal": "keep-plan", "page": "junior",
        "learner": "ada", "interview": "i1",
    }  # fmt: skip
    found = []
    for path, methods in paths.items():
        for name, value in filled.items():
            path = path.replace(f"{{{name}}}", value)
        assert "{" not in path, "a route has a place that no value is known for"
        found += [(method.upper(), path) for method in methods]
    return found


def claims(**changed: Any) -> dict[str, Any]:
    return {"sub": "ada", "aud": "mentor", "exp": int(time.time()) + 60, **changed}


def signed(secret: str = SECRET, **changed: Any) -> str:
    return jwt.encode(claims(**changed), secret, algorithm="HS256")


def without(claim: str) -> str:
    kept = claims()
    del kept[claim]
    return jwt.encode(kept, SECRET, algorithm="HS256")


BAD_TOKENS = {
    "none at all": None,
    "no token": "Bearer",
    "another scheme": "Basic YWRhOmFkYQ==",
    "nonsense": "Bearer a.b.c",
    "expired": f"Bearer {signed(exp=int(time.time()) - 60)}",
    "another audience": f"Bearer {signed(aud='library')}",
    "another secret": f"Bearer {signed('x' * 40)}",
    "alg=none": f"Bearer {jwt.encode(claims(), None, algorithm='none')}",
    "another algorithm": f"Bearer {jwt.encode(claims(), SECRET * 2, algorithm='HS512')}",
    "no expiry": f"Bearer {without('exp')}",
    "nobody": f"Bearer {without('sub')}",
    "no audience": f"Bearer {without('aud')}",
    "lives for a year": f"Bearer {signed(exp=int(time.time()) + 31_536_000)}",
    "a role that there is not": f"Bearer {signed(role='root')}",
}


@pytest.mark.parametrize("why", BAD_TOKENS)
def test_no_route_answers_a_bad_token(portal: TestClient, why: str) -> None:
    authorization = BAD_TOKENS[why]
    headers = {} if authorization is None else {"Authorization": authorization}
    for method, path in routes(portal):
        reply = portal.request(method, path, headers=headers, json={})
        if path not in OPEN:
            assert reply.status_code == 401, (method, path)
            assert reply.json()["type"] == "urn:mentor:problem:token"
            assert reply.headers["www-authenticate"] == "Bearer"


def test_no_route_answers_a_page_of_another_origin(portal: TestClient) -> None:
    for origin in ("https://evil.example", "null", "https://learn.example.org.evil.example"):
        headers = bearer("ada") | {"Origin": origin}
        for method, path in routes(portal):
            reply = portal.request(method, path, headers=headers, json={})
            assert reply.status_code == 403, (method, path)
            assert reply.json()["type"] == "urn:mentor:problem:origin"
            assert "access-control-allow-origin" not in reply.headers


def test_a_listed_portal_may_read_and_embed_and_its_token_is_for_it_alone(
    portal: TestClient,
) -> None:
    headers = bearer("ada", origin=PORTAL) | {"Origin": PORTAL}
    reply = portal.get("/api/v1/me", headers=headers)
    assert reply.status_code == 200
    assert reply.headers["access-control-allow-origin"] == PORTAL
    assert "access-control-allow-credentials" not in reply.headers
    assert reply.headers["content-security-policy"] == f"frame-ancestors 'self' {PORTAL}"
    other = bearer("ada", origin="https://other.example") | {"Origin": PORTAL}
    assert portal.get("/api/v1/me", headers=other).json()["type"] == "urn:mentor:problem:origin"


def test_a_listed_portal_is_answered_its_preflight_and_another_is_not(portal: TestClient) -> None:
    wants = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }
    allowed = portal.options("/api/v1/chat", headers={"Origin": PORTAL, **wants})
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == PORTAL
    denied = portal.options("/api/v1/chat", headers={"Origin": "https://evil.example", **wants})
    assert denied.status_code == 403


def test_an_expired_token_can_be_read_as_such_by_the_widget(portal: TestClient) -> None:
    headers = {"Authorization": f"Bearer {signed(exp=1)}", "Origin": PORTAL}
    reply = portal.get("/api/v1/me", headers=headers)
    assert reply.status_code == 401
    assert reply.headers["access-control-allow-origin"] == PORTAL


# --- learners apart -----------------------------------------------------------------------------


def test_at_every_route_another_learner_finds_and_changes_nothing(portal: TestClient) -> None:
    ada, eve = bearer("ada"), bearer("eve")
    asked = {"question": "I know Python, where do I start?", "conversation": "c1"}
    portal.post("/api/v1/chat", json=asked, headers=ada)
    portal.post("/api/v1/plan", json={"hours": 7.25}, headers=ada)
    lesson = {"item": "lessons/python-for-data-science", "link": "https://example.org/adas"}
    portal.post("/api/v1/progress", json=lesson, headers=ada)
    opinion = {"about": "c1/1", "verdict": "up", "reason": "adas word"}
    portal.post("/api/v1/feedback", json=opinion, headers=ada)
    before = portal.get("/api/v1/me/export", headers=ada).json()
    bodies: dict[str, Any] = {
        "/api/v1/feedback": opinion, "/api/v1/conversations/c1": {"title": "eves"},
        "/api/v1/progress/undo": {}, "/api/v1/chat": {"question": SALARY, "conversation": "c1"},
    }  # fmt: skip
    for method, path in routes(portal):
        if path == "/api/v1/session":
            continue
        reply = portal.request(method, path, headers=eve, json=bodies.get(path, {}))
        for secret in ("7.25", "adas", "I know Python"):
            assert secret not in reply.text, (method, path)
    assert portal.get("/api/v1/me/export", headers=ada).json() == before
    assert portal.get("/api/v1/conversations/c1", headers=eve).status_code in (200, 404)


def test_a_role_is_needed_for_what_concerns_others(portal: TestClient) -> None:
    portal.post("/api/v1/progress", json={"item": "lessons/python-for-data-science"},
                headers=bearer("ada"))  # fmt: skip
    allowed = {
        ("GET", "/api/v1/metrics"): {"operator"},
        ("GET", "/api/v1/learners/ada/export"): {"operator", "service"},
        ("DELETE", "/api/v1/learners/ada"): {"operator", "service"},
        ("POST", "/api/v1/learners/ada/completions"): {"service"},
    }
    for (method, path), roles in allowed.items():
        for role in ("learner", "operator", "service"):
            if role in roles and method != "GET":
                continue
            reply = portal.request(
                method, path, headers=bearer("x", role=role), json={"item": "stage"}
            )
            assert (reply.status_code == 200) == (role in roles), (path, role)
    erased = portal.delete("/api/v1/learners/ada", headers=bearer("x", role="operator"))
    assert erased.json() == {"learner": "ada", "erased": True}


@pytest.mark.parametrize("sub", ["school/ada", "Zoë Ångström", "a/b/export", "50%", "a?b#c"])
def test_a_learner_of_any_id_that_a_token_may_name_is_exported_and_erased(
    portal: TestClient, sub: str
) -> None:
    service = bearer("portal", role="service")
    path = f"/api/v1/learners/{quote(sub, safe='')}"
    lesson = {"item": "lessons/python-for-data-science"}
    assert portal.post(f"{path}/completions", json=lesson, headers=service).status_code == 201
    assert len(portal.get("/api/v1/progress", headers=bearer(sub)).json()["done"]) == 1
    exported = portal.get(f"{path}/export", headers=service).json()
    assert (exported["learner"], len(exported["marks"])) == (sub, 1)
    erased = portal.delete(path, headers=service)
    assert erased.json() == {"learner": sub, "erased": True}
    assert portal.get(f"{path}/export", headers=service).json()["kept"] is False


# --- RS256 ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.mark.enable_socket
def test_a_portal_may_sign_with_a_key_that_it_keeps(
    serve: Serve, tmp_path: Path, private_key: rsa.RSAPrivateKey
) -> None:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private_key.public_key()))
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps({"keys": [{**public, "kid": "k1", "use": "sig"}]}))
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    portal = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=portal.serve_forever, daemon=True).start()
    client = serve(token_keys=f"http://127.0.0.1:{portal.server_port}/jwks.json")

    def asked(token: str) -> int:
        return client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code

    head = {"kid": "k1"}
    assert asked(jwt.encode(claims(), private_key, algorithm="RS256", headers=head)) == 200
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert asked(jwt.encode(claims(), other, algorithm="RS256", headers=head)) == 401
    unknown = {"kid": "k2"}
    assert asked(jwt.encode(claims(), private_key, algorithm="RS256", headers=unknown)) == 401
    # The public key taken for a secret: the oldest trick with two algorithms.
    unsigned, _, _ = signed().rpartition(".")
    mark = hmac.digest(json.dumps(public).encode(), unsigned.encode(), "sha256")
    assert asked(f"{unsigned}.{urlsafe_b64encode(mark).decode().rstrip('=')}") == 401
    portal.shutdown()
    portal.server_close()


@pytest.mark.enable_socket
def test_keys_that_cannot_be_read_are_told_and_are_no_fault_of_the_token(
    serve: Serve, tmp_path: Path, private_key: rsa.RSAPrivateKey
) -> None:
    (tmp_path / "jwks.json").write_text("<h1>We are back at noon.</h1>")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    portal = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=portal.serve_forever, daemon=True).start()
    client = serve(token_keys=f"http://127.0.0.1:{portal.server_port}/jwks.json")
    token = jwt.encode(claims(), private_key, algorithm="RS256", headers={"kid": "k1"})
    reply = client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert (reply.status_code, reply.json()["type"]) == (503, "urn:mentor:problem:unavailable")
    portal.shutdown()
    portal.server_close()


def test_the_end_of_a_token_may_be_written_as_text(portal: TestClient) -> None:
    def asked(seconds: int) -> int:
        token = jwt.encode(claims(exp=str(int(time.time()) + seconds)), SECRET, algorithm="HS256")
        reply = portal.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        return reply.status_code

    assert (asked(60), asked(86_400)) == (200, 401)


def test_a_host_that_is_no_name_is_refused(serve: Serve) -> None:
    assert serve().get("/api/v1/me", headers={"Host": "["}).status_code == 403


# --- sessions and loopback ------------------------------------------------------------------------


def test_a_launch_url_opens_the_page_once_and_gives_a_session(portal: TestClient) -> None:
    made = portal.post("/api/v1/launch", headers=bearer("ada", name="Ada"))
    assert made.status_code == 201
    url = made.json()["url"]
    assert url.startswith("http://127.0.0.1/launch/")
    entered = portal.get(url)
    cookie = entered.headers["set-cookie"]
    assert entered.status_code == 303 and entered.headers["location"] == "/"
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert portal.get("/api/v1/me").json()["learner"] == "ada"
    again = portal.get(url)
    assert again.status_code == 401, "a launch URL is good once"
    assert "was used already" in again.text and "text/html" in again.headers["content-type"]
    assert portal.post("/api/v1/launch").status_code == 403, "a session makes no launch URLs"
    assert portal.delete("/api/v1/session").status_code == 204
    assert portal.get("/api/v1/me").status_code == 401


def test_a_launch_url_is_good_for_a_minute(
    portal: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from mentor.store import passes

    monkeypatch.setattr(passes, "LAUNCH", timedelta(seconds=-1))
    url = portal.post("/api/v1/launch", headers=bearer("ada")).json()["url"]
    assert portal.get(url).status_code == 401


def test_a_session_is_not_heard_from_another_page(portal: TestClient) -> None:
    portal.get(portal.post("/api/v1/launch", headers=bearer("ada")).json()["url"])
    assert portal.get("/api/v1/me").status_code == 200
    assert portal.get("/api/v1/me", headers={"Origin": "http://127.0.0.1"}).status_code == 200
    assert portal.get("/api/v1/me", headers={"Origin": PORTAL}).status_code == 401
    assert portal.get("/api/v1/me", headers={"Origin": "http://127.0.0.1:99"}).status_code == 403


def test_behind_https_a_session_is_secure(serve: Serve) -> None:
    client = serve(token_secret=SECRET, public_url="https://mentor.example.org")
    url = client.post("/api/v1/launch", headers=bearer("ada")).json()["url"]
    assert url.startswith("https://mentor.example.org/launch/")
    entered = client.get(url.removeprefix("https://mentor.example.org"))
    assert "; Secure" in entered.headers["set-cookie"]


def test_a_portals_token_is_no_cookie_and_a_forged_cookie_is_nobody(portal: TestClient) -> None:
    for value in (signed(), signed(aud="mentor-session"), "nonsense"):
        cookie = {"Cookie": f"mentor_session={value}"}
        assert portal.get("/api/v1/me", headers=cookie).status_code == 401


def test_on_loopback_each_browser_is_a_learner_of_its_own(serve: Serve) -> None:
    first = serve()
    ada = first.get("/api/v1/me")
    assert "HttpOnly" in ada.headers["set-cookie"]
    again = first.get("/api/v1/me")
    assert again.json()["learner"] == ada.json()["learner"]
    assert "set-cookie" not in again.headers
    first.cookies.clear()
    assert first.get("/api/v1/me").json()["learner"] != ada.json()["learner"]


@pytest.mark.parametrize("beside", ['prefs={"a":1}', "a b=c", "=", "café=1"])
def test_cookies_of_others_on_the_same_host_make_nobody_a_stranger(
    serve: Serve, beside: str
) -> None:
    client = serve()
    ada = client.get("/api/v1/me").json()["learner"]
    own = f"mentor_session={client.cookies['mentor_session']}"
    client.cookies.clear()
    for cookies in (f"{beside}; {own}", f"{own}; {beside}"):
        me = client.get("/api/v1/me", headers={b"Cookie": cookies.encode()}).json()
        assert me["learner"] == ada


def test_on_loopback_a_cookie_outlives_the_process(serve: Serve) -> None:
    first, second = serve(), serve()
    ada = first.get("/api/v1/me").json()["learner"]
    second.cookies = first.cookies
    assert second.get("/api/v1/me").json()["learner"] == ada


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "mentor.evil.example"},
        {"X-Forwarded-For": "203.0.113.7"},
        {"Forwarded": "for=203.0.113.7"},
    ],
    ids=["a name that leads here", "a proxy", "a proxy of the standard"],
)
def test_without_a_secret_no_stranger_comes_by_another_way(
    serve: Serve, headers: dict[str, str]
) -> None:
    reply = serve().get("/api/v1/me", headers=headers)
    assert reply.status_code == 403
    assert "MENTOR_TOKEN_SECRET" in reply.json()["cure"]


def test_an_open_cookie_is_nobody_once_a_secret_is_set(serve: Serve) -> None:
    before = serve()
    before.get("/api/v1/me")
    after = serve(token_secret=SECRET)
    after.cookies = before.cookies
    assert after.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7"])
def test_a_public_address_without_a_secret_is_refused(host: str) -> None:
    with pytest.raises(SettingsError, match="anybody could come") as refused:
        listen(Settings(host=host, port=0))
    assert "MENTOR_TOKEN_SECRET" in refused.value.cure


def test_a_short_secret_an_unsigned_webhook_and_a_wrong_origin_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for key, value, told in (
        ("TOKEN_SECRET", "short", "32 characters"),
        ("WEBHOOK", "https://learn.example.org/in", "WEBHOOK_SECRET"),
        ("ORIGINS", "https://*.example.org", "is no origin"),
        ("LEARNER_RATE", "a lot", "60/minute"),
    ):
        monkeypatch.setenv(f"MENTOR_{key}", value)
        with pytest.raises(SettingsError, match=told):
            load_settings()
        monkeypatch.delenv(f"MENTOR_{key}")


# --- limits ---------------------------------------------------------------------------------------


def test_a_learner_who_asks_too_often_is_told_when_to_come_back(serve: Serve) -> None:
    client = serve(token_secret=SECRET, learner_rate="2/hour")
    for _ in range(2):
        assert client.get("/api/v1/me", headers=bearer("ada")).status_code == 200
    reply = client.get("/api/v1/me", headers=bearer("ada"))
    assert (reply.status_code, reply.json()["type"]) == (429, "urn:mentor:problem:rate")
    assert 1 <= int(reply.headers["retry-after"]) <= 3600
    assert client.get("/api/v1/me", headers=bearer("bob")).status_code == 200


def test_a_person_who_sends_forms_too_often_is_told_so_in_words(serve: Serve) -> None:
    client = serve(learner_rate="2/hour")
    person = {"Accept": "text/html", "Origin": "http://127.0.0.1"}
    sent = [client.post("/roadmap/done", headers=person) for _ in range(3)]
    assert [reply.status_code == 429 for reply in sent] == [False, False, True]
    assert "text/html" in sent[-1].headers["content-type"]


def test_an_address_that_guesses_tokens_is_stopped(serve: Serve) -> None:
    client = serve(token_secret=SECRET, address_rate="3/hour")
    tried = [client.get("/api/v1/me", headers={"Authorization": "Bearer x"}) for _ in range(4)]
    assert [reply.status_code for reply in tried] == [401, 401, 401, 429]


def test_a_body_that_is_too_long_is_not_read(portal: TestClient) -> None:
    def endless() -> Any:
        for _ in range(40):
            yield b'"' + b"x" * 50_000

    long = {"question": "x" * 1_100_000}
    assert portal.post("/api/v1/chat", json=long, headers=bearer("ada")).status_code == 413
    streamed = portal.post("/api/v1/chat", content=endless(), headers=bearer("ada"))
    assert streamed.status_code == 413


def test_a_body_that_comes_byte_by_byte_has_one_time_for_all_of_it() -> None:
    async def drip() -> dict[str, Any]:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def read() -> int:
        pieces = 0
        receive = limited({"type": "http", "path": "/api/v1/chat"}, drip, seconds=0.3)
        with pytest.raises(Problem) as cut_off:
            while pieces < 100:
                await receive()
                pieces += 1
        assert cut_off.value.status_code == 408
        return pieces

    assert 0 < asyncio.run(read()) < 20


def test_the_token_that_the_terminal_prints_is_good(portal: TestClient) -> None:
    minted = mint(SECRET, "ada", role="operator", seconds=60)
    headers = {"Authorization": f"Bearer {minted}"}
    assert portal.get("/api/v1/me", headers=headers).json()["role"] == "operator"
