"""Which sentences of an answer state something that its sources have to bear out.

Not those that greet, ask back, introduce what follows, say that something is not known or not possible, or offer a
person; unless they have a figure in them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from chat.context import Turn
from chat.grounding.figure_reading import claims_in, said_in
from chat.sentences import split

LONGEST_TALK = 260  # characters; who says more than that states something
INTRODUCTION = re.compile(
    r"^[\s>*_#-]*(?:here (?:is|are)[^:：]{0,60}|i found[^:：]{0,40}|according to[^:：,]{0,60}|(?:the )?result is|"
    r"these are the steps|esto dicen[^:：]{0,40}|he encontrado[^:：]{0,40}|estos son[^:：]{0,40}|el resultado es|"
    r"según[^:：,]{0,60}|帮助文章是这样说的|我找到了[^:：]{0,20}|查询结果|步骤如下)[:：,]\s*",
    re.IGNORECASE,
)
NOT_KNOWING = (
    r"\bi(?:'m| am)? (?:do not|don't|not|cannot|can't|could not|couldn't|did not|didn't|am unable|unable|have no|"
    r"was not able|wasn't able)\b",
    r"\b(?:articles?|passages?|help cent(?:er|re)|documents?|sources?|information)\b.{0,40}"
    r"\b(?:do not|does not|don't|doesn't|says? nothing|has nothing|have nothing|not say)\b",
    r"\bthat is all that\b",
    r"\bno (?:lo )?(?:sé|puedo|encuentro|encontré|tengo)\b",
    r"\bno he (?:podido|encontrado)\b",
    r"\b(?:no lo dicen?|no dicen? nada|es todo lo que)\b",
    "不知道|没有找到|未找到|没有提到|无法|不能回答|只有这些|不清楚",
)
OFFERS = (
    r"\b(?:talk|speak|chat) (?:to|with) (?:a|an|our|one) ",
    r"\b(?:ask|try|put it|say it) (?:again|it |me )?(?:in|with|another|other)\b",
    r"\b(?:let me know|happy to|glad to|anything else|ask for a person|tell me)\b",
    r"\bif you (?:want|like|wish),? i\b",
    r"\bhabl(?:ar|e) con\b",
    r"\b(?:con otras palabras|de otra (?:forma|manera)|algo más|con gusto)\b",
    "换(?:一)?(?:种|个)说法|人工客服|还有其他",
)
SMALL_TALK = (
    r"^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|thanks?|thank you|you(?:'re| are) welcome|sorry|"
    r"i(?:'m| am) sorry|i understand|of course|sure|certainly|great|glad|congratulations|hola|gracias|de nada|"
    r"lo siento|claro|por supuesto|entiendo|您好|你好|谢谢|不客气|抱歉|好的)\b",
)
WHAT_WAS_DONE = (
    r"\bi(?:'ve| have)? (?:looked up|looked|checked|searched|prepared|drafted|filled)\b",
    r"\bhe (?:consultado|buscado|preparado|revisado)\b",
    "我(?:查|准备)",
)
TALK = re.compile("|".join((*NOT_KNOWING, *OFFERS, *SMALL_TALK, *WHAT_WAS_DONE)), re.IGNORECASE)
BUT = re.compile(r"\b(?:but|however|although|pero|sin embargo|aunque)\b|但|不过", re.IGNORECASE)
LETTERS = re.compile(r"[^\W\d_]")
LETTERS_AND_DIGITS = re.compile(r"[\W_]+")


def is_statement(turn: Turn, sentence: str) -> bool:
    said = said_in(sentence).strip(" \n\t*_\"'”’»)`")
    if not LETTERS.search(said) or said.endswith((":", "：")) or said.startswith("#"):
        return False
    if plain(sentence) in _own_words(_texts_of(turn)):
        return False
    if claims_in(sentence):
        return True
    if said.endswith(("?", "？")):
        return False
    return not (len(said) <= LONGEST_TALK and TALK.search(said) and not BUT.search(said))


def without_introduction(sentence: str) -> str:
    """What a sentence states, behind "Here is what the articles say:"."""
    return INTRODUCTION.sub("", sentence, count=1)


def plain(text: str) -> str:
    """Small letters and digits with single spaces: what two sentences share that say the same with other marks."""
    return LETTERS_AND_DIGITS.sub(" ", said_in(unicodedata.normalize("NFKC", text)).casefold()).strip()


def _texts_of(turn: Turn) -> tuple[str, ...]:
    """What the version itself says in the place of the model."""
    assistant = turn.version.assistant
    unknown = (text for name, text in assistant.prompts.items() if name.partition(".")[0] == "unknown")
    return (*unknown, *(rule.say for rule in assistant.rules))


@lru_cache(maxsize=64)
def _own_words(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(plain(sentence) for text in texts for sentence in split(text))
