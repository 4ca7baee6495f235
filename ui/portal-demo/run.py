"""Starts the mentor and the portal beside it, on two ports and so of two origins: `make portal`."""

from __future__ import annotations

import argparse
import importlib
import os
import secrets
import subprocess
import sys
from pathlib import Path

import uvicorn


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=7870, help="of the portal (7870)")
    options.add_argument("--mentor-port", type=int, default=7860, help="of the mentor (7860)")
    chosen = options.parse_args()
    portal, mentor = (f"http://127.0.0.1:{n}" for n in (chosen.port, chosen.mentor_port))
    secret = secrets.token_urlsafe(32)
    asked = {"MENTOR_TOKEN_SECRET": secret, "MENTOR_ORIGINS": portal}
    served = subprocess.Popen(
        [Path(sys.executable).parent / "mentor", "serve", "--port", str(chosen.mentor_port)],
        env=os.environ | asked,
    )
    os.environ |= {"PORTAL_MENTOR": mentor, "PORTAL_MENTOR_SECRET": secret}
    sys.path.insert(0, str(Path(__file__).parent))
    importlib.import_module("lessons").pages()  # no visitor waits for it to be read
    print(f"The portal is at {portal}; stop it with Ctrl+C.", flush=True)  # noqa: T201
    try:
        uvicorn.run("backend:app", host="127.0.0.1", port=chosen.port, log_level="warning")
    finally:
        served.terminate()
    return served.wait(timeout=20) and 1


if __name__ == "__main__":
    sys.exit(main())
