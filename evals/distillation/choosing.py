"""From all that was approved to the lines of a set: each step says how many it leaves out, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from evals.distillation import golden
from evals.distillation.candidates import Candidate, LeftOut
from evals.distillation.collecting import COLLECTORS
from evals.distillation.files import as_line
from evals.distillation.formats import line_of, problem_in, tokens_of
from evals.distillation.grouping import clusters_of, within_limits, without_twins
from evals.distillation.licensing import check_known, licence_for
from evals.distillation.masking import has_personal_data, masked
from evals.distillation.options import Options
from evals.distillation.splitting import chance, split
from evals.distillation.vectors import Texts, vectors_of

Beat = Callable[[str, int, int], None]  # what is being done, how much of it is done, of how much
OFTEN = 25  # candidates between two signs of life


@dataclass(frozen=True)
class Line:
    """A line of the set, and what it was made of."""

    candidate: Candidate
    line: dict[str, Any]
    key: str
    tokens: int
    cluster: str = ""
    part: str = ""


@dataclass
class Chosen:
    """The lines in the order in which they are written, why others are left out, and how far golden cases are."""

    lines: list[Line] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    golden: dict[str, Any] = field(default_factory=dict)


def choose(kind: str, grader: str, options: Options, beat: Beat) -> Chosen:
    """All steps. Raises `Refused` where no licence is known, and an `LLMError` where there are no vectors."""
    chosen = Chosen()
    candidates = _licensed(_collected(kind, grader, options, chosen, beat), options, chosen)
    lines = _sound(kind, [masked(one) for one in candidates], options, chosen, beat)
    chosen.golden = golden.report([], left_out=0, cases=0, options=options)
    lines = _told_apart(kind, lines, options, chosen, beat)
    clusters = [one.cluster for one in lines]
    strata = [f"{one.candidate.language} {one.candidate.topic}" for one in lines]
    parts = split(clusters, strata, share=options.share, seed=options.seed)
    placed = [replace(one, part=part) for one, part in zip(lines, parts, strict=True)]
    chosen.lines = sorted(placed, key=lambda one: (one.part, chance(one.key, options.seed)))
    return chosen


def _collected(kind: str, grader: str, options: Options, chosen: Chosen, beat: Beat) -> list[Candidate]:
    found: list[Candidate] = []
    for number, one in enumerate(COLLECTORS[kind](options, grader)):
        if number % OFTEN == 0:
            beat("Looking at what was approved", number, 0)
        if isinstance(one, LeftOut):
            chosen.left_out[one.reason] += one.count
        else:
            found.append(one)
    return found


def _licensed(candidates: Sequence[Candidate], options: Options, chosen: Chosen) -> list[Candidate]:
    check_known((teacher for one in candidates for teacher in one.teachers), options.pupil)
    kept = [one for one in candidates if all(licence_for(teacher, options.pupil)[0] for teacher in one.teachers)]
    _count(chosen, "licence", len(candidates) - len(kept))
    return kept


def _sound(kind: str, candidates: Sequence[Candidate], options: Options, chosen: Chosen, beat: Beat) -> list[Line]:
    """Those that are a line that the provider takes, with nothing personal in it, each once."""
    found: dict[str, Line] = {}
    for number, candidate in enumerate(candidates):
        if number % OFTEN == 0:
            beat("Masking and checking lines", number, len(candidates))
        line = line_of(kind, candidate)
        tokens = tokens_of(line)
        key = sha256(as_line(line)).hexdigest()
        if why_not := _objection(kind, line, tokens, candidate, options) or ("twin" if key in found else ""):
            chosen.left_out[why_not] += 1
        else:
            found[key] = Line(candidate, line, key, tokens)
    return list(found.values())


def _objection(kind: str, line: dict[str, Any], tokens: int, candidate: Candidate, options: Options) -> str:
    if kind == "preferences" and candidate.good.strip() == candidate.bad.strip():
        return "same_answer"
    if problem_in(kind, line):
        return "misshapen"
    if tokens > options.context:
        return "too_long"
    return "personal_data" if has_personal_data(line, typed=candidate.typed) else ""


def _told_apart(kind: str, lines: list[Line], options: Options, chosen: Chosen, beat: Beat) -> list[Line]:
    """Without those near a golden case, without twins, and without too many of one customer; each with its cluster."""
    if not lines:
        return []
    candidates = [one.candidate for one in lines]
    measuring = _measuring(kind, beat)
    near = _near_golden(candidates, measuring, beat)
    questions = _texts([one.asked[0] for one in candidates], "Grouping questions", beat)
    clusters, with_golden = clusters_of(candidates, questions, measuring.texts)
    too_near = {at for at, one in enumerate(near) if golden.is_too_near(one, options)}
    away = [at for at in range(len(lines)) if at not in too_near and clusters[at] not in with_golden]
    _count(chosen, "near_golden", len(lines) - len(away))
    kept = _different(candidates, away, clusters, options, chosen, beat)
    chosen.golden = golden.report(
        [near[at] for at in kept if near],
        left_out=len(lines) - len(away),
        cases=len(measuring.cases),
        options=options,
    )
    names = _names_of(clusters, lines)
    return [replace(lines[at], cluster=names[clusters[at]]) for at in kept]


def _different(
    candidates: Sequence[Candidate],
    places: Sequence[int],
    clusters: Sequence[int],
    options: Options,
    chosen: Chosen,
    beat: Beat,
) -> list[int]:
    """Of these places those that say something of their own, and not too many of one customer's."""
    some = [candidates[at] for at in places]
    vectors = vectors_of([one.about for one in some], lambda done, of: beat("Comparing answers", done, of))
    different = without_twins(some, [clusters[at] for at in places], vectors, options)
    _count(chosen, "twin", len(some) - len(different))
    fair = within_limits([some[at] for at in different], options)
    _count(chosen, "many_of_one", len(different) - len(fair))
    return [places[different[at]] for at in fair]


@dataclass(frozen=True)
class _Measuring:
    """What measures: cases, and their questions."""

    cases: Sequence[golden.GoldenCase]
    texts: Texts


def _measuring(kind: str, beat: Beat) -> _Measuring:
    """A judge answers no question that measures: it is kept away from calibration instead."""
    cases = [] if kind == "judge" else golden.golden_cases()
    return _Measuring(cases, _texts([case.question for case in cases], "Reading golden cases", beat))


def _near_golden(candidates: Sequence[Candidate], measuring: _Measuring, beat: Beat) -> list[golden.Near]:
    if not measuring.cases:
        return []
    asked = _texts([text for one in candidates for text in one.asked], "Comparing with golden cases", beat)
    return golden.nearest(candidates, asked, measuring.texts, measuring.cases)


def _texts(texts: list[str], doing: str, beat: Beat) -> Texts:
    return Texts(texts, vectors_of(texts, lambda done, of: beat(doing, done, of)))


def _names_of(clusters: Sequence[int], lines: Sequence[Line]) -> dict[int, str]:
    """A name for each cluster that does not hang on how many others there are: that of its first line."""
    names: dict[int, str] = {}
    for cluster, line in sorted(zip(clusters, lines, strict=True), key=lambda pair: pair[1].key):
        names.setdefault(cluster, line.key[:16])
    return names


def _count(chosen: Chosen, reason: str, count: int) -> None:
    if count:
        chosen.left_out[reason] += count
