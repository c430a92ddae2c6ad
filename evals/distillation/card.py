"""The card of a training set: what it was made of, by whom it was approved, what was left out, and what it is for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.utils import timezone

from evals.distillation.choosing import Chosen, Line
from evals.distillation.files import as_lines
from evals.distillation.formats import LEAST_LINES
from evals.distillation.licensing import licence_for
from evals.distillation.options import Options
from evals.distillation.pricing import estimate, price_of
from evals.distillation.reasons import REASONS
from evals.distillation.splitting import TRAIN, VALIDATION
from evals.graders import GRADERS
from evals.judging.licences import licence_of
from evals.models import TrainingSet
from evals.running.circumstances import hash_of_code
from knowledge.embeddings import current_model, knows_language

FOLDER = Path(__file__).parent
LIMITS = (
    "Personal data are masked by their form (e-mail, phone, card, IBAN, SSN, IP). Names and addresses of people have"
    " none: look through the lines before they leave the house.",
    "Token counts are estimates: no tokenizer was asked.",
    "What is near a golden case is told by vectors and words; one that is asked in another language can escape both.",
)
USES = {
    "answers": "Supervised fine-tuning of a small model that answers from passages, asked as this product asks.",
    "preferences": "Preference tuning (DPO) of a model that answers from passages, asked as this product asks.",
    "judge": "Supervised fine-tuning of a judge by one rubric. Its agreement with people is measured on other cases.",
}


def card_of(row: TrainingSet, chosen: Chosen, options: Options) -> dict[str, Any]:
    """All of it as plain JSON. A few queries."""
    lines, left_out = chosen.lines, dict(sorted(chosen.left_out.items()))
    train = [one for one in lines if one.part == TRAIN]
    validation = [one for one in lines if one.part == VALIDATION]
    tokens = sum(one.tokens for one in train)
    times = sorted(one.candidate.at for one in lines)
    return {
        "kind": row.kind,
        "name": row.name,
        "use": USES[row.kind],
        "limits": list(LIMITS),
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "options": options.model_dump(mode="json"),
        "pupil": options.pupil,
        "teachers": _teachers(lines, options),
        "is_demo": any(teacher.startswith("demo-") for one in lines for teacher in one.candidate.teachers),
        "judges": _judges(row, lines),
        "prompts": _counted(one.candidate.prompt for one in lines),
        "from": times[0].date().isoformat() if times else "",
        "to": times[-1].date().isoformat() if times else "",
        "looked_at": len(lines) + sum(left_out.values()),
        "kept": len(lines),
        "left_out": left_out,
        "clusters": len({one.cluster for one in lines}),
        "origins": _counted(str(one.candidate.origin["kind"]) for one in lines),
        "approved": _counted(one.candidate.approved for one in lines),
        "languages": _counted(one.candidate.language or "?" for one in lines),
        "topics": _counted(one.candidate.topic or "?" for one in lines),
        "reasonings": _counted(str(one.candidate.origin["reasoning"]) for one in lines if row.kind == "judge"),
        "taught": sorted({str(one.candidate.origin["unit"]) for one in lines if row.kind == "judge"}),
        "golden": chosen.golden | {"by_words_only": _by_words_only(lines)},
        "files": {TRAIN: _file(train), VALIDATION: _file(validation)},
        "tokens": {
            TRAIN: tokens,
            VALIDATION: sum(one.tokens for one in validation),
            "longest": max((one.tokens for one in lines), default=0),
            "are_estimated": True,
        },
        "price": {
            "model": options.pupil,
            "per_million": price_of(options.pupil),
            "epochs": options.epochs,
            "dollars": estimate(options.pupil, tokens=tokens, epochs=options.epochs),
        },
        "code": {"answers": hash_of_code(), "sets": _own_code()},
    }


def problem_of(card: Mapping[str, Any]) -> str:
    """Why nobody could learn from a set of this card; empty where one can."""
    count = card["files"][TRAIN]["lines"]
    if count >= LEAST_LINES:
        return ""
    most = sorted(card["left_out"].items(), key=lambda item: (-item[1], item[0]))[:3]
    why = "; ".join(f"{n} × {REASONS[reason]}" for reason, n in most) or "nothing has been approved yet"
    looked_at = card["looked_at"]
    return f"{count} lines are left to learn from, and {LEAST_LINES} are needed. Of {looked_at} looked at: {why}."


def as_markdown(card: Mapping[str, Any]) -> str:
    """The card for people. Nothing that a customer, a document or a model wrote can be markup in it."""
    price, golden = card["price"], card["golden"]
    dollars = "unknown: set EVALS_TRAINING_PRICES" if price["dollars"] is None else f"about ${price['dollars']:.2f}"
    parts = [
        f"# {_plain(card['name'])}",
        f"{_plain(card['use'])} Made {card['made_at']} from {card['from'] or '?'} to {card['to'] or '?'}.",
        "**By the demo model: for trying the way, never for teaching.**" if card["is_demo"] else "",
        _table(
            "Files", ("file", "lines", "tokens", "bytes", "SHA-256"), [_of_file(card, part) for part in card["files"]]
        ),
        f"Tuning “{_plain(price['model'])}” for {price['epochs']} epochs: {dollars}.",
        _table(
            "Teachers",
            ("model", "lines", "licence"),
            [(t["model"], t["lines"], t["licence"]) for t in card["teachers"]],
        ),
        _table(
            "Judges", ("judge", "version", "may be used to", "why"), [tuple(one.values()) for one in card["judges"]]
        ),
        *(_table(title, (title.lower(), "lines"), _most_first(card[key])) for title, key in COUNTED.items()),
        _table(
            f"Left out: {sum(card['left_out'].values())} of {card['looked_at']}",
            ("reason", "count"),
            [(REASONS[reason], count) for reason, count in card["left_out"].items()],
        ),
        "## Far from what measures",
        f"{golden['cases']} golden questions; {golden['left_out']} lines too near them were left out, from a cosine of "
        f"{golden['limits']['cosine']} or a share of words of {golden['limits']['overlap']} on. "
        f"The nearest that was kept: {golden['nearest_kept'] if golden['nearest_kept'] is not None else 'none'}. "
        f"Compared by words only, in languages that the embedding model does not know: {golden['by_words_only']}.",
        _table("", ("kept", "golden", "case", "cosine", "words"), [_of_pair(pair) for pair in golden["pairs"]]),
        "## Limits",
        *(f"- {_plain(limit)}" for limit in card["limits"]),
        "## How it was made",
        f"Options: `{_plain(', '.join(f'{k}={v}' for k, v in card['options'].items()))}`. "
        f"Code: answers {card['code']['answers']}, sets {card['code']['sets']}.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


COUNTED = {
    "Origins": "origins",
    "Approved": "approved",
    "Languages": "languages",
    "Topics": "topics",
    "Prompts": "prompts",
    "Reasonings": "reasonings",
}


def _teachers(lines: Sequence[Line], options: Options) -> list[dict[str, Any]]:
    count = Counter(teacher for one in lines for teacher in one.candidate.teachers)
    return [
        {"model": model, "lines": count[model], "licence": licence_for(model, options.pupil)[1]}
        for model in sorted(count)
    ]


def _judges(row: TrainingSet, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The judges by whose word something was approved, or the one that is taught, with what they may be used for."""
    said = (one.candidate.approved for one in lines if one.candidate.approved.startswith("judges: "))
    names = {name for words in said for name in words.removeprefix("judges: ").split(", ")} | {row.grader}
    return [
        {"name": name, "version": licence.version, "use": licence.use.value, "why": " ".join(licence.why)}
        for name in sorted(names & set(GRADERS))
        for licence in [licence_of(name)]
    ]


