"""How a run begins: what is to be asked of which version, graded by whom, held against what, for how much money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from chat.assistant import Assistant, Version
from chat.models import AssistantVersion
from chat.versions.states import live_version, version_of
from evals.graders import GRADERS
from evals.models import Dataset, DatasetVersion, Run
from evals.running.changes import changed_around, changed_in_record, judges_changed
from evals.running.circumstances import circumstances
from evals.running.estimating import Estimate, estimate, unknown_price
from llm.cleaning import clean

MOST_REPETITIONS = 20
MOST_ANSWERS = 20_000
NOTE_CHARACTERS = 400
State, Trigger = Run.State, Run.Trigger


class Refused(Exception):
    """A run cannot begin, or go on, so; the message says why, and what to do."""


def start(
    dataset_version: DatasetVersion,
    assistant_version: AssistantVersion,
    *,
    repetitions: int = 1,
    graders: Sequence[str] | None = None,
    baseline: Run | None = None,
    note: str = "",
    budget_microdollars: int | None = None,
    trigger: str = Trigger.DESK,
    by: int | None = None,
) -> Run:
    """A run that waits for a worker: `evals.tasks.enqueue` asks for one. Raises `Refused`.

    Without `graders` those of `default_graders` grade it. What differs from the baseline is found out and kept, with
    the models, documents and code of this moment, and the version's record, should it be a draft, as it is now.
    """
    names = _known(default_graders() if graders is None else graders)
    assistant = version_of(assistant_version).assistant
    _check(dataset_version, repetitions, baseline, compares=any(GRADERS[name].compares for name in names))
    _check_budget(assistant, names, budget_microdollars)
    now = _circumstances(assistant_version)
    recorded = versions_of(names)
    cost = estimate_of(dataset_version, assistant, repetitions=repetitions, graders=names)
    return Run.objects.create(
        dataset_version=dataset_version,
        assistant_version=assistant_version,
        assistant_hash=assistant_version.hash,
        baseline=baseline,
        repetitions=repetitions,
        trigger=trigger,
        changed=changed_since(baseline, assistant, now, recorded, dataset_version) if baseline else [],
        note=clean(note).strip()[:NOTE_CHARACTERS],
        graders=recorded,
        circumstances=now,
        budget_microdollars=budget_microdollars,
        estimate_microdollars=cost.microdollars,
        expected=dataset_version.size * repetitions,
        created_by_id=by,
    )


def default_graders() -> list[str]:
    """All of the shelf. While the demo model judges, only those that ask no model: its verdicts say nothing."""
    return [name for name, grader in GRADERS.items() if not grader.is_demo]


def versions_of(graders: Sequence[str]) -> dict[str, dict[str, str]]:
    """As `Run.graders` keeps them."""
    return {name: {"version": GRADERS[name].version, "model": GRADERS[name].model} for name in graders}


def default_baseline(dataset: Dataset) -> Run | None:
    """The latest run of the set that is done and was answered by the live version, else by any; None without one."""
    done = Run.objects.filter(dataset_version__dataset=dataset, state=State.DONE).exclude(trigger=Trigger.IMPORT)
    return done.filter(assistant_hash=live_version().hash).first() or done.first()


def version_of_run(run: Run) -> Version:
    """The version that answers a run, as it was when the run began: a draft may have changed. Raises `Refused`."""
    row = run.assistant_version
    if row is None:
        raise Refused("No version of the assistant answered this run: its answers came from a file.")
    if run.assistant_hash in {"", row.hash}:
        return version_of(row)
    content = run.circumstances.get("assistant")
    if content is None:
        raise Refused(f"Version {row.number} has changed since this run began. Start another run.")
    return Version(row.number, Assistant.model_validate(content, extra="ignore"), row.pk, run.assistant_hash)


def changed_since(
    baseline: Run,
    assistant: Assistant,
    now: dict[str, Any],
    graders: dict[str, dict[str, str]],
    dataset_version: DatasetVersion,
) -> list[str]:
    """The parts that differ from the baseline, each once: of the record, of what is around it, of set and judges."""
    try:
        parts = changed_in_record(version_of_run(baseline).assistant, assistant)
    except Refused:
        parts = ["assistant"]
    parts += changed_around(baseline.circumstances, now)
    if judges_changed(baseline.graders, graders):
        parts.append("judge")
    if baseline.dataset_version_id != dataset_version.pk:
        parts.append("cases")
    return list(dict.fromkeys(parts))


def estimate_of(
    dataset_version: DatasetVersion, assistant: Assistant, *, repetitions: int, graders: Sequence[str]
) -> Estimate:
    """What a run of a frozen set will take."""
    cases = [row.case for row in dataset_version.cases.all()]
    return estimate(dataset_version.dataset, cases, assistant, repetitions=repetitions, graders=graders)


def _circumstances(row: AssistantVersion) -> dict[str, Any]:
    """Of now; with a draft's record, because a draft is edited on."""
    kept = {"assistant": row.content} if row.state == AssistantVersion.State.DRAFT else {}
    return circumstances(version_of(row).models) | kept


def _known(names: Sequence[str]) -> list[str]:
    """The names in the shelf's order, each once. Raises `Refused`."""
    if unknown := sorted(set(names) - set(GRADERS)):
        raise Refused(f"There is no grader {', '.join(unknown)}. There are: {', '.join(GRADERS)}.")
    if not names:
        raise Refused("Choose at least one grader: without one the answers are kept and nothing is said of them.")
    return [name for name in GRADERS if name in names]


def _check(version: DatasetVersion, repetitions: int, baseline: Run | None, *, compares: bool) -> None:
    if not 1 <= repetitions <= MOST_REPETITIONS:
        raise Refused(f"Each case is asked from 1 to {MOST_REPETITIONS} times.")
    if version.size * repetitions > MOST_ANSWERS:
        raise Refused(f"That would be {version.size * repetitions:,} answers; a run has at most {MOST_ANSWERS:,}.")
    if baseline is None:
        return
    if baseline.dataset_version is None or baseline.dataset_version.dataset_id != version.dataset_id:
        raise Refused(f"Run {baseline.pk} is of another set: a baseline has answered the same cases.")
    if baseline.is_open and compares:
        raise Refused(f"Run {baseline.pk} is still under way: its answers are compared with, so it has to end first.")


def _check_budget(assistant: Assistant, graders: Sequence[str], budget: int | None) -> None:
    if budget is None:
        return
    if budget <= 0:
        raise Refused("A budget is more than nothing. Leave it empty for a run without one.")
    if unpriced := unknown_price(assistant, graders):
        where = "the demo model costs nothing" if settings.LLM_DEMO else "or say it in LLM_PRICES"
        raise Refused(
            f"No price is known of {', '.join(unpriced)}, so a budget could not hold the run back. "
            f"Leave the budget empty: {where}."
        )
