"""How an answer behaves: it answers, does not know, asks back, refuses, or gives the chat to a person.

What the assistant's own version says in these cases is known word for word; what models say instead is heard by its
wording in English, Spanish and Chinese, in the first sentences that are no small talk.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import Template

from django.conf import settings

from chat.citations import MARK
from chat.context import Turn
from chat.grounding.statements import OFFERS, is_statement, plain
from chat.sentences import split
from evals.answers import Answer
from evals.cases import Behaviour
from evals.reading.wordings import ASKS_BACK, DOES_NOT_KNOW, GREETING, HANDS_OVER, REFUSES

OPENING = 3  # sentences within which an answer says that it has none
COURTESY = re.compile("|".join(OFFERS), re.IGNORECASE)
OWN_WORDS: dict[str, Behaviour] = {"unknown": "unknown", "say_self_harm": "hand_over", "leaked": "refuse"}
LEFT_OUT = "_left_out"  # the rest of such a question is answered


@dataclass(frozen=True)
class Heard:
    """`goes_on` is set where an answer that declines also states something from its sources."""

    behaviour: Behaviour
    goes_on: bool = False


def behaviour_of(turn: Turn, answer: Answer) -> Heard | None:
    """What the answer does; None where it says nothing at all."""
    if answer.stopped_by:
        return Heard("hand_over" if answer.hands_over else "refuse")
    sentences = [sentence for sentence in split(answer.text) if sentence.strip()]
    if not sentences:
        return None
    declining = {place: said for place, sentence in enumerate(sentences) if (said := declines(turn, sentence))}
    early = [said for place, said in declining.items() if place < _end_of_opening(sentences)]
    rest = [sentence for place, sentence in enumerate(sentences) if place not in declining]
    if answer.hands_over or "open_ticket" in answer.proposed or any(map(_gives_away, rest)):
        return Heard("hand_over")
    states = _states_something(turn, answer, rest)
    if early:
        return Heard(early[0], goes_on=states)
    return Heard("clarify" if not states and _asks_back(turn, rest) else "answer", goes_on=states)


def _end_of_opening(sentences: list[str]) -> int:
    greetings = next((n for n, sentence in enumerate(sentences) if not GREETING.fullmatch(sentence)), 0)
    return greetings + OPENING


def declines(turn: Turn, sentence: str) -> Behaviour | None:
    """What a sentence does if it says that there is no answer."""
    sentence = sentence.replace("’", "'")
    said = plain(sentence)
    if own := _own_words(turn).get(said):
        return own
    if DOES_NOT_KNOW.search(sentence):
        return "unknown"
    return "refuse" if REFUSES.search(sentence) else None


def _own_words(turn: Turn) -> dict[str, Behaviour]:
    """The first sentence of each text that the version has for such a case."""
    said: dict[str, Behaviour] = {}
    for name, text in turn.version.assistant.prompts.items():
        base = name.partition(".")[0]
        behaviour = OWN_WORDS.get(base, "refuse" if base.startswith("say_") else None)
        if behaviour and not base.endswith(LEFT_OUT):
            first = next(iter(split(Template(text).safe_substitute(site_name=settings.SITE_NAME))), "")
            said.setdefault(plain(first), behaviour)
    return said


def _gives_away(sentence: str) -> bool:
    """The chat goes to a person; with a citation it is what an article says of how the house works."""
    return bool(HANDS_OVER.search(sentence)) and not MARK.search(sentence)


def _states_something(turn: Turn, answer: Answer, sentences: list[str]) -> bool:
    """With a citation, or from what was looked up."""
    stated = [sentence for sentence in sentences if is_statement(turn, sentence)]
    has_looked_up = any(not lookup.failed for lookup in answer.lookups)
    return any(has_looked_up or MARK.search(sentence) for sentence in stated)


def _asks_back(turn: Turn, sentences: list[str]) -> bool:
    """The customer is asked something and told nothing; not only asked whether there is anything else."""
    if any(map(ASKS_BACK.search, sentences)):
        return True
    if any(is_statement(turn, sentence) for sentence in sentences):
        return False
    asking = [sentence for sentence in sentences if sentence.rstrip(" \n\t*_\"'”’»)").endswith(("?", "？"))]
    return any(not COURTESY.search(sentence) for sentence in asking)
