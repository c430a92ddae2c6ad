"""A run whose answers come from a file: of another system, or of a public set with what people said of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Annotated, Any, Literal, Self

from django.db import transaction
from django.db.models.functions import Now
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from chat.assistant import Text
from evals.answers import Answer, Source
from evals.graders import GRADERS
from evals.grading import Outcome
from evals.models import CaseRevision, DatasetVersion, Grading, Result, Review, Run
from evals.running import runs
from evals.running.runs import Refused

MOST_BYTES = 100_000_000
MOST_LINES = 20_000
PASSES_AT = 4  # of five points
Word = Annotated[Text, Field(max_length=60)]


class Passage(BaseModel):
    """What the answer was given to read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Text = Field(max_length=40_000)
    name: Annotated[Text, Field(max_length=255)] = ""
    title: Annotated[Text, Field(max_length=255)] = ""


class Said(BaseModel):
    """One grade: by a machine, or by a person, who is told from others by a name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    grader: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$", description="lower case, digits and _")]
    label: Annotated[Text, Field(max_length=40)] = ""
    points: Annotated[int, Field(ge=1, le=5)] | None = None
    score: Annotated[float, Field(ge=0, le=1)] | None = None
    passed: bool | None = None
    by: Literal["machine", "person"] = "machine"
    person: Word = ""
    model: Annotated[Text, Field(max_length=200)] = ""
    reason: Annotated[Text, Field(max_length=8_000)] = ""

    @model_validator(mode="after")
    def says_something(self) -> Self:
        if self.points is self.score is self.passed is None and self._worth is None:
            raise ValueError("say points, a score or passed; a label alone does where our grader of that name has it")
        return self

    @property
    def value(self) -> float:
        """From 0 to 1: the score, or what points, the label of a grader of ours, or a pass stand for."""
        if self.score is not None:
            return self.score
        if self.points is not None:
            return (self.points - 1) / 4
        return float(bool(self.passed)) if self._worth is None else self._worth

    @property
    def is_pass(self) -> bool | None:
        if self.passed is not None:
            return self.passed
        if self.points is not None:
            return self.points >= PASSES_AT
        return None if self._worth is None else self._worth >= GRADERS[self.grader].passes_from

    @property
    def _worth(self) -> float | None:
        """What the label is worth by the grader of that name on our shelf."""
        labels = GRADERS[self.grader].labels if self.grader in GRADERS else ()
        if self.label not in labels:
            return None
        place, scores = labels.index(self.label), GRADERS[self.grader].scores
        return scores[place] if scores else 1 - place / max(1, len(labels) - 1)

    @property
    def key(self) -> tuple[str, int | None, bool | None]:
        """What makes two people's words the same."""
        return self.label, self.points, self.passed


