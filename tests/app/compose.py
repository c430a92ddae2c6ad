"""Compose's file format, as far as `docker-compose.yml` uses it: another key, form or reference is an error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from app.environment import ROOT

FILE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>[A-Z_]+)(?:(?P<rule>:[-?])(?P<word>[^${}]+))?\}|(?P<bad>))")

Duration = Annotated[str, StringConstraints(pattern=r"^[1-9]\d*[smh]$")]
Size = Annotated[str, StringConstraints(pattern=r"^[1-9]\d*[mg]b$")]
Pinned = Annotated[str, StringConstraints(pattern=r"^[a-z0-9/-]+:(\d[\w.-]*|local)$")]
Port = Annotated[str, StringConstraints(pattern=r"^\d+:\d+(/udp)?$")]
Mount = Annotated[str, StringConstraints(pattern=r"^(\./[\w/.-]+|[a-z-]+):/[\w/.-]+(:ro)?$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]*$")]
Words = Annotated[list[str], Field(min_length=1)]
Count = Annotated[int, BeforeValidator(lambda value: int(value) if isinstance(value, str) else value), Field(ge=1)]


class MissingVariable(Exception):
    """A variable that must be set; the message is the sentence that Compose would print."""


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Build(Part):
    context: Literal["."]
    target: str


class Healthcheck(Part):
    test: Words | None = None
    interval: Duration | None = None
    timeout: Duration | None = None
    start_period: Duration | None = None
    retries: Annotated[int, Field(ge=1)] | None = None
    disable: Literal[True] | None = None

    @model_validator(mode="after")
    def is_whole_or_off(self) -> Self:
        rules = (self.test, self.interval, self.timeout, self.retries)
        if self.disable:
            assert rules == (None, None, None, None), "switched off, and yet with rules"
            return self
        assert None not in rules, "test, interval, timeout and retries belong together"
        assert self.test is not None
        assert self.test[0] in {"CMD", "CMD-SHELL"}, "a test begins with CMD or CMD-SHELL"
        assert len(self.test) == 2 or self.test[0] == "CMD", "CMD-SHELL takes one line"
        return self


class Dependency(Part):
    condition: Literal["service_healthy", "service_completed_successfully"]


class Deploy(Part):
    replicas: Count


class Network(Part):
    internal: bool = False


class Service(Part):
    image: Pinned
    build: Build | None = None
    profiles: list[Name] = []
    entrypoint: Words | None = None
    command: Words | None = None
    env_file: Literal[".env"] | None = None
    environment: dict[Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")], str] = {}
    ports: list[Port] = []
    volumes: list[Mount] = []
    networks: Annotated[list[Name], Field(min_length=1)]
    deploy: Deploy | None = None
    depends_on: dict[Name, Dependency] = {}
    healthcheck: Healthcheck | None = None
    restart: Literal["unless-stopped", "no"]
    stop_grace_period: Duration | None = None
    shm_size: Size | None = None
    read_only: bool = False
    tmpfs: list[Literal["/tmp"]] = []
    cap_drop: list[Literal["ALL"]] = []
    cap_add: list[Literal["NET_BIND_SERVICE"]] = []
    security_opt: list[Literal["no-new-privileges:true"]] = []

    @property
    def named_volumes(self) -> dict[str, str]:
        """Where each volume is put."""
        mounts = [mount.split(":") for mount in self.volumes if not mount.startswith(".")]
        return {mount[0]: mount[1] for mount in mounts}

    @property
    def is_checked(self) -> bool:
        """Whether it can become healthy: by its own check, or by that of our image."""
        return bool(self.healthcheck and self.healthcheck.test) or (self.build is not None and not self.healthcheck)


class Compose(Part):
    services: dict[Name, Service]
    networks: dict[Name, Network | None]
    volumes: dict[Name, None]

    @model_validator(mode="after")
    def refers_to_what_is_there(self) -> Self:
        for name, service in self.services.items():
            assert set(service.networks) <= set(self.networks), f"{name}: a network is not declared"
            assert set(service.named_volumes) <= set(self.volumes), f"{name}: a volume is not declared"
            for other, dependency in service.depends_on.items():
                self._can_be_waited_for(name, other, dependency)
        used = {volume for service in self.services.values() for volume in service.named_volumes}
        assert used == set(self.volumes), "a volume is used by nobody"
        return self

    def _can_be_waited_for(self, name: str, other: str, dependency: Dependency) -> None:
        assert other in self.services, f"{name} waits for {other}, which is not there"
        target = self.services[other]
        assert not set(target.profiles) - set(self.services[name].profiles), f"{name} waits for a profile's {other}"
        assert set(target.networks) & set(self.services[name].networks), f"{name} cannot reach {other}"
        if dependency.condition == "service_healthy":
            assert target.is_checked, f"{name} waits for the health of {other}, which nobody checks"
        else:
            assert target.restart == "no", f"{name} waits for the end of {other}, which is started again"


def raw() -> dict[str, Any]:
    """The file as it is written, with anchors resolved and without the blocks that only carry them."""
    content = yaml.safe_load(FILE.read_text())
    return {key: value for key, value in content.items() if not key.startswith("x-")}


def read(variables: Mapping[str, str], content: dict[str, Any] | None = None) -> Compose:
    """The file with its variables filled in, checked. Raises `MissingVariable` or pydantic's `ValidationError`."""
    return Compose.model_validate(filled(content or raw(), variables))


def filled(value: Any, variables: Mapping[str, str]) -> Any:
    """A value with `${NAME}`, `${NAME:-default}`, `${NAME:?sentence}` and `$$` filled in, as Compose does it."""
    if isinstance(value, dict):
        return {key: filled(part, variables) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part, variables) for part in value]
    return VARIABLE.sub(lambda match: _value(match, variables), value) if isinstance(value, str) else value


def _value(match: re.Match[str], variables: Mapping[str, str]) -> str:
    if match["bad"] is not None:
        raise ValueError(f"a dollar that is neither a variable nor doubled: {match.string}")
    if match["dollar"]:
        return "$"
    if found := variables.get(match["name"]):
        return found
    if match["rule"] == ":?":
        raise MissingVariable(match["word"])
    return match["word"] or ""


def env_file(path: Path) -> dict[str, str]:
    """The lines `NAME=value` of a file."""
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


class Dockerfile:
    """What is asked of the Dockerfile, one instruction a line."""

    def __init__(self, text: str) -> None:
        joined = re.sub(r"\\\n\s*", " ", "\n".join(line for line in text.splitlines() if not line.startswith("#")))
        self.lines = [line for line in joined.splitlines() if line]

    def all(self, instruction: str) -> list[str]:
        """The arguments of each such instruction, in order."""
        return [line.partition(" ")[2] for line in self.lines if line.startswith(f"{instruction} ")]

    def only(self, instruction: str) -> str:
        """The arguments of the one such instruction."""
        (found,) = self.all(instruction)
        return found
