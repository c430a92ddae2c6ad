"""The stream decoder: honest streams, odd ones, and any way to cut their bytes."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.decoding import LONGEST_EVENT, StreamDecoder

HELLO = {"choices": [{"index": 0, "delta": {"content": "Grüße, 你好 🙂"}}]}


def event(payload: object, end: str = "\n") -> bytes:
    return f"data: {json.dumps(payload, ensure_ascii=False)}{end}{end}".encode()


def decode(*pieces: bytes) -> tuple[list[dict[str, Any]], str, bool]:
    decoder = StreamDecoder()
    objects = [found for piece in pieces for found in decoder.feed(piece)]
    return objects, decoder.trouble, decoder.is_done


def test_objects_come_in_order_until_done():
    stream = event({"n": 1}) + event({"n": 2}) + b"data: [DONE]\n\n" + event({"n": 3})
    assert decode(stream) == ([{"n": 1}, {"n": 2}], "", True)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_f08_lines_may_end_in_any_of_three_ways(end):
    assert decode(event(HELLO, end) + f"data: [DONE]{end}{end}".encode()) == ([HELLO], "", True)


def test_f08_a_character_may_be_cut_between_two_chunks():
    stream = event(HELLO)
    for place in range(len(stream)):
        assert decode(stream[:place], stream[place:])[0] == [HELLO]


def test_f06_comments_and_other_fields_mean_nothing():
    stream = b": keep-alive\n\n" + b"id: 7\nretry: 10\nodd line\n" + event(HELLO) + b":\n\n"
    assert decode(stream) == ([HELLO], "", False)


def test_done_counts_without_its_empty_line():
    assert decode(event(HELLO) + b"data: [DONE]\n") == ([HELLO], "", True)


def test_data_may_span_lines_and_lack_its_space():
    assert decode(b'\xef\xbb\xbfdata:{"n":\ndata: 1}\n\n')[0] == [{"n": 1}]


@pytest.mark.parametrize(
    ("tail", "trouble"),
    [
        (b'data: {"choices": [\n\n', "a chunk is not JSON"),
        (b"data: " + b"[" * 100_000 + b"\n\n", "a chunk is not JSON"),
        (b'data: {"n": "\xff\xfe"}\n\n', "a chunk is not JSON"),
        (b"data: [1, 2]\n\n", "a chunk is not an object"),
        (b'data: {"error": {"message": "sk-secret"}}\n\n', "the server reported an error"),
        (b"event: error\ndata: sk-secret\n\n", "the server reported an error"),
        (b"<!doctype html>\n<title>502</title>\n", "a page came in place of a stream"),
        (b'{"error": "sk-secret"}\n', "a page came in place of a stream"),
        (b"data: " + b"x" * LONGEST_EVENT + b"\n\n", "an event is too long"),
        (b"data: x\n" * (LONGEST_EVENT // 7 + 1), "an event is too long"),
    ],
)
def test_f08_what_came_before_the_trouble_is_kept(tail, trouble):
    assert decode(event(HELLO) + tail + event({"late": 1})) == ([HELLO], trouble, False)


def test_f08_a_line_without_an_end_is_not_kept_for_ever():
    decoder = StreamDecoder()
    for _ in range(LONGEST_EVENT // 65_536 + 1):
        assert not decoder.trouble
        assert decoder.feed(b"x" * 65_536) == []
    assert decoder.trouble == "an event has no end"


LINES = st.sampled_from(
    [
        b"data: [DONE]",
        b'data: {"n": 1}',
        b'data: {"text": "\xe4\xbd\xa0\xf0\x9f\x99\x82"}',
        b"data: {",
        b"data: }",
        b"data",
        b": comment",
        b"event: error",
        b"event: other",
        b"\xef\xbb\xbf",
        b"<html>",
        b"",
        b"",
    ]
)
STREAMS = st.lists(st.tuples(LINES, st.sampled_from([b"\n", b"\r\n", b"\r"])), max_size=12).map(
    lambda lines: b"".join(line + end for line, end in lines)
)


@given(stream=STREAMS | st.binary(max_size=60), cuts=st.lists(st.integers(0, 200), max_size=8))
def test_f08_any_split_of_the_bytes_gives_the_same_objects(stream, cuts):
    places = sorted({min(cut, len(stream)) for cut in cuts} | {0, len(stream)})
    pieces = [stream[start:stop] for start, stop in pairwise(places)]
    end = b"\n"  # settles a CR at the very end, which waits for the LF that may follow
    assert decode(*pieces, end) == decode(stream, end)
