"""Who is asking.

    token     a JWT of the portal's back end, in the Authorization header
    session   a signed cookie, which a launch URL gave to a browser
    open      on loopback without a secret: a signed cookie that any browser gets

A token lives an hour at the most. HS256 is checked with the secret, RS256 and ES256 with the
portal's public keys; an algorithm has only its own key, so that none can pass for another, and
`none` has no key at all.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Literal

import jwt
from pydantic import Field, ValidationError

from mentor.records import Record
from mentor.settings import Settings
from mentor_ui.api.problems import Problem

Role = Literal["learner", "operator", "service"]
LEARNER = r"^[\x20-\x7e\u00a0-\uffff]+$"
"""What a learner's id may be made of: a portal has its own, `school/ada` or `Zoë` among them."""
COOKIE = "mentor_session"
LONGEST_TOKEN = 3600
SESSION_SECONDS = 8 * 3600
OPEN_SECONDS = 400 * 24 * 3600
"""Browsers keep a cookie no longer than 400 days."""
_LEEWAY = 5
_SESSION = "mentor-session"
_ASYMMETRIC = ("RS256", "ES256")


class Caller(Record):
    """Somebody who may ask, and as what."""

    learner: str = Field(min_length=1, max_length=100, pattern=LEARNER)
    name: str = Field(default="", max_length=200)
    role: Role = "learner"
    origin: str | None = None
    """The only origin that the token may be used from, where it names one."""
    via: Literal["token", "session", "open"] = "token"


class Identity:
    """Checks tokens and cookies.

    Args:
        key: the secret of session cookies, fetched when it is first needed.
    """

    def __init__(self, settings: Settings, key: Callable[[], str]) -> None:
        self._settings = settings
        self._fetch_key = key
        self._keys = jwt.PyJWKClient(settings.token_keys) if settings.token_keys else None

    @cached_property
    def _key(self) -> str:
        return self._fetch_key()

    def of(self, headers: Mapping[str, str], cookie: str | None) -> Caller | None:
        """Who sent these; None where nobody says anything.

        Raises:
            Problem: 401, a token or cookie that is not good, or not any more.
        """
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme and not self._settings.is_open:
            if scheme.lower() != "bearer":
                raise _refused("The Authorization header has no bearer token.")
            return self.of_token(token.strip())
        return self.of_cookie(cookie) if cookie else None

    def of_token(self, token: str) -> Caller:
        """
        Raises:
            Problem: 401.
        """
        try:
            algorithm = jwt.get_unverified_header(token).get("alg")
            if algorithm == "HS256" and self._settings.token_secret:
                key: Any = self._settings.token_secret
            elif algorithm in _ASYMMETRIC and self._keys:
                key = self._keys.get_signing_key_from_jwt(token).key
            else:
                raise _refused("The token is signed in a way that is not accepted.")
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._settings.token_audience,
                leeway=_LEEWAY,
                options={"require": ["exp", "sub", "aud"]},
            )
        except jwt.ExpiredSignatureError as exc:
            raise _refused("The token has expired.") from exc
        except jwt.PyJWKClientConnectionError as exc:
            raise Problem(
                503, "unavailable", "The portal's keys cannot be fetched.", cure="Try again later."
            ) from exc
        except jwt.PyJWTError as exc:
            raise _refused("The token is not good.") from exc
        except (ValueError, OSError) as exc:  # what came from there are no keys
            raise Problem(
                503, "unavailable", "The portal's keys cannot be read.", cure="Try again later."
            ) from exc
        if int(claims["exp"]) > time.time() + LONGEST_TOKEN + _LEEWAY:
            raise _refused("The token lives longer than an hour.")
        return _caller(claims, via="token")

    def of_cookie(self, cookie: str) -> Caller | None:
        """Whom a session cookie names; None where it is not ours, or over."""
        try:
            claims = jwt.decode(cookie, self._key, algorithms=["HS256"], audience=_SESSION)
        except jwt.PyJWTError:
            return None
        if (claims.get("via") == "open") != self._settings.is_open:
            return None
        return _caller(claims, via=claims["via"])

    def cookie_for(self, caller: Caller, *, secure: bool) -> str:
        """A Set-Cookie header that makes a browser `caller`."""
        seconds = OPEN_SECONDS if caller.via == "open" else SESSION_SECONDS
        claims = {
            "sub": caller.learner,
            "name": caller.name,
            "via": caller.via,
            "aud": _SESSION,
            "exp": int(time.time()) + seconds,
        }
        value = jwt.encode(claims, self._key, algorithm="HS256")
        return (
            f"{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax"
            f"{'; Secure' if secure else ''}"
        )


def stranger() -> Caller:
    """Somebody new on loopback, under an id that nobody can guess."""
    return Caller(learner=secrets.token_urlsafe(16), via="open")


def mint(
    secret: str, learner: str, *, audience: str = "mentor", seconds: int = 600, **claims: str
) -> str:
    """A token as a portal's back end makes it, signed with HS256."""
    whole = {"sub": learner, "aud": audience, "exp": int(time.time()) + seconds, **claims}
    return jwt.encode(whole, secret, algorithm="HS256")


def _caller(claims: Mapping[str, Any], *, via: Literal["token", "session", "open"]) -> Caller:
    try:
        return Caller(
            learner=claims["sub"],
            name=claims.get("name") or "",
            role=claims.get("role", "learner"),
            origin=claims.get("origin"),
            via=via,
        )
    except ValidationError as exc:
        field = exc.errors()[0]["loc"][0]
        raise _refused(f"The token's claim about {field!r} cannot be right.") from exc


def _refused(why: str) -> Problem:
    return Problem(401, "token", why, cure="Get a new one from the learning portal.")
