"""A model that changes behind its name is noticed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from chat.models import AssistantVersion
from chat.receipts.fingerprints import DAYS, changes_of
from chat.versions.states import version_of
from llm.models import Call
from tests.chat.turns import live_version

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def version() -> AssistantVersion:
    return live_version()


def called(version: AssistantVersion, fingerprint: str, when: datetime, **fields: str) -> None:
    values = {"purpose": "answer", "kind": "chat", "alias": "strong", "model": "m", "outcome": "done", "served_by": "m"}
    call = Call.objects.create(version=version_of(version).label, fingerprint=fingerprint, **values | fields)
    Call.objects.filter(pk=call.pk).update(created_at=when)


def hours_ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def test_another_fingerprint_is_a_change_with_its_time(version: AssistantVersion):
    called(version, "fp_a", hours_ago(5))
    called(version, "fp_a", hours_ago(4))
    called(version, "fp_b", hours_ago(3))
    called(version, "fp_b", hours_ago(1))
    (change,) = changes_of(version)
    assert change.names == ("fp_a", "fp_b")
    assert change.after.first == hours_ago(3)
    assert (change.before.calls, change.after.calls) == (2, 2)
    assert not change.is_mixed


def test_one_fingerprint_or_none_at_all_is_no_change(version: AssistantVersion):
    assert changes_of(version) == []
    called(version, "", hours_ago(5))
    called(version, "", hours_ago(4))
    assert changes_of(version) == []


def test_another_name_is_a_change_where_no_fingerprint_is_sent(version: AssistantVersion):
    called(version, "", hours_ago(5), served_by="model-2026-01")
    called(version, "", hours_ago(4), served_by="model-2026-11")
    assert changes_of(version)[0].names == ("model-2026-01", "model-2026-11")


def test_name_and_fingerprint_are_both_told_when_both_changed(version: AssistantVersion):
    called(version, "fp_a", hours_ago(5), served_by="old")
    called(version, "", hours_ago(4), served_by="new")
    assert changes_of(version)[0].names == ("old fp_a", "new")


def test_a_server_that_stops_sending_fingerprints_is_a_change(version: AssistantVersion):
    called(version, "fp_a", hours_ago(5))
    called(version, "", hours_ago(4))
    assert changes_of(version)[0].names == ("fp_a", "no fingerprint")


def test_a_change_that_is_rolled_out_bit_by_bit_is_said_to_be_one(version: AssistantVersion):
    called(version, "fp_a", hours_ago(5))
    called(version, "fp_b", hours_ago(4))
    called(version, "fp_a", hours_ago(3))
    assert changes_of(version)[0].is_mixed


def test_each_alias_is_looked_at_by_itself(version: AssistantVersion):
    called(version, "fp_a", hours_ago(5))
    called(version, "fp_s", hours_ago(4), alias="small")
    assert changes_of(version) == []
    called(version, "fp_t", hours_ago(3), alias="small")
    assert [change.alias for change in changes_of(version)] == ["small"]


def test_other_versions_failed_calls_embeddings_and_old_ones_do_not_count(version: AssistantVersion):
    called(version, "fp_a", hours_ago(5))
    called(version, "fp_b", hours_ago(4), outcome="failed")
    called(version, "fp_c", hours_ago(4), kind="embedding")
    called(version, "fp_d", hours_ago((DAYS + 1) * 24))
    called(live_version(tools=()), "fp_e", hours_ago(3))
    assert changes_of(version) == []


def test_a41_the_notice_shows_what_a_server_sent_as_text(version: AssistantVersion):
    called(version, "fp_a", hours_ago(5))
    called(version, "<img src=x onerror=alert(1)>", hours_ago(4))
    notice = render_to_string("chat/_fingerprint_notice.html", {"number": 3, "changes": changes_of(version)})
    assert "The model behind v3 (strong: m) changed on" in notice
    assert "manage.py replay --sample 20 --version 3" in notice
    assert "<img" not in notice
