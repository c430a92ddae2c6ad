"""The pages of the sets: works, not allowed, bad input, twice, hostile."""

from __future__ import annotations

import json
import uuid
from http import HTTPStatus
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from app.models import User
from chat.models import Conversation, Feedback, Question, Reply
from evals.cases import Case
from evals.datasets.sets import freeze, keep
from evals.desk.case_forms import CaseEditor, id_for
from evals.models import CaseRevision, Dataset, Generation
from tests.factories import LATE_FEE, article
from tests.people import person

pytestmark = pytest.mark.django_db
State = CaseRevision.State
ATTACK = '</textarea><script>alert(1)</script><img src=x onerror="alert(1)">'


@pytest.fixture
def support() -> Dataset:
    return Dataset.objects.create(slug="support", title="Support")


def case(id: str = "fee", question: str = "What is the fee?", **more: object) -> Case:
    return Case.model_validate({"id": id, "question": question, **more})


def page(client: Client, name: str, *args: Any, **query: str) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == HTTPStatus.OK, answer.status_code
    return answer.content.decode()


def fields(one: Case | None, *, key: str = "", **other: str) -> dict[str, str]:
    """What a browser posts when it sends the form of a case back, with some fields changed."""
    editor = CaseEditor(one, key=key)
    posted = {}
    for form in (editor.form, editor.history.management_form, *editor.history.forms):
        for field in form:
            if field.widget_type != "checkbox":
                posted[field.html_name] = "" if field.value() is None else str(field.value())
    return {name: value.replace("\n", "\r\n") for name, value in (posted | other).items()}


FULL = case(
    history=[{"question": "Hi?", "reply": "Hello\nyou"}],
    must_include=[["$35", "35 | dollars"], ["back\\slash"]],
    must_not_include=["no\nline"],
    expected_sources=["a.md", "b.md"],
    expert_answer="It is\n\n$35.",
    severity="critical",
    tags=["one", "two, three"],
    cluster="fees",
    expects="clarify",
    audience="customers",
    language="es",
)


# ── sets ──


def test_without_a_set_the_page_says_what_to_do(client: Client, admin: User):
    assert "Make the first set" in page(client, "datasets")


def test_a_set_is_made_and_changed(client: Client, admin: User):
    said = {"title": "Late fees!", "purpose": "golden", "primary_metric": "passed", "margin": "2.5", "gates": "on"}
    answer = client.post(reverse("new_dataset"), said, follow=True)
    assert "Now add cases to it" in answer.content.decode()
    made = Dataset.objects.get()
    assert (made.slug, made.margin, made.gates, made.created_by) == ("late-fees", 0.025, True, admin)
    client.post(reverse("edit_dataset", args=[made.slug]), said | {"title": "Fees", "gates": ""})
    made.refresh_from_db()
    assert (made.slug, made.title, made.gates) == ("late-fees", "Fees", False)
    assert 'value="2.5"' in page(client, "edit_dataset", made.slug)


@pytest.mark.parametrize(("title", "slug"), [("New", "new-2"), ("Support", "support-2"), ("贷款", "set")])
def test_a_new_set_has_an_address_of_its_own(client: Client, admin: User, support: Dataset, title: str, slug: str):
    said = {"title": title, "purpose": "golden", "primary_metric": "passed", "margin": "3"}
    client.post(reverse("new_dataset"), said)
    assert Dataset.objects.get(title=title, slug=slug)


@pytest.mark.parametrize("wrong", [{"title": ""}, {"margin": "-1"}, {"primary_metric": "magic"}, {"purpose": "x"}])
def test_a_set_with_a_slip_is_not_kept(client: Client, admin: User, wrong: dict[str, str]):
    said = {"title": "Fees", "purpose": "golden", "primary_metric": "passed", "margin": "3"}
    answer = client.post(reverse("new_dataset"), said | wrong)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "errorlist" in answer.content.decode()
    assert not Dataset.objects.exists()


