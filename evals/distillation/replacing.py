"""A judge that was taught takes the strong one's place, where it agrees with people not noticeably less.

Both are held against the same people on the same answers, none of which it was taught with. What has to be shown is
that it loses at most MOST_LOST of κ: the lower end of the difference's 95 % interval decides, as in the gate, since a
difference that is merely not proven would be easiest to reach with few cases.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from evals import appointments
from evals.distillation.options import Refused
from evals.graders import GRADERS
from evals.grading import Grader
from evals.judging import probes
from evals.judging.figures import figures_of
from evals.judging.labels import labels_for
from evals.judging.licences import LEAST_PAIRS_FOR_GATE, Licence, licence_from
from evals.judging.taught import taught_with
from evals.models import JudgeProbe, TunedModel
from evals.reviewing.words import keys_of
from evals.statistics.kappas import KappaDifference, kappa_difference
from llm.catalogue import model_for

MOST_LOST = 0.05  # of κ
LEAST_CASES = LEAST_PAIRS_FOR_GATE


@dataclass(frozen=True)
class Replacement:
    """What is known of a taught judge beside the strong one. `cases` were graded by people and by both; `left_out` by
    people, and not by both of them. `licence` is what its own words may be used for.
    """

    grader: Grader
    strong: str
    cases: int
    left_out: int
    difference: KappaDifference | None
    licence: Licence

    @property
    def may_take_over(self) -> bool:
        shown = self.difference is not None and self.difference.low >= -MOST_LOST
        return shown and self.cases >= LEAST_CASES and not self.grader.is_demo

    @property
    def words(self) -> str:
        """Why it may take over, or why not, and what to do."""
        if self.grader.is_demo:
            return "The demo model judges here: its words decide nothing, so nobody can take its place."
        if self.cases < LEAST_CASES or self.difference is None:
            return (
                f"{self.cases} cases that it was not taught with were graded by people and by both judges; "
                f"{LEAST_CASES} are needed. Put both to the calibration, or have people grade more answers."
            )
        said = self.difference
        measured = (
            f"On {said.n} cases that it was not taught with it agrees with people by κ {said.second:.2f}, "
            f"{self.strong} by κ {said.first:.2f}: {said.value:+.2f}, between {said.low:+.2f} and {said.high:+.2f}"
        ).replace("-", "−")
        return f"{measured}. {self._verdict(said)}"

    def _verdict(self, said: KappaDifference) -> str:
        if self.may_take_over:
            return f"That is not worse by more than {MOST_LOST:.2f}."
        if said.value <= -MOST_LOST:
            return f"That is worse by more than {MOST_LOST:.2f}."
        needed = round(said.n * ((said.value - said.low) / (said.value + MOST_LOST)) ** 2)
        return f"Too few cases to show that it is not worse by more than {MOST_LOST:.2f}: about {needed} are needed."


def replacement_of(tuned: TunedModel) -> Replacement:
    """How it would do in the place of the model behind `judge`. Raises `Refused` for a model that is no judge."""
    judge = _judge_of(tuned)
    strong, taught = judge.asking(model_for("judge").name), judge.asking(tuned.name)
    labels = labels_for(judge)
    of_strong, of_taught = (figures_of(one, one.version, labels) for one in (strong, taught))
    learned = taught_with(tuned.name)
    said = {pair.result: pair.judge for pair in of_strong.pairs}
    both = [pair for pair in of_taught.pairs if pair.result in said and pair.unit not in learned]
    difference = kappa_difference(
        [(pair.people, said[pair.result], pair.judge) for pair in both],
        labels=keys_of(judge),
        weights="quadratic" if judge.has_points else "none",
        clusters=[pair.unit for pair in both],
    )
    cases = len({pair.unit for pair in both})
    left_out = sum(labels.units[result] not in learned for result in labels.settled) - len(both)
    return Replacement(taught, strong.model, cases, left_out, difference, licence_from(taught, of_taught))


def calibrate(tuned: TunedModel, *, by: int | None, kind: str = JudgeProbe.Kind.CALIBRATION) -> JudgeProbe:
    """Have it grade what people have graded and what it was not taught with; or put it to another kind of probe.

    `evals.tasks.enqueue_probe` asks for a worker. Raises `Refused`.
    """
    judge = _judge_of(tuned)
    units, learned = labels_for(judge).units, taught_with(tuned.name)
    apart = {result for result, unit in units.items() if unit in learned}
    try:
        return probes.begin(judge.asking(tuned.name), kind, by=by, apart_from=apart)
    except probes.NotProbed as why_not:
        raise Refused(str(why_not)) from None


def appoint(tuned: TunedModel) -> None:
    """From now on it judges for its grader, in all processes within seconds; whoever was appointed before is retired.

    Raises `Refused` where it has not been shown that it may. Licences follow by themselves: the judge has changed.
    """
    replacement = replacement_of(tuned)
    if not replacement.may_take_over:
        raise Refused(replacement.words)
    now = timezone.now()
    try:
        with transaction.atomic():
            TunedModel.objects.judging().filter(grader=tuned.grader).exclude(pk=tuned.pk).update(retired_at=now)
            TunedModel.objects.filter(pk=tuned.pk).update(appointed_at=now, retired_at=None)
    except IntegrityError:
        raise Refused("Another model was appointed at the same moment. Look again.") from None
    transaction.on_commit(appointments.forget)


def step_down(tuned: TunedModel) -> bool:
    """The model behind `judge` judges again. False when it did not judge."""
    found = TunedModel.objects.judging().filter(pk=tuned.pk).update(retired_at=timezone.now())
    transaction.on_commit(appointments.forget)
    return bool(found)


def _judge_of(tuned: TunedModel) -> Grader:
    grader = GRADERS.get(tuned.grader)
    if tuned.role != TunedModel.Role.JUDGE or grader is None or grader.kind != "judge":
        raise Refused(f"{tuned.name} is not taught to be a judge that is on the shelf.")
    if grader.compares:
        raise Refused("People do not compare answers in the review queue: nobody can say how well it would judge.")
    return grader
