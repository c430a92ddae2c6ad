"""What the stand-in knows of a language: which it is, its small words, and its stems."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import Stemmer

WORD = re.compile(r"[^\W_]+(?:['’.,][^\W_]+)*%?")
IDEOGRAPHS = re.compile(r"[぀-ヿ㐀-䶿一-鿿豈-﫿가-힯]+")
SPANISH_MARKS = re.compile(r"[¿¡ñ]")
ENGLISH_SHARE = 0.12  # of small words among all: prose has a third, a table a tenth, German a twentieth
CHINESE_SHARE = 0.2  # of the letters: a Chinese question may name an English product


@dataclass(frozen=True)
class Language:
    """How far MiniLM, which was trained on English, is to be trusted beside shared words; both weights are of it.

    `ranks` weighs which sentence is best, `decides` whether the best is an answer at all: it is from `enough` on.
    Weights and thresholds were set on questions about invented help articles, written for that purpose.
    """

    code: str
    ranks: float
    decides: float
    enough: float
    small_text: str
    stemmer_name: str = ""

    @cached_property
    def small_words(self) -> frozenset[str]:
        """Words that carry no meaning of their own."""
        return frozenset(self.small_text.split())

    @cached_property
    def _stemmer(self) -> Stemmer.Stemmer | None:
        return Stemmer.Stemmer(self.stemmer_name) if self.stemmer_name else None

    def terms(self, text: str) -> list[str]:
        """The stems of the words that carry meaning, in order; of Chinese, pairs of neighbouring characters."""
        text = unicodedata.normalize("NFKC", text.casefold())
        words = [word for word in WORD.findall(IDEOGRAPHS.sub(" ", text)) if word not in self.small_words]
        stems = [self._stem(word) for word in words]
        return stems + [pair for run in IDEOGRAPHS.findall(text) for pair in self._pairs(run)]

    def _stem(self, word: str) -> str:
        word = word.replace("’", "'").removesuffix("'s")
        stem = self._stemmer.stemWord(word) if self._stemmer else word
        if self.code == "es":
            stem = stem.replace("ie", "e").replace("ue", "o")  # cierro, cerrar; devuelvo, devolver
        return "".join(c for c in unicodedata.normalize("NFD", stem) if not unicodedata.combining(c))

    def _pairs(self, run: str) -> list[str]:
        for word in SMALL_CHINESE.split():
            run = run.replace(word, " ")
        run = run.replace("个", "")  # 每个月 is 每月
        parts = run.split()
        return [part[n : n + 2] for part in parts for n in range(max(1, len(part) - 1))]


SMALL_ENGLISH = """
    a about above after again all also am an and any are aren't as at be because been before being but by can
    can't cannot could did didn't do does doesn't doing don't down during each even ever for from further get gets
    getting give go going got had has have having he her here hers him his how however i i'd i'll i'm i've if in into
    is isn't it it's its itself just let like make many may me might more most much must my myself need no nor not now
    of off on once one only or other our ours out over own please possible same say shall she should so some someone
    something still such take tell than that that's the their them then there these they thing things this those
    through to too under until up us use very want was wasn't we we're were what what's when where which while who
    whom whose why will with without won't would yes you you're your yours yourself happen happens know find
    hi hello thanks thank anything anybody somebody way work works able ok okay don doesn isn ll ve re
"""
SMALL_SPANISH = """
    a acerca al algo alguien algún alguna algunas alguno algunos ante antes aquel aquí así aun aunque bajo bien cada
    como cómo con contra cual cuál cuáles cuando cuándo cuanta cuánta cuánto cuántos cuántas de debe debo del desde
    donde dónde durante e el él ella ellas ellos en entre era es esa ese eso esta está están estar estas este esto
    estos fue ha haber había hacer hace hacen hago han hasta hay he la las le les lo los más me mi mis mucho muy nada
    necesito ni no nos nosotros nuestra nuestro o os otra otro para pero poco por porque puede pueden puedo pues que
    qué quien quién quiero se sea según ser si sí sin sobre son soy su sus también tan te tener tengo ti tiene tienen
    todo todos tu tú tus un una unas uno unos usted ustedes va voy y ya yo hola gracias favor llevar llevo dar doy ver
    saber quería
"""
SMALL_CHINESE = """
    怎么样 怎么办 为什么 是什么 什么时候 怎么 如何 什么 多少 哪里 哪些 哪个 多久 可以 需要 能不能 是不是 有没有 请问
    我们 你们 您的 我的 你的 以及 或者 如果 的 了 吗 呢 吧 啊 我 你 您 是 在 和 与 也 就 都 要 会 能 把 被 几
"""

ENGLISH = Language("en", 0.75, 0.92, 0.43, SMALL_ENGLISH, "english")
SPANISH = Language("es", 0.25, 0.35, 0.4, SMALL_SPANISH, "spanish")
UNKNOWN = Language("en", 0.25, 0.35, 0.4, SMALL_ENGLISH)  # words as they are; what is said about them is in English
CHINESE = Language("zh", 0.0, 0.0, 0.24, SMALL_ENGLISH)


def detect(text: str) -> Language:
    """English, unless the letters or the small words speak for another."""
    letters = [c for c in text if c.isalpha()]
    if letters and sum(len(run) for run in IDEOGRAPHS.findall(text)) > CHINESE_SHARE * len(letters):
        return CHINESE
    words = WORD.findall(text.casefold())
    spanish = sum(word in SPANISH.small_words for word in words) + 2 * len(SPANISH_MARKS.findall(text.casefold()))
    return SPANISH if spanish > sum(word in ENGLISH.small_words for word in words) else ENGLISH


def of(question: str, texts: Iterable[str]) -> Language:
    """The language in which a question is matched with texts. English needs at least one text in English."""
    language = detect(question)
    return UNKNOWN if language is ENGLISH and not any(map(_is_english, texts)) else language


def _is_english(text: str) -> bool:
    words = WORD.findall(text[:2000].casefold())
    return sum(word in ENGLISH.small_words for word in words) >= ENGLISH_SHARE * len(words)