def test_several_that_wait_are_ticked_and_settled_at_once(client: Client, admin: User, support: Dataset):
    rows = [keep(support, case(f"fee-{number}"), state=State.PROPOSED) for number in range(4)]
    other = keep(Dataset.objects.create(slug="other", title="Other"), case(), state=State.PROPOSED)
    assert page(client, "dataset", "support").count('form="ticked"') == 4
    settle = reverse("settle_cases", args=["support"])
    ticked = {"do": "approve", "case": [rows[0].pk, rows[1].pk, other.pk, "9" * 30, "x"]}
    assert "2 cases are approved." in client.post(settle, ticked, follow=True).content.decode()
    assert (
        "1 case is turned down."
        in client.post(settle, {"do": "remove", "case": [rows[0].pk, rows[2].pk]}, follow=True).content.decode()
    )
    states = [State.APPROVED, State.APPROVED, State.REMOVED, State.PROPOSED]
    assert [CaseRevision.objects.get(pk=row.pk).state for row in rows] == states
    assert CaseRevision.objects.get(pk=other.pk).state == State.PROPOSED
    assert "No case that still waits was ticked." in client.post(settle, ticked, follow=True).content.decode()
    assert client.post(settle, {"do": "restore"}).status_code == HTTPStatus.BAD_REQUEST


def test_what_waits_for_approval_stands_first_and_is_approved(client: Client, admin: User, support: Dataset):
    keep(support, case("a"))
    row = keep(support, case("z", "Waiting?"), state=State.PROPOSED, origin="generated")
    shown = page(client, "dataset", "support")
    assert shown.index("Waiting?") < shown.index("What is the fee?")
    assert "1 waits for approval" in shown
    client.post(reverse("settle_case", args=[row.pk]), {"do": "approve"})
    row.refresh_from_db()
    assert (row.state, row.approved_by) == (State.APPROVED, admin)
    again = client.post(reverse("settle_case", args=[row.pk]), {"do": "approve"}, follow=True)
    assert "not proposed any more" in again.content.decode()


def test_a_case_is_taken_out_and_put_back_and_the_filter_stays(client: Client, admin: User, support: Dataset):
    row = keep(support, case(tags=["money"]))
    answer = client.post(
        reverse("settle_case", args=[row.pk]), {"do": "remove", "query": "tag=money&severity="}, follow=True
    )
    assert answer.redirect_chain[0][0].startswith("/evals/sets/support/?tag=money")
    assert "is out of the set" in answer.content.decode()
    assert "Undo" in answer.content.decode()
    assert f'id="case-{row.pk}"' not in page(client, "dataset", "support")
    client.post(reverse("settle_case", args=[row.pk]), {"do": "restore"})
    row.refresh_from_db()
    assert row.state == State.APPROVED
    assert client.post(reverse("settle_case", args=[row.pk]), {"do": "x"}).status_code == HTTPStatus.BAD_REQUEST


def test_cases_are_searched_and_filtered(client: Client, admin: User, support: Dataset):
    keep(support, case("a", "About escrow?", tags=["money"]))
    keep(support, case("b", "About rates?", language="es"))
    assert "About rates?" not in page(client, "dataset", "support", q="escrow")
    assert "About escrow?" not in page(client, "dataset", "support", language="es")
    assert "Nothing is like this" in page(client, "dataset", "support", q="zebra")
    assert "About rates?" in page(client, "dataset", "support", tag="no such tag", page="999", q="")


def test_freezing_says_what_changed_and_twice_changes_nothing(client: Client, admin: User, support: Dataset):
    answer = client.post(reverse("freeze_dataset", args=["support"]), follow=True)
    assert "holds no approved case yet" in answer.content.decode()
    keep(support, case())
    client.post(reverse("freeze_dataset", args=["support"]), {"note": "The first\0"})
    keep(support, case("b"))
    assert "Freeze a version" in page(client, "dataset", "support")
    client.post(reverse("freeze_dataset", args=["support"]))
    twice = client.post(reverse("freeze_dataset", args=["support"]), follow=True).content.decode()
    assert "nothing was frozen" in twice
    assert "The first" in twice
    assert "1 added" in twice
    assert support.versions.count() == 2


