"""Memory and time of a big folder: `python -m mentor_evals.big_folder 160` (megabytes).

The folder is like a course's: by size three fifths are PDFs of 20 pages with a picture on each, a
third slides with pictures, and a twentieth plain text. It is indexed by the embedder that loads
nothing, so that what is measured is reading and indexing.
"""

from __future__ import annotations

import io
import multiprocessing
import random
import resource
import tempfile
import time
from pathlib import Path

import psutil
import typer

from mentor.indexing import BuildReport, build_index
from mentor.models.embed import HashingEmbeddings, token_counter
from mentor.settings import load_settings
from mentor.telemetry import no_telemetry

WORDS = "model data drift training label feature metric deploy budget error review batch".split()
SIDE = 1_000  # of a picture of one megabyte


def main(megabytes: int) -> None:
    """Make a folder of that size, index it, index it again, and tell memory and times."""
    no_telemetry()
    with tempfile.TemporaryDirectory() as name:
        corpus, folder = Path(name, "corpus"), Path(name, "folder")
        corpus.mkdir()
        folder.mkdir()
        # In a process of its own, so that making the files does not count.
        maker = multiprocessing.get_context("spawn").Process(target=make, args=(folder, megabytes))
        maker.start()
        maker.join()
        size = sum(path.stat().st_size for path in folder.iterdir())
        count = token_counter(load_settings())
        before = psutil.Process().memory_info().rss

        def build() -> BuildReport:
            return build_index(
                Path(name, "index"),
                [corpus, folder],
                embedder=HashingEmbeddings(),
                count=lambda: count,
            )

        first = build()
        busy = time.process_time()
        again = build()
        (folder / "notes-0.txt").write_text("What was said is withdrawn.", encoding="utf-8")
        changed = build()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    typer.echo(f"{size / 1e6:,.0f} MB, {first.passages:,} passages")
    typer.echo(f"memory: {before / 1e6:.0f} MB before, {peak / 1e6:.0f} MB at the peak")
    typer.echo(f"from nothing {first.seconds:.0f} s, {busy:.0f} s of the processor")
    typer.echo(f"nothing changed {again.seconds:.1f} s, one file changed {changed.seconds:.1f} s")


def make(folder: Path, megabytes: int) -> None:
    rng = random.Random(megabytes)
    for n in range(max(1, megabytes * 60 // 100 // 20)):
        _book(folder / f"book-{n}.pdf", rng)
    for n in range(max(1, megabytes * 35 // 100 // 10)):
        _deck(folder / f"deck-{n}.pptx", rng)
    for n in range(max(1, megabytes * 5 // 100)):
        text = "\n\n".join(_text(rng, 120) for _ in range(1_250))
        (folder / f"notes-{n}.txt").write_text(text, encoding="utf-8")


def _book(path: Path, rng: random.Random) -> None:
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path))
    for _ in range(20):
        canvas.drawImage(ImageReader(_picture(rng)), 40, 40, 300, 300)
        text = canvas.beginText(40, 800)
        text.setFont("Helvetica", 7)
        for _ in range(40):
            text.textLine(_text(rng, 18))
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()


def _deck(path: Path, rng: random.Random) -> None:
    from pptx import Presentation

    deck = Presentation()
    for _ in range(10):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = _text(rng, 4)
        slide.placeholders[1].text = _text(rng, 60)
        slide.shapes.add_picture(_picture(rng), 0, 0)
    deck.save(str(path))


def _text(rng: random.Random, count: int) -> str:
    return " ".join(rng.choice(WORDS) + ("." if rng.random() < 0.1 else "") for _ in range(count))


def _picture(rng: random.Random) -> io.BytesIO:
    """Noise, which no format makes smaller."""
    from PIL import Image

    picture = io.BytesIO()
    Image.frombytes("L", (SIDE, SIDE), rng.randbytes(SIDE * SIDE)).save(
        picture, "PNG", compress_level=0
    )
    picture.seek(0)
    return picture


if __name__ == "__main__":
    typer.run(main)
