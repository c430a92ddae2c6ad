"""Is this machine fit for Frontdesk? make asks, with any Python 3, before anything is installed or started."""

from __future__ import annotations

import importlib
import os
import shutil
import sys

NEEDED_PYTHON = (3, 11)
NEEDED_MODULES = {
    "venv": "apt install python3-venv",
    "ensurepip": "apt install python3-venv",
    "ssl": "build Python with OpenSSL",
    "sqlite3": "build Python with SQLite",
    "zlib": "build Python with zlib",
    "ctypes": "build Python with libffi",
}
MEGABYTES_TO_INSTALL = 1500
MEGABYTES_TO_RUN = 200


def problem_of_python() -> str:
    """Say in a sentence what this Python lacks; empty if nothing."""
    python = f"{sys.executable} ({sys.version_info[0]}.{sys.version_info[1]})"
    if sys.version_info < NEEDED_PYTHON:
        return f"Frontdesk needs Python 3.11 or newer and this is {python}. Choose one: make run PYTHON=python3.12"
    for name, cure in NEEDED_MODULES.items():
        try:
            importlib.import_module(name)
        except ImportError:
            return f"Frontdesk needs Python's module {name}, which {python} lacks: {cure}."
    return ""


def problem_of_virtualenv(folder: str) -> str:
    """Say in a sentence that a virtualenv has lost its Python, as after an upgrade of the system; empty if not."""
    if os.path.lexists(f"{folder}/bin/python") and not os.path.exists(f"{folder}/bin/python"):
        return f"The Python that {folder} was made with is gone: remove {folder} and start again."
    return ""


def problem_of_disk(folder: str | os.PathLike[str], megabytes: int) -> str:
    """Say in a sentence that the disk of `folder` is too full; empty if it is not."""
    free = shutil.disk_usage(folder).free // 1024**2
    if free >= megabytes:
        return ""
    return f"Frontdesk needs {megabytes} MB on the disk of {os.fspath(folder)}, and {free} MB are free there."


if __name__ == "__main__":
    needed = MEGABYTES_TO_RUN if os.path.exists(".venv/bin/uv") else MEGABYTES_TO_INSTALL
    sys.exit(problem_of_python() or problem_of_virtualenv(".venv") or problem_of_disk(os.getcwd(), needed) or 0)
