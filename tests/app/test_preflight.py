"""A machine that is not fit is told in one sentence, before anything is installed or started."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app import preflight
from app.environment import ROOT


def test_this_machine_is_fit():
    result = subprocess.run([sys.executable, "app/preflight.py"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_an_old_python_is_refused(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 12, "final", 0))
    assert "needs Python 3.11 or newer" in preflight.problem_of_python()
    assert "(3.10)" in preflight.problem_of_python()


@pytest.mark.parametrize("module", preflight.NEEDED_MODULES)
def test_a_python_without_a_needed_module_is_refused(module, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)  # what makes `import` fail
    assert f"module {module}, which" in preflight.problem_of_python()
    assert preflight.NEEDED_MODULES[module] in preflight.problem_of_python()


def test_a_full_disk_is_refused(tmp_path):
    assert preflight.problem_of_disk(tmp_path, 1) == ""
    assert f"needs {10**9} MB on the disk of {tmp_path}" in preflight.problem_of_disk(tmp_path, 10**9)


def test_a_virtualenv_whose_python_is_gone_is_refused(tmp_path):
    (tmp_path / "bin").mkdir()
    assert preflight.problem_of_virtualenv(str(tmp_path)) == ""
    (tmp_path / "bin" / "python").symlink_to(tmp_path / "gone")
    assert preflight.problem_of_virtualenv(str(tmp_path)).endswith(f"remove {tmp_path} and start again.")
