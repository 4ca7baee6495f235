"""The files of docs/deploy do what they are for, with the real nginx, Caddy, systemd and linter."""

from __future__ import annotations

import datetime
import html
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from browsing import PATIENCE, chromium
from conftest import MENTOR, SECRET, Serve, bearer, listening
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from langchain_core.outputs import ChatGenerationChunk
from paging import with_pages
from playwright.sync_api import expect

from mentor.models.chat import ScriptedChat

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "docs" / "deploy"
SAID = (
    "A junior ML engineer earns $95,000–$130,000 a year in the United States. "
    "A junior ML engineer trains models under guidance."
)


def ada() -> dict[str, str]:
    """Minted when it is needed: a token does not outlive a long run of tests."""
    return bearer("ada")


class SlowChat(ScriptedChat):
    """Says its script as slowly as a model would."""

    def _stream(self, *args: Any, **more: Any) -> Iterator[ChatGenerationChunk]:
        for chunk in super()._stream(*args, **more):
            time.sleep(0.1)
            yield chunk


# --- a reverse proxy with TLS ---------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that we signed ourselves, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "fullchain.pem", folder / "privkey.pem"
    chain.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    )
    return chain, private


def swapped(text: str, **swaps: str) -> str:
    """`text` with what is this machine's own; each swap has to find its place."""
    for old, new in swaps.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def nginx(folder: Path, *, port: int, app: str, chain: Path, key: Path) -> list[str]:
    """The command that runs docs/deploy/nginx.conf on `port`, in front of `app`."""
    ours = swapped(
        (DEPLOY / "nginx.conf").read_text(encoding="utf-8"),
        **{
            "listen 80;": f"listen 127.0.0.1:{free_port()};",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
            "mentor.example.org": "localhost",
            "/etc/ssl/mentor/fullchain.pem": str(chain),
            "/etc/ssl/mentor/privkey.pem": str(key),
            "/var/log/nginx/mentor.log": str(folder / "access.log"),
            "http://127.0.0.1:7860": app,
        },
    )
    (folder / "mentor.conf").write_text(ours, encoding="utf-8")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid; error_log stderr; daemon off; events {{}}\n"
        f"{'user root;' if os.geteuid() == 0 else ''}\n"
        f"http {{ access_log off; {temporary} include {folder}/mentor.conf; }}\n"
    )
    return ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def caddy(folder: Path, *, port: int, app: str, chain: Path, key: Path) -> list[str]:
    """The same with docs/deploy/Caddyfile."""
    ours = swapped(
        (DEPLOY / "Caddyfile").read_text(encoding="utf-8"),
        **{
            "\nmentor.example.org {": f"\nhttps://localhost:{port} {{\n\ttls {chain} {key}",
            "127.0.0.1:7860": app.removeprefix("http://"),
        },
    )
    (folder / "Caddyfile").write_text(f"{{\n\tadmin off\n\tauto_https off\n}}\n{ours}")
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


PROXIES = {"nginx": nginx, "caddy": caddy}


