"""Pairs of a better and a worse answer to the same request: asked again and liked then, corrected by a person, or
compared by a person or a judge that may gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db.models import F

from chat.models import Feedback, Reply, Route
from evals.distillation.approvals import BY_JUDGE, BY_PEOPLE, Approval, Licences, approval_of, gradings_of
from evals.distillation.asking import as_written, numbers_by_chunk
from evals.distillation.candidates import Candidate, Found, LeftOut
from evals.distillation.collecting import replies, written
from evals.distillation.options import Options
from evals.models import Grading, Result, RouteVerdict

BY_CUSTOMER = 1


def preferences(options: Options, _grader: str) -> Found:
    """All three kinds. What was judged on cases is not learned from: cases measure."""
    rules, licences = replies.Rules(options), Licences()
    yield from _of_cases(options)
    yield from _asked_again(rules, licences)
    yield from written.corrections(rules)
    yield from _compared(rules, licences)


# ── asked again ──


def _asked_again(rules: replies.Rules, licences: Licences) -> Found:
    """A variant that the customer liked, over one before it that he did not."""
    pairs = list(_variants(rules.options))
    rows = {reply.pk: reply for batch in replies.batches({pk for pair in pairs for pk in pair}) for reply in batch}
    said = _said_of(rows)
    looked_up = replies.with_lookups(rows.values())
    for worse, better in pairs:
        if worse in rows and better in rows:
            yield _pair_of(rows[better], rows[worse], rules, said.get(better, ()), licences, looked_up)


def _variants(options: Options) -> Iterator[tuple[UUID, UUID]]:
    """(worse, better): of each question the last one disliked before the first one liked after it."""
    voted = Feedback.objects.order_by("reply__question", "reply__variant")
    if options.since:
        voted = voted.filter(reply__created_at__date__gte=options.since)
    rows = voted.values_list("reply__question", "reply", "verdict")
    for (question, reply, verdict), (same, later, then) in pairwise(rows):
        if question == same and (verdict, then) == (Feedback.Verdict.DOWN, Feedback.Verdict.UP):
            yield reply, later


def _pair_of(
    better: Reply,
    worse: Reply,
    rules: replies.Rules,
    said: Sequence[Grading],
    licences: Licences,
    looked_up: frozenset[UUID],
) -> Candidate | LeftOut:
    if approval_of(said, licences, is_liked=True) == "objected_to":
        return LeftOut("objected_to")
    why_not = (
        replies.objection_to(better, rules, looked_up)
        or replies.objection_to_teacher(better)
        or replies.objection_to(worse, rules, looked_up)
    )
    if why_not:
        return LeftOut(why_not)
    passages = better.receipt["inputs"]["passages"]
    good, bad = replies.written_of(better, passages), replies.written_of(worse, passages)
    if good is None:
        return LeftOut("lost_citation")
    if bad is None:
        return LeftOut("other_passages")
    common = replies.common_of(better, rules)
    return Candidate(
        **common,
        good=good,
        bad=bad,
        about=f"{common['asked'][0]}\n{good}",
        approved="a customer: asked again and liked",
        rank=BY_CUSTOMER,
        teachers=tuple(dict.fromkeys((better.model, worse.model))),
        origin={"kind": "asked again", "better": str(better.pk), "worse": str(worse.pk)},
    )


# ── compared by a person or a judge ──


def _compared(rules: replies.Rules, licences: Licences) -> Found:
    """Questions that both models answered, with the word that counts: a person's before a judge's."""
    said = RouteVerdict.objects.filter(is_current=True, outcome="scored").order_by("route", F("is_human").asc(), "pk")
    last = {verdict.route_id: verdict for verdict in said}
    routes = Route.objects.filter(pk__in=last).order_by("pk")
    if rules.options.since:
        routes = routes.filter(created_at__date__gte=rules.options.since)
    found = list(routes)
    rows = {reply.pk: reply for batch in replies.batches(route.reply for route in found) for reply in batch}
    looked_up = replies.with_lookups(rows.values())
    for route in found:
        yield _of_route(route, last[route.pk], rows.get(route.reply), rules, licences, looked_up)


def _of_route(
    route: Route,
    verdict: RouteVerdict,
    reply: Reply | None,
    rules: replies.Rules,
    licences: Licences,
    looked_up: frozenset[UUID],
) -> Candidate | LeftOut:
    approval = _approval(verdict, licences)
    if isinstance(approval, str):
        return LeftOut(approval)
    if reply is None:
        return LeftOut("deleted")
    why_not = replies.objection_to(reply, rules, looked_up)
    if why_not:
        return LeftOut(why_not)
    better, worse = (route.strong, route.small) if verdict.label == "worse" else (route.small, route.strong)
    if why_not := _objection_to_sides(better, worse, rules):
        return LeftOut(why_not)
    given = [one["chunk_id"] for one in reply.receipt["inputs"]["passages"]]
    good, bad = _side(better, given), _side(worse, given)
    if good is None or bad is None:
        return LeftOut("other_passages")
    common = replies.common_of(reply, rules)
    return Candidate(
        **common,
        good=good,
        bad=bad,
        about=f"{common['asked'][0]}\n{good}",
        approved=approval.words,
        rank=approval.rank,
        teachers=tuple(dict.fromkeys((str(better["model"]), str(worse["model"])))),
        origin={"kind": "compared", "route": route.pk},
    )


def _approval(verdict: RouteVerdict, licences: Licences) -> Approval | str:
    if verdict.label not in ("better", "worse"):
        return "tie"
    if verdict.is_human:
        return Approval("people: compared", BY_PEOPLE)
    if verdict.is_demo or not licences.may_gate(verdict.grader, verdict.version):
        return "unlicensed_judge"
    return Approval(f"judges: {verdict.grader}", BY_JUDGE)


def _objection_to_sides(better: Mapping[str, Any], worse: Mapping[str, Any], rules: replies.Rules) -> str:
    models = [str(side.get("model", "")) for side in (better, worse)]
    if not all(models):
        return "no_model"
    if any(map(replies.is_demo, models)) and not rules.options.allow_demo:
        return "demo"
    if better.get("held_back"):
        return "guardrail"
    return "" if better.get("sources") else "uncited"


def _side(side: Mapping[str, Any], given: Sequence[int | None]) -> str | None:
    cited = {number: one["chunk_id"] for number, one in enumerate(side.get("sources", ()), start=1)}
    return as_written(str(side["text"]), numbers_by_chunk(cited, given))


def _of_cases(options: Options) -> Found:
    said = Grading.objects.filter(outcome=Grading.Outcome.SCORED, is_current=True).exclude(against=None)
    said = said.exclude(label="tie").exclude(result__case=None)
    if options.since:
        said = said.filter(created_at__date__gte=options.since)
    if count := said.count():
        yield LeftOut("golden", count)


def _said_of(rows: Mapping[UUID, Reply]) -> dict[UUID, list[Grading]]:
    found = Result.objects.filter(reply__in=list(rows)).values_list("pk", "reply")
    of_result = {pk: reply for pk, reply in found if reply}
    said: dict[UUID, list[Grading]] = {}
    for result, words in gradings_of(of_result).items():
        said.setdefault(of_result[result], []).extend(words)
    return said
