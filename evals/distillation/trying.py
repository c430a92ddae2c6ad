"""A model that was taught is tried: the golden set beside the strong model, which taught it, and its own base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from chat.assistant import Assistant
from chat.models import AssistantVersion
from chat.versions.states import discard, find, make_draft, version_of
from evals.datasets.sets import Refused as NotFrozen
from evals.datasets.sets import freeze
from evals.distillation.options import Refused
from evals.gates.currency import changed_since
from evals.graders import GRADERS
from evals.models import Dataset, DatasetVersion, Run, TunedModel
from evals.running import runs
from evals.running.circumstances import circumstances
from evals.running.estimating import estimate

TEACHER, BASE, TUNED = "teacher", "base", "tuned"  # in the order in which they run


@dataclass(frozen=True)
class Trial:
    """One set's runs by those that are compared; None where one was not run, or its run is gone."""

    dataset: Dataset
    teacher: Run | None
    base: Run | None
    tuned: Run | None

    @property
    def is_over(self) -> bool:
        return all(run is None or not run.is_open for run in (self.teacher, self.base, self.tuned))


@dataclass(frozen=True)
class Price:
    """Of a trial. `dollars` is None where a price is not known."""

    answers: int
    seconds: float
    dollars: float | None


def try_it(tuned: TunedModel, *, sets: Sequence[Dataset] | None = None, by: int | None) -> list[Run]:
    """Runs of the strong model as it is live, of the model's own base and of the model itself over the same cases.

    Of the sets that gate, where none are named. The last two answer every question alone, all else being as it is
    live. What was run as things are now is not run again. Each run that is new waits for a worker, and is returned:
    `evals.tasks.enqueue`. Raises `Refused`.
    """
    rows = _rows(tuned, by)
    begun, kept = [], dict(tuned.runs)
    with transaction.atomic():
        for dataset in _sets(sets):
            ids: dict[str, int] = {}
            for role, run, is_new in _runs_of(dataset, rows, tuned, by):
                ids[role] = run.pk
                begun += [run] if is_new else []
            kept[str(dataset.pk)] = ids
        TunedModel.objects.filter(pk=tuned.pk).update(runs=kept)
    tuned.runs = kept
    return begun


def trials_of(tuned: TunedModel) -> list[Trial]:
    """What `try_it` has begun, set by set. Two queries."""
    datasets = Dataset.objects.in_bulk([int(pk) for pk in tuned.runs])
    found = Run.objects.in_bulk([pk for ids in tuned.runs.values() for pk in ids.values()])
    return [
        Trial(datasets[int(pk)], *(found.get(ids.get(role, 0)) for role in (TEACHER, BASE, TUNED)))
        for pk, ids in tuned.runs.items()
        if int(pk) in datasets
    ]


def price_of_trial(tuned: TunedModel, sets: Sequence[Dataset] | None = None) -> Price:
    """What it takes at most: nothing is counted off for what was run already."""
    records = _records(tuned, version_of(find("live")).assistant)
    each = [
        estimate(dataset, [row.case for row in dataset.cases.approved()], record, repetitions=1, graders=_graders())
        for dataset in _sets(sets)
        for record in records.values()
    ]
    dollars = [one.dollars for one in each if one.dollars is not None]
    known = sum(dollars) if len(dollars) == len(each) else None
    return Price(sum(one.answers for one in each), sum(one.seconds for one in each), known)


def changed(assistant: Assistant, changes: Mapping[str, Mapping[str, Any]]) -> Assistant:
    """The record with some settings of some of its parts replaced, and checked as a whole."""
    content = assistant.model_dump(mode="json")
    return Assistant.model_validate(content | {part: content[part] | settings for part, settings in changes.items()})


def _records(tuned: TunedModel, live: Assistant) -> dict[str, Assistant]:
    """The live record, and as it would be if the base or the model answered all questions."""
    if tuned.role != TunedModel.Role.SMALL:
        raise Refused(f"{tuned.name} is taught to judge: it is held against people, not run.")
    names = {BASE: tuned.base, TUNED: tuned.name}
    return {TEACHER: live} | {role: _alone(live, name) for role, name in names.items() if name}


def _alone(live: Assistant, name: str) -> Assistant:
    """All questions, the easy ones as well, go to the small model, which is this one."""
    return changed(
        live,
        {
            "answer": {"alias": "small"},
            "models": {"small": name},
            "model_choice": {"easy": "small", "compared": 0},
        },
    )


def _rows(tuned: TunedModel, by: int | None) -> dict[str, AssistantVersion]:
    """A version for each record. Those that are made for the trial are discarded drafts: runs name them, no list does,
    and nobody publishes one by mistake.
    """
    live = find("live")
    rows = {}
    for role, record in _records(tuned, version_of(live).assistant).items():
        row = live if role == TEACHER else AssistantVersion.objects.filter(hash=record.hash).order_by("number").first()
        if row is None:
            name = tuned.base if role == BASE else tuned.name
            row = make_draft(record, based_on=live, by=by, note=f"For the trial of {tuned.name}: {name} answers all")
            discard(row)
            row.refresh_from_db()
        rows[role] = row
    return rows


def _sets(sets: Sequence[Dataset] | None) -> list[Dataset]:
    """Those named, else those that gate, else the golden ones: of each only what has a case."""
    in_use = Dataset.objects.in_use()
    chosen = list(sets) if sets is not None else list(in_use.filter(gates=True))
    chosen = chosen or list(in_use.filter(purpose=Dataset.Purpose.GOLDEN))
    found = [dataset for dataset in chosen if dataset.cases.approved().exists()]
    if not found:
        raise Refused("There is no set to try it on: make a golden set with a case, or let a set gate.")
    return found


def _runs_of(
    dataset: Dataset, rows: Mapping[str, AssistantVersion], tuned: TunedModel, by: int | None
) -> list[tuple[str, Run, bool]]:
    """The role, its run, and whether it is new. The first one is what the others are compared with."""
    try:
        cases = freeze(dataset, by=by)
        found: list[tuple[str, Run, bool]] = []
        for role, row in rows.items():
            baseline = found[0][1] if found else None
            there = _as_it_is_now(cases, row)
            note = f"For the trial of {tuned.name}: {'as it is live' if role == TEACHER else role}"
            run = there or runs.start(cases, row, graders=_graders(), baseline=baseline, note=note, by=by)
            found.append((role, run, there is None))
    except (NotFrozen, runs.Refused) as problem:
        raise Refused(str(problem)) from problem
    return found


def _as_it_is_now(cases: DatasetVersion, row: AssistantVersion) -> Run | None:
    """A run of the version over these cases, by the same graders, documents, models and code, over or under way."""
    wanted, now = runs.versions_of(_graders()), circumstances(version_of(row).models)
    states = [Run.State.WAITING, Run.State.RUNNING, Run.State.DONE]
    same = Run.objects.filter(dataset_version=cases, assistant_hash=row.hash, state__in=states)
    return next((run for run in same if run.graders == wanted and not changed_since(run, now)), None)


def _graders() -> list[str]:
    """Those that say something of one answer; answers are compared in pairs on the page of two runs."""
    return [name for name in runs.default_graders() if not GRADERS[name].compares]
