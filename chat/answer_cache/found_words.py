"""What is found while a question's words are gone through, one after another."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from chat.answer_cache.figures_asked import FIRST_MARK, Figure
from chat.answer_cache.languages.lexicon import Lexicon
from chat.answer_cache.signature import Word


@dataclass
class FoundWords:
    """The words so far, and what holds for the next one: the preposition before it, and whose it is."""

    lexicon: Lexicon
    figures: list[Figure]
    names: frozenset[str] = frozenset()
    words: list[Word] = field(default_factory=list)
    denials: int = 0
    _clauses: int = 0
    _begin: int = 0  # where the clause's words begin
    _is_denied: bool = False
    _place: str = ""
    _owner: str = ""

    def read(self, token: str) -> None:
        lexicon = self.lexicon
        if token in lexicon.breaks:
            self.end_clause()
        if "\ue000" <= token <= "\uf8ff":
            figure = self.figures[ord(token) - FIRST_MARK]
            self.add(Word(figure.said, figure.keys, is_figure=True))
        elif token in lexicon.negators:
            self.denials, self._is_denied = self.denials + 1, True
        elif token in lexicon.markers:
            if token in lexicon.telling_markers:
                self.add(Word(token, lexicon.keys(token)))
            self._place = token
        elif token in lexicon.owners:
            self._owner = lexicon.owners[token]
        elif token in self.names or (token not in lexicon.light and token.strip(",")):
            is_name = token in self.names
            is_telling = is_name or token not in lexicon.optional
            self.add(Word(token, lexicon.keys(token), is_telling, is_name=is_name))

    def add(self, word: Word) -> None:
        self.words.append(replace(word, place=self._place, clause=self._clauses, owner=self._owner))
        self._place = self._owner = ""

    def end_clause(self) -> None:
        """A "not" reaches as far as its clause."""
        if self._is_denied:
            self.words[self._begin :] = [replace(word, denied=True) for word in self.words[self._begin :]]
        self._clauses += len(self.words) > self._begin
        self._begin, self._is_denied = len(self.words), False
