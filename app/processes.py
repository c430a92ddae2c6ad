"""Child processes that end with us: started with a log file, watched, stopped, and found again after a crash."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from pwd import struct_passwd

LARGEST_LOG = 10_000_000  # bytes
PR_SET_PDEATHSIG = 1  # from Linux's sys/prctl.h

WITHOUT_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # whatever HTTP_PROXY says


class StartError(Exception):
    """A part could not be started. The message is one sentence for the person at the terminal."""


class Process:
    """One child process. `notes` is the folder where its log and its number are kept."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        notes: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path = Path("/"),
        account: struct_passwd | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        stop_seconds: float = 10,
    ) -> None:
        self.name = name
        self.command = [str(part) for part in command]
        self.log = notes / "log" / f"{name}.log"
        self.record = notes / "run" / f"{name}.json"
        self.environment = environment
        self.folder = folder
        self.account = account
        self.stop_signal = stop_signal
        self.stop_seconds = stop_seconds
        self.child: subprocess.Popen[bytes] | None = None
        self.log_begin = 0

    def launch(self) -> None:
        """Start it without waiting: in a process group of its own, so that Ctrl-C reaches only us."""
        end_leftover(self.record)
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.old"))
        with self.log.open("ab") as log:
            self.log_begin = log.tell()
            self.child = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,  # a file: a pipe would end with us, and a server that outlives us with it
                stderr=subprocess.STDOUT,
                env=self.environment,
                cwd=self.folder,
                process_group=0,
                user=self.account.pw_uid if self.account else None,
                group=self.account.pw_gid if self.account else None,
                extra_groups=[] if self.account else None,
                preexec_fn=_ending_with_parent(self.stop_signal),  # noqa: PLW1509  (we have no threads)
            )
        pid = self.child.pid
        self.record.write_text(json.dumps({"pid": pid, "born": born(pid), "signal": int(self.stop_signal)}))

    def is_ready(self) -> bool:
        """Whether it can be used; parts that can tell say more than that it lives."""
        return self.is_running

    def wait_until_ready(self, seconds: float = 120) -> None:
        """Return when it is ready; raise StartError when it ends before that or takes too long."""
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if not self.is_running:
                raise StartError(f"{self.name} ended while starting; {self.log} ends with:\n{self.last_words()}")
            if time.monotonic() > deadline:
                raise StartError(f"{self.name} was not ready within {seconds:.0f} seconds; see {self.log}.")
            time.sleep(0.05)

    def start(self) -> None:
        """Start it and return when it is ready."""
        self.launch()
        self.wait_until_ready()

    def run(self) -> None:
        """Start it and return when it has done its work; raise StartError when it fails."""
        self.launch()
        if self.child and self.child.wait():
            raise StartError(f"{self.name} failed; {self.log} ends with:\n{self.last_words()}")
        self.record.unlink(missing_ok=True)

    @property
    def is_running(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def ask_to_stop(self) -> None:
        if self.child is not None and self.is_running:
            self.child.send_signal(self.stop_signal)

    def stop(self) -> None:
        """Ask it to stop, wait, and end it by force after `stop_seconds`. Safe to call twice."""
        if self.child is None:
            return
        self.ask_to_stop()
        with suppress(subprocess.TimeoutExpired):
            self.child.wait(self.stop_seconds)
        self.kill()
        self.record.unlink(missing_ok=True)

    def kill(self) -> None:
        """End what is left of its group at once: also the children of a parent that is gone."""
        if self.child is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()

    def last_words(self, lines: int = 5) -> str:
        """The end of what it has logged since its last start."""
        text = self.log.read_bytes()[self.log_begin :].decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])


class HttpServer(Process):
    """A process that is ready when it answers at `health`, whatever it says."""

    health = ""

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            with WITHOUT_PROXY.open(self.health, timeout=5):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False


def end_leftovers(notes: Path) -> None:
    """End what an earlier run, killed before it could tidy up, has left running."""
    for record in (notes / "run").glob("*.json"):
        end_leftover(record)


def end_leftover(record: Path) -> None:
    """End the process that an earlier run recorded."""
    try:
        note = json.loads(record.read_text())
        end(int(note["pid"]), str(note["born"]), signal.Signals(note["signal"]))
    except (OSError, ValueError, KeyError, TypeError):
        return
    record.unlink(missing_ok=True)


def end(pid: int, birth: str, stop_signal: signal.Signals, seconds: float = 10) -> None:
    """Stop a process that is not our child, by force after `seconds`; one born at another time is another."""
    deadline = time.monotonic() + seconds
    wish = int(stop_signal)
    while birth and born(pid) == birth:
        with suppress(ProcessLookupError):
            os.kill(pid, wish)
        time.sleep(0.1)
        wish = signal.SIGKILL if time.monotonic() > deadline else 0


def born(pid: int) -> str:
    """When a living process began: together with its number that tells it from all others. Empty: none lives."""
    if platform.system() != "Linux":
        return _answer_of("ps", "-o", "lstart=", "-p", str(pid))
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] == "Z" else fields[19]


def command_line(pid: int) -> str:
    """The command that a living process was started with."""
    if platform.system() != "Linux":
        return _answer_of("ps", "-o", "command=", "-p", str(pid))
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _answer_of(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _ending_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """What a child does first: ask Linux to send it `stop_signal` when we end, be it by `kill -9`."""
    if platform.system() != "Linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def ask_linux() -> None:
        prctl(PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:
            os._exit(1)

    return ask_linux
