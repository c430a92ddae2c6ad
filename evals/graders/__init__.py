"""One file for each grader. Those in GRADERS grade every case of a run that asks for them."""

from evals.graders.cites_source import cites_source
from evals.graders.must_include import must_include
from evals.graders.says_unknown import says_unknown
from evals.grading import Grader

_SHELF: tuple[Grader, ...] = (
    must_include,
    cites_source,
    says_unknown,
)
GRADERS: dict[str, Grader] = {grader.name: grader for grader in _SHELF}
