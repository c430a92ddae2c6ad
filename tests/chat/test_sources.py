from chat.sources import mark

PASSAGE = "Fees are listed in Settings. A late fee is $35. It is charged after the 15th.\nCall us if you disagree."


def marked(*sentences: str) -> list[str]:
    return [piece.text for piece in mark(PASSAGE, list(sentences)) if piece.is_marked]


def test_the_sentence_that_the_answer_rests_on_is_marked():
    assert marked("The late fee is $35 [1]") == ["A late fee is $35."]


def test_a_sentence_that_shares_little_is_not_marked():
    assert marked("You can close your account in the app [1]") == []


def test_the_pieces_together_are_the_passage():
    assert "".join(piece.text for piece in mark(PASSAGE, ["A late fee is $35"])) == PASSAGE


def test_a_chinese_sentence_is_found_by_its_characters():
    pieces = mark("还款日是每月一号。滞纳金为35美元。", ["滞纳金为35美元[1]"])
    assert [piece.text for piece in pieces if piece.is_marked] == ["滞纳金为35美元。"]
