"""What the scripted models of `make bench-route` answer, and what the product's own checks say of it.

The passages are sections of the sample help centre. A right answer states two sentences of one of them, as they stand
or in slightly other words; a wrong one has a fault of a stated kind. Each goes through `chat.writing.draft`, as a small
model's answer does in the product: over HTTP, with every guardrail switched on, and whether it is held back is
measured. What a statement means is read by the judge of the demo model, which is weaker than a real one.
"""

from __future__ import annotations

import asyncio
import random
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ARTICLES = [ROOT / "sample" / folder for folder in ("help-centre", "customer-guides")]
OTHER_LANGUAGES = ("es-", "zh-", "cambiar-")
NUMBER = re.compile(r"\b\d+\b")
VERB = re.compile(r"\b(is|are|can|will|must|has to|have to)\b(?! not)")
CITES_NOTHING, NOWHERE = "", " [29]"
UNKNOWING = "I don't know. Please ask in other words, or talk to a person."
IN_OTHER_WORDS = (
    *(("do not", "don't"), ("cannot", "can't"), ("must", "have to"), ("If ", "In case "), (" get ", " receive ")),
    *((" only ", " just "), ("We ", "At Acme we "), (" at once", " right away"), (" begins", " starts")),
    *((" call ", " phone "), (" need ", " require "), ("within ", "not later than "), (" each ", " every ")),
)
INVENTED = (
    "A notary has to confirm your signature first.",
    "You can also do this at any post office for $12.",
    "Your spouse has to agree in writing.",
    "This is possible once every five years.",
    "Customers in Alaska are excluded.",
    "We then lower your interest rate by a quarter of a percent.",
)


@dataclass(frozen=True)
class Section:
    """A section of an article with the sentences that an answer may state."""

    article: str
    heading: str
    text: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Setting:
    """A question's passages, the first of which answers it."""

    sections: tuple[Section, ...]

    def answer(self, kind: str, dice: random.Random) -> tuple[str, str]:
        """A text of this kind, and how it ends."""
        first, second = self.sections[0].sentences[:2]
        return KINDS[kind](Wanted(self, first, second, dice)), "length" if kind == "cut off" else "stop"


@dataclass(frozen=True)
class Wanted:
    """What an answer is made from: the two sentences that are right."""

    setting: Setting
    first: str
    second: str
    dice: random.Random


def right(wanted: Wanted, mark: str = " [1]") -> str:
    return _cited((wanted.first, wanted.second), mark)


def _cited(sentences: Sequence[str], mark: str = " [1]") -> str:
    return " ".join(f"{sentence.removesuffix('.')}{mark}." for sentence in sentences)


def reworded(wanted: Wanted) -> str:
    text = right(wanted)
    for said, other in IN_OTHER_WORDS:
        text = text.replace(said, other)
    return text


def changed_figure(wanted: Wanted) -> str:
    text = f"{wanted.first}\n{wanted.second}"
    place = wanted.dice.choice(list(NUMBER.finditer(text)))
    changed = f"{text[: place.start()]}{int(place[0]) * 2 + 1}{text[place.end() :]}"
    return _cited(changed.split("\n"))


def turned_round(wanted: Wanted) -> str:
    """With one "not" less or more."""
    turned = re.sub(r"\b(?:not|never) ", "", wanted.first, count=1)
    if turned == wanted.first:
        turned = VERB.sub(r"\1 not", turned, count=1)
    if turned == wanted.first:
        turned = f"It is not so that {turned[0].lower()}{turned[1:]}"
    return _cited((turned, wanted.second))


def half_of_it(wanted: Wanted) -> str:
    """Something of the right passage, and not what was asked for."""
    return _cited(wanted.setting.sections[0].sentences[-1:])


