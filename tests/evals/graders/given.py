"""Questions, passages and answers as graders get them."""

from __future__ import annotations

import json
import re
from typing import Any

from chat.citations import MARK
from evals.answers import Answer, LookedUp, Source
from evals.cases import Case
from evals.graders import GRADERS
from evals.grading import Grade, Grader, Outcome

LATE = (
    "Your payment is due on the 1st of the month. After the due date you have a grace period of 14 days. If the "
    "payment has not arrived by 8 p.m. Eastern Time on the 15th, we add a late fee of $35 on the 16th. We waive the "
    "first late fee in any 12-month period when you ask within 60 days of the fee. You can also call Customer Care at "
    "1-800-555-0142."
)
WAYS = (
    "With an agent on the phone a payment costs $7. We cannot take payments by credit card or debit card. When your "
    "bank returns a payment, we charge a returned payment fee of $20. A check takes up to 7 business days."
)
ATRASO = (
    "Su pago vence el día 1 de cada mes. Si no llegó hasta las 8 p.m. del día 15, agregamos un cargo por atraso de "
    "$35. El primer cargo en 12 meses se lo perdonamos si lo pide."
)
WANJIN = (
    "如果15日晚上8点（东部时间）之前没有收到付款，我们会在16日收取35美元的滞纳金。12个月内的第一次滞纳金可以申请免除。"
)
RATES = LookedUp("get_mortgage_rates", {"kind": "fixed"}, '{"as_of": "2026-11-20", "30_year_fixed": "6.27%"}')
SOURCES = (
    Source("late-payments.md", "Late payments", LATE, chunk=1, document="a"),
    Source("ways-to-pay.md", "Ways to pay", WAYS, chunk=2, document="b"),
)


def case(question: str = "How much is the late fee, and when is it charged?", **more: Any) -> Case:
    return Case.model_validate({"id": "late-fee", "question": question, **more})


def reply(text: str, sources: tuple[Source, ...] = SOURCES, **more: Any) -> Answer:
    """A model's answer that cites the first source as [1], and so on."""
    cited = {int(number) for marks in MARK.findall(text) for number in re.findall(r"\d+", marks)}
    numbered = tuple(
        Source(one.name, one.title, one.text, n if n in cited else 0, chunk=one.chunk, document=one.document)
        for n, one in enumerate(sources, start=1)
    )
    names = tuple(one.name for one in numbered if one.number)
    given = {"cited": names, "found": tuple(one.name for one in sources), "finish_reason": "stop", "model": "m"}
    return Answer(text, passages=numbered, **(given | more))


def of(language: str) -> tuple[Source, ...]:
    """The one source that there is in Spanish or Chinese."""
    text = {"es": ATRASO, "zh": WANJIN}[language]
    return (Source(f"{language}.md", "Pagos" if language == "es" else "还款", text, chunk=1, document="c"),)


async def dislikes(case: Case, answer: Answer) -> dict[str, str]:
    """The rules that dislike the answer, each with its reason. A rule that breaks is an error here."""
    rules = [grader for grader in GRADERS.values() if grader.kind == "rule"]
    grades = {grader.name: await grader(case, answer) for grader in rules}
    return {name: grade.reason for name, grade in grades.items() if grade.passed is False}


async def says(grader: Grader, case: Case, answer: Answer) -> tuple[Outcome, bool | None, str]:
    grade: Grade = await grader(case, answer)
    return grade.outcome, grade.passed, grade.reason


def verdict(**fields: Any) -> dict[str, Any]:
    """A line of the stand-in's script in which the judge says this, with its evidence and reasoning."""
    said = {"evidence": [], "reasoning": "Because of the evidence.", **fields}
    return {"reply": {"text": json.dumps(said)}}
