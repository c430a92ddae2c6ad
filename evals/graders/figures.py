"""Every figure of the answer stands in a source: amounts, percentages, dates, times, phone numbers, addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from chat.context import Turn
from chat.grounding import evidence
from chat.grounding.figure_matching import stands_in
from chat.grounding.figure_reading import Claim, claims_in, figures_in
from chat.guardrails.figures import VAGUE
from chat.guardrails.figures import figures as figures_of_the_chat
from chat.sentences import split
from chat.verdicts import Action
from evals.answers import Answer
from evals.cases import Case
from evals.grading import Grade, grader
from evals.reading.arithmetic import amounts_in, amounts_of, follows_from
from evals.reading.turns import turn_of

DAY_OF_A_MONTH = ("日", "号")  # "16日" is a date as well as a number of days


@grader(kind="rule", is_invariant=True)
async def figures(case: Case, answer: Answer) -> Grade:
    """1 when each stands in a passage that is cited, a look-up, the question or the conversation, or follows from them.

    Where nothing is cited all passages count: that a citation is missing is another grader's word.
    """
    if answer.served_by != "model":
        return Grade.abstained("no model wrote it")
    turn = await turn_of(case, answer)
    if turn.cited:
        turn = replace(turn, passages=tuple(turn.cited))
    reasons = []
    for sentence in split(answer.text):
        if unknown := [claim.written for claim in await _unknown(turn, sentence)]:
            reasons.append(f"stands in no source: {', '.join(unknown)} in “{sentence.strip()[:160]}”")
    return Grade.passed_if(not reasons, "; ".join(reasons))


async def _unknown(turn: Turn, sentence: str) -> list[Claim]:
    """The figures of a sentence that stand nowhere and follow from nothing."""
    claims = claims_in(sentence)
    unknown = [claim for claim in claims if not _is_said(turn, claim)]
    known = amounts_of(claim for claim in claims if claim not in unknown)
    known |= {
        amount for said in (turn.question, *(one.question for one in turn.history)) for amount in amounts_in(said)
    }
    is_vague = any(word in sentence.lower() for word in VAGUE)
    return [
        claim
        for claim in unknown
        if not follows_from(claim, known) and not await _is_rounded(turn, claim, is_vague=is_vague)
    ]


def _is_said(turn: Turn, claim: Claim) -> bool:
    sources = [figures_in(text) for text in chain(evidence.found_texts(turn), evidence.said_texts(turn))]
    return any(stands_in(reading, source) for reading in _readings(claim) for source in sources)


def _readings(claim: Claim) -> Sequence[Claim]:
    is_date = claim.unit == "day" and claim.written.endswith(DAY_OF_A_MONTH)
    return (claim, replace(claim, unit="date")) if is_date else (claim,)


async def _is_rounded(turn: Turn, claim: Claim, *, is_vague: bool) -> bool:
    """Whether it is a rounded result of a look-up, as the chat's own check finds it in these few words."""
    if claim.kind != "number" or not turn.lookups:
        return False
    few_words = f"{VAGUE[0]} {claim.written}" if is_vague else claim.written
    return (await figures_of_the_chat(turn, few_words)).action is Action.ALLOW
