"""Answers are quoted from the passages, whatever their form and language, or the model says that it does not know."""

from __future__ import annotations

import pytest

KAYAKS = """A kayak for one costs 12 dollars an hour, and a canoe for two costs 20. We open on the first of May.

To hire a boat:

1. Choose a time on the website.
2. Pay the deposit of 50 dollars.
3. Show your receipt at the jetty.

Dogs are welcome in canoes. They must wear a life jacket, which we lend for free."""
COURSES = """What do I need to bring?
Bring an apron and a sharp knife. We provide everything else.

Can children take part?
From the age of ten, together with an adult. Younger children may watch.

| Course | Day | Price |
|---|---|---|
| Bread | Monday | $45 |
| Sushi | Friday | $60 |"""
BARCOS = "El alquiler cuesta 9 euros. Abrimos a las diez. Devolver el barco es fácil: déjelo en el muelle."
BROKEN_LINES = """The museum is closed on Tuesdays and on public holidays. The last
visitors are let in three quarters of an hour before closing time. Large bags
have to be left in the lockers next to the entrance, which take a coin of one
euro that you get back."""


@pytest.mark.parametrize(
    ("question", "passages", "expected"),
    [
        ("How much is a kayak?", [COURSES, KAYAKS], "A kayak for one costs 12 dollars an hour"),
        ("When do you open?", [KAYAKS, COURSES], "We open on the first of May. [1]"),
        ("What does the sushi course cost?", [KAYAKS, COURSES], "Sushi: Day: Friday, Price: $60. [2]"),
        ("May my kids join?", [COURSES, KAYAKS], "From the age of ten, together with an adult."),
        ("Where do I leave a large bag?", [BROKEN_LINES], "Large bags have to be left in the lockers next to"),
        ("¿Cuánto cuesta el alquiler?", [BARCOS], "El alquiler cuesta 9 euros. [1]"),
        ("¿Cómo devuelvo el barco?", [BARCOS], "Devolver el barco es fácil: déjelo en el muelle. [1]"),
        ("押金多少钱？", ["押金为五十元。开放时间是九点。", "请带身份证。"], "押金为五十元。 [1]"),
    ],
)  # fmt: skip
def test_the_sentence_that_answers_is_quoted_with_its_mark(quote, question, passages, expected):
    assert expected in quote(question, *passages)


def test_steps_are_quoted_whole_and_stay_a_list(quote):
    assert quote("How do I hire a boat?", COURSES, KAYAKS) == (
        "To hire a boat:\n\n"
        "1. Choose a time on the website.\n"
        "2. Pay the deposit of 50 dollars.\n"
        "3. Show your receipt at the jetty. [2]"
    )


def test_a_sentence_that_points_back_comes_with_the_one_before_it(quote):
    answer = quote("Does my dog need a life jacket?", KAYAKS)
    assert "Dogs are welcome in canoes. They must wear a life jacket, which we lend for free. [1]" in answer


def test_the_whole_short_answer_below_the_same_question_is_quoted(quote):
    answer = quote("What should I bring?", COURSES, KAYAKS)
    assert answer == "Bring an apron and a sharp knife. We provide everything else. [1]"


@pytest.mark.parametrize(
    ("question", "beginning"),
    [
        ("Who painted the Mona Lisa?", "I don't know"),
        ("Do you sell train tickets?", "I don't know"),
        ("asdf qwer zxcv", "I don't know"),
        ("¿Quién pintó la Mona Lisa?", "No lo sé"),
        ("今天的天气怎么样？", "我不知道"),
    ],
)
def test_what_no_passage_says_is_not_known_in_the_language_of_the_question(quote, question, beginning):
    answer = quote(question, KAYAKS, COURSES)
    assert answer.startswith(beginning)
    assert "[" not in answer


def test_in_a_language_that_it_does_not_know_shared_words_decide(quote):
    german = "Ein Konto lässt sich in den Einstellungen löschen. Die Gebühr beträgt neun Euro im Monat."
    assert "Die Gebühr beträgt neun Euro im Monat. [1]" in quote("Wie hoch ist die Gebühr im Monat?", german)
    assert quote("Wer hat das Telefon erfunden?", german).startswith("I don't know")


def test_without_passages_nothing_is_known(quote):
    assert quote("How much is a kayak?").startswith("I don't know")


def test_a_seed_repeats_the_answer_and_another_frames_the_same_quote(quote):
    answers = [quote("How much is a kayak?", KAYAKS, seed=seed) for seed in (0, 1, 1, 2)]
    assert answers[1] == answers[2]
    assert len(set(answers)) == 3
    assert all("A kayak for one costs 12 dollars an hour" in answer for answer in answers)


def test_a_footnote_of_the_source_is_not_taken_for_a_citation(quote):
    answer = quote("When was the bridge built?", "The bridge was built in 1911.[7] It is red.")
    assert answer == "The bridge was built in 1911. [1]"


def test_a_heading_with_no_text_and_a_long_line_do_no_harm(quote):
    assert quote("kayak", "# Kayaks", "x" * 30_000, ". " * 5_000, "\0\ud800").startswith("I don't know")


def test_a_greeting_is_returned_and_says_that_this_is_a_demo(quote):
    assert "demo" in quote("Hello!")
