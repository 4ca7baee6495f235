"""Requests that were made to harm: paths that climb, scripts for words, everything oversize."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from conftest import SECRET, Build, Serve, bearer, listening
from fastapi.testclient import TestClient

pytestmark = [pytest.mark.enable_socket, pytest.mark.timeout(300)]
SCRIPT = "<script>alert(1)</script><img src=https://evil.example/x.png onerror=alert(1)>"
MARKDOWN = "![x](https://evil.example/x.png) [click](javascript:alert(1)) <b>bold</b>"
CLIMBS = (
    "../../../../../../etc/passwd",
    "..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "..%5c..%5c..%5cetc%5cpasswd",
    "%252e%252e%252fetc%252fpasswd",
    "/etc/passwd",
    "file:///etc/passwd",
    "..%00/etc/passwd",
)
DOORS = (
    *("/", "/library/", "/library?q=", "/widget/v1/", "/api/docs/files/", "/static/", "/assets/"),
    *("/file=", "/gradio_api/file=", "/gradio_api/stream/", "/sources/", "/api/v1/library/"),
    *("/api/v1/interviews/", "/api/v1/source?passage=", "/launch/", "/proxy="),
)


@pytest.fixture(scope="module")
def fast() -> dict[str, str]:
    return {"address_rate": "99999/second", "learner_rate": "99999/second"}


@pytest.fixture
def site(serve: Serve, fast: dict[str, str]) -> Iterator[str]:
    """The whole of what `mentor serve` serves, page and all."""
    with listening(serve(page=True, **fast).app) as address:
        yield address


def got(site: str, path: str, head: str = "") -> bytes:
    """What a request gets that no library has tidied up."""
    host, port = site.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{head}".encode())
        line.sendall(b"Connection: close\r\n\r\n")
        reply = b""
        with suppress(ConnectionError):  # it may be refused before it is read
            while more := line.recv(65_536):
                reply += more
        return reply


def gives_nothing_away(reply: bytes, what: str) -> None:
    assert b"root:x:0" not in reply and b"SQLite" not in reply, what
    assert b"Traceback" not in reply and not reply.startswith(b"HTTP/1.1 500"), what


def test_no_path_climbs_out_of_what_is_served(site: str, home: Path) -> None:
    httpx.get(f"{site}/api/v1/conversations")  # makes a store, to be stolen
    assert (home / "data" / "mentor.db").is_file()
    for door in DOORS:
        for climb in (*CLIMBS, f"{home}/data/mentor.db"):
            gives_nothing_away(got(site, door + climb), door + climb)


@pytest.mark.parametrize(
    ("path", "head"),
    [
        ("/api/v1/library?q=" + "a" * 100_000, ""),
        ("/api/v1/me", f"X-Long: {'a' * 200_000}\r\n"),
        ("/api/v1/me", f"Cookie: mentor_session={'a' * 50_000}\r\n"),
        ("/api/v1/me", f"Cookie: {'; '.join(f'c{n}={n}' for n in range(5_000))}\r\n"),
        ("/api/v1/me", f"Authorization: Bearer {'a.b' * 15_000}\r\n"),
        ("/api/v1/me", "Content-Length: -5\r\n"),
        ("/api/v1/me", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
    ],
    ids=["address", "header", "cookie", "cookies", "token", "length", "two lengths"],
)
def test_a_head_that_is_too_large_or_a_lie_is_refused(path: str, head: str, site: str) -> None:
    gives_nothing_away(got(site, path, head), head[:40])
    assert httpx.get(f"{site}/api/v1/health").status_code == 200


OVERSIZE = {
    "JSON nested without end": ("POST", "/api/v1/chat", {}, b"[" * 400_000),
    "JSON nested and closed": ("POST", "/api/v1/chat", {}, b"[" * 90_000 + b"]" * 90_000),
    "a number without end": ("POST", "/api/v1/plan", {}, b'{"hours": %s}' % (b"9" * 90_000)),
    "a question": ("POST", "/api/v1/chat", {}, json.dumps({"question": "why " * 9_000}).encode()),
    "an item": ("POST", "/api/v1/progress", {}, json.dumps({"item": "x" * 90_000}).encode()),
    "a link": (
        "POST",
        "/api/v1/progress",
        {},
        json.dumps({"item": "x", "link": "https://" + "x" * 90_000}).encode(),
    ),
    "ten thousand skills": (
        "POST",
        "/api/v1/plan",
        {},
        json.dumps({"knows": ["Python"] * 10_000}).encode(),
    ),
    "ten thousand fields": (
        "POST",
        "/api/v1/plan",
        {},
        json.dumps({f"f{n}": n for n in range(10_000)}).encode(),
    ),
    "text that is no UTF-8": ("POST", "/api/v1/chat", {}, b'{"question": "\xff\xfe"}'),
    "half a letter": ("POST", "/api/v1/chat", {}, b'{"question": "\\ud800 what is drift?"}'),
    "a NUL": ("POST", "/api/v1/chat", {}, b'{"question": "what\\u0000 is drift?"}'),
    "a form of ten thousand fields": (
        "POST",
        "/plan/new",
        {"Content-Type": "application/x-www-form-urlencoded"},
        b"&".join(b"skill=%d" % n for n in range(10_000)),
    ),
    "a form in parts without end": (
        "POST",
        "/plan/cv",
        {"Content-Type": "multipart/form-data; boundary=x"},
        b"--x\r\n" * 50_000,
    ),
}


@pytest.mark.parametrize("name", OVERSIZE)
def test_what_is_too_large_or_no_request_is_refused_in_words(
    name: str, site: str, fast: dict[str, str]
) -> None:
    method, path, headers, body = OVERSIZE[name]
    json_ = {"Content-Type": "application/json"} if body else {}
    with httpx.Client(base_url=site, timeout=60) as client:
        try:
            reply = client.request(method, path, headers=json_ | headers, content=body)
        except httpx.TransportError:  # refused before it was read
            pass
        else:
            assert reply.status_code != 500, reply.text[:300]
            assert "Traceback" not in reply.text
        assert client.get("/api/v1/health").status_code == 200


# --- words that would be markup -----------------------------------------------------------------


def test_scripts_and_links_in_what_learners_write_are_words_everywhere(
    serve: Serve, fast: dict[str, str]
) -> None:
    client: TestClient = serve(page=True, token_secret=SECRET, **fast)
    who = bearer("ada", name=SCRIPT)
    for question in (f"Thanks! {SCRIPT}", f"Thanks! {MARKDOWN}"):
        asked = {"question": question, "conversation": "c1", "stream": False}
        assert client.post("/api/v1/chat", json=asked, headers=who).status_code == 200
    title = {"title": SCRIPT}
    assert client.patch("/api/v1/conversations/c1", json=title, headers=who).status_code == 200
    note = {"item": "lessons/python-for-data-science", "link": f"https://x.example/{SCRIPT}"}
    client.post("/api/v1/progress", json=note, headers=who)
    for path in ("/plan", "/plan/new", "/roadmap", "/library?q=" + SCRIPT, "/interview", "/"):
        page = client.get(path, headers=who)
        assert "<script>alert(1)" not in page.text and "<img src=https://evil" not in page.text, (
            path
        )
    for path in ("/api/v1/me", "/api/v1/conversations/c1", "/api/v1/me/export"):
        reply = client.get(path, headers=who)
        assert reply.headers["content-type"].startswith("application/json")
        assert reply.headers["x-content-type-options"] == "nosniff"


def test_scripts_images_and_links_in_material_are_words_on_the_page(
    build: Build, home: Path, roadmap_corpus: Path, serve: Serve, fast: dict[str, str]
) -> None:
    hostile = f"# {SCRIPT}\n\nKubernetes runs containers. {SCRIPT}\n\n{MARKDOWN}\n"
    (roadmap_corpus / "hostile.md").write_text(hostile, encoding="utf-8")
    build()
    client: TestClient = serve(page=True, index=home / "index", corpus=roadmap_corpus, **fast)
    asked = {"question": "What runs containers?", "stream": False}
    answer = client.post("/api/v1/chat", json=asked).json()
    assert "script" not in answer["answer"], "what loads from elsewhere is no evidence"
    page = client.get("/library/corpus/hostile").text
    assert "Kubernetes runs containers" in page
    assert "<script>alert(1)" not in page and "<img src=https://evil" not in page
    assert 'href="javascript:' not in page and 'src="https://evil' not in page
