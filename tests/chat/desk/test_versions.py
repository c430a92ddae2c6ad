"""The pages of the assistant's versions: works, not allowed, bad input, twice."""

from __future__ import annotations

import re
import uuid
from http import HTTPStatus
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from app.models import User
from chat.assistant import Assistant
from chat.desk.editor import Editor
from chat.models import AssistantVersion, Conversation, Feedback, Publication, Question, Reply
from chat.versions import states
from chat.versions.states import State, find, house, live_version, publish, version_of
from llm.models import Call
from tests.chat.versioning import changed, draft, with_prompt
from tests.factories import help_centre
from tests.people import person

pytestmark = pytest.mark.django_db

ATTACK = "</textarea><img src=x onerror=alert(1)>"


@pytest.fixture
def admin(client: Client) -> User:
    user = person("admin")
    client.force_login(user)
    return user


def fields(row: AssistantVersion, **other: str) -> dict[str, str]:
    """What a browser posts when it sends the form of a draft back, with some fields changed."""
    editor = Editor(version_of(row).assistant, note=row.note, seen=row.hash)
    forms = [
        editor.draft,
        editor.prompts,
        editor.translation,
        editor.guardrails,
        editor.tools,
        *(section.form for section in editor.sections),
    ]
    for formset in (editor.examples, editor.rules):
        forms += [formset.management_form, *formset.forms]
    posted = {}
    for form in forms:
        for field in form:
            value = field.value()
            if field.widget_type != "checkbox" or value:
                posted[field.html_name] = (
                    "on" if field.widget_type == "checkbox" else "" if value is None else str(value)
                )
    return {name: value.replace("\n", "\r\n") for name, value in (posted | other).items()}


def page(client: Client, name: str, number: int, **query: str) -> str:
    answer = client.get(reverse(name, args=[number]), query)
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


def test_the_list_begins_with_what_the_code_has(client: Client, admin: User):
    listed = client.get(reverse("versions")).content.decode()
    for words in ("Version 1", "Live", "As the code has it", "What was live when"):
        assert words in listed
    assert "The code brings" not in listed


def test_an_untouched_form_is_the_same_version(client: Client, admin: User):
    rules = [{"name": "legal", "watch_for": ["sue *", "my lawyer"], "say": "Ask a lawyer.\nReally."}]
    row = draft(changed(examples=[{"question": "Who?", "answer": "Me.\n\n- Yes"}], rules=rules))
    answer = client.post(reverse("edit_version", args=[2]), fields(row))
    assert answer.status_code == HTTPStatus.FOUND
    assert find("draft").hash == row.hash


def test_every_part_of_a_draft_can_be_edited(client: Client, admin: User):
    row = draft()
    wanted = {
        "note": "All of it",
        "prompts-unknown": "Nobody knows.",
        "translation-prompt": "unknown",
        "translation-language": "fr",
        "translation-text": "Je ne sais pas.",
        "examples-0-question": "Who are you?",
        "examples-0-answer": "The assistant.",
        "rules-TOTAL_FORMS": str(len(house().rules) + 1),
        f"rules-{len(house().rules)}-name": "no_promises",
        f"rules-{len(house().rules)}-watch_for": "promise me\n\n  guaranteed * approval  ",
        f"rules-{len(house().rules)}-say": "We decide on each application.",
        "answer-temperature": "",
        "answer-max_tokens": "300",
        "retrieval-passages": "3",
        "triage-when": "always",
        "triage-model__seed": "11",
        "model_choice-easy": "small",
    }
    answer = client.post(reverse("edit_version", args=[2]), fields(row, **wanted), follow=True)
    assert "Draft 2 is saved." in answer.content.decode()
    row.refresh_from_db()
    saved = version_of(row).assistant
    assert (row.note, saved.prompts["unknown"], saved.prompts["unknown.fr"]) == (
        "All of it",
        "Nobody knows.",
        "Je ne sais pas.",
    )
    assert [(one.question, one.answer) for one in saved.examples] == [("Who are you?", "The assistant.")]
    assert saved.rules[-1].watch_for == ("promise me", "guaranteed * approval")
    assert (saved.answer.temperature, saved.answer.max_tokens, saved.retrieval.passages) == (None, 300, 3)
    assert (saved.triage.when, saved.triage.model.seed, saved.model_choice.easy) == ("always", 11, "small")


