"""A version as text: YAML, with prose in blocks, for the diff, for a file in git, and back."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Literal

import yaml
from pydantic import ValidationError

from chat.assistant import Assistant
from chat.differences import Piece, differences
from chat.versions.checks import problems_of, strangers_of
from llm.cleaning import clean

MOST_BYTES = 1_000_000
LINE = 60  # characters; a longer text stands in a block of its own
LONGEST_COMPARED = 2_000  # characters of a line whose words are compared
MOST_COMPARED = 60  # lines of one change
ALIKE = 0.5  # the share of equal words from which one line counts as the other, changed
SORTED = ("prompts", "guardrails")  # the database keeps no order of keys


class Unreadable(Exception):
    """A text is no version. `problems` say where and what to do, one sentence each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Line:
    """A line of a diff, without its sign. `pieces` say which of its words changed, where a line became another."""

    kind: Literal["added", "removed", "same", "place"]
    text: str
    pieces: tuple[Piece, ...] = ()

    @property
    def sign(self) -> str:
        return {"added": "+", "removed": "-", "same": " ", "place": ""}[self.kind]


def as_text(assistant: Assistant) -> str:
    """The same record gives the same text, and `from_text` gives the record again."""
    content = assistant.model_dump(mode="json")
    content |= {name: dict(sorted(content[name].items())) for name in SORTED}
    return mapping_as_text(content)


def mapping_as_text(content: Mapping[str, Any]) -> str:
    """Plain names and values as YAML; "" for none."""
    if not content:
        return ""
    return str(yaml.dump(dict(content), Dumper=_Writer, allow_unicode=True, sort_keys=False, width=10**9))


def from_text(text: str | bytes) -> Assistant:
    """The version that a file holds. Raises `Unreadable` with all that is wrong."""
    content = load_mapping(_decoded(text))
    try:
        assistant = Assistant.model_validate(content)
    except ValidationError as error:
        raise Unreadable(*map(_in_words, error.errors()[:20])) from None
    if problems := problems_of(assistant) | strangers_of(assistant):
        raise Unreadable(*(f"{path}: {words}" for path, words in problems.items()))
    return assistant


def load_mapping(text: str) -> dict[str, Any]:
    """Plain names and values, from YAML that may be hostile. Raises `Unreadable`."""
    try:
        content = yaml.load(text, Loader=_Reader)  # noqa: S506 (a SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise Unreadable(f"{where}{getattr(error, 'problem', None) or error}: this is not readable YAML.") from None
    except (RecursionError, ValueError):
        raise Unreadable("This is not readable YAML: it is nested too deeply, or holds an impossible value.") from None
    if not isinstance(content, dict):
        raise Unreadable("There are no names with values, such as `prompts:` at the head of an exported version.")
    return content


def diff(before: str, after: str) -> list[Line]:
    """What changes from one text to the other, with three lines around each change; empty when nothing does."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=3, lineterm="")
    runs = groupby((_line(line) for line in list(lines)[2:]), key=lambda line: line.kind in {"added", "removed"})
    return [line for is_change, run in runs for line in (_with_words(list(run)) if is_change else run)]


def in_plain(lines: list[Line]) -> str:
    """A diff for a terminal."""
    return "\n".join(f"{line.sign}{line.text}" for line in lines)


def _line(line: str) -> Line:
    if line.startswith("@@"):
        return Line("place", line)
    return Line({"+": "added", "-": "removed"}.get(line[0], "same"), line[1:])  # type: ignore[arg-type]  # the values


def _with_words(run: list[Line]) -> list[Line]:
    """Lines that went and came. One that came out of one that went shows which of its words changed."""
    gone = [line for line in run if line.kind == "removed"]
    new = [line for line in run if line.kind == "added"]
    if len(run) > MOST_COMPARED or any(len(line.text) > LONGEST_COMPARED for line in run):
        return [*gone, *new]
    free = list(range(len(new)))
    for place, old in enumerate(gone):
        became = next((one for one in free if _are_alike(old.text, new[one].text)), None)
        if became is not None:
            free = free[free.index(became) + 1 :]
            pieces = differences(old.text, new[became].text)
            gone[place] = replace(old, pieces=tuple(piece for piece in pieces if piece.kind != "new"))
            new[became] = replace(new[became], pieces=tuple(piece for piece in pieces if piece.kind != "gone"))
    return [*gone, *new]


def _are_alike(old: str, new: str) -> bool:
    matcher = difflib.SequenceMatcher(None, old.split(), new.split(), autojunk=False)
    return matcher.real_quick_ratio() > ALIKE and matcher.ratio() > ALIKE


def _decoded(text: str | bytes) -> str:
    if len(text) > MOST_BYTES:
        raise Unreadable(f"The file is larger than {MOST_BYTES:,} bytes: this is no exported version.")
    try:
        return clean(text.decode("utf-8-sig") if isinstance(text, bytes) else text)
    except UnicodeDecodeError:
        raise Unreadable("The file is not UTF-8 text.") from None


def _in_words(error: Any) -> str:
    path = ".".join(map(str, error["loc"])) or "the file"
    if error["type"] == "extra_forbidden":
        return f"{path}: There is no such setting: take it out, or correct its name."
    if error["type"] == "missing":
        return f"{path}: This is missing."
    hint = " Put it in quotes." if error["type"] == "string_type" else ""
    return f"{path}: {error['msg']}.{hint}"


class _Writer(yaml.SafeDumper):
    """Prose in blocks, lists indented under their name, and no aliases for what stands there twice."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)


def _write_text(writer: _Writer, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text or len(text) > LINE else None
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Writer.add_representer(str, _write_text)


class _Reader(yaml.SafeLoader):
    """Plain data only: aliases could make a small file a huge one, and of two equal keys one would be lost unseen."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.MarkedYAMLError(None, None, "Anchors and aliases (& and *) are not read", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        for key in _doubled(node):
            raise yaml.MarkedYAMLError(None, None, f"{key.value} stands there twice", key.start_mark)
        return super().construct_mapping(node, deep)


def _doubled(node: yaml.MappingNode) -> Iterator[yaml.ScalarNode]:
    seen = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode):
            if key.value in seen:
                yield key
            seen.add(key.value)
