"""`mentor plan`: the next steps in a terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mentor.errors import LearnerError, StorageError
from mentor_ui.configured import load_settings

if TYPE_CHECKING:
    from mentor.claims import Clue
    from mentor.learner import Learner
    from mentor.plan import Plan
    from mentor.settings import Settings
    from mentor.store import Store
    from mentor.syllabus import Syllabus

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Who = Annotated[
    str | None,
    typer.Option("--learner", help="Whose plan; one machine may have several. Default: local."),
]


def plan(
    background: Annotated[
        str | None,
        typer.Option(help="software-engineer, data-scientist, math-graduate, graduate, …"),
    ] = None,
    hours: Annotated[float | None, typer.Option(help="Hours a week.")] = None,
    target: Annotated[str | None, typer.Option(help="junior, mid or senior.")] = None,
    track: Annotated[str | None, typer.Option(help="A, B, C or self-study.")] = None,
    specialisation: Annotated[str | None, typer.Option(help="A topic of stage 5.")] = None,
    by: Annotated[
        str | None, typer.Option(help="The day to be ready, as 2027-05-31, or none.")
    ] = None,
    knows: Annotated[
        list[str] | None, typer.Option(help="A skill that you have; may be repeated.")
    ] = None,
    cv: Annotated[
        Path | None, typer.Option(help="A PDF, DOCX or text; read in memory, not kept.")
    ] = None,
    ics: Annotated[Path | None, typer.Option(help="Write a calendar file.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the plan as Markdown.")] = None,
    skills: Annotated[bool, typer.Option("--skills", help="List the skills and stop.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep learner and plan.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Say yes to everything asked.")] = False,
    as_json: Json = False,
    who: Who = None,
) -> None:
    """From where you stand to a job: gaps, next steps and weeks."""
    from mentor.learner import Skill, changed, retold, undated, with_marks
    from mentor.names import skill_id, specialisation_id
    from mentor.plan import make_plan
    from mentor.plan.export import plan_calendar, plan_json, plan_markdown
    from mentor.syllabus import read_syllabus

    settings = load_settings(learner=who)
    syllabus = read_syllabus(settings.corpus)
    if skills:
        _list_skills(syllabus, as_json=as_json)
        return
    store = store_if_there(settings, needed=keep)
    kept = (store.learner(settings.learner) if store else None) or _nobody()
    if by == "none":
        kept, by = retold(kept, by=None), None
    told = changed(
        undated(kept, date.today()),
        background=background,
        hours=hours,
        target=target,
        track=track.upper() if track and len(track) == 1 else track,
        specialisation=specialisation_id(syllabus, specialisation) if specialisation else None,
        by=by,
    )
    claims = [Skill(id=skill_id(syllabus, called)) for called in knows or ()]
    clues = _read_cv(cv, syllabus) if cv else ()
    claims += _confirmed(clues, told, yes=yes, ask=not as_json)
    new = {claim.id: claim for claim in claims if claim.id not in told.states}
    learner = with_marks(told, new.values())
    made = make_plan(learner, syllabus, today=date.today())
    for path, content in (
        (markdown, plan_markdown(made).encode() if markdown else b""),
        (ics, plan_calendar(made) if ics else b""),
    ):
        if path:
            _write(path, content)
    if as_json:
        found = {"clues": [clue.model_dump(mode="json") for clue in clues]} if cv else {}
        print_json({**plan_json(made), **found})
    else:
        _print_plan(made)
    if keep and store:
        _keep(store, settings.learner, learner, made, yes=yes, as_json=as_json)


def _nobody() -> Learner:
    from mentor.learner import Learner

    return Learner()


def store_if_there(settings: Settings, *, needed: bool) -> Store | None:
    """The store; none where nothing was ever kept and nothing is to be kept now."""
    from mentor.store.engine import FILE

    if not needed and not settings.database_url and not (settings.data_dir / FILE).exists():
        return None
    from mentor.store import open_store

    return open_store(settings)


def _read_cv(file: Path, syllabus: Syllabus) -> tuple[Clue, ...]:
    from mentor.claims import clues_in
    from mentor.cv import read_cv

    try:
        data = file.read_bytes()
    except OSError as exc:
        raise LearnerError(
            f"{file} cannot be read: {exc.strerror}.", cure="Check the path."
        ) from exc
    return clues_in(read_cv(data, file.name), syllabus)


def _confirmed(clues: Sequence[Clue], told: Learner, *, yes: bool, ask: bool) -> list[Any]:
    """The claims that the learner confirms, each by itself, with the words that made them."""
    new = [clue for clue in clues if clue.skill not in told.states]
    if yes:
        return [clue.claim for clue in new]
    if not ask or not new:
        return []
    typer.echo("Your CV speaks of these skills. Each is a claim until a check or a link shows it.")
    claims = []
    for clue in new:
        typer.echo("\n".join(f"  “{words}”" for words in clue.words))
        if typer.confirm(f"{clue.name}: do you have it?", default=False):
            claims.append(clue.claim)
    return claims


def _keep(
    store: Store, who: str, learner: Learner, made: Plan, *, yes: bool, as_json: bool
) -> None:
    from mentor.learner import retold, with_marks
    from mentor.plan import difference
    from mentor.plan.export import plan_from, plan_json

    old = store.plan(who)
    if not as_json and old is not None:
        typer.secho("\nWhat changes", bold=True)
        typer.echo("\n".join(difference(plan_from(old), made).lines))
    if not yes and (as_json or not typer.confirm("Keep this plan?", default=False)):
        typer.echo("Nothing was kept." + (" Add --yes to keep it." if as_json else ""), err=True)
        return
    fields = learner.model_dump(exclude={"skills", "done"})
    store.update_learner(
        who,
        lambda now: with_marks(
            retold(now, **fields), [s for s in learner.skills if s not in now.skills]
        ),
    )
    store.keep_plan(who, plan_json(made))
    typer.echo("Kept.", err=True)


def _print_plan(made: Plan) -> None:
    from mentor.plan.export import hours_text
    from mentor.plan.make import headline

    typer.secho(headline(made), bold=True)
    typer.echo(made.chosen.why)
    if made.verdict:
        typer.echo("\n".join([made.verdict, *(f"  · {lever}" for lever in made.levers)]))
    for n, step in enumerate(made.first, start=1):
        typer.secho(f"\n{n}. {step.title} ({hours_text(step.hours)})", bold=True)
        typer.echo(f"   Why: {step.why}\n   Done when: {step.done_when}")
        typer.echo("   Where: " + ", ".join(cite.section for cite in step.cites))
    if made.steps[3:]:
        typer.secho("\nThen", bold=True)
    for step in made.steps[3:]:
        typer.echo(f"  week {made.week_of(step.id):>3}  {step.title} ({hours_text(step.hours)})")
    typer.echo(f"\n{made.job_ready}\nTaken for granted: {' '.join(made.assumptions)}")


def _list_skills(syllabus: Syllabus, *, as_json: bool) -> None:
    levels = syllabus.roadmap.level_of_skill
    rows = [(id_, levels[id_], skill.name) for id_, skill in syllabus.roadmap.skills.items()]
    if as_json:
        print_json([{"id": id_, "level": level, "name": name} for id_, level, name in rows])
    else:
        typer.echo("\n".join(f"{id_:<38} {level:<7} {name}" for id_, level, name in rows))


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as exc:
        raise StorageError(
            f"{path} cannot be written: {exc.strerror}.", cure="Choose another place."
        ) from exc


def print_json(row: Any) -> None:
    typer.echo(json.dumps(row, ensure_ascii=False))
