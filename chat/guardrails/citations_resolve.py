"""Every citation leads to a passage that was given to the model, whichever way the model wrote it.

`[1]` has been renumbered, or dropped, on its way here; what is left are other ways to write one: 【2†source】, [^2],
(passage 2), [1-3]. They become a `[1]` of a passage that exists, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from chat.context import Turn
from chat.verdicts import Verdict, guardrail

MOST_IN_A_RANGE = 20
NAMED = r"(?:passages?|sources?|docs?|documents?|refs?|reference|fuentes?|pasajes?|来源|文章|段落)\.?\s?#?\s?"
ODD = re.compile(
    rf"\s?(?:【\s?(?:{NAMED})?(?P<han>\d[\d ,;、–-]{{0,20}})(?:[†:：][^】\n]{{0,40}})?】"
    r"|［\s?(?P<wide>\d[\d ,;、–-]{0,20})\s?］|\[\^(?P<note>\d{1,3})\](?!:)"
    rf"|[(\[（]{NAMED}(?P<named>\d[\d ,;、–-]{{0,20}})[)\]）]|\[(?P<range>\d{{1,3}}\s?[–-]\s?\d{{1,3}})\](?!\())",
    re.IGNORECASE,
)
OURS = re.compile(r"\s?\[(\d{1,3})\](?!\()")


@guardrail(reads="sentence")
async def citations_resolve(turn: Turn, text: str) -> Verdict:
    dropped: list[str] = []

    def check(match: re.Match[str]) -> str:
        if 1 <= int(match[1]) <= len(turn.cited):
            return match.group()
        dropped.append(match.group().strip())
        return ""

    def resolve(match: re.Match[str]) -> str:
        passages = [turn.passages[n - 1] for n in _numbers(match) if 1 <= n <= len(turn.passages)]
        turn.cited += [passage for passage in dict.fromkeys(passages) if passage not in turn.cited]
        marks = dict.fromkeys(f"[{turn.cited.index(passage) + 1}]" for passage in passages)
        if not marks:
            dropped.append(match.group().strip())
        return " " * match.group().startswith(" ") + "".join(marks) if marks else ""

    resolved = ODD.sub(resolve, OURS.sub(check, text))
    if resolved == text:
        return Verdict.allow()
    return Verdict.rewrite(resolved, f"leads nowhere: {', '.join(dropped)}" if dropped else "written another way")


def _numbers(match: re.Match[str]) -> Iterable[int]:
    """ "2, 3" and "1-3"."""
    written = next(filter(None, match.groupdict().values()))
    for part in re.findall(r"\d{1,3}\s?[–-]\s?\d{1,3}|\d{1,3}", written):
        first, *last = (int(number) for number in re.findall(r"\d+", part))
        yield from range(first, min(last[0] if last else first, first + MOST_IN_A_RANGE) + 1)
