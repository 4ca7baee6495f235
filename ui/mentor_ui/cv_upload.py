"""The page's way to hand over a CV: read in memory, answered with what it speaks of, forgotten.

Gradio's own upload writes a file; this route does not. The page shows each skill with its words,
and the learner ticks which ones to claim.
"""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from mentor.claims import clues_in
from mentor.cv import MOST_BYTES, read_cv
from mentor.errors import MentorError
from mentor.mentor import Mentor

PICKER = """
<details id="cv"><summary>I have a CV</summary>
<p>A PDF, DOCX or text. It is read in memory, and nothing of it is kept.</p>
<input type="file" id="cv-file" accept=".pdf,.docx,.txt,.md" aria-label="Your CV">
<div id="cv-skills" role="group" aria-live="polite" aria-label="Skills in your CV"></div>
</details>
"""


def mount_cv(app: FastAPI, mentor: Mentor) -> None:
    """`POST /cv?name=cv.pdf` with the file as the body; the answer has the clues."""

    @app.post("/cv")
    async def cv(request: Request, name: str = "") -> JSONResponse:
        data = bytearray()
        async for chunk in request.stream():
            data += chunk
            if len(data) > MOST_BYTES:
                break  # `read_cv` says what is too much
        try:
            return JSONResponse(await run_in_threadpool(_clues, mentor, bytes(data), name))
        except MentorError as exc:
            return JSONResponse({"error": exc.what, "cure": exc.cure}, status_code=422)


def _clues(mentor: Mentor, data: bytes, name: str) -> dict[str, object]:
    if mentor.steps is None:
        return {"clues": []}
    clues = clues_in(read_cv(data, name), mentor.steps.syllabus)
    return {"clues": [clue.model_dump(mode="json") for clue in clues]}
