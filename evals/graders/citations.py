"""Every citation leads to a source, and what is stated from passages is cited where it is said."""

from __future__ import annotations

from collections.abc import Sequence

from chat.citations import MARK
from chat.context import Turn
from chat.grounding import evidence
from chat.grounding.figure_matching import stands_in
from chat.grounding.figure_reading import claims_in, figures_in
from chat.grounding.statements import is_statement
from chat.guardrails.citations_resolve import ODD
from chat.sentences import split
from evals.answers import Answer
from evals.cases import Case
from evals.grading import Grade, grader
from evals.reading.behaviour import behaviour_of, declines
from evals.reading.turns import turn_of


@grader(kind="rule", is_invariant=True)
async def citations(case: Case, answer: Answer) -> Grade:
    """1 when every citation resolves, facts from passages have one, and figures stand near it.

    What was looked up has no number to cite, and the customer's own figures need none.
    """
    if answer.served_by != "model":
        return Grade.abstained("no model wrote it")
    turn = await turn_of(case, answer)
    lost = _leading_nowhere(answer)
    sentences = split(answer.text)
    stated = [
        n for n, sentence in enumerate(sentences) if is_statement(turn, sentence) and not declines(turn, sentence)
    ]
    has_cited = MARK.search(answer.text) is not None
    if not (lost or has_cited or (stated and _answers(turn, answer))):
        return Grade.abstained("it states nothing that could be cited")
    reasons = [f"leads nowhere: {', '.join(lost)}"] if lost else []
    if stated and not has_cited:
        reasons += [] if _is_looked_up(turn) else ["states facts and cites nothing"]
    else:
        bare = [sentences[place].strip() for place in stated if _is_bare(turn, sentences, place)]
        reasons += [f"a figure without a citation: “{sentence[:120]}”" for sentence in bare]
    return Grade.passed_if(not reasons, "; ".join(reasons))


def _leading_nowhere(answer: Answer) -> list[str]:
    """Citations of sources that are not there, and those that the page does not know as citations."""
    known = {source.number for source in answer.passages if source.number}
    numbers = [int(number) for match in MARK.finditer(answer.text) for number in match[1].replace(";", ",").split(",")]
    odd = [match.group().strip() for match in ODD.finditer(answer.text)]
    return list(dict.fromkeys([f"[{number}]" for number in numbers if number not in known] + odd))


def _answers(turn: Turn, answer: Answer) -> bool:
    """Whoever says that there is no answer, and whom else to ask, states no facts."""
    heard = behaviour_of(turn, answer)
    return heard is not None and heard.behaviour == "answer"


def _is_looked_up(turn: Turn) -> bool:
    return any(not lookup.failed for lookup in turn.lookups)


def _is_bare(turn: Turn, sentences: Sequence[str], place: int) -> bool:
    """Whether a figure that is not the customer's own, nor looked up, stands far from any citation."""
    claims = claims_in(sentences[place])
    own = [figures_in(text) for text in _needing_no_citation(turn)]
    if all(any(stands_in(claim, figures) for figures in own) for claim in claims):
        return False
    near = _near(sentences, place)
    return not any(MARK.search(sentences[n]) for n in near)


def _needing_no_citation(turn: Turn) -> list[str]:
    said = [turn.question, *(exchange.question for exchange in turn.history), *evidence.replies(turn)]
    return [*said, *(lookup.result for lookup in turn.lookups), *(str(lookup.arguments) for lookup in turn.lookups)]


def _near(sentences: Sequence[str], place: int) -> range:
    """The sentences of its paragraph or list, and of those before and behind: a list has its citation there."""
    ends = [n for n, sentence in enumerate(sentences) if sentence.endswith("\n\n")]
    before = [end for end in ends if end < place]
    behind = [end for end in ends if end >= place]
    first = before[-2] + 1 if len(before) > 1 else 0
    last = behind[1] if len(behind) > 1 else len(sentences) - 1
    return range(first, last + 1)
