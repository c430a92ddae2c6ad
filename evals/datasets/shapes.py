"""Files of other people: which of their columns is which field of a case.

Known are OpenAI's evals (`input` messages with an `ideal`), conversations with a last answer (`messages`), and tables
of questions and answers under the names that public sets use. What a column is taken for can be said by hand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from evals.cases import Case
from evals.datasets.lines import facts_of, items_of

LEFT_OUT = "left out"
MEANINGS = {
    "question": "the question",
    "messages": "the conversation: its last question, and what was said before",
    "context": "put before the question",
    "answer": "the expert answer",
    "ideal": "the expert answer, and a fact that must be there in one of its wordings",
    **{
        name: name.replace("_", " ")
        for name in Case.model_fields
        if name not in {"question", "expert_answer", "cluster"}
    },
    LEFT_OUT: "left out",
}
NAMES = {  # by which columns are known, the likelier one first
    "question": ("question", "prompt", "query", "user_input", "instruction", "input", "q"),
    "ideal": ("ideal", "answers", "short_answer"),
    "answer": (
        "expert_answer", "gold_answer", "correct_answer", "answer", "gold", "expected", "expected_answer",
        "expected_output", "best_answer", "reference",
        "reference_answer", "ground_truth", "target", "completion", "output", "response", "a",
    ),
    "id": ("id", "case_id", "qid", "question_id", "key"),
    "context": ("context", "passage", "knowledge"),
    "expected_sources": ("expected_sources", "file", "document"),
    "language": ("language", "lang", "locale"),
    "tags": ("tags", "tag", "category", "topic"),
    **{name: (name,) for name in ("history", "audience", "expects", "must_include", "must_not_include", "severity")},
}  # fmt: skip
NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9._:/-]+")
OURS = frozenset(
    {"expects", "expert_answer", "must_include", "must_not_include", "expected_sources", "audience", "severity"}
)
LONGEST_FACT = 400  # characters; a longer answer is no fact that an answer could hold word for word

Record = Mapping[str, Any]


def is_our_own(columns: Iterable[str]) -> bool:
    """Whether a file was written for us: then a column that is no field of a case is a slip, and not left out."""
    names = set(columns)
    return {"id", "question"} <= names and bool(names & OURS or names == {"id", "question"})


def meaning_of(records: Sequence[Record]) -> dict[str, str]:
    """What each column is taken for, a key of MEANINGS; each meaning is given once."""
    columns = list(dict.fromkeys(name for record in records for name in record))
    given: dict[str, str] = {}
    for name in columns:
        if _holds_messages(record.get(name) for record in records):
            given[name] = "messages"
            break
    for meaning, known in NAMES.items():
        if meaning == "question" and "messages" in given.values():
            continue
        by_name = {_plain(name): name for name in reversed(columns) if name not in given}
        if found := next((by_name[one] for one in known if one in by_name), None):
            given[found] = meaning
    return {name: given.get(name, LEFT_OUT) for name in columns}


def cases_from(records: Sequence[Record], meanings: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the records say as fields of cases, not checked yet. A record without an id gets one from its question."""
    found = [_fields(record, meanings) for record in records]
    _name_all(found)
    return found


def _fields(record: Record, meanings: Mapping[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for column, value in record.items():
        meaning = meanings.get(column, LEFT_OUT)
        if meaning != LEFT_OUT and value not in (None, "", [], {}):
            _take(fields, meaning, value)
    if context := fields.pop("context", ""):
        fields["question"] = f"{context}\n\n{fields.get('question', '')}"
    return fields


def _take(fields: dict[str, Any], meaning: str, value: Any) -> None:
    """Put a value where its meaning has it."""
    if meaning == "messages":
        fields |= _conversation(value)
    elif meaning in {"answer", "ideal"}:
        wordings = _texts(value)
        fields["expert_answer"] = wordings[0] if wordings else ""
        if meaning == "ideal" and all(len(one) <= LONGEST_FACT for one in wordings):
            fields["must_include"] = [list(dict.fromkeys(wordings))[:20]]
    elif meaning == "id":
        fields["id"] = NOT_IN_AN_ID.sub("-", str(value)).strip("-._:/")[:80]
    elif meaning in {"tags", "expected_sources", "must_not_include"}:
        fields[meaning] = value if isinstance(value, list) else items_of(str(value))
    elif meaning == "must_include":
        fields[meaning] = value if isinstance(value, list) else facts_of(str(value))
    else:
        fields[meaning] = value if isinstance(value, list | dict) else str(value)


def _conversation(messages: Any) -> dict[str, Any]:
    """The last question of a conversation, what was said before it, and the answer after it, where there is one.

    Messages of the system are left out: the assistant has its own.
    """
    if isinstance(messages, str):
        return {"question": messages}
    said = [one for one in messages if isinstance(one, dict) and one.get("role") in {"user", "assistant"}]
    places = [place for place, one in enumerate(said) if one["role"] == "user"]
    if not places:
        return {}
    last = places[-1]
    answer = _content(said[last + 1]) if len(said) > last + 1 else ""
    history: list[dict[str, str]] = []
    for one in said[:last]:
        if one["role"] == "user":
            history.append({"question": _content(one), "reply": ""})
        elif history:
            history[-1]["reply"] = f"{history[-1]['reply']}\n\n{_content(one)}".strip()
    found: dict[str, Any] = {"question": _content(said[last]), "history": history}
    return found | ({"expert_answer": answer} if answer else {})


def _content(message: Mapping[str, Any]) -> str:
    content = message.get("content") or ""
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content)


def _holds_messages(values: Iterable[Any]) -> bool:
    first = next((value for value in values if value), None)
    return isinstance(first, list) and all(isinstance(one, dict) and "role" in one for one in first)


def _texts(value: Any) -> list[str]:
    """The wordings of an answer: a text, a list of them, or a record that holds them as `text`."""
    if isinstance(value, dict):
        return _texts(value.get("text", ""))
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    return [str(value)] if str(value).strip() else []


def name_of(question: str, history: object = "") -> str:
    """An id for what has none: the same question has the same one whenever it is read."""
    asked = f"{question}\x1f{history}" if history else question
    return f"q-{sha256(asked.encode(errors='replace')).hexdigest()[:10]}"


def _name_all(found: list[dict[str, Any]]) -> None:
    """An id for each that has none; a question that stands there twice is told apart by a number."""
    seen: Counter[str] = Counter()
    for fields in found:
        if not fields.get("id") and fields.get("question"):
            name = name_of(str(fields["question"]), fields.get("history", ""))
            seen[name] += 1
            fields["id"] = name if seen[name] == 1 else f"{name}-{seen[name]}"


def _plain(name: str) -> str:
    return re.sub(r"\W+", "_", name.strip().casefold()).strip("_")
