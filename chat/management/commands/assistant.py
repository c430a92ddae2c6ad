"""`manage.py assistant`: versions between the database and files in git, and publishing one."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.models import AssistantVersion
from chat.versions.states import (
    NOTE_CHARACTERS,
    Blocked,
    Refused,
    State,
    Unconfirmed,
    find,
    house,
    live_version,
    make_draft,
    publish,
    version_of,
)
from chat.versions.text import Unreadable, as_text, diff, from_text, in_plain


class Command(BaseCommand):
    help = "List, compare, export, import, publish versions of the assistant. One is live, draft, code, or a number."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="all versions")
        export = actions.add_parser("export", help="write a version as YAML")
        export.add_argument("which", nargs="?", default="live")
        export.add_argument("file", nargs="?", type=Path, help="left out: to the terminal")
        compare = actions.add_parser("diff", help="what differs from one version to another")
        compare.add_argument("before", nargs="?", default="live")
        compare.add_argument("after", nargs="?", default="draft")
        bring = actions.add_parser("import", help="make a draft of a file")
        bring.add_argument("file", type=Path, help="- reads what is piped in")
        bring.add_argument("--note", default="", help="what changes, for people")
        bring.add_argument("--publish", action="store_true", help="let it answer at once")
        bring.add_argument("--confirm", action="store_true", help="also if that switches off guardrails")
        bring.add_argument("--override", default="", help="why it is published although its gate speaks against it")
        launch = actions.add_parser("publish", help="let a draft answer, or a version that was live before")
        launch.add_argument("which", nargs="?", default="draft")
        launch.add_argument("--note", default="", help="what changes, for people; left out: the draft's own")
        launch.add_argument("--confirm", action="store_true", help="also if that switches off guardrails")
        launch.add_argument("--override", default="", help="why it is published although its gate speaks against it")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        try:
            self._actions[action](**options)
        except Unreadable as problem:
            lines = "\n".join(f"  {line}" for line in problem.problems)
            raise CommandError(f"{options['file']} is not imported:\n{lines}") from None
        except (Refused, OSError) as problem:
            raise CommandError(str(problem)) from None

    @property
    def _actions(self) -> dict[str, Callable[..., None]]:
        return {
            "list": self._list,
            "export": self._export,
            "diff": self._diff,
            "import": self._import,
            "publish": self._publish,
        }

    def _list(self, **options: Any) -> None:
        live_version()
        for row in AssistantVersion.objects.exclude(state=State.DISCARDED).defer("content"):
            self.stdout.write(
                f"{row.number:>4}  {row.state:<8} {row.hash[:8]}  {row.changed_at:%Y-%m-%d %H:%M}  {row.note}"
            )

    def _export(self, *, which: str, file: Path | None, **options: Any) -> None:
        text = _text_of(which)
        if file is None:
            self.stdout.write(text, ending="")
            return
        file.write_text(text, encoding="utf-8")
        self.stdout.write(f"{which} is written to {file}")

    def _diff(self, *, before: str, after: str, **options: Any) -> None:
        lines = diff(_text_of(before), _text_of(after))
        self.stdout.write(in_plain(lines) if lines else "Nothing differs.")

    def _import(self, *, file: Path, note: str, publish: bool, confirm: bool, override: str, **options: Any) -> None:
        assistant = from_text(sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes())
        same = AssistantVersion.objects.filter(hash=assistant.hash).exclude(state=State.DISCARDED).first()
        live = find("live")
        if same and (same.pk == live.pk or not publish):
            self.stdout.write(f"Nothing to import: version {same.number} ({same.state}) says the same.")
            return
        note = note or f"From {file.name}"[:NOTE_CHARACTERS]
        row = same or make_draft(assistant, based_on=live, note=note)
        self.stdout.write(f"Version {row.number}, {row.hash[:8]}, is in the database.")
        if publish:
            self._launch(row, note, confirm=confirm, override=override)

    def _publish(self, *, which: str, note: str, confirm: bool, override: str, **options: Any) -> None:
        row = find(which)
        usual = row.note if row.state == State.DRAFT else f"Back to version {row.number}"
        self._launch(row, note or usual, confirm=confirm, override=override)

    def _launch(self, row: AssistantVersion, note: str, *, confirm: bool, override: str) -> None:
        try:
            publish(row, note=note, confirmed=confirm, override=override)
        except Unconfirmed as problem:
            raise Refused(f"{problem} It stays a {row.state} version. (--confirm says that it is meant.)") from None
        except Blocked as problem:
            against = "\n".join(f"  {sentence}" for sentence in problem.objections)
            how = '--override "why" publishes it all the same.'
            raise Refused(f"Its gate speaks against it, and it stays a draft:\n{against}\n{how}") from None
        self.stdout.write(f"Version {row.number} is live. It answers from the next question on.")


def _text_of(which: str) -> str:
    return as_text(house() if which == "code" else version_of(find(which)).assistant)
