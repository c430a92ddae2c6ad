"""Texts become the same words, however they are written."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.words import Words, analyse, full_heading, words_asked


def asked(question: str, *languages: str) -> set[str]:
    languages = languages or ("en",)
    return {stem for stems in words_asked(question, languages, spoken=languages[0]) for stem in stems}


def finds(question: str, text: str, language: str = "en") -> bool:
    """A word of the question is a word of the text."""
    return bool(asked(question, language) & analyse(text, language).terms)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("closing accounts", "Close your account."),
        ("email", "Send an e-mail"),
        ("e-mail", "Send an E\u2011Mail."),
        ("401k", "your 401(k) plan"),
        ("401(k)", "your 401k plan"),
        ("1099 int", "Form 1099-INT"),
        ("1099int", "Form 1099-INT"),
        ("6.25", "a rate of 6.25%"),
        ("$1250000", "up to $1,250,000"),
        ("bank's", "the banks"),
        ("US", "in the U.S. only"),
        ("O'Brien", "Ms. O’Brien"),
        ("obrien", "Ms. O’Brien"),
        ("file", "a \ufb01le"),
        ("ABC", "\uff21\uff22\uff23"),
        ("cafe", "Café"),
        ("café", "Cafe"),
        ("account", "ac\u00adcount"),
    ],
)
def test_ways_of_writing_one_thing_are_one_word(question: str, text: str):
    assert finds(question, text)


@pytest.mark.parametrize(
    ("question", "text", "language"),
    [
        ("como cancelo mi cuenta", "Cancelación de la cuenta", "es"),
        ("cancelacion", "Puede cancelar", "es"),
        ("CANCELAÇÃO", "O cancelamento", "pt"),
        ("cancelacao", "A cancelação", "pt"),
        ("kundigung", "Sie können kündigen", "de"),
        ("STRASSE", "in der Straße", "de"),
        ("l'acompte", "les acomptes", "fr"),
        ("如何关闭账户", "您可以关闭账户。", "zh"),
        ("हिन्दी", "यह हिन्दी में है", "hi"),
    ],
)
def test_words_meet_in_other_languages(question: str, text: str, language: str):
    assert finds(question, text, language)


def test_different_things_stay_different():
    assert not finds("6.25", "a rate of 6.5% or 25%")
    assert not finds("1099", "the year 1909")
    assert not finds("账户", "我的户口")


def test_a_run_of_characters_becomes_pairs_and_one_alone_stays():
    assert analyse("关闭账户 税 2023年", "zh").terms == {"关闭", "闭账", "账户", "税", "2023", "年"}


def test_words_that_only_carry_the_sentence_are_not_asked():
    assert asked("What is the fee for a late payment?") == {"fee", "late", "payment"}
    assert asked("¿Cuál es la comisión?", "es", "en") == {"comis", "comision"}


def test_a_question_of_nothing_else_keeps_them():
    assert asked("What is it?") == {"what", "is", "it"}


def test_a_question_is_read_in_every_language_of_the_library():
    assert asked("fees", "zh", "en") == {"fee", "fees"}


def test_headings_are_labelled_and_counted():
    words = analyse("Close it here.", "en", heading="Closing")
    assert words == Words("'close':1A,2 'it':3 'here':4", 4, frozenset({"close", "it", "here"}))


def test_a_title_is_not_said_twice():
    assert full_heading("Fees", "Fees › Late") == "Fees › Late"
    assert full_heading("Fees", "Late") == "Fees › Late"
    assert full_heading("", "Late") == "Late"
    assert full_heading("Fees", "") == "Fees"


@pytest.mark.django_db
@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=300), language=st.sampled_from(["en", "es", "zh", "", "xx"]))
def test_postgres_reads_the_words_of_any_text(text: str, language: str):
    words = analyse(text + " o'clock \\' ''':1A", language)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tsvector_to_array(%s::tsvector)", [words.vector])
        assert set(cursor.fetchone()[0]) == words.terms
        for term in words.terms:
            cursor.execute("SELECT %s::tsvector @@ quote_literal(%s)::tsquery", [words.vector, term])
            assert cursor.fetchone() == (True,)


def test_a_chunk_of_one_endless_word_fits_a_tsvector():
    words = analyse("x" * 100_000 + " word" * 20_000, "en")
    assert max(map(len, words.terms)) == 80
    assert words.length == 20_001
    assert words.vector.count(",") < 300