class Imported(BaseModel):
    """One line: the answer to a case of the set, or the `error` that came instead of one. Seconds from the question."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    case: str
    answer: Text = Field(default="", max_length=64_000)
    repetition: int = Field(default=1, ge=1, le=runs.MOST_REPETITIONS)
    error: Annotated[Text, Field(max_length=80)] = ""
    cited: tuple[Annotated[Text, Field(max_length=255)], ...] = Field(default=(), max_length=100)
    passages: tuple[Passage | Text, ...] = Field(default=(), max_length=100)
    model: Annotated[Text, Field(max_length=200)] = ""
    seconds: float = Field(default=0.0, ge=0, le=86_400)
    dollars: float | None = Field(default=None, ge=0, le=1_000)
    passed: bool | None = None
    grades: tuple[Said, ...] = Field(default=(), max_length=200)

    @model_validator(mode="after")
    def has_an_answer(self) -> Self:
        if bool(self.answer) == bool(self.error):
            raise ValueError("a line has either an answer or an error")
        return self

    def as_answer(self) -> Answer:
        given = [passage if isinstance(passage, Passage) else Passage(text=passage) for passage in self.passages]
        numbers = {name: number for number, name in enumerate(self.cited, start=1)}
        return Answer(
            self.answer,
            cited=self.cited,
            found=tuple(dict.fromkeys(passage.name for passage in given if passage.name)),
            model=self.model,
            whole_after=self.seconds,
            passages=tuple(Source(one.name, one.title, one.text, numbers.get(one.name, 0)) for one in given),
            dollars=self.dollars,
            served_by="imported",
        )


def read(data: bytes) -> list[Imported]:
    """The lines of a file. Raises `Refused`, which names the line and what is wrong; then nothing of it is taken."""
    if len(data) > MOST_BYTES:
        raise Refused(f"The file is larger than {MOST_BYTES // 1_000_000} MB. Cut it into several.")
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise Refused("The file is not UTF-8 text.") from None
    found = [_line(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if not found or len(found) > MOST_LINES:
        raise Refused(f"The file holds {len(found):,} answers; from 1 to {MOST_LINES:,} are read.")
    twins = [pair for pair, count in Counter((one.case, one.repetition) for one in found).items() if count > 1]
    if twins:
        raise Refused(f"Case {twins[0][0]} is answered twice in repetition {twins[0][1]}: number the repetitions.")
    return found


@transaction.atomic
def import_answers(
    dataset_version: DatasetVersion, answers: Sequence[Imported], *, label: str, note: str = "", by: int | None = None
) -> Run:
    """A run that has ended, with these answers and all that was said of them. Raises `Refused`.

    `steering.grade_again` has the shelf's graders grade them. People's words count as said blind: a word that more than
    half of them said is settled, others are words without an end.
    """
    cases = {row.key: row for row in dataset_version.cases.all()}
    if strangers := sorted({one.case for one in answers} - set(cases)):
        raise Refused(f"{dataset_version} has no case {', '.join(strangers[:5])}: import the cases first.")
    if not label.strip():
        raise Refused("Give the answers a label: it says whose they are.")
    run = Run.objects.create(
        dataset_version=dataset_version,
        label=label.strip()[:120],
        note=note.strip()[: runs.NOTE_CHARACTERS],
        trigger=Run.Trigger.IMPORT,
        state=Run.State.DONE,
        repetitions=max(one.repetition for one in answers),
        expected=len(answers),
        graders=_machines(answers),
        started_at=Now(),
        ended_at=Now(),
        created_by_id=by,
    )
    results = Result.objects.bulk_create(_result(run, cases[one.case], one) for one in answers)
    for result, one in zip(results, answers, strict=True):
        _keep_grades(result, one.grades)
    run.refresh_from_db()
    return run


def _line(number: int, line: str) -> Imported:
    try:
        return Imported.model_validate(json.loads(line))
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"]) or "the line"
        raise Refused(f"Line {number}, {where}: {problem['msg']}.") from None
    except (ValueError, RecursionError):
        raise Refused(f"Line {number} is not a JSON object.") from None


def _machines(answers: Sequence[Imported]) -> dict[str, dict[str, str]]:
    said = (said for one in answers for said in one.grades if said.by == "machine")
    return {one.grader: {"version": _version_of(one), "model": one.model} for one in said}


def _version_of(said: Said) -> str:
    """Another system's judge under our grader's name is a version of its own, told apart by its model."""
    return sha256(f"imported {said.model}".encode()).hexdigest()[:12]


def _result(run: Run, case: CaseRevision, one: Imported) -> Result:
    return Result(
        run=run,
        case=case,
        question=case.case.question,
        repetition=one.repetition,
        text=one.answer,
        error=one.error,
        answer=one.as_answer().as_json(),
        served_by="imported",
        model=one.model,
        ms=round(one.seconds * 1000),
        cost_microdollars=None if one.dollars is None else round(one.dollars * 1_000_000),
        passed=None if one.error else one.passed,
    )


def _keep_grades(result: Result, grades: Sequence[Said]) -> None:
    machines = {said.grader: said for said in grades if said.by == "machine"}
    by_people = (said for said in grades if said.by == "person")
    people = {(said.grader, said.person or f"person {n}"): said for n, said in enumerate(by_people, start=1)}
    rows = [_grading(result, said) for said in machines.values()]
    for grader in dict.fromkeys(name for name, _ in people):
        words = [(person, said) for (name, person), said in people.items() if name == grader]
        rows += _of_people(result, grader, words)
    Grading.objects.bulk_create(rows)


def _of_people(result: Result, grader: str, words: list[tuple[str, Said]]) -> Iterable[Grading]:
    """Their words under one review. The word that most of them said comes last, which is the one that holds."""
    most, count = Counter(said.key for _, said in words).most_common(1)[0]
    is_settled = count > len(words) / 2
    state = Review.State.SETTLED if is_settled else Review.State.DROPPED
    review = Review.objects.create(
        result=result, grader=grader, state=state, wanted=len(words), reason="imported", settled_at=Now()
    )
    ordered = sorted(words, key=lambda one: one[1].key == most)
    return [_grading(result, said, rater=person, is_human=True, review=review) for person, said in ordered]


def _grading(result: Result, said: Said, **more: Any) -> Grading:
    return Grading(
        result=result,
        grader=said.grader,
        version=_version_of(said) if said.by == "machine" else "",
        model=said.model,
        outcome=Outcome.SCORED.value,
        label=said.label,
        points=said.points,
        score=said.value,
        passed=said.is_pass,
        reason=said.reason,
        **more,
    )
