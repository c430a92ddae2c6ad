"""`make bench-evals`: what the runner adds to the model's own time, and how fast pages over large runs are.

The runner is measured beside a plain loop that asks the same cases of the same paced stand-in, as many at a time, and
neither stores nor grades; both three times, in turns, and the quicker of each counts. The pages show two runs of 1,000
answers with 6 graders. Figures are ratios to their limits: below 1 is good. CASES and AT_ONCE choose the load.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.benchmarks.search import ROOT, own_database

CASES = int(os.environ.get("CASES", "48"))
AT_ONCE = int(os.environ.get("AT_ONCE", "8"))
MODEL = "paced-600-60-60"  # 1.6 seconds for an answer
ROUNDS = 3
MOST_OVERHEAD = 0.10
PAGE_SECONDS, COMPARISON_SECONDS = 0.5, 3.0
ANSWERS = 1_000
GRADERS = ("must_include", "cites_source", "citations", "format", "fact_vs_expert", "tone")


def measure_runner() -> dict[str, float]:
    """Seconds of the plain loop and of the runner, and what the second takes longer, as a share of the first."""
    from evals.running.runs import start
    from tests.evals.factories import case, dataset
    from tests.evals.running.starting import live_row, newest, worked
    from tests.factories import help_centre

    help_centre()
    cases = [
        case(f"case-{n}", question=f"How much is the late fee for loan {n}?", must_include=["$35"])
        for n in range(CASES)
    ]
    version = newest(dataset(*cases))
    plain, runner = [], []
    for _ in range(ROUNDS):
        plain.append(timed(lambda: asyncio.run(ask_all(cases))))
        run = start(version, live_row())
        runner.append(timed(lambda run=run: worked(run, seconds=600)))  # type: ignore[misc]
        run.refresh_from_db()
        if run.state != run.State.DONE or run.results.filter(error="").count() != CASES:
            raise SystemExit(f"the run is {run.state}: {run.problem}")
    overhead = min(runner) / min(plain) - 1
    return {
        "plain_seconds": min(plain),
        "runner_seconds": min(runner),
        "overhead": overhead,
        "overhead_to_limit": overhead / MOST_OVERHEAD,
    }


async def ask_all(cases: Sequence[Any]) -> None:
    """Only the answers, so many at a time."""
    from chat.versions.states import live_version
    from evals.running.asking import ask
    from llm.database import in_database

    version, places = await in_database(live_version), asyncio.Semaphore(AT_ONCE)

    async def one(case: Any) -> None:
        async with places:
            await ask(case, version)

    await asyncio.gather(*(one(case) for case in cases))


def measure_pages() -> dict[str, float]:
    """Seconds until the pages of one run and of two are there: the first time, and as a rule."""
    from django.test import Client
    from django.urls import reverse

    from tests.people import person

    before, after = large_runs()
    client = Client(headers={"host": "localhost"})
    client.force_login(person("admin"))
    paths = {
        "page": (reverse("run", args=[after]), PAGE_SECONDS),
        "comparison": (f"{reverse('compare_runs')}?a={before}&b={after}", COMPARISON_SECONDS),
    }
    figures: dict[str, float] = {}
    for name, (path, limit) in paths.items():
        times = [timed(lambda path=path: opened(client, path)) for _ in range(4)]  # type: ignore[misc]
        figures[f"{name}_first_seconds"], figures[f"{name}_seconds"] = times[0], sorted(times[1:])[1]
        figures[f"{name}_to_limit"] = figures[f"{name}_seconds"] / limit
    return figures


def opened(client: Any, path: str) -> None:
    answer = client.get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{path} answers {answer.status_code}")


def large_runs() -> tuple[int, int]:
    """Two runs of one set of 1,000 cases, the second a little better; all rows made at once."""
    from django.utils import timezone

    from evals.datasets.sets import freeze
    from evals.models import CaseRevision, Dataset, Run
    from tests.evals.factories import case
    from tests.evals.running.starting import live_row

    made = Dataset.objects.create(slug="large", title="Large")
    cases = [case(f"case-{n}", language=("en", "es", "zh")[n % 3], tags=[f"tag-{n % 7}"]) for n in range(ANSWERS)]
    CaseRevision.objects.bulk_create(
        CaseRevision(dataset=made, key=one.id, content=one.model_dump(mode="json"), hash=one.hash) for one in cases
    )
    version, row = freeze(made), live_row()
    ids: list[int] = []
    for chance in (0.80, 0.84):
        run = Run.objects.create(
            dataset_version=version,
            assistant_version=row,
            assistant_hash=row.hash,
            baseline_id=ids[0] if ids else None,
            state=Run.State.DONE,
            expected=ANSWERS,
            graders={name: {"version": "0123456789ab", "model": ""} for name in GRADERS},
            started_at=timezone.now(),
            ended_at=timezone.now(),
        )
        fill(run, list(version.cases.order_by("key")), chance)
        ids.append(run.pk)
    return ids[0], ids[1]


def fill(run: Any, rows: Sequence[Any], chance: float) -> None:
    """An answer to each case and a grade by each grader, as their graders might have said them."""
    from evals.models import Grading, Result
    from tests.evals.factories import answer

    dice, kept = random.Random(run.pk), answer().as_json()
    results = Result.objects.bulk_create(
        Result(
            run=run,
            case=row,
            question=row.case.question,
            text=kept["text"],
            answer=kept,
            served_by="model",
            model="demo-strong",
            ms=dice.randrange(500, 4_000),
            first_word_ms=dice.randrange(100, 900),
            cost_microdollars=dice.randrange(500, 3_000),
            passed=dice.random() < chance,
        )
        for row in rows
    )
    Grading.objects.bulk_create(
        Grading(
            result=result,
            grader=name,
            version="0123456789ab",
            outcome="scored",
            score=float(bool(is_good)),
            passed=is_good,
            label=("same" if is_good else "subset") if name == "fact_vs_expert" else "",
            reason="" if is_good else "It says something else than the expert’s answer does.",
        )
        for result in results
        for name in GRADERS
        for is_good in [result.passed if name == "must_include" else dice.random() < chance]
    )


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    os.environ |= {"LLM_STRONG_MODEL": MODEL, "EVALS_CONCURRENCY": str(AT_ONCE), "EVALS_LEASE_SECONDS": "60"}
    with own_database():
        figures = measure_runner() | measure_pages()
    print(f"{CASES} cases, {AT_ONCE} at a time; pages of {ANSWERS:,} answers × {len(GRADERS)} graders")
    for name, figure in figures.items():
        print(f"{name:<28}{figure:>10.3f}")
    out = ROOT / "var" / "bench" / "evals.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps({name: round(figure, 4) for name, figure in figures.items()}, indent=2) + "\n")


if __name__ == "__main__":
    main()
