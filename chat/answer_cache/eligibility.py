"""Which questions may get a saved answer, and which answers may be saved. The default is no.

What rests on the person, on the moment or on what was said before is answered for this one customer only.
"""

from __future__ import annotations

import re
from typing import Any

from chat.answer_cache.plain import NEVER_NAMES
from chat.citations import MARK
from chat.context import Turn
from chat.leaning import leans_on_history
from chat.privacy.masks import PLACEHOLDER
from chat.suspicion.hidden import seen
from chat.understanding import words_to_search
from knowledge.search import Found

TOLD = re.compile(r"\w+")
CAPITAL_OR_FIGURE = re.compile(r"\b(?:[A-ZÀ-Þ]\w*|\d\w*)")
OF_THE_MOMENT = re.compile(
    r"\b(today|tonight|tomorrow|yesterday|now|currently|at the moment|this (?:morning|week|month|year)|status|"
    r"latest|current|hoy|ahora|mañana|ayer|actual(?:mente)?|est[ae] (?:semana|mes|año)|estado)\b"
    r"|今天|现在|目前|明天|昨天|最新|状态",
    re.IGNORECASE,
)
OF_THE_PERSON = re.compile(
    r"\bmy (?:application|balance|payment history|last payment|case|ticket|file|loan number|account number)\b|"
    r"\bmi (?:solicitud|saldo|expediente|número de)\b|我的(?:申请|余额|账号|案件)",
    re.IGNORECASE,
)
WHO_ASKS = re.compile(
    r"\b(?:[Mm]y name(?:'s| is)|[Mm]e llamo|[Mm]i nombre es) \w"
    r"|\b(?:I am|I['’]?m|[Ii]t['’]?s|[Tt]his is|[Ss]oy) [A-ZÀ-Þ]\w"
    r"|我(?:叫|的名字)|我是[^不在否想要新]",
)
NUMBERED = re.compile(  # "loan 4711", "account no. AB-2290", "préstamo n.º 4711"; and any long row of digits
    r"\b(?:loan|account|case|ticket|application|file|policy|reference|customer|contract|order|cuenta|préstamo|"
    r"expediente|solicitud)s?[ :]*(?:number|no\.?|nr\.?|id|n\.º|número)?[ :#]*(?:is |es )?[A-Z]{0,4}-?\d{3,}"
    r"|(?:贷款|账号|账户|编号|案件|号码)[^\d。？?]{0,6}\d{3,}|\d(?:[ -]?\d){6,}",
    re.IGNORECASE,
)


def why_not_asked(turn: Turn, found: Found) -> str:
    """Why this question is not looked up among the saved answers; empty if it is."""
    question = words_to_search(turn)
    reasons = {
        "asked again": turn.variant > 1 or turn.draft is not None,
        "limited search": bool(found.limited) or found.meaning is None,
        "nothing was found": not found.passages,
        "leans on what was said": turn.understood is None and bool(turn.history) and leans_on_history(turn.asked),
        "hidden characters": _hides_something(question) or _hides_something(turn.asked),
        "personal data": _is_personal(turn, question),
        "of the moment": bool(OF_THE_MOMENT.search(question)),
        "of the person": bool(OF_THE_PERSON.search(question)),
    }
    return next((why for why, holds in reasons.items() if holds), "")


def _hides_something(text: str) -> bool:
    """Whether a model may read in it what no reader sees and no comparison counts: it may be an order (A49)."""
    return bool(seen(text).hidden)


def _is_personal(turn: Turn, question: str) -> bool:
    """Whether the question tells who asks it, whatever the version's own checks mask."""
    return any(
        PLACEHOLDER.search(text) or WHO_ASKS.search(text) or NUMBERED.search(text) or turn.masks.redact(text) != text
        for text in (question, turn.asked)
    )


def why_not_saved(turn: Turn, end: dict[str, Any]) -> str:
    """Why the answer of a reply that ended so is not saved; empty if it may be. Its question was looked up."""
    reasons = {
        "did not end by itself": end.get("status") != "done" or end.get("finish_reason") != "stop",
        "no model wrote it": not end.get("model"),
        "a card waits": bool(end.get("proposed")),
        "cites nothing": not turn.cited,
        "rests on a look-up": bool(turn.lookups),
        "written with what was said before": bool(turn.history) or bool(turn.summary),
        "speaks to the person": bool(_taken_from(turn, end.get("text", ""))),
        "personal data": "written" in turn.receipt.inputs,  # the model knew it by placeholders
        "a check changed it": any(finding["action"] != "allow" for finding in turn.findings),
    }
    return next((why for why, holds in reasons.items() if holds), "")


def _taken_from(turn: Turn, text: str) -> set[str]:
    """Names and figures that the answer has from the question and from no passage that it cites ("Yes, Ann, …")."""
    known = set(TOLD.findall(" ".join(f"{one.title} {one.text}" for one in turn.cited).casefold()))
    said = set(TOLD.findall(turn.asked.casefold())) - NEVER_NAMES
    return {word.casefold() for word in CAPITAL_OR_FIGURE.findall(MARK.sub("", text))} & said - known
