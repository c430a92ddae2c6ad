"""What a question asks for, in a form that can be kept and compared."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Word:
    """A word that tells something, or a figure.

    `keys` are the things that it may say: its stem and groups of synonyms. One that is not `telling` may be left out.
    `place` is the preposition or conjunction before it, `clause` the number of its clause, `denied` that there is
    a "not" in it, `owner` whose it is.
    """

    said: str
    keys: tuple[str, ...]
    telling: bool = True
    place: str = ""
    clause: int = 0
    denied: bool = False
    owner: str = ""
    is_name: bool = False
    is_figure: bool = False


@dataclass(frozen=True)
class Signature:
    """A question, read. `bare` is its text without case, spaces and punctuation; `words` are in its order.

    `kinds` are what it may ask for ("when", "amount", "yes/no"; empty for a statement), `modals` whether it is about
    what can, must or should be, `toward` who does something to whom. `masked` is that it held personal data,
    `whole` that it was short enough to be read.
    """

    question: str
    bare: str
    language: str = ""  # ISO 639-1, or a script; empty where it cannot be told
    words: tuple[Word, ...] = ()
    kinds: tuple[str, ...] = ()
    denials: int = 0
    modals: frozenset[str] = frozenset()
    tenses: frozenset[str] = frozenset()
    joins: frozenset[str] = frozenset()
    toward: tuple[str, ...] = ()
    doers: tuple[str, ...] = ()  # "pay: customer"
    persons: tuple[str, ...] = ()  # pronouns, in order of the alphabet
    quoted: tuple[str, ...] = ()
    masked: bool = False
    whole: bool = True
    telling: frozenset[str] = field(default=frozenset(), compare=False)  # every key of its words

    def as_json(self) -> dict[str, Any]:
        """Sets as sorted lists, so that the same question is always written the same."""
        kept = asdict(self) | {"rules": _rules()}
        return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in kept.items()}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Signature:
        """The signature that was kept; read anew from its question if it was made by other rules."""
        from chat.answer_cache.reading import analyse

        if kept.get("rules") != _rules():
            return analyse(str(kept["question"]))
        values = {name: value for name, value in kept.items() if name != "rules"}
        values["words"] = tuple(Word(**word | {"keys": tuple(word["keys"])}) for word in values["words"])
        for name in ("modals", "tenses", "joins", "telling"):
            values[name] = frozenset(values[name])
        for name in ("kinds", "toward", "doers", "persons", "quoted"):
            values[name] = tuple(values[name])
        return cls(**values)


def _rules() -> str:
    from chat.answer_cache.rules import RULES

    return RULES
