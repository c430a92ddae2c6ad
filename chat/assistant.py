"""Everything that changes how the assistant behaves, in one immutable, hashed record."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from llm.cleaning import clean, clean_json

PROMPTS = Path(__file__).parent / "prompts"
Alias = Literal["strong", "small", "judge"]


def neat(text: Any) -> Any:
    """A text as all versions hold it: no control characters, `\\n` at line ends, no blanks there or around it.

    What is no text stays, for the next check to refuse.
    """
    if not isinstance(text, str):
        return text
    lines = clean(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def plain_json(settings: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Settings that the database can hold. Raises ValueError for what JSON does not know."""
    json.dumps(settings, allow_nan=False)
    cleaned: dict[str, JsonValue] = clean_json(settings)
    return cleaned


Text = Annotated[str, BeforeValidator(neat)]
Settings = Annotated[dict[str, JsonValue], AfterValidator(plain_json), Field(max_length=40)]
Prompt = Annotated[Text, Field(min_length=1, max_length=20_000)]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelUse(Frozen):
    """Which model is asked, and how. What is None is not sent."""

    alias: Alias = "strong"
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    seed: int | None = Field(default=None, ge=0, lt=2**53)
    max_tokens: int = Field(default=800, ge=1, le=16_000)


class Example(Frozen):
    """A question and the answer that it should get, shown to the model before the conversation."""

    question: Text = Field(min_length=1, max_length=4_000)
    answer: Text = Field(min_length=1, max_length=8_000)


class Rule(Frozen):
    """A compliance rule that an admin edits: what it watches for, and what is to happen.

    `watch_for` are phrases; `*` stands for up to a few words. A question that holds one is asked as `ask_instead`
    (steering), or refused when that is empty; a sentence of an answer that holds one is replaced by `say`.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,39}$", description="Lower case, digits and _")
    reads: Literal["question", "answer", "both"] = "both"
    watch_for: tuple[Annotated[Text, Field(min_length=1, max_length=200)], ...] = Field(
        min_length=1, max_length=60, description="One phrase on a line; * stands for a few words, ~ for any ending"
    )
    ask_instead: Text = Field(
        default="", max_length=400, description="What the question becomes; empty: it is refused with the next field"
    )
    say: Text = Field(min_length=1, max_length=600, description="What the customer reads instead")


class Retrieval(Frozen):
    passages: int = Field(default=6, ge=1, le=20)


class Triage(Frozen):
    """When a small model reads a question first: for follow-ups, which alone cannot be searched, or always."""

    when: Literal["never", "follow_ups", "always"] = "follow_ups"
    model: ModelUse = ModelUse(alias="small", temperature=0, seed=7, max_tokens=400)


class ModelNames(Frozen):
    """Models of this version's own behind the aliases, such as one that was taught; empty: the environment names it."""

    strong: Text = Field(default="", max_length=200)
    small: Text = Field(default="", max_length=200)


class Ease(Frozen):
    """What each sign of an easy question weighs: a logistic regression, from 0 (hard) to 1 (easy).

    The defaults were reasoned and not learned (`docs/model-choice.md`): the best passage counts for most.
    """

    bias: float = Field(default=-5, ge=-20, le=20)
    triage: float = Field(default=1, ge=-20, le=20, description="Triage finds it easy")
    best: float = Field(default=6, ge=-20, le=20, description="How well the best passage fits")
    lead: float = Field(default=2, ge=-20, le=20, description="How far it is ahead of the next document's")
    agreement: float = Field(default=1, ge=-20, le=20, description="How many of the near ones are of its document")
    short: float = Field(default=1, ge=-20, le=20, description="How short the question is")


