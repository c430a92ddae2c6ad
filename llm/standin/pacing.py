"""`paced-<milliseconds to the first token>-<tokens per second>-<tokens>`: a known text at a known speed, for load."""

from __future__ import annotations

import re
from functools import lru_cache

from llm.standin.errors import unknown_model
from llm.standin.reply import Pace, Reply

PREFIX = "paced-"
NAME = re.compile(r"paced-(\d{1,6})-(\d{1,5}(?:\.\d+)?)-(\d{1,5})")
WORDS_OF_A_SENTENCE = 12
SENTENCES_OF_A_PARAGRAPH = 5


def answer(model: str) -> Reply:
    """A reply of exactly that many tokens, each of them different, so that loss and repetition show."""
    if not (match := NAME.fullmatch(model)):
        raise unknown_model(model)
    return Reply(pieces=text(int(match[3])), pace=Pace(float(match[1]), float(match[2])))


@lru_cache(maxsize=64)
def text(count: int) -> tuple[str, ...]:
    """`count` tokens: numbered words in sentences, sentences in paragraphs."""
    return tuple(_word(number, count) for number in range(1, count + 1))


def _word(number: int, count: int) -> str:
    place, sentence = number % WORDS_OF_A_SENTENCE, number // WORDS_OF_A_SENTENCE
    word = f"Token{number}" if place == 1 else f"token{number}"
    if place == 0 or number == count:
        word += "."
    if number == 1:
        return word
    new_paragraph = place == 1 and sentence % SENTENCES_OF_A_PARAGRAPH == 0
    return f"\n\n{word}" if new_paragraph else f" {word}"
