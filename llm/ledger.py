"""The ledger: one row for each call, written in a thread, whatever becomes of the call or of its caller."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

from llm.answer import Answer
from llm.behalf import Behalf, current
from llm.database import in_database
from llm.errors import LLMError
from llm.events import Alias, Usage
from llm.prices import cost_in_microdollars

logger = logging.getLogger(__name__)

_PATIENCE = 2.0  # seconds that a caller waits for its row; the row is written all the same
_being_written: set[asyncio.Task[None]] = set()  # a task without a reference may vanish


@dataclass
class Record:
    """One call while it goes on. It counts as stopped until it is done or has failed."""

    purpose: str
    kind: str
    alias: Alias
    seed: int | None = None
    model: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    request_hash: str = ""
    prompt_characters: int = 0
    attempts: int = 0
    answer: Answer = field(default_factory=Answer)
    outcome: str = "stopped"
    error_code: str = ""
    first_token_ms: int | None = None
    behalf: Behalf = field(default_factory=current)
    id: UUID = field(default_factory=uuid4)
    started: float = field(default_factory=monotonic)

    @property
    def usage(self) -> Usage:
        """What the server counted, or an estimate. A call that failed before its first token took nothing."""
        if self.answer.usage:
            return self.answer.usage
        if self.outcome == "failed" and not self.answer.has_begun:
            return Usage()
        return Usage(tokens_in(self.prompt_characters), tokens_in(self.answer.characters), is_estimated=True)

    def asks(self, body: Mapping[str, Any], answer: Answer) -> None:
        """Note what is asked now; a further attempt replaces it."""
        self.model, self.answer = body["model"], answer
        self.parameters = {name: body[name] for name in body.keys() - {"model", "messages", "input"}}
        self.request_hash = sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        texts = [message.get("content") or "" for message in body.get("messages", ())] + body.get("input", [])
        self.prompt_characters = sum(map(len, texts))

    def first_token(self) -> None:
        if self.first_token_ms is None:
            self.first_token_ms = self.milliseconds()

    def done(self) -> None:
        self.outcome = "done"

    def failed(self, error: LLMError) -> None:
        self.outcome, self.error_code = "failed", error.code
        logger.warning("%s by %s failed: %s: %s", self.purpose, self.model, error.code, error)

    def milliseconds(self) -> int:
        return round((monotonic() - self.started) * 1000)


def tokens_in(characters: int) -> int:
    """Tokens when nobody counted them: a token of English is about four characters."""
    return -(-characters // 4)


@asynccontextmanager
async def entry(purpose: str, kind: str, alias: Alias, seed: int | None = None) -> AsyncIterator[Record]:
    """A call, written down when the block ends, however it ends."""
    record = Record(purpose, kind, alias, seed)
    try:
        yield record
    except LLMError as error:
        record.failed(error)
        raise
    finally:
        await _keep(record)


async def was_asked(model: str, call: UUID) -> bool:
    """Whether this call was made to this model, and not to another one that stood in for it."""

    def look() -> bool:
        from llm.models import Call

        return Call.objects.filter(pk=call, model=model).exists()

    return await in_database(look)


async def _keep(record: Record) -> None:
    """Neither a failing database nor a cancelled caller breaks an answer or loses its row."""
    task = asyncio.create_task(_write(record, record.milliseconds()))
    _being_written.add(task)
    task.add_done_callback(_being_written.discard)
    await asyncio.wait({task}, timeout=_PATIENCE)  # leaves the task alone when the caller is cancelled


async def _write(record: Record, duration_ms: int) -> None:
    try:
        await in_database(_insert, record, duration_ms)
    except Exception:
        logger.exception("The ledger lost a call: %s by %s", record.purpose, record.model)


def _insert(record: Record, duration_ms: int) -> None:
    from llm.models import Call

    usage, answer = record.usage, record.answer
    Call.objects.create(
        id=record.id,
        purpose=record.purpose,
        version=record.behalf.version[:40],
        turn=record.behalf.turn,
        kind=record.kind,
        alias=record.alias,
        model=record.model[:200],
        served_by=answer.served_by[:200],
        fingerprint=answer.fingerprint[:200],
        seed=record.seed,
        parameters=record.parameters,
        request_hash=record.request_hash,
        outcome=record.outcome,
        error_code=record.error_code,
        finish_reason=answer.reason[:20],
        attempts=record.attempts,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        usage_is_estimated=usage.is_estimated,
        cost_microdollars=cost_in_microdollars(record.model, usage),
        first_token_ms=record.first_token_ms,
        duration_ms=duration_ms,
    )
