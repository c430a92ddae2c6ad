"""Charts say in words what they draw, and draw it at the right place."""

import pytest
from django.template.loader import render_to_string

from evals.charts import bars, confusion_table, interval, series, shared_reach
from evals.charts.words import amount, level
from evals.statistics.drift import Point
from evals.statistics.intervals import Estimate, proportion
from evals.statistics.paired import Difference

BETTER = Difference(0.06, 0.01, 0.11, 0.02, 68, 1, 5)
UNSURE = Difference(-0.01, -0.08, 0.06, 0.8, 68, 3, 2)
WORSE = Difference(-0.15, -0.23, -0.07, 0.001, 68, 12, 2)
HOSTILE = '<b onclick="x">'


def drawn(chart) -> str:
    return render_to_string(chart.template, {"chart": chart})


# Differences


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (BETTER, "6 points better, between 1 and 11"),
        (UNSURE, "1 point worse, between 8 worse and 6 better"),
        (WORSE, "15 points worse, between 7 and 23"),
        (Difference(0.0, -0.05, 0.05, 1, 68, 0, 0), "no difference, between 5 worse and 5 better"),
        (Difference(0.005, 0.0, 0.01, 0.1, 900, 0, 4), "0.5 points better, between 0 and 1 better"),
    ],
)
def test_a_difference_is_said_in_words(found, words):
    assert interval(found).words == words
    assert f'aria-label="{words}"' in drawn(interval(found))


def test_a_difference_of_scores_is_said_in_scores():
    assert interval(Difference(0.32, 0.1, 0.54, 0.01, 68, 1, 9), low=-1, high=1, unit="score").words == (
        "0.32 better, between 0.1 and 0.54"
    )


def test_a_difference_lies_beside_zero_in_the_middle():
    chart = interval(BETTER, low=-0.25, high=0.25)
    assert chart.zero == 72
    assert (chart.start, chart.dot, chart.end) == (74.6, 87.4, 100.2)
    assert '<line class="axis" x1="72.0"' in drawn(chart)


def test_the_same_line_for_all_keeps_differences_comparable():
    narrow, wide = interval(BETTER, low=-0.2, high=0.2), interval(BETTER, low=-0.4, high=0.4)
    assert narrow.dot - 72 == pytest.approx(2 * (wide.dot - 72))


def test_the_line_for_all_goes_as_far_as_the_widest_needs():
    assert shared_reach([BETTER, UNSURE, WORSE]) == 0.25
    assert shared_reach([BETTER]) == 0.15
    assert shared_reach([]) == 0.1
    assert not any(interval(one, low=-0.25, high=0.25).cut_start for one in (BETTER, UNSURE, WORSE))


def test_the_dot_is_full_only_where_the_interval_leaves_out_zero():
    assert interval(BETTER).is_sure
    assert interval(WORSE).is_sure
    assert not interval(UNSURE).is_sure
    assert 'class="ci open"' in drawn(interval(UNSURE))
    assert 'class="ci"' in drawn(interval(BETTER))


def test_what_goes_beyond_the_line_ends_in_an_arrow():
    chart = interval(Difference(0.1, -0.4, 0.6, 0.5, 9, 1, 2), low=-0.2, high=0.2)
    assert (chart.start, chart.end) == (8, 136)
    assert (chart.cut_start, chart.cut_end) == (True, True)
    assert drawn(chart).count('class="arrow"') == 2
    assert drawn(interval(BETTER)).count('class="arrow"') == 0


def test_an_estimate_lies_on_its_scale_without_a_zero():
    chart = interval(Estimate(0.5, 0.25, 1.0, 10))
    assert (chart.start, chart.dot, chart.end, chart.zero) == (40, 72, 136, None)
    assert chart.words == "50 %, between 25 % and 100 %"
    assert interval(Estimate(3.0, 2.5, 3.5, 10), low=1, high=5, unit="score").dot == 72


def test_a_line_without_length_is_refused():
    with pytest.raises(ValueError, match="low end"):
        interval(BETTER, low=0.2, high=0.2)


# Counts


def test_the_longest_bar_fills_the_room_and_the_others_keep_their_share():
    chart = bars({"1": 0, "2": 10, "3": 40})
    assert [bar.length for bar in chart.rows] == [0, 27, 108]
    assert [bar.y for bar in chart.rows] == [0, 22, 44]
    assert [bar.share for bar in chart.rows] == [0, 0.2, 0.8]
    assert chart.height == 66
    assert chart.words == "1: 0, 2: 10, 3: 40"
    assert chart.rows[-1].count_x + 30 <= chart.width


def test_bars_take_pairs_too_and_nothing_counted_is_said():
    assert bars([("same", 2), ("conflict", 1)]) == bars({"same": 2, "conflict": 1})
    assert bars({}).words == "nothing was counted"
    assert "Nothing was counted" in drawn(bars({}))
    assert [bar.length for bar in bars({"same": 0}).rows] == [0]


def test_every_count_is_written_beside_its_bar():
    page = drawn(bars({"same": 12, "conflict": 0}))
    assert page.count("<rect") == 2
    assert ">12</text>" in page
    assert '<rect class="none"' in page


def test_labels_are_hostile_text_and_are_cut_to_their_room():
    chart = bars({HOSTILE + "x" * 40: 3})
    assert len(chart.rows[0].label) == 13
    assert chart.rows[0].label.endswith("…")
    assert "<b" not in drawn(chart)


# Times


def days(*values: Estimate | None) -> list[Point]:
    return [Point(f"{number} Nov", value) for number, value in enumerate(values, start=1)]


