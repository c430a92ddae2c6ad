"""Reads a question: what it asks for, about what, and in which direction."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from chat.answer_cache.figures_asked import take_figures
from chat.answer_cache.found_words import FoundWords
from chat.answer_cache.languages.contractions import spelled_out
from chat.answer_cache.languages.lexicon import Lexicon, folded, words
from chat.answer_cache.languages.segmenting import chinese_kinds, segmented
from chat.answer_cache.languages.tongues import lexicon_of, tongue_of
from chat.answer_cache.plain import bare, clean, is_masked, names_in, quotes_in, tokens_in
from chat.answer_cache.signature import Signature, Word

LONGEST = 1_000  # characters: what is longer tells a story, and only the very same is the same
MOST_WORDS = 100
LITTLE = {  # what a word adds to a question of that kind: "how much is the wire" asks for its fee anyway
    "amount": words("fee charge cost price amount cargo costo precio coste gasto cantidad monto"),
    "when": words("date day time fecha dia hora"),
    "duration": words("take last time tarda tardar demora toma tiempo"),
    "where": words("place location"),
}
SUBJECTS = frozenset(("i", "we", "you"))
ASKING = words("can could do does did will would should must may")
BEFORE_NOUNS = words("my our your the a an")
POINTED = re.compile(r"(?<=\b[a-z])\.(?=[a-z]\b)")  # p.m, u.s


def analyse(question: str) -> Signature:
    """Everything by which the question is compared with others. It never raises, whatever the text is."""
    text = clean(question)
    found = Signature(text[:LONGEST], _short(bare(text)), masked=is_masked(text), whole=len(text) <= LONGEST)
    if not found.whole:
        return found
    lower = text.lower()
    tongue = tongue_of(lower)
    lexicon = lexicon_of(tongue)
    marked, figures = take_figures(POINTED.sub("", lower), tongue)
    read = FoundWords(lexicon, figures, names_in(text))
    if tongue == "zh":
        kinds, said = chinese_kinds(marked), list(segmented(folded(marked)))
    else:
        plain = _rewritten(" ".join(spelled_out(tokens_in(marked), tongue)), lexicon)
        kinds, said = _kinds(plain, lexicon), plain.split()
        kinds = kinds or (("yes/no",) if tongue == "es" and "?" in text else ())  # told by nothing else there
    for token in said:
        read.read(token)
    read.end_clause()
    return _complete(replace(found, language=tongue, quoted=quotes_in(text)), read, said, kinds)


def _complete(found: Signature, read: FoundWords, said: list[str], kinds: tuple[str, ...]) -> Signature:
    words = tuple(_by_kind(word, kinds) for word in read.words)
    words = words if any(word.telling for word in words) else tuple(read.words)
    return replace(
        found,
        words=words,
        kinds=kinds,
        denials=read.denials,
        modals=_named(said, read.lexicon.modals),
        tenses=_named(said, read.lexicon.tenses),
        joins=_named(said, read.lexicon.joins),
        toward=tuple(_toward(said, read.lexicon)),
        doers=tuple(sorted(set(_doers(said, kinds, read.lexicon)))),
        persons=tuple(sorted(set(said) & read.lexicon.persons.keys())),
        whole=len(words) <= MOST_WORDS,
        telling=frozenset(key for word in words for key in word.keys),
    )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _rewritten(said: str, lexicon: Lexicon) -> str:
    for pattern, written in lexicon.rewritings:
        said = pattern.sub(written, said)
    return " ".join(said.split())


def _kinds(said: str, lexicon: Lexicon) -> tuple[str, ...]:
    """What the first asking word asks for."""
    found = (
        (match.start(), at, names)
        for at, (pattern, names) in enumerate(lexicon.kinds)
        if (match := pattern.search(said))
    )
    if first := min(found, default=None):
        return first[2]
    return next(((kind,) for word, kind in lexicon.kind_if_no_other if word in said.split()), ())


def _by_kind(word: Word, kinds: tuple[str, ...]) -> Word:
    is_little = any({word.said, *word.keys} & LITTLE.get(kind, frozenset()) for kind in kinds)
    return replace(word, telling=False) if is_little else word


def _named(said: list[str], names: dict[str, str]) -> frozenset[str]:
    return frozenset(names[word] for word in said if word in names)


def _toward(said: list[str], lexicon: Lexicon) -> Iterator[str]:
    """ "I owe you" and "you owe me": who stands before whom with no more than two words between."""
    persons = [(at, lexicon.persons[word]) for at, word in enumerate(said) if word in lexicon.persons]
    for (first, one), (second, other) in pairwise(persons):
        if one != other and 1 < second - first <= 3 and "," not in said[first:second]:
            yield f"{one} → {other}"


def _doers(said: list[str], kinds: tuple[str, ...], lexicon: Lexicon) -> Iterator[str]:
    """ "Do I pay", "does my bank pay"; a request has a question mark: "can you close it" is as good as "can I".

    Nobody in particular is meant by "how do you".
    """
    if "how" in kinds:
        return
    for at, (asking, person, deed) in enumerate(zip(said, said[1:], said[2:], strict=False)):
        is_request = "?" if lexicon.modals.get(asking) == "can" or asking == "would" else ""
        if person in SUBJECTS & lexicon.persons.keys() and _is_deed(deed, lexicon):
            yield f"{lexicon.stem(deed)}: {lexicon.persons[person]}{is_request}"
        elif asking in ASKING and person in BEFORE_NOUNS and len(said) > at + 3 and _is_deed(said[at + 3], lexicon):
            yield f"{lexicon.stem(said[at + 3])}: {lexicon.stem(deed)}"


def _is_deed(word: str, lexicon: Lexicon) -> bool:
    return word.isalpha() and word not in lexicon.light
