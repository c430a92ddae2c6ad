"""A run as Markdown, for a comment on a pull request. Every word of it that a model may have written is escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evals.reporting.account import Account, Line, Tally, one_line
from evals.reporting.printed import money, share

MOST_LINES = 40
CELL_CHARACTERS = 160
MARKS = re.compile(r"([\\`*_{}\[\]()#+!|~>@$:-])")


def as_markdown(account: Account, conclusions: Sequence[str] = (), *, gate: Sequence[tuple[bool, str]] = ()) -> str:
    """The verdict first, then figures, then what did not pass. `gate` are its rules: does each hold, and in words."""
    run = account.run
    bad = [line for line in account.lines if line.state in {"failed", "broken"}]
    parts = [
        f"### Evals: {cell(account.set_name)}, {cell(account.answered_by)}",
        "\n".join(f"- {cell(words)}" for words in conclusions),
        "\n".join(f"- {'✅' if holds else '❌'} {cell(words)}" for holds, words in gate),
        _table(["", "Run " + str(run.pk)], _figures(account)),
        _table(["Grader", "Passed", "Judged", "Broken"], _tallies(account.by_grader)),
        f"{len(bad)} of {len(account.lines)} answers did not pass." if bad else "All answers passed.",
        _table(["Case", "", "Why"], [_row(account, line) for line in bad[:MOST_LINES]]) if bad else "",
        f"… and {len(bad) - MOST_LINES} more." if len(bad) > MOST_LINES else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def cell(text: str) -> str:
    """Hostile text as plain words in a table: no markup, no links, nobody is mentioned, no second line."""
    short = one_line(text)
    short = short[: CELL_CHARACTERS - 1] + "…" if len(short) > CELL_CHARACTERS else short
    escaped = short.replace("&", "&amp;").replace("<", "&lt;")
    escaped = re.sub(r"(?i)\b(https?|www|ftp|mailto)(?=[:.])", "\\1\u200b", escaped)
    return MARKS.sub(r"\\\1", escaped).replace("\\@", "@\u200b").replace("\\#", "#\u200b")


def _figures(account: Account) -> list[list[str]]:
    effort = account.effort
    return [
        [cell(account.title), share(account.headline)],
        ["Passed", f"{account.tally.passed} of {account.tally.judged}, {account.tally.broken} not judged"],
        ["Hard failures", str(account.hard_failures)],
        ["Answer p50 / p95", f"{effort.p50 or 0:.2f} s / {effort.p95 or 0:.2f} s"],
        ["Cost", money(effort.dollars)],
        ["What changed", cell(", ".join(account.run.changed) or "nothing that is known")],
        ["Note", cell(account.run.note)],
    ]


def _tallies(tallies: dict[str, Tally]) -> list[list[str]]:
    return [[cell(name), str(one.passed), str(one.judged), str(one.broken)] for name, one in tallies.items()]


def _row(account: Account, line: Line) -> list[str]:
    name = line.case if account.run.repetitions == 1 else f"{line.case} #{line.repetition}"
    what = "hard failure" if line.is_hard_failure else line.state
    return [cell(name), what, cell("; ".join(line.reasons))]


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
