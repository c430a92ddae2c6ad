"""What an answer depends on beside the assistant's version: the models, the documents and the code of the moment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

from knowledge.models import Document
from llm.behalf import on_behalf_of
from llm.catalogue import model_for
from llm.events import Alias

ROOT = Path(__file__).resolve().parents[2]
ANSWERING = ("chat", "knowledge", "llm")  # the packages whose code makes an answer
BESIDE = {"migrations", "management", "desk", "standin", "__pycache__"}


def circumstances(own: Mapping[str, str] | None = None) -> dict[str, Any]:
    """As a run keeps them: the models' names behind the aliases, a hash of the live documents, one of the code.

    `own` are the models that the version at work names itself (`Version.models`).
    """
    with on_behalf_of("", models=own):
        models = {alias: model_for(alias).name for alias in get_args(Alias)}
    return {
        "models": models,
        "documents": hash_of_documents(),
        "code": hash_of_code(),
    }


def hash_of_documents() -> str:
    """12 hexadecimal digits over all that answers may rest on now: names, contents, and who may read them."""
    live = Document.objects.filter(removed_at=None).exclude(live_version=None)
    columns = ("name", "collection__audience", "live_version__sha256", "live_version__chunks_total")
    return _short(json.dumps(sorted(map(list, live.values_list(*columns)))).encode())


@cache
def hash_of_code() -> str:
    """12 hexadecimal digits over the code that makes an answer. Prompts are in the version, not here."""
    digest = sha256()
    for package in ANSWERING:
        for file in sorted((ROOT / package).rglob("*")):
            if file.suffix in {".py", ".sql", ".json"} and not BESIDE & set(file.relative_to(ROOT).parts):
                digest.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def _short(content: bytes) -> str:
    return sha256(content).hexdigest()[:12]
