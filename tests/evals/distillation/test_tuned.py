"""A model that was taught: registered once it answers, tried beside its teacher and its base, put live by the gate."""

from __future__ import annotations

import pytest
from asgiref.sync import async_to_sync
from django.db import transaction

import llm
from chat.assistant import Version
from chat.models import AssistantVersion
from chat.versions.states import Blocked, discard, find, live_version, publish, version_of
from evals.distillation.options import Refused
from evals.distillation.promoting import draft_of, is_live, retire, take_back
from evals.distillation.trying import price_of_trial, trials_of, try_it
from evals.distillation.tuned import register
from evals.gates import gate_of
from evals.gates.checking import check
from evals.gates.currency import changed_since
from evals.gates.lacking import begin, lacking
from evals.models import Run, TunedModel
from evals.running.asking import ask
from evals.running.changes import changed_in_record
from evals.running.circumstances import circumstances
from evals.running.estimating import unknown_price
from llm.catalogue import model_for
from llm.models import Call
from llm.standin.tuned_names import name_for
from tests import standin
from tests.evals.factories import case, dataset, run_of
from tests.evals.running.starting import worked

pytestmark = pytest.mark.django_db(transaction=True)
NAME = name_for("demo-small", "acme", "ftjob-1")
FOLLOW_UP = case(
    "late",
    history=[{"question": "What is a late fee?", "reply": "It is $35."}],
    question="And then?",
    expects="unknown",
)


def taught(name: str = NAME, **more: str) -> TunedModel:
    return TunedModel.objects.create(name=name, **{"base": "demo-small", **more})


def asked_of(model: str) -> int:
    """How many questions the server got for this model since it started."""
    return len(standin.calls(model))


def small_model_of(version: Version) -> str:
    with llm.on_behalf_of(version.label, models=version.models):
        return model_for("small").name


def test_one_from_elsewhere_is_registered_once_it_has_answered():
    made = register(f" {NAME} ", base="demo-small", note="LoRA on our machine", by=None)
    assert (made.name, made.role, made.base, made.note) == (NAME, "small", "demo-small", "LoRA on our machine")
    call = Call.objects.get()
    assert (call.model, call.purpose, call.alias, call.cost_microdollars) == (NAME, "tuned", "small", None)
    with pytest.raises(Refused, match="registered already"):
        register(NAME, by=None)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ft:demo-small:standin:acme:000000000000", "does not know ft:demo-small:standin:acme:000000000000"),
        ("fault-401", "does not let our key"),
        ("fault-empty-answer", "did not answer .no_answer."),
        ("fault-cut-after-1", "did not answer .interrupted."),
        ("two words", "without blanks"),
        ("", "Name the model"),
    ],
)
def test_one_that_does_not_answer_is_not_registered(name: str, words: str):
    with pytest.raises(Refused, match=words):
        register(name, by=None)
    assert not TunedModel.objects.exists()


def test_another_model_that_stands_in_does_not_answer_for_it(settings):
    settings.LLM_FALLBACK_MODEL, settings.LLM_RETRIES = "demo-small", 0
    with pytest.raises(Refused, match="LLM_FALLBACK_MODEL stood in for it"):
        register("fault-500", by=None)


def test_a_judge_says_whose_place_it_would_take():
    with pytest.raises(Refused, match="which judge it would be"):
        register(NAME, role="judge", grader="cites_source", by=None)
    assert register(NAME, role="judge", grader="tone", by=None).grader == "tone"


def test_a_trial_runs_teacher_base_and_model_over_the_same_cases():
    made, tuned = dataset(case("a"), gates=True), taught()
    dataset(case("c"), slug="other")
    begun = try_it(tuned, by=None)
    assert [run.note for run in begun] == [
        f"For the trial of {NAME}: {who}" for who in ("as it is live", "base", "tuned")
    ]
    assert len({run.dataset_version_id for run in begun}) == 1
    assert [run.baseline for run in begun] == [None, begun[0], begun[0]]
    assert "models" in begun[2].changed
    for run in begun:
        assert worked(run).state == "done"
    trial = trials_of(tuned)[0]
    assert (trial.dataset, trial.is_over) == (made, True)
    assert [set(run.results.values_list("model", flat=True)) for run in (trial.base, trial.tuned) if run] == [
        {"demo-small"},
        {NAME},
    ]
    assert trial.teacher is not None
    assert NAME not in trial.teacher.results.values_list("model", flat=True)
    assert begun[2].circumstances["models"]["small"] == NAME


