"""requirements.txt: installed by uv, or by pip, for the Python that will run the function."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from fogline.cli.exits import Failure
from fogline.cli.programs import find_program

_INSTALL_SECONDS_MAX = 900
_LINES_SHOWN = 12


def has_requirements(source: Path) -> bool:
    """True when there is a requirements.txt that asks for anything."""
    return any(
        line.strip() and not line.lstrip().startswith("#")
        for line in _text(source / "requirements.txt").splitlines()
    )


def manifest(source: Path) -> bytes:
    """What the installed packages depend on."""
    return "\0".join(_text(path) for path in sorted(source.glob("*requirements*.txt"))).encode()


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def install(source: Path, target: Path, runtime: str) -> None:
    """Install into `target`. Raises Failure with the installer's last words."""
    from fogline.ports.functions import NoRuntime
    from fogline.workers.interpreters import find_interpreter

    try:
        python = find_interpreter(runtime).path
    except NoRuntime as reason:
        raise Failure(str(reason), "`fogline doctor` shows what there is.") from None
    command = _command(python, target)
    try:
        done = subprocess.run(
            [*command, "-r", "requirements.txt"],
            cwd=source,
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS_MAX,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Failure(f"{source / 'requirements.txt'} was not installed: {error}") from None
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()[-_LINES_SHOWN:]
        words = "\n".join(f"  {line}" for line in lines)
        raise Failure(
            f"{source / 'requirements.txt'} was not installed for {runtime} ({python}):\n{words}",
            "Correct the requirements, or check the network.",
        )


def _command(python: str, target: Path) -> list[str]:
    if uv := find_program("uv"):
        return [uv, "pip", "install", "--quiet", "--python", python, "--target", str(target)]
    front = (
        [sys.executable, "-m", "pip", "--python", python]
        if find_spec("pip")
        else [python, "-m", "pip"]
    )
    return [
        *front, "install", "--quiet", "--disable-pip-version-check", "--no-input",
        "--target", str(target),
    ]  # fmt: skip
