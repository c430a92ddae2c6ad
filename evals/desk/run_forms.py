"""The form of a new run, and the plan that it makes: what it will take, and what it will be able to show."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, cast

from django import forms
from django.conf import settings
from django.db.models import Case, Count, When

from chat.models import AssistantVersion
from chat.versions.states import live_version, version_of
from evals.datasets.sets import cases_at
from evals.desk.lists import POINTS, USUAL_SPREAD, Enough
from evals.graders import GRADERS
from evals.grading import Grader
from evals.headlines import headlines
from evals.models import CaseRevision, Dataset, Run
from evals.running import runs
from evals.running.estimating import Estimate, estimate
from evals.statistics.power import cases_needed, detectable
from knowledge.access import Viewer

MOST_LISTED = 50
LATEST, NONE = "latest", "none"
State = AssistantVersion.State


class RunForm(forms.Form):
    """What is asked of which version, and graded by whom."""

    dataset = forms.ChoiceField(label="Set")
    version = forms.ChoiceField(label="Version of the assistant")
    baseline = forms.ChoiceField(help_text="An earlier run of the same set, which this one is held against")
    repetitions = forms.IntegerField(
        label="Times each case is asked",
        min_value=1,
        max_value=runs.MOST_REPETITIONS,
        help_text="More than once shows which answers come out differently each time",
    )
    graders = forms.MultipleChoiceField(choices=())
    note = forms.CharField(
        label="What changed, and why",
        required=False,
        max_length=runs.NOTE_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="How people find this run again",
    )
    budget = forms.DecimalField(
        label="Budget in US dollars",
        required=False,
        min_value=0,
        max_value=100_000,
        decimal_places=2,
        help_text="No answer begins that would pass it. Empty: there is none",
    )

    def __init__(self, viewer: Viewer, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.viewer = viewer
        self._choose("dataset", [(one.slug, f"{one.title} ({size} cases)") for one, size in self.sized])
        self._choose("version", [(str(row.number), _version_words(row)) for row in self.versions])
        self._choose("baseline", list(self._baselines()))
        self._choose("graders", [(name, grader.title) for name, grader in GRADERS.items()])

    @cached_property
    def sized(self) -> list[tuple[Dataset, int]]:
        """The sets in use that hold a case, each with how many: first those that gate, golden ones before others."""
        approved = CaseRevision.objects.approved().order_by().values("dataset").annotate(n=Count("pk"))
        sizes = dict(approved.values_list("dataset", "n"))
        sets = Dataset.objects.visible_to(self.viewer).filter(archived_at=None, pk__in=sizes)
        is_golden = Case(When(purpose=Dataset.Purpose.GOLDEN, then=0), default=1)
        sets = sets.order_by("-gates", is_golden, "title")
        return [(one, sizes[one.pk]) for one in sets[:MOST_LISTED]]

    @property
    def sets(self) -> list[Dataset]:
        return [one for one, _ in self.sized]

    @cached_property
    def versions(self) -> list[AssistantVersion]:
        live_version()  # makes the first one
        rows = AssistantVersion.objects.visible_to(self.viewer).exclude(state=State.DISCARDED)
        return list(rows.order_by("-number")[:MOST_LISTED])

    @property
    def offered(self) -> Iterator[tuple[Grader, bool]]:
        """The shelf, and whether each grader is chosen."""
        chosen = set(self["graders"].value() or ())
        return ((grader, name in chosen) for name, grader in GRADERS.items())

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("dataset", "version", "baseline", "repetitions")]

    def plan(self) -> Plan:
        """What the form says. It is valid. Raises `Refused` for what no run can be."""
        said = self.cleaned_data
        dataset = next(one for one in self.sets if one.slug == said["dataset"])
        row = next(one for one in self.versions if str(one.number) == said["version"])
        cases = [one.case for one in cases_at(dataset)]
        graders, repetitions = said["graders"], said["repetitions"]
        cost = estimate(dataset, cases, version_of(row).assistant, repetitions=repetitions, graders=graders)
        chosen = {name: said[name] for name in sorted(said) if name not in {"note", "budget"}}
        seal = sha256(repr((chosen, row.hash, len(cases))).encode()).hexdigest()[:16]
        return Plan(dataset, row, self._baseline(dataset), cost, enough(dataset, len(cases)), seal)

    def _baseline(self, dataset: Dataset) -> Run | None:
        which = self.cleaned_data["baseline"]
        if which == NONE:
            return None
        if which == LATEST:
            return runs.default_baseline(dataset)
        return Run.objects.visible_to(self.viewer).get(pk=int(which))

    def _baselines(self) -> Iterator[tuple[str, Any]]:
        yield LATEST, "The latest run of the live version, or of any"
        yield NONE, "None"
        ended = Run.objects.visible_to(self.viewer).filter(state=Run.State.DONE).exclude(dataset_version=None)
        whole = ended.select_related("dataset_version__dataset", "assistant_version")
        listed = list(whole.defer("assistant_version__content")[:MOST_LISTED])
        for dataset in self.sets:
            of_set = [run for run in listed if run.dataset_version and run.dataset_version.dataset_id == dataset.pk]
            if of_set:
                yield dataset.title, [(str(run.pk), _run_words(run)) for run in of_set]

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices


@dataclass(frozen=True)
class Plan:
    """What a run will be. `seal` changes with all choices on which the estimate rests."""

    dataset: Dataset
    version: AssistantVersion
    baseline: Run | None
    estimate: Estimate
    enough: Enough
    seal: str

    @property
    def minutes(self) -> int:
        """0 for less than one."""
        return round(self.estimate.seconds / 60)

    @property
    def at_once(self) -> int:
        return int(settings.EVALS_CONCURRENCY)


def defaults(query: Mapping[str, str]) -> dict[str, Any]:
    """What the form says at first, or as a link to it asks for: `?set=`, `?version=`, `?baseline=`."""
    given = {"dataset": query.get("set"), "version": query.get("version")}
    usual = {"baseline": query.get("baseline", LATEST), "repetitions": "1", "graders": runs.default_graders()}
    return {name: value for name, value in given.items() if value} | usual


def enough(dataset: Dataset, size: int) -> Enough:
    """What differences two runs of so many cases can show, by the spread of the latest run that has a baseline."""
    latest = Run.objects.filter(dataset_version__dataset=dataset, state=Run.State.DONE).exclude(baseline=None)
    found = headlines(latest.select_related("dataset_version__dataset", "baseline__dataset_version__dataset")[:1])
    measured = next((one.spread for one in found.values() if one.spread), None)
    spread = measured or USUAL_SPREAD
    shown = detectable(size, spread=spread)
    needed = tuple((points, cases_needed(points / 100, spread=spread)) for points in POINTS)
    return Enough(dataset.title, size, math.ceil(shown * 100) if shown < 1 else None, needed, measured is not None)


def _version_words(row: AssistantVersion) -> str:
    note = f": {row.note[:60]}" if row.note else ""
    return f"Version {row.number}, {row.get_state_display().lower()}{note}"


def _run_words(run: Run) -> str:
    who = f"version {run.assistant_version.number}" if run.assistant_version else run.label
    return f"Run {run.pk}, {run.dataset_version}, {who}, {run.created_at:%-d %B}"
