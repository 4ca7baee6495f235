"""A file by HTTP: it goes on where it broke off, must fit on the disk, and has its checksum.

Hugging Face's protocol: the hub's own answer, which redirects to the bytes, names their size
(X-Linked-Size) and SHA-256 (X-Linked-ETag). A plain server's Content-Length does, too.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from mentor.alone import alone
from mentor.errors import ROOM, ModelBusy, StorageError, WeightsError
from mentor.models.weights import sha256
from mentor.records import Record

if TYPE_CHECKING:
    import httpx

MOST_BREAKS = 3
"""How often in a row a download may break off without having brought anything."""
_PAUSE = 0.5  # seconds after such a break
_SPARE = 200_000_000  # bytes to leave free on the disk
_SECONDS = 30.0

Progress = Callable[[str, int, int], None]
"""Called as (name, bytes had, bytes in all); in all is 0 where the hub does not say."""


class _Described(Record):
    """What the hub says of a file; None where it says nothing."""

    size: int | None
    sha256: str | None


def download(url: str, target: Path, *, name: str, token: str | None, progress: Progress) -> None:
    """Bring the file at `url` to `target`, unless something is there.

    Args:
        name: what people call it.

    Raises:
        WeightsError: the hub cannot be reached, has no such file, wants a login, breaks off again
            and again, or sends something else than it said. What came before a break is kept.
        ModelBusy: the hub asks for patience, or another process downloads the same file.
        StorageError: the disk has no room for it, or may not be written.
    """
    if target.is_file():
        return
    lock = target.with_name(f".{target.name}.lock")
    busy = ModelBusy(
        f"Another process is downloading {target.name}.", cure="Wait until it is done."
    )
    with _storage_errors(target), alone(lock, otherwise=busy), _client(token) as client:
        described = _describe(client, url, name)
        mark = described.sha256 or str(described.size)
        part = target.with_name(f".{target.name}.{mark[:12]}.part")
        for other in target.parent.glob(f".{target.name}.*.part"):
            if other != part:  # of a file that the hub has replaced since
                other.unlink()
        _refuse_without_room(target.parent, described, _size(part))
        _fetch(client, url, part, described, name, progress)
        if described.sha256 and sha256(part) != described.sha256:
            part.unlink()
            raise WeightsError(
                f"{name} came with another checksum than the hub names, and was thrown away.",
                cure="Download it again.",
            )
        with part.open("rb") as file:
            magic = file.read(4)
        if target.suffix == ".gguf" and magic != b"GGUF":
            part.unlink()
            raise WeightsError(f"{name} is not a GGUF file.", cure="Check the name.")
        part.replace(target)


def _describe(client: httpx.Client, url: str, name: str) -> _Described:
    """Size and checksum from the hub's own answer, which redirects to where the bytes are."""
    with _transport_errors(url):
        answer = client.head(url)
        for _ in range(3):  # a repository that was renamed is redirected within the hub
            if answer.is_redirect and answer.headers["location"].startswith("/"):
                answer = client.head(urljoin(url, answer.headers["location"]))
    if not answer.is_redirect:
        _refuse(answer, name)
    headers = answer.headers
    size = headers.get("x-linked-size") or (
        headers.get("content-length") if answer.is_success else None
    )
    etag = (headers.get("x-linked-etag") or headers.get("etag") or "").strip('W/"').lower()
    return _Described(
        size=int(size) if size and size.isdecimal() else None,
        sha256=etag if re.fullmatch(r"[0-9a-f]{64}", etag) else None,
    )


def _fetch(
    client: httpx.Client,
    url: str,
    part: Path,
    described: _Described,
    name: str,
    progress: Progress,
) -> None:
    """Bring `part` to its full size, over as many connections as it takes."""
    breaks = 0
    while described.size is None or _size(part) != described.size or not part.exists():
        before = _size(part)
        whole = _stream(client, url, part, described, name, progress)
        if whole and described.size is None:
            return
        if _size(part) > before:
            breaks = 0
            continue
        breaks += 1
        time.sleep(_PAUSE)
        if breaks >= MOST_BREAKS:
            had, due = _size(part), described.size
            of = f" of {due:,}" if due else ""
            raise WeightsError(
                f"The download of {name} broke off at {had:,}{of} bytes.",
                cure="Run the command again: it goes on from there.",
            )