class ModelChoice(Frozen):
    """Which model answers. Where no rule speaks for the strong model, `easy` answers from an ease of `threshold` on:
    its answer is checked whole before it is shown, and the strong model answers afresh where it does not hold.

    `compared` is the share of questions that the other model answers too, behind, to see what quality is lost;
    `margin` is how much of it may be. With `easy: strong` every question goes to the strong model.
    """

    easy: Alias = "strong"
    threshold: float = Field(default=0.6, ge=0, le=1, description="The least ease for the small model")
    ease: Ease = Ease()
    longest: int = Field(default=400, ge=1, le=8_000, description="Characters: a longer question is the strong one's")
    languages: tuple[Annotated[Text, Field(pattern=r"^[a-z]{2,3}$")], ...] = Field(
        default=(), max_length=40, description="That the small model writes well, such as en; none: all"
    )
    strong_for: tuple[Annotated[Text, Field(min_length=1, max_length=200)], ...] = Field(
        default=(), max_length=100, description="Phrases that are the strong model's, with * and ~ as in rules"
    )
    compared: float = Field(default=0, ge=0, le=1, description="Share of the questions that both models answer")
    margin: float = Field(default=0.01, gt=0, le=0.5, description="Quality that may be lost, of all answers")


class SavedAnswers(Frozen):
    """Whether a question may get an answer that was written before: never, the very same question, or one alike.

    `errors` is the share of all questions that may at most get a wrong one; `customers` is how many must have been
    answered the same, independently, before others get it without a person's word.
    """

    when: Literal["never", "exact", "alike"] = "never"
    errors: float = Field(default=0.01, gt=0, le=0.1)
    customers: int = Field(default=2, ge=1, le=10)
    days: float = Field(default=7, gt=0, le=90, description="How long an answer without figures holds")
    days_of_figures: float = Field(default=1, gt=0, le=90, description="How long one with amounts or dates holds")
    checked: float = Field(default=0.05, ge=0, le=1, description="Share of the hits that are answered anew to see")


class Assistant(Frozen):
    """The record. Two with the same hash behave alike, as far as the model does.

    `guardrails` and `tools` name what is switched on, by its name on its shelf; a guardrail with its settings.
    """

    prompts: dict[str, Prompt] = Field(max_length=300)
    examples: tuple[Example, ...] = Field(default=(), max_length=20)
    answer: ModelUse = ModelUse(temperature=0.2, seed=7)
    judge: ModelUse = ModelUse(alias="judge", temperature=0, seed=7, max_tokens=800)
    retrieval: Retrieval = Retrieval()
    triage: Triage = Triage()
    follow_ups: bool = True
    models: ModelNames = ModelNames()
    model_choice: ModelChoice = ModelChoice()
    saved_answers: SavedAnswers = SavedAnswers()
    guardrails: dict[str, Settings] = {}
    rules: tuple[Rule, ...] = Field(default=(), max_length=100)
    tools: tuple[str, ...] = ()

    @property
    def easy_alias(self) -> Alias:
        """Which model easy questions go to. With `easy: strong` it is the one that answers all others."""
        return self.answer.alias if self.model_choice.easy == "strong" else self.model_choice.easy

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON: keys sorted, no spaces."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return sha256(content.encode()).hexdigest()


class Version(NamedTuple):
    """An assistant under its number; number 0 is one that no row holds. `hash` is the row's own, made when it was kept:
    code that knows more settings by now may make another one of the same content."""

    number: int
    assistant: Assistant
    id: int | None = None
    hash: str = ""

    @property
    def models(self) -> dict[str, str]:
        """The names of its own models by their aliases, as `llm.on_behalf_of` takes them."""
        return self.assistant.models.model_dump()

    @property
    def label(self) -> str:
        """Names it in the ledger and in receipts: `v3 1f2e3d4c`."""
        return f"v{self.number} {(self.hash or self.assistant.hash)[:8]}"


@cache
def prompts_of_the_house() -> dict[str, str]:
    """The prompts that come with the code: `answer.md`, `unknown.es.md`, … by their names without `.md`."""
    files = sorted(PROMPTS.glob("*.md"))
    return {file.name.removesuffix(".md"): neat(file.read_text(encoding="utf-8")) for file in files}
