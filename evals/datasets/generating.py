"""The work of writing cases from a document: in a worker, kept part by part, with an outcome that people can read."""

from __future__ import annotations

from collections import Counter

import structlog
from asgiref.sync import async_to_sync
from django.conf import settings
from django.utils import timezone

import llm
from evals.datasets.sets import Refused, keep
from evals.datasets.writing import Part, checked, parts_of, write
from evals.models import CaseRevision, Dataset, Generation
from knowledge.models import Document
from llm.errors import LLMError

log = structlog.get_logger()
MOST = 40  # cases at a time
State = Generation.State


def order(dataset: Dataset, document: Document, *, wanted: int, languages: str = "", by: int | None) -> Generation:
    """Note what is to be done. Raises `Refused` while the same is being done."""
    running = Generation.objects.filter(dataset=dataset, document=document).under_way()
    if any(one.is_under_way for one in running):
        raise Refused(f"Cases are being written from “{document}” already. They appear among the proposed ones.")
    return Generation.objects.create(
        dataset=dataset,
        document=document,
        title=document.title,
        wanted=min(max(wanted, 1), MOST),
        languages=languages[:60],
        created_by_id=by,
        is_demo=settings.LLM_DEMO,
    )


def generate(generation_id: int) -> None:
    """Write the cases. Each is proposed at once; a second call for what has ended does nothing."""
    generation = Generation.objects.select_related("document__collection", "dataset").get(pk=generation_id)
    if generation.state in {State.DONE, State.FAILED}:
        return
    Generation.objects.filter(pk=generation.pk).update(state=State.RUNNING)
    try:
        kept, dropped = _write_all(generation)
    except LLMError as error:
        _end(generation, State.FAILED, problem=f"The model gave no answer that can be used ({error.code}). Try again.")
    except Refused as reason:
        _end(generation, State.FAILED, problem=str(reason))
    except Exception:
        log.exception("writing cases broke", generation=generation.pk)
        _end(generation, State.FAILED, problem="Something went wrong here. The log says what. Try again.")
    else:
        _end(generation, State.DONE, kept=kept, dropped=dict(dropped))


def _write_all(generation: Generation) -> tuple[int, Counter[str]]:
    """How many cases were kept, and how many were not by the reason."""
    document = generation.document
    parts = parts_of(document, generation.wanted) if document and not document.removed_at else []
    if not parts:
        raise Refused("The document has no text that is live. Wait until it is ready, or upload it again.")
    known = CaseRevision.objects.filter(dataset=generation.dataset, is_latest=True)  # those turned down among them
    asked = list(known.values_list("content__question", flat=True))
    kept, dropped = 0, Counter[str]()
    for part in parts:
        kept_now, dropped_now = _write_part(generation, part, asked)
        kept += kept_now
        dropped += dropped_now
        Generation.objects.filter(pk=generation.pk).update(kept=kept, dropped=dict(dropped))
    return kept, dropped


def _write_part(generation: Generation, part: Part, asked: list[str]) -> tuple[int, Counter[str]]:
    document = generation.document
    assert document  # noqa: S101 (for the types)
    languages = [one.strip() for one in generation.languages.split(",") if one.strip()]
    with llm.on_behalf_of(f"cases {generation.pk}"):
        written = async_to_sync(write)(part, document, languages=languages)
    cases, dropped = checked(written, part, document, asked=asked)
    for case in cases:
        keep(
            generation.dataset,
            case,
            origin=CaseRevision.Origin.GENERATED,
            state=CaseRevision.State.PROPOSED,
            by=generation.created_by_id,
            document=document,
        )
    return len(cases), dropped


def _end(generation: Generation, state: str, **more: object) -> None:
    Generation.objects.filter(pk=generation.pk).update(state=state, ended_at=timezone.now(), **more)