def test_agents_read_sets_and_cannot_change_them(client: Client, agent: User, support: Dataset):
    row = keep(support, case(), state=State.PROPOSED)
    shown = page(client, "dataset", "support")
    for button in ("Approve", "New case", "Freeze a version", "Settings"):
        assert button not in shown
    assert client.post(reverse("settle_case", args=[row.pk]), {"do": "approve"}).status_code == HTTPStatus.NOT_FOUND


def test_what_is_hostile_is_only_text(client: Client, admin: User, support: Dataset):
    row = keep(support, case("bad", ATTACK, tags=[ATTACK[:40]], expert_answer=ATTACK, cluster=ATTACK[:60]), note=ATTACK)
    freeze(support, note=ATTACK)
    for shown in (
        page(client, "dataset", "support"),
        page(client, "edit_case", row.pk),
        page(client, "dataset", "support", q=ATTACK),
        page(client, "dataset", "support", removed=ATTACK),
    ):
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown


def test_an_export_is_a_file_that_no_spreadsheet_runs(client: Client, admin: User, support: Dataset):
    keep(support, case(question="=cmd|' /C calc'!A0"))
    freeze(support)
    keep(support, case("later"))
    answer = client.get(reverse("export_dataset", args=["support"]), {"format": "csv", "version": "1"})
    assert answer["Content-Disposition"] == 'attachment; filename="support-v1.csv"'
    text = answer.content.decode("utf-8-sig")
    assert "'=cmd" in text
    assert ",=cmd" not in text
    assert "later" not in text
    lines = client.get(reverse("export_dataset", args=["support"])).content.decode().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["fee", "later"]
    for query in ({"format": "exe"}, {"version": "9"}, {"version": "x"}, {"version": "9" * 30}):
        assert client.get(reverse("export_dataset", args=["support"]), query).status_code == HTTPStatus.NOT_FOUND


# ── writing and changing a case ──


def test_a_case_is_written_and_its_id_made_from_the_question(client: Client, admin: User, support: Dataset):
    posted = fields(None, question="What is the late fee?", must_include="$35 | 35 dollars\n\n the 16th ")
    answer = client.post(reverse("new_case", args=["support"]), posted | {"and_next": "1"})
    assert answer["Location"] == reverse("new_case", args=["support"])
    row = support.cases.get()
    assert (row.key, row.state, row.created_by) == ("what-is-the-late-fee", State.APPROVED, admin)
    assert row.case.must_include == (("$35", "35 dollars"), ("the 16th",))
    again = client.post(reverse("new_case", args=["support"]), posted)
    assert "stands for another case of this set" in again.content.decode()
    assert support.cases.count() == 1


def test_a_question_in_ideographs_has_an_id():
    assert id_for("房贷晚交了要罚多少钱").startswith("q-")


def test_an_untouched_form_is_the_same_case(client: Client, admin: User, support: Dataset):
    row = keep(support, FULL)
    answer = client.post(reverse("edit_case", args=[row.pk]), fields(FULL, key="fee"))
    assert answer.status_code == HTTPStatus.FOUND
    assert support.cases.get().hash == FULL.hash