def test_examples_and_translations_are_taken_out(client: Client, admin: User):
    row = draft(changed(examples=[{"question": "One?", "answer": "1"}, {"question": "Two?", "answer": "2"}]))
    taken = {"examples-0-DELETE": "on", "prompts-unknown.es": ""}
    client.post(reverse("edit_version", args=[2]), fields(row, **taken))
    saved = version_of(find("draft")).assistant
    assert [one.question for one in saved.examples] == ["Two?"]
    assert "unknown.es" not in saved.prompts
    assert "unknown.zh" in saved.prompts


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("prompts-answer", "Hello $nobody of $site_name", "Nothing fills in $nobody. Known here: $site_name."),
        ("prompts-question", "Answer: $question", "It must hold $passages"),
        ("prompts-answer", "$site_name costs $ 5", "A $ that stands for itself is written $$."),
        ("prompts-answer", "", "This field is required."),
        ("translation-text", "Bof.", "A translation has a prompt"),
        ("answer-temperature", "9", "less than or equal to 2"),
        ("answer-temperature", "warm", "Enter a number."),
        ("answer-top_p", "0", "greater than 0"),
        ("answer-seed", "-1", "greater than or equal to 0"),
        ("answer-alias", "gpt-9", "Select a valid choice"),
        ("retrieval-passages", "", "This field is required."),
        ("examples-0-question", "Without an answer?", "This field is required."),
        ("rules-0-name", "Not A Name", "Lower case letters, digits and _ only"),
        ("note", "x" * 201, "at most 200"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_nothing_is_saved(
    client: Client, admin: User, field: str, value: str, words: str
):
    row = draft(house().model_copy(update={"rules": ()}))
    answer = client.post(reverse("edit_version", args=[2]), fields(row, **{field: value}))
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    html = answer.content.decode().replace("&#x27;", "'")
    assert words in html
    assert 'role="alert"' in html
    row.refresh_from_db()
    assert version_of(row).assistant == house().model_copy(update={"rules": ()})


def test_a_translation_that_is_there_already_is_not_overwritten(client: Client, admin: User):
    row = draft()
    twice = {"translation-prompt": "unknown", "translation-language": "es", "translation-text": "Ni idea."}
    answer = client.post(reverse("edit_version", args=[2]), fields(row, **twice))
    assert "It is there already: change it above." in answer.content.decode()
    assert find("draft").hash == row.hash


def test_no_field_of_the_record_is_forgotten_by_the_page(client: Client, admin: User):
    """A setting that somebody adds to the record is on the page by itself, and saving a draft does not reset it."""
    row = draft(changed(follow_ups=not house().follow_ups, triage={"when": "never"}))
    names = {name.partition("-")[0] for name in fields(row)} | {name.removeprefix("more-") for name in fields(row)}
    names |= {field.name for field in Editor(house()).sections[-1].form}
    assert set(Assistant.model_fields) <= names
    client.post(reverse("edit_version", args=[2]), fields(row))
    assert find("draft").hash == row.hash
    switched = fields(row)
    if switched.pop("more-follow_ups", None) is None:
        switched["more-follow_ups"] = "on"
    client.post(reverse("edit_version", args=[2]), switched)
    assert version_of(find("draft")).assistant.follow_ups is house().follow_ups


def test_two_rules_of_one_name_are_refused(client: Client, admin: User):
    row = draft(changed(rules=[{"name": "legal", "watch_for": ["sue"], "say": "No."}]))
    same = {"rules-1-name": "legal", "rules-1-watch_for": "court", "rules-1-say": "No."}
    answer = client.post(reverse("edit_version", args=[2]), fields(row, **same))
    assert "There is a rule legal already." in answer.content.decode()


def test_two_who_edit_one_draft_lose_nothing(client: Client, admin: User):
    row = draft(with_prompt("At first."))
    mine = fields(row, **{"prompts-unknown": "Mine."})
    theirs = fields(row, **{"prompts-unknown": "Theirs."})
    client.post(reverse("edit_version", args=[2]), theirs)
    answer = client.post(reverse("edit_version", args=[2]), mine)
    assert answer.status_code == HTTPStatus.CONFLICT
    html = answer.content.decode()
    assert "Somebody else has saved this draft meanwhile" in html
    for words in ("Theirs as a whole", "Yours as a whole", "Theirs.", "Mine."):
        assert words in html
    assert version_of(find("draft")).assistant == with_prompt("Theirs.")
    seen = re.search(r'name="seen" value="(\w+)"', html)
    assert seen is not None
    client.post(reverse("edit_version", args=[2]), mine | {"seen": seen[1]})
    assert version_of(find("draft")).assistant == with_prompt("Mine.")


def test_a_draft_that_was_published_meanwhile_is_saved_as_a_new_one(client: Client, admin: User):
    row = draft(with_prompt("At first."))
    mine = fields(row, **{"prompts-unknown": "Mine."})
    publish(row, note="n")
    answer = client.post(reverse("edit_version", args=[2]), mine)
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "is live now, and no draft any more" in answer.content.decode()
    assert live_version().assistant == with_prompt("At first.")
    client.post(reverse("edit_version", args=[2]), mine | {"as_new": "1"})
    new = find("draft")
    assert (new.number, version_of(new).assistant) == (3, with_prompt("Mine."))


def test_only_drafts_are_edited(client: Client, admin: User):
    live_version()
    assert client.get(reverse("edit_version", args=[1])).url == reverse("version", args=[1])  # type: ignore[attr-defined]


def test_a_draft_is_made_of_any_version_and_discarded(client: Client, admin: User):
    live_version()
    answer = client.post(reverse("draft_version", args=[1]))
    assert answer.url == reverse("edit_version", args=[2])  # type: ignore[attr-defined]
    row = find("draft")
    assert (row.based_on, row.created_by, version_of(row).assistant) == (find("1"), admin, house())
    client.post(reverse("discard_version", args=[2]))
    assert 'href="/assistant/2/"' not in client.get(reverse("versions")).content.decode()
    again = client.post(reverse("discard_version", args=[2]), follow=True).content.decode()
    assert "is no draft any more" in again
    client.post(reverse("discard_version", args=[1]))
    assert find("live").number == 1


def test_the_difference_is_shown_as_text(client: Client, admin: User):
    draft(with_prompt(f"I know {ATTACK}"))
    html = page(client, "diff_version", 2)
    assert '<span class="removed">' in html
    assert '<span class="added">' in html
    assert "&lt;img src=x" in html
    assert "<img src=x" not in html
    assert "Nothing differs." in page(client, "diff_version", 1)
    assert "Nothing differs." in page(client, "diff_version", 1, **{"with": "code"})
    assert "Nothing differs." in page(client, "diff_version", 2, **{"with": "2"})
    assert '<span class="added">' in page(client, "diff_version", 1, **{"with": "2"})
    assert client.get(reverse("diff_version", args=[1]), {"with": "77"}).status_code == HTTPStatus.NOT_FOUND


def posted(html: str, **other: str) -> dict[str, str]:
    hidden = dict(re.findall(r'type="hidden" name="(seen|instead_of)" value="(\w+)"', html))
    return {"note": "Shorter words", **hidden, **other}


def test_publishing_and_rolling_back(client: Client, admin: User):
    draft()
    confirm = page(client, "publish_version", 2)
    assert "answers from the next question on" in confirm
    assert '<span class="added">' in confirm
    answer = client.post(reverse("publish_version", args=[2]), posted(confirm), follow=True)
    assert "Version 2 is live." in answer.content.decode()
    assert live_version().number == 2
    back = page(client, "publish_version", 1)
    assert "Back to version 1" in back
    client.post(reverse("publish_version", args=[1]), posted(back, note="Too short"))
    assert live_version().number == 1
    assert Publication.objects.latest("at").by == admin
    assert "Too short" in page(client, "version", 1)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"note": " "}, "This field is required."),
        ({"seen": "0" * 64}, "has changed since you compared"),
        ({"instead_of": "0" * 64}, "has changed since you compared"),
    ],
)
def test_what_is_not_published(client: Client, admin: User, other: dict[str, str], words: str):
    draft()
    answer = client.post(reverse("publish_version", args=[2]), posted(page(client, "publish_version", 2), **other))
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert words in answer.content.decode()
    assert live_version().number == 1


