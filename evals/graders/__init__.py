"""One file for each grader. Those in GRADERS grade every case of a run that asks for them."""

from evals.graders.behaviour import behaviour
from evals.graders.citations import citations
from evals.graders.cites_source import cites_source
from evals.graders.cost import cost
from evals.graders.fact_vs_expert import fact_vs_expert
from evals.graders.figures import figures
from evals.graders.format import format
from evals.graders.groundedness import groundedness
from evals.graders.latency import latency
from evals.graders.must_include import must_include
from evals.graders.off_rails import off_rails
from evals.graders.pairwise import pairwise
from evals.graders.scorecard import correctness, faithfulness, relevance
from evals.graders.tone import tone
from evals.grading import Grader

_SHELF: tuple[Grader, ...] = (
    behaviour,
    must_include,
    cites_source,
    citations,
    figures,
    format,
    off_rails,
    latency,
    cost,
    fact_vs_expert,
    correctness,
    relevance,
    faithfulness,
    groundedness,
    tone,
    pairwise,
)
GRADERS: dict[str, Grader] = {grader.name: grader for grader in _SHELF}
