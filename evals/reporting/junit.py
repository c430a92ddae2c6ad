"""A run as JUnit XML, which build servers show: one test case for each answer."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring  # only written here, never read

from evals.reporting.account import Account, Line, one_line
from llm.cleaning import clean

NOT_IN_XML = str.maketrans("", "", "\ufffe\uffff")  # besides what `clean` takes out
TEXT_CHARACTERS = 8_000


def as_junit(account: Account) -> str:
    """Failures are answers that did not pass, errors those that did not come; what could not be judged is skipped."""
    states = [_state(line) for line in account.lines]
    suite = Element(
        "testsuite",
        name=_safe(f"evals.{account.set_name}"),
        tests=str(len(states)),
        failures=str(states.count("failure")),
        errors=str(states.count("error")),
        skipped=str(states.count("skipped")),
        time=f"{sum(line.ms for line in account.lines) / 1000:.3f}",
        timestamp=account.run.created_at.strftime("%Y-%m-%dT%H:%M:%S"),
    )
    facts = {"run": str(account.run.pk), "version": account.answered_by, "hard_failures": str(account.hard_failures)}
    properties = SubElement(suite, "properties")
    for name, value in facts.items():
        SubElement(properties, "property", name=name, value=_safe(value))
    for line, state in zip(account.lines, states, strict=True):
        _add(suite, account, line, state)
    whole = Element("testsuites")
    whole.append(suite)
    indent(whole)
    return tostring(whole, encoding="unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="UTF-8"?>\n', "\n")
    )


def _state(line: Line) -> str:
    if line.error:
        return "error"
    return {"passed": "", "failed": "failure", "broken": "skipped", "silent": "skipped"}[line.state]


def _add(suite: Element, account: Account, line: Line, state: str) -> None:
    name = line.case if account.run.repetitions == 1 else f"{line.case} #{line.repetition}"
    test = SubElement(
        suite, "testcase", classname=_safe(f"evals.{account.set_name}"), name=_safe(name), time=f"{line.ms / 1000:.3f}"
    )
    if state:
        said = "; ".join(line.reasons) or "no rule had anything to say"
        what = SubElement(test, state, message=_safe(one_line(said)))
        if state != "skipped":
            what.set("type", "hard failure" if line.is_hard_failure else line.error or "did not pass")
            what.text = _safe("\n".join(line.reasons))
    told = SubElement(test, "system-out")
    told.text = _safe(f"{line.question}\n\n{line.text}"[:TEXT_CHARACTERS])


def _safe(text: str) -> str:
    """Without the characters that XML does not know. Marks such as < are escaped where it is written."""
    return clean(text).translate(NOT_IN_XML)
