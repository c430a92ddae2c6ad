"""The shape of an answer: not empty, not endless, not the same again and again, in the language of the question."""

from __future__ import annotations

from collections import Counter

from chat.context import Turn
from chat.grounding.statements import is_statement, plain
from chat.sentences import split
from chat.tools import TOOLS
from chat.verdicts import Verdict, guardrail
from chat.wording import words_for
from knowledge.languages import language_of

MOST_REPEATS = 2  # of a sentence; the third begins a loop
SHORTEST_REPEATED = 12  # letters; "Note." and the cells of a table may come often
LONGEST = 8_000  # characters
FEWEST_LETTERS = {"answer": 60, "question": 20}  # that tell a language
DENSE = frozenset({"zh", "ja", "ko"})  # languages in which a third of the letters tells as much


@guardrail(reads="answer")
async def form(turn: Turn, text: str) -> Verdict:
    kept, reasons = _without_loops(text)
    longest = int(form.settings(turn).get("longest", LONGEST))
    if len(kept) > longest:
        kept = _cut(kept, longest)
        reasons.append(f"longer than {longest} characters")
    if _says_nothing(turn, kept):
        if turn.draft or _has_proposed(turn):
            return Verdict.allow("nothing to add")
        return Verdict.rewrite(words_for(turn, "unknown"), "nothing was left of it")
    if kept != text:
        return Verdict.rewrite(kept, ", ".join(reasons))
    return Verdict.allow(_other_language(turn, text))


def _without_loops(text: str) -> tuple[str, list[str]]:
    """The text up to where it begins to say the same for the third time."""
    seen: Counter[str] = Counter()
    kept: list[str] = []
    for sentence in split(text):
        said = plain(sentence)
        seen[said] += len(said) >= SHORTEST_REPEATED
        if seen[said] > MOST_REPEATS:
            return "".join(kept).rstrip(), ["says the same again and again"]
        kept.append(sentence)
    return text, []


def _cut(text: str, longest: int) -> str:
    """Whole sentences, as many as there is room for."""
    kept, room = [], longest
    for sentence in split(text):
        room -= len(sentence)
        if room < 0:
            break
        kept.append(sentence)
    return "".join(kept).rstrip()


def _says_nothing(turn: Turn, text: str) -> bool:
    """An empty answer, or what is left of one when every statement was taken out: a greeting, a heading."""
    if not text.strip():
        return True
    was_cut = any(finding["action"] == "rewrite" and finding["guardrail"] in CUTTERS for finding in turn.findings)
    return was_cut and not any(is_statement(turn, sentence) or _is_own(turn, sentence) for sentence in split(text))


CUTTERS = ("figures", "grounding")


def _is_own(turn: Turn, sentence: str) -> bool:
    """Whether a compliance rule put it there."""
    return any(plain(sentence) in plain(rule.say) for rule in turn.version.assistant.rules if plain(sentence))


def _has_proposed(turn: Turn) -> bool:
    """Whether a card waits for the customer's click: it says all that there is to say."""
    writing = {tool.name for tool in TOOLS if tool.effect == "write"}
    return any(lookup.tool in writing for lookup in turn.lookups)


def _other_language(turn: Turn, text: str) -> str:
    """Said to staff only: a right answer in another language is worth more than none, and it is shown already."""
    told = [_language(turn.question, "question"), _language(text, "answer")]
    return f"asked in {told[0]}, answered in {told[1]}" if all(told) and told[0] != told[1] else ""


def _language(text: str, kind: str) -> str:
    """Its language, or "" where there is too little of it to tell."""
    letters = sum(character.isalpha() for character in text)
    language = language_of(text)
    return language if letters * (3 if language in DENSE else 1) >= FEWEST_LETTERS[kind] else ""
