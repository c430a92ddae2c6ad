import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import frames
from chat.errors import Unwelcome

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_the_forms_own_fields_and_htmx_headers_are_set_aside():
    sent = {"type": "ask", "client_id": str(uuid.uuid4()), "text": "Hi", "HEADERS": {}, "csrfmiddlewaretoken": "x"}
    assert frames.parse(json.dumps(sent)).type == "ask"


@pytest.mark.parametrize("extra", ["role", "history", "viewer", "id", "user"])
def test_a20_a47_a_frame_carries_nothing_but_new_text(extra: str):
    with pytest.raises(Unwelcome) as problem:
        frames.parse(json.dumps({"type": "ask", "client_id": str(uuid.uuid4()), "text": "Hi", extra: "admin"}))
    assert problem.value.code == "bad_frame"


@given(JSON.map(json.dumps) | st.text() | st.just(None))
def test_a54_whatever_is_not_a_frame_is_refused_with_a_code(content: str | None):
    with pytest.raises(Unwelcome):
        frames.parse(content)