def test_publishing_twice_is_told(client: Client, admin: User):
    draft()
    form = posted(page(client, "publish_version", 2))
    client.post(reverse("publish_version", args=[2]), form)
    answer = client.post(reverse("publish_version", args=[2]), form)
    assert "Version 2 is live: a draft or a retired version is published." in answer.content.decode()
    assert Publication.objects.count() == 2


def test_guardrails_that_would_be_switched_off_are_named(client: Client, admin: User, monkeypatch: pytest.MonkeyPatch):
    from chat.desk import version_forms
    from chat.versions import checks as version_checks
    from tests.chat.shelf import SHELF

    for module in (states, version_checks, version_forms):
        monkeypatch.setattr(module, "guardrails_on_the_shelf", lambda: SHELF)
    house.cache_clear()
    try:
        row = draft(changed(guardrails={name: {} for name in SHELF}))
        html = page(client, "edit_version", 2)
        assert "Refuses a question that is too long." in html
        assert "Rewrites what is &lt;b&gt;rude&lt;/b&gt;." in html
        off = fields(row, **{"guardrails-short.settings": "limit: 200\nwords: [a, '*']"})
        off.pop("guardrails-polite")
        client.post(reverse("edit_version", args=[2]), off)
        assert version_of(find("draft")).assistant.guardrails == {"short": {"limit": 200, "words": ["a", "*"]}}
        for bad in ("limit", "a: &b 1", "limit: .inf"):
            wrong = client.post(
                reverse("edit_version", args=[2]), fields(find("draft"), **{"guardrails-short.settings": bad})
            )
            assert wrong.status_code == HTTPStatus.BAD_REQUEST, bad
        confirm = page(client, "publish_version", 2)
        assert "This switches off guardrails" in confirm
        assert "<li>polite</li>" in confirm
        refused = client.post(reverse("publish_version", args=[2]), posted(confirm))
        assert "This switches off polite." in refused.content.decode()
        assert live_version().number == 1
        client.post(reverse("publish_version", args=[2]), posted(confirm, confirmed="on"))
        assert live_version().number == 2
    finally:
        house.cache_clear()


