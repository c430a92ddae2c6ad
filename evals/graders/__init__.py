"""One file for each grader. Those in GRADERS grade every case of a run."""

from evals.graders.cites_source import cites_source
from evals.graders.must_include import must_include
from evals.graders.says_unknown import says_unknown
from evals.grading import Grader

GRADERS: dict[str, Grader] = {
    "must_include": must_include,
    "cites_source": cites_source,
    "says_unknown": says_unknown,
}
