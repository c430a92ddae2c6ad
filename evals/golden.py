"""The sample cases, under their old name. What reads files is `evals.datasets.files`."""

from evals.datasets.files import SUPPORT, load
from evals.datasets.files import Unreadable as GoldenError

__all__ = ["SUPPORT", "GoldenError", "load"]
