from evals.models.datasets import CaseRevision, Dataset, DatasetVersion
from evals.models.generations import Generation
from evals.models.judging import JudgeProbe
from evals.models.review import Review
from evals.models.routing import RouteVerdict
from evals.models.runs import Grading, Result, Run
from evals.models.training import QuestionOrder, TrainingExample, TrainingJob, TrainingQuestion, TrainingSet, TunedModel

__all__ = [
    "CaseRevision",
    "Dataset",
    "DatasetVersion",
    "Generation",
    "Grading",
    "JudgeProbe",
    "QuestionOrder",
    "Result",
    "Review",
    "RouteVerdict",
    "Run",
    "TrainingExample",
    "TrainingJob",
    "TrainingQuestion",
    "TrainingSet",
    "TunedModel",
]
