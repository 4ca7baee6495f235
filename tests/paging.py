"""The pages with forms, as a browser without a script uses them."""

from __future__ import annotations

import html
import re

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from mentor_ui.interview_page import mount_interviews
from mentor_ui.pages import mount_style
from mentor_ui.plan_page import mount_plan

OWN = {"Origin": "http://127.0.0.1"}


def with_pages(client: TestClient) -> TestClient:
    """The pages with forms alone, without Gradio beside them."""
    app: FastAPI = client.app  # type: ignore[assignment]
    mount_style(app)
    mount_plan(app, app.state.mentor)
    mount_interviews(app, app.state.mentor)
    return client


def text_of(response: Response) -> str:
    """What a reader sees."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


def sent(client: TestClient, path: str, **fields: str | list[str]) -> Response:
    """The page that a form leads to."""
    reply = client.post(path, data=fields, headers=OWN)
    assert reply.status_code == 303, text_of(reply)
    return client.get(reply.headers["Location"])
