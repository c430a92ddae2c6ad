"""The files of a deployment, read as Docker would read them: whole, closed to the outside, without a secret."""

from __future__ import annotations

import copy
import json
import re
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from pydantic import ValidationError

from app.environment import ROOT
from app.parts import DEMO, EVALS_LIMITS, EVALS_WORKER, UVICORN, python
from tests.app.compose import Compose, Dockerfile, MissingVariable, env_file, raw, read
from tests.test_house import settings_with_defaults

REQUIRED = {
    "DOMAIN": "help.example.com",
    "SECRET_KEY": "k",
    "POSTGRES_PASSWORD": "p",
    "REDIS_PASSWORD": "r",
    "OPENAI_API_KEY": "o",
}
PRODUCT = ("web", "worker", "evals", "scheduler", "migrate")
READ_BY_COMPOSE = {"COMPOSE_PROFILES", "FRONTDESK_VERSION", "WEB_PROCESSES"}
CADDYFILE = (ROOT / "deploy" / "Caddyfile").read_text()


@pytest.fixture
def compose() -> Compose:
    return read(REQUIRED)


@pytest.fixture
def dockerfile() -> Dockerfile:
    return Dockerfile((ROOT / "Dockerfile").read_text())


def seconds(duration: str) -> int:
    return int(duration[:-1]) * {"s": 1, "m": 60, "h": 3600}[duration[-1]]