KINDS: dict[str, Callable[[Wanted], str]] = {
    "right": right,
    "right, in other words": reworded,
    "changed figure": changed_figure,
    "turned round": turned_round,
    "invented": lambda wanted: _cited((wanted.first, wanted.dice.choice(INVENTED))),
    "another passage": lambda wanted: _cited(wanted.setting.sections[2].sentences[:2], " [3]"),
    "half of it": half_of_it,
    "cites nothing": lambda wanted: right(wanted, CITES_NOTHING),
    "cites what is not there": lambda wanted: f"{right(wanted)} {wanted.setting.sections[2].sentences[0]}{NOWHERE}",
    "does not know": lambda _: UNKNOWING,
    "cut off": lambda wanted: right(wanted)[: len(wanted.first) + len(wanted.second) // 2],
}
RIGHT = ("right", "right, in other words")


def settings_of(number: int, dice: random.Random) -> list[Setting]:
    """So many settings: a section with figures in its first two sentences, another of its article, four of others."""
    sections = _sections()
    asked = [one for one in sections if NUMBER.search(" ".join(one.sentences[:2]))]
    return [_setting(one, sections, dice) for one in dice.sample(asked, min(number, len(asked)))]


def _setting(asked: Section, sections: Sequence[Section], dice: random.Random) -> Setting:
    same = [one for one in sections if one.article == asked.article and one != asked]
    others = [one for one in sections if one.article != asked.article]
    return Setting((asked, *dice.sample(same, min(1, len(same))), *dice.sample(others, 4)))


def _sections() -> list[Section]:
    from chat.sentences import split

    found = []
    paths = [path for folder in ARTICLES for path in sorted(folder.iterdir()) if path.suffix in (".md", ".txt")]
    for path in paths:
        if path.name.startswith(OTHER_LANGUAGES):
            continue
        for part in re.split(r"^#+ |\n\n(?=[A-Z ]+\n)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            heading, _, text = part.partition("\n")
            prose = "\n".join(line for line in text.splitlines() if line and line[0].isalpha())
            sentences = tuple(sentence.strip() for sentence in split(prose) if len(sentence.split()) >= 5)
            plain = tuple(sentence for sentence in sentences if sentence.endswith("."))
            if len(plain) >= 3:
                found.append(Section(path.name, heading.strip(), text.strip(), plain))
    return found


@dataclass(frozen=True)
class Checked:
    """What the product's checks made of an answer, and the tokens that were read and written."""

    kind: str
    held_back: str
    answer: tuple[int, int]
    checks: tuple[int, int]
    seconds: float


@dataclass
class Workshop:
    """All that was measured: `outcomes[kind][setting]`, and the mean tokens of the calls that are not answers."""

    outcomes: dict[str, list[Checked]] = field(default_factory=dict)
    triage: tuple[float, float] = (0, 0)
    a_verdict: tuple[float, float] = (0, 0)  # of the judge of two answers, in one order

    def caught(self, kind: str) -> float:
        return sum(bool(one.held_back) for one in self.outcomes[kind]) / len(self.outcomes[kind])


async def measure(settings: Sequence[Setting], assistant: Any, seed: int) -> Workshop:
    """Have every kind of answer to every setting written and checked by the product."""
    from django.test import override_settings

    from tests import standin

    dice = random.Random(seed)
    jobs = [(kind, setting, setting.answer(kind, dice)) for kind in KINDS for setting in settings]
    lines = [{"reply": {"text": text, "finish_reason": reason}} for *_, (text, reason) in jobs]
    found = Workshop({kind: [] for kind in KINDS})
    with standin.script(*lines) as played, override_settings(LLM_SMALL_MODEL=played.model, CHAT_SMALL_SECONDS=60.0):
        for kind, setting, _ in jobs:
            found.outcomes[kind].append(await _checked(kind, setting, assistant))
    found.triage = await _triage(settings, assistant)
    found.a_verdict = await _a_verdict(settings, dice)
    return found


async def _checked(kind: str, setting: Setting, assistant: Any) -> Checked:
    import llm
    from chat.writing import draft
    from llm.database import in_database

    turn = turn_of(setting, assistant)
    with llm.on_behalf_of("bench", turn=turn.id):
        drafted = await draft(turn, "small", "answer")
    tokens = await in_database(_tokens, turn.id)
    return Checked(kind, drafted.held_back, tokens.pop("answer"), tokens.get("judge", (0, 0)), drafted.ms / 1000)


def turn_of(setting: Setting, assistant: Any, question: str = "") -> Any:
    from chat.assistant import Version
    from chat.context import Turn
    from knowledge.access import Viewer

    turn = Turn(question or f"{setting.sections[0].heading}: how does that work?", Viewer(), Version(0, assistant))
    turn.passages = tuple(passage(section, place) for place, section in enumerate(setting.sections))
    return turn


def passage(section: Section, place: int, score: float = 0.7) -> Any:
    from knowledge.search import Passage

    return Passage(place, _document(section.article), 1, section.article, section.heading, None, section.text, score)


@cache
def _document(article: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, article)


def _tokens(turn: uuid.UUID) -> dict[str, tuple[int, int]]:
    from llm.models import Call

    rows = Call.objects.filter(turn=turn, kind="chat")
    found: dict[str, tuple[int, int]] = {}
    for row in rows:
        read, written = found.get(row.purpose, (0, 0))
        found[row.purpose] = read + row.prompt_tokens, written + row.completion_tokens
    return found


async def _triage(settings: Sequence[Setting], assistant: Any) -> tuple[float, float]:
    import llm
    from chat.understanding import understand

    ids = []
    for setting in settings[:8]:
        turn = turn_of(setting, assistant)
        ids.append(turn.id)
        with llm.on_behalf_of("bench", turn=turn.id):
            await understand(turn)
    return await _mean_tokens(ids)


async def _a_verdict(settings: Sequence[Setting], dice: random.Random) -> tuple[float, float]:
    """Tokens of the judge who reads two answers, in one order: the product's own grader of pairs."""
    import llm
    from evals.answers import Answer, Source
    from evals.cases import Case
    from evals.graders.pairwise import _choose

    ids = []
    for setting in settings[:8]:
        sources = tuple(
            Source(one.article, one.heading, one.text, number) for number, one in enumerate(setting.sections, 1)
        )
        both = [Answer(setting.answer(kind, dice)[0], passages=sources) for kind in ("right", "another passage")]
        ids.append(uuid.uuid4())
        with llm.on_behalf_of("bench", turn=ids[-1]):
            await _choose(Case(id="pair", question=f"{setting.sections[0].heading}?"), both[0], both[1])
    return await _mean_tokens(ids)


async def _mean_tokens(turns: Sequence[uuid.UUID]) -> tuple[float, float]:
    from llm.database import in_database

    each = [next(iter(tokens.values())) for turn in turns if (tokens := await in_database(_tokens, turn))]
    return sum(read for read, _ in each) / len(each), sum(written for _, written in each) / len(each)


def workshop(number: int, assistant: Any, seed: int) -> tuple[list[Setting], Workshop]:
    chosen = settings_of(number, random.Random(seed))
    return chosen, asyncio.run(measure(chosen, assistant, seed))
