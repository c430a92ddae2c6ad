"""`manage.py ask "question"`: the same pipeline as the page, in a terminal."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from argparse import ArgumentParser
from contextlib import aclosing
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.context import Turn
from chat.conversations import check_question
from chat.errors import FAILURES, Unwelcome
from chat.events import AnswerDelta, Answered
from chat.pipeline import answer
from chat.versions import live_version
from knowledge.access import Audience, Viewer
from llm.errors import LLMError


class Command(BaseCommand):
    help = "Ask a question and print the reply with its sources, model and times."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("question")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead")
        parser.add_argument("--as", dest="audience", choices=[a.value for a in Audience], default="public")

    def handle(self, *args: Any, question: str, audience: str, **options: Any) -> None:
        try:
            turn = Turn(check_question(question), Viewer(audiences=_readable(Audience(audience))), live_version())
            found = asyncio.run(_ask(turn, echo=not options["json"]))
        except Unwelcome as problem:
            raise CommandError(f"{problem} ({problem.code})") from None
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
        self.stdout.write(f"\n{found['model'] or 'no model'} · {found['total_ms']} ms ({steps})")


def _readable(audience: Audience) -> frozenset[Audience]:
    order = list(Audience)
    return frozenset(order[: order.index(audience) + 1])


async def _ask(turn: Turn, *, echo: bool) -> dict[str, Any]:
    began = time.monotonic()
    async with aclosing(answer(turn)) as events:
        async for event in events:
            match event:
                case AnswerDelta(text) if echo:
                    sys.stdout.write(text)
                    sys.stdout.flush()
                case Answered():
                    answered = event
    return {
        "question": turn.question,
        "reply": answered.text,
        "sources": [
            {"number": n, "title": p.title, "place": p.place, "score": p.score, "text": p.text}
            for n, p in enumerate(answered.sources, start=1)
        ],
        "model": answered.model,
        "finish_reason": answered.finish_reason,
        "steps": turn.receipt.steps,
        "total_ms": round((time.monotonic() - began) * 1000),
    }
