"""`manage.py replay`: does the assistant still say what it said?"""

from __future__ import annotations

import json
import uuid
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from chat.differences import as_text
from chat.errors import FAILURES, Unwelcome
from chat.limits import check_budget
from chat.models import AssistantVersion, Reply
from chat.receipts.fingerprints import changes_of
from chat.receipts.replay import NotReplayable, Replayed, replay, sample_replies
from knowledge.access import Viewer
from llm.errors import LLMError

STAFF = Viewer(is_staff=True)
QUESTION_WIDTH = 48


@dataclass(frozen=True)
class Outcome:
    """A reply and its replay, or why there is none."""

    reply: Reply
    replayed: Replayed | None = None
    problem: str = ""


class Command(BaseCommand):
    help = "Run replies again from their receipts and report which came out the same."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Here `--version` is the assistant's and not Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("reply", nargs="?", type=uuid.UUID, help="the id of one reply: shows the difference")
        parser.add_argument("--sample", type=int, metavar="N", help="so many of the latest replies")
        parser.add_argument("--version", dest="number", type=int, metavar="N", help="only replies of this version")
        parser.add_argument("--seed", type=int, default=1, help="which are drawn: the same seed draws the same ones")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead")

    def handle(self, *args: Any, reply: uuid.UUID | None, sample: int | None, **options: Any) -> None:
        if (reply is None) == (sample is None):
            raise CommandError("Name a reply, or say --sample N.")
        if sample is not None and sample < 1:
            raise CommandError("--sample takes a number from 1.")
        if reply:
            replies = _one(reply)
        else:
            replies = sample_replies(STAFF, sample or 0, version=options["number"], seed=options["seed"])
        outcomes = _run(replies)
        if options["json"]:
            self.stdout.write(json.dumps(as_json(outcomes), ensure_ascii=False, indent=2))
        elif reply:
            self._show(outcomes[0])
        else:
            self._tell(outcomes)

    def _show(self, outcome: Outcome) -> None:
        """One reply: what was replayed, word by word."""
        replayed = outcome.replayed
        if replayed is None:
            raise CommandError(f"This reply cannot be run again. {outcome.problem}")
        self.stdout.write(as_text(replayed.pieces) + "\n")
        self.stdout.write(replayed.verdict)
        for sentence in replayed.missing:
            self.stdout.write(sentence)

    def _tell(self, outcomes: Sequence[Outcome]) -> None:
        """A sample: a line for each reply, what is missing, and the sum of it."""
        for outcome in outcomes:
            question = " ".join(outcome.reply.question.text.split())
            self.stdout.write(f"{outcome.reply.pk}  {_word(outcome):9}  {question[:QUESTION_WIDTH]}")
        for sentence in sorted({said for one in outcomes if one.replayed for said in one.replayed.missing}):
            self.stdout.write(sentence)
        for sentence in _changes(outcomes):
            self.stdout.write(sentence)
        self.stdout.write(summary(outcomes))


def as_json(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The whole run; texts with personal data masked."""
    return {"summary": summary(outcomes), "replies": [_as_json(outcome) for outcome in outcomes]}


def summary(outcomes: Sequence[Outcome]) -> str:
    """`18 of 20 came out the same; 1 differs: 5f3c…; 1 could not be replayed: No model wrote it.`"""
    if not outcomes:
        return "There is no reply to run again."
    done = [outcome for outcome in outcomes if outcome.replayed]
    differing = [str(one.reply.pk)[:8] for one in done if one.replayed and not one.replayed.is_same]
    problems = sorted({one.problem for one in outcomes if one.problem})
    parts = [f"{len(done) - len(differing)} of {len(outcomes)} came out the same"]
    if differing:
        parts.append(f"{len(differing)} {'differs' if len(differing) == 1 else 'differ'}: {', '.join(differing)}")
    if problems:
        parts.append(f"{len(outcomes) - len(done)} could not be replayed: {' '.join(problems)}")
    return "; ".join(parts).rstrip(".") + "."


def _one(reply_id: uuid.UUID) -> list[Reply]:
    found = Reply.objects.visible_at_desk(STAFF).select_related("version", "question").filter(pk=reply_id).first()
    if found is None:
        raise CommandError(f"There is no reply {reply_id}.")
    return [found]


def _run(replies: Sequence[Reply]) -> list[Outcome]:
    with tqdm(replies, unit="reply", disable=None, leave=False) as bar:
        return [_outcome(reply) for reply in bar]


def _outcome(reply: Reply) -> Outcome:
    try:
        check_budget()
        return Outcome(reply, async_to_sync(replay)(reply))
    except NotReplayable as reason:
        return Outcome(reply, problem=str(reason))
    except Unwelcome:
        return Outcome(reply, problem="The day's budget is spent.")
    except LLMError as error:
        return Outcome(reply, problem=FAILURES.get(error.code, FAILURES["internal"]))


def _word(outcome: Outcome) -> str:
    if outcome.replayed is None:
        return "no replay"
    return "same" if outcome.replayed.is_same else "differs"


def _changes(outcomes: Sequence[Outcome]) -> list[str]:
    """What is known of models that changed behind the versions of these replies."""
    versions: dict[int, AssistantVersion] = {
        one.reply.version.pk: one.reply.version for one in outcomes if one.reply.version
    }
    return [
        f"The model behind v{version.number} ({change.alias}) changed on {change.after.first:%Y-%m-%d %H:%M}: "
        f"{change.names[0]} → {change.names[1]}."
        for version in versions.values()
        for change in changes_of(version)
    ]


def _as_json(outcome: Outcome) -> dict[str, Any]:
    replayed = outcome.replayed
    entry: dict[str, Any] = {"reply": str(outcome.reply.pk), "outcome": _word(outcome)}
    if replayed is None:
        return entry | {"problem": outcome.problem}
    return entry | {
        "verdict": replayed.verdict,
        "request_is_same": replayed.request_is_same,
        "model_is_same": replayed.model_is_same,
        "fingerprints": {
            "before": [call.fingerprint for call in replayed.calls_before],
            "after": [call.fingerprint for call in replayed.calls_after],
        },
        "missing": list(replayed.missing),
        "before": replayed.before,
        "after": replayed.after,
        "difference": as_text(replayed.pieces),
    }