def _stream(
    client: httpx.Client,
    url: str,
    part: Path,
    described: _Described,
    name: str,
    progress: Progress,
) -> bool:
    """Add to `part` what one connection brings; whether it came to its end."""
    import httpx

    had = _size(part)
    headers = {"Range": f"bytes={had}-"} if had else {}
    try:
        with client.stream("GET", url, headers=headers, follow_redirects=True) as answer:
            if answer.status_code >= 500:
                return False
            if answer.status_code == 416:
                part.unlink(missing_ok=True)
                raise WeightsError(
                    f"The hub has only {had:,} bytes of {name}, and named another size.",
                    cure="Download it again, or from elsewhere.",
                )
            _refuse(answer, name)
            goes_on = answer.headers.get("content-range", "").startswith(f"bytes {had}-")
            if had and not (answer.status_code == 206 and goes_on):
                had = 0  # the server sends it from the start
            with part.open("ab" if had else "wb") as file:
                for chunk in answer.iter_raw():
                    had += len(chunk)
                    if described.size is not None and had > described.size:
                        file.close()
                        part.unlink()
                        raise WeightsError(
                            f"The hub sends more of {name} than the {described.size:,} bytes "
                            f"that it named.",
                            cure="Download it again, or from elsewhere.",
                        )
                    file.write(chunk)
                    progress(name, had, described.size or 0)
            return True
    except httpx.TransportError:
        return False


def _refuse(answer: httpx.Response, name: str) -> None:
    """Raises: WeightsError, ModelBusy: the hub does not give the file."""
    status = answer.status_code
    if answer.is_success:
        return
    if status in (401, 403):
        raise WeightsError(
            f"The hub wants a login for {name} ({status}).",
            cure="Check the name; where its terms must be accepted, do that on its page and set "
            "MENTOR_HUB_TOKEN.",
        )
    if status == 404:
        raise WeightsError(
            f"The hub has no file {name} (404).", cure="Check owner, repository and file."
        )
    if status == 429:
        wait = answer.headers.get("retry-after", "")
        seconds = float(wait) if wait.isdecimal() else 60.0
        raise ModelBusy(
            f"The hub takes no more requests for now (429), for {name} either.",
            cure=f"Run the command again in {seconds:.0f} s: it goes on where it stopped.",
            retry_after=seconds,
        )
    raise WeightsError(f"The hub answers {status} for {name}.", cure="Try again later.")


def get_json(url: str, *, name: str, token: str | None) -> Any:
    """What `url` answers.

    Raises:
        ValueError: no JSON.
        WeightsError, ModelBusy: as `download`.
    """
    with _client(token) as client, _transport_errors(url):
        answer = client.get(url, follow_redirects=True)
        _refuse(answer, name)
        return answer.json()


# --- the disk, and the line -----------------------------------------------------------------------


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _refuse_without_room(folder: Path, described: _Described, had: int) -> None:
    free = shutil.disk_usage(folder).free
    needed = (described.size or 0) - had + _SPARE
    if free < needed:
        raise StorageError(
            f"{folder} has {free / 1e9:.1f} GB free; the download needs {needed / 1e9:.1f} GB.",
            cure="Make room, or set MENTOR_HOME to a folder on another disk.",
        )


def _client(token: str | None) -> httpx.Client:
    import httpx

    headers = {"User-Agent": "mentor", "Accept-Encoding": "identity"}
    if token:  # not sent on to another host, which a redirect may name
        headers["Authorization"] = f"Bearer {token}"
    return httpx.Client(headers=headers, timeout=_SECONDS)


@contextmanager
def _storage_errors(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise StorageError(
            f"{target} cannot be written: {exc.strerror or exc}.",
            cure=ROOM,
        ) from exc


@contextmanager
def _transport_errors(url: str) -> Iterator[None]:
    import httpx

    try:
        yield
    except (httpx.TransportError, httpx.InvalidURL) as exc:
        raise WeightsError(
            f"The model hub cannot be reached: {url} ({exc}).",
            cure="Check the network and MENTOR_HUB, or set MENTOR_MODEL to a GGUF file.",
        ) from exc