def test_a_version_that_names_what_the_code_has_not_says_so(client: Client, admin: User):
    draft(changed(guardrails={"ghost": {}}, tools=["phantom"]))
    html = page(client, "version", 2)
    assert "guardrails.ghost" in html
    assert "tools.phantom" in html
    assert "They are passed over" in html


def test_after_an_upgrade_one_click_makes_a_draft_of_what_is_new(
    client: Client, admin: User, monkeypatch: pytest.MonkeyPatch
):
    live_version()
    publish(draft(with_prompt("People wrote this.")), note="n")
    newer = house().prompts | {"unknown": "The code's new words.", "unknown.es": "Ni idea."}
    code = Assistant.model_validate(house().model_dump() | {"prompts": newer})
    for module in ("chat.desk.versions", "chat.versions.states"):
        monkeypatch.setattr(f"{module}.house", lambda: code)
    listed = client.get(reverse("versions")).content.decode()
    assert "The code brings what the live version does not have: prompt unknown.es." in listed
    assert "whose words stay: prompt unknown." in listed
    client.post(reverse("draft_from_code"))
    made = version_of(find("draft")).assistant.prompts
    assert (made["unknown"], made["unknown.es"]) == ("People wrote this.", "Ni idea.")
    publish(find("draft"), note="What the code brings")
    assert "The code brings" not in client.get(reverse("versions")).content.decode()


def test_the_page_of_a_version_tells_how_it_has_done(client: Client, admin: User):
    live_version()
    row = find("live")
    conversation = Conversation.objects.create(visitor="v1")
    for number, verdict in enumerate(("up", "up", "down"), start=1):
        question = Question.objects.create(conversation=conversation, client_id=uuid.uuid4(), text="?", number=number)
        reply = Reply.objects.create(conversation=conversation, question=question, status="done", version=row)
        Feedback.objects.create(reply=reply, verdict=verdict)
    for ms, cost in ((100, 1_000), (300, 2_000), (900, None)):
        Call.objects.create(
            purpose="answer", version=live_version().label, kind="chat", alias="strong", model="m", outcome="done",
            prompt_tokens=1_000, completion_tokens=10, duration_ms=ms, cost_microdollars=cost,
        )  # fmt: skip
    html = page(client, "version", 1)
    assert "3, 67 % thumbs up (2 up, 1 down)" in html
    for words in ("3,030", "0.0030 USD", "300 ms", row.hash, "As the code has it"):
        assert words in html


def test_a_version_is_saved_as_a_file(client: Client, admin: User):
    live_version()
    answer = client.get(reverse("export_version", args=[1]))
    assert answer["Content-Disposition"] == 'attachment; filename="assistant-v1.yaml"'
    assert answer.content.decode().startswith("prompts:\n")


