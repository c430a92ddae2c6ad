"""Keep a set of processes alive until somebody asks to stop, then end exactly these."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import suppress
from types import FrameType
from typing import NoReturn

from app.processes import Process, StartError

LONG_ENOUGH = 10.0  # seconds: what lived that long is started again at once
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
SECOND_THOUGHT = 1.0  # seconds: one Ctrl-C may arrive twice, from the terminal and from make


class StopRequested(BaseException):
    """Ctrl-C, or a polite request to end from outside."""


class Supervisor:
    """Processes in layers: each layer rests on those before it, and is stopped before them."""

    def __init__(self) -> None:
        self.layers: list[list[Process]] = []
        self.stopping_since: float | None = None
        self.pauses: dict[str, float] = {}
        self.due: dict[str, float] = {}
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._stop_requested)

    def launch(self, *processes: Process) -> None:
        """Start a layer, without waiting for any of it."""
        self.layers.append([])
        for process in processes:
            self.layers[-1].append(process)
            process.launch()
            self.due[process.name] = time.monotonic()

    def wait_until_ready(self) -> None:
        """Return when all that was started is ready."""
        for process in (process for layer in self.layers for process in layer):
            process.wait_until_ready()

    def run(self, process: Process) -> None:
        """Run a command on top of what is there, to its end."""
        self.layers.append([process])
        try:
            process.run()
        finally:
            if not process.is_running:
                self.layers.pop()

    def watch(self) -> NoReturn:
        """Start again what ends, with a sentence, until StopRequested."""
        while self.stopping_since is None:
            for process in (process for layer in self.layers for process in layer):
                if not process.is_running and time.monotonic() >= self.due[process.name]:
                    self._start_again(process)
            time.sleep(0.2)
        raise StopRequested  # the one of the signal got lost: it fell into code that swallows everything

    def stop(self) -> None:
        """End everything that was started here, the last layer first."""
        self.stopping_since = self.stopping_since or time.monotonic()
        while self.layers:
            for process in self.layers[-1]:
                process.ask_to_stop()
            for process in self.layers[-1]:
                process.stop()
            self.layers.pop()

    def _start_again(self, process: Process) -> None:
        ending = describe_ending(process)
        try:
            process.kill()
            process.start()
            say(f"{process.name} {ending} and was started again.")
        except StartError as error:
            say(f"{process.name} {ending} and could not be started again: {error}")
        self._set_due(process.name)

    def _set_due(self, name: str) -> None:
        lived_long = time.monotonic() - self.due[name] > LONG_ENOUGH
        self.pauses[name] = (
            FIRST_PAUSE if lived_long else min(2 * self.pauses.get(name, FIRST_PAUSE / 2), LONGEST_PAUSE)
        )
        self.due[name] = time.monotonic() + self.pauses[name]

    def _stop_requested(self, _number: int, _frame: FrameType | None) -> None:
        if self.stopping_since is None:
            self.stopping_since = time.monotonic()
            raise StopRequested
        if time.monotonic() - self.stopping_since > SECOND_THOUGHT and len(self.layers) > 1:
            for process in self.layers[-1]:
                process.kill()


def describe_ending(process: Process) -> str:
    """How a process that is no longer there has ended."""
    code = process.child.returncode if process.child else 0
    if code is not None and code < 0:
        return f"was ended by signal {-code}"
    return f"ended with code {code} (see {process.log})"


def say(sentence: str) -> None:
    """Tell the person at the terminal; one who has closed it is not told."""
    with suppress(OSError):
        sys.stdout.write(sentence + "\n")
        sys.stdout.flush()
