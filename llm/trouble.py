"""What keeps a model from answering at all until somebody sets it right, by the ledger: the same in all processes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

SENTENCES = {
    "provider_auth": "The model's server refuses our key. Correct OPENAI_API_KEY and start again.",
    "bad_request": "The model's server does not take our requests. Check the model's name and LLM_LACKS.",
}
LOOKED_AT = 50  # of the latest calls: those of one kind may be few among those of another


@dataclass(frozen=True)
class Trouble:
    """The latest call of a kind failed in a way that asking again does not mend."""

    code: str
    model: str
    since: datetime

    @property
    def sentence(self) -> str:
        return SENTENCES[self.code]


def trouble() -> Trouble | None:
    """What the latest chat call, or the latest embedding, failed of; None when they were answered. Sync."""
    from llm.models import Call

    latest: dict[str, Call] = {}
    for call in Call.objects.order_by("-created_at")[:LOOKED_AT]:
        latest.setdefault(call.kind, call)
    for call in latest.values():
        if call.error_code in SENTENCES:
            return Trouble(call.error_code, call.model, call.created_at)
    return None
