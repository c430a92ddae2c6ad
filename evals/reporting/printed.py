"""A run's account for a terminal, and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from evals.reporting.account import Account, Line, Tally
from evals.statistics.intervals import Estimate

MARKS = {"passed": "✓", "failed": "✗", "broken": "!", "silent": "·"}


def as_table(account: Account, conclusions: Sequence[str] = ()) -> str:
    """Each answer on a line with its reasons under it, then the summaries, and at the end what comes of it."""
    lines = [line for answer in account.lines for line in _answer_lines(account, answer)]
    for title, tallies in {"grader": account.by_grader, **account.by_kind}.items():
        lines += ["", title, *(f"  {name:<18} {_tally(tally)}" for name, tally in tallies.items())]
    lines += ["", "time", *(f"  {name:<18} {value:>6.2f} s" for name, value in seconds(account).items()), ""]
    lines += [f"{name:<18} {words}" for name, words in _facts(account).items()]
    return "\n".join([*lines, *conclusions])


def as_json(account: Account, more: dict[str, Any]) -> dict[str, Any]:
    """The same as plain data: every answer with what was said of it, and the summaries."""
    headline = account.headline
    return {
        "run": account.run.pk,
        "set": account.set_name,
        "version": account.answered_by,
        "state": account.run.state,
        "metric": account.metric,
        "headline": asdict(headline) if headline else None,
        "passed": asdict(account.tally) | {"rate": account.tally.rate},
        "hard_failures": account.hard_failures,
        "grader": {name: asdict(tally) for name, tally in account.by_grader.items()},
        **{kind: {name: asdict(one) for name, one in tallies.items()} for kind, tallies in account.by_kind.items()},
        "seconds": seconds(account),
        "dollars": account.effort.dollars,
        **more,
        "cases": [_case_json(line) for line in account.lines],
    }


def seconds(account: Account) -> dict[str, float]:
    """To the first word and to the whole answer: the median, and what 95 of 100 stay under."""
    effort = account.effort
    found = {
        "first word p50": effort.first_word_p50,
        "first word p95": effort.first_word_p95,
        "answer p50": effort.p50,
        "answer p95": effort.p95,
    }
    return {name: value or 0.0 for name, value in found.items()}


def share(estimate: Estimate | None) -> str:
    """`82 % (72–89)`: a share with its 95 % interval."""
    if estimate is None:
        return "nothing to say"
    return f"{estimate.value:.1%} ({100 * estimate.low:.0f}–{100 * estimate.high:.0f})"


def money(dollars: float | None) -> str:
    return "not known" if dollars is None else f"${dollars:.4f}"


def _facts(account: Account) -> dict[str, str]:
    unpriced = account.effort.unpriced
    return {
        "run": f"{account.run.pk}, {account.set_name}, {account.run.get_state_display()}",
        "version": account.answered_by,
        "cost": money(account.effort.dollars) + (f", without {unpriced} of unknown price" if unpriced else ""),
        "hard failures": str(account.hard_failures),
        "passed": _tally(account.tally),
        account.title: f"{share(account.headline)}, over {account.headline.n if account.headline else 0} cases",
    }


def _tally(tally: Tally) -> str:
    broken = f"   {tally.broken} not judged" if tally.broken else ""
    return f"{tally.passed:>3} of {tally.judged:<3} {tally.rate:>6.1%}{broken}"


def _answer_lines(account: Account, line: Line) -> Iterator[str]:
    took = "-" if line.error else f"{line.ms / 1000:.2f} s"
    name = line.case if account.run.repetitions == 1 else f"{line.case} #{line.repetition}"
    hard = "  hard failure" if line.is_hard_failure else ""
    yield f"{MARKS[line.state]} {name:<32} {line.kinds['language']:<3} {line.kinds['audience']:<10} {took:>8}{hard}"
    for reason in line.reasons:
        yield f"    {reason}"


def _case_json(line: Line) -> dict[str, Any]:
    return {
        "id": line.case,
        "repetition": line.repetition,
        "question": line.question,
        "answer": line.text,
        "passed": {"passed": True, "failed": False}.get(line.state),
        "is_hard_failure": line.is_hard_failure,
        "error": line.error,
        "reasons": list(line.reasons),
        "ms": line.ms,
        "dollars": None if line.cost_microdollars is None else line.cost_microdollars / 1_000_000,
    }
