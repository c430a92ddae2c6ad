from evals.models.datasets import CaseRevision, Dataset, DatasetVersion
from evals.models.generations import Generation
from evals.models.judging import JudgeProbe
from evals.models.review import Review
from evals.models.runs import Grading, Result, Run

__all__ = [
    "CaseRevision",
    "Dataset",
    "DatasetVersion",
    "Generation",
    "Grading",
    "JudgeProbe",
    "Result",
    "Review",
    "Run",
]
