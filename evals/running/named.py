"""What a command names: a set by its slug or a file, a baseline by its number."""

from __future__ import annotations

from pathlib import Path

from django.utils.text import slugify

from evals.datasets.files import Unreadable, load
from evals.datasets.sets import Refused as SetRefused
from evals.datasets.sets import add_all, freeze, remove
from evals.models import CaseRevision, Dataset, DatasetVersion, Run
from evals.running.runs import Refused, default_baseline

FILES = {".jsonl", ".json", ".csv"}


def set_named(name: str) -> DatasetVersion:
    """`support` as it is now, `support@3`, or a file of cases, which is kept as a set of its own. Raises `Refused`."""
    try:
        if Path(name).suffix in FILES:
            return freeze(_kept(Path(name)))
        slug, _, number = name.partition("@")
        dataset = Dataset.objects.filter(slug=slug).first()
        if dataset is None:
            raise Refused(f"There is no set {slug!r}. There are: {_all_sets()}. Or name a file that ends in .jsonl.")
        return freeze(dataset) if not number else dataset.versions.get(number=int(number))
    except (Unreadable, SetRefused) as problem:
        raise Refused(str(problem)) from problem
    except (DatasetVersion.DoesNotExist, ValueError):
        raise Refused(f"There is no version {name}: write the set alone for the cases as they are now.") from None


def baseline_named(which: str, dataset: Dataset) -> Run | None:
    """`live` is the latest run of the live version, or else of any, and may be none; else a run's number."""
    if which in {"", "live"}:
        return default_baseline(dataset) if which else None
    run = Run.objects.filter(pk=int(which)).first() if which.isdecimal() and len(which) < 19 else None
    if run is None:
        raise Refused(f"There is no run {which}: a baseline is a run's number, or live.")
    return run


def run_named(number: int) -> Run:
    run = Run.objects.exclude(trigger=Run.Trigger.ONLINE).filter(pk=number).first()
    if run is None:
        raise Refused(f"There is no run {number}.")
    return run


def _kept(path: Path) -> Dataset:
    """The file's cases, and no others, in a set that is called after the file."""
    cases = load(path)
    slug = f"file-{slugify(path.stem)[:50] or 'cases'}"
    dataset, _ = Dataset.objects.get_or_create(slug=slug, defaults={"title": path.name[:120]})
    add_all(dataset, cases, origin=CaseRevision.Origin.IMPORTED)
    names = {case.id for case in cases}
    for row in CaseRevision.objects.filter(dataset=dataset).present().exclude(key__in=names):
        remove(row)
    return dataset


def _all_sets() -> str:
    return ", ".join(Dataset.objects.in_use().values_list("slug", flat=True)) or "none yet; load_sample brings some"