def test_a_second_click_runs_nothing_twice_and_leaves_no_draft_to_be_published_by_mistake():
    dataset(case("a"), gates=True)
    tuned = taught()
    assert len(try_it(tuned, by=None)) == 3
    assert try_it(tuned, by=None) == []
    drafts = AssistantVersion.objects.exclude(pk=find("live").pk)
    assert [row.state for row in drafts] == ["discarded", "discarded"]
    assert all(NAME in row.note for row in drafts)
    other = taught(name_for("demo-small", "acme", "ftjob-2"))
    assert len(try_it(other, by=None)) == 1  # its teacher and its base have run already
    assert AssistantVersion.objects.count() == 4


def test_a_trial_without_a_set_or_of_a_judge_says_what_to_do():
    with pytest.raises(Refused, match="no set to try it on"):
        try_it(taught(), by=None)
    dataset(case("a"))
    with pytest.raises(Refused, match="taught to judge"):
        try_it(taught("judge", role="judge", grader="tone"), by=None)


def test_no_price_is_made_up_for_it(settings):
    settings.LLM_DEMO = False
    settings.LLM_STRONG_MODEL = settings.LLM_JUDGE_MODEL = "gpt-4.1"
    dataset(case("a"))
    tuned = taught("ft:gpt-4.1-mini:acme::1", base="gpt-4.1-mini")
    assert price_of_trial(tuned).dollars is None
    assert price_of_trial(tuned).answers == 3
    settings.LLM_PRICES = ["ft:gpt-4.1-mini:*=0.8/3.2"]
    assert (price_of_trial(tuned).dollars or 0) > 0
    settings.LLM_PRICES = []
    assert unknown_price(version_of(draft_of(tuned, by=None)).assistant, []) == (tuned.name,)


def test_it_goes_live_by_the_gate_and_back_by_one_click():
    dataset(FOLLOW_UP, slug="safety", purpose="safety", gates=True)
    tuned, before = taught(), find("live")
    draft = draft_of(tuned, by=None)
    assert draft_of(tuned, by=None) == draft == tuned.draft
    assert changed_in_record(version_of(before).assistant, version_of(draft).assistant) == ["models"]
    with transaction.atomic(), pytest.raises(Blocked, match="not run on it yet"):
        publish(draft, note="Taught")
    (run,) = begin(lacking(gate_of(draft), draft), by=None)
    answered = asked_of(NAME)
    worked(run)
    assert asked_of(NAME) > answered
    assert check(run).is_passed, [finding.words for finding in check(run).objections]
    publish(draft, note="Taught")
    assert is_live(tuned)
    assert small_model_of(live_version()) == NAME
    with pytest.raises(Refused, match="is live already"):
        draft_of(tuned, by=None)
    with pytest.raises(Refused, match="go back to another version"):
        retire(tuned)
    publish(before, note="Back")  # nobody is asked about that
    answered = asked_of(NAME)
    async_to_sync(ask)(FOLLOW_UP, live_version())
    assert asked_of(NAME) == answered
    assert small_model_of(live_version()) == "demo-small"
    assert not is_live(tuned)
    retire(tuned)
    tuned.refresh_from_db()
    with pytest.raises(Refused, match="is retired"):
        draft_of(tuned, by=None)
    take_back(tuned)


def test_a_run_of_a_version_with_models_of_its_own_is_as_old_as_those(settings):
    """What the settings name behind an alias is nothing to a version that names it itself."""
    cases, tuned = dataset(case("a")), taught()
    draft = draft_of(tuned, by=None)
    own = version_of(draft).models
    ours = run_of(cases, assistant_version=draft, assistant_hash=draft.hash, circumstances=circumstances(own))
    live = run_of(cases, assistant_hash=find("live").hash, circumstances=circumstances())
    settings.LLM_SMALL_MODEL = "another"
    assert changed_since(ours, circumstances(own)) == []
    assert changed_since(live, circumstances()) == ["models"]
    assert "models" not in "".join(
        finding.words for finding in check(ours).objections if finding.name == "circumstances"
    )


def test_a_draft_that_was_discarded_is_made_anew():
    tuned = taught()
    first = draft_of(tuned, by=None)
    discard(first)
    assert draft_of(tuned, by=None).number == first.number + 1
    assert Run.objects.count() == 0
