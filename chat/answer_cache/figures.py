"""What saved answers did: how often, how often wrongly, and what they spared. Everything here asks the database."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone
from scipy import stats

from chat.answer_cache.acceptance import FEWEST, Acceptance
from chat.models import SavedAcceptance, SavedLookup
from llm.models import Call

SURE = 0.95  # of the bound on wrong hits, one-sided


@dataclass(frozen=True)
class Figures:
    """Of the look-ups since some day. `…_percent` from 0 to 100, None where nothing was counted; money in US dollars.

    `wrong` of `checked` hits were wrong when they were answered anew, and `unclear` more could not be told. What the
    hits spared is what their answers took to be written, less the look-ups of all questions, less what judges were
    asked about hits, and less the answers anew with every call that was made for them. `unpriced` are hits and such
    calls of unknown price, which count as nothing.
    """

    days: int
    looked: int
    hits: int
    checked: int
    wrong: int
    unclear: int
    dollars: float
    dollars_of_checks: float
    unpriced: int
    seconds: float

    @property
    def hit_percent(self) -> float | None:
        return 100 * self.hits / self.looked if self.looked else None

    @property
    def wrong_percent(self) -> float | None:
        """At most so many, as `upper_bound` says."""
        bound = upper_bound(self.wrong, self.checked)
        return None if bound is None else 100 * bound


@dataclass(frozen=True)
class Learned:
    """What was learned for one embedding model: `needed` labels are missing until something is; 0 when it is.

    `limit` is the highest error with which one answer is served, `errors` what is borne of all; both in percent.
    """

    model: str
    labels: int
    needed: int
    limit: float | None = None
    errors: float | None = None
    at: datetime | None = None


def upper_bound(wrong: int, checked: int) -> float | None:
    """The share that may be wrong at most, from 0 to 1, at 95 % confidence; None when nothing was checked.

    The upper end of Clopper and Pearson's interval (1934, Biometrika 26), one-sided: it never covers less than it says,
    and with none wrong it still is about 3 / checked.
    """
    if not 0 <= wrong <= checked:
        raise ValueError("no more can be wrong than were checked")
    if not checked:
        return None
    return 1.0 if wrong == checked else float(stats.beta.ppf(SURE, wrong + 1, checked - wrong))


def figures_of(days: int) -> Figures:
    """What the look-ups of the last days came to."""
    seen = _since(days)
    hit, checked = Q(outcome=SavedLookup.Outcome.HIT), Q(was_checked=True)
    counted = seen.aggregate(
        looked=Count("pk"),
        hits=Count("pk", filter=hit),
        checked=Count("pk", filter=checked & Q(is_right__isnull=False)),
        wrong=Count("pk", filter=checked & Q(is_right=False)),
        unclear=Count("pk", filter=checked & Q(is_right=None)),
        unpriced=Count("pk", filter=hit & Q(answer__cost_microdollars=None)),
        spared=Sum("answer__cost_microdollars", filter=hit, default=0),
        written_ms=Sum("answer__took_ms", filter=hit, default=0),
        looked_ms=Sum("ms", default=0.0),
    )
    checks, unknown = _spent_on_checks(days)
    counted["unpriced"] += unknown
    spared, seconds = counted.pop("spared"), (counted.pop("written_ms") - counted.pop("looked_ms")) / 1000
    dollars, of_checks = (spared - checks) / 1_000_000, checks / 1_000_000
    return Figures(days, dollars=dollars, dollars_of_checks=of_checks, seconds=seconds, **counted)


def _spent_on_checks(days: int) -> tuple[int, int]:
    """Microdollars of the calls that saved answers caused by themselves, and how many of them have no price."""
    since = Q(created_at__gte=timezone.now() - timedelta(days=days))
    anew = Call.objects.filter(since, purpose="check").values("turn")
    hits = _since(days).filter(outcome=SavedLookup.Outcome.HIT, reply__isnull=False).order_by().values("reply")
    calls = Call.objects.filter(Q(purpose="check") | Q(turn__in=anew) | Q(turn__in=hits, purpose="judge"), since)
    found = calls.aggregate(
        cost=Sum("cost_microdollars", default=0), unknown=Count("pk", filter=Q(cost_microdollars=None))
    )
    return found["cost"], found["unknown"]


def misses_by_reason(days: int) -> list[tuple[str, int]]:
    """Why questions were missed, and how often, the most frequent first."""
    missed = _since(days).filter(outcome=SavedLookup.Outcome.MISS).order_by()
    tally: Counter[str] = Counter()
    for why, count in missed.values_list("why").annotate(count=Count("pk")):
        tally[reason_in(why)] += count
    return tally.most_common()


def reason_in(why: str) -> str:
    """The kind of a reason: what exactly differs, and why the fresh answer was not saved either, is left out."""
    first = why.split(";", maxsplit=1)[0].strip()
    return "something differs between the questions" if first.startswith("differs:") else first or "unknown"


def learned_so_far() -> list[Learned]:
    """For each embedding model by which questions were looked up: how much is known, and what follows from it."""
    labels = SavedLookup.objects.exclude(features=[]).filter(is_right__isnull=False).order_by()
    counts = labels.values_list("embedding_model", F("embedding_model__name")).annotate(count=Count("pk"))
    kept = {row.embedding_model_id: row for row in SavedAcceptance.objects.all()}
    found = []
    for model, name, count in counts:
        row = kept.get(model)
        known = Acceptance.from_json(row.learned) if row else None
        if row is None or known is None:
            found.append(Learned(name, count, max(0, FEWEST - count)))
        else:
            found.append(Learned(name, known.observations, 0, 100 * known.limit, 100 * known.delta, row.learned_at))
    return found


def _since(days: int) -> QuerySet[SavedLookup]:
    return SavedLookup.objects.filter(created_at__gte=timezone.now() - timedelta(days=days))
