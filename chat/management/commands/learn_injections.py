"""`manage.py learn_injections`: learn what attacks look like to the embedding model set now."""

from __future__ import annotations

import asyncio
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

import llm
from chat.suspicion.injection_likeness import LEARNED, learn, learned, state_of_examples


class Command(BaseCommand):
    help = "Learn what attacks look like to the embedding model set now; the worker does so by itself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--ship", action="store_true", help="write it into the code, for the model of the demo")

    def handle(self, *args: Any, ship: bool, **options: Any) -> None:
        model = llm.embedding_model()
        if ship:
            content = {"model": model, "examples": state_of_examples(), **asyncio.run(learned()).as_json()}
            LEARNED.write_text(json.dumps(content) + "\n", encoding="utf-8")
            self.stdout.write(f"Written for {model}: {LEARNED.name}")
        else:
            self.stdout.write(f"{'Learned' if asyncio.run(learn()) else 'Known already'}: {model}")
