"""Plain data for the charts that templates draw: coordinates and words, no markup.

Each chart names its own partial: `{% include chart.template %}`.
"""

from evals.charts.confusion import Confusion, confusion_table
from evals.charts.counts import Bars, bars
from evals.charts.spans import Interval, interval, shared_reach
from evals.charts.times import Series, series

__all__ = ["Bars", "Confusion", "Interval", "Series", "bars", "confusion_table", "interval", "series", "shared_reach"]
