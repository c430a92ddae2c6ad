"""Passages are cut into sentences, items and rows that can be quoted as they stand."""

from __future__ import annotations

import pytest

from llm.standin import units
from llm.standin.prompt import Passage


def cut(text: str) -> list[units.Unit]:
    return units.split(Passage(1, "Help", "Help", text), 0)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Call Dr. Lee at 9 a.m. or write. Bring ID, e.g. a pass.", 2),
        ("It costs 3.50 today. It was 4.20 before!", 2),
        ("第一句。第二句！第三句？", 3),
        ("Pulse «¿Ha olvidado su contraseña?» en la página.", 1),
        ("One... two. Three", 2),
    ],
)
def test_abbreviations_figures_and_quotes_do_not_end_a_sentence(text, sentences):
    assert len(units.sentences(text)) == sentences


def test_lines_broken_by_the_width_of_a_page_are_joined():
    text = "The office in the old mill is open on every working day from\nnine to five and closed at weekends."
    assert [unit.text for unit in cut(text)] == [text.replace("\n", " ")]


def test_a_question_above_an_answer_is_its_heading_and_no_answer():
    (unit,) = cut("Can I park here?\nOnly at night.")
    assert (unit.text, unit.heading) == ("Only at night.", "Can I park here?")


def test_items_know_their_lead_in_and_steps_their_numbers():
    found = cut("## Setup\nYou need:\n- a screw\n- a nut\n\nSteps:\n1. Turn it.\n2) Press it.")
    assert [(unit.mark, unit.text, unit.lead_in) for unit in found if unit.kind == "item"] == [
        ("-", "a screw", "You need:"),
        ("-", "a nut", "You need:"),
        ("1.", "Turn it.", "Steps:"),
        ("2.", "Press it.", "Steps:"),
    ]


def test_steps_in_one_line_get_a_line_each():
    assert [unit.text for unit in cut("1. Open the lid. 2. Pour 3. Close it.")] == [
        "Open the lid.",
        "Pour",
        "Close it.",
    ]


def test_a_row_names_its_columns():
    (unit,) = cut("| Plan | Price | Seats |\n|---|---|---|\n| Team | $15 | 10 |")
    assert unit.text == "Team: Price: $15, Seats: 10."
