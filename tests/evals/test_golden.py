"""A golden file is read strictly: a slip in it is named with its line."""

import json

import pytest

from evals.golden import GoldenError, load

GOOD = {"id": "a", "question": "?", "language": "en", "audience": "public", "expects": "unknown"}


@pytest.fixture
def golden(tmp_path):
    def write(*lines):
        path = tmp_path / "cases.jsonl"
        path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
        return path

    return write


def test_a_fact_may_have_several_wordings(golden):
    (case,) = load(golden(GOOD | {"must_include": ["$35", ["15th", "14 days"]]}, ""))
    assert case.must_include == (("$35",), ("15th", "14 days"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2 is not JSON"),
        (GOOD | {"audience": "everyone"}, "line 2: audience"),
        (GOOD | {"must_inclued": ["$35"]}, "line 2: must_inclued"),
        ({"id": "b"}, "line 2: question"),
        (GOOD, "come twice: a"),
    ],
)
def test_a_slip_is_named_with_its_line(golden, line, said):
    with pytest.raises(GoldenError, match=said):
        load(golden(GOOD, line))


def test_a_file_without_cases_is_refused(golden):
    with pytest.raises(GoldenError, match="holds no case"):
        load(golden(""))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(GoldenError, match="cannot be read"):
        load(tmp_path / "nowhere.jsonl")