def test_every_part_of_a_case_can_be_changed(client: Client, admin: User, support: Dataset):
    row = keep(support, FULL)
    posted = fields(
        FULL,
        key="fee",
        **{
            "question": "And now?",
            "expects": "refuse",
            "must_include": "a | b",
            "tags": "x",
            "note": "clearer",
            "history-0-DELETE": "on",
            "history-1-question": "Earlier?",
            "history-1-reply": "Said.",
        },
    )
    client.post(reverse("edit_case", args=[row.pk]), posted)
    latest = support.cases.get(is_latest=True)
    assert (latest.revision, latest.note, latest.case.question) == (2, "clearer", "And now?")
    assert [one.question for one in latest.case.history] == ["Earlier?"]
    shown = page(client, "edit_case", latest.pk)
    assert "clearer" in shown
    assert "Revision 2" in shown
    older = client.get(reverse("edit_case", args=[row.pk]))
    assert older["Location"] == reverse("edit_case", args=[latest.pk])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"question": " "}, "required"),
        ({"expects": "magic"}, "Select a valid choice"),
        ({"must_include": "x" * 500}, "at most 400"),
        ({"language": "x" * 30}, "at most 20"),
        ({"question": "nul\0"}, "Null characters"),
        ({"tags": "\n".join(map(str, range(30)))}, "at most 20"),
        ({"history-1-reply": "without a question"}, "required"),
    ],
)
def test_a_slip_stands_beside_its_field_and_nothing_is_lost(
    client: Client, admin: User, support: Dataset, wrong: dict[str, str], said: str
):
    row = keep(support, FULL)
    answer = client.post(reverse("edit_case", args=[row.pk]), fields(FULL, key="fee", expert_answer="Mine!", **wrong))
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert said in answer.content.decode()
    assert "Mine!" in answer.content.decode()
    assert support.cases.count() == 1


def test_of_two_who_edit_the_second_sees_both_and_loses_nothing(client: Client, admin: User, support: Dataset):
    row = keep(support, FULL)
    address = reverse("edit_case", args=[row.pk])
    client.post(address, fields(FULL, key="fee", expert_answer="Theirs."))
    answer = client.post(address, fields(FULL, key="fee", expert_answer="Ours."))
    shown = answer.content.decode()
    assert answer.status_code == HTTPStatus.CONFLICT
    for words in ("Somebody else has changed this case", "Theirs.", "Ours."):
        assert words in shown
    latest = support.cases.get(is_latest=True)
    assert latest.case.expert_answer == "Theirs."
    assert f'action="{reverse("edit_case", args=[latest.pk])}"' in shown
    client.post(reverse("edit_case", args=[latest.pk]), fields(FULL, key="fee", expert_answer="Ours."))
    assert support.cases.get(is_latest=True).case.expert_answer == "Ours."


def test_a_proposed_case_is_corrected_and_approved_in_one_step(client: Client, admin: User, support: Dataset):
    row = keep(support, FULL, state=State.PROPOSED, origin="generated")
    assert "Save and approve" in page(client, "edit_case", row.pk)
    client.post(reverse("edit_case", args=[row.pk]), fields(FULL, key="fee", question="Better?"))
    latest = support.cases.get(is_latest=True)
    assert latest.state == State.PROPOSED
    posted = fields(latest.case, key="fee", question="Best?", and_approve="1")
    client.post(reverse("edit_case", args=[latest.pk]), posted)
    assert support.cases.get(is_latest=True).state == State.APPROVED


# ── import ──


def uploaded(text: str | bytes, name: str = "cases.csv") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)}


def token_in(shown: str) -> str:
    return shown.split('name="token" value="')[1].partition('"')[0]


def test_a_file_is_looked_at_first_and_then_kept(client: Client, admin: User, support: Dataset):
    keep(support, case("a", "Same?"))
    keep(support, case("b", "Old?"))
    text = "id,question,expects\na,Same?,answer\nb,New words?,answer\nc,Quite new?,unknown\n"
    address = reverse("import_cases", args=["support"])
    shown = client.post(address, uploaded(text)).content.decode()
    assert "1 new, 1 changed, 1 as they are" in shown
    assert support.cases.count() == 2
    answer = client.post(address, {"token": token_in(shown), "keep": "1"}, follow=True)
    assert "2 cases are new or changed" in answer.content.decode()
    assert support.cases.filter(is_latest=True, origin="imported").count() == 2
    gone = client.post(address, {"token": token_in(shown), "keep": "1"}, follow=True)
    assert "not here any more" in gone.content.decode()


