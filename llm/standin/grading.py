"""Grades as a judge is asked to, by counting words: the demo model cannot judge, and says so in its reasoning."""

from __future__ import annotations

import html
import re
from typing import Any

from llm.standin import languages, units
from llm.standin.exchange import Exchange

CLAIMS = frozenset({"claims"})
POINTS = frozenset({"evidence", "reasoning", "points"})
LABEL = frozenset({"evidence", "reasoning", "label"})
CHOICE = frozenset({"evidence", "reasoning", "verdict"})
TEXTS = re.compile(r"<(answer|expert_answer|question|first|second)\b[^<>]*>\n([^<]*)\n</\1>")
SOURCE = re.compile(r'<source number="(\d{1,3})"[^<>]*>\n([^<]*)\n</source>')
CITATION = re.compile(r"\s?\[\d{1,3}\]")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
REASON = "The demo model only counts the words that texts share; it cannot judge."
ENOUGH = 0.6  # share of a claim's words that one sentence of a source has
FEWEST = 3  # words of a claim
MOST_SENTENCES = 400
NEARLY_ALIKE = 0.1  # of the shares of two answers


def find_claims(exchange: Exchange) -> dict[str, Any]:
    """Each sentence of the answer, with the sentence of a source that shares the most words with it."""
    asked = exchange.prompt.asked
    sources = [
        (int(number), sentence)
        for number, text in SOURCE.findall(asked)
        for sentence in units.sentences(html.unescape(text))
    ][:MOST_SENTENCES]
    said = [CITATION.sub("", one).strip() for one in units.sentences(_texts(asked).get("answer", ""))]
    return {"claims": [_claim(one, sources) for one in said if len(languages.detect(one).terms(one)) >= FEWEST]}


def _claim(said: str, sources: list[tuple[int, str]]) -> dict[str, Any]:
    number, quote = max(sources, key=lambda source: _share(said, source[1]), default=(0, ""))
    is_borne_out = _share(said, quote) >= ENOUGH and set(NUMBER.findall(said)) <= set(NUMBER.findall(quote))
    if not is_borne_out:
        number, quote = 0, ""
    verdict = "supported" if is_borne_out else "not_found"
    return {"claim": said, "quote": quote, "source": number, "why": REASON, "verdict": verdict}


def give_points(exchange: Exchange) -> dict[str, Any]:
    """More points for more words in common: with the expert, else with the sources, else with the question."""
    asked = exchange.prompt.asked
    texts = _texts(asked)
    sources = html.unescape(" ".join(text for _, text in SOURCE.findall(asked)))
    answer = texts.get("answer", "")
    if expert := texts.get("expert_answer"):
        share = _share(expert, answer)
    else:
        share = _share(answer, sources) if sources else _share(texts.get("question", ""), answer)
    return {**_said(answer), "points": 1 + round(4 * min(1.0, share / ENOUGH))}


def choose_label(exchange: Exchange) -> dict[str, Any]:
    """Against an expert by the words in common; else the first label, which is the best one."""
    texts = _texts(exchange.prompt.asked)
    expert, answer = texts.get("expert_answer", ""), texts.get("answer", "")
    if not expert:
        return {**_said(answer), "label": "fitting"}
    return {**_said(answer), "label": "same" if _share(expert, answer) >= ENOUGH else "subset"}


def choose_answer(exchange: Exchange) -> dict[str, Any]:
    """The one that shares more words with the expert, or with the question."""
    texts = _texts(exchange.prompt.asked)
    wanted = texts.get("expert_answer") or texts.get("question", "")
    ahead = _share(wanted, texts.get("first", "")) - _share(wanted, texts.get("second", ""))
    verdict = "tie" if abs(ahead) < NEARLY_ALIKE else "first" if ahead > 0 else "second"
    return {"evidence": [], "reasoning": REASON, "verdict": verdict}


def _said(answer: str) -> dict[str, Any]:
    first = next(iter(units.sentences(answer)), "")
    evidence = [{"where": "answer", "words": CITATION.sub("", first).strip()}] if first else []
    return {"evidence": evidence, "reasoning": REASON}


def _texts(asked: str) -> dict[str, str]:
    return {name: html.unescape(text) for name, text in TEXTS.findall(asked)}


def _share(text: str, other: str) -> float:
    """The share of a text's words that another has."""
    language = languages.detect(text)
    words = set(language.terms(text))
    return len(words & set(language.terms(other))) / len(words) if words else 0.0
