"""What a judge is taught: people's words that hold, asked as it is asked, and never what measures it afterwards."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from evals.distillation.building import Options, Refused, start
from evals.distillation.candidates import Candidate, LeftOut
from evals.distillation.collecting import COLLECTORS
from evals.distillation.collecting.judgements import is_kept_back
from evals.distillation.formats import line_of, problem_in
from evals.graders import GRADERS
from evals.graders.fact_vs_expert import Comparison
from evals.judging.taught import taught_with
from evals.models import Grading, Result, Review, TrainingExample, TunedModel
from evals.running.grades import case_of
from tests import standin
from tests.evals.distillation.sets import ready_set
from tests.evals.factories import answer, case, dataset, run_of
from tests.evals.judging.simulating import rater

pytestmark = pytest.mark.django_db(transaction=True)
FACTS = GRADERS["fact_vs_expert"]
QUOTE = "A late fee of $35"


@pytest.fixture(autouse=True)
def a_real_judge(settings) -> None:
    settings.LLM_DEMO = False
    settings.EVALS_TRAINING_LICENCES = ["judge-1:yes"]


def judged(*said: str, judge: str = "", purpose: str = "golden", reason: str = "", **more: Any) -> Result:
    """An answer on which people said these words, the last one settling it where the first two differ."""
    made = dataset(case("fee", must_include=[]), slug=purpose, purpose=purpose)
    one = run_of(made).results.get()
    Result.objects.filter(pk=one.pk).update(answer=answer(passages=()).as_json())
    one.refresh_from_db()
    state = "settled" if len(said) != 2 or said[0] == said[1] else "disputed"
    review = Review.objects.create(result=one, grader="fact_vs_expert", state=state)
    for place, label in enumerate(said):
        columns = {"person": rater(f"rater-{place}"), "review": review, "is_human": True, "settles": place == 2}
        _word(one, label, reason=reason, **columns)
    if judge:
        places = {QUOTE: [0, 17], "made up": None}
        evidence = [{"where": "answer", "quote": quote, "at": at} for quote, at in places.items()]
        _word(one, judge, reason="Both name $35.", evidence=evidence, model=more.get("model", "judge-1"))
    return one


def _word(one: Result, label: str, **more: Any) -> None:
    Grading.objects.create(result=one, grader="fact_vs_expert", outcome="scored", label=label, score=1, **more)


def found(**options: Any) -> list[Candidate | LeftOut]:
    return list(COLLECTORS["judge"](Options(**({"measured": 0} | options)), "fact_vs_expert"))


def test_a_judge_is_taught_exactly_what_it_is_asked(settings):
    one = judged("same", "same", judge="same")
    (taught,) = found()
    assert isinstance(taught, Candidate)
    verdict = {"evidence": [{"where": "answer", "words": QUOTE}], "reasoning": "Both name $35.", "label": "same"}
    assert json.loads(taught.good) == verdict  # with the quotes that stand there, and no others
    assert problem_in("judge", line_of("judge", taught)) == ""
    with standin.script({"reply": {"text": taught.good}}) as played:
        settings.LLM_JUDGE_MODEL = played.model
        grade = async_to_sync(FACTS)(case_of(one), one.reading)
        sent = played.calls[0]
    assert grade.label == "same"
    assert list(taught.messages) == sent.get("body", sent)["messages"]


def test_the_third_word_settles_and_a_reason_of_people_is_taken_where_no_judge_agrees():
    judged("same", "subset", "subset", judge="same", reason="It leaves the 15th out.")
    (taught,) = found()
    assert isinstance(taught, Candidate)
    said = Comparison.model_validate_json(taught.good)
    assert (said.label, said.reasoning, said.evidence) == ("subset", "It leaves the 15th out.", [])
    assert taught.teachers == ()


def test_a_judge_whose_model_may_not_teach_gives_no_reasoning(settings):
    settings.EVALS_TRAINING_LICENCES = ["judge-1:no"]
    judged("conflict", "conflict", judge="conflict")
    (taught,) = found()
    assert isinstance(taught, Candidate)
    assert Comparison.model_validate_json(taught.good).reasoning == "By the rubric this answer is: conflict."


def test_words_that_differ_and_words_of_one_are_not_taught():
    judged("same", "subset")
    assert found() == []


def test_what_measures_a_judge_never_teaches_it():
    judged("same", "same", purpose="calibration")
    assert found() == [LeftOut("calibration")]
    kept = [is_kept_back(f"case-{n}", Options(measured=0.5)) for n in range(400)]
    assert 150 < sum(kept) < 250
    assert kept == [is_kept_back(f"case-{n}", Options(measured=0.5)) for n in range(400)]


def test_the_cases_that_taught_a_model_are_known():
    made = ready_set(2, kind="judge", grader="fact_vs_expert")
    for n, example in enumerate(TrainingExample.objects.filter(training_set=made)):
        TrainingExample.objects.filter(pk=example.pk).update(origin={"kind": "judged", "unit": f"case-{n}"})
    TunedModel.objects.create(name="ft:judge", role="judge", grader="fact_vs_expert", training_set=made)
    assert taught_with("ft:judge") == {"case-0", "case-1"}
    assert taught_with("another") == frozenset()


def test_only_what_people_grade_by_can_be_taught():
    with pytest.raises(Refused, match="pairwise"):
        start("judge", grader="pairwise", options=Options(), by=None)