def test_what_columns_are_can_be_corrected_before_anything_is_kept(client: Client, admin: User, support: Dataset):
    address = reverse("import_cases", args=["support"])
    shown = client.post(address, uploaded(f"q,gold,{ATTACK}\nHow?,So.,x\n".replace('"', ""))).content.decode()
    assert "What the columns are" in shown
    assert "<script>alert" not in shown
    said = {"token": token_in(shown), "column": ["q", "gold"], "meaning": ["question", "answer"]}
    again = client.post(address, said).content.decode()
    assert "So." in again
    client.post(address, said | {"keep": "1"})
    assert support.cases.get().case.expert_answer == "So."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,question,expects\na,?,magic\n", "Line 2, expects: input should be"),
        (b"\xff\xfe\x00", "not UTF-8"),
        ("", "submitted file is empty"),
        ("id,question\n", "holds no case"),
        ('{"id": "a"\n', "Line 1 is not JSON"),
    ],
)
def test_a_file_with_a_slip_is_not_taken(client: Client, admin: User, support: Dataset, text: str, said: str):
    answer = client.post(reverse("import_cases", args=["support"]), uploaded(text))
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert said in answer.content.decode()
    assert not support.cases.exists()


def test_nobody_takes_the_file_of_another_or_into_another_set(client: Client, admin: User, support: Dataset):
    other = Dataset.objects.create(slug="other", title="Other")
    shown = client.post(reverse("import_cases", args=["support"]), uploaded("q,a\nHow?,So.\n")).content.decode()
    said = {"token": token_in(shown), "keep": "1"}
    client.post(reverse("import_cases", args=["other"]), said)
    client.post(reverse("import_cases", args=["support"]), {"token": "../../etc", "keep": "1"})
    client.force_login(person("admin", username="second"))
    client.post(reverse("import_cases", args=["support"]), said)
    assert not CaseRevision.objects.exists()
    assert not other.cases.exists()


# ── from a document ──


def test_cases_are_ordered_from_a_document_and_the_page_shows_how_it_goes(
    client: Client, admin: User, support: Dataset, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
):
    document = article("Late fees", LATE_FEE, is_embedded=False)
    ordered: list[int] = []
    monkeypatch.setattr("evals.desk.arrivals.enqueue_cases", ordered.append)
    said = {"document": document.pk, "wanted": "7", "languages": "es, zh"}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("generate_cases", args=["support"]), said)
    generation = Generation.objects.get()
    assert ordered == [generation.pk]
    assert (generation.wanted, generation.languages, generation.created_by) == (7, "es, zh", admin)
    assert 'hx-trigger="every 2s"' in page(client, "generate_cases", "support")
    again = client.post(reverse("generate_cases", args=["support"]), said)
    assert "are being written from" in again.content.decode()
    Generation.objects.update(state="done", kept=3, dropped={"no_quote": 2, "unknown": 1})
    shown = page(client, "generate_cases", "support")
    assert "hx-trigger" not in shown.split('id="generations"')[1]
    assert "2: their quote does not stand in the document" in shown


@pytest.mark.parametrize(
    "wrong", [{"document": ""}, {"document": str(uuid.uuid4())}, {"wanted": "99"}, {"languages": "<b>"}]
)
def test_an_order_with_a_slip_is_not_taken(client: Client, admin: User, support: Dataset, wrong: dict[str, str]):
    document = article("Late fees", LATE_FEE, is_embedded=False)
    said = {"document": document.pk, "wanted": "7", "languages": ""}
    answer = client.post(reverse("generate_cases", args=["support"]), said | wrong)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert not Generation.objects.exists()


# ── from a real turn ──


