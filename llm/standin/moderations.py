"""POST /v1/moderations by plain rules: it knows a few phrases, no more, and says so in its model's name."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from llm.standin import body
from llm.standin.requests import ModerationRequest

MODEL = "standin-moderation-rules"
HIT, MISS = 0.98, 0.001
RULES = {
    "harassment": r"\b(you are|you're) (an? )?(idiot|moron|worthless|stupid)\b|\beres (un )?idiota\b|你是(白痴|蠢货)",
    "harassment/threatening": r"\bi('ll| will| am going to) (hurt|find|beat) you\b|\bte voy a pegar\b",
    "hate": r"\b(all|those) \w+ (people )?(are|should be) (vermin|subhuman|exterminated)\b",
    "hate/threatening": r"\b(kill|exterminate) all (the )?\w+s\b",
    "illicit": r"\bhow (do i|to|can i) (launder money|forge|make (a )?fake (id|payslip))",
    "illicit/violent": r"\bhow (do i|to|can i) (make|build) (a )?(bomb|explosive)",
    "self-harm": r"\b(kill|hurt|harm|cut) myself\b|\bsuicid|\bmatarme\b|自杀|自残",
    "self-harm/intent": r"\bi (want|am going|plan) to (die|kill myself|end my life)\b|quiero morir|我想死",
    "self-harm/instructions": r"\bhow (do i|to|can i) (kill|hurt) myself\b",
    "sexual": r"\b(porn|explicit sex|nude pics?)\b",
    "sexual/minors": r"\b(child|minor|underage)\w* (porn|nude|sex)",
    "violence": r"\b(i('ll| will)|going to) (kill|shoot|stab|murder)\b|\bte voy a matar\b|我要杀了?你",
    "violence/graphic": r"\b(dismember|behead|disembowel)\w*\b",
}
PATTERNS = {category: re.compile(pattern, re.IGNORECASE) for category, pattern in RULES.items()}


async def create_moderation(request: Request) -> Response:
    """One result for each text."""
    wanted = await body.read(request, ModerationRequest)
    with request.app.state.calls.begin("moderations", wanted.model or MODEL):
        results = [_judge(text) for text in _texts(wanted)]
    return JSONResponse({"id": "modr-standin", "model": MODEL, "results": results})


def _texts(wanted: ModerationRequest) -> list[str]:
    if isinstance(wanted.input, str):
        return [wanted.input]
    return [item if isinstance(item, str) else item.text for item in wanted.input]


def _judge(text: str) -> dict[str, Any]:
    found = {category: bool(pattern.search(text)) for category, pattern in PATTERNS.items()}
    return {
        "flagged": any(found.values()),
        "categories": found,
        "category_scores": {category: HIT if hit else MISS for category, hit in found.items()},
        "category_applied_input_types": {category: ["text"] for category in found},
    }
