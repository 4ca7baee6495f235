"""The pages with forms, as a browser without a script uses them."""

from __future__ import annotations

import html
import re

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from mentor_ui import interview_page, plan_page
from mentor_ui.pages import mount_style

OWN = {"Origin": "http://127.0.0.1"}


def with_pages(client: TestClient) -> TestClient:
    """The pages with forms alone, without Gradio beside them."""
    app: FastAPI = client.app  # type: ignore[assignment]
    mount_style(app)
    app.include_router(plan_page.router)
    app.include_router(interview_page.router)
    return client


def text_of(response: Response) -> str:
    """What a reader sees."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


def sent(client: TestClient, path: str, **fields: str | list[str]) -> Response:
    """The page that a form leads to."""
    reply = client.post(path, data=fields, headers=OWN)
    assert reply.status_code == 303, text_of(reply)
    path, _, fragment = reply.headers["Location"].partition("#")
    page = client.get(path)
    page.request.url = page.request.url.copy_with(fragment=fragment)  # browsers do not send it
    return page