@pytest.fixture(params=PROXIES)
def proxy(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    return name


@contextmanager
def behind(proxy: str, serve: Serve, folder: Path, **set_: Any) -> Iterator[httpx.Client]:
    """A client of the mentor behind a proxy, which trusts the proxy's certificate alone."""
    port = free_port()
    chain, key = certificate(folder)
    public = f"https://localhost:{port}"
    site = serve(token_secret=SECRET, public_url=public, **set_)
    if "page" not in set_:
        with_pages(site)
    with listening(site.app) as address:
        command = PROXIES[proxy](folder, port=port, app=address, chain=chain, key=key)
        with (folder / "log").open("wb") as log:
            found = {"HOME": str(folder), "PATH": "/usr/sbin:/usr/bin"}
            running = subprocess.Popen(command, stdout=log, stderr=log, env=found)
        try:
            trust = ssl.create_default_context(cafile=str(chain))
            with httpx.Client(base_url=public, verify=trust, timeout=30) as client:
                _wait(client, running, folder / "log")
                yield client
        finally:
            running.terminate()
            running.wait(timeout=20)


def _wait(client: httpx.Client, running: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 20
    while True:
        assert running.poll() is None and time.monotonic() < until, log.read_text()
        try:
            assert client.get("/api/v1/health").status_code == 200
            return
        except httpx.ConnectError:
            time.sleep(0.1)


@pytest.mark.enable_socket
def test_sentences_come_through_the_proxy_one_by_one(
    proxy: str, serve: Serve, tmp_path: Path
) -> None:
    chat = SlowChat(script=lambda _: SAID)
    came: list[tuple[str, float]] = []
    with (
        behind(proxy, serve, tmp_path, chat=chat) as client,
        client.stream(
            "POST",
            "/api/v1/chat",
            headers=ada(),
            json={"question": "What does a junior ML engineer do?"},
        ) as reply,
    ):
        assert reply.headers["strict-transport-security"]
        for line in reply.iter_lines():
            if line.startswith("event: "):
                came.append((line.removeprefix("event: "), time.monotonic()))
    sources, first, done = (
        next(at for name, at in came if name == each) for each in ("sources", "sentence", "done")
    )
    assert first - sources > 0.5 and done - first > 0.3, "the proxy holds events back"


@pytest.mark.enable_socket
def test_the_proxy_lets_a_cv_through_and_nobody_claims_an_address(
    proxy: str, serve: Serve, tmp_path: Path
) -> None:
    with behind(proxy, serve, tmp_path, address_rate="20/minute") as client:
        cv = {"file": ("cv.txt", b"I queried sales data with SQL. " * 60_000)}
        sent = client.post("/plan/cv", files=cv, headers=ada())
        assert "SQL & Data Querying" in html.unescape(sent.text)
        replies = [
            client.get(
                "/api/v1/me", headers={**ada(), "X-Forwarded-For": f"10.0.0.{n}"}
            ).status_code
            for n in range(25)
        ]
        assert replies[0] == 200 and replies[-1] == 429, "each claimed address counted apart"


@pytest.mark.browser
@pytest.mark.enable_socket
def test_the_page_works_behind_nginx_and_no_key_and_no_words_are_in_its_log(
    serve: Serve, tmp_path: Path
) -> None:
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    with behind("nginx", serve, tmp_path, page=True) as client, chromium() as browser:
        launch = client.post("/api/v1/launch", headers=ada()).json()["url"]
        assert launch.startswith(str(client.base_url).rstrip("/"))
        client.get("/api/v1/sources", params={"question": "zebulon"}, headers=ada())
        page = browser.new_context(ignore_https_errors=True).new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(launch)
        page.locator("#question textarea").fill("What does a junior ML engineer earn?")
        page.keyboard.press("Enter")
        expect(page.locator("a.cite").first).to_be_visible()
        (cookie,) = page.context.cookies()
        assert cookie["secure"] and cookie["httpOnly"]
        log = (tmp_path / "access.log").read_text()
        assert "/api/v1/sources 200" in log
        assert "zebulon" not in log and launch.rsplit("/", 1)[1] not in log


# --- systemd and the container --------------------------------------------------------------------


def test_systemd_takes_the_unit_and_finds_it_well_guarded(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    text = (DEPLOY / "mentor.service").read_text(encoding="utf-8")
    unit = tmp_path / "mentor.service"
    unit.write_text(swapped(text, **{"/opt/mentor/.venv/bin/mentor": str(MENTOR)}))

    def analyze(*arguments: str) -> str:
        run = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True)
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout + run.stderr

    assert "mentor.service" not in analyze("verify", str(unit))
    said = analyze("security", "--offline=true", "--no-pager", str(unit))
    found = re.search(r"exposure level for mentor.service: ([\d.]+)", said)
    assert found is not None and float(found[1]) < 2, said


def test_the_container_file_passes_its_linter_and_copies_what_is_there() -> None:
    file = DEPLOY / "Containerfile"
    linter = Path(sys.executable).parent / "hadolint"
    run = subprocess.run([linter, "--format", "json", file], capture_output=True, text=True)
    assert json.loads(run.stdout) == [] and run.returncode == 0
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", file.read_text(encoding="utf-8"), re.M)
    sources = [source for line in copied for source in line.split()]
    assert len(sources) > 5 and all((ROOT / source).exists() for source in sources)


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile", "mentor.service", "Containerfile"])
def test_operators_are_told_of_every_file(name: str) -> None:
    assert f"](deploy/{name})" in (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
