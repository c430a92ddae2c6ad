"""`manage.py ask "question"`: the same pipeline as the page, in a terminal."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from argparse import ArgumentParser
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

import llm
from chat.context import Turn
from chat.conversations import check_question
from chat.errors import FAILURES, Unwelcome
from chat.events import ActionProposed, AnswerDelta, Answered, Refused, Replaced, Steered, ToolUsed
from chat.pipeline import answer
from chat.receipts.choice import in_words
from chat.versions.states import Refused as NoVersion
from chat.versions.states import version_named
from knowledge.access import Audience, Viewer
from llm.errors import LLMError


class Command(BaseCommand):
    help = "Ask a question and print the reply with its sources, model and times."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Here `--version` is the assistant's and not Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("question")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead")
        parser.add_argument("--as", dest="audience", choices=[a.value for a in Audience], default="public")
        parser.add_argument("--version", dest="which", default="live", help="live, draft, or a version's number")

    def handle(self, *args: Any, question: str, audience: str, which: str, **options: Any) -> None:
        try:
            viewer = Viewer(audiences=_readable(Audience(audience)))
            turn = Turn(check_question(question), viewer, version_named(which))
            found = asyncio.run(_ask(turn, echo=not options["json"]))
        except Unwelcome as problem:
            raise CommandError(f"{problem} ({problem.code})") from None
        except NoVersion as problem:
            raise CommandError(str(problem)) from None
        except LLMError as error:
            raise CommandError(f"{FAILURES.get(error.code, error)} ({error.code})") from None
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
        else:
            self._print(found)

    def _print(self, found: dict[str, Any]) -> None:
        self.stdout.write("\n")
        for source in found["sources"]:
            place = f" · {source['place']}" if source["place"] else ""
            self.stdout.write(f"[{source['number']}] {source['title']}{place}")
        steps = ", ".join(f"{step['step']} {step['ms']} ms" for step in found["steps"])
        if found["choice"]:
            self.stdout.write(f"\n{_chosen(found['choice'])}")
        stopped = f" · stopped by {found['stopped_by']}" if found["stopped_by"] else ""
        self.stdout.write(
            f"\n{found['version']} · {found['model'] or 'no model'}{stopped} · {found['total_ms']} ms ({steps})"
        )


def _readable(audience: Audience) -> frozenset[Audience]:
    order = list(Audience)
    return frozenset(order[: order.index(audience) + 1])


async def _ask(turn: Turn, *, echo: bool) -> dict[str, Any]:
    began = time.monotonic()
    answered, stopped_by = Answered("", "", "", ()), ""
    with llm.on_behalf_of(turn.version.label, turn=turn.id, models=turn.version.models):
        async with aclosing(answer(turn)) as events:
            async for event in events:
                match event:
                    case Steered(_, say) if echo:
                        sys.stdout.write(f"{say}\n\n")
                    case ToolUsed(_, words) if echo:
                        sys.stdout.write(f"({words})\n")
                    case ActionProposed(tool, arguments) if echo:
                        sys.stdout.write(f"({tool} waits for a click on the page: {json.dumps(arguments)})\n")
                    case AnswerDelta(text) if echo:
                        sys.stdout.write(text)
                        sys.stdout.flush()
                    case Replaced(text) if echo:
                        sys.stdout.write(f"\n\nAfter the checks:\n{text}")
                    case Answered():
                        answered = event
                    case Refused(say, stopped_by):
                        answered = Answered(say, "guardrail", "", ())
                        if echo:
                            sys.stdout.write(say)
    return {
        "question": turn.question,
        "reply": answered.text,
        "sources": [
            {"number": n, "title": p.title, "place": p.place, "score": p.score, "text": p.text}
            for n, p in enumerate(answered.sources, start=1)
        ],
        "version": turn.version.label,
        "model": answered.model,
        "stopped_by": stopped_by,
        "choice": _choice_of(turn),
        "finish_reason": answered.finish_reason,
        "steps": turn.receipt.steps,
        "total_ms": round((time.monotonic() - began) * 1000),
    }


def _choice_of(turn: Turn) -> dict[str, Any] | None:
    """Which model was chosen and why; None where the version leaves no choice."""
    if turn.choice is None:
        return None
    return asdict(turn.choice) | {"held_back": turn.drafted.held_back if turn.drafted else ""}


def _chosen(choice: dict[str, Any]) -> str:
    signals = ", ".join(f"{name} {value:.2f}" for name, value in choice["signals"].items())
    why = in_words(choice["rule"]) or f"ease {choice['ease']:.2f} ({signals})"
    held_back = f"; its answer was held back: {choice['held_back']}" if choice["held_back"] else ""
    return f"chosen: {choice['alias']}, {why}{held_back}"
