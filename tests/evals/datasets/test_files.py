"""Cases go into files and come back as they were; a slip in a file is named with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.cases import Case, Said
from evals.datasets.files import MOST_PROBLEMS, Reading, Unreadable, as_file, as_jsonl, load, read
from evals.datasets.tables import COLUMNS, guarded, unguarded
from knowledge.access import Audience

GOOD = {"id": "a", "question": "?", "language": "en", "audience": "public", "expects": "unknown"}


def words(longest: int = 30) -> st.SearchStrategy[str]:
    """Texts as a case holds them: any characters, what lines and cells are cut at among them."""
    letters = st.one_of(st.sampled_from("|\\\n'=+-@,;\"\t ＝"), st.characters(codec="utf-8"))
    return st.text(letters, max_size=longest).map(lambda text: Said(question="x", reply=text).reply)


def said(longest: int = 30) -> st.SearchStrategy[str]:
    return words(longest).filter(bool)


CASES = st.builds(
    Case,
    id=st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._:/-]{0,20}\Z"),
    question=said(),
    history=st.lists(st.builds(Said, question=said(), reply=words()), max_size=2).map(tuple),
    language=said(8),
    audience=st.sampled_from(Audience),
    expects=st.sampled_from(["answer", "unknown", "clarify", "refuse", "hand_over"]),
    must_include=st.lists(st.lists(said(), min_size=1, max_size=3).map(tuple), max_size=3).map(tuple),
    must_not_include=st.lists(said(), max_size=3).map(tuple),
    expected_sources=st.lists(said(), max_size=3).map(tuple),
    expert_answer=words(),
    severity=st.sampled_from(["minor", "normal", "critical"]),
    tags=st.lists(said(), max_size=3).map(tuple),
    cluster=words(),
)


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@given(cases=st.lists(CASES, min_size=1, max_size=4, unique_by=lambda case: case.id))
def test_whatever_a_case_says_comes_back_from_a_file(form, cases):
    reading = read(as_file(cases, form))
    assert reading == Reading(tuple(cases))
    assert [case.hash for case in reading.cases] == [case.hash for case in cases]


@given(text=words())
def test_no_cell_begins_like_a_formula_and_each_comes_back(text):
    assert not guarded(text).lstrip().startswith(("=", "+", "-", "@"))
    assert unguarded(guarded(text)) == text


def test_a_formula_is_harmless_in_a_table():
    case = Case(id="a", question='=HYPERLINK("http://x")', expert_answer="@SUM(1)", tags=("-1",))
    text = as_file([case], "csv").decode("utf-8-sig")
    assert "'=HYPERLINK" in text
    assert "'@SUM(1)" in text
    assert read(text.encode()).cases == (case,)


def test_a_table_from_excel_is_read_whatever_it_is_cut_at():
    header = ";".join(COLUMNS)
    row = 'fee;"Late; again?";answer;$35;"$35 | 35 dollars\nthe 16th";;fees.html;public;en;critical;"money\nfees";;'
    for data in (
        f"\ufeff{header}\r\n{row}\r\n".encode(),
        f"{header}\n{row}\n".encode("utf-16"),
    ):
        (case,) = read(data).cases
        assert case.must_include == (("$35", "35 dollars"), ("the 16th",))
        assert (case.question, case.tags, case.severity) == ("Late; again?", ("money", "fees"), "critical")


def lines(*entries: object) -> bytes:
    return "\n".join(one if isinstance(one, str) else json.dumps(one) for one in entries).encode()


def test_a_fact_may_have_several_wordings():
    (case,) = read(lines(GOOD | {"must_include": ["$35", ["15th", "14 days"]]}, "")).cases
    assert case.must_include == (("$35",), ("15th", "14 days"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "Line 2 is not JSON"),
        ("[1]", "Line 2 is not JSON: it is no object"),
        (GOOD | {"audience": "everyone"}, "Line 2, audience: input should be"),
        (GOOD | {"must_inclued": ["$35"]}, "Line 2, must_inclued: there is no such field"),
        ({"id": "b"}, "Line 2, question: this is missing"),
        (GOOD | {"id": "not this"}, "Line 2, id: letters, digits"),
        (GOOD, "Line 2, id: “a” stands for another case already"),
    ],
)
def test_a_slip_is_named_with_its_line(line, said):
    with pytest.raises(Unreadable, match=said):
        read(lines(GOOD, line))


def test_at_most_twenty_slips_are_named_at_a_time():
    with pytest.raises(Unreadable) as caught:
        read(lines(*(GOOD | {"id": f"a{n}", "expects": "magic"} for n in range(30))))
    assert len(caught.value.problems) == MOST_PROBLEMS + 1
    assert caught.value.problems[-1] == "And 10 more."


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "must name the columns"),
        (b"\n\n", "must name the columns"),
        (b"id,question\n", "holds no case"),
        (b"id,id,question\n1,2,3\n", "stand there twice: id"),
        (b"id,question\na,b,c\n", "Line 2 has more cells"),
        (b'id,question,expects\na,"b\n', "Is a quotation mark missing"),
        (b"id,question,expects,history\na,b,answer,{\n", "Line 2, history: this is not JSON"),
        ("id,question\n1,caf\u00e9".encode("latin-1"), "not UTF-8"),
        (b"colour,size\nred,3\n", "No column is a question. There are: colour, size"),
        (b"x" * 10_000_001, "larger than 10 MB"),
        (b"[" * 100_000, "not a JSON list"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(data, said):
    with pytest.raises(Unreadable, match=said):
        read(data)


def test_a_large_set_is_refused_with_what_to_do(monkeypatch):
    monkeypatch.setattr("evals.datasets.files.MOST_CASES", 2)
    with pytest.raises(Unreadable, match=r"holds 3 cases; at most 2 are read\. Cut it"):
        read(as_jsonl(Case(id=f"a{n}", question="?") for n in range(3)).encode())


def test_what_no_database_can_hold_is_taken_out():
    (case,) = read(json.dumps(GOOD | {"question": "a\0b\ud800", "tags": ["t\0"]}).encode()).cases
    assert (case.question, case.tags) == ("ab", ("t",))


def test_a_file_is_named_with_what_is_wrong_in_it(tmp_path: Path):
    path = tmp_path / "cases.jsonl"
    path.write_text("{")
    with pytest.raises(Unreadable, match=f"{path}: Line 1 is not JSON"):
        load(path)
    with pytest.raises(Unreadable, match="cannot be read"):
        load(tmp_path / "nowhere.jsonl")


def test_openais_evals_are_read():
    reading = read(
        lines(
            {
                "input": [
                    {"role": "system", "content": "Be brief."},
                    {"role": "user", "content": "Who wrote Emma?"},
                    {"role": "assistant", "content": "Jane Austen."},
                    {"role": "user", "content": "When?"},
                ],
                "ideal": ["1815", "in 1815"],
            }
        )
    )
    (case,) = reading.cases
    assert (case.question, case.expert_answer) == ("When?", "1815")
    assert case.must_include == (("1815", "in 1815"),)
    assert case.history == (Said(question="Who wrote Emma?", reply="Jane Austen."),)
    assert case.id.startswith("q-")
    assert reading.mapped == [
        ("input", "the conversation: its last question, and what was said before"),
        ("ideal", "the expert answer, and a fact that must be there in one of its wordings"),
    ]


def test_conversations_with_a_last_answer_are_read():
    messages = [{"role": "user", "content": "Hi?"}, {"role": "assistant", "content": "Hello."}]
    (case,) = read(lines({"messages": messages})).cases
    assert (case.question, case.expert_answer, case.history) == ("Hi?", "Hello.", ())


def test_questions_with_answers_and_their_context_are_read():
    row = {"id": 57, "context": "Ann is 7.", "question": "How old?", "answers": {"text": ["7", "seven"], "at": [7]}}
    (case,) = read(lines(row)).cases
    assert (case.id, case.question) == ("57", "Ann is 7.\n\nHow old?")
    assert case.must_include == (("7", "seven"),)


def test_a_table_of_questions_and_answers_is_read_and_says_what_was_left_out():
    reading = read(b"Type,Question,Best Answer,Source\nTrap,What if?,Nothing happens.,a page\n")
    (case,) = reading.cases
    assert (case.question, case.expert_answer) == ("What if?", "Nothing happens.")
    assert dict(reading.mapped)["Source"] == "left out"


def test_what_a_column_is_taken_for_can_be_said_by_hand():
    data = b"question,context,label\nHow old?,Ann is 7.,seven\n"
    (case,) = read(data, {"context": "left out", "label": "ideal", "nowhere": "id"}).cases
    assert (case.question, case.expert_answer, case.must_include) == ("How old?", "seven", (("seven",),))


def test_the_same_question_has_the_same_id_whenever_it_is_read_and_twins_are_told_apart():
    data = b"q,a\nOne?,1\nTwo?,2\nOne?,one\n"
    first, second, twin = read(data).cases
    assert read(b"q,a\nTwo?,2\n").cases[0].id == second.id
    assert twin.id == f"{first.id}-2"


def test_a_column_name_that_attacks_is_only_a_name():
    reading = read(b"question,<script>alert(1)</script>\nHow?,x\n")
    assert reading.meanings["<script>alert(1)</script>"] == "left out"
