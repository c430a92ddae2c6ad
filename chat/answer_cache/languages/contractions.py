"""English words that are written together, "don't" and "dont", written out; and what people shorten in a chat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chat.answer_cache.languages.lexicon import folded, words

ENDINGS = (("n't", " not"), ("'re", " are"), ("'ve", " have"), ("'ll", " will"), ("'d", " would"), ("'m", " am"))
IS_BEHIND = words("what where who how when it that there here why")
VERBS = words("do does did is are was were have has had could would should must need")
SPELLED_OUT = {f"{verb}nt": f"{verb} not" for verb in VERBS} | {
    "can't": "can not", "won't": "will not", "shan't": "shall not", "cannot": "can not", "cant": "can not",
    "wont": "will not", "whats": "what is", "wheres": "where is", "hows": "how is", "whos": "who is",
    "whens": "when is", "im": "i am", "ive": "i have", "thats": "that is", "theres": "there is", "u": "you",
    "ur": "your", "pls": "please",
    "plz": "please", "thx": "thanks", "acct": "account", "pmt": "payment", "pymt": "payment",
}  # fmt: skip


def spelled_out(tokens: Iterable[str], tongue: str) -> Iterator[str]:
    """The words with English contractions written out, and articles of other languages cut off ("l'app")."""
    is_english = tongue in ("", "en")
    for token in tokens:
        word = SPELLED_OUT.get(token, token) if is_english else token
        if "'" in word:
            word = _expanded(word) if is_english else word.replace("'", " ")
        yield folded(word)


def _expanded(word: str) -> str:
    for ending, written in ENDINGS:
        if word.endswith(ending):
            return word.removesuffix(ending) + written
    base, _, rest = word.partition("'")
    if rest == "s":
        return f"{base} is" if base in IS_BEHIND else base
    return base + rest
