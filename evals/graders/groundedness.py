"""Each claim of the answer with the words of a source that say so. That the quote stands there is checked in code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from evals.answers import Answer
from evals.cases import Case
from evals.grading import Grade, grader
from evals.reading.judge import (
    Said,
    Written,
    ask_judge,
    given,
    given_conversation,
    given_sources,
    place_in_sources,
    sources_of,
)
from evals.reading.quotes import place_of
from evals.reading.turns import statements_in, turn_of

MOST_CLAIMS = 40


class Claim(Said):
    """What the answer claims, what a source says of it, and whether that is enough."""

    claim: Written
    quote: Written
    source: int
    why: Written
    verdict: Literal["supported", "contradicted", "not_found"]


class Claims(Said):
    claims: list[Claim]


@grader(kind="judge", rubrics=("groundedness",))
async def groundedness(case: Case, answer: Answer) -> Grade:
    """A judge finds the words of a source for each claim; the score is the share of claims that have them.

    A quote that stands in no source is `invented` and supports nothing. It passes when every claim is supported. The
    evidence has each claim with its place in the answer (from which character to which), and its quote with the source
    and the place there; None where there is none.
    """
    if not sources_of(answer):
        return Grade.abstained("there were no passages and no look-ups to rest on")
    if not answer.text.strip():
        return Grade.abstained("the answer is empty: it claims nothing")
    data = (given_sources(answer), given_conversation(case), given("answer", answer.text))
    said = await ask_judge("groundedness", data, Claims)
    found = [_checked(claim, answer) for claim in said.claims[:MOST_CLAIMS]]
    if not found:
        return Grade.abstained("the judge found no claim in it")
    supported = sum(one["verdict"] == "supported" for one in found)
    reason = "; ".join([f"{supported} of {len(found)} claims supported", *_troubles(found)])
    if unread := await _unread(case, answer, found):
        reason += f"; {unread} statements that the judge passed over"
    return Grade.scored(supported / len(found), reason, evidence=tuple(found))


def _checked(claim: Claim, answer: Answer) -> dict[str, Any]:
    stands = place_in_sources(claim.quote, answer, claim.source)
    is_invented = claim.verdict == "supported" and stands["at"] is None
    at = place_of(claim.claim, answer.text)
    return {
        "claim": claim.claim,
        "claim_at": list(at) if at else None,
        "quote": claim.quote,
        "quote_at": stands["at"],
        "source": stands["source"],
        "verdict": "invented" if is_invented else claim.verdict,
        "why": claim.why,
    }


def _troubles(found: Iterable[dict[str, Any]]) -> list[str]:
    return [f"{one['verdict']}: “{one['claim'][:120]}”" for one in found if one["verdict"] != "supported"]


async def _unread(case: Case, answer: Answer, found: Sequence[dict[str, Any]]) -> int:
    """How many statements of the answer no claim touches."""
    spans = [one["claim_at"] for one in found if one["claim_at"]]
    unread, start = 0, 0
    for statement in statements_in(await turn_of(case, answer), answer.text):
        start = answer.text.index(statement, start)
        end = start + len(statement)
        unread += not any(first < end and last > start for first, last in spans)
        start = end
    return unread
