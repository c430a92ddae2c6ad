"""`manage.py run_evals`: does the assistant still answer well, and better than before?"""

from __future__ import annotations

import asyncio
import json
import math
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from chat.versions.states import Refused as NoSuchVersion
from chat.versions.states import find
from evals.comparing.comparison import compare
from evals.comparing.told import told
from evals.gates import GateReport
from evals.gates.checking import check
from evals.models import Result, Run
from evals.reporting.account import Account, account_of
from evals.reporting.junit import as_junit
from evals.reporting.markdown import as_markdown
from evals.reporting.printed import as_json, as_table
from evals.running import runs, steering
from evals.running.named import baseline_named, run_named, set_named
from evals.running.runs import Refused
from evals.running.work import work

NOT_GOOD_ENOUGH, WRONG_USE, NOT_FINISHED = 1, 2, 3


class Command(BaseCommand):
    help = (
        "Asks the cases of a set through the pipeline, keeps and grades the answers and prints a table. Exit codes: 0, "
        "or 1 when --gate or --min-pass is not met, 2 when it was called wrongly, 3 when the run could not be finished."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Here `--version` is the assistant's and not Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dataset", nargs="?", default="support", help="a set (support, support@3) or a .jsonl file")
        parser.add_argument("--version", dest="which", default="live", help="live, draft, or a version's number")
        parser.add_argument("--baseline", default="", metavar="RUN", help="a run's number, or live")
        parser.add_argument("--repetitions", type=int, default=1, help="how often each case is asked")
        parser.add_argument("--graders", default="", metavar="A,B", help="else all, but no demo judges")
        parser.add_argument("--budget", type=float, metavar="USD", help="no answer begins that would pass it")
        parser.add_argument("--note", default="", help="what was changed, and why")
        parser.add_argument("--resume", type=int, metavar="RUN", help="go on with a run that was paused or broke off")
        parser.add_argument("--gate", action="store_true", help="exit with 1 unless the gate's rules hold")
        parser.add_argument("--min-pass", type=float, metavar="SHARE", help="exit with 1 below it, from 0 to 1")
        parser.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit XML")
        parser.add_argument("--markdown", type=Path, metavar="FILE", help="write a table for a pull request")
        parser.add_argument("--json", action="store_true", help="print answers, grades and figures as JSON")

    def handle(self, *, resume: int | None, **options: Any) -> None:
        try:
            run = gone_on_with(resume, options["budget"]) if resume else started(**options)
        except (Refused, NoSuchVersion) as problem:
            raise CommandError(str(problem), returncode=WRONG_USE) from problem
        try:
            run = finished(run)
        except KeyboardInterrupt:
            raise unfinished(run, "It was interrupted.") from None
        if run.state != Run.State.DONE:
            raise unfinished(run, run.problem or f"It is {run.get_state_display()}.")
        self.report(run, **options)

    def report(self, run: Run, *, gate: bool, min_pass: float | None, **options: Any) -> None:
        account, report = account_of(run), check(run, run.baseline) if gate else None
        conclusions = [told(compare(run.baseline, run))] if run.baseline else []
        self.stdout.write(
            json.dumps(as_json(account, {"conclusions": conclusions, **in_json(report)}), ensure_ascii=False, indent=2)
            if options["json"]
            else as_table(account, [*conclusions, *in_lines(report)])
        )
        if options["junit"]:
            options["junit"].write_text(as_junit(account), encoding="utf-8")
        if options["markdown"]:
            rules = [(one.is_passed, one.words) for one in report.findings] if report else []
            options["markdown"].write_text(as_markdown(account, conclusions, gate=rules), encoding="utf-8")
        if objections := [*too_few_passed(account, min_pass), *not_let_through(report)]:
            self.stderr.write("\n".join(objections))
            sys.exit(NOT_GOOD_ENOUGH)


def started(*, dataset: str, which: str, baseline: str, graders: str, budget: float | None, **options: Any) -> Run:
    """The new run that the options ask for. Raises `Refused`."""
    version = set_named(dataset)
    return runs.start(
        version,
        find(which),
        repetitions=options["repetitions"],
        graders=[name.strip() for name in graders.split(",")] if graders else None,
        baseline=baseline_named(baseline, version.dataset),
        note=options["note"],
        budget_microdollars=in_microdollars(budget),
        trigger=Run.Trigger.COMMAND,
    )


def gone_on_with(number: int, budget: float | None) -> Run:
    """A run that waits for somebody to go on with it. Raises `Refused`."""
    run = run_named(number)
    if not steering.resume(run, budget_microdollars=in_microdollars(budget)) and run.state == Run.State.STOPPED:
        raise Refused(f"Run {number} was stopped, which is for good. Start another one.")
    return run


def finished(run: Run) -> Run:
    """Work at it in this process, to its end. A worker that has just died keeps its lease for a while: it is waited
    for."""
    patience = time.monotonic() + settings.EVALS_LEASE_SECONDS + 5
    done = Result.objects.filter(run=run).count()
    with tqdm(total=run.expected, initial=done, unit="answer", disable=None, leave=False) as bar:
        while True:
            asyncio.run(work(run.pk, seconds=math.inf, on_result=lambda _: bar.update()))
            run.refresh_from_db()
            if not run.is_open or (run.worker and time.monotonic() > patience):
                return run
            time.sleep(1 if run.worker else 0)


def unfinished(run: Run, why: str) -> CommandError:
    goes_on = f"Go on with it: manage.py run_evals --resume {run.pk}"
    return CommandError(f"Run {run.pk} is not finished. {why}\n{goes_on}", returncode=NOT_FINISHED)


def too_few_passed(account: Account, min_pass: float | None) -> list[str]:
    tally = account.tally
    if min_pass is None or (tally.rate >= min_pass and not tally.broken):
        return []
    return [f"{tally.rate:.1%} passed, {tally.broken} not judged; asked for: {min_pass:.1%}"]


def not_let_through(report: GateReport | None) -> list[str]:
    return [] if report is None or report.is_passed else ["The gate does not let this version through."]


def in_lines(report: GateReport | None) -> list[str]:
    return [f"{'✓' if one.is_passed else '✗'} {one.words}" for one in report.findings] if report else []


def in_json(report: GateReport | None) -> dict[str, Any]:
    if report is None:
        return {}
    rules = [{"name": one.name, "is_passed": one.is_passed, "words": one.words} for one in report.findings]
    return {"gate": {"is_passed": report.is_passed, "rules": rules}}


def in_microdollars(dollars: float | None) -> int | None:
    return None if dollars is None else round(dollars * 1_000_000)
