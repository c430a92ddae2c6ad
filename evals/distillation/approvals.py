"""Whether an answer was approved: by people, or by a judge that may gate; and by nobody's word against it.

People approve by full marks for what is right or borne out by sources, in a review that is settled or beside a judge's
word; where the customer liked the answer too, passing marks are enough. A judge approves by a passing score, if its
licence lets it gate as it is today. Any word against it, of a person, a rule, or such a judge, by any rubric, outweighs
them all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from evals.graders import GRADERS
from evals.judging.licences import Licence, licence_of
from evals.models import Grading, Review

OF_TRUTH = ("correctness", "fact_vs_expert", "faithfulness", "groundedness")
CORRECTED, BY_PEOPLE, BY_BOTH, BY_JUDGE = 4, 3, 2, 1


@dataclass(frozen=True)
class Approval:
    """By what an answer was approved, in words, and how well."""

    words: str
    rank: int


@dataclass
class Licences:
    """Licences of judges, each worked out once."""

    known: dict[tuple[str, str], Licence] = field(default_factory=dict)

    def may_gate(self, grader: str, version: str) -> bool:
        found = GRADERS.get(grader)
        if found is None or version != found.version:
            return False
        if (grader, version) not in self.known:
            self.known[grader, version] = licence_of(grader, version)
        return self.known[grader, version].may_gate


def gradings_of(results: Collection[int]) -> dict[int, list[Grading]]:
    """The words that count on these answers, people's and graders'. One query."""
    said = Grading.objects.filter(result__in=results, against=None, outcome=Grading.Outcome.SCORED)
    found: dict[int, list[Grading]] = defaultdict(list)
    for one in said.select_related("review").defer("evidence", "reason").order_by("pk"):
        if one.is_current or one.review_id:
            found[one.result_id].append(one)
    return found


def approval_of(said: Sequence[Grading], licences: Licences, *, is_liked: bool) -> Approval | str:
    """The approval that these words give, or the reason why there is none: a key of `reasons.REASONS`."""
    people, judges, rules, unlicensed = _sorted_out(said, licences)
    if any(one.passed is False or one.is_hard_failure for one in (*people, *judges, *rules)):
        return "objected_to"
    of_people = [one for one in people if one.grader in OF_TRUTH and one.passed]
    if full := [one for one in of_people if (one.score or 0) >= 1]:
        return Approval(f"people: {_names(full)}", BY_PEOPLE)
    if of_people and is_liked:
        return Approval(f"a customer and people: {_names(of_people)}", BY_BOTH)
    if of_judges := [one for one in judges if one.grader in OF_TRUTH and one.passed]:
        return Approval(f"judges: {_names(of_judges)}", BY_JUDGE)
    return "unlicensed_judge" if unlicensed else "not_confirmed"


def holding(said: Sequence[Grading]) -> list[Grading]:
    """The words of people that hold: of a review only what settled it, elsewhere each person's last one."""
    found: dict[object, Grading] = {}
    for one in said:
        if one.is_human and one.review_id is None:
            found[one.grader, one.person_id, one.rater] = one
        elif one.is_human and one.review and one.review.state == Review.State.SETTLED:
            found[one.review_id] = one  # of two alike either, of three the last one, which settles
    return list(found.values())


def _sorted_out(
    said: Sequence[Grading], licences: Licences
) -> tuple[list[Grading], list[Grading], list[Grading], list[Grading]]:
    """Words of people that hold, of judges that may gate, of rules, and approvals of judges that may not."""
    machines = [one for one in said if not one.is_human and not one.is_demo and one.grader in GRADERS]
    judges = [one for one in machines if GRADERS[one.grader].kind == "judge"]
    licensed = [one for one in judges if licences.may_gate(one.grader, one.version)]
    others = [one for one in said if not one.is_human and one.grader in OF_TRUTH and one.passed and one not in licensed]
    rules = [one for one in machines if GRADERS[one.grader].kind == "rule"]
    return holding(said), licensed, rules, others


def _names(said: Sequence[Grading]) -> str:
    return ", ".join(sorted({one.grader for one in said}))
