"""What the choice of a model did: how often the small one answered, what that lost, and what it spared.

Money is what the ledger says was spent; what the strong model alone would have cost is an estimate: the small model's
words, read and written, at the strong model's price.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from chat.models import AssistantVersion, Route
from chat.versions.states import version_of
from evals.models import RouteVerdict
from evals.routing.from_routes import STRONG, Sample, sample_of
from evals.routing.pairs import WORSE, both_answered, with_words
from evals.routing.policies import Value, value_of
from llm.behalf import on_behalf_of
from llm.catalogue import model_for
from llm.events import Usage
from llm.models import Call
from llm.prices import cost_in_microdollars

WEEK, MONTH = 7, 30  # days
BY_SMALL = ~Q(served__in=["", STRONG])
ASKED_SMALL = ~Q(first=STRONG)


@dataclass(frozen=True)
class Money:
    """Microdollars. `strong_only` is what the strong model alone would have cost, `unpriced` how many of the calls have
    no known price: then nothing follows from the rest."""

    answers: int = 0
    comparisons: int = 0
    judges: int = 0
    strong_only: int = 0
    unpriced: int = 0

    def __add__(self, other: Money) -> Money:
        return Money(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def spent(self) -> int:
        return self.answers + self.comparisons + self.judges

    @property
    def is_known(self) -> bool:
        return not self.unpriced

    @property
    def saved(self) -> float | None:
        """US dollars, the comparisons and the judges subtracted; None where a price is not known."""
        return (self.strong_only - self.spent) / 1_000_000 if self.is_known else None

    @property
    def saved_percent(self) -> float | None:
        """Of what the strong model alone would have cost."""
        return 100 * (self.strong_only - self.spent) / self.strong_only if self.is_known and self.strong_only else None

    @property
    def in_dollars(self) -> dict[str, float]:
        return {one.name: getattr(self, one.name) / 1_000_000 for one in fields(self) if one.name != "unpriced"}


@dataclass(frozen=True)
class Figures:
    """Of some questions: `asked_small` were the small model's first, it answered `by_small` of them, and of `held_back`
    the checks did not let its answer pass. `value` is what the choices that were made lost, from the compared pairs."""

    questions: int
    asked_small: int
    by_small: int
    held_back: int
    money: Money
    sample: Sample
    value: Value

    @property
    def small_percent(self) -> float | None:
        return 100 * self.by_small / self.questions if self.questions else None

    @property
    def held_percent(self) -> float | None:
        """Of what the small model was asked."""
        return 100 * self.held_back / self.asked_small if self.asked_small else None


def figures_of_days(routes: QuerySet[Route], days: int, *, now: datetime | None = None) -> Figures:
    """Of the last days."""
    since = (now or timezone.now()) - timedelta(days=days)
    return figures_of(routes.filter(created_at__gte=since), since)


def figures_by_version(
    routes: QuerySet[Route], days: int, *, now: datetime | None = None
) -> list[tuple[AssistantVersion, Figures]]:
    """Of the last days, for each version that answered in them, the newest first."""
    since = (now or timezone.now()) - timedelta(days=days)
    lately = routes.filter(created_at__gte=since)
    rows = AssistantVersion.objects.filter(pk__in=lately.values("version")).order_by("-number")
    return [(row, figures_of(lately.filter(version=row), since, row)) for row in rows]


def figures_of(routes: QuerySet[Route], since: datetime, version: AssistantVersion | None = None) -> Figures:
    """Of these routes, all of which were made after `since`, and where one is named by that version."""
    counted = routes.aggregate(
        questions=Count("pk"),
        asked_small=Count("pk", filter=ASKED_SMALL),
        by_small=Count("pk", filter=BY_SMALL),
        held_back=Count("pk", filter=ASKED_SMALL & Q(held_back__gt="")),
    )
    sample = sample_of(routes)
    return Figures(
        **counted,
        money=_money_of(routes) + _behind(since, version),
        sample=sample,
        value=value_of(sample.as_it_was, 0.5),
    )


def held_back_by_reason(routes: QuerySet[Route]) -> list[dict[str, object]]:
    """Why the checks held answers of the small model back, how often, and how many of those compared were no worse."""
    held = routes.exclude(held_back="").order_by().values("held_back").annotate(count=Count("pk"))
    compared = with_words(both_answered(routes)).exclude(word=None)
    words = compared.filter(small_held_back__gt="").values_list("small_held_back", "word")
    found = {row["held_back"]: {"why": row["held_back"], "count": row["count"], "judged": 0, "good": 0} for row in held}
    for why, word in words:
        one = found.setdefault(why, {"why": why, "count": 0, "judged": 0, "good": 0})
        one["judged"] += 1
        one["good"] += word != WORSE
    return sorted(found.values(), key=lambda one: -int(one["count"]))


def rules_that_spoke(routes: QuerySet[Route]) -> list[tuple[str, int]]:
    """Which rule sent how many to the strong model, the most frequent first; "" are those that the ease decided."""
    spoke = routes.order_by().values_list("rule").annotate(count=Count("pk"))
    return sorted(spoke, key=lambda one: -one[1])


def _money_of(routes: QuerySet[Route]) -> Money:
    """What was spent on the answers that customers got, or waited for."""
    calls = _answering(routes)
    strong_only = _strong_only(routes, calls)
    return Money(
        answers=_cost(calls),
        strong_only=strong_only or 0,
        unpriced=_unpriced(calls) + (strong_only is None),
    )


def _strong_only(routes: QuerySet[Route], calls: QuerySet[Call]) -> int | None:
    """The strong model's own answers, and those of the small one that were shown at the strong model's price; None
    where that price is not known."""
    spared = routes.exclude(served=STRONG)
    versions = AssistantVersion.objects.filter(pk__in=spared.order_by().values("version"))
    costs: list[int | None] = [_cost(calls.filter(alias=STRONG))]
    for version in [*versions, None]:
        words = _answering(spared.filter(version=version)).exclude(alias=STRONG)
        read = words.aggregate(prompt=Sum("prompt_tokens", default=0), completion=Sum("completion_tokens", default=0))
        usage = Usage(read["prompt"], read["completion"])
        costs.append(cost_in_microdollars(strong_model(version), usage) if any(read.values()) else 0)
    return None if None in costs else sum(cost for cost in costs if cost)


def strong_model(version: AssistantVersion | None) -> str:
    """The name of the strong model of a version."""
    with on_behalf_of("", models=version_of(version).models if version else None):
        return model_for("strong").name


def _behind(since: datetime, version: AssistantVersion | None) -> Money:
    """What was spent behind the answers since then: on comparisons, and on judges of them."""
    calls = Call.objects.filter(purpose="compare", kind="chat", created_at__gte=since)
    said = RouteVerdict.objects.by_machines().filter(created_at__gte=since)
    if version:
        calls, said = calls.filter(version=version_of(version).label), said.filter(route__version=version)
    return Money(
        comparisons=_cost(calls),
        judges=_cost(said),
        unpriced=_unpriced(calls) + said.filter(cost_microdollars=None).exclude(model="").count(),
    )


def _answering(routes: QuerySet[Route]) -> QuerySet[Call]:
    return Call.objects.filter(turn__in=routes.order_by().values("reply"), purpose="answer", kind="chat")


def _cost(rows: QuerySet[Call] | QuerySet[RouteVerdict]) -> int:
    return int(rows.aggregate(cost=Sum("cost_microdollars", default=0))["cost"])


def _unpriced(calls: QuerySet[Call]) -> int:
    return calls.filter(cost_microdollars=None, completion_tokens__gt=0).count()