@pytest.mark.django_db(transaction=True)
def test_a41_what_somebody_wrote_into_a_version_is_text_on_every_page(client: Client, admin: User):
    row = draft(
        changed(
            prompts=house().prompts | {"unknown": ATTACK},
            examples=[{"question": ATTACK, "answer": ATTACK}],
            rules=[{"name": "x1", "watch_for": [ATTACK], "say": ATTACK}],
        ),
        note=ATTACK,
    )
    pages = [
        page(client, name, 2) for name in ("version", "edit_version", "diff_version", "try_version", "publish_version")
    ]
    pages.append(client.get(reverse("versions")).content.decode())
    pages.append(client.post(reverse("edit_version", args=[2]), fields(row, seen="0")).content.decode())
    for html in pages:
        assert "<img src=x" not in html
        assert "&lt;img src=x" in html


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("admin")
class TestTry:
    """Beside the live version, on one question."""

    def ask(self, client: Client, question: str = "How do I close my account?", **other: str) -> Any:
        return client.post(reverse("try_version", args=[2]), {"question": question, "audience": "public"} | other)

    def test_both_answer_and_nothing_is_stored_but_the_calls(self, client: Client):
        help_centre()
        row = draft(changed(retrieval={"passages": 1}))
        html = self.ask(client).content.decode()
        assert "Version 2</h2>" in html
        assert "Version 1, live</h2>" in html
        assert html.count("open Settings and choose Close account") >= 2
        assert html.count('class="cite"') >= 2
        assert not Conversation.objects.exists()
        labels = set(Call.objects.filter(purpose="try").values_list("version", flat=True))
        assert labels == {f"v2 {row.hash[:8]}", live_version().label}

    def test_an_audience_reads_only_its_own_documents(self, client: Client):
        from knowledge.access import Audience
        from tests.factories import article

        article("Staff rules", "Branch meetings begin at nine on Mondays.", audience=Audience.STAFF)
        draft()
        question = "When do branch meetings begin?"
        assert "nine on Mondays" not in self.ask(client, question).content.decode()
        assert "nine on Mondays" in self.ask(client, question, audience="staff").content.decode()

    def test_one_side_that_fails_leaves_the_other(self, client: Client, settings: Any):
        help_centre()
        draft(changed(answer={"alias": "judge"}))
        settings.LLM_JUDGE_MODEL = "fault-401"
        html = self.ask(client).content.decode()
        assert "(provider_auth)" in html
        assert "open Settings and choose Close account" in html

    @pytest.mark.parametrize(("question", "audience"), [("", "public"), ("x" * 4_001, "public"), ("Hi", "everybody")])
    def test_bad_input(self, client: Client, question: str, audience: str):
        draft()
        answer = self.ask(client, question, audience=audience)
        assert answer.status_code == HTTPStatus.BAD_REQUEST
        assert not Call.objects.filter(purpose="try").exists()

    def test_the_budget_of_the_day_holds_here_too(self, client: Client, settings: Any):
        draft()
        settings.CHAT_DAILY_BUDGET_USD = 0.001
        Call.objects.create(
            purpose="answer", kind="chat", alias="strong", model="m", outcome="done", cost_microdollars=10**6
        )
        assert self.ask(client).status_code == HTTPStatus.BAD_REQUEST
        assert not Call.objects.filter(purpose="try").exists()


@pytest.mark.django_db(transaction=True)
def test_the_pages_are_not_there_for_agents_and_customers(client: Client):
    draft()
    for role in ("agent", "customer"):
        client.force_login(person(role))
        for name in ("version", "edit_version", "diff_version", "try_version", "publish_version", "export_version"):
            assert client.get(reverse(name, args=[2])).status_code == HTTPStatus.NOT_FOUND, (role, name)
            assert client.post(reverse(name, args=[2])).status_code in {404, 405}, (role, name)
        for name in ("draft_version", "discard_version"):
            assert client.post(reverse(name, args=[2])).status_code == HTTPStatus.NOT_FOUND
        assert client.post(reverse("draft_from_code")).status_code == HTTPStatus.NOT_FOUND
    assert list(AssistantVersion.objects.values_list("number", "state")) == [(2, State.DRAFT), (1, State.LIVE)]


def test_forms_need_their_token(admin: User):
    draft()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin)
    for name in ("edit_version", "publish_version", "try_version", "discard_version", "draft_version"):
        assert strict.post(reverse(name, args=[2]), {"note": "n"}).status_code == HTTPStatus.FORBIDDEN, name


def test_numbers_that_no_database_knows_are_not_found(client: Client, admin: User):
    assert client.get(f"/assistant/{10**30}/").status_code == HTTPStatus.NOT_FOUND
    assert client.get(reverse("diff_version", args=[1]), {"with": "9" * 30}).status_code in {200, 404}


def test_what_the_editor_reads_is_only_what_it_shows(client: Client, admin: User):
    row = draft()
    stranger = {
        "prompts-ghost": "x",
        "guardrails-ghost": "on",
        "tools-ghost": "on",
        "answer-ghost": "1",
        "state": "live",
    }
    client.post(reverse("edit_version", args=[2]), fields(row, **stranger))
    row.refresh_from_db()
    assert (row.state, version_of(row).assistant) == (State.DRAFT, with_prompt("I have no idea."))


def test_an_editor_without_its_lists_says_so():
    editor = Editor(house(), QueryDict("note=x&seen=0"))
    assert not editor.is_valid()
