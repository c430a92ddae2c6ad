"""`manage.py export_training answers --out DIR`: a training set as files, with its card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_date
from pydantic import ValidationError

from evals.distillation.building import Options, Refused, build, start
from evals.distillation.card import as_markdown
from evals.distillation.files import lines_of
from evals.distillation.formats import FORMATS
from evals.models import TrainingExample, TrainingSet

TOO_LITTLE, WRONG_USE = 1, 2
PARTS = tuple(TrainingExample.Part.values)
FILES = (*(f"{part}.jsonl" for part in PARTS), "card.md", "card.json")


class Command(BaseCommand):
    help = (
        "Takes what was approved, masks it, keeps it away from golden cases, and writes train.jsonl, validation.jsonl, "
        "card.md and card.json. Exit codes: 0, or 1 when too little is left or it cannot be made, 2 when it was called "
        "wrongly."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=list(FORMATS))
        parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the four files go")
        parser.add_argument("--name", default="", help="what the set is called at the desk")
        parser.add_argument("--grader", default="", help="the judge that is taught, such as tone")
        parser.add_argument("--since", default="", metavar="YYYY-MM-DD", help="nothing older is looked at")
        parser.add_argument("--share", type=float, default=0.1, help="of the lines, for validation")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--base", default="", metavar="MODEL", help="that is to be taught, else the small one")
        parser.add_argument("--epochs", type=int, default=3, help="for the estimate of the price")
        parser.add_argument("--allow-demo", action="store_true", help="take what the demo model wrote, to try the way")
        parser.add_argument("--force", action="store_true", help="write over files that are there")

    def handle(self, *, kind: str, out: Path, name: str, grader: str, force: bool, **given: Any) -> None:
        try:
            options = options_from(given)
            check_room(out, is_forced=force)
            made = start(kind, name=name, grader=grader, options=options, by=None)
        except Refused as problem:
            raise CommandError(str(problem), returncode=WRONG_USE) from problem
        build(made.pk)
        made.refresh_from_db()
        if made.state != TrainingSet.State.READY:
            raise CommandError(made.problem or "Another process is making this set.", returncode=TOO_LITTLE)
        write(made, out)
        files = made.card["files"]
        lines = ", ".join(f"{files[part]['lines']} lines in {part}.jsonl" for part in PARTS)
        self.stdout.write(f"{out}: {lines}. {sum(made.card['left_out'].values())} were left out: card.md says why.")


def options_from(given: dict[str, Any]) -> Options:
    """Raises `Refused` for values that are none."""
    since = given["since"]
    if since and parse_date(since) is None:
        raise Refused(f"“{since}” is no day: write it as 2026-01-31.")
    try:
        return Options(
            **{name: given[name] for name in Options.model_fields if name in given} | {"since": since or None}
        )
    except ValidationError as error:
        problem = error.errors()[0]
        raise Refused(f"--{'.'.join(map(str, problem['loc']))}: {problem['msg']}.") from error


def check_room(out: Path, *, is_forced: bool) -> None:
    """Raises `Refused` where something would be written over, or nothing can be written."""
    there = [name for name in FILES if (out / name).exists()]
    if there and not is_forced:
        raise Refused(f"{out} holds {', '.join(there)} already: name another folder, or add --force.")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"{out} cannot be made: {error.strerror}.") from error


def write(made: TrainingSet, out: Path) -> None:
    for part in PARTS:
        with (out / f"{part}.jsonl").open("wb") as file:
            file.writelines(lines_of(made, part))
    (out / "card.md").write_text(as_markdown(made.card), encoding="utf-8")
    (out / "card.json").write_text(json.dumps(made.card, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
