"""The house's rules, held by tests: who may know whom, and what a page may not do."""

import ast
import re
import subprocess
import sys

import pytest
from given import ROOT

MODULES = sorted((ROOT / "kyodo").rglob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))


def imports(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_arrows_between_the_storeys():
    result = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(ROOT)))
def test_only_the_screens_know_streamlit_and_only_charts_know_plotly(file):
    names = {name.split(".")[0] for name in imports(file)}
    room = file.relative_to(ROOT / "kyodo").parts[0]
    assert "streamlit" not in names or room in ("ui", "access")
    assert "plotly" not in names or room in ("charts", "ui")
    assert "sqlalchemy" not in names or room == "record"


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_a_page_is_a_straight_script(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        assert not isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Try, ast.While)), f"{file.name}:{node.lineno}"
        arithmetic = isinstance(node, ast.BinOp) and not isinstance(node.op, (ast.Add, ast.Mod))
        assert not arithmetic or isinstance(node.op, ast.BitOr), f"{file.name}:{node.lineno}"


@pytest.mark.parametrize("file", [*MODULES, *PAGES], ids=lambda file: str(file.relative_to(ROOT)))
def test_no_error_is_swallowed_and_no_room_is_crowded(file):
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"except( Exception)?:\s*\n\s*pass", text)
    assert len(text.splitlines()) <= 400


def test_the_core_reads_no_clock():
    known = {"kyodo/__main__.py", "kyodo/ui/state.py", "kyodo/intake/reading.py"}
    found = {
        str(file.relative_to(ROOT))
        for file in MODULES
        if re.search(r"\.now\(|\.today\(|time\.time\(", file.read_text(encoding="utf-8"))
    }
    assert found <= known


def test_heavy_modules_wait_until_they_are_used():
    code = "import sys, kyodo.__main__, kyodo.ui.state; print(*[m for m in ('pptx', 'xlsxwriter', 'openpyxl', 'statsmodels') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == ""


def test_every_package_is_locked_with_its_hashes_and_both_locks_agree():
    def pins(name):
        return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", (ROOT / name).read_text(), re.MULTILINE))

    def asked(name):
        return {
            each.replace("_", "-").lower()
            for each in re.findall(r"^([\w.-]+)(?:\[\w+\])?==", (ROOT / name).read_text(), re.MULTILINE)
        }

    locked, more = pins("requirements.txt"), pins("requirements-dev.txt")
    assert asked("requirements.in") <= set(locked)
    assert asked("requirements-dev.in") | set(locked) <= set(more)
    assert {name: more[name] for name in locked} == locked
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert all("--hash=sha256:" in part for part in re.split(r"^(?=[A-Za-z])", text, flags=re.MULTILINE)[1:])


POSIX_ONLY = ("resource", "fcntl", "pwd", "grp", "termios", "pty", "syslog")
WITHOUT_POSIX = f"""
import importlib, os, pkgutil, signal, sys
for name in {POSIX_ONLY}: sys.modules[name] = None    # an import of it fails
for name in ('alarm', 'setitimer', 'SIGKILL', 'SIGPROF', 'SIGHUP', 'ITIMER_PROF'): delattr(signal, name)
for name in ('nice', 'killpg', 'getuid', 'fork', 'sched_getaffinity'): delattr(os, name)
import kyodo
for module in pkgutil.walk_packages(kyodo.__path__, 'kyodo.'):
    if not module.name.endswith('__main__'): importlib.import_module(module.name)
import kyodo.__main__
from kyodo.posix import ended_by_cpu_limit, limit_cpu, limit_memory, more_files, nice, return_memory
limit_cpu(1), limit_memory(1), nice(1), return_memory()
assert more_files() == 0 and not ended_by_cpu_limit(-27)
"""


@pytest.mark.slow
def test_everything_imports_where_the_system_is_not_posix():
    run = subprocess.run([sys.executable, "-c", WITHOUT_POSIX], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_only_one_room_knows_posix():
    for file in {*MODULES, *PAGES} - {ROOT / "kyodo" / "posix.py"}:
        assert not set(imports(file)) & set(POSIX_ONLY), file
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"signal\.(alarm|setitimer)|os\.(nice|fork)\b|%-[dmHIMS]", text), file
