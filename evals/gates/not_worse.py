"""The primary metric is not worse than before, beyond what the set allows: that has to be shown, not hoped."""

from __future__ import annotations

import math
from collections.abc import Sequence

from chat.versions.states import live_version
from evals.comparing.metrics import Metric, metrics_of, values_of
from evals.comparing.pairing import Pair, mean_of, pair_up
from evals.comparing.sameness import sameness_of
from evals.gates.currency import changed_since
from evals.gates.evidence import Evidence
from evals.gates.findings import Finding
from evals.models import Dataset, Run
from evals.reporting.estimates import title_of
from evals.reporting.table import PASSED, load
from evals.running.circumstances import circumstances
from evals.statistics.paired import Difference, is_not_worse
from evals.statistics.power import cases_needed, spread_of
from evals.statistics.verdicts import Verdict, verdict_of

NAME = "primary metric"
RUNS_LOOKED_AT = 20


def baseline_for(run: Run) -> Run | None:
    """The latest whole run of the live version over the same cases, the documents and models being those of now.

    None where there is none: what was asked long ago was answered from other documents.
    """
    live = live_version()
    runs = Run.objects.filter(dataset_version=run.dataset_version, assistant_hash=live.hash)
    whole = runs.filter(state=Run.State.DONE).exclude(pk=run.pk).order_by("-ended_at", "-pk")
    now = circumstances(live.models)
    return next((one for one in whole[:RUNS_LOOKED_AT] if not changed_since(one, now)), None)


def not_worse(evidence: Evidence, baseline: Run | None) -> Finding | None:
    """Non-inferiority: the 95 % interval of the difference stays above what the set allows to be lost.

    None for a safety set that is judged by its rules: it passes whole, or not at all.
    """
    if evidence.dataset.purpose == Dataset.Purpose.SAFETY and evidence.primary == PASSED:
        return None
    if baseline is None:
        if evidence.run.assistant_hash == live_version().hash:
            return Finding(NAME, True, "This is the live version: there is nothing to compare it with.")
        words = "There is no run of the live version over these cases as things are now. Run it first."
        return Finding(NAME, False, words)
    before = load(baseline)
    sameness = sameness_of(baseline, evidence.run)
    pairs = pair_up(before, evidence.table, sameness)
    metric = metrics_of(pairs, [evidence.primary], sameness, primary=evidence.primary)[0]
    if metric.problem:
        words = f"{metric.title} cannot be compared with run {baseline.pk}: {metric.problem}. Grade that run again."
        return Finding(NAME, False, words)
    return _judged(evidence, baseline, metric, pairs)


def _judged(evidence: Evidence, baseline: Run, metric: Metric, pairs: Sequence[Pair]) -> Finding:
    margin, difference = evidence.dataset.margin, metric.difference
    against = f"{_note(evidence)}{metric.title}, against run {baseline.pk}"
    if difference is None:
        return Finding(NAME, False, f"{against}: the two runs share no case that has a score on both sides.")
    measured = f"{against}: {_in_points(difference)}; at most {100 * margin:g} points may be lost"
    before, after, units = values_of(pairs, lambda rows: mean_of(rows, metric.name))
    cases = len(set(units))
    if is_not_worse(difference, margin=margin):
        return Finding(NAME, True, f"{measured}. Not worse.")
    if verdict_of(difference) is Verdict.WORSE or difference.value <= -margin:
        return Finding(NAME, False, f"{measured}. It is worse.", _lost(pairs, metric.name))
    needed = max(cases + 1, cases_needed(margin + difference.value, spread=spread_of(before, after)))
    words = f"{measured}. Too few cases to tell: {cases}, and about {needed} are needed; {_could_show(difference)}."
    return Finding(NAME, False, words, _lost(pairs, metric.name))


def _note(evidence: Evidence) -> str:
    wanted = evidence.dataset.primary_metric
    if wanted == evidence.primary:
        return ""
    return f"{title_of(wanted)} may not decide yet, so {title_of(PASSED).lower()} does. "


def _could_show(difference: Difference) -> str:
    return f"these could show that no more than {math.ceil(-100 * difference.low):g} points are lost"


def _in_points(difference: Difference) -> str:
    low, high = 100 * difference.low, 100 * difference.high
    return f"{100 * difference.value:+.1f} points (between {low:+.1f} and {high:+.1f})".replace("-", "−")


def _lost(pairs: Sequence[Pair], metric: str) -> tuple[int, ...]:
    """The answers that are worse than before by this metric."""
    worse = [pair for pair in pairs if metric in pair.scores and pair.scores[metric][1] < pair.scores[metric][0]]
    return tuple(row.result for pair in worse for row in pair.after if (row.value(metric) or 0) < 1)
