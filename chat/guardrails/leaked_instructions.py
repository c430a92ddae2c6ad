"""An answer does not recite the instructions that the model was given, its tools' descriptions, or a canary.

Compared are runs of letters, so that spaces, marks and line breaks in between hide nothing. `canaries` in this
guardrail's settings are words that stand in the prompts for no other reason than to be found here.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from functools import lru_cache

from django.conf import settings

from chat.assistant import Assistant
from chat.context import Turn
from chat.grounding import evidence
from chat.tools import TOOLS
from chat.verdicts import Verdict, guardrail
from chat.wording import words_for

RUN = 40  # letters: seven or eight words; the help centre's own words are as long only by quoting the prompt
LETTERS_OF_A_CHARACTER = 3  # of scripts that are written without spaces, where a character is about half a word
IS_SAID = "unknown"  # the prompts that are answers themselves
NOT_LETTERS = re.compile(r"[\W_]+")
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
ENCODED = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}")


@guardrail(reads="sentence")
async def leaked_instructions(turn: Turn, text: str) -> Verdict:
    return _check(turn, text, leaked_instructions.settings(turn).get("canaries", ()))


@guardrail(reads="answer")
async def leaked_in_pieces(turn: Turn, text: str) -> Verdict:
    """Instructions that were recited a word a line, so that no sentence had enough of them."""
    return _check(turn, text, leaked_instructions.settings(turn).get("canaries", ()))


def _check(turn: Turn, text: str, canaries: tuple[str, ...]) -> Verdict:
    said = [text, *_decoded(text)]
    letters = [run_of_letters(one) for one in said]
    if any(run_of_letters(canary) in one for canary in canaries for one in letters):
        return Verdict.refuse("a canary", say=words_for(turn, "leaked"))
    secret = _secret_runs(turn.version.assistant)
    found = {run for one in letters for run in _runs(one) if run in secret}
    if found:
        known = [run_of_letters(source) for source in (*evidence.found_texts(turn), *evidence.replies(turn))]
        found = {run for run in found if not any(run in source for source in known)}
    if not found:
        return Verdict.allow()
    return Verdict.refuse("recites its instructions", say=words_for(turn, "leaked"))


def run_of_letters(text: str) -> str:
    """The letters and digits of a text, small, without accents; see LETTERS_OF_A_CHARACTER."""
    decomposed = unicodedata.normalize("NFKD", text.casefold()) if not text.isascii() else text.lower()
    letters = NOT_LETTERS.sub("", "".join(c for c in decomposed if not unicodedata.combining(c)))
    return UNSPACED.sub(lambda match: match.group() * LETTERS_OF_A_CHARACTER, letters)


def _runs(letters: str) -> set[str]:
    return {letters[start : start + RUN] for start in range(len(letters) - RUN + 1)}


def _secret_runs(assistant: Assistant) -> frozenset[str]:
    prompts = tuple(text for name, text in assistant.prompts.items() if name.partition(".")[0] != IS_SAID)
    return _runs_of(prompts, assistant.tools, settings.SITE_NAME)


@lru_cache(maxsize=8)
def _runs_of(prompts: tuple[str, ...], tools: tuple[str, ...], site_name: str) -> frozenset[str]:
    schemas = (str(tool.schema) for tool in TOOLS if tool.name in tools)
    texts = (text.replace("$site_name", site_name) for text in (*prompts, *schemas))
    return frozenset(run for text in texts for run in _runs(run_of_letters(text)))


def _decoded(text: str) -> list[str]:
    """What stands in the text in Base64."""
    decoded = []
    for match in ENCODED.finditer(text):
        data = match.group().rstrip("=")
        try:
            raw = base64.b64decode(
                data + "=" * (-len(data) % 4), altchars=b"-_" if "-" in data or "_" in data else None
            )
        except (binascii.Error, ValueError):
            continue
        decoded.append(raw.decode("utf-8", "ignore"))
    return decoded
