"""The answer beside the baseline's: which one serves the customer better? Asked in both orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from evals.answers import Answer
from evals.cases import Case
from evals.grading import Grade, grader
from evals.reading.judge import MOST_QUOTES, Said, Written, ask_judge, given, given_conversation, given_sources
from evals.reading.quotes import place_of

Label = Literal["better", "tie", "worse"]
SCORES: dict[Label, float] = {"better": 1.0, "tie": 0.5, "worse": 0.0}
TURNED = "the verdict turned with the order"
ALIKE, OTHER_EMPTY, EMPTY = "both say the same, word for word", "the other one is empty", "it is empty"  # nobody asked
SWAPPED = {"first": "second", "second": "first", "tie": "tie"}


class Quote(Said):
    where: Literal["first", "second", "expert_answer"]
    words: Written


class Choice(Said):
    evidence: list[Quote]
    reasoning: Written
    verdict: Literal["first", "second", "tie"]


@grader(kind="judge", labels=("better", "tie", "worse"), compares=True, rubrics=("pairwise",))
async def pairwise(case: Case, answer: Answer, baseline: Answer | None) -> Grade:
    """A judge says whether the answer is better than the baseline's, a tie, or worse; it passes unless it is worse.

    It is asked in both orders, and a verdict that turns with the order is a tie. The same text needs no judge, nor
    does an empty one, which is worse than any other.
    """
    if baseline is None:
        return Grade.abstained("there is no answer to compare with")
    mine, other = answer.text.strip(), baseline.text.strip()
    if mine == other:
        return _graded("tie", ALIKE)
    if not (mine and other):
        return _graded("better" if mine else "worse", OTHER_EMPTY if mine else EMPTY)
    texts = {"answer": answer.text, "baseline": baseline.text, "expert_answer": case.expert_answer}
    forth = await _choose(case, answer, baseline)
    evidence = [*_evidence(forth, ("answer", "baseline"), texts)]
    if forth.verdict == "tie":  # whatever the other order would say
        return _graded("tie", forth.reasoning, evidence)
    back = await _choose(case, baseline, answer)
    evidence += _evidence(back, ("baseline", "answer"), texts)
    if forth.verdict != SWAPPED[back.verdict]:
        return _graded("tie", f"{TURNED}. {forth.reasoning} / {back.reasoning}", evidence)
    return _graded("better" if forth.verdict == "first" else "worse", forth.reasoning, evidence)


async def _choose(case: Case, first: Answer, second: Answer) -> Choice:
    data = (
        given_conversation(case),
        given("expert_answer", case.expert_answer) if case.expert_answer else "",
        given_sources(first, of="first"),
        given_sources(second, of="second"),
        given("first", first.text),
        given("second", second.text),
    )
    return await ask_judge("pairwise", data, Choice)


def _evidence(choice: Choice, order: tuple[str, str], texts: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The quotes of one order, each with its place in the text that it is from."""
    whose = {"first": order[0], "second": order[1], "expert_answer": "expert_answer"}
    for quote in choice.evidence[:MOST_QUOTES]:
        where = whose[quote.where]
        at = place_of(quote.words, texts[where])
        yield {"where": where, "quote": quote.words, "at": list(at) if at else None}


def _graded(label: Label, reason: str, evidence: Sequence[dict[str, Any]] = ()) -> Grade:
    return Grade.scored(SCORES[label], reason, label=label, passed=label != "worse", evidence=tuple(evidence))
