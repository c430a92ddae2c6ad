"""What may be taken into a training set, one file for each kind; and what of it may not, with the reason."""

from __future__ import annotations

from collections.abc import Callable

from evals.distillation.candidates import Found
from evals.distillation.collecting.answers import answers
from evals.distillation.collecting.judgements import judgements
from evals.distillation.collecting.preferences import preferences
from evals.distillation.options import Options

COLLECTORS: dict[str, Callable[[Options, str], Found]] = {
    "answers": answers,
    "preferences": preferences,
    "judge": judgements,
}
