"""Whether a run says anything about what would be published now: it is whole, and nothing has changed since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chat.versions.states import version_of
from evals.gates.evidence import Evidence, ids
from evals.gates.findings import Finding
from evals.models import Run
from evals.running.changes import changed_around
from evals.running.circumstances import circumstances

AGAIN = "Run the set again."


def complete(evidence: Evidence) -> Finding:
    """Every case was answered and graded, as often as it was asked for."""
    run, rows = evidence.run, evidence.table.rows
    size = evidence.run.dataset_version.size if evidence.run.dataset_version else 0
    wanted = max(run.expected, size * run.repetitions)
    unanswered = ids([row for row in rows if row.error])
    broken = ids([row for row in rows if evidence.broken(row)])
    problems = [
        f"it is {run.get_state_display().lower()}" if run.state != Run.State.DONE else "",
        f"{wanted - len(rows)} of {wanted} answers are missing" if len(rows) < wanted else "",
        f"{_answers(unanswered)} failed" if unanswered else "",
        f"a grader broke over {_answers(broken)}" if broken else "",
    ]
    words = "; ".join(filter(None, problems))
    return Finding(
        "complete",
        not words,
        f"Not all is answered and graded: {words}." if words else f"All {wanted} answers are there, and graded.",
        unanswered + broken,
    )


def same_content(evidence: Evidence) -> Finding:
    """The version still says what it said when it was asked: a draft may have been edited since."""
    run, version = evidence.run, evidence.run.assistant_version
    if version is None:
        return Finding("version", False, f"The run is of {run.label or 'an import'}, which is no version that is here.")
    if run.assistant_hash != version.hash:
        return Finding("version", False, f"Version {version.number} was edited after the run. {AGAIN}")
    return Finding("version", True, f"The run is of version {version.number}, word for word.")


def same_set(evidence: Evidence) -> Finding:
    """The run asks what the set asks now."""
    latest, asked = evidence.dataset.versions.first(), evidence.run.dataset_version
    if latest and asked and latest.pk != asked.pk:
        words = f"The set is at version {latest.number}, and the run asks version {asked.number}. {AGAIN}"
        return Finding("set", False, words)
    return Finding("set", True, f"The run asks the latest version of the set, {asked}.")


def same_circumstances(evidence: Evidence) -> Finding:
    """The documents, the models and the code are those that answer now."""
    version = evidence.run.assistant_version
    changed = changed_since(evidence.run, circumstances(version_of(version).models if version else None))
    if changed:
        return Finding("circumstances", False, f"Since the run these have changed: {', '.join(changed)}. {AGAIN}")
    return Finding("circumstances", True, "Documents, models and code are as they were.")


def changed_since(run: Run, now: Mapping[str, Any]) -> list[str]:
    """What answers depend on beside the version, and is not as it was. A run that did not say counts as old."""
    if not run.circumstances:
        return ["all that the run did not keep"]
    return changed_around(run.circumstances, now)


def _answers(results: tuple[int, ...]) -> str:
    return "1 answer" if len(results) == 1 else f"{len(results)} answers"