def test_a_later_value_lies_further_right_and_a_higher_one_further_up():
    chart = series(days(proportion(40, 50), proportion(45, 50), proportion(30, 50)))
    first, second, third = chart.marks
    assert first.x < second.x < third.x
    assert second.y < first.y < third.y
    assert all(mark.high_y <= mark.y <= mark.low_y for mark in chart.marks)
    assert all(mark.high_y >= 10 and mark.low_y <= 140 for mark in chart.marks)
    assert chart.words == "from 80 % (1 Nov) to 60 % (3 Nov), 3 values"


def test_a_mark_stands_at_its_level():
    chart = series(days(Estimate(0.5, 0.0, 1.0, 4)))
    levels = {tick.text: tick.at for tick in chart.levels}
    assert (levels["0 %"], levels["100 %"]) == (140, 10)
    assert chart.marks[0].y == 75
    assert (chart.marks[0].low_y, chart.marks[0].high_y) == (140, 10)


def test_the_levels_are_round_and_stay_on_the_scale():
    assert [tick.text for tick in series(days(proportion(48, 50), proportion(50, 50))).levels][-1] == "100 %"
    texts = [tick.text for tick in series(days(Estimate(4.1, 3.9, 4.3, 20)), unit="score").levels]
    assert texts == ["3.9", "4", "4.1", "4.2", "4.3"]
    assert 2 <= len(series(days(Estimate(0.5, 0.5, 0.5, 9))).levels) <= 6
    assert 2 <= len(series(days(Estimate(1.0, 1.0, 1.0, 9))).levels) <= 6


def test_days_without_grades_leave_a_gap():
    value = proportion(40, 50)
    chart = series(days(value, value, None, value, value))
    assert len(chart.marks) == 4
    assert [(line.x1 < line.x2) for line in chart.lines] == [True, True]
    assert max(b.x1 - a.x2 for a, b in zip(chart.lines, chart.lines[1:], strict=False)) > 0
    assert chart.rows[2] == ("3 Nov", "nothing graded")


def test_many_days_name_five_of_them_the_first_and_the_last_too():
    chart = series(days(*[proportion(40, 50)] * 60))
    texts = [name.text for name in chart.names]
    assert len(texts) == 5
    assert (texts[0], texts[-1]) == ("1 Nov", "60 Nov")
    assert all(36 <= name.at <= 364 for name in chart.names)


def test_a_series_says_its_figures_as_a_list_too():
    page = drawn(series(days(proportion(40, 50), None)))
    assert "<dt>1 Nov</dt><dd>80 %, between 67 % and 89 %</dd>" in page
    assert "<dd>nothing graded</dd>" in page


def test_a_series_of_nothing_says_so():
    assert series([]).words == "nothing graded yet"
    assert "Nothing graded yet" in drawn(series(days(None, None)))


def test_names_of_days_are_hostile_text():
    assert "<b" not in drawn(series([Point(HOSTILE, proportion(1, 2))]))


# Confusion


def test_a_confusion_table_counts_and_shades_by_share_of_its_row():
    chart = confusion_table(
        {("same", "same"): 30, ("same", "conflict"): 10, ("conflict", "same"): 1}, ["same", "conflict"]
    )
    assert [[cell.count for cell in row.cells] for row in chart.rows] == [[30, 10], [1, 0]]
    assert [[cell.shade for cell in row.cells] for row in chart.rows] == [[3, 1], [4, 0]]
    assert [row.total for row in chart.rows] == [40, 1]
    assert (chart.totals, chart.n) == ((31, 10), 41)
    assert chart.words == "30 of 41 the same"
    assert chart.rows[1].cells[0].words == "People conflict, Judge same: 1"


def test_the_same_label_is_framed_and_danger_is_written_out_where_it_happened():
    pairs = {("conflict", "same"): 2, ("same", "same"): 5}
    page = drawn(confusion_table(pairs, ["same", "conflict"], dangerous={("conflict", "same"), ("same", "conflict")}))
    assert page.count(" same") >= 2
    assert page.count("<strong>dangerous</strong>") == 1


def test_a_small_count_in_a_large_row_is_still_tinted():
    chart = confusion_table({("a", "a"): 999, ("a", "b"): 1}, ["a", "b"])
    assert [cell.shade for cell in chart.rows[0].cells] == [4, 1]


def test_labels_of_a_confusion_table_are_hostile_text():
    assert "<b" not in drawn(confusion_table({}, [HOSTILE])).replace("<body", "")


# Words


@pytest.mark.parametrize(
    ("value", "points", "score"),
    [(0.06, "6", "0.06"), (0.005, "0.5", "0.01"), (0.0001, "0", "0"), (-0.5, "50", "0.5"), (12.3, "1,230", "12.3")],
)
def test_amounts_are_as_exact_as_they_are_useful(value, points, score):
    assert amount(value, "points") == points
    assert amount(value, "score") == score


def test_a_level_under_zero_says_so_but_nothing_has_no_sign():
    assert level(-0.2, "score") == "−0.2"
    assert level(-0.00001, "points") == "0 %"


def test_no_chart_has_a_style_or_a_script_of_its_own(settings):
    pages = [
        drawn(interval(BETTER)),
        drawn(bars({"a": 1})),
        drawn(series(days(proportion(1, 2)))),
        drawn(confusion_table({}, ["a"])),
    ]
    assert all(" style=" not in page and "<script" not in page for page in pages)


def test_coordinates_have_points_in_every_language(settings):
    settings.LANGUAGE_CODE = "de"
    assert 'cx="87.4"' in drawn(interval(BETTER, low=-0.25, high=0.25))