def mistake(*path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Put a value into the file, at the place that the path names."""

    def make(content: dict[str, Any]) -> None:
        for key in path[:-1]:
            content = content[key]
        content[path[-1]] = value

    return make


@pytest.mark.parametrize(
    "make",
    [
        mistake("services", "web", "healthchek", value={}),
        mistake("services", "web", "image", value="frontdesk"),
        mistake("services", "redis", "image", value="redis:latest"),
        mistake("services", "web", "depends_on", value={"migrat": {"condition": "service_healthy"}}),
        mistake("services", "web", "depends_on", value={"redis": {"condition": "healthy"}}),
        mistake("services", "web", "depends_on", value={"migrate": {"condition": "service_healthy"}}),
        mistake("services", "web", "depends_on", value={"ollama": {"condition": "service_healthy"}}),
        mistake("services", "web", "depends_on", value={"redis": {"condition": "service_completed_successfully"}}),
        mistake("services", "proxy", "depends_on", value={"postgres": {"condition": "service_healthy"}}),
        mistake("services", "web", "volumes", value=["uploads:/var/lib/frontdesk"]),
        mistake("services", "web", "networks", value=["back"]),
        mistake("services", "web", "restart", value=False),
        mistake("services", "web", "environment", "TRUSTED_PROXIES", value=1),
        mistake("services", "redis", "healthcheck", "test", value=["redis-cli", "ping"]),
        mistake("services", "redis", "healthcheck", "interval", value="often"),
        mistake("services", "proxy", "ports", value=["80"]),
        mistake("volumes", "unused", value=None),
        mistake("services", "web", "deploy", value={"replicas": "two"}),
        mistake("services", "web", "command", value="python -m uvicorn"),
    ],
)
def test_a_mistake_in_the_compose_file_is_noticed(make: Callable[[dict[str, Any]], None]):
    content = copy.deepcopy(raw())
    read(REQUIRED, content)
    make(content)
    with pytest.raises(ValidationError):
        read(REQUIRED, content)


@pytest.mark.parametrize("name", REQUIRED)
def test_what_must_be_set_is_asked_for_by_its_name(name: str):
    with pytest.raises(MissingVariable, match=f"Set {name} in .env"):
        read(REQUIRED | {name: ""})


def test_the_example_asks_for_all_that_must_be_set_and_sets_none_of_it():
    assert env_file(ROOT / "deploy" / "env.example") == dict.fromkeys(REQUIRED, "")


def test_no_secret_has_a_value_in_the_files():
    named = re.findall(r"\$\{(\w*(?:PASSWORD|KEY|SECRET)\w*)(:.)", (ROOT / "docker-compose.yml").read_text())
    assert {rule for _, rule in named} == {":?"}
    for service in read({name: f"<{name}>" for name in REQUIRED} | {"DOMAIN": "a.example"}).services.values():
        for name, value in service.environment.items():
            if re.search("PASSWORD|KEY|SECRET|AUTH", name):
                assert re.fullmatch(r"<\w+>", value), name


def test_only_the_proxy_can_be_reached_from_outside(compose: Compose):
    assert {name for name, service in compose.services.items() if service.ports} == {"proxy"}
    assert compose.services["proxy"].networks == ["front"]
    data = compose.networks["data"]
    assert data is not None
    assert data.internal
    for name in ("postgres", "redis"):
        assert compose.services[name].networks == ["data"]


def test_web_and_worker_share_the_uploaded_files(compose: Compose, dockerfile: Dockerfile):
    folder = re.search(r"VAR_DIR=(\S+)", " ".join(dockerfile.all("ENV")))
    assert folder
    for name in ("web", "worker"):
        service = compose.services[name]
        assert service.named_volumes["files"] == service.environment["VAR_DIR"] == folder[1]


def test_all_that_can_be_started_again_is_watched(compose: Compose):
    for name, service in compose.services.items():
        assert (service.restart == "unless-stopped") == service.is_checked, name


def test_our_containers_can_do_nothing_but_serve(compose: Compose):
    for name in (*PRODUCT, "standin"):
        service = compose.services[name]
        assert service.read_only, name
        assert (service.cap_drop, service.cap_add) == (["ALL"], []), name
        assert service.security_opt == ["no-new-privileges:true"], name


def test_the_database_has_connections_for_every_process(compose: Compose):
    (allowed,) = re.findall(r"max_connections=(\d+)", " ".join(compose.services["postgres"].command or ()))
    web, workers = compose.services["web"], (compose.services["worker"], compose.services["evals"])
    assert web.deploy
    children = sum(int(command[command.index("--concurrency") + 1]) for command in (w.command or [] for w in workers))
    pool = settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]
    assert (2 * web.deploy.replicas + children + 1) * pool <= int(allowed)  # twice: old and new ones, side by side


def test_f40_eval_runs_have_a_queue_and_a_limit_on_queries_of_their_own(compose: Compose):
    evals, worker = compose.services["evals"], compose.services["worker"]
    assert set(python("celery", EVALS_WORKER)) - {sys.executable} <= set(evals.command or ())
    assert "--queues" not in (worker.command or ())  # the default queue alone
    assert settings.CELERY_TASK_ROUTES == {"evals.tasks.*": {"queue": "evals"}}
    assert EVALS_LIMITS.items() <= evals.environment.items()
    assert "DATABASE_STATEMENT_SECONDS" not in compose.services["web"].environment
    assert seconds(evals.stop_grace_period or "10s") > settings.EVALS_SLICE_SECONDS


def test_a_stopping_process_has_the_time_that_its_answers_get(compose: Compose, dockerfile: Dockerfile):
    command = json.loads(dockerfile.only("CMD"))
    for_connections = int(command[command.index("--timeout-graceful-shutdown") + 1])
    assert seconds(compose.services["web"].stop_grace_period or "10s") > for_connections + settings.CHAT_DRAIN_SECONDS


@pytest.mark.parametrize("file", ["demo.env", "ollama.env"])
def test_what_a_file_of_settings_sets_is_known(file: str):
    assert set(env_file(ROOT / "deploy" / file)) <= set(settings_with_defaults()) | READ_BY_COMPOSE


def test_what_the_compose_file_sets_is_known(compose: Compose):
    assert set(compose.services["web"].environment) <= set(settings_with_defaults())


def test_the_demo_is_the_same_as_that_of_make_run():
    demo = env_file(ROOT / "deploy" / "demo.env")
    assert demo == DEMO | {"COMPOSE_PROFILES": "demo", "OPENAI_BASE_URL": "http://standin:8100/v1"}


def test_a_slow_model_keeps_its_lease_and_its_page():
    names = ("LLM_EMBEDDING_SECONDS", "LLM_ANSWER_SECONDS", "KNOWLEDGE_LEASE_SECONDS")
    defaults = {name: str(getattr(settings, name)) for name in names}
    (page,) = re.findall(r"response_header_timeout (\d+)s", CADDYFILE)
    for slow in (defaults, defaults | env_file(ROOT / "deploy" / "ollama.env")):
        assert float(slow["LLM_EMBEDDING_SECONDS"]) < float(slow["KNOWLEDGE_LEASE_SECONDS"])
        assert float(slow["LLM_ANSWER_SECONDS"]) < float(page)


def test_the_proxy_lets_uploads_through_and_little_else():
    paths = re.findall(r"path (\S+)\*", CADDYFILE)
    sizes = re.findall(r"max_size (\d+)MB", CADDYFILE)
    assert paths == [reverse("documents")] * 2
    assert int(sizes[0]) > 2 * settings.KNOWLEDGE_MAX_FILE_MB
    assert int(sizes[1]) == 1


def test_the_image_is_pinned_and_built_from_hashes(dockerfile: Dockerfile):
    python = dockerfile.only("ARG").removeprefix("PYTHON=")
    assert re.fullmatch(r"3\.\d+\.\d+-slim-bookworm", python)
    stages = dockerfile.all("FROM")
    assert {stage.split()[0] for stage in stages} == {"python:${PYTHON}", "packages", "base"}
    assert stages[-1] == "base AS product"
    for line in dockerfile.all("RUN"):
        assert "pip install" not in line or "--require-hashes --no-deps --only-binary=:all:" in line


def test_the_image_runs_as_nobody_in_particular(dockerfile: Dockerfile):
    assert dockerfile.only("USER") == "frontdesk"
    assert "--uid 10001" in " ".join(dockerfile.all("RUN"))
    lines = [line.split()[0] for line in dockerfile.lines]
    assert lines.index("USER") < lines.index("CMD")
    assert "app/probe.py" in dockerfile.only("HEALTHCHECK")


def test_the_image_serves_as_make_run_does(dockerfile: Dockerfile):
    command = " ".join(json.loads(dockerfile.only("CMD")))
    assert re.sub(r"\s+", " ", UVICORN).strip() in command.replace("--no-access-log ", "")
    assert "forwarded-allow-ips" not in command


def test_the_image_holds_what_is_named_and_nothing_else():
    first, *lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] not in {"", "#"}]
    named = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert first == "*"
    assert {line for line in lines if not line.startswith("!")} == {"**/__pycache__", "**/*.pyc"}
    assert named >= {"app", "chat", "evals", "knowledge", "llm", "templates", "static", "manage.py"}
    assert not named & {".", ".env", ".git", "var", "tests", "deploy"}
    assert all((ROOT / name).exists() for name in named)
