"""The back end of a learning portal, as far as the mentor needs one: it mints tokens."""

import os
import time

import jwt
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from lessons import HERE, contents, lesson

MENTOR = os.environ["PORTAL_MENTOR"]  # https://mentor.example.org
SECRET = os.environ["PORTAL_MENTOR_SECRET"]  # what the mentor has as MENTOR_TOKEN_SECRET
SECONDS = int(os.environ.get("PORTAL_TOKEN_SECONDS", "300"))
POLICY = (
    f"default-src 'none'; script-src {MENTOR}; connect-src 'self' {MENTOR}; style-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'"
)
app = FastAPI(openapi_url=None)


@app.post("/mentor-token")
def mentor_token(request: Request) -> dict[str, str]:
    """A token for whoever is signed in here, good for this site's pages alone."""
    if not (learner := request.cookies.get("learner")):
        raise HTTPException(401, "Sign in first.")
    claims = {"sub": learner, "name": learner.title(), "aud": "mentor"}
    claims |= {"origin": str(request.base_url).rstrip("/"), "exp": int(time.time()) + SECONDS}
    return {"token": jwt.encode(claims, SECRET, algorithm="HS256")}


@app.get("/sign-in/{learner}")  # a real portal asks for a password, and signs its cookie
def sign_in(learner: str) -> Response:
    response = RedirectResponse("/", 303)
    response.set_cookie("learner", learner, httponly=True, samesite="lax")
    return response


@app.get("/portal.css")
def css() -> Response:
    return FileResponse(HERE / "portal.css")


@app.get("/")
@app.get("/learn/{page:path}")
def show(request: Request, page: str = "") -> Response:
    html = lesson(page, MENTOR) if page else contents(request.cookies.get("learner"), MENTOR)
    return HTMLResponse(
        html or "No such page.", 200 if html else 404, {"Content-Security-Policy": POLICY}
    )
