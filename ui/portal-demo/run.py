"""Starts the mentor and the portal beside it, on two ports and so of two origins: `make portal`."""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=7870, help="of the portal (7870)")
    options.add_argument("--mentor-port", type=int, default=7860, help="of the mentor (7860)")
    chosen = options.parse_args()
    portal, mentor = (f"http://127.0.0.1:{n}" for n in (chosen.port, chosen.mentor_port))
    secret = secrets.token_urlsafe(32)
    told = {
        "MENTOR_TOKEN_SECRET": secret,
        "MENTOR_ORIGINS": portal,
        "PORTAL_MENTOR": mentor,
        "PORTAL_MENTOR_SECRET": secret,
    }
    serve_mentor = [Path(sys.executable).parent / "mentor", "serve"]
    serve_portal = [sys.executable, "-m", "uvicorn", "backend:app", "--app-dir", HERE]
    _run(
        [*serve_mentor, "--port", str(chosen.mentor_port)],
        [*serve_portal, "--port", str(chosen.port), "--log-level", "warning"],
        says=f"The portal is at {portal}; Ctrl+C stops it and the mentor.",
        env=told,
    )


def _run(*commands: list[str | Path], says: str, env: dict[str, str]) -> None:
    """Runs all until one ends or this is stopped; then none is left."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    running = [subprocess.Popen(command, env=os.environ | env) for command in commands]
    print(says, flush=True)  # noqa: T201
    try:
        while all(each.poll() is None for each in running):
            time.sleep(0.2)
    except KeyboardInterrupt:
        pass
    finally:
        for each in running:
            each.terminate()
        for each in running:
            each.wait(timeout=20)


if __name__ == "__main__":
    main()
