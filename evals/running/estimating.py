"""What a run will take, said before it begins: from earlier runs where there are some, else from lengths of texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Avg, QuerySet

from chat.assistant import Assistant
from evals.cases import Case
from evals.graders import GRADERS
from evals.grading import Grader
from evals.models import Dataset, Grading, Result
from evals.rubrics import rubric
from evals.running.circumstances import circumstances
from llm.behalf import on_behalf_of
from llm.catalogue import model_for
from llm.events import Alias, Usage
from llm.prices import cost_in_microdollars, price_of

CHARACTERS_A_TOKEN = 4
TOKENS_A_WORD = 1.4
WORDS_OF_A_PASSAGE = 180
TOKENS_OF_AN_ANSWER = 250
TOKENS_OF_A_VERDICT = 300
SECONDS_OF_AN_ANSWER, SECONDS_OF_A_VERDICT = 6.0, 5.0  # of a model of today, where nothing was measured here
MOST_LOOKED_AT = 500  # of the latest answers


@dataclass(frozen=True)
class Estimate:
    """What `answers` answers with their grades will take. `microdollars` is None where no price is known of a model in
    `unpriced`; `is_measured` says that earlier answers to the same set by the same models tell it."""

    answers: int
    microdollars: int | None
    seconds: float
    is_measured: bool
    unpriced: tuple[str, ...] = ()

    @property
    def dollars(self) -> float | None:
        return None if self.microdollars is None else self.microdollars / 1_000_000


@dataclass(frozen=True)
class _Each:
    """What one answer, or one verdict, takes."""

    microdollars: float
    seconds: float


def estimate(
    dataset: Dataset, cases: Sequence[Case], assistant: Assistant, *, repetitions: int, graders: Sequence[str]
) -> Estimate:
    """Of a run that asks these cases so often, and has the answers graded. Three queries."""
    judges = _judges(graders)
    answers = len(cases) * repetitions
    with on_behalf_of("", models=assistant.models.model_dump()):
        seen = _latest(dataset, assistant)
        one = _measured_answer(seen) or _answer_by_length(cases, assistant)
    verdicts = [_measured_verdict(judge, seen) or _verdict_by_length(judge, assistant) for judge in judges]
    seconds = answers * (one.seconds + sum(each.seconds for each in verdicts)) / settings.EVALS_CONCURRENCY
    unpriced = unknown_price(assistant, graders)
    cost = answers * (one.microdollars + sum(each.microdollars for each in verdicts))
    return Estimate(answers, None if unpriced else round(cost), seconds, bool(seen), unpriced)


def unknown_price(assistant: Assistant, graders: Sequence[str]) -> tuple[str, ...]:
    """The models that a run would ask and of which no price is known."""
    with on_behalf_of("", models=assistant.models.model_dump()):
        names = {model_for(alias).name for alias in _answering(assistant)}
    names |= {judge.model for judge in _judges(graders)}
    return tuple(sorted(name for name in names if price_of(name) is None))


def _judges(graders: Sequence[str]) -> list[Grader]:
    return [GRADERS[name] for name in graders if GRADERS[name].kind == "judge"]


def _latest(dataset: Dataset, assistant: Assistant) -> list[int]:
    """Results of the same set, by the models that the assistant would ask now."""
    models = circumstances(assistant.models.model_dump())["models"]
    names = {model_for(alias).name for alias in _answering(assistant)}
    same = {f"run__circumstances__models__{alias}": models[alias] for alias in ("strong", "small")}
    found = Result.objects.filter(run__dataset_version__dataset=dataset, error="", model__in=names, **same)
    return list(found.order_by("-pk").values_list("pk", flat=True)[:MOST_LOOKED_AT])


def _measured_answer(seen: Sequence[int]) -> _Each | None:
    return _means(Result.objects.filter(pk__in=seen)) if seen else None


def _measured_verdict(judge: Grader, seen: Sequence[int]) -> _Each | None:
    said = Grading.objects.by_machines().filter(grader=judge.name, model=judge.model, result__in=seen)
    return _means(said) if seen and said.exists() else None


def _means(rows: QuerySet[Result] | QuerySet[Grading]) -> _Each:
    means = rows.aggregate(cost=Avg("cost_microdollars"), ms=Avg("ms"))
    return _Each(means["cost"] or 0.0, (means["ms"] or 0.0) / 1000)


def _answer_by_length(cases: Sequence[Case], assistant: Assistant) -> _Each:
    """Prompt, passages, conversation and question to read; an answer of usual length to write."""
    said = sum(len(case.question) + sum(len(s.question) + len(s.reply) for s in case.history) for case in cases)
    prompt = len(assistant.prompts.get("answer", "")) + sum(len(e.question) + len(e.answer) for e in assistant.examples)
    read = prompt / CHARACTERS_A_TOKEN + _passages(assistant) + said / CHARACTERS_A_TOKEN / max(1, len(cases))
    usage = Usage(round(read), min(TOKENS_OF_AN_ANSWER, assistant.answer.max_tokens))
    return _Each(cost_in_microdollars(model_for(assistant.answer.alias).name, usage) or 0, SECONDS_OF_AN_ANSWER)


def _verdict_by_length(judge: Grader, assistant: Assistant) -> _Each:
    rubrics = sum(len(rubric(name)) for name in judge.rubrics)
    read = rubrics / CHARACTERS_A_TOKEN + TOKENS_OF_AN_ANSWER + _passages(assistant)
    usage = Usage(round(read), TOKENS_OF_A_VERDICT)
    return _Each(cost_in_microdollars(judge.model, usage) or 0, SECONDS_OF_A_VERDICT)


def _passages(assistant: Assistant) -> float:
    """Tokens of the passages that an answer is given."""
    return assistant.retrieval.passages * WORDS_OF_A_PASSAGE * TOKENS_A_WORD


def _answering(assistant: Assistant) -> set[Alias]:
    return {assistant.answer.alias, assistant.easy_alias}
