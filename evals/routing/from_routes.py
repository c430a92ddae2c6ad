"""Trials from routes: questions of customers that both models answered and on which somebody has said a word."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.fields.json import KT

from chat.assistant import Ease
from chat.model_choice.signals import ease_of
from chat.models import Route
from evals.routing.pairs import both_answered, with_words
from evals.routing.trials import Trial
from llm.models import Call

ANSWERING = ("answer", "compare")  # purposes: other calls of a turn are made whichever model answers
STRONG = "strong"
MOST = 20_000  # pairs, the latest
A_QUERY = 5_000
WORD = re.compile(r"\w+")
COLUMNS = (
    "question", "first", "ease", "signals", "rule", "share", "small_held_back", "lost", "by_person", "by_demo",
    "small_call", "small_alias", "small_cost", "strong_call", "strong_alias", "strong_cost",
)  # fmt: skip
Costs = dict[tuple[str, str], int | None]


@dataclass(frozen=True)
class Sample:
    """Trials with what they rest on.

    `pairs` are questions that both models answered; of those whose small answer held, `judged` have a word that counts
    and `by_people` of these a person's; of the others nothing has to be said. Where the price of a call is not known
    (`is_priced` is False) the strong model's answer costs 1 and the small one's nothing. `signals`, and whether the
    small model `was_asked` first, stand beside the trials in their order.
    """

    trials: tuple[Trial, ...] = ()
    signals: tuple[dict[str, float], ...] = ()
    was_asked: tuple[bool, ...] = ()
    pairs: int = 0
    holding: int = 0
    judged: int = 0
    by_people: int = 0
    is_demo: bool = False
    is_priced: bool = True

    @property
    def as_it_was(self) -> list[Trial]:
        """The trials with the choice that was made in place of their ease: 1 where the small model was asked first."""
        both = zip(self.trials, self.was_asked, strict=True)
        return [replace(trial, ease=float(asked), may_be_small=asked) for trial, asked in both]


def trials_of(routes: QuerySet[Route]) -> list[Trial]:
    """The trials that these routes make."""
    return list(sample_of(routes).trials)


def sample_of(routes: QuerySet[Route], *, ease: Ease | None = None) -> Sample:
    """The latest pairs among these routes, at most 20,000. `ease` are other weights than those that chose then.

    A pair counts for as many questions as chance left out of the comparison; one that holds and has no word yet
    leaves its weight to those that have. Three queries.
    """
    rows = _rows(routes)
    return _sample(rows, _costs(rows), ease)


def samples_of(routes: QuerySet[Route], *, ease: Ease | None = None) -> tuple[Sample, Sample]:
    """The same, and beside it the sample in which a judge's word counts as none. As many queries."""
    rows = _rows(routes)
    costs = _costs(rows)
    return _sample(rows, costs, ease), _sample(rows, costs, ease, only_people=True)


def _sample(rows: Sequence[dict[str, Any]], costs: Costs, ease: Ease | None, *, only_people: bool = False) -> Sample:
    held = [row for row in rows if row["small_held_back"]]
    holding = [row for row in rows if not row["small_held_back"]]
    judged = [row for row in holding if row["lost"] is not None and (row["by_person"] or not only_people)]
    counting = [*judged, *held] if judged or not holding else []  # held-back answers alone tell of no quality
    trials = [_trial(row, costs, ease) for row in counting]
    is_priced = all(trial.small_cost >= 0 and trial.strong_cost >= 0 for trial in trials)
    share = _weight(judged) / _weight(holding) if judged else 1.0
    trials = [replace(one, weight=one.weight / share) if one.holds else one for one in trials]
    return Sample(
        trials=tuple(trials if is_priced else [replace(one, small_cost=0, strong_cost=1) for one in trials]),
        signals=tuple(row["signals"] for row in counting),
        was_asked=tuple(row["first"] != STRONG for row in counting),
        pairs=len(rows),
        holding=len(holding),
        judged=len(judged),
        by_people=sum(bool(row["by_person"]) for row in judged),
        is_demo=any(row["by_demo"] for row in judged),
        is_priced=is_priced,
    )


def same_question(question: str) -> str:
    """The words of a question: what two have in common that are the same but for case, spaces and punctuation."""
    return " ".join(WORD.findall(question.casefold()))


def costs_of(turns: Iterable[str | None]) -> Costs:
    """What answering cost in each turn, by alias, as the ledger sums it up: microdollars, None for an unknown price."""
    wanted, found = sorted({turn for turn in turns if turn and _is_turn(turn)}), {}
    unpriced = Count("pk", filter=Q(cost_microdollars=None, completion_tokens__gt=0))
    for start in range(0, len(wanted), A_QUERY):
        calls = Call.objects.filter(turn__in=wanted[start : start + A_QUERY], purpose__in=ANSWERING, kind="chat")
        for row in calls.values("turn", "alias").annotate(cost=Sum("cost_microdollars"), unpriced=unpriced):
            known = None if row["unpriced"] else row["cost"]
            found[str(row["turn"]), row["alias"]] = known
    return found


def _rows(routes: QuerySet[Route]) -> list[dict[str, Any]]:
    """Never the texts and passages: they are large."""
    known = {f"{side}_{name}": KT(f"{side}__{name}") for side in ("small", "strong") for name in ("call", "alias")}
    known |= {f"{side}_cost": KT(f"{side}__cost_microdollars") for side in ("small", "strong")}
    pairs = with_words(both_answered(routes.filter(share__gt=0))).annotate(**known)
    return list(pairs.order_by("-created_at", "pk").values(*COLUMNS)[:MOST])


def _costs(rows: Sequence[dict[str, Any]]) -> Costs:
    return costs_of(turn for row in rows for turn in (row["small_call"], row["strong_call"]))


def _is_turn(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False


def _trial(row: dict[str, Any], costs: Costs, ease: Ease | None) -> Trial:
    """A cost that is not known is below zero until it is seen whether all are known."""
    return Trial(
        ease=row["ease"] if ease is None else ease_of(row["signals"], ease),
        may_be_small=not row["rule"],
        holds=not row["small_held_back"],
        lost=row["lost"] or 0.0,
        small_cost=_cost(row, "small", costs),
        strong_cost=_cost(row, "strong", costs),
        weight=1 / row["share"],
        cluster=same_question(row["question"]),
    )


def _cost(row: dict[str, Any], side: str, costs: Costs) -> float:
    """As the ledger says; of a call that it has forgotten what the route kept."""
    key = row[f"{side}_call"] or "", row[f"{side}_alias"] or ""
    known: int | str | None = costs.get(key, row[f"{side}_cost"])
    return -1.0 if known is None else float(known)


def _weight(rows: Sequence[dict[str, Any]]) -> float:
    return float(sum(1 / row["share"] for row in rows))