def _by_words_only(lines: Sequence[Line]) -> int:
    model = current_model()
    return sum(not (model and knows_language(model, one.candidate.language or "en")) for one in lines)


def _file(lines: Sequence[Line]) -> dict[str, Any]:
    digest, size = sha256(), 0
    for line in as_lines(one.line for one in lines):
        digest.update(line)
        size += len(line)
    return {"lines": len(lines), "bytes": size, "sha256": digest.hexdigest()}


def _of_file(card: Mapping[str, Any], part: str) -> tuple[object, ...]:
    file = card["files"][part]
    return f"{part}.jsonl", file["lines"], card["tokens"][part], file["bytes"], file["sha256"]


def _of_pair(pair: Mapping[str, Any]) -> tuple[object, ...]:
    return pair["question"], pair["golden"], pair["case"], pair["cosine"], pair["overlap"]


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(_most_first(Counter(values)))


def _most_first(count: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(count.items(), key=lambda item: (-item[1], item[0]))


def _table(title: str, head: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    cells = [[_plain(str(cell)) for cell in row] for row in rows]
    if not cells:
        return ""
    lines = [head, ["---"] * len(head), *cells]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"## {_plain(title)}\n\n{table}" if title else table


def _plain(text: str) -> str:
    """A text on one line, with all marks of Markdown and HTML as themselves."""
    return re.sub(r"([\\`*_{}\[\]()<>#+!|~&-])", r"\\\1", " ".join(text.split()))


@cache
def _own_code() -> str:
    """12 hexadecimal digits over the code that makes sets."""
    digest = sha256()
    for file in sorted(FOLDER.rglob("*.py")):
        digest.update(f"{file.relative_to(FOLDER)}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:12]
