"""Plain data for the charts that templates draw: coordinates and words, no markup.

Each chart names its own partial: `{% include chart.template %}`.
"""

from evals.charts.confusion import Confusion, confusion_table
from evals.charts.counts import Bars, bars
from evals.charts.frontier import Frontier, Place, frontier_chart
from evals.charts.spans import Interval, interval, shared_reach
from evals.charts.times import Series, series

__all__ = [
    "Bars",
    "Confusion",
    "Frontier",
    "Interval",
    "Place",
    "Series",
    "bars",
    "confusion_table",
    "frontier_chart",
    "interval",
    "series",
    "shared_reach",
]