@pytest.fixture
def reply() -> Reply:
    conversation = Conversation.objects.create(visitor="v")
    question = Question.objects.create(
        conversation=conversation, client_id=uuid.uuid4(), text=f"Fee for ann@example.com? {ATTACK}", number=1
    )
    reply = Reply.objects.create(conversation=conversation, question=question, status="done", text="$35 [1]")
    Feedback.objects.create(reply=reply, verdict="up", comment=f"Thanks, bob@example.com {ATTACK}")
    return reply


def turned(client: Client, reply: Reply, dataset: Dataset | None, **other: str) -> dict[str, str]:
    """The form of the page, sent as it came."""
    from evals.datasets.from_replies import suggestion_from

    suggested = suggestion_from(reply).case
    return fields(suggested, key=suggested.id, dataset=str(dataset.pk) if dataset else "", **other)


def test_a_real_turn_becomes_a_case_in_one_click(client: Client, admin: User, support: Dataset, reply: Reply):
    for name in ("feedback_detail", "receipt"):
        assert reverse("case_from_reply", args=[reply.pk]) in page(client, name, reply.pk)
    shown = page(client, "case_from_reply", reply.pk)
    assert "ann@example.com" not in shown
    assert "bob@example.com" not in shown
    assert "<script>alert" not in shown
    answer = client.post(reverse("case_from_reply", args=[reply.pk]), turned(client, reply, support), follow=True)
    assert "is in the set" in answer.content.decode()
    row = support.cases.get()
    assert (row.origin, row.state, row.reply) == ("reply", State.APPROVED, reply)
    assert row.case.expert_answer == "$35"
    client.post(reverse("case_from_reply", args=[reply.pk]), turned(client, reply, support))
    assert support.cases.count() == 1
    again = page(client, "case_from_reply", reply.pk)
    assert "was made of this turn already" in again


def test_what_is_asked_already_is_said(client: Client, admin: User, support: Dataset, reply: Reply):
    reply.question.text = "what's the late fee"
    reply.question.save()
    keep(support, case(question="What is the late fee?"))
    assert "Nearly the same is asked by" in page(client, "case_from_reply", reply.pk)


def test_a_turn_may_begin_a_new_set(client: Client, admin: User, reply: Reply):
    answer = client.post(reverse("case_from_reply", args=[reply.pk]), turned(client, reply, None, new_set=""))
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "name a new one" in answer.content.decode()
    client.post(reverse("case_from_reply", args=[reply.pk]), turned(client, reply, None, new_set="What went wrong"))
    made = Dataset.objects.get()
    assert (made.slug, made.purpose, made.cases.count()) == ("what-went-wrong", "regression", 1)


def test_an_agent_proposes_and_displaces_nothing(client: Client, agent: User, support: Dataset, reply: Reply):
    address = reverse("case_from_reply", args=[reply.pk])
    assert "Propose the case" in page(client, "case_from_reply", reply.pk)
    client.post(address, turned(client, reply, support))
    row = support.cases.get()
    assert row.state == State.PROPOSED
    CaseRevision.objects.update(state=State.APPROVED)
    answer = client.post(address, turned(client, reply, support, question="Other words?"), follow=True)
    assert "in this set already" in answer.content.decode()
    assert support.cases.get().state == State.APPROVED
    client.post(address, turned(client, reply, None, new_set="Mine"))
    assert Dataset.objects.count() == 1


def test_a_reply_that_is_being_written_is_no_case_yet(client: Client, admin: User, reply: Reply):
    Reply.objects.update(status="streaming")
    assert client.get(reverse("case_from_reply", args=[reply.pk])).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("query", [{"removed": "9" * 40}, {"page": "x"}, {"state": "x"}, {"q": "a\0b"}])
def test_an_address_made_up_by_hand_breaks_nothing(
    client: Client, admin: User, support: Dataset, query: dict[str, str]
):
    keep(support, case())
    page(client, "dataset", "support", **query)
