"""`pip install .` into an empty environment outside the checkout gives a working mentor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.timeout(1500)
def test_an_installed_mentor_brings_its_corpus_and_answers(tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    install = [environment / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, "--constraint", ROOT / "constraints.txt", ROOT], check=True)
    home = tmp_path / "home"
    outside = {k: v for k, v in os.environ.items() if not k.startswith("MENTOR_")}
    outside |= {"HOME": str(home), "XDG_DATA_HOME": str(home)}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            arguments, cwd=tmp_path, env=outside, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    python, mentor = str(environment / "bin" / "python"), str(environment / "bin" / "mentor")
    assert run(mentor, "--version").startswith("mentor ")
    where = "from mentor.settings import shipped, default_home; print(shipped('corpus'))"
    corpus = Path(run(python, "-c", where).strip())
    assert environment in corpus.parents
    assert (corpus / "roadmap" / "roadmap.yaml").is_file()

    built = ROOT / "ui/mentor_ui/static/widget"
    where = (
        "from mentor_ui.api.widget_files import FILES; print(*(p.name for p in FILES.iterdir()))"
    )
    if built.is_dir():
        assert set(run(python, "-c", where).split()) == {path.name for path in built.iterdir()}

    outside["MENTOR_CORPUS"] = str(corpus / "roadmap")
    run(mentor, "index")
    assert (home / "mentor" / "index" / "CURRENT").is_file()
    said = run(
        mentor, "ask", "How much does a junior ML engineer earn?", "--json", "--model", "none"
    )
    answer = json.loads(said)
    assert "$95,000" in answer["answer"]
    assert answer["citations"][0]["source"] == "roadmap"
