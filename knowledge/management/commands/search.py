"""`manage.py search "question"`: what a viewer would find, with scores and places."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from textwrap import shorten
from typing import Any

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandParser

from knowledge.access import Audience, Viewer
from knowledge.search import Found, search

AUDIENCES = list(Audience)  # each may read what those before it may
LIMITS = {
    "embedding_unavailable": "Limited search, by words only: the embedding service does not answer.",
    "reembedding": "Limited search, by words only: documents are being embedded with a new model.",
}


class Command(BaseCommand):
    help = "Search the library as a viewer would."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("question")
        parser.add_argument("--top", type=int, metavar="K", help="at most so many passages")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--as", dest="audience", choices=[a.value for a in AUDIENCES], default="public")

    def handle(self, *args: Any, question: str, top: int | None, audience: str, **options: Any) -> None:
        viewer = _viewer(Audience(audience))
        begun = time.perf_counter()
        found = async_to_sync(search)(question, viewer=viewer, top_k=top)
        milliseconds = (time.perf_counter() - begun) * 1000
        self.stdout.write(_as_json(found, milliseconds) if options["json"] else _as_text(found, milliseconds))


def _viewer(audience: Audience) -> Viewer:
    readable = frozenset(AUDIENCES[: AUDIENCES.index(audience) + 1])
    return Viewer(audiences=readable, is_staff=audience is Audience.STAFF)


def _as_json(found: Found, milliseconds: float) -> str:
    passages = [{**asdict(passage), "place": passage.place} for passage in found.passages]
    answer = {"passages": passages, "limited": found.limited, "milliseconds": round(milliseconds, 1)}
    return json.dumps(answer, ensure_ascii=False, indent=2, default=str)


def _as_text(found: Found, milliseconds: float) -> str:
    lines = [LIMITS[found.limited]] if found.limited else []
    for number, passage in enumerate(found.passages, start=1):
        place = f" · {passage.place}" if passage.place else ""
        lines += [f"{number}. {passage.score:.3f}  {passage.title}{place}", f"   {shorten(passage.text, 160)}", ""]
    return "\n".join([*lines, f"{len(found.passages)} passages in {milliseconds:.0f} ms."])
