"""Which Python and which Node.js this machine has for a runtime's name."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fogline.ports.functions import NoRuntime

_NODE_OLDEST = 16
_ANSWER_SECONDS_MAX = 30


@dataclass(frozen=True, slots=True)
class Interpreter:
    """An interpreter for a runtime. `path` is the program itself, never a shim."""

    runtime: str
    kind: str
    path: str
    version: str
    is_exact: bool

    def note(self) -> str:
        """What the user should know, "" when this is the very version asked for."""
        if self.is_exact:
            return ""
        if self.kind == "node":
            which = "Node.js {} ({}): this machine has no nearer version."
        else:
            which = "Python {} ({}): this machine has no nearer version that boto3 runs on."
        which = which.format(self.version, self.path)
        return f"Functions with runtime {self.runtime} run on {which}"


def find_interpreter(runtime: str, home: Path | None = None) -> Interpreter:
    """The interpreter of the runtime's own version, or the nearest. Asks programs, so it takes a moment.

    A Python too old for Fogline's boto3 does not count: nearly every function expects boto3 to be
    there, and published applications name runtimes of many years.
    """
    home = home or Path.home()
    if match := re.fullmatch(r"python3\.(\d{1,2})", runtime):
        return _find(runtime, "python", (3, int(match[1])), _pythons(home, int(match[1])))
    if match := re.fullmatch(r"nodejs(\d{1,2})\.x", runtime):
        return _find(runtime, "node", (int(match[1]),), _nodes(home))
    if runtime in ("provided", "provided.al2", "provided.al2023"):
        version = ".".join(str(number) for number in sys.version_info[:3])
        return Interpreter(runtime, "custom", sys.executable, version, is_exact=True)
    raise NoRuntime(
        f"Fogline runs functions with python3.*, nodejs*.x and provided.* runtimes, and not {runtime}."
    )


@functools.cache
def python_oldest() -> tuple[int, int]:
    """The oldest Python that Fogline's own boto3 runs on, by its metadata."""
    import importlib.metadata  # 18 ms: not before a Python function is first needed

    said = importlib.metadata.distribution("boto3").read_text("METADATA") or ""
    found = re.search(r"^Requires-Python:.*>=\s*3\.(\d+)", said, re.MULTILINE)
    return (3, int(found[1]) if found else 8)


def _find(
    runtime: str, kind: str, wanted: tuple[int, ...], candidates: Iterable[Path | str]
) -> Interpreter:
    depth = len(wanted)
    found: dict[tuple[int, ...], tuple[str, str]] = {}
    for candidate in candidates:
        answer = _ask(kind, str(candidate))
        if answer is None:
            continue
        path, version = answer
        numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:depth])
        if numbers < (python_oldest() if kind == "python" else (_NODE_OLDEST,)):
            continue
        if numbers == wanted:
            return Interpreter(runtime, kind, path, version, is_exact=True)
        found.setdefault(numbers, (path, version))
    if not found:
        name = "Python 3" if kind == "python" else "Node.js"
        raise NoRuntime(
            f"Runtime {runtime} needs {name}, and there is none on this machine's PATH."
        )
    # Of two equally near, the newer: old code mostly runs on a newer version, new code not on an older.
    nearest = min(found, key=lambda numbers: (abs(numbers[-1] - wanted[-1]), -numbers[-1]))
    path, version = found[nearest]
    return Interpreter(runtime, kind, path, version, is_exact=False)


def _ask(kind: str, path: str) -> tuple[str, str] | None:
    """The real program and its version: a shim may name a version that it then refuses to run."""
    if path == sys.executable:
        return path, ".".join(str(number) for number in sys.version_info[:3])
    question = (
        ["-I", "-c", "import sys; print(sys.executable); print('%d.%d.%d' % sys.version_info[:3])"]
        if kind == "python"
        else ["-p", "process.execPath + '\\n' + process.versions.node"]
    )
    try:
        answer = subprocess.run(
            [path, *question],
            capture_output=True,
            text=True,
            timeout=_ANSWER_SECONDS_MAX,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    lines = answer.stdout.split("\n")
    if answer.returncode != 0 or len(lines) < 2 or not os.path.isabs(lines[0]):
        return None
    return lines[0], lines[1].strip()


def _pythons(home: Path, minor: int) -> Iterator[Path | str]:
    """Every Python worth asking, the wanted minor version first."""
    if sys.version_info[1] == minor:
        yield sys.executable
    installed = [
        *_newest_first(Path(os.environ.get("PYENV_ROOT") or home / ".pyenv") / "versions", "3.*"),
        *_newest_first(_uv_folder(home), "cpython-3.*"),
    ]
    wanted = re.compile(rf"(cpython-)?3\.{minor}(\D.*)?")
    if program := shutil.which(f"python3.{minor}"):
        yield program
    for folder in installed:
        if wanted.fullmatch(folder.name):
            yield folder / "bin" / "python3"
    yield sys.executable
    for near in sorted(range(8, 20), key=lambda other: (abs(other - minor), -other)):
        if near != minor and (program := shutil.which(f"python3.{near}")):
            yield program
    seen = set()
    for folder in installed:
        if (version := re.match(r"(cpython-)?3\.\d+", folder.name)) and version[0] not in seen:
            seen.add(version[0])
            yield folder / "bin" / "python3"


def _uv_folder(home: Path) -> Path:
    if own := os.environ.get("UV_PYTHON_INSTALL_DIR"):
        return Path(own)
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share") / "uv" / "python"


def _nodes(home: Path) -> Iterator[Path | str]:
    if program := shutil.which("node"):
        yield program
    for folder, pattern, inside in (
        (home / ".nvm/versions/node", "v*", "bin/node"),
        (home / ".local/share/fnm/node-versions", "v*", "installation/bin/node"),
        (home / ".volta/tools/image/node", "*", "bin/node"),
        (home / ".asdf/installs/nodejs", "*", "bin/node"),
        (home / "n/n/versions/node", "*", "bin/node"),
        (Path("/usr/local/n/versions/node"), "*", "bin/node"),
    ):
        for version in _newest_first(folder, pattern):
            yield version / inside


def _newest_first(folder: Path, pattern: str) -> list[Path]:
    def numbers(path: Path) -> list[int]:
        return [int(number) for number in re.findall(r"\d+", path.name)][:3]

    try:
        found = [path for path in folder.glob(pattern) if not path.is_symlink()]
    except OSError:
        return []
    return sorted(found, key=numbers, reverse=True)
