from evals.models.datasets import CaseRevision, Dataset, DatasetVersion
from evals.models.review import Review
from evals.models.runs import Grading, Result, Run

__all__ = ["CaseRevision", "Dataset", "DatasetVersion", "Grading", "Result", "Review", "Run"]
